/** The `ipcMain` module, and how a message from a preload finds its handler. */
import { EventEmitter } from "node:events";
import { ElectronEvent } from "../event.mjs";

export class IpcMain extends EventEmitter {
  /** @type {Map<string, (event: ElectronEvent, ...args: any[]) => unknown>} */
  #handlers = new Map();

  constructor() {
    super();
    // Node throws for an "error" nobody listens to; on ipcMain it is a channel like any other.
    this.on("error", () => {});
  }

  /** @param {string} channel @param {(event: ElectronEvent, ...args: any[]) => unknown} listener */
  handle(channel, listener) {
    if (this.#handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`);
    if (typeof listener !== "function") {
      throw new TypeError(`Expected handler to be a function, but found type '${typeof listener}'`);
    }
    this.#handlers.set(channel, listener);
  }

  /** @param {string} channel @param {(event: ElectronEvent, ...args: any[]) => unknown} listener */
  handleOnce(channel, listener) {
    this.handle(channel, (event, ...args) => {
      this.removeHandler(channel);
      return listener(event, ...args);
    });
  }

  /** @param {string} channel */
  removeHandler(channel) {
    this.#handlers.delete(channel);
  }

  /** For the dispatch below. @param {string} channel */
  _handlerOf(channel) {
    return this.#handlers.get(channel);
  }
}

export const ipcMain = new IpcMain();

/** @param {import("../contents/core.mjs").ContentsCore} core */
function makeEvent(core) {
  const { webContents, frames } = core;
  const frame = frames.main.frame;
  return new ElectronEvent({
    type: "frame",
    sender: webContents,
    senderFrame: frame,
    frameId: frame.routingId,
    processId: frame.processId,
    frameTreeNodeId: frame.frameTreeNodeId,
    ports: [],
  });
}

/** @param {import("../contents/core.mjs").ContentsCore} core @param {{ name: string, args: unknown[] }} message */
export function dispatchMessage(core, { name: channel, args }) {
  const event = makeEvent(core);
  event.reply = (replyChannel, ...replyArgs) => core.link.send(replyChannel, replyArgs);
  core.webContents.emit("ipc-message", event, channel, ...args);
  core.webContents.ipc.emit(channel, event, ...args);
  ipcMain.emit(channel, event, ...args);
}

/** @param {import("../contents/core.mjs").ContentsCore} core @param {{ name: string, args: unknown[], reply: any }} message */
export async function dispatchInvoke(core, { name: channel, args, reply }) {
  try {
    const handler = core.webContents.ipc._handlerOf(channel) ?? ipcMain._handlerOf(channel);
    if (!handler) throw new Error(`No handler registered for '${channel}'`);
    reply.resolve(await handler(makeEvent(core), ...args));
  } catch (error) {
    console.error(`Error occurred in handler for '${channel}':`, error);
    reply.reject(String(error));
  }
}
