/** What only the browser host could do wrong: talk to other machines, other pages, or anybody without the token. */
import { request } from "node:http";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { WebSocket } from "ws";
import { test as base, expect, startBrowserHost } from "./inspector.ts";

const test = base.extend<{ host_: { origin: string; token: string } }>({
  host_: async ({ directory }, use) => {
    const started = await startBrowserHost({}, join(directory, "data"));
    const url = new URL(started.address);
    await use({ origin: url.origin, token: url.hash.replace("#token=", "") });
    await started.end();
  },
});

function statusOf(origin: string, headers: Record<string, string>, path = "/"): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(origin + path, { headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    sent.on("error", reject);
    sent.end();
  });
}

/** Sends the frames and tells what came back until the host ended the connection, or a moment passed. */
function talk(origin: string, headers: Record<string, string>, frames: readonly (string | Buffer)[]) {
  return new Promise<{ isAccepted: boolean; isEnded: boolean; received: string[] }>((resolve) => {
    const socket = new WebSocket(`${origin.replace("http", "ws")}/channel`, { headers });
    const received: string[] = [];
    let isAccepted = false;
    const finish = (isEnded: boolean) => {
      clearTimeout(late);
      socket.terminate();
      resolve({ isAccepted, isEnded, received });
    };
    const late = setTimeout(() => finish(false), 2_000);
    socket.on("open", () => {
      isAccepted = true;
      for (const frame of frames) socket.send(frame);
    });
    socket.on("message", (data) => received.push(String(data)));
    socket.on("error", () => undefined);
    socket.on("close", () => finish(true));
  });
}

const command = JSON.stringify({ t: "call", id: 1, command: "app.info", input: {} });
const hello = (token?: string) => JSON.stringify({ t: "hello", v: 1, ...(token === undefined ? {} : { token }) });

test("only the printed address is answered", async ({ host_: { origin } }) => {
  const { port } = new URL(origin);
  expect(await statusOf(origin, {})).toBe(200);
  for (const host of [`localhost:${port}`, "127.0.0.1", `127.0.0.1:${Number(port) + 1}`, `evil.example:${port}`]) {
    expect(await statusOf(origin, { host }), `Host: ${host}`).toBe(403);
  }
});

test("no other address of this machine is listened on", async ({ host_: { origin } }) => {
  const { port } = new URL(origin);
  const others = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ internal, family }) => !internal && family === "IPv4");
  for (const { address } of others) {
    const status = await statusOf(`http://${address}:${port}`, {}).catch((error: NodeJS.ErrnoException) => error.code);
    expect(status, address).toBe("ECONNREFUSED");
  }
  const six = await statusOf(`http://[::1]:${port}`, {}).catch((error: NodeJS.ErrnoException) => error.code);
  expect(six).toMatch(/ECONNREFUSED|EADDRNOTAVAIL/);
});

test("a connection without the right origin is refused before it is one", async ({ host_: { origin, token } }) => {
  for (const from of ["http://evil.example", origin.replace("127.0.0.1", "localhost"), "null", "file://"]) {
    const { isAccepted } = await talk(origin, { origin: from }, [hello(token)]);
    expect(isAccepted, from).toBe(false);
  }
  expect((await talk(origin, {}, [hello(token)])).isAccepted).toBe(false);
});

test("without the token in the first frame no command runs", async ({ host_: { origin, token } }) => {
  const wrong: [string, (string | Buffer)[]][] = [
    ["no token", [hello(), command]],
    ["a wrong token", [hello("x".repeat(token.length)), command]],
    ["a token that is a beginning", [hello(token.slice(0, -1)), command]],
    ["a command first", [command, hello(token)]],
    ["no JSON", ["{", command]],
    ["bytes", [Buffer.from(hello(token)), command]],
    ["a frame that is too long", ["x".repeat(40_000_000), command]],
  ];
  for (const [name, frames] of wrong) {
    const { isEnded, received } = await talk(origin, { origin }, frames);
    expect(isEnded, name).toBe(true);
    expect(
      received.filter((text) => text.includes('"reply"')),
      name,
    ).toEqual([]);
  }
  const right = await talk(origin, { origin }, [hello(token), command]);
  expect(right.received.some((text) => text.includes('"reply"'))).toBe(true);
});

test("the token leaves the address bar, and a page without it gets nothing", async ({ launch }) => {
  const inspector = await launch();
  await expect.poll(() => new URL(inspector.page.url()).hash).toBe("");
  const stranger = await inspector.page.context().browser()?.newContext();
  const page = await stranger?.newPage();
  await page?.goto(inspector.page.url());
  await expect(page?.getByText("No connection to the inspector") ?? inspector.page.locator("never")).toBeVisible();
  await stranger?.close();
});
