/** The main process of a tiny app that uses every part of Electron the stand-in emulates; a spec drives it. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { extname, join } from "node:path";
import { Worker } from "node:worker_threads";
import { app, BrowserWindow, dialog, ipcMain, Menu, protocol, screen, session } from "electron";
import * as electronMain from "electron/main";

const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self' wss://sockets.example; worker-src 'self'; " +
  "base-uri 'none'; form-action 'self'; frame-src 'self'; frame-ancestors 'self'";
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8" };
const folder = import.meta.dirname;

/** The message of what is thrown. @param {() => unknown} act */
const refusal = (act) => {
  try {
    act();
    return "done";
  } catch (error) {
    return error.message;
  }
};

/** What a spec reads and changes through electronApp.evaluate(). */
const fixture = {
  events: [],
  requests: [],
  permissionRequests: [],
  permissionChecks: [],
  windowsAsked: [],
  handled: [],
  allowNavigation: false,
  allowPermission: false,
  allowWindow: false,
  cancelUrl: "",
  preventClose: false,
  readyBeforeLoad: app.isReady(),
  tooEarly: [
    refusal(() => new BrowserWindow()),
    refusal(() => session.defaultSession),
    refusal(() => screen.getPrimaryDisplay()),
    refusal(() => dialog.showMessageBox({ message: "too early" })),
  ],
  lock: app.requestSingleInstanceLock({ from: "fixture" }),
  requiredElectronIsSame: createRequire(import.meta.url)("electron").app === app && electronMain.app === app,
};
globalThis.fixture = fixture;
const note = (...event) => fixture.events.push(event);

if (!fixture.lock) app.exit(3);
protocol.registerSchemesAsPrivileged([
  { scheme: "app", privileges: { standard: true, secure: true, supportFetchAPI: true } },
]);
for (const name of ["before-quit", "will-quit", "quit"]) app.on(name, () => process.stdout.write(`app ${name}\n`));
app.on("browser-window-created", (_event, window) => note("browser-window-created", window.id));
app.on("web-contents-created", (_event, contents) => note("web-contents-created", contents.id));
app.on("second-instance", (_event, argv, cwd, data) => note("second-instance", argv, cwd, data));

const ANSWERS = {
  "/missing": () => new Response("no", { status: 404 }),
  "/forbidden": () => new Response("no", { status: 403 }),
  "/method": (request) => new Response(null, { status: request.method === "POST" ? 204 : 405 }),
  "/redirect": () => new Response(null, { status: 302, headers: { location: "/page.html?redirected" } }),
  "/throws": () => {
    throw new Error("handler failed");
  },
  "/bytes": () => new Response(Uint8Array.of(0, 255, 128, 13, 10), { headers: { "x-kind": "bytes" } }),
  "/stream": () => {
    const parts = ["one ", "two ", "three"];
    const pull = (controller) => {
      if (parts.length === 0) controller.close();
      else controller.enqueue(new TextEncoder().encode(parts.shift()));
    };
    return new Response(new ReadableStream({ pull }));
  },
  "/echo": async (request) => {
    const headers = Object.fromEntries(request.headers);
    const body = [...new Uint8Array(await request.arrayBuffer())];
    return Response.json({ url: request.url, method: request.method, headers, body });
  },
};

async function serve(request) {
  const { pathname, host } = new URL(request.url);
  fixture.handled.push(request.url);
  if (host !== "fixture") return new Response("no", { status: 404 });
  if (ANSWERS[pathname]) return ANSWERS[pathname](request);
  const body = await readFile(join(folder, pathname)).catch(() => null);
  if (!body) return new Response("no", { status: 404 });
  return new Response(body, {
    headers: { "content-type": TYPES[extname(pathname)] ?? "", "content-security-policy": CSP },
  });
}

