/** The BrowserWindow class. */
import { absentMembers, notEmulated } from "../absent.mjs";
import { app } from "../app/app.mjs";
import { WebContents } from "../contents/web-contents.mjs";
import { emitCancelable } from "../event.mjs";
import { DesktopWindow } from "./desktop-window.mjs";
import { focusedWindow, takeFocus } from "./focus.mjs";
import { windows } from "./registry.mjs";

let nextId = 1;

/** What a page may be given; with anything else a test would prove nothing about Electron. */
const PREFERENCES = {
  contextIsolation: true,
  nodeIntegration: false,
  nodeIntegrationInSubFrames: false,
  nodeIntegrationInWorker: false,
  sandbox: true,
  webSecurity: true,
  webviewTag: false,
};

/** @param {Record<string, any>} given */
function readPreferences(given) {
  for (const [name, value] of Object.entries(PREFERENCES)) {
    if (given[name] !== undefined && given[name] !== value) throw notEmulated(`webPreferences.${name}: ${given[name]}`);
  }
  return { ...PREFERENCES, ...given };
}

export class BrowserWindow extends DesktopWindow {
  id = nextId++;
  #contents;
  #isClosing = false;
  #isGone = false;
  #isShownOnce = false;

  /** @param {Record<string, any>} [options] */
  constructor(options = {}) {
    if (!app._isReady) throw new Error("Cannot create BrowserWindow before app is ready");
    const preferences = readPreferences(options.webPreferences ?? {});
    super(options);
    windows.set(this.id, this);
    this.#contents = new WebContents(preferences, (childOptions, url) => openChild(childOptions, preferences, url));
    this.#contents._core.owner = this;
    this._fitContents(this.getBounds());
    if (preferences.zoomFactor) this.#contents.setZoomFactor(preferences.zoomFactor);
    emitCancelable(app, "browser-window-created", {}, this);
    if (options.show !== false) this._showFirst();
  }

  get webContents() {
    return this.#contents;
  }
  isDestroyed() {
    return this.#isGone;
  }
  _fitContents(bounds) {
    this.#contents._core.emulation.setBounds(bounds);
  }

  // ---- called by the page's core ----

  _pageTitled(title, isExplicit) {
    if (!emitCancelable(this, "page-title-updated", {}, title, isExplicit)) this.setTitle(title);
  }
  _pageLoaded() {
    if (this.#isShownOnce || this.#isGone) return;
    this.#isShownOnce = true;
    process.nextTick(() => emitCancelable(this, "ready-to-show"));
  }
  _pageGone() {
    if (this.#isGone) return;
    this.#isGone = true;
    windows.delete(this.id);
    takeFocus(this);
    emitCancelable(this, "closed");
    if (windows.size === 0) app._quitting.lastWindowClosed();
  }

  // ---- ending ----

  close() {
    if (this.#isClosing) return;
    if (emitCancelable(this, "close")) {
      app._quitting.windowStayed();
      return;
    }
    this.#isClosing = true;
    void this.#contents._closePage(true).then((isClosed) => {
      if (isClosed) return;
      this.#isClosing = false;
      app._quitting.windowStayed();
    });
  }
  destroy() {
    this.#contents._core.destroy();
  }

  // ---- the page's own ----

  loadURL(url, options) {
    return this.#contents.loadURL(url, options);
  }
  loadFile(file, options) {
    return this.#contents.loadFile(file, options);
  }
  reload() {
    this.#contents.reload();
  }

  static getAllWindows() {
    return [...windows.values()];
  }
  static getFocusedWindow() {
    return focusedWindow();
  }
  static fromWebContents(webContents) {
    return webContents?.getOwnerBrowserWindow() ?? null;
  }
  static fromId(id) {
    return windows.get(id) ?? null;
  }
}

/** A window that a page opened and the app allowed: it inherits what its opener's page was given. */
function openChild(options, preferences, url) {
  const window = new BrowserWindow({ ...options, webPreferences: { ...preferences, ...options.webPreferences } });
  void window.loadURL(url);
  return window;
}

/** As in Electron, nothing can be done with a window that is gone but asking whether it is. @param {object} prototype */
function refuseWhenGone(prototype) {
  for (const [name, { value: method }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    if (typeof method !== "function" || ["constructor", "isDestroyed"].includes(name) || name.startsWith("_")) continue;
    prototype[name] = function unlessGone(...args) {
      if (this.isDestroyed()) throw new TypeError("Object has been destroyed");
      return Reflect.apply(method, this, args);
    };
  }
}
refuseWhenGone(DesktopWindow.prototype);
refuseWhenGone(BrowserWindow.prototype);

absentMembers(
  BrowserWindow.prototype,
  "BrowserWindow",
  `addBrowserView addTabbedWindow capturePage closeFilePreview getAccentColor getBackgroundColor getBrowserView
  getBrowserViews getChildWindows getMaximumSize getMediaSourceId getNativeWindowHandle getOpacity getParentWindow
  hasShadow hookWindowMessage isAlwaysOnTop isEnabled isFocusable isFullScreenable isKiosk isModal isMovable
  isVisibleOnAllWorkspaces moveAbove previewFile removeBrowserView setAlwaysOnTop setAspectRatio setBrowserView
  setClosable setContentProtection setEnabled setFocusable setFullScreenable setHasShadow setIgnoreMouseEvents setKiosk
  setMaximizable setMaximumSize setMinimizable setMovable setOpacity setOverlayIcon setParentWindow setResizable
  setShape setSkipTaskbar setThumbarButtons setTitleBarOverlay setTouchBar setVisibleOnAllWorkspaces`,
);
