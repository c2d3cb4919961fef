/** The browser host as a process of its own: what it prints, how it ends. */
import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type ClientFrame, createClient, type InspectorClient, textChannel } from "@softadastra/inspector-contract";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { TEST_WORKER_URL, tempDirectory } from "../inspector/testing.ts";

const REPOSITORY = join(import.meta.dirname, "../..");
const BUILT = fs.mkdtempSync(join(tmpdir(), "softadastra-web-"));

beforeAll(async () => {
  const conditions = ["source", "module", "node", "development|production"];
  await build({
    configFile: false,
    logLevel: "error",
    resolve: { conditions },
    ssr: { noExternal: true, resolve: { conditions } },
    build: {
      ssr: join(import.meta.dirname, "main.ts"),
      outDir: join(BUILT, "out/main"),
      rolldownOptions: { output: { entryFileNames: "web.js" } },
    },
  });
  fs.writeFileSync(join(BUILT, "package.json"), '{ "type": "module" }');
  // With the pieces that it shares with other programs of the tests.
  fs.cpSync(fileURLToPath(new URL(".", TEST_WORKER_URL)), join(BUILT, "out/main"), { recursive: true });
  fs.mkdirSync(join(BUILT, "out/renderer"));
  fs.writeFileSync(join(BUILT, "out/renderer/index.html"), "<title>the page</title>");
}, 60_000);
afterAll(() => fs.rmSync(BUILT, { recursive: true, force: true }));

interface Run {
  readonly child: ChildProcess;
  readonly ended: Promise<number | string>;
  /** What was printed up to now. */
  output(): string;
  printed(text: string): Promise<string>;
}

function run(...args: string[]): Run {
  const data = join(tempDirectory(), "data");
  const child = spawn(process.execPath, [join(BUILT, "out/main/web.js"), "--data-directory", data, ...args]);
  let output = "";
  child.stdout.on("data", (piece: Buffer) => {
    output += String(piece);
  });
  child.stderr.on("data", (piece: Buffer) => {
    output += String(piece);
  });
  const ended = new Promise<number | string>((resolve) => {
    child.once("close", (code, signal) => resolve(code ?? signal ?? "nothing"));
  });
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  const printed = async (text: string) => {
    for (let i = 0; i < 500 && !output.includes(text) && child.exitCode === null; i += 1) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    if (!output.includes(text)) throw new Error(`${JSON.stringify(text)} was not printed, but: ${output}`);
    return output;
  };
  return { child, ended, output: () => output, printed };
}

const sample = (name: string) => join(REPOSITORY, "resources/samples", `${name}.wal`);

function addressIn(output: string): { origin: string; token: string } {
  const [, origin, token] = /is at (http:\/\/127\.0\.0\.1:\d+)\/#token=([\w-]+)$/m.exec(output) ?? [];
  if (origin === undefined || token === undefined) throw new Error(`no address in: ${output}`);
  return { origin, token };
}

async function openClient({ origin, token }: { origin: string; token: string }): Promise<InspectorClient> {
  const socket = new WebSocket(`${origin.replace("http", "ws")}/channel`, { origin });
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  const channel = textChannel<ClientFrame>({
    send: (text) => socket.send(text),
    onText: (listener) => socket.on("message", (data) => listener(String(data))),
    onClose: (listener) => socket.once("close", listener),
    close: () => socket.terminate(),
  });
  const client = createClient(channel, token);
  onTestFinished(() => client.close());
  expect(await client.welcomed).toBe(true);
  return client;
}

describe("the browser host, started", { timeout: 30_000 }, () => {
  test("with a file prints its address, the five lines of what was recovered, and how to end it", async () => {
    const before = fs.statSync(sample("torn"));
    const host = run(sample("torn"));
    const lines = (await host.printed("Press Ctrl+C to end.")).trimEnd().split("\n");
    expect(lines).toHaveLength(7);
    expect(lines.slice(1, 6).map((line) => line.trim().split("  ", 1)[0])).toEqual([
      "records",
      "keys",
      "verdict",
      "set aside",
      "outbox",
    ]);
    const { origin, token } = addressIn(host.output());
    expect(token.length).toBeGreaterThanOrEqual(32);
    expect(await (await fetch(`${origin}/`)).text()).toBe("<title>the page</title>");
    const client = await openClient({ origin, token });
    const current = await client.call("session.current", {});
    expect(current).toMatchObject({ ok: true, value: { state: { path: sample("torn"), mode: "inspect" } } });
    expect(fs.statSync(sample("torn"))).toMatchObject({ size: before.size, mtimeMs: before.mtimeMs });
  });

  test("without a file prints its address and waits; each launch has another token", async () => {
    const hosts = [run(), run()];
    const tokens = [];
    for (const host of hosts) tokens.push(addressIn(await host.printed("Press Ctrl+C to end.")).token);
    expect(new Set(tokens).size).toBe(2);
  });

  test("with a file that is not there, a folder, or no log says so and serves on", async () => {
    const directory = tempDirectory();
    fs.writeFileSync(join(directory, "notes.txt"), "no log at all");
    for (const [path, words] of [
      [join(directory, "absent.wal"), "absent.wal"],
      [directory, "is a folder with 0 logs; choose one on the page"],
      [join(directory, "notes.txt"), "is not a Softadastra write-ahead log"],
    ] as const) {
      const host = run(path);
      const output = await host.printed("Press Ctrl+C to end.");
      expect(output).toContain(words);
      const client = await openClient(addressIn(output));
      expect(await client.call("app.info", {})).toMatchObject({ ok: true, value: { startPath: path } });
    }
  });

  test.each(["SIGINT", "SIGTERM"] as const)("ends with status 0 on %s, with pages connected", async (signal) => {
    const host = run(sample("demo"));
    const client = await openClient(addressIn(await host.printed("Press Ctrl+C to end.")));
    const closed = new Promise((resolve) => client.onClosed(resolve));
    host.child.kill(signal);
    expect(await host.ended).toBe(0);
    await closed;
  });

  test("wrongly ends with status 2 and one sentence", async () => {
    for (const args of [["--port", "x"], ["a.wal", "b.wal"], ["--nonsense"]]) {
      const host = run(...args);
      expect([args, await host.ended]).toEqual([args, 2]);
      expect(host.output().trimEnd().split("\n")).toHaveLength(1);
    }
  });

  test("on a port that is taken ends with status 1 and says so", async () => {
    const { origin } = addressIn(await run().printed("Press Ctrl+C to end."));
    const second = run("--port", new URL(origin).port);
    expect(await second.ended).toBe(1);
    expect(second.output()).toContain("EADDRINUSE");
  });
});
