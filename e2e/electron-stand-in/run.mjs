/** Plays Electron's start-up: read the command line, offer the `electron` module, run the app, become ready. */
import inspector from "node:inspector";
import Module from "node:module";
import { pathToFileURL } from "node:url";
import { standIn } from "./lib/calls.mjs";
import { findApp } from "./lib/start/app-package.mjs";
import { parseCommandLine } from "./lib/start/command-line.mjs";
import { openModuleDoor } from "./lib/start/module-door.mjs";
import { describeProcess, ELECTRON_VERSION } from "./lib/start/process-description.mjs";

/** An app that loads for longer than this most likely awaits app.whenReady() at its top level, which never comes. */
const LOAD_WARNING_MS = 5000;

/** @param {string} message @returns {never} */
function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

function readCommandLine() {
  try {
    const line = parseCommandLine(process.argv.slice(2));
    // What an Electron main process sees: its executable, then everything that was typed.
    process.argv.splice(1, 1);
    return line;
  } catch (error) {
    return fail(error.message);
  }
}

const commandLine = readCommandLine();
if (commandLine.isVersion) {
  process.stdout.write(`v${ELECTRON_VERSION}\n`);
  process.exit(0);
}
if (commandLine.isAbi) {
  process.stdout.write(`${process.versions.modules}\n`);
  process.exit(0);
}
if (commandLine.app === undefined) fail("Usage: electron [options] <path of an app>");
if (commandLine.inspect) {
  inspector.open(commandLine.inspect.port, commandLine.inspect.host ?? "127.0.0.1");
  if (commandLine.inspect.isBreak) inspector.waitForDebugger();
}

const appPackage = (() => {
  try {
    return findApp(commandLine.app);
  } catch (error) {
    return fail(error.message);
  }
})();

describeProcess(appPackage);
globalThis.electronStandIn = standIn;

const moduleUrl = new URL("./lib/electron.mjs", import.meta.url).href;
const { default: electron } = await import(moduleUrl);
const { startApp } = await import("./lib/app/launch.mjs");
openModuleDoor(moduleUrl, electron);

Module._preloadModules(commandLine.modules);

await startApp({ commandLine, appPackage, load: loadApp });

/** Runs the app's main module. As in Electron, the app becomes ready only when that has finished. */
async function loadApp() {
  const warning = setTimeout(() => {
    console.error(
      `electron stand-in: ${appPackage.entry} is still loading after ${LOAD_WARNING_MS} ms. Electron emits "ready" only when ` +
        "the main module has been evaluated, so one that awaits app.whenReady() at its top level hangs for ever.",
    );
  }, LOAD_WARNING_MS);
  try {
    await import(pathToFileURL(appPackage.entry).href);
  } catch (error) {
    fail(`App threw an error during load\n${error?.stack ?? error}`);
  } finally {
    clearTimeout(warning);
  }
}
