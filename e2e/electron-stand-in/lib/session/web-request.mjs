/** session.webRequest: the one listener that may look at every request before it goes out. */
import { absentMembers } from "../absent.mjs";
import { makeFilter } from "./match-pattern.mjs";

/** What Electron calls the kinds of request that DevTools names. */
const RESOURCE_TYPES = {
  Stylesheet: "stylesheet",
  Image: "image",
  Media: "media",
  Font: "font",
  Script: "script",
  XHR: "xhr",
  Fetch: "xhr",
  Ping: "ping",
  CSPViolationReport: "cspReport",
  WebSocket: "webSocket",
};

/** @param {string} type DevTools' name @param {boolean} isMainFrame */
export function resourceTypeOf(type, isMainFrame) {
  if (type === "Document") return isMainFrame ? "mainFrame" : "subFrame";
  return RESOURCE_TYPES[type] ?? "other";
}

export class WebRequest {
  /** @type {{ accepts: (details: any) => boolean, listener: Function } | undefined} */
  #before;
  #nextId = 1;

  /** @param {object | Function | null} filterOrListener @param {Function | null} [listener] */
  onBeforeRequest(filterOrListener, listener) {
    const hasFilter = typeof filterOrListener === "object" && filterOrListener !== null;
    const chosen = hasFilter ? listener : filterOrListener;
    this.#before = chosen ? { accepts: makeFilter(hasFilter ? filterOrListener : {}), listener: chosen } : undefined;
  }

  /**
   * @param {object} details without an id
   * @returns {Promise<{ cancel?: boolean, redirectURL?: string }>}
   */
  async _ask(details) {
    const before = this.#before;
    const numbered = { id: this.#nextId, timestamp: Date.now(), ...details };
    this.#nextId += 1;
    if (!before?.accepts(numbered)) return {};
    return new Promise((resolve) => before.listener(numbered, (response) => resolve(response ?? {})));
  }
}

absentMembers(
  WebRequest.prototype,
  "webRequest",
  "onAuthRequired onBeforeRedirect onBeforeSendHeaders onCompleted onErrorOccurred onHeadersReceived onResponseStarted onSendHeaders",
);
