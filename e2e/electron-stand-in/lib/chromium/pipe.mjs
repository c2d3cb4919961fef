/** Speaks the DevTools protocol over Chromium's debugging pipe: NUL-ended JSON out, NUL-ended JSON in. */

const NUL = 0;

/** A command that Chromium answered with an error, or could not answer any more. */
export class CdpError extends Error {
  /** @param {string} method @param {string} reason @param {boolean} isGone the page or Chromium itself has ended */
  constructor(method, reason, isGone) {
    super(`${method}: ${reason}`);
    this.name = "CdpError";
    this.method = method;
    this.isGone = isGone;
  }
}

/** The answers Chromium gives when the target of a command ended before the command arrived. */
const GONE =
  /session with given id not found|target closed|no target with given id|inspected target|cannot find context with|not attached to an active page|frame with the given id was not found|execution context was destroyed/i;

/** One attached target: its commands and its events. */
export class CdpSession {
  /** @param {CdpPipe} pipe @param {string | undefined} id undefined: the browser itself */
  constructor(pipe, id) {
    this.pipe = pipe;
    this.id = id;
    /** @type {Map<string, Array<(params: any) => void>>} */
    this.listeners = new Map();
  }

  /** @param {string} method @param {object} [params] @returns {Promise<any>} */
  send(method, params = {}) {
    return this.pipe.send(method, params, this.id);
  }

  /** Sends without waiting: a target that has ended meanwhile is no failure, anything else is reported. */
  tell(method, params = {}) {
    this.send(method, params).catch((error) => {
      if (!error.isGone) console.error(`electron stand-in: ${error.message}`);
    });
  }

  /** @param {string} method @param {(params: any) => void} listener */
  on(method, listener) {
    const list = this.listeners.get(method);
    if (list) list.push(listener);
    else this.listeners.set(method, [listener]);
  }

  /** @param {string} method @param {any} params */
  dispatch(method, params) {
    for (const listener of this.listeners.get(method) ?? []) {
      try {
        listener(params);
      } catch (error) {
        // Thrown by the app's own listeners, as a rule: an uncaught error there, but the pipe must go on.
        process.nextTick(() => {
          throw error;
        });
      }
    }
  }
}

export class CdpPipe {
  #toChromium;
  #nextId = 0;
  /** @type {Map<number, { method: string, resolve: (value: any) => void, reject: (error: Error) => void }>} */
  #waiting = new Map();
  /** @type {Map<string | undefined, CdpSession>} */
  #sessions = new Map();
  /** @type {Buffer[]} */
  #partial = [];
  #isClosed = false;

  /**
   * @param {import("node:stream").Writable} toChromium
   * @param {import("node:stream").Readable} fromChromium
   */
  constructor(toChromium, fromChromium) {
    this.#toChromium = toChromium;
    this.browser = this.session(undefined);
    fromChromium.on("data", (chunk) => this.#receive(chunk));
    fromChromium.on("close", () => this.close());
    // A pipe breaks when Chromium ends; that is seen as its exit, so the stream's own error says nothing new.
    for (const stream of [toChromium, fromChromium]) stream.on("error", () => {});
  }

  /** The session with this id; the same object each time. @param {string | undefined} id */
  session(id) {
    let session = this.#sessions.get(id);
    if (!session) {
      session = new CdpSession(this, id);
      this.#sessions.set(id, session);
    }
    return session;
  }

  /** @param {string} id */
  forget(id) {
    this.#sessions.delete(id);
  }

  /** @param {string} method @param {object} params @param {string | undefined} sessionId @returns {Promise<any>} */
  send(method, params, sessionId) {
    if (this.#isClosed) return Promise.reject(new CdpError(method, "Chromium has ended", true));
    this.#nextId += 1;
    const id = this.#nextId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { method, resolve, reject });
      this.#toChromium.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  }

  close() {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const { method, reject } of this.#waiting.values()) reject(new CdpError(method, "Chromium has ended", true));
    this.#waiting.clear();
  }

  /** Splits at NUL without joining what came before: a message of many megabytes arrives in thousands of chunks. */
  #receive(chunk) {
    let from = 0;
    for (let end = chunk.indexOf(NUL); end >= 0; end = chunk.indexOf(NUL, from)) {
      this.#partial.push(chunk.subarray(from, end));
      from = end + 1;
      const text = Buffer.concat(this.#partial).toString("utf8");
      this.#partial = [];
      this.#handle(JSON.parse(text));
    }
    if (from < chunk.length) this.#partial.push(chunk.subarray(from));
  }

  #handle(message) {
    if (message.id === undefined) {
      this.#sessions.get(message.sessionId)?.dispatch(message.method, message.params);
      return;
    }
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (!waiting) return;
    if (message.error) {
      const reason = message.error.message;
      waiting.reject(new CdpError(waiting.method, reason, GONE.test(reason)));
    } else {
      waiting.resolve(message.result);
    }
  }
}
