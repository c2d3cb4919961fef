/**
 * The world a sandboxed preload runs in: its `require`, its `process`, ipcRenderer, contextBridge, webUtils. The function
 * is self-contained, because its source is run inside the page, in an isolated world of every frame.
 *
 * @param {string} token names the few globals that the main process uses in this world
 * @param {ReturnType<typeof import("./codec.mjs").makeCodec>} codec
 * @param {ReturnType<typeof import("./bridge-end.mjs").makeBridgeEnd>} bridge
 * @param {{ process: Record<string, unknown>, preloadPath: string }} info
 */
export function openPreloadWorld(token, codec, bridge, info) {
  const post = globalThis[`${token}Post`];
  delete globalThis[`${token}Post`];

  /** @type {Map<number, { resolve: (data: string) => void, reject: (error: Error) => void }>} */
  const waiting = new Map();
  let nextId = 0;
  const tell = (kind, id, name, data) => post(`${JSON.stringify([kind, id, name])}\n${data}`);
  /** A question to the main process. @returns {Promise<string>} the answer, encoded */
  const ask = (kind, name, data) => {
    nextId += 1;
    const id = nextId;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      tell(kind, id, name, data);
    });
  };

  const makeEmitter = () => {
    /** @type {Map<string, Array<{ listener: Function, isOnce: boolean }>>} */
    const lists = new Map();
    const add = (isOnce, isFirst) =>
      function addListener(name, listener) {
        const entry = { listener, isOnce };
        const list = lists.get(name) ?? [];
        lists.set(name, isFirst ? [entry, ...list] : [...list, entry]);
        return emitter;
      };
    const remove = (name, listener) => {
      const list = lists.get(name) ?? [];
      const at = list.findLastIndex((entry) => entry.listener === listener);
      if (at >= 0) lists.set(name, list.toSpliced(at, 1));
      return emitter;
    };
    const removeAll = (name) => {
      if (name === undefined) lists.clear();
      else lists.delete(name);
      return emitter;
    };
    const emit = (name, ...args) => {
      const list = lists.get(name) ?? [];
      for (const { listener, isOnce } of list) {
        if (isOnce) remove(name, listener);
        listener.apply(emitter, args);
      }
      return list.length > 0;
    };
    const listeners = (name) => (lists.get(name) ?? []).map((entry) => entry.listener);
    const emitter = {
      on: add(false, false),
      addListener: add(false, false),
      once: add(true, false),
      prependListener: add(false, true),
      off: remove,
      removeListener: remove,
      removeAllListeners: removeAll,
      emit,
      listeners,
      listenerCount: (name) => listeners(name).length,
      eventNames: () => [...lists.keys()],
    };
    return emitter;
  };

  const missing = (name) => () => {
    throw new Error(
      `The Electron stand-in does not emulate ${name}. e2e/electron-stand-in/README.md lists what is emulated.`,
    );
  };

  const ipcRenderer = Object.assign(makeEmitter(), {
    send: (channel, ...args) => tell("send", 0, channel, codec.encode(args)),
    invoke: async (channel, ...args) => {
      try {
        return codec.decode(await ask("invoke", channel, codec.encode(args)));
      } catch (error) {
        if (!error?.isFromMain) throw error;
        throw new Error(`Error invoking remote method '${channel}': ${error.message}`);
      }
    },
    sendSync: missing("ipcRenderer.sendSync()"),
    sendToHost: missing("ipcRenderer.sendToHost()"),
    postMessage: missing("ipcRenderer.postMessage()"),
  });

  /** Called by the main process. */
  globalThis[`${token}Deliver`] = (kind, id, name, data) => {
    if (kind === "message") {
      ipcRenderer.emit(name, { sender: ipcRenderer, senderId: 0, ports: [] }, ...codec.decode(data));
      return;
    }
    const question = waiting.get(id);
    waiting.delete(id);
    if (kind === "answer") question?.resolve(data);
    else question?.reject(Object.assign(new Error(data), { isFromMain: true }));
  };

  const contextBridge = {
    exposeInMainWorld: bridge.exposeInMainWorld,
    exposeInIsolatedWorld: missing("contextBridge.exposeInIsolatedWorld()"),
    executeInMainWorld: missing("contextBridge.executeInMainWorld()"),
  };

  // The main process holds a debugger on this statement: it looks up the path and writes it into `answer`. That is
  // the one way by which the page can get an answer before it goes on. The name of the function is how it is recognised.
  const electronStandInAskPath = (_file) => {
    const answer = { path: "" };
    // biome-ignore lint/suspicious/noDebugger: see above
    debugger; // oxlint-disable-line no-debugger
    return answer.path;
  };
  const webUtils = {
    getPathForFile: (file) => {
      if (!(file instanceof File))
        throw new TypeError("getPathForFile expected to receive a File object but one was not provided");
      return electronStandInAskPath(file);
    },
  };

  const electron = { contextBridge, ipcRenderer, webUtils };
  for (const name of ["crashReporter", "nativeImage", "webFrame"]) {
    Object.defineProperty(electron, name, { get: missing(name), enumerable: true });
  }
  const require = (id) => {
    if (id === "electron" || id === "electron/renderer" || id === "electron/common") return electron;
    if (/^(node:)?(events|timers|url)$/.test(id)) return missing(`require("${id}") in a preload`)();
    throw new Error(`module not found: ${id}`);
  };
  const process = Object.assign(makeEmitter(), info.process, { cwd: () => "/", isMainFrame: window === window.top });

  const failed = (error) => {
    console.error(`Unable to load preload script: ${info.preloadPath}`);
    console.error(error);
    tell("preload-error", 0, info.preloadPath, codec.encode(error instanceof Error ? error : new Error(String(error))));
  };
  /** Called once by the script that holds the preload, which Electron runs in the main frame only. */
  globalThis[`${token}Preload`] = (preload) => {
    delete globalThis[`${token}Preload`];
    if (window !== window.top) return;
    const module = { exports: {} };
    const setImmediate = (listener, ...args) => setTimeout(listener, 0, ...args);
    try {
      preload(require, process, undefined, globalThis, setImmediate, clearTimeout, module.exports, module);
    } catch (error) {
      failed(error);
    }
  };

  return {
    tellTitle: (title) => tell("title", 0, title, codec.encode(undefined)),
    mayNavigate: async (url) => codec.decode(await ask("navigate", url, codec.encode(undefined))),
    openWindow: (details) => tell("open-window", 0, "", codec.encode(details)),
    askPermission: async (permission, details) =>
      codec.decode(await ask("permission", permission, codec.encode(details))),
  };
}
