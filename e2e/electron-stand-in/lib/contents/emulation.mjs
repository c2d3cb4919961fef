/** What Chromium emulates for one page: its size, its zoom and its colour scheme. */
import { chromium } from "../chromium/browser.mjs";

/** One zoom level, as in Chromium's menu. */
const ZOOM_STEP = 1.2;

/** The scheme every page has; set by nativeTheme. @type {"" | "light" | "dark"} */
let colorScheme = "";

/** @param {"" | "light" | "dark"} scheme */
export function setColorScheme(scheme) {
  colorScheme = scheme;
}

export class Emulation {
  #core;
  /** @type {import("../chromium/pipe.mjs").CdpSession | undefined} */
  #session;
  #windowId = 0;
  #size = { width: 800, height: 600 };
  #position = { x: 0, y: 0 };
  #hasScheme = false;
  zoomFactor = 1;

  /** @param {import("./core.mjs").ContentsCore} core */
  constructor(core) {
    this.#core = core;
  }

  /** @param {import("../chromium/pipe.mjs").CdpSession} session */
  async attach(session) {
    const { windowId } = await chromium.browser.send("Browser.getWindowForTarget", { targetId: this.#core.targetId });
    this.#windowId = windowId;
    this.#session = session;
    // Another DevTools client may emulate a scheme of its own and does so when a document starts: set it again then.
    session.on("Page.frameNavigated", ({ frame }) => {
      if (!frame.parentId) this.applyColorScheme();
    });
    this.applyColorScheme();
    await this.#applyBounds();
  }

  /** @param {{ x: number, y: number, width: number, height: number }} bounds */
  setBounds({ x, y, width, height }) {
    this.#size = { width, height };
    this.#position = { x, y };
    if (this.#session) this.#applyBounds().catch(ignoreGone);
  }

  /** The window's size is the page's: the stand-in's windows have no frame and no menu bar. */
  async #applyBounds() {
    const windowId = this.#windowId;
    const { x, y } = this.#position;
    // In this order: a move makes Chromium lay the window out anew, at its old size.
    await chromium.browser.send("Browser.setWindowBounds", { windowId, bounds: { left: x, top: y } });
    await chromium.browser.send("Browser.setContentsSize", { windowId, ...this.#size });
    if (this.zoomFactor !== 1) await this.#applyZoom();
  }

  /** @param {number} factor */
  setZoomFactor(factor) {
    if (!(factor > 0)) throw new Error("'zoomFactor' must be a double greater than 0.0");
    this.zoomFactor = factor;
    if (this.#session) this.#applyZoom().catch(ignoreGone);
  }
  get zoomLevel() {
    return Math.log(this.zoomFactor) / Math.log(ZOOM_STEP);
  }
  /** @param {number} level */
  setZoomLevel(level) {
    this.setZoomFactor(ZOOM_STEP ** level);
  }

  /** A zoomed page has fewer CSS pixels and more device pixels for each. */
  async #applyZoom() {
    if (this.zoomFactor === 1) {
      await this.#session?.send("Emulation.clearDeviceMetricsOverride");
      return;
    }
    await this.#session?.send("Emulation.setDeviceMetricsOverride", {
      width: Math.round(this.#size.width / this.zoomFactor),
      height: Math.round(this.#size.height / this.zoomFactor),
      deviceScaleFactor: this.zoomFactor,
      mobile: false,
    });
  }

  applyColorScheme() {
    if (colorScheme === "" && !this.#hasScheme) return;
    this.#hasScheme = colorScheme !== "";
    this.#session?.tell("Emulation.setEmulatedMedia", {
      features: [{ name: "prefers-color-scheme", value: colorScheme }],
    });
  }
}

/** @param {Error & { isGone?: boolean }} error */
function ignoreGone(error) {
  if (!error.isGone) console.error(`electron stand-in: ${error.message}`);
}
