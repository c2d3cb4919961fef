/** Asks a page's beforeunload handlers before its window closes or the main process loads something else. */
import { chromium } from "../chromium/browser.mjs";
import { emitCancelable } from "../event.mjs";

/** A page that does not answer for this long is closed all the same. */
const ANSWER_MS = 10_000;

/**
 * Dispatches the event in the preload's world, where the page's handlers hear it and no dialog comes up; a dialog would
 * be answered by whoever is first, this process or a test.
 */
const ASK = `(() => {
  const event = document.createEvent("BeforeUnloadEvent");
  event.initEvent("beforeunload", false, true);
  window.dispatchEvent(event);
  return event.defaultPrevented || event.returnValue !== "";
})()`;

export class Unloading {
  #core;
  #isAgreed = false;

  /** @param {import("./core.mjs").ContentsCore} core */
  constructor(core) {
    this.#core = core;
  }

  /** @param {import("../chromium/pipe.mjs").CdpSession} session */
  attach(session) {
    session.on("Page.javascriptDialogOpening", ({ type }) => {
      // alert(), confirm() and prompt() belong to the test, which is the second client; where there is none they are
      // dismissed, or the page would wait for ever.
      const isUnload = type === "beforeunload";
      if (!isUnload && chromium.hasSecondClient) return;
      const accept = isUnload && (this.#isAgreed || this.#isOverruled());
      session.send("Page.handleJavaScriptDialog", { accept }).catch(() => {});
    });
    session.on("Page.frameNavigated", ({ frame }) => {
      if (!frame.parentId) this.#isAgreed = false;
    });
  }

  /** Whether the page may go: its handlers do not object, or a listener of will-prevent-unload overrules them. */
  async agrees() {
    const { session, link } = this.#core;
    if (link.contextId === undefined || this.#core.isCrashed) return true;
    const asked = session
      .send("Runtime.evaluate", { expression: ASK, contextId: link.contextId, returnByValue: true })
      .then(({ result }) => result.value === true)
      .catch(() => false);
    let timer;
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, ANSWER_MS, false);
    });
    const objects = await Promise.race([asked, late]);
    clearTimeout(timer);
    this.#isAgreed = !objects || this.#isOverruled();
    return this.#isAgreed;
  }

  #isOverruled() {
    return emitCancelable(this.#core.webContents, "will-prevent-unload");
  }
}
