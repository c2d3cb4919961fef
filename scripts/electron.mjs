/** Where Electron's own binary is, when it is here. */
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);
const packageDirectory = () => dirname(require.resolve("electron/package.json"));

/** Path of the binary of the version that package.json pins, or null. The package itself would download it when asked. */
export function findElectron() {
  const directory = packageDirectory();
  try {
    const { version } = JSON.parse(fs.readFileSync(join(directory, "package.json"), "utf8"));
    const name = fs.readFileSync(join(directory, "path.txt"), "utf8");
    const path = join(directory, "dist", name);
    const present = fs.readFileSync(join(directory, "dist/version"), "utf8").trim().replace(/^v/, "");
    return present === version && fs.existsSync(path) ? { path, version } : null;
  } catch {
    return null;
  }
}

/** Lets Electron's package fetch its binary; resolves with what findElectron() answers then. Says why it failed. */
export function fetchElectron() {
  const { status, stderr } = spawnSync(process.execPath, [join(packageDirectory(), "install.js")], {
    stdio: ["ignore", "inherit", "pipe"],
    encoding: "utf8",
  });
  const line = /^.*(?:Error|ENOTFOUND|EAI_AGAIN|refused).*$/m.exec(stderr)?.[0] ?? stderr.trim().split("\n")[0];
  const reason = status === 0 ? null : line.replace(/^\w*Error: /, "");
  return { electron: findElectron(), reason };
}

/** Whether this machine can show a window. */
export function hasDisplay(env = process.env, platform = process.platform) {
  return platform === "darwin" || platform === "win32" || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
}

/** Chromium refuses to start its sandbox as root on Linux. */
export const sandboxSwitches = () => (process.platform === "linux" && process.getuid?.() === 0 ? ["--no-sandbox"] : []);
