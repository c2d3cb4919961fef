/** Pages and sessions of Electron as the modules of this room see them, for tests: emitters that remember what was done to them. */
import { EventEmitter } from "node:events";
import { type ClientChannel, type ClientFrame, IPC, textChannel } from "@softadastra/inspector-contract";
import {
  ipcMain,
  Menu,
  type MenuItem,
  type Session,
  shell,
  type WebContents,
  type WindowOpenHandlerResponse,
} from "electron";
import { onTestFinished, vi } from "vitest";
import { PAGE_URL } from "./page-protocol.ts";

let nextContentsId = 1;

type OpenHandler = (details: { readonly url: string }) => WindowOpenHandlerResponse;

/** A page: what the host sends it is kept in `sent`, and `post` is its preload speaking. */
export class FakePage extends EventEmitter {
  readonly id = nextContentsId++;
  readonly sent: unknown[][] = [];
  mainFrame: { url: string } | null;
  openWindow: OpenHandler = () => ({ action: "allow" });
  #isDestroyed = false;
  #nextConnection = 1;

  constructor(url = PAGE_URL) {
    super();
    this.mainFrame = { url };
  }

  /** As Electron's own type, of which the tested modules use what is here. */
  get contents(): WebContents {
    return this as unknown as WebContents;
  }

  send(...message: unknown[]): void {
    if (this.#isDestroyed) throw new Error("Object has been destroyed");
    this.sent.push(message);
    this.emit("fake-received", ...message);
  }

  isDestroyed(): boolean {
    return this.#isDestroyed;
  }

  destroy(): void {
    this.#isDestroyed = true;
    this.emit("destroyed");
  }

  setWindowOpenHandler(handler: OpenHandler): void {
    this.openWindow = handler;
  }

  /** A message from the main frame. */
  post(message: readonly unknown[]): void {
    this.postFrom(this.mainFrame, message);
  }

  postFrom(frame: unknown, message: readonly unknown[]): void {
    const [channel, ...args] = message;
    ipcMain.emit(String(channel), { sender: this, senderFrame: frame }, ...args);
  }

  /** Whether a navigation, redirect or webview that the page attempts is stopped. */
  isStopped(attempt: string, url: string): boolean {
    let isStopped = false;
    const preventDefault = () => {
      isStopped = true;
    };
    this.emit(attempt, { url, preventDefault });
    return isStopped;
  }

  /** What the preload and the page make of the bridge: messages cross later, as copies, in order. */
  connect(): ClientChannel {
    const id = this.#nextConnection++;
    let onText: (text: string) => void = () => undefined;
    let onClose: () => void = () => undefined;
    let isOpen = true;
    const later = (work: () => void) => void setImmediate(work);
    const closed = () => {
      if (!isOpen) return;
      isOpen = false;
      onClose();
    };
    this.on("fake-received", (channel: unknown, to: unknown, text: unknown) => {
      if (to !== id) return;
      if (channel === IPC.frame) later(() => isOpen && onText(String(text)));
      if (channel === IPC.disconnect) later(closed);
    });
    later(() => this.post([IPC.connect, id]));
    return textChannel<ClientFrame>({
      send: (text) => later(() => isOpen && this.post([IPC.frame, id, text])),
      onText: (listener) => {
        onText = listener;
      },
      onClose: (listener) => {
        onClose = listener;
      },
      close: () => {
        later(() => this.post([IPC.disconnect, id]));
        closed();
      },
    });
  }
}

/** Takes away what `serveIpc` listens with when the test is over. */
export function endIpcWithTest(): void {
  onTestFinished(() => {
    ipcMain.removeAllListeners();
  });
}

type Decide<T> = (answer: T) => void;

/** A session that keeps the handlers it was given, and asks them. */
export class FakeSession {
  readonly #handlers = new Map<string, (...args: unknown[]) => unknown>();
  readonly webRequest = { onBeforeRequest: this.#keeper("request") };
  readonly setPermissionRequestHandler = this.#keeper("permissionRequest");
  readonly setPermissionCheckHandler = this.#keeper("permissionCheck");
  readonly setDevicePermissionHandler = this.#keeper("device");
  readonly setDisplayMediaRequestHandler = this.#keeper("displayMedia");

  get session(): Session {
    return this as unknown as Session;
  }

  #keeper(name: string): (handler: (...args: unknown[]) => unknown) => void {
    return (handler) => void this.#handlers.set(name, handler);
  }

  #ask(name: string, ...args: unknown[]): unknown {
    const handler = this.#handlers.get(name);
    if (handler === undefined) throw new Error(`nothing decides about ${name}: Electron would allow it`);
    return handler(...args);
  }

  #decided(name: string, ...args: unknown[]): unknown {
    let answer: unknown = "no answer";
    const decide: Decide<unknown> = (decision) => {
      answer = decision;
    };
    this.#ask(name, ...args, decide);
    return answer;
  }

  permissionRequested = (permission: string): unknown => this.#decided("permissionRequest", null, permission);
  permissionChecked = (permission: string): unknown =>
    this.#ask("permissionCheck", null, permission, "app://inspector");
  deviceChecked = (deviceType: string): unknown => this.#ask("device", { deviceType, origin: "app://inspector" });
  displayMediaRequested = (): unknown => this.#decided("displayMedia", {});
  isCancelled = (url: string): unknown => this.#decided("request", { url });
}

/** The addresses that were handed to the system's browser. */
export function watchOpenedLinks(): string[] {
  const opened: string[] = [];
  vi.spyOn(shell, "openExternal").mockImplementation(async (url) => void opened.push(url));
  return opened;
}

/** The menus of the application's menu bar. */
export function installedMenus(): readonly MenuItem[] {
  return Menu.getApplicationMenu()?.items ?? [];
}
