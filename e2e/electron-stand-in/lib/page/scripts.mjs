/** Assembles the scripts that Chromium runs at the start of every document of a window. */
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import vm from "node:vm";
import { guardBlobs } from "./blob-guard.mjs";
import { makeBridgeEnd } from "./bridge-end.mjs";
import { makeBridgeWire } from "./bridge-wire.mjs";
import { makeCodec } from "./codec.mjs";
import { guardLinks } from "./link-guard.mjs";
import { patchPage } from "./page-patches.mjs";
import { openPreloadWorld } from "./preload-world.mjs";
import { watchTitle } from "./title-watch.mjs";

/** The name of the isolated world, as DevTools shows it. */
export const WORLD = "Electron Isolated Context";

/** Where a debugger says this code comes from. */
export const SCRIPT_URL = "electron-stand-in:preload-world";

/** What Electron passes to a sandboxed preload. */
const PRELOAD_ARGUMENTS = "require, process, Buffer, global, setImmediate, clearImmediate, exports, module";

/** For the page's own world: the page's end of the bridge, and the patches that need it. @param {string} token */
export function pageScript(token) {
  const name = JSON.stringify(token);
  return `(() => {
const bridge = (${makeBridgeEnd})(${name}, "Page", "World", ${makeBridgeWire});
(${patchPage})(bridge.onOffer);
})();
//# sourceURL=electron-stand-in:page`;
}

/** @param {string} token @param {{ process: object, preloadPath: string }} info */
export function worldScript(token, info) {
  const name = JSON.stringify(token);
  return `(() => {
const bridge = (${makeBridgeEnd})(${name}, "World", "Page", ${makeBridgeWire});
const services = (${openPreloadWorld})(${name}, (${makeCodec})(), bridge, ${JSON.stringify(info)});
(${guardLinks})(services.openWindow);
(${guardBlobs})(services.mayNavigate);
(${watchTitle})(services.tellTitle);
bridge.offer({ openWindow: services.openWindow, askPermission: services.askPermission });
})();
//# sourceURL=${SCRIPT_URL}`;
}

/**
 * The app's preload, wrapped as Electron wraps it. Throws what reading or compiling it throws.
 * @param {string} token @param {string} path
 */
export function preloadScript(token, path) {
  const source = readFileSync(path, "utf8");
  const wrapped = `globalThis[${JSON.stringify(`${token}Preload`)}](function (${PRELOAD_ARGUMENTS}) {${source}\n});`;
  // Chromium would only log a syntax error; here it is thrown.
  new vm.Script(wrapped, { filename: path });
  return `${wrapped}\n//# sourceURL=${pathToFileURL(path).href}`;
}
