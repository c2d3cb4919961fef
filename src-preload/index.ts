/** The preload: one bridge over ipcRenderer, nothing else. Runs sandboxed, in a world of its own. */
import { BRIDGE_NAME, type Bridge, IPC } from "@softadastra/inspector-contract/bridge";
import { contextBridge, ipcRenderer, webUtils } from "electron";

interface Ends {
  readonly onText: (text: string) => void;
  readonly onClose: () => void;
}

const endsById = new Map<number, Ends>();
let nextId = 1;

// The page never sees the event object: it carries the sender.
ipcRenderer.on(IPC.frame, (_event, id: unknown, text: unknown) => {
  if (typeof id === "number" && typeof text === "string") endsById.get(id)?.onText(text);
});
ipcRenderer.on(IPC.disconnect, (_event, id: unknown) => {
  if (typeof id !== "number") return;
  const ends = endsById.get(id);
  endsById.delete(id);
  ends?.onClose();
});

const bridge: Bridge = {
  connect(onText, onClose) {
    const id = nextId++;
    endsById.set(id, { onText, onClose });
    ipcRenderer.send(IPC.connect, id);
    return {
      send: (text) => {
        if (endsById.has(id)) ipcRenderer.send(IPC.frame, id, String(text));
      },
      close: () => {
        if (!endsById.delete(id)) return;
        ipcRenderer.send(IPC.disconnect, id);
        onClose();
      },
    };
  },
  pathOf(file) {
    // Not a File: then it has no path.
    return file instanceof File ? webUtils.getPathForFile(file) : "";
  },
};

contextBridge.exposeInMainWorld(BRIDGE_NAME, bridge);
