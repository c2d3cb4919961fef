/** A browser host on a free port of the loopback, with a page of the test's own, and ways to knock at it: rightly and wrongly. */
import fs from "node:fs";
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from "node:http";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type ClientChannel, type ClientFrame, limits, textChannel } from "@softadastra/inspector-contract";
import { onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { createInspector } from "../inspector/inspector.ts";
import { TEST_WORKER_URL, tempDirectory } from "../inspector/testing.ts";
import { startWebServer, type WebServer } from "./server.ts";

export const TOKEN = "the-token-of-this-launch";
export const SECRET = "what lies outside";

export const hello = { t: "hello", v: limits.PROTOCOL_VERSION, token: TOKEN };
export const call = { t: "call", id: 1, command: "app.info", input: {} };

export interface TestHost {
  readonly server: WebServer;
  readonly port: number;
  /** Directory of the page, and the one above it, which holds secrets. */
  readonly root: string;
  readonly above: string;
  /** Commands that were run, in order. */
  readonly ran: string[];
}

export async function startHost(port = 0): Promise<TestHost> {
  const above = tempDirectory();
  const root = join(above, "page");
  fs.mkdirSync(join(root, "assets"), { recursive: true });
  fs.writeFileSync(join(root, "index.html"), "<title>the page</title>");
  fs.writeFileSync(join(root, "assets/index.js"), "export {};");
  fs.writeFileSync(join(above, "secret.js"), SECRET);
  const repository = join(import.meta.dirname, "../..");
  const { desk, handlers } = createInspector(
    {
      workerUrl: TEST_WORKER_URL,
      dataDirectory: join(above, "inspector-data"),
      samplesDirectory: join(repository, "resources/samples"),
    },
    { version: "0.0.0-test", host: "browser" },
  );
  const ran: string[] = [];
  const watched = new Proxy(handlers, {
    get(target, name, receiver) {
      ran.push(String(name));
      return Reflect.get(target, name, receiver);
    },
  });
  const pageDirectory = pathToFileURL(`${root}/`);
  const server = await startWebServer({ handlers: watched, events: desk, token: TOKEN, pageDirectory, port });
  onTestFinished(async () => {
    await server.close();
    await desk.end();
  });
  return { server, port: Number(new URL(server.origin).port), root, above, ran };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** One request with a path exactly as given: `fetch` would tidy it up first. */
export function ask(
  host: TestHost,
  path: string,
  options: { method?: string; headers?: OutgoingHttpHeaders } = {},
): Promise<Answer> {
  const { method = "GET", headers = {} } = options;
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port: host.port, path, method, headers, agent: false }, (response) => {
      const pieces: Buffer[] = [];
      response.on("data", (piece: Buffer) => pieces.push(piece));
      response.on("error", reject);
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(pieces) }),
      );
    });
    sent.on("error", reject);
    sent.end();
  });
}

export interface Knock {
  readonly path?: string;
  readonly origin?: string | null;
  readonly host?: string;
}

/** A WebSocket as a page opens one; rejects with the status when it is refused. */
export function openSocket(host: TestHost, knock: Knock = {}): Promise<WebSocket> {
  const { path = "/channel", origin = host.server.origin } = knock;
  const socket = new WebSocket(`ws://127.0.0.1:${host.port}${path}`, {
    headers: { ...(origin === null ? {} : { origin }), ...(knock.host === undefined ? {} : { host: knock.host }) },
  });
  onTestFinished(() => socket.terminate());
  return new Promise((resolve, reject) => {
    socket.once("open", () => {
      socket.on("error", () => undefined);
      resolve(socket);
    });
    socket.once("error", reject);
    socket.once("unexpected-response", (sent, response) => {
      reject(new Error(`refused with ${response.statusCode}`));
      sent.destroy();
    });
  });
}

/** "open", or how it was refused. */
export async function outcomeOf(host: TestHost, knock: Knock): Promise<string> {
  try {
    (await openSocket(host, knock)).terminate();
    return "open";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** What comes back for messages sent in one go, until the host closes the connection; "open" when it does not. */
export async function tell(
  host: TestHost,
  messages: readonly (string | Buffer)[],
  waitMs = 2_000,
): Promise<{ received: unknown[]; ended: number | "open" }> {
  const socket = await openSocket(host);
  const received: unknown[] = [];
  socket.on("message", (data) => received.push(JSON.parse(String(data))));
  const ended = new Promise<number | "open">((resolve) => {
    const timer = setTimeout(() => resolve("open"), waitMs);
    socket.once("close", (code) => {
      clearTimeout(timer);
      resolve(code);
    });
  });
  for (const message of messages) socket.send(message);
  return { ended: await ended, received };
}

/** The page's end of the contract over a socket. */
export async function openChannel(host: TestHost): Promise<ClientChannel> {
  const socket = await openSocket(host);
  return textChannel<ClientFrame>({
    send: (text) => socket.send(text),
    onText: (listener) => socket.on("message", (data) => listener(String(data))),
    onClose: (listener) => socket.once("close", listener),
    close: () => socket.close(),
  });
}
