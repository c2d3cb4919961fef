/** Finds the Chromium to run. */
import { accessSync, constants, existsSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";

const NAMES = ["chromium", "chromium-browser", "google-chrome"];

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The Chromium that Playwright itself would have installed, if it is there. */
function playwrightChromium() {
  try {
    const require = createRequire(import.meta.url);
    const file = require("playwright-core").chromium.executablePath();
    return existsSync(file) ? file : undefined;
  } catch {
    return undefined;
  }
}

/** @param {NodeJS.ProcessEnv} env @returns {string} */
export function findChromium(env) {
  const chosen = env.ELECTRON_STAND_IN_CHROMIUM;
  if (chosen) {
    if (!isExecutable(chosen)) throw new Error(`ELECTRON_STAND_IN_CHROMIUM is not executable: ${chosen}`);
    return chosen;
  }
  const folders = (env.PATH ?? "").split(delimiter).filter(Boolean);
  const candidates = ["/usr/bin/chromium", ...NAMES.flatMap((name) => folders.map((folder) => join(folder, name)))];
  const found = candidates.find(isExecutable) ?? playwrightChromium();
  if (!found) {
    throw new Error(
      "The Electron stand-in found no Chromium: install one, or set ELECTRON_STAND_IN_CHROMIUM to its path.",
    );
  }
  return found;
}
