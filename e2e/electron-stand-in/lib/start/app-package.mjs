/** Finds the app that a path on the command line means: its folder, its package.json and the file to run. */
import { existsSync, readFileSync } from "node:fs";
import Module from "node:module";
import { dirname, extname, join, resolve } from "node:path";

/**
 * @typedef {object} AppPackage
 * @property {string} appPath what app.getAppPath() returns
 * @property {string} entry the file to run
 * @property {{ name?: string, productName?: string, version?: string }} manifest
 */

/** @param {string} path @returns {AppPackage} */
export function findApp(path) {
  if (/^(https?|file|chrome):/.test(path) || [".html", ".htm"].includes(extname(path))) {
    throw new Error(`The Electron stand-in runs apps, not pages: ${path}`);
  }
  const packagePath = resolve(path);
  const manifestPath = join(packagePath, "package.json");
  const isFolder = existsSync(manifestPath);
  const manifest = isFolder ? readManifest(manifestPath) : {};
  let entry;
  try {
    entry = Module._resolveFilename(packagePath, null, true);
  } catch (error) {
    throw new Error(`Unable to find Electron app at ${packagePath}\n\n${error.message}`);
  }
  return { appPath: isFolder ? packagePath : dirname(entry), entry, manifest };
}

/** @param {string} path */
function readManifest(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new Error(`Unable to parse ${path}\n\n${error.message}`);
  }
}
