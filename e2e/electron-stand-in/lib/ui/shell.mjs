/** The `shell` module: records what would have left the app, and does nothing. */
import { recordCall } from "../calls.mjs";

export const shell = {
  /** @param {string} url @param {object} [options] */
  async openExternal(url, options) {
    recordCall("shell.openExternal", options === undefined ? [url] : [url, options]);
  },
  /** @param {string} path @returns {Promise<string>} "" as Electron's sign that all went well */
  async openPath(path) {
    recordCall("shell.openPath", [path]);
    return "";
  },
  /** @param {string} path */
  showItemInFolder(path) {
    recordCall("shell.showItemInFolder", [path]);
  },
  /** @param {string} path */
  async trashItem(path) {
    recordCall("shell.trashItem", [path]);
  },
  beep() {
    recordCall("shell.beep", []);
  },
};
