import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { connectToHost, takeToken } from "./host.ts";

/** A browser's socket as far as the page uses it, moved by the test. */
class Socket extends EventTarget {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static last: Socket | null = null;
  readonly sent: string[] = [];
  readonly url: string;
  readyState = Socket.CONNECTING;

  constructor(url: string) {
    super();
    this.url = url;
    Socket.last = this;
  }

  send(text: string): void {
    if (this.readyState !== Socket.OPEN) throw new Error("a socket that is not open throws");
    this.sent.push(text);
  }

  close(): void {
    this.readyState = 3;
    this.dispatchEvent(new Event("close"));
  }

  opens(): void {
    this.readyState = Socket.OPEN;
    this.dispatchEvent(new Event("open"));
  }
}

const stored = new Map<string, string>();
const replaceState = vi.fn();

beforeEach(() => {
  stored.clear();
  replaceState.mockClear();
  vi.stubGlobal("window", {});
  vi.stubGlobal("WebSocket", Socket);
  vi.stubGlobal("history", { replaceState });
  vi.stubGlobal("sessionStorage", {
    getItem: (name: string) => stored.get(name) ?? null,
    setItem: (name: string, value: string) => stored.set(name, value),
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
});

function openAt(address: string): void {
  const { hash, origin, pathname } = new URL(address);
  vi.stubGlobal("location", { hash, origin, pathname });
}

describe("the token of the browser host", () => {
  test("is taken from the address, which no longer shows it, and kept for a reload of the tab", () => {
    openAt("http://127.0.0.1:4100/#token=ab-C_9");
    expect(takeToken()).toBe("ab-C_9");
    expect(replaceState).toHaveBeenCalledWith(null, "", "/");
    openAt("http://127.0.0.1:4100/");
    expect(takeToken()).toBe("ab-C_9");
  });

  test("is not made up of anything else in the address", () => {
    openAt("http://127.0.0.1:4100/#token=a%20b");
    expect(takeToken()).toBeUndefined();
    openAt("http://127.0.0.1:4100/#section");
    expect(takeToken()).toBeUndefined();
  });

  test("is never asked for in the desktop app", () => {
    openAt("app://page/#token=abc");
    vi.stubGlobal("window", { softadastra: {} });
    expect(takeToken()).toBeUndefined();
    expect(stored.size).toBe(0);
  });
});

describe("the socket to the browser host", () => {
  test("goes to where the page came from, encrypted when the page was", () => {
    openAt("http://127.0.0.1:4100/");
    connectToHost();
    expect(Socket.last?.url).toBe("ws://127.0.0.1:4100/channel");
    openAt("https://box.local/");
    connectToHost();
    expect(Socket.last?.url).toBe("wss://box.local/channel");
  });

  test("sends what was said before it was open, in order, and drops what is said after its end", () => {
    openAt("http://127.0.0.1:4100/");
    const channel = connectToHost();
    channel.send({ t: "hello", v: 1 });
    channel.send({ t: "cancel", id: 1 });
    Socket.last?.opens();
    channel.send({ t: "cancel", id: 2 });
    channel.close();
    channel.send({ t: "cancel", id: 3 });
    expect(Socket.last?.sent.map((text) => JSON.parse(text))).toEqual([
      { t: "hello", v: 1 },
      { t: "cancel", id: 1 },
      { t: "cancel", id: 2 },
    ]);
  });

  test("tells its end once, and a text that is no frame as none", () => {
    openAt("http://127.0.0.1:4100/");
    const channel = connectToHost();
    const ended = vi.fn();
    const frames: unknown[] = [];
    channel.onClose(ended);
    channel.onFrame((frame) => frames.push(frame));
    Socket.last?.dispatchEvent(new MessageEvent("message", { data: '{"t":"welcome","v":1}' }));
    Socket.last?.dispatchEvent(new MessageEvent("message", { data: "{" }));
    Socket.last?.close();
    Socket.last?.close();
    expect(frames).toEqual([{ t: "welcome", v: 1 }, undefined]);
    expect(ended).toHaveBeenCalledTimes(1);
  });
});
