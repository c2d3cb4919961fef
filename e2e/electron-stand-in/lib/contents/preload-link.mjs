/** The line between the main process and the preload's world of one page: messages out, questions and messages in. */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { makeCodec } from "../page/codec.mjs";
import { pageScript, preloadScript, WORLD, worldScript } from "../page/scripts.mjs";

const codec = makeCodec();

export class PreloadLink {
  #core;
  /** Unguessable: the page must not find what is named with it. */
  #token = `standIn${randomBytes(12).toString("hex")}`;
  /** The preload's world of the main frame's present document. @type {number | undefined} */
  #contextId;
  /** @type {import("../chromium/pipe.mjs").CdpSession | undefined} */
  #session;
  #handlers;

  /**
   * @param {import("./core.mjs").ContentsCore} core
   * @param {Record<string, (message: { id: number, name: string, args: any, isMainFrame: boolean, reply: Reply }) => void>} handlers
   * by kind of message
   */
  constructor(core, handlers) {
    this.#core = core;
    this.#handlers = handlers;
  }

  get contextId() {
    return this.#contextId;
  }

  /** @param {import("../chromium/pipe.mjs").CdpSession} session @param {string} mainFrameId */
  attach(session, mainFrameId) {
    this.#session = session;
    session.on("Runtime.executionContextCreated", ({ context }) => {
      if (context.name === WORLD && context.auxData?.frameId === mainFrameId) this.#contextId = context.id;
    });
    session.on("Runtime.executionContextDestroyed", ({ executionContextId }) => {
      if (executionContextId === this.#contextId) this.#contextId = undefined;
    });
    session.on("Runtime.executionContextsCleared", () => {
      this.#contextId = undefined;
    });
    session.on("Runtime.bindingCalled", ({ name, payload, executionContextId }) => {
      if (name === `${this.#token}Post`) this.#receive(payload, executionContextId);
    });
  }

  /** Gives Chromium what every document of this page starts with. @param {Record<string, unknown>} processInfo */
  async install(processInfo) {
    const session = /** @type {import("../chromium/pipe.mjs").CdpSession} */ (this.#session);
    const path = this.#core.preferences.preload;
    const info = { process: processInfo, preloadPath: path ?? "" };
    const scripts = [{ source: pageScript(this.#token) }, { source: worldScript(this.#token, info), worldName: WORLD }];
    if (path) {
      try {
        scripts.push({ source: preloadScript(this.#token, path), worldName: WORLD });
      } catch (error) {
        this.#core.preloadFailed(path, error);
      }
    }
    await Promise.all([
      session.send("Runtime.addBinding", { name: `${this.#token}Post`, executionContextName: WORLD }),
      ...scripts.map((script) => session.send("Page.addScriptToEvaluateOnNewDocument", script)),
    ]);
  }

  /** Whether the preload can ask for the path of a File, which takes a debugger in the page. */
  get usesFilePaths() {
    const path = this.#core.preferences.preload;
    try {
      return path !== undefined && readFileSync(path, "utf8").includes("webUtils");
    } catch {
      return false;
    }
  }

  /** Encodes at once, so that what cannot be cloned throws at the caller. @param {string} channel @param {unknown[]} args */
  send(channel, args) {
    this.#deliver("message", 0, channel, codec.encode(args));
  }

  /** As Electron does, drops what arrives while no document is there to take it. */
  #deliver(kind, id, name, data, contextId = this.#contextId) {
    if (contextId === undefined) return;
    const args = [kind, id, name, data].map((arg) => JSON.stringify(arg)).join(",");
    this.#session?.tell("Runtime.evaluate", { contextId, expression: `globalThis.${this.#token}Deliver(${args})` });
  }

  /** @param {string} payload a line of JSON, then the encoded arguments */
  #receive(payload, contextId) {
    const end = payload.indexOf("\n");
    const [kind, id, name] = JSON.parse(payload.slice(0, end));
    const args = codec.decode(payload.slice(end + 1));
    const reply = new Reply((answer, data) => this.#deliver(answer, id, name, data, contextId));
    const message = { id, name, args, isMainFrame: contextId === this.#contextId, reply };
    void Promise.resolve(this.#handlers[kind]?.(message)).catch((error) => {
      if (!error.isGone) console.error(`electron stand-in: ${error.message}`);
    });
  }
}

/** The way back to one question. */
class Reply {
  #deliver;
  /** @param {(kind: string, data: string) => void} deliver */
  constructor(deliver) {
    this.#deliver = deliver;
  }
  /** Throws where the value cannot be cloned. @param {unknown} value */
  resolve(value) {
    this.#deliver("answer", codec.encode(value));
  }
  /** @param {string} message */
  reject(message) {
    this.#deliver("failure", message);
  }
}
