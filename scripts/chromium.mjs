/** The Chromium that tests, screenshots and benches use. */
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { delimiter, join } from "node:path";
import { chromium } from "@playwright/test";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** Path of an installed one: named by CHROMIUM_PATH, on the path, or downloaded by Playwright; null when there is none. */
export function findChromium() {
  const named = process.env.CHROMIUM_PATH;
  if (named) {
    if (fs.existsSync(named)) return named;
    throw new Error(`CHROMIUM_PATH names ${named}, which does not exist.`);
  }
  for (const directory of (process.env.PATH ?? "").split(delimiter)) {
    for (const name of NAMES) {
      const path = join(directory, name);
      // Some systems put a stub in its place that only tells how to install it.
      if (fs.existsSync(path) && spawnSync(path, ["--version"], { stdio: "ignore" }).status === 0) return path;
    }
  }
  const downloaded = chromium.executablePath();
  return fs.existsSync(downloaded) ? downloaded : null;
}
