/** Everything the `electron` module of the main process exports: what is emulated, and by name what is not. */
import { absentModule } from "./absent.mjs";
import { registerSchemesAsPrivileged } from "./session/protocol.mjs";
import { session } from "./session/session.mjs";
import { cores } from "./window/registry.mjs";

export { app } from "./app/app.mjs";
export { WebContents as webContents } from "./contents/web-contents.mjs";
export { ipcMain } from "./ipc/ipc-main.mjs";
export { clipboard } from "./ui/clipboard.mjs";
export { dialog } from "./ui/dialog.mjs";
export { Menu, MenuItem } from "./ui/menu.mjs";
export { nativeTheme } from "./ui/native-theme.mjs";
export { screen } from "./ui/screen.mjs";
export { shell } from "./ui/shell.mjs";
export { BrowserWindow } from "./window/browser-window.mjs";
export { session };

/** Electron's module-level protocol functions are those of the default session. */
export const protocol = {
  registerSchemesAsPrivileged,
  handle: (scheme, handler) => session.defaultSession.protocol.handle(scheme, handler),
  unhandle: (scheme) => session.defaultSession.protocol.unhandle(scheme),
  isProtocolHandled: (scheme) => session.defaultSession.protocol.isProtocolHandled(scheme),
};

export const crashReporter = {
  start() {},
  getLastCrashReport: () => null,
  getUploadedReports: () => [],
  getUploadToServer: () => false,
  setUploadToServer() {},
  addExtraParameter() {},
  removeExtraParameter() {},
  getParameters: () => ({}),
};

export const webFrameMain = {
  fromId: (processId, routingId) => {
    const frames = Array.from(cores.values()).flatMap((core) => core.frames.main.frame.framesInSubtree);
    return frames.find((frame) => frame.processId === processId && frame.routingId === routingId);
  },
};

export const autoUpdater = absentModule("autoUpdater");
export const BaseWindow = absentModule("BaseWindow");
export const BrowserView = absentModule("BrowserView");
export const ClipboardItem = absentModule("ClipboardItem");
export const contentTracing = absentModule("contentTracing");
export const desktopCapturer = absentModule("desktopCapturer");
export const globalShortcut = absentModule("globalShortcut");
export const ImageView = absentModule("ImageView");
export const inAppPurchase = absentModule("inAppPurchase");
export const MessageChannelMain = absentModule("MessageChannelMain");
export const nativeImage = absentModule("nativeImage");
export const net = absentModule("net");
export const netLog = absentModule("netLog");
export const Notification = absentModule("Notification");
export const powerMonitor = absentModule("powerMonitor");
export const powerSaveBlocker = absentModule("powerSaveBlocker");
export const pushNotifications = absentModule("pushNotifications");
export const safeStorage = absentModule("safeStorage");
export const ShareMenu = absentModule("ShareMenu");
export const systemPreferences = absentModule("systemPreferences");
export const TouchBar = absentModule("TouchBar");
export const Tray = absentModule("Tray");
export const utilityProcess = absentModule("utilityProcess");
export const View = absentModule("View");
export const WebContentsView = absentModule("WebContentsView");
