/** Composition root of the browser host: `node out/main/web.js [file.wal] [--port n] [--open]`. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { fail, type SessionState } from "@softadastra/inspector-contract";
import { createInspector } from "../inspector/inspector.ts";
import { dataDirectory } from "../inspector/sessions/data-directory.ts";
import type { Desk } from "../inspector/sessions/desk.ts";
import { APP_VERSION } from "../inspector/version.ts";
import { readArguments, type WebArguments } from "./arguments.ts";
import { startWebServer } from "./server.ts";
import { summarize } from "./summary.ts";

function readArgumentsOrExit(): WebArguments {
  try {
    return readArguments(process.argv.slice(2));
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(2);
  }
}

function openBrowser(address: string): void {
  const [command, ...args] =
    process.platform === "darwin"
      ? ["open", address]
      : process.platform === "win32"
        ? ["cmd", "/c", "start", "", address]
        : ["xdg-open", address];
  const child = spawn(command as string, args, { stdio: "ignore", detached: true });
  const sayFailed = () => console.log("No browser could be started; open the address yourself.");
  child.on("error", sayFailed);
  child.on("exit", (code) => {
    if (code !== 0) sayFailed();
  });
  child.unref();
}

/** Waits until the opened file is read to its end, or reading failed. */
async function indexed(desk: Desk): Promise<SessionState | null> {
  for (;;) {
    const state = desk.session?.state() ?? null;
    if (state === null || (state.indexing.phase !== "reading" && state.indexing.phase !== "searching")) return state;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function openFile(desk: Desk, file: string): Promise<void> {
  const opened = await desk.open(file).catch((error: Error) => fail("NotFound", error.message));
  if ("ok" in opened) {
    console.log(opened.error.message);
    desk.startPath = file;
    return;
  }
  // What is no log is shown on the page too.
  if (opened.kind !== "session") desk.startPath = file;
  if (opened.kind === "session") {
    const state = await indexed(desk);
    const session = desk.session;
    if (state !== null && session !== null) console.log(summarize(state, await session.thread.view.health()));
  } else if (opened.kind === "folder")
    console.log(`${opened.path} is a folder with ${opened.logs.length} logs; choose one on the page.`);
  else console.log(`${opened.path} is not a Softadastra write-ahead log; the page offers to look closer.`);
}

async function main(): Promise<void> {
  const args = readArgumentsOrExit();
  const token = randomBytes(24).toString("base64url");
  const { desk, handlers } = createInspector(
    {
      workerUrl: new URL("./worker.js", import.meta.url),
      dataDirectory: args.dataDirectory ?? dataDirectory(),
      samplesDirectory: fileURLToPath(new URL("../../resources/samples", import.meta.url)),
    },
    { version: APP_VERSION, host: "browser" },
  );
  const server = await startWebServer({
    handlers,
    events: desk,
    token,
    pageDirectory: new URL("../renderer/", import.meta.url),
    port: args.port,
    log: (message, error) => console.error(message, error),
  });
  const address = `${server.origin}/#token=${token}`;
  console.log(`Softadastra Inspector is at ${address}`);
  if (args.file !== null) await openFile(desk, resolve(args.file));
  console.log("Press Ctrl+C to end.");
  if (args.opensBrowser) openBrowser(address);

  let isEnding = false;
  const end = async () => {
    if (isEnding) return;
    isEnding = true;
    await server.close();
    await desk.end();
    process.exit(0);
  };
  process.on("SIGINT", () => void end());
  process.on("SIGTERM", () => void end());
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
});
