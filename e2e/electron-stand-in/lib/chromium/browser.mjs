/** The one Chromium of this process: started when the app is loaded, ended with it. */
import { CdpPipe } from "./pipe.mjs";
import { startChromium } from "./process.mjs";

/** How long a Chromium that was asked to close may take before its pipe is cut, and then before it is given up. */
const CLOSE_MS = 3000;
const CUT_MS = 7000;

/** How long Chromium may take to answer for the first time; a cold disk has been seen to take eight seconds. */
const START_MS = 25_000;

const isVerbose = Boolean(process.env.ELECTRON_STAND_IN_VERBOSE);

/** @param {Promise<unknown>} promise @param {number} ms @returns {Promise<boolean>} whether it settled in time */
async function settlesWithin(promise, ms) {
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, ms, false);
  });
  const inTime = await Promise.race([promise.then(() => true), late]);
  clearTimeout(timer);
  return inTime;
}

class Chromium {
  /** @type {CdpPipe | undefined} */
  #pipe;
  /** @type {ReturnType<typeof startChromium> | undefined} */
  #process;
  #isStopping = false;
  /** Set once started: the version, such as "156.0.8078.79". */
  version = "";
  /** @type {(code: number) => void} called when Chromium ends unasked */
  onLost = () => {};

  /** Whether another DevTools client, such as Playwright, may be connected. */
  hasSecondClient = false;

  get isStopping() {
    return this.#isStopping;
  }
  get isStarted() {
    return this.#pipe !== undefined;
  }

  /** The browser's own session. */
  get browser() {
    if (!this.#pipe) throw new Error("electron stand-in: Chromium is not started");
    return this.#pipe.browser;
  }

  /**
   * @param {{ switches: string[], debuggingPort: string | undefined, screen: string }} options
   * @returns {Promise<string | undefined>} the line that tells a second DevTools client where to connect
   */
  async start(options) {
    let announce;
    /** @type {Promise<string>} */
    const announced = new Promise((resolve) => {
      announce = resolve;
    });
    const onLine = (line) => {
      if (line.startsWith("DevTools listening on ")) announce(line);
      else if (isVerbose) process.stderr.write(`[chromium] ${line}\n`);
    };
    this.#process = startChromium({ ...options, env: process.env, onLine });
    this.#pipe = new CdpPipe(this.#process.toChromium, this.#process.fromChromium);
    void this.#process.exited.then((code) => {
      this.#pipe?.close();
      if (!this.#isStopping) this.onLost(code);
    });
    const version = this.browser.send("Browser.getVersion");
    if (!(await settlesWithin(version, START_MS))) throw new Error(`Chromium did not answer within ${START_MS} ms`);
    this.version = (await version).product.split("/")[1];
    this.hasSecondClient = options.debuggingPort !== undefined;
    await this.browser.send("Target.setDiscoverTargets", { discover: true });
    // Nothing lands in the user's folders; a second client may ask for another behaviour.
    await this.browser.send("Browser.setDownloadBehavior", { behavior: "deny" });
    return options.debuggingPort === undefined ? undefined : announced;
  }

  /** @param {string} targetId */
  async attach(targetId) {
    const { sessionId } = await this.browser.send("Target.attachToTarget", { targetId, flatten: true });
    return /** @type {CdpPipe} */ (this.#pipe).session(sessionId);
  }

  /** @param {import("./pipe.mjs").CdpSession} session */
  release(session) {
    if (session.id) this.#pipe?.forget(session.id);
  }

  /** Ends Chromium and waits until its profile is removed. */
  async stop() {
    if (!this.#process) return;
    this.#isStopping = true;
    this.browser.tell("Browser.close");
    if (await settlesWithin(this.#process.exited, CLOSE_MS)) return;
    this.#process.hangUp();
    await settlesWithin(this.#process.exited, CUT_MS);
  }
}

export const chromium = new Chromium();
