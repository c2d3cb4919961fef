/** What every window of a desktop has, whatever is in it: a place, a state, a title, a frame. */
import { EventEmitter } from "node:events";
import { app } from "../app/app.mjs";
import { recordCall } from "../calls.mjs";
import { emitCancelable } from "../event.mjs";
import { dropFocus, focusedWindow, giveFocus, takeFocus } from "./focus.mjs";
import { Placement } from "./placement.mjs";

export class DesktopWindow extends EventEmitter {
  #placement;
  #title;
  #isVisible = false;
  #isMinimized = false;
  #menuBar = { isVisible: true, isAutoHidden: false };

  /** @param {Record<string, any>} options */
  constructor(options) {
    super();
    this.#placement = new Placement(options);
    this.#placement.isFullScreen = options.fullscreen === true;
    this.#title = options.title ?? app.name;
    this.#menuBar.isAutoHidden = options.autoHideMenuBar === true;
  }

  /** A window that is made visible gets the focus a moment later, as a window manager would give it. */
  _showFirst() {
    this.#isVisible = true;
    setImmediate(() => this.#isVisible && !this.isDestroyed() && giveFocus(this));
  }
  /** The contents follow the window's size. @param {import("./placement.mjs").Bounds} _bounds */
  _fitContents(_bounds) {}
  isDestroyed() {
    return false;
  }

  // ---- visible, focused, minimized ----

  show() {
    this.showInactive();
    giveFocus(this);
  }
  showInactive() {
    if (this.#isVisible) return;
    this.#isVisible = true;
    emitCancelable(this, "show");
  }
  hide() {
    if (!this.#isVisible) return;
    this.#isVisible = false;
    emitCancelable(this, "hide");
    takeFocus(this);
  }
  isVisible() {
    return this.#isVisible;
  }
  focus() {
    if (this.#isVisible) giveFocus(this);
  }
  blur() {
    dropFocus(this);
  }
  isFocused() {
    return focusedWindow() === this;
  }
  moveTop() {}
  minimize() {
    if (this.#isMinimized) return;
    this.#isMinimized = true;
    emitCancelable(this, "minimize");
    takeFocus(this);
  }
  restore() {
    if (!this.#isMinimized) return;
    this.#isMinimized = false;
    emitCancelable(this, "restore");
    this.focus();
  }
  isMinimized() {
    return this.#isMinimized;
  }
  isNormal() {
    return !this.#isMinimized && !this.isMaximized() && !this.isFullScreen();
  }

  // ---- size and place ----

  /** Changes the placement and tells who listens what has come of it. @param {() => void} change */
  #rearrange(change) {
    const before = this.getBounds();
    change();
    const after = this.getBounds();
    this._fitContents(after);
    if (before.width !== after.width || before.height !== after.height) emitCancelable(this, "resize");
    if (before.x !== after.x || before.y !== after.y) emitCancelable(this, "move");
  }
  #fill(state, isOn, name) {
    if (this.#placement[state] === isOn) return;
    this.#rearrange(() => {
      this.#placement[state] = isOn;
    });
    emitCancelable(this, name);
  }
  maximize() {
    this.showInactive();
    this.#fill("isMaximized", true, "maximize");
  }
  unmaximize() {
    this.#fill("isMaximized", false, "unmaximize");
  }
  isMaximized() {
    return this.#placement.isMaximized;
  }
  /** @param {boolean} isOn */
  setFullScreen(isOn) {
    this.#fill("isFullScreen", Boolean(isOn), isOn ? "enter-full-screen" : "leave-full-screen");
  }
  isFullScreen() {
    return this.#placement.isFullScreen;
  }
  getBounds() {
    return this.#placement.now;
  }
  getNormalBounds() {
    return this.#placement.normal;
  }
  getContentBounds() {
    return this.getBounds();
  }
  /** @param {Partial<import("./placement.mjs").Bounds>} bounds */
  setBounds(bounds) {
    const wasMaximized = this.isMaximized();
    this.#rearrange(() => this.#placement.place(bounds));
    if (wasMaximized) emitCancelable(this, "unmaximize");
  }
  setContentBounds(bounds) {
    this.setBounds(bounds);
  }
  getSize() {
    const { width, height } = this.getBounds();
    return [width, height];
  }
  setSize(width, height) {
    this.setBounds({ width, height });
  }
  getContentSize() {
    return this.getSize();
  }
  setContentSize(width, height) {
    this.setSize(width, height);
  }
  getPosition() {
    const { x, y } = this.getBounds();
    return [x, y];
  }
  setPosition(x, y) {
    this.setBounds({ x, y });
  }
  center() {
    const { width, height } = this.getBounds();
    const { x, y } = new Placement({ width, height }).now;
    this.setPosition(x, y);
  }
  setMinimumSize(width, height) {
    this.#rearrange(() => this.#placement.setMinimum(width, height));
  }
  getMinimumSize() {
    const { width, height } = this.#placement.minimum;
    return [width, height];
  }

  // ---- what a desktop would show around the page ----

  getTitle() {
    return this.#title;
  }
  setTitle(title) {
    this.#title = String(title);
  }
  get title() {
    return this.getTitle();
  }
  set title(title) {
    this.setTitle(title);
  }
  setMenu() {}
  removeMenu() {}
  setMenuBarVisibility(isVisible) {
    this.#menuBar.isVisible = isVisible;
  }
  isMenuBarVisible() {
    return this.#menuBar.isVisible;
  }
  setAutoHideMenuBar(isAutoHidden) {
    this.#menuBar.isAutoHidden = isAutoHidden;
  }
  isMenuBarAutoHide() {
    return this.#menuBar.isAutoHidden;
  }
  // On Linux these two do nothing, and reading them back gives the initial value.
  setDocumentEdited(isEdited) {
    recordCall("BrowserWindow.setDocumentEdited", [isEdited]);
  }
  isDocumentEdited() {
    return false;
  }
  setRepresentedFilename(path) {
    recordCall("BrowserWindow.setRepresentedFilename", [path]);
  }
  getRepresentedFilename() {
    return "";
  }
  setBackgroundColor() {}
  setIcon() {}
  setProgressBar(progress) {
    recordCall("BrowserWindow.setProgressBar", [progress]);
  }
  flashFrame(isOn) {
    recordCall("BrowserWindow.flashFrame", [isOn]);
  }
  isResizable() {
    return true;
  }
  isClosable() {
    return true;
  }
  isMinimizable() {
    return true;
  }
  isMaximizable() {
    return true;
  }
  get minimizable() {
    return true;
  }
}
