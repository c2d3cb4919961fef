/** Follows the navigations of one page: asks the app before those the page starts, and reports all of them. */
import { NET, netErrorOf } from "../session/net-errors.mjs";
import { schemeOf, toApp, toPage } from "../session/url-map.mjs";
import { awaitLoad } from "./await-load.mjs";

/** Any other navigation is no request: Chromium decides on it alone, and the app can only be told. */
const WITH_REQUEST = /^(https?|file):/i;

/** @param {string} url */
const withoutHash = (url) => url.replace(/#.*$/s, "");

export class Navigation {
  #core;
  /** @type {import("../chromium/pipe.mjs").CdpSession | undefined} */
  #session;
  /** What pages asked for and no request has followed yet, by frame. @type {Map<string, string[]>} */
  #asked = new Map();
  /** @type {Set<string>} the frames that are loading */
  #loading = new Set();
  /** @type {import("../session/net-errors.mjs").NetError | undefined} why the main frame's present request failed */
  #failure;
  #response = { url: "", status: -1, statusText: "" };
  #hasCommitted = false;
  #isErrorPage = false;
  #isLoadingMainFrame = false;
  url = "";

  /** @param {import("./core.mjs").ContentsCore} core */
  constructor(core) {
    this.#core = core;
  }

  get isLoading() {
    return this.#loading.size > 0;
  }
  get isLoadingMainFrame() {
    return this.#isLoadingMainFrame;
  }

  /** @param {import("../chromium/pipe.mjs").CdpSession} session */
  attach(session) {
    this.#session = session;
    session.on("Page.frameRequestedNavigation", (params) => this.#requested(params));
    session.on("Page.frameStartedNavigating", (params) => this.#started(params));
    session.on("Page.frameStartedLoading", ({ frameId }) => this.#startLoading(frameId));
    session.on("Page.frameStoppedLoading", ({ frameId }) => this.#stopLoading(frameId));
    session.on("Page.frameNavigated", ({ frame }) => this.#committed(frame));
    session.on("Page.navigatedWithinDocument", ({ frameId, url }) => this.#movedInPage(frameId, url));
    session.on("Page.domContentEventFired", () => {
      if (this.#hasCommitted) this.#core.emit("dom-ready", {});
    });
    session.on("Page.loadEventFired", () => this.#loaded());
  }

  /** @returns {[number, number]} what Electron appends to events about frames */
  #idsOf(frameId) {
    const frame = (this.#core.frames.get(frameId) ?? this.#core.frames.main).frame;
    return [frame.processId, frame.routingId];
  }
  #isMain(frameId) {
    return frameId === this.#core.targetId;
  }

  // ---- before: what the page asks for ----

  #requested({ frameId, url, disposition }) {
    if (disposition !== "currentTab") return;
    if (WITH_REQUEST.test(url)) this.#asked.set(frameId, [...(this.#asked.get(frameId) ?? []), withoutHash(url)]);
    // The page's own guard asks about blob: addresses, and Electron does not ask about about:blank either.
    else if (schemeOf(url) !== "about" && !(schemeOf(url) === "blob" && this.#isMain(frameId))) this.#ask(frameId, url);
  }

  /**
   * Whether a frame may navigate, asked when its request is about to go out. The main process's own navigations may;
   * those of a page depend on will-frame-navigate and will-navigate.
   * @param {string} frameId @param {string} url as Chromium knows it
   */
  mayRequest(frameId, url) {
    if (this.#isMain(frameId)) this.#failure = undefined;
    const asked = this.#asked.get(frameId) ?? [];
    // The events about a page's wish and about its request come in this order; a wish whose request looks different
    // still makes it the page's.
    if (asked.length === 0) return true;
    const at = Math.max(asked.indexOf(withoutHash(url)), 0);
    this.#asked.set(frameId, asked.toSpliced(at, 1));
    return this.#ask(frameId, url);
  }

  /** Whether the main frame may go where no request leads. @param {string} url as Chromium knows it */
  mayGoTo(url) {
    return this.#ask(this.#core.targetId, url);
  }

  /** @returns {boolean} whether no listener objects */
  #ask(frameId, pageUrl) {
    const url = toApp(pageUrl);
    const isMainFrame = this.#isMain(frameId);
    const frame = this.#core.frames.get(frameId)?.frame ?? null;
    const fields = { url, isSameDocument: false, isMainFrame, frame, initiator: frame };
    if (this.#core.emit("will-frame-navigate", fields)) return false;
    if (!isMainFrame) return true;
    return !this.#core.emit("will-navigate", fields, url, false, true, ...this.#idsOf(frameId));
  }

  /** @param {string} frameId @param {string} url where the answer points @returns {boolean} */
  mayRedirect(frameId, url) {
    const isMainFrame = this.#isMain(frameId);
    const frame = this.#core.frames.get(frameId)?.frame ?? null;
    const fields = { url, isSameDocument: false, isMainFrame, frame, initiator: frame };
    return !this.#core.emit("will-redirect", fields, url, false, isMainFrame, ...this.#idsOf(frameId));
  }

  // ---- after: what the router did with the request ----

  /** @param {string} frameId @param {import("../session/net-errors.mjs").NetError} error */
  requestFailed(frameId, error) {
    if (this.#isMain(frameId)) this.#failure = error;
  }
  /** @param {string} frameId @param {string} url @param {Response} response */
  requestAnswered(frameId, url, response) {
    if (this.#isMain(frameId)) this.#response = { url, status: response.status, statusText: response.statusText };
  }

  // ---- what Chromium reports ----

  #started({ frameId, url: pageUrl, navigationType }) {
    const url = toApp(pageUrl);
    const isSameDocument = /^(historyS|s)ameDocument$/.test(navigationType);
    const isMainFrame = this.#isMain(frameId);
    if (isMainFrame && !isSameDocument) this.#isLoadingMainFrame = true;
    const frame = this.#core.frames.get(frameId)?.frame ?? null;
    const fields = { url, isSameDocument, isMainFrame, frame, initiator: frame };
    this.#core.emit("did-start-navigation", fields, url, isSameDocument, isMainFrame, ...this.#idsOf(frameId));
  }

  #startLoading(frameId) {
    const isFirst = this.#loading.size === 0;
    this.#loading.add(frameId);
    if (isFirst) this.#core.emit("did-start-loading", {});
  }

  #stopLoading(frameId) {
    if (this.#isMain(frameId)) this.#isLoadingMainFrame = false;
    if (this.#loading.delete(frameId) && this.#loading.size === 0) this.#core.emit("did-stop-loading", {});
  }

  /** Everything ends at once: the renderer is gone. */
  stopped() {
    const wasLoading = this.isLoading;
    this.#loading.clear();
    this.#isLoadingMainFrame = false;
    if (wasLoading) this.#core.emit("did-stop-loading", {});
  }

  #committed(frame) {
    this.#asked.delete(frame.id);
    const isMainFrame = this.#isMain(frame.id);
    const url = toApp(frame.unreachableUrl ?? frame.url + (frame.urlFragment ?? ""));
    const isErrorPage = Boolean(frame.unreachableUrl);
    if (isMainFrame) {
      this.url = url;
      this.#hasCommitted = true;
      this.#isErrorPage = isErrorPage;
      this.#core.isCrashed = false;
    }
    const ids = this.#idsOf(frame.id);
    if (isErrorPage) {
      const error = (isMainFrame && this.#failure) || NET.failed;
      this.#core.emit("did-fail-load", {}, error.code, error.name, url, isMainFrame, ...ids);
      return;
    }
    const { status, statusText } = this.#responseFor(isMainFrame, url);
    this.#core.emit("did-frame-navigate", {}, url, status, statusText, isMainFrame, ...ids);
    if (isMainFrame) this.#core.emit("did-navigate", {}, url, status, statusText);
  }

  #responseFor(isMainFrame, url) {
    const isKnown = isMainFrame && withoutHash(url) === withoutHash(this.#response.url);
    return isKnown ? this.#response : { status: -1, statusText: "" };
  }

  #movedInPage(frameId, pageUrl) {
    const url = toApp(pageUrl);
    const isMainFrame = this.#isMain(frameId);
    if (isMainFrame) this.url = url;
    this.#core.emit("did-navigate-in-page", {}, url, isMainFrame, ...this.#idsOf(frameId));
  }

  #loaded() {
    if (!this.#hasCommitted || this.#isErrorPage) return;
    const ids = this.#idsOf(this.#core.targetId);
    this.#core.emit("did-frame-finish-load", {}, true, ...ids);
    this.#core.emit("did-finish-load", {});
    this.#core.owner?._pageLoaded();
  }

  // ---- what the main process starts ----

  /** @param {string} url @param {{ httpReferrer?: string | { url: string } }} [options] @returns {Promise<void>} */
  load(url, options = {}) {
    const finished = awaitLoad(this.#core.webContents, url);
    // Electron attaches such a handler as well: an app that does not wait for a load need not catch its failure.
    finished.catch(() => {});
    this.#navigate(url, options).catch((error) =>
      this.#failBeforeStart(url, netErrorOf(error.netError ?? "ERR_FAILED")),
    );
    return finished;
  }

  async #navigate(url, { httpReferrer }) {
    if (!URL.canParse(url)) throw Object.assign(new Error(`invalid URL ${url}`), { netError: NET.invalidUrl.name });
    await this.#core.attached;
    if (!(await this.#core.unloading.agrees()))
      throw Object.assign(new Error("unload"), { netError: NET.aborted.name });
    const referrer = typeof httpReferrer === "object" ? httpReferrer.url : httpReferrer;
    const request = { url: toPage(url), ...(referrer ? { referrer: toPage(referrer) } : {}) };
    this.#asked.delete(this.#core.targetId); // a wish of the page that came to nothing
    const { errorText } = await this.#session.send("Page.navigate", request);
    // An error page reports itself when it commits; what neither loads nor commits ends here.
    if (errorText && !this.#isErrorPage && !this.isLoading) {
      throw Object.assign(new Error(errorText), { netError: errorText });
    }
  }

  #failBeforeStart(url, { code, name }) {
    if (this.#core.isDestroyed) return;
    this.#core.emit("did-fail-load", {}, code, name, url, true, ...this.#idsOf(this.#core.targetId));
  }

  /** @param {boolean} ignoreCache */
  async reload(ignoreCache) {
    await this.#core.attached;
    if (this.#core.isDestroyed || !(await this.#core.unloading.agrees())) return;
    this.#session?.tell("Page.reload", { ignoreCache });
  }

  stop() {
    this.#session?.tell("Page.stopLoading");
  }

  /** @param {-1 | 1} offset */
  async go(offset) {
    await this.#core.attached;
    const { currentIndex, entries } = await this.#session.send("Page.getNavigationHistory");
    const entry = entries[currentIndex + offset];
    if (entry) await this.#session.send("Page.navigateToHistoryEntry", { entryId: entry.id });
  }
}
