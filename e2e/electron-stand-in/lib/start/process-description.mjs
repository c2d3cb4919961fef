/** Gives Node's `process` the properties that Electron adds to it in the main process. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "../chromium/browser.mjs";

/** The Electron whose API is emulated: the one the project depends on. */
function readElectronVersion() {
  const require = createRequire(import.meta.url);
  return JSON.parse(readFileSync(require.resolve("electron/package.json"), "utf8")).version;
}

export const ELECTRON_VERSION = readElectronVersion();

/** @param {import("./app-package.mjs").AppPackage} appPackage */
export function describeProcess(appPackage) {
  const versions = Object.defineProperties(
    {},
    {
      ...Object.getOwnPropertyDescriptors(process.versions),
      electron: { enumerable: true, value: ELECTRON_VERSION },
      // Known once Chromium runs, which is before the app is ready.
      chrome: { enumerable: true, get: () => chromium.version },
    },
  );
  Object.defineProperties(process, {
    versions: { configurable: true, enumerable: true, value: versions },
    type: { configurable: true, enumerable: true, value: "browser" },
    defaultApp: { configurable: false, enumerable: true, value: true },
    resourcesPath: { configurable: true, enumerable: true, value: join(appPackage.appPath, "resources") },
  });
}
