/** Windows that a page wants to open: asks the app's handler, opens those it allows, closes those nobody asked about. */
import { chromium } from "../chromium/browser.mjs";
import { toApp } from "../session/url-map.mjs";

/** @typedef {(options: object, url: string) => import("../window/browser-window.mjs").BrowserWindow} OpenWindow */

export class NewWindows {
  #core;
  #openWindow;
  /** What Chromium said of the last window it was about to open by itself. */
  #announced = { url: "about:blank", frameName: "", features: "" };
  /** @type {((details: object) => any) | null} */
  handler = null;

  /** @param {import("./core.mjs").ContentsCore} core @param {OpenWindow} openWindow */
  constructor(core, openWindow) {
    this.#core = core;
    this.#openWindow = openWindow;
  }

  /** @param {import("../chromium/pipe.mjs").CdpSession} session */
  attach(session) {
    session.on("Page.windowOpen", ({ url, windowName, windowFeatures }) => {
      const frameName = windowName === "_blank" ? "" : windowName;
      this.#announced = { url, frameName, features: windowFeatures.join(",") };
    });
  }

  /** Chromium opened a window past the guards in the page: it goes at once, and the handler hears of it. */
  refuse(targetId) {
    chromium.browser.tell("Target.closeTarget", { targetId });
    this.ask({ ...this.#announced, disposition: "foreground-tab" });
  }

  /** @param {{ url: string, frameName: string, features: string, disposition: string }} asked */
  ask(asked) {
    if (this.#core.isDestroyed) return;
    const referrer = { url: this.#core.frames.main.url, policy: "strict-origin-when-cross-origin" };
    const details = { ...asked, url: toApp(asked.url), referrer };
    const options = this.#decide(details);
    if (!options) return;
    const window = this.#openWindow(options, details.url);
    this.#core.webContents.emit("did-create-window", window, { ...details, options });
  }

  /** @returns {object | undefined} the options of the window to open */
  #decide(details) {
    if (!this.handler) return {};
    const response = this.handler(details);
    if (response?.action === "allow") return response.overrideBrowserWindowOptions ?? {};
    if (response?.action !== "deny") {
      console.error(
        "The window open handler response must be an object with an 'action' property of 'allow' or 'deny'.",
      );
    }
    return undefined;
  }
}
