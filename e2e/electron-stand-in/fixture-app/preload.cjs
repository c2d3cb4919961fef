/** The preload of the fixture app: a bridge with one of everything that can cross it. */
const { contextBridge, ipcRenderer, webUtils } = require("electron");

globalThis.preloadSecret = "not for the page";

const listeners = new Map();

let lastListener;

const requireError = (id) => {
  try {
    require(id);
    return "loaded";
  } catch (error) {
    return error.message;
  }
};

contextBridge.exposeInMainWorld("bridge", {
  constant: { list: [1, "two"], nested: { date: new Date(5) } },
  invoke: (channel, ...args) => ipcRenderer.invoke(channel, ...args),
  send: (channel, ...args) => ipcRenderer.send(channel, ...args),
  on: (channel, listener) => {
    const wrapped = (_event, ...args) => listener(...args);
    listeners.set(channel, wrapped);
    ipcRenderer.on(channel, wrapped);
  },
  off: (channel) => ipcRenderer.removeListener(channel, listeners.get(channel)),
  pathOf: (file) => webUtils.getPathForFile(file),
  add: (a, b) => a + b,
  callBack: (callback, value) => callback(value),
  isSameFunction: (a, b) => a === b,
  isLastFunction: (listener) => {
    const isLast = listener === lastListener;
    lastListener = listener;
    return isLast;
  },
  returnArgument: (value) => value,
  describe: (value) => Object.prototype.toString.call(value),
  throwError: () => {
    throw Object.assign(new RangeError("from the preload"), { code: 7 });
  },
  throwString: () => {
    throw "just text";
  },
  rejectLater: async () => {
    throw new Error("rejected in the preload");
  },
  cyclic: () => {
    const object = { value: 135 };
    object.self = object;
    return object;
  },
  environment: () => ({
    argv: process.argv.at(-1),
    contextIsolated: process.contextIsolated,
    electron: process.versions.electron,
    platform: process.platform,
    sandboxed: process.sandboxed,
    type: process.type,
    hasBridge: "bridge" in globalThis,
    requireFs: requireError("fs"),
  }),
  exposeAgain: () => contextBridge.exposeInMainWorld("bridge", {}),
});

addEventListener("pagehide", () => ipcRenderer.send("leaving", "pagehide"));
