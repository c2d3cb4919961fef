/** The Chromium that tests, screenshots and benches use. */
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { delimiter, join } from "node:path";
import { chromium } from "@playwright/test";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const SHELL_NAMES = ["chromium-headless-shell", "chrome-headless-shell"];

/** Path of an installed one: named by CHROMIUM_PATH, on the path, or downloaded by Playwright; null when there is none. */
export function findChromium() {
  const named = process.env.CHROMIUM_PATH;
  if (named) {
    if (fs.existsSync(named)) return named;
    throw new Error(`CHROMIUM_PATH names ${named}, which does not exist.`);
  }
  const onPath = findOnPath(NAMES);
  if (onPath !== null) return onPath;
  const downloaded = chromium.executablePath();
  return fs.existsSync(downloaded) ? downloaded : null;
}

/**
 * Of the same browser, where it is installed, the build without a user interface of its own: the page is drawn by the
 * same code, and a window costs a sixth. Otherwise as `findChromium`.
 */
export function findHeadlessChromium() {
  return (process.env.CHROMIUM_PATH ? null : findOnPath(SHELL_NAMES)) ?? findChromium();
}

function findOnPath(names) {
  for (const directory of (process.env.PATH ?? "").split(delimiter)) {
    for (const name of names) {
      const path = join(directory, name);
      // Some systems put a stub in its place that only tells how to install it.
      if (fs.existsSync(path) && spawnSync(path, ["--version"], { stdio: "ignore" }).status === 0) return path;
    }
  }
  return null;
}
