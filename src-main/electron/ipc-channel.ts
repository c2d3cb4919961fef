/** The one place with ipcMain: text frames between a page and the host, from our own page's main frame only. */

import type { HostChannel } from "@softadastra/inspector-contract";
import { type HostFrame, IPC, limits, textChannel } from "@softadastra/inspector-contract";
import { type IpcMainEvent, ipcMain, type WebContents, type WebFrameMain } from "electron";

export interface IpcChannelOptions {
  /** Origin of our page, for example `app://inspector`. */
  readonly isOwnPage: (url: string) => boolean;
  readonly onConnect: (channel: HostChannel, contents: WebContents) => void;
}

/** Connections one page may have: one, and some more while a test opens a few. */
const CONNECTIONS_MAX = 64;

interface Pipe {
  readonly contents: WebContents;
  onText: (text: string) => void;
  onClose: () => void;
}

/** What an event says of its sender. Fails closed: no frame, another frame, another page are all strangers. */
export function isTrustedSender(
  sender: { readonly mainFrame: WebFrameMain | null },
  frame: Pick<WebFrameMain, "url"> | null | undefined,
  isOwnPage: (url: string) => boolean,
): boolean {
  return frame !== null && frame !== undefined && frame === sender.mainFrame && isOwnPage(frame.url);
}

export function serveIpc(options: IpcChannelOptions): void {
  const pipesByContents = new Map<number, Map<number, Pipe>>();

  const trusted = (event: IpcMainEvent) => isTrustedSender(event.sender, event.senderFrame, options.isOwnPage);

  const drop = (contents: WebContents, id: number, tellsPage: boolean) => {
    const pipe = pipesByContents.get(contents.id)?.get(id);
    if (pipe === undefined) return;
    pipesByContents.get(contents.id)?.delete(id);
    if (tellsPage && !contents.isDestroyed()) contents.send(IPC.disconnect, id);
    pipe.onClose();
  };

  const pipesOf = (contents: WebContents): Map<number, Pipe> => {
    const known = pipesByContents.get(contents.id);
    if (known !== undefined) return known;
    const pipes = new Map<number, Pipe>();
    pipesByContents.set(contents.id, pipes);
    // A page that is gone, or loaded anew, has no connections left.
    const dropAll = () => {
      for (const id of pipes.keys()) drop(contents, id, false);
    };
    contents.on("did-navigate", dropAll);
    contents.once("destroyed", () => {
      dropAll();
      pipesByContents.delete(contents.id);
    });
    return pipes;
  };

  ipcMain.on(IPC.connect, (event, id: unknown) => {
    const contents = event.sender;
    if (!trusted(event) || typeof id !== "number" || pipesOf(contents).has(id)) return;
    if (pipesOf(contents).size >= CONNECTIONS_MAX) {
      contents.send(IPC.disconnect, id);
      return;
    }
    const pipe: Pipe = { contents, onText: () => undefined, onClose: () => undefined };
    pipesOf(contents).set(id, pipe);
    const channel = textChannel<HostFrame>({
      send: (text) => {
        if (!contents.isDestroyed()) contents.send(IPC.frame, id, text);
      },
      onText: (listener) => {
        pipe.onText = listener;
      },
      onClose: (listener) => {
        pipe.onClose = listener;
      },
      close: () => drop(contents, id, true),
    });
    options.onConnect(channel, contents);
  });

  ipcMain.on(IPC.frame, (event, id: unknown, text: unknown) => {
    if (!trusted(event) || typeof id !== "number" || typeof text !== "string") return;
    if (text.length > limits.FRAME_BYTES_MAX) drop(event.sender, id, true);
    else pipesByContents.get(event.sender.id)?.get(id)?.onText(text);
  });

  ipcMain.on(IPC.disconnect, (event, id: unknown) => {
    if (trusted(event) && typeof id === "number") drop(event.sender, id, false);
  });
}
