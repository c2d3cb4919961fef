/** The frames of one page and what the main process sees of them: WebFrameMain. */
import { EventEmitter } from "node:events";
import { absentMembers, notEmulated } from "../absent.mjs";
import { originToApp, toApp } from "../session/url-map.mjs";

/** Electron numbers frames across all windows. */
let nextRoutingId = 1;

export class WebFrameMain extends EventEmitter {
  #core;
  #record;

  /** @param {import("./core.mjs").ContentsCore} core @param {FrameRecord} record */
  constructor(core, record) {
    super();
    this.#core = core;
    this.#record = record;
    this.routingId = nextRoutingId;
    this.frameTreeNodeId = nextRoutingId;
    nextRoutingId += 1;
  }

  get url() {
    return this.#record.url;
  }
  get origin() {
    return this.#record.origin;
  }
  get name() {
    return this.#record.name;
  }
  get processId() {
    return this.#core.id;
  }
  get frameToken() {
    return this.#record.id ?? "";
  }
  get parent() {
    return this.#core.frames.get(this.#record.parentId)?.frame ?? null;
  }
  get top() {
    return this.#core.frames.main.frame;
  }
  get frames() {
    return this.#core.frames.childrenOf(this.#record.id).map((record) => record.frame);
  }
  get framesInSubtree() {
    return [this, ...this.frames.flatMap((frame) => frame.framesInSubtree)];
  }
  get detached() {
    return this.#record.isGone;
  }
  get visibilityState() {
    return "visible";
  }
  get osProcessId() {
    throw notEmulated("WebFrameMain.osProcessId");
  }
  isDestroyed() {
    return this.#record.isGone || this.#core.isDestroyed;
  }
  /** @param {string} channel @param {...unknown} args */
  send(channel, ...args) {
    if (this !== this.top) throw notEmulated("WebFrameMain.send() to a subframe, which has no preload");
    this.#core.link.send(channel, args);
  }
  /** @param {string} code @param {boolean} [userGesture] */
  executeJavaScript(code, userGesture = false) {
    return this.#core.evaluate(code, userGesture, this.#record.contextId);
  }
  reload() {
    if (this !== this.top) throw notEmulated("WebFrameMain.reload() of a subframe");
    this.#core.navigation.reload(false);
    return true;
  }
}

absentMembers(
  WebFrameMain.prototype,
  "WebFrameMain",
  "collectJavaScriptCallStack copyVideoFrameAt postMessage printToPDF saveVideoFrameAs",
);

/**
 * @typedef {object} FrameRecord
 * @property {string | undefined} id Chromium's; undefined until the page exists
 * @property {string | undefined} parentId
 * @property {string} url
 * @property {string} origin
 * @property {string} name
 * @property {boolean} isGone
 * @property {number | undefined} contextId of the page's own world
 * @property {WebFrameMain} frame
 */

export class FrameTree {
  #core;
  /** @type {Map<string, FrameRecord>} */
  #records = new Map();
  /** @type {FrameRecord} */
  main;

  /** @param {import("./core.mjs").ContentsCore} core */
  constructor(core) {
    this.#core = core;
    this.main = this.#make(undefined, undefined);
  }

  #make(id, parentId) {
    /** @type {any} */
    const record = { id, parentId, url: "", origin: "null", name: "", isGone: false, contextId: undefined };
    record.frame = new WebFrameMain(this.#core, record);
    if (id) this.#records.set(id, record);
    return record;
  }

  /** @param {string | undefined} id */
  has(id) {
    return id !== undefined && this.#records.has(id);
  }
  /** @param {string | undefined} id @returns {FrameRecord | undefined} */
  get(id) {
    return id === undefined ? undefined : this.#records.get(id);
  }
  /** @param {string | undefined} id */
  childrenOf(id) {
    return [...this.#records.values()].filter((record) => record.parentId === id && id !== undefined);
  }

  /** @param {string} mainId @param {import("../chromium/pipe.mjs").CdpSession} session */
  attach(mainId, session) {
    this.main.id = mainId;
    this.#records.set(mainId, this.main);
    session.on("Page.frameAttached", ({ frameId, parentFrameId }) => {
      if (!this.has(frameId)) this.#make(frameId, parentFrameId);
    });
    session.on("Page.frameDetached", ({ frameId, reason }) => {
      if (reason !== "swap") this.#remove(frameId);
    });
    session.on("Page.frameNavigated", ({ frame }) => this.#navigated(frame));
    session.on("Page.navigatedWithinDocument", ({ frameId, url }) => {
      const record = this.get(frameId);
      if (record) record.url = toApp(url);
    });
    session.on("Runtime.executionContextCreated", ({ context }) => {
      const record = this.get(context.auxData?.frameId);
      if (record && context.auxData.isDefault) record.contextId = context.id;
    });
  }

  #navigated(frame) {
    const record = this.get(frame.id) ?? this.#make(frame.id, frame.parentId);
    record.url = toApp(frame.unreachableUrl ?? frame.url + (frame.urlFragment ?? ""));
    record.origin = originToApp(frame.securityOrigin ?? "");
    record.name = frame.name ?? "";
  }

  #remove(id) {
    for (const child of this.childrenOf(id)) this.#remove(child.id);
    const record = this.get(id);
    if (record) record.isGone = true;
    this.#records.delete(id);
  }
}
