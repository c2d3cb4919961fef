/** The WebContents class: what the main process can do with a page. */
import { EventEmitter } from "node:events";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { absentMembers } from "../absent.mjs";
import { app } from "../app/app.mjs";
import { emitCancelable } from "../event.mjs";
import { IpcMain } from "../ipc/ipc-main.mjs";
import { session } from "../session/session.mjs";
import { coreOfTarget, cores, windows } from "../window/registry.mjs";
import { ContentsCore } from "./core.mjs";

/** Runs an editing command on what is focused in the page. @param {string} command */
const edit = (command) =>
  function editCommand() {
    this.executeJavaScript(`document.execCommand(${JSON.stringify(command)})`, true).catch(() => {});
  };

export class WebContents extends EventEmitter {
  #core;
  #session = session.defaultSession;
  #userAgent = "";
  ipc = new IpcMain();
  hostWebContents = null;
  devToolsWebContents = null;
  undo = edit("undo");
  redo = edit("redo");
  cut = edit("cut");
  copy = edit("copy");
  paste = edit("paste");
  pasteAndMatchStyle = edit("paste");
  delete = edit("delete");
  selectAll = edit("selectAll");
  unselect = edit("unselect");

  /** @param {Record<string, any>} preferences @param {import("./new-windows.mjs").OpenWindow} openWindow */
  constructor(preferences, openWindow) {
    super();
    this.#core = new ContentsCore(this, preferences, openWindow);
    this.id = this.#core.id;
    this.navigationHistory = {
      goBack: () => void this.#core.navigation.go(-1),
      goForward: () => void this.#core.navigation.go(1),
    };
    this.on("render-process-gone", (event, details) => app.emit("render-process-gone", event, this, details));
    emitCancelable(app, "web-contents-created", { sender: this }, this);
  }

  /** For the stand-in's own modules. */
  get _core() {
    return this.#core;
  }
  /** Emits an event as this page's. @returns {boolean} whether a listener prevented its default */
  _emit(name, fields, ...args) {
    return emitCancelable(this, name, { sender: this, ...fields }, ...args);
  }
  #assertAlive() {
    if (this.#core.isDestroyed) throw new TypeError("Object has been destroyed");
  }

  get session() {
    return this.#session;
  }
  get mainFrame() {
    this.#assertAlive();
    return this.#core.frames.main.frame;
  }
  get focusedFrame() {
    return this.mainFrame;
  }
  get opener() {
    return null;
  }
  getType() {
    return "window";
  }
  getOwnerBrowserWindow() {
    for (const window of windows.values()) if (window.webContents === this) return window;
    return null;
  }
  getLastWebPreferences() {
    return this.#core.isDestroyed ? null : { ...this.#core.preferences };
  }
  isDestroyed() {
    return this.#core.isDestroyed;
  }
  isCrashed() {
    return this.#core.isCrashed;
  }
  isFocused() {
    return this.getOwnerBrowserWindow()?.isFocused() ?? false;
  }
  focus() {
    this.getOwnerBrowserWindow()?.focus();
  }

