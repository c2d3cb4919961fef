/** Makes `electron` importable and requirable for the app, for `-r` modules and for the inspector's console. */
import Module, { register } from "node:module";

const NAMES = ["electron", "electron/main", "electron/common"];

/** Electron keeps these for other processes; asking for them in the main process is a mistake worth naming. */
const OTHER_PROCESSES = new Set(["electron/renderer", "electron/utility"]);

/** @param {string} moduleUrl of the stand-in's `electron` @param {object} electron its exports, for require() */
export function openModuleDoor(moduleUrl, electron) {
  register(new URL("resolve-electron.mjs", import.meta.url), { data: { moduleUrl, names: NAMES } });
  const load = Module._load;
  Module._load = function loadOrElectron(request, ...rest) {
    if (NAMES.includes(request)) return electron;
    if (OTHER_PROCESSES.has(request)) throw new Error(`${request} does not exist in the main process`);
    return Reflect.apply(load, this, [request, ...rest]);
  };
}