function guard(contents) {
  for (const name of ["will-navigate", "will-frame-navigate", "will-redirect"]) {
    contents.on(name, (event) => {
      note(name, event.url);
      // An app that prevented the main frame's will-frame-navigate would never see its will-navigate.
      const isTheirs = name !== "will-frame-navigate" || !event.isMainFrame;
      if (isTheirs && !fixture.allowNavigation) event.preventDefault();
    });
  }
  for (const name of ["did-navigate", "did-navigate-in-page", "did-finish-load", "dom-ready", "did-start-loading"]) {
    contents.on(name, (_event, url) => note(name, url));
  }
  contents.on("did-fail-load", (_event, code, description, url, isMain) =>
    note("did-fail-load", code, description, url, isMain),
  );
  contents.on("console-message", ({ level, message }) => note("console-message", level, message));
  contents.on("render-process-gone", (_event, details) => note("render-process-gone", details.reason));
  contents.on("destroyed", () => note("destroyed", contents.id));
  contents.setWindowOpenHandler((details) => {
    fixture.windowsAsked.push(details);
    return { action: fixture.allowWindow ? "allow" : "deny" };
  });
}

function secure() {
  const { defaultSession } = session;
  defaultSession.setPermissionRequestHandler((_contents, permission, callback, details) => {
    fixture.permissionRequests.push([permission, details.requestingUrl]);
    callback(fixture.allowPermission);
  });
  defaultSession.setPermissionCheckHandler((_contents, permission, origin) => {
    fixture.permissionChecks.push([permission, origin]);
    return fixture.allowPermission;
  });
  defaultSession.webRequest.onBeforeRequest((details, callback) => {
    fixture.requests.push([details.url, details.resourceType, details.webContents?.id]);
    callback({ cancel: fixture.cancelUrl !== "" && details.url.includes(fixture.cancelUrl) });
  });
}

function answerCalls() {
  ipcMain.handle("echo", (_event, value) => value);
  ipcMain.handle("who", ({ sender, senderFrame }) => ({
    url: senderFrame.url,
    origin: senderFrame.origin,
    parent: senderFrame.parent,
    isMainFrame: senderFrame === sender.mainFrame,
    id: sender.id,
  }));
  ipcMain.handle("fail", () => {
    throw new RangeError("nope");
  });
  ipcMain.handle("uncloneable", () => ({ call() {} }));
  ipcMain.handleOnce("once", () => "first");
  ipcMain.on("post", (event, ...args) => {
    note("post", ...args);
    event.reply("posted", ...args);
  });
  ipcMain.on("leaving", (_event, reason) => note("leaving", reason));
}

/** @param {object} [options] */
fixture.open = (options = {}) => {
  const window = new BrowserWindow({
    width: 900,
    height: 640,
    show: false,
    title: "Before the page's title",
    ...options,
    webPreferences: {
      preload: join(folder, "preload.cjs"),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      additionalArguments: ["--fixture-argument"],
    },
  });
  window.on("close", (event) => {
    note("close", window.id);
    if (fixture.preventClose) event.preventDefault();
  });
  for (const name of [
    "closed",
    "ready-to-show",
    "show",
    "hide",
    "focus",
    "blur",
    "resize",
    "move",
    "maximize",
    "unmaximize",
  ]) {
    window.on(name, () => note(name));
  }
  guard(window.webContents);
  window.once("ready-to-show", () => window.show());
  fixture.loaded = window.loadURL("app://fixture/page.html");
  return window;
};

/** Adds in a worker thread, as an app's long work would be done. */
fixture.addInWorker = (a, b) =>
  new Promise((resolve, reject) => {
    const code =
      "const { parentPort, workerData: [a, b] } = require('node:worker_threads'); parentPort.postMessage(a + b);";
    const worker = new Worker(code, { eval: true, workerData: [a, b] });
    worker.once("message", resolve);
    worker.once("error", reject);
  });

app.whenReady().then(() => {
  protocol.handle("app", serve);
  secure();
  answerCalls();
  const click = (item, window) => note("menu", item.id, window?.id);
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([
      { label: "File", submenu: [{ id: "open", label: "Open", accelerator: "CmdOrCtrl+O", click }, { role: "quit" }] },
      { role: "viewMenu" },
    ]),
  );
  fixture.open();
});
