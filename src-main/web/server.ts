/**
 * The browser host: the same page and the same contract, over HTTP and one WebSocket a page, on the loopback only.
 * Anybody on this machine can reach the port, and so can any page in the browser: a wrong Host or Origin is refused, and
 * the first frame must bring the token that only the printed address has.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { fileURLToPath } from "node:url";
import { type Handlers, type HostFrame, limits, textChannel } from "@softadastra/inspector-contract";
import { type WebSocket, WebSocketServer } from "ws";
import { SECURITY_HEADERS } from "../inspector/content-policy.ts";
import { readPageFile } from "../inspector/page-files.ts";
import { type CallContext, Connection, type EventSource } from "../inspector/server/connection.ts";

export interface WebServerOptions {
  readonly handlers: Handlers<CallContext>;
  readonly events: EventSource;
  readonly token: string;
  /** Directory of the built page. */
  readonly pageDirectory: URL;
  /** 0 takes a free one. */
  readonly port: number;
  readonly log?: (message: string, error: unknown) => void;
}

export interface WebServer {
  readonly origin: string;
  close(): Promise<void>;
}

const HOST = "127.0.0.1";
const CHANNEL_PATH = "/channel";
/** A connection that has not sent its first frame by then is not the page. */
const HELLO_MS_MAX = 5_000;
/** Tabs a person has open; more is somebody trying. */
const CONNECTIONS_MAX = 16;

export async function startWebServer(options: WebServerOptions): Promise<WebServer> {
  const root = fileURLToPath(options.pageDirectory);
  const server = createServer((request, response) => void answerRequest(server, root, request, response));
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: limits.FRAME_BYTES_MAX,
    perMessageDeflate: false,
    // One frame a turn: a cancelled call must get to free its place before the next call is judged.
    allowSynchronousEvents: false,
  });
  server.on("upgrade", (request, socket, head) => {
    if (!mayConnect(server, request) || sockets.clients.size >= CONNECTIONS_MAX) refuseUpgrade(socket);
    else sockets.handleUpgrade(request, socket, head, (webSocket) => connect(webSocket, options));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, HOST, resolve);
  });
  return {
    origin: originOf(server),
    async close() {
      for (const client of sockets.clients) client.terminate();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** As browsers write it: without the port if it is the usual one of http. */
export function originAt(port: number): string {
  return new URL(`http://${HOST}:${port}`).origin;
}

function originOf(server: Server): string {
  return originAt((server.address() as AddressInfo).port);
}

/** Exactly the printed address: another name that resolves to this machine is an attack on it. */
function hasOwnHost(server: Server, request: IncomingMessage): boolean {
  return `http://${request.headers.host}` === originOf(server);
}

async function answerRequest(
  server: Server,
  root: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
  const end = (status: number, text: string) => response.writeHead(status, { "content-type": "text/plain" }).end(text);
  if (!hasOwnHost(server, request)) return void end(403, "wrong host");
  if (request.method !== "GET" && request.method !== "HEAD") return void end(405, "method not allowed");
  const file = await readPageFile(root, request.url ?? "");
  if (file === null) return void end(404, "not found");
  const headers = { "content-type": file.type, "content-length": file.bytes.length, "cache-control": "no-cache" };
  response.writeHead(200, headers).end(request.method === "HEAD" ? undefined : file.bytes);
}

function mayConnect(server: Server, request: IncomingMessage): boolean {
  return hasOwnHost(server, request) && request.headers.origin === originOf(server) && request.url === CHANNEL_PATH;
}

function refuseUpgrade(socket: Duplex): void {
  // Who is refused may break off before it is told, which is nobody's error, or never end its side, which is not waited for.
  socket.on("error", () => undefined);
  socket.once("finish", () => socket.destroy());
  socket.end("HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
}

function connect(webSocket: WebSocket, options: WebServerOptions): void {
  const deadline = setTimeout(() => webSocket.terminate(), HELLO_MS_MAX);
  webSocket.once("message", () => clearTimeout(deadline));
  webSocket.once("close", () => clearTimeout(deadline));
  // A frame over the limit, or one that is no text: the library closes the socket and says so here.
  webSocket.on("error", () => webSocket.terminate());
  const channel = textChannel<HostFrame>({
    send: (text) => webSocket.send(text),
    onText: (listener) => webSocket.on("message", (data, isBinary) => listener(isBinary ? "" : String(data))),
    onClose: (listener) => webSocket.once("close", listener),
    close: () => webSocket.close(),
  });
  new Connection(channel, {
    handlers: options.handlers,
    events: options.events,
    token: options.token,
    ...(options.log ? { log: options.log } : {}),
  });
}
