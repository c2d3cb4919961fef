/** What Electron's menu roles are called on Linux, which keys they have and what they do. */
import { app } from "../app/app.mjs";

/** @typedef {{ label: string, accelerator?: string, keysAreThePages?: true, app?: () => void, window?: (window: any) => void, page?: (webContents: any) => void, submenu?: object[] }} Role */

const separator = { type: "separator" };
const rows = (...roles) => roles.map((role) => (role === "-" ? separator : { role }));

/** @type {Record<string, Role>} */
const ROLES = {
  about: { label: "About", app: () => app.showAboutPanel() },
  close: { label: "Close", accelerator: "CommandOrControl+W", window: (w) => w.close() },
  copy: { label: "Copy", accelerator: "CommandOrControl+C", keysAreThePages: true, page: (p) => p.copy() },
  cut: { label: "Cut", accelerator: "CommandOrControl+X", keysAreThePages: true, page: (p) => p.cut() },
  delete: { label: "Delete", page: (p) => p.delete() },
  forcereload: {
    label: "Force Reload",
    accelerator: "Shift+CmdOrCtrl+R",
    window: (w) => w.webContents.reloadIgnoringCache(),
  },
  front: { label: "Bring All to Front" },
  help: { label: "Help" },
  minimize: { label: "Minimize", accelerator: "CommandOrControl+M", window: (w) => w.minimize() },
  paste: { label: "Paste", accelerator: "CommandOrControl+V", keysAreThePages: true, page: (p) => p.paste() },
  pasteandmatchstyle: {
    label: "Paste and Match Style",
    accelerator: "Shift+CommandOrControl+V",
    keysAreThePages: true,
    page: (p) => p.pasteAndMatchStyle(),
  },
  quit: { label: "Quit", accelerator: "CommandOrControl+Q", app: () => app.quit() },
  redo: { label: "Redo", accelerator: "Shift+CommandOrControl+Z", page: (p) => p.redo() },
  reload: { label: "Reload", accelerator: "CmdOrCtrl+R", window: (w) => w.reload() },
  resetzoom: { label: "Actual Size", accelerator: "CommandOrControl+0", page: (p) => p.setZoomLevel(0) },
  selectall: { label: "Select All", accelerator: "CommandOrControl+A", page: (p) => p.selectAll() },
  toggledevtools: {
    label: "Toggle Developer Tools",
    accelerator: "Ctrl+Shift+I",
    page: (p) => p.toggleDevTools(),
  },
  togglefullscreen: {
    label: "Toggle Full Screen",
    accelerator: "F11",
    window: (w) => w.setFullScreen(!w.isFullScreen()),
  },
  undo: { label: "Undo", accelerator: "CommandOrControl+Z", page: (p) => p.undo() },
  window: { label: "Window" },
  zoom: { label: "Zoom" },
  zoomin: {
    label: "Zoom In",
    accelerator: "CommandOrControl+Plus",
    page: (p) => p.setZoomLevel(p.getZoomLevel() + 0.5),
  },
  zoomout: {
    label: "Zoom Out",
    accelerator: "CommandOrControl+-",
    page: (p) => p.setZoomLevel(p.getZoomLevel() - 0.5),
  },
  filemenu: { label: "File", submenu: rows("quit") },
  editmenu: {
    label: "Edit",
    submenu: rows("undo", "redo", "-", "cut", "copy", "paste", "delete", "-", "selectAll"),
  },
  viewmenu: {
    label: "View",
    submenu: rows(
      "reload",
      "forceReload",
      "toggleDevTools",
      "-",
      "resetZoom",
      "zoomIn",
      "zoomOut",
      "-",
      "togglefullscreen",
    ),
  },
  windowmenu: { label: "Window", submenu: rows("minimize", "zoom", "close") },
  recentdocuments: { label: "Open Recent" },
  clearrecentdocuments: { label: "Clear Menu" },
};

/** @param {string | undefined} role in lower case @returns {Role | undefined} */
export function roleOf(role) {
  return role !== undefined && Object.hasOwn(ROLES, role) ? ROLES[role] : undefined;
}

/**
 * Does what a role does. @returns {boolean} false where the item's own click function is to be called
 * @param {string | undefined} name @param {any} focusedWindow @param {any} focusedWebContents
 */
export function executeRole(name, focusedWindow, focusedWebContents) {
  const role = roleOf(name);
  if (role?.app) {
    role.app();
    return true;
  }
  if (role?.window && focusedWindow) {
    role.window(focusedWindow);
    return true;
  }
  if (role?.page && focusedWebContents) {
    role.page(focusedWebContents);
    return true;
  }
  return false;
}
