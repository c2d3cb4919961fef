/** Composition root of the desktop app. */
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { HostChannel } from "@softadastra/inspector-contract";
import { app, BrowserWindow, dialog, nativeTheme, protocol, screen, session } from "electron";
import { createInspector } from "../inspector/inspector.ts";
import { Connection } from "../inspector/server/connection.ts";
import { APP_VERSION } from "../inspector/version.ts";
import { serveIpc } from "./ipc-channel.ts";
import { fileFromArguments } from "./launch-arguments.ts";
import { installMenu } from "./menu.ts";
import { PAGE_SCHEME, PAGE_URL, pageHandler } from "./page-protocol.ts";
import { hardenContents, hardenSession, isTrustedPage, pagePreferences } from "./security.ts";
import { clampBounds, HEIGHT_MIN, parseWindowState, WIDTH_MIN } from "./window-state.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Set by `npm run dev`: the page comes from the bundler, which reloads it. Never in a packaged app. */
const developmentUrl = app.isPackaged ? undefined : process.env.ELECTRON_RENDERER_URL;
const developmentOrigin = developmentUrl === undefined ? null : new URL(developmentUrl).origin;
/** What a file is, by the ending of the name it is suggested under; a log unless told. */
const SAVED_AS: Record<string, { name: string; extensions: string[] } | undefined> = {
  ".ndjson": { name: "NDJSON", extensions: ["ndjson"] },
  ".json": { name: "JSON", extensions: ["json"] },
  ".csv": { name: "CSV", extensions: ["csv"] },
};
/** A page that has not answered by then hangs: a second attempt to close its window closes it. */
const CLOSE_ANSWER_MS = 3_000;
/** Accepted writes are on the disk long before; a dead disk must not keep the process for ever. */
const END_MS_MAX = 5_000;

protocol.registerSchemesAsPrivileged([
  { scheme: PAGE_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
]);
app.setName("Softadastra Inspector");

if (app.requestSingleInstanceLock()) void start();
else app.quit();

async function start(): Promise<void> {
  let window: BrowserWindow | null = null;
  let isCloseConfirmed = false;
  let closeAskedMs = 0;
  let connectionCount = 0;

  const { desk, handlers } = createInspector(
    {
      workerUrl: new URL("./worker.js", import.meta.url),
      dataDirectory: app.getPath("userData"),
      samplesDirectory: join(app.getAppPath(), "resources/samples"),
    },
    {
      version: APP_VERSION,
      host: "electron",
      async showOpenDialog(purpose) {
        const isRows = purpose === "rows";
        const options = {
          title: isRows ? "Import rows" : "Open a write-ahead log",
          properties: ["openFile" as const],
          filters: [
            isRows
              ? { name: "Rows, one JSON object a line", extensions: ["ndjson", "jsonl"] }
              : { name: "Write-ahead logs", extensions: ["wal"] },
            { name: "All files", extensions: ["*"] },
          ],
        };
        const { canceled, filePaths } = await (window
          ? dialog.showOpenDialog(window, options)
          : dialog.showOpenDialog(options));
        return canceled ? null : (filePaths[0] ?? null);
      },
      async showSaveDialog(suggestedName, title) {
        const options = {
          title,
          defaultPath: suggestedName,
          filters: [SAVED_AS[extname(suggestedName)] ?? { name: "Write-ahead logs", extensions: ["wal"] }],
        };
        const { canceled, filePath } = await (window
          ? dialog.showSaveDialog(window, options)
          : dialog.showSaveDialog(options));
        return canceled ? null : filePath;
      },
      confirmClose() {
        isCloseConfirmed = true;
        window?.close();
      },
      describeWindow(title, draftCount) {
        window?.setTitle(title);
        window?.setDocumentEdited(draftCount > 0);
      },
    },
  );

  const openFile = (path: string) => desk.emit("request", { kind: "open", path });
  desk.startPath = fileFromArguments(process.argv, process.cwd(), app.isPackaged);

  app.on("open-file", (event, path) => {
    event.preventDefault();
    // Before the page listens, the system may hand over the file the app was started with.
    if (connectionCount === 0) desk.startPath = path;
    else openFile(path);
  });
  app.on("second-instance", (_event, argv, workingDirectory) => {
    if (window?.isMinimized()) window.restore();
    window?.show();
    window?.focus();
    const path = fileFromArguments(argv, workingDirectory, app.isPackaged);
    if (path !== null) openFile(path);
  });
  app.on("web-contents-created", (_event, contents) => hardenContents(contents, developmentOrigin));

  serveIpc({
    isOwnPage: (url) => isTrustedPage(url, developmentOrigin),
    onConnect: (channel) => connect(channel),
  });

  function connect(channel: HostChannel): void {
    connectionCount += 1;
    channel.onClose(() => undefined);
    new Connection(channel, {
      handlers,
      events: desk,
      checksOutputs: !app.isPackaged,
      log: (message, error) => console.error(message, error),
    });
  }

  async function createWindow(): Promise<void> {
    const state = parseWindowState((await desk.settings.all()).window);
    const displays = screen.getAllDisplays().map((display) => display.workArea);
    const isDark = nativeTheme.shouldUseDarkColors;
    const created = new BrowserWindow({
      ...clampBounds(state.bounds, displays),
      minWidth: WIDTH_MIN,
      minHeight: HEIGHT_MIN,
      show: false,
      title: "Softadastra Inspector",
      backgroundColor: isDark ? "#101114" : "#f3f4f6",
      icon: join(app.getAppPath(), "resources/icon.png"),
      webPreferences: pagePreferences(here("../preload/index.cjs")),
    });
    window = created;
    if (state.isMaximized) created.maximize();
    created.once("ready-to-show", () => created.show());
    created.on("close", (event) => {
      void rememberWindow(created);
      if (isCloseConfirmed || connectionCount === 0) return;
      const isHanging = closeAskedMs > 0 && Date.now() - closeAskedMs > CLOSE_ANSWER_MS;
      if (isHanging) return;
      event.preventDefault();
      closeAskedMs ||= Date.now();
      desk.emit("request", { kind: "close" });
    });
    created.once("closed", () => {
      window = null;
    });
    await created.loadURL(developmentUrl ?? PAGE_URL);
  }

  function rememberWindow(target: BrowserWindow): Promise<void> {
    const value = JSON.stringify({ bounds: target.getNormalBounds(), isMaximized: target.isMaximized() });
    return desk.settings.write("window", value).catch(() => undefined);
  }

  await app.whenReady();
  hardenSession(session.defaultSession, developmentOrigin);
  protocol.handle(PAGE_SCHEME, pageHandler(here("../renderer")));
  installMenu((id) => desk.emit("request", { kind: "command", command: id }));
  await createWindow();

  app.on("window-all-closed", () => app.quit());
  let hasEnded = false;
  app.on("will-quit", (event) => {
    if (hasEnded) return;
    event.preventDefault();
    const late = new Promise<void>((resolve) => setTimeout(resolve, END_MS_MAX));
    void Promise.race([desk.end(), late])
      .catch((error: unknown) => console.error("the open file could not be closed:", error))
      .finally(() => {
        hasEnded = true;
        app.quit();
      });
  });
}
