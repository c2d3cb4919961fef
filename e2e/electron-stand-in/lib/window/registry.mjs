/** The windows and web contents that exist, for modules that must not import each other. */

/** @type {Map<number, import("./browser-window.mjs").BrowserWindow>} in the order of their making */
export const windows = new Map();

/** @type {Map<number, import("../contents/core.mjs").ContentsCore>} in the order of their making */
export const cores = new Map();

/** @param {string | undefined} frameId @returns {import("../contents/core.mjs").ContentsCore | undefined} */
export function coreOfFrame(frameId) {
  for (const core of cores.values()) if (core.frames.has(frameId)) return core;
  return undefined;
}

/** @param {string} targetId */
export function coreOfTarget(targetId) {
  for (const core of cores.values()) if (core.targetId === targetId) return core;
  return undefined;
}
