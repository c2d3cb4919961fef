/** Gets the browser for the end-to-end tests: one that is installed, Debian's package, Playwright's download, or a stop. */
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { findChromium, findHeadlessChromium } from "./chromium.mjs";
import { run, runTool, say, stop } from "./setup.mjs";

/** Ubuntu's package of that name only leads to a snap, which cannot be driven over a pipe. */
function isDebian() {
  try {
    return /^ID=debian$/m.test(fs.readFileSync("/etc/os-release", "utf8"));
  } catch {
    return false;
  }
}

/** The words before `apt-get` with which this user may install packages, or null. */
function installRights() {
  if (process.getuid?.() === 0) return [];
  return spawnSync("sudo", ["-n", "true"], { stdio: "ignore" }).status === 0 ? ["sudo", "-n"] : null;
}

async function installDebianPackage(rights) {
  const apt = (...args) => {
    const [command, ...rest] = [...rights, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", ...args];
    return run(command, rest);
  };
  await apt("update");
  // The second is only quicker: without it the tests use the first for everything.
  if ((await apt("install", "-y", "chromium", "chromium-headless-shell")) === 0) return true;
  return (await apt("install", "-y", "chromium")) === 0;
}

/** Installs a Chromium if there is none. */
export async function ensureChromium() {
  const present = findChromium();
  if (present !== null) {
    const headless = findHeadlessChromium();
    say(
      `Browser for the tests: ${headless === present ? present : `${headless}, and ${present} for those of the stand-in`}`,
    );
    return;
  }
  const rights = isDebian() ? installRights() : null;
  if (rights !== null) {
    say("Installing Debian's chromium for the tests (apt-get install chromium)");
    if ((await installDebianPackage(rights)) && findChromium() !== null) return;
    say("Debian's package could not be installed");
  }
  say("Downloading Chromium for the tests (playwright install chromium)");
  await runTool("@playwright/test/cli.js", ["install", "chromium"]);
  if (findChromium() !== null) return;
  stop(
    "No Chromium for the end-to-end tests: none is installed, and none could be downloaded.\n" +
      "  On Debian:       sudo apt-get install chromium\n" +
      "  Anywhere else:   npx playwright install --with-deps chromium\n" +
      "  Or name one:     CHROMIUM_PATH=/path/to/chromium npm test\n" +
      "Nothing was skipped: the steps before this one have passed, the end-to-end tests have not run.",
  );
}
