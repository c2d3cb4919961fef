/** What lies behind one WebContents: the page in Chromium and the parts that look after it. */
import { chromium } from "../chromium/browser.mjs";
import { dispatchInvoke, dispatchMessage } from "../ipc/ipc-main.mjs";
import { decideRequest } from "../session/permissions.mjs";
import { ELECTRON_VERSION } from "../start/process-description.mjs";
import { cores } from "../window/registry.mjs";
import { forwardConsole } from "./console-messages.mjs";
import { Emulation } from "./emulation.mjs";
import { answerFilePaths } from "./file-paths.mjs";
import { FrameTree } from "./frames.mjs";
import { Navigation } from "./navigation.mjs";
import { NewWindows } from "./new-windows.mjs";
import { PreloadLink } from "./preload-link.mjs";
import { Unloading } from "./unloading.mjs";
import { reportWebSockets } from "./web-sockets.mjs";

/** How long Chromium may take to close a page, its unload handlers included. */
const CLOSE_MS = 3000;

let nextId = 1;

export class ContentsCore {
  id = nextId++;
  isDestroyed = false;
  isCrashed = false;
  title = "";
  /** The window that shows the page. @type {import("../window/browser-window.mjs").BrowserWindow | undefined} */
  owner;
  /** @type {string | undefined} */
  targetId;
  /** @type {import("../chromium/pipe.mjs").CdpSession | undefined} */
  session;
  /** @type {Promise<void>} settled once the page exists and is prepared */
  attached;
  /** @type {() => void} */
  #gone = () => {};
  #whenGone = new Promise((resolve) => {
    this.#gone = () => resolve(undefined);
  });

  /**
   * @param {import("./web-contents.mjs").WebContents} webContents
   * @param {Record<string, any>} preferences
   * @param {import("./new-windows.mjs").OpenWindow} openWindow
   */
  constructor(webContents, preferences, openWindow) {
    this.webContents = webContents;
    this.preferences = preferences;
    this.frames = new FrameTree(this);
    this.navigation = new Navigation(this);
    this.emulation = new Emulation(this);
    this.newWindows = new NewWindows(this, openWindow);
    this.unloading = new Unloading(this);
    this.link = new PreloadLink(this, this.#messageHandlers());
    cores.set(this.id, this);
    this.attached = this.#open().catch((error) => {
      if (!this.isDestroyed) console.error(`electron stand-in: ${error.message}`);
    });
  }

  #messageHandlers() {
    return {
      // A subframe has no preload and so no way to get here; should one find a way, it is not heard.
      send: (message) => message.isMainFrame && dispatchMessage(this, message),
      invoke: (message) => message.isMainFrame && dispatchInvoke(this, message),
      navigate: ({ name, reply }) => reply.resolve(this.navigation.mayGoTo(name)),
      "open-window": ({ args }) => this.newWindows.ask(args),
      permission: async ({ name, args, isMainFrame, reply }) =>
        reply.resolve(await decideRequest(this, name, { ...args, isMainFrame })),
      title: ({ name, isMainFrame }) => isMainFrame && this.#titled(name),
      "preload-error": ({ name, args }) => this.preloadFailed(name, args),
    };
  }

  async #open() {
    const { targetId } = await chromium.browser.send("Target.createTarget", { url: "about:blank", newWindow: true });
    this.targetId = targetId;
    if (this.isDestroyed) {
      chromium.browser.tell("Target.closeTarget", { targetId });
      return;
    }
    const session = await chromium.attach(targetId);
    this.session = session;
    this.frames.attach(targetId, session);
    this.link.attach(session, targetId);
    this.navigation.attach(session);
    this.newWindows.attach(session);
    this.unloading.attach(session);
    forwardConsole(this, session);
    reportWebSockets(this, session);
    session.on("Inspector.targetCrashed", () => this.#crashed());
    const domains = ["Page", "Runtime", "Log", "Inspector", "Network"].map((domain) =>
      session.send(`${domain}.enable`),
    );
    if (this.link.usesFilePaths) domains.push(answerFilePaths(session));
    await Promise.all([...domains, this.link.install(this.#processInfo()), this.emulation.attach(session)]);
  }

  /** What `process` is in the preload. */
  #processInfo() {
    const { additionalArguments = [] } = this.preferences;
    return {
      arch: process.arch,
      argv: [process.execPath, "--type=renderer", ...additionalArguments],
      contextIsolated: true,
      env: { ...process.env },
      execPath: process.execPath,
      pid: process.pid,
      platform: process.platform,
      sandboxed: true,
      type: "renderer",
      version: process.version,
      versions: { ...process.versions, chrome: chromium.version, electron: ELECTRON_VERSION },
    };
  }

  /** @param {string} title */
  #titled(title) {
    if (title === "") return;
    this.title = title;
    this.emit("page-title-updated", {}, title, true);
    this.owner?._pageTitled(title, true);
  }

  /** @param {string} path @param {Error} error */
  preloadFailed(path, error) {
    console.error(`Unable to load preload script: ${path}\n${error?.stack ?? error}`);
    setImmediate(() => this.emit("preload-error", {}, path, error));
  }

  /** @param {string} name @param {object} fields @param {...unknown} args */
  emit(name, fields, ...args) {
    return this.webContents._emit(name, fields, ...args);
  }

  /**
   * Runs code in the page's own world.
   * @param {string} code @param {boolean} userGesture @param {number} [contextId]
   */
  async evaluate(code, userGesture, contextId = this.frames.main.contextId) {
    const session = /** @type {import("../chromium/pipe.mjs").CdpSession} */ (this.session);
    const { result, exceptionDetails } = await session.send("Runtime.evaluate", {
      expression: code,
      contextId,
      awaitPromise: true,
      returnByValue: true,
      allowUnsafeEvalBlockedByCSP: false,
      userGesture,
    });
    if (!exceptionDetails) return result.value;
    throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
  }

  #crashed() {
    this.isCrashed = true;
    this.navigation.stopped();
    this.emit("render-process-gone", {}, { reason: "crashed", exitCode: 133 });
  }

  /** Closes the page in Chromium and waits for its unload handlers, whose messages still arrive. */
  async close() {
    if (this.isDestroyed) return;
    await this.attached;
    if (this.targetId && !this.isDestroyed) {
      chromium.browser.tell("Target.closeTarget", { targetId: this.targetId });
      let timer;
      const late = new Promise((resolve) => {
        timer = setTimeout(resolve, CLOSE_MS);
      });
      await Promise.race([this.#whenGone, late]);
      clearTimeout(timer);
    }
    this.destroy();
  }

  /** Chromium says that the page has ended. */
  targetGone() {
    this.#gone();
    this.destroy();
  }

  destroy() {
    if (this.isDestroyed) return;
    this.isDestroyed = true;
    cores.delete(this.id);
    if (this.session) chromium.release(this.session);
    if (this.targetId) chromium.browser.tell("Target.closeTarget", { targetId: this.targetId });
    this.#gone();
    this.emit("destroyed", {});
    this.owner?._pageGone();
  }
}
