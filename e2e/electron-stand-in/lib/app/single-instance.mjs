/**
 * The single-instance lock: an abstract Unix socket named after the user-data folder. The kernel gives the name to one
 * process at a time and takes it back when that process ends, however it ends.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, realpathSync } from "node:fs";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";

const NOTIFY = fileURLToPath(new URL("notify-first.mjs", import.meta.url));

/** The first instance may be busy; Electron waits about as long before it takes the first for hung. */
const NOTIFY_MS = 20_000;

/** The first instance may end between being found and being told; then the lock is free for the next try. */
const TRIES_MAX = 3;

/** A command line has at most a few megabytes; a sender of more is not an instance of this app. */
const MESSAGE_BYTES_MAX = 8 * 1024 * 1024;

/** @param {string} userData @returns {string} */
function socketName(userData) {
  mkdirSync(userData, { recursive: true });
  const hash = createHash("sha256").update(realpathSync(userData)).digest("hex").slice(0, 32);
  return `\0electron-stand-in-${process.getuid?.() ?? 0}-${hash}`;
}

/**
 * Reads one message and answers "ok", so that the second instance knows it was heard.
 * @param {import("node:net").Socket} socket @param {(message: any) => void} onMessage
 */
function receive(socket, onMessage) {
  let text = "";
  socket.setEncoding("utf8");
  socket.on("error", () => {});
  socket.on("data", (chunk) => {
    text += chunk;
    if (text.length > MESSAGE_BYTES_MAX) {
      socket.destroy();
      return;
    }
    if (!text.endsWith("\n")) return;
    socket.end("ok\n");
    onMessage(JSON.parse(text));
  });
}

/** Tells the first instance and waits until it has heard. @returns {boolean} false where there is none after all */
function tellFirst(path, message) {
  const { status } = spawnSync(process.execPath, [NOTIFY, path.slice(1)], {
    input: `${JSON.stringify(message)}\n`,
    timeout: NOTIFY_MS,
    stdio: ["pipe", "ignore", "inherit"],
    env: {},
  });
  return status === 0;
}

export class SingleInstanceLock {
  /** @type {import("node:net").Server | undefined} */
  #server;

  get isHeld() {
    return this.#server !== undefined;
  }

  /**
   * @param {string} userData
   * @param {{ argv: string[], cwd: string, data: unknown }} message what the first instance is told if this is not it
   * @param {(message: { argv: string[], cwd: string, data: unknown }) => void} onSecond
   * @returns {boolean} whether this process has the lock
   */
  request(userData, message, onSecond) {
    if (this.#server) return true;
    const path = socketName(userData);
    for (let tries = 0; tries < TRIES_MAX; tries += 1) {
      if (this.#bind(path, onSecond)) return true;
      if (tellFirst(path, message)) return false;
    }
    return false;
  }

  #bind(path, onSecond) {
    const server = createServer((socket) => receive(socket, onSecond));
    server.on("error", () => {});
    server.listen({ path });
    // Binding a Unix socket happens inside listen(); only the event about it comes later.
    if (!server.listening) return false;
    server.unref();
    this.#server = server;
    return true;
  }

  release() {
    this.#server?.close();
    this.#server = undefined;
  }
}