  /** @param {string} url @param {object} [options] */
  loadURL(url, options) {
    this.#assertAlive();
    return this.#core.navigation.load(String(url), options);
  }
  /** @param {string} file @param {{ search?: string, hash?: string, query?: Record<string, string> }} [options] */
  loadFile(file, { search, hash, query } = {}) {
    const url = pathToFileURL(resolve(app.getAppPath(), file));
    if (search) url.search = search;
    if (hash) url.hash = hash;
    for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value);
    return this.loadURL(url.href);
  }
  getURL() {
    return this.#core.navigation.url;
  }
  getTitle() {
    return this.#core.title;
  }
  isLoading() {
    return this.#core.navigation.isLoading;
  }
  isLoadingMainFrame() {
    return this.#core.navigation.isLoadingMainFrame;
  }
  reload() {
    this.#assertAlive();
    void this.#core.navigation.reload(false);
  }
  reloadIgnoringCache() {
    this.#assertAlive();
    void this.#core.navigation.reload(true);
  }
  stop() {
    this.#core.navigation.stop();
  }

  /** @param {string} channel @param {...unknown} args */
  send(channel, ...args) {
    this.#assertAlive();
    this.#core.link.send(channel, args);
  }
  /** @param {string} code @param {boolean} [userGesture] */
  async executeJavaScript(code, userGesture = false) {
    this.#assertAlive();
    if (!this.getURL() || this.isLoadingMainFrame()) await new Promise((done) => this.once("did-stop-loading", done));
    return this.#core.evaluate(String(code), userGesture);
  }
  /** @param {(details: object) => { action: string }} handler */
  setWindowOpenHandler(handler) {
    this.#core.newWindows.handler = handler;
  }

  /** As if the page had called window.close(): no close event on the window. @param {{ waitForBeforeUnload?: boolean }} [options] */
  close({ waitForBeforeUnload = false } = {}) {
    void this._closePage(waitForBeforeUnload);
  }
  /** @param {boolean} asksPage @returns {Promise<boolean>} whether the page is closed */
  async _closePage(asksPage) {
    if (asksPage && !this.#core.isDestroyed && !(await this.#core.unloading.agrees())) return false;
    await this.#core.close();
    return true;
  }
  forcefullyCrashRenderer() {
    this.#core.session?.tell("Page.crash");
  }

  setZoomFactor(factor) {
    this.#core.emulation.setZoomFactor(factor);
  }
  getZoomFactor() {
    return this.#core.emulation.zoomFactor;
  }
  setZoomLevel(level) {
    this.#core.emulation.setZoomLevel(level);
  }
  getZoomLevel() {
    return this.#core.emulation.zoomLevel;
  }
  get zoomFactor() {
    return this.getZoomFactor();
  }
  set zoomFactor(factor) {
    this.setZoomFactor(factor);
  }
  get zoomLevel() {
    return this.getZoomLevel();
  }
  set zoomLevel(level) {
    this.setZoomLevel(level);
  }
  setVisualZoomLevelLimits() {
    return Promise.resolve();
  }

  openDevTools() {}
  closeDevTools() {}
  toggleDevTools() {}
  isDevToolsOpened() {
    return false;
  }
  isDevToolsFocused() {
    return false;
  }
  setUserAgent(userAgent) {
    this.#userAgent = userAgent;
    void this.#core.attached.then(() => this.#core.session?.tell("Emulation.setUserAgentOverride", { userAgent }));
  }
  getUserAgent() {
    return this.#userAgent;
  }
  setIgnoreMenuShortcuts() {}
  setBackgroundThrottling() {}
  getBackgroundThrottling() {
    return true;
  }

  static getAllWebContents() {
    return Array.from(cores.values(), (core) => core.webContents);
  }
  static getFocusedWebContents() {
    return WebContents.getAllWebContents().find((contents) => contents.isFocused()) ?? null;
  }
  static fromId(id) {
    return cores.get(id)?.webContents;
  }
  static fromFrame(frame) {
    return WebContents.getAllWebContents().find((contents) => contents.mainFrame.framesInSubtree.includes(frame));
  }
  /** Playwright finds a page's window by this. */
  static fromDevToolsTargetId(targetId) {
    return coreOfTarget(targetId)?.webContents;
  }
}

absentMembers(
  WebContents.prototype,
  "webContents",
  `addWorkSpace canGoBack canGoForward canGoToOffset capturePage clearHistory clone copyImageAt copyVideoFrameAt
  downloadURL executeJavaScriptInIsolatedWorld findInPage getAllSharedWorkers getDevToolsTitle getFrameRate
  getMediaSourceId getOSProcessId getOrCreateDevToolsTargetId getPrintersAsync getProcessId getWebRTCIPHandlingPolicy
  getWebRTCUDPPortRange goBack goForward goToIndex goToOffset insertCSS insertText inspectElement inspectServiceWorker
  inspectSharedWorker inspectSharedWorkerById invalidate isAudioMuted isBeingCaptured isCurrentlyAudible isOffscreen
  isPainting isWaitingForResponse postMessage print printToPDF removeInsertedCSS removeWorkSpace replace
  replaceMisspelling savePage scrollToBottom scrollToTop sendInputEvent sendToFrame setAudioMuted
  setCaretBrowsingEnabled setDevToolsTitle setDevToolsWebContents setFrameRate setImageAnimationPolicy
  setWebRTCIPHandlingPolicy setWebRTCUDPPortRange startDrag startPainting stopFindInPage stopPainting takeHeapSnapshot`,
);
