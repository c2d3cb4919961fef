import { connect, type Socket } from "node:net";
import { channelSuite, limits } from "@softadastra/inspector-contract";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { originAt } from "./server.ts";
import {
  ask,
  call,
  hello,
  openChannel,
  openSocket,
  outcomeOf,
  startHost,
  type TestHost,
  TOKEN,
  tell,
} from "./testing.ts";

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const text = (...frames: unknown[]) => frames.map((frame) => JSON.stringify(frame));

describe("the channel over a WebSocket", () => {
  test.each(channelSuite.map((step) => [step.name, step] as const))("%s", async (_, step) => {
    const host = await startHost();
    await step.run({ wait, token: TOKEN, connect: () => openChannel(host) });
  });
});

function tcp(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, allowHalfOpen: true }, () => resolve(socket));
    socket.on("error", reject);
    onTestFinished(() => void socket.destroy());
  });
}

/** Names by which a browser could be led to this machine, and near misses of the right one. */
const wrongHosts = (port: number) => [
  `localhost:${port}`,
  `evil.example:${port}`,
  `127.0.0.1.evil.example:${port}`,
  `127.0.0.1.nip.io:${port}`,
  `[::1]:${port}`,
  `0.0.0.0:${port}`,
  `127.1:${port}`,
  `2130706433:${port}`,
  `127.0.0.1.:${port}`,
  "127.0.0.1",
  `127.0.0.1:${port - 1}`,
  `127.0.0.1:0${port}`,
  `127.0.0.1:${port}.evil.example`,
  `127.0.0.1:${port}@evil.example`,
  `127.0.0.1:${port}, evil.example`,
  "evil.example",
];

describe("the browser host", () => {
  test("listens on 127.0.0.1 and no other address", async () => {
    const { server, port } = await startHost();
    expect(server.origin).toBe(`http://127.0.0.1:${port}`);
    await expect(tcp("127.0.0.1", port)).resolves.toBeDefined();
    for (const address of ["127.0.0.2", "::1"]) await expect(tcp(address, port)).rejects.toThrow();
  });

  test("answers no request whose Host is not exactly the printed address", async () => {
    const host = await startHost();
    for (const name of wrongHosts(host.port)) {
      const { status, body } = await ask(host, "/index.html", { headers: { host: name } });
      expect([name, status, body.toString()]).toEqual([name, 403, "wrong host"]);
    }
    expect((await ask(host, "/index.html")).status).toBe(200);
  });

  test("answers no request without a Host", async () => {
    const { port } = await startHost();
    const socket = await tcp("127.0.0.1", port);
    socket.end("GET /index.html HTTP/1.0\r\n\r\n");
    let answer = "";
    for await (const piece of socket) answer += String(piece);
    expect(answer.split("\r\n")[0]).toBe("HTTP/1.1 403 Forbidden");
    expect(answer).not.toContain("the page");
  });

  test("opens no channel to a wrong Host, to another page's Origin, or to a program that names none", async () => {
    const host = await startHost();
    const { origin } = host.server;
    for (const name of wrongHosts(host.port)) {
      expect([name, await outcomeOf(host, { host: name })]).toEqual([name, "refused with 403"]);
    }
    for (const from of [
      null,
      "",
      "null",
      "https://evil.example",
      "file://",
      "app://inspector",
      `http://localhost:${host.port}`,
      `https://127.0.0.1:${host.port}`,
      `http://127.0.0.1:${host.port - 1}`,
      "http://127.0.0.1",
      `${origin}/`,
      `${origin}.evil.example`,
      origin.toUpperCase(),
    ]) {
      expect([from, await outcomeOf(host, { origin: from })]).toEqual([from, "refused with 403"]);
    }
    expect(await outcomeOf(host, {})).toBe("open");
    expect(host.ran).toEqual([]);
  });

  test("opens the channel at its one path only", async () => {
    const host = await startHost();
    for (const path of ["/", "/channel/", "/channel?token=x", `/channel?token=${TOKEN}`, "//channel"]) {
      expect([path, await outcomeOf(host, { path })]).toEqual([path, "refused with 403"]);
    }
  });

  test("has room for sixteen connections; one that ends frees its place", async () => {
    const host = await startHost();
    const sockets = await Promise.all(Array.from({ length: 16 }, () => openSocket(host)));
    expect(await outcomeOf(host, {})).toBe("refused with 403");
    sockets[0]?.close();
    await vi.waitFor(async () => expect(await outcomeOf(host, {})).toBe("open"));
  });
});

describe("a connection is closed before any command runs", () => {
  const first = async (host: TestHost, message: string | Buffer) => {
    // What follows is right: only the first message may be the reason.
    const { received, ended } = await tell(host, [message, ...text(hello, call)]);
    return { kinds: received.map((frame) => JSON.stringify(frame).slice(0, 8)), ended, ran: host.ran };
  };
  const refused = { kinds: ['{"t":"by'], ran: [] };

  test("when the token is wrong, missing, or of another type", async () => {
    const host = await startHost();
    const tokens = [undefined, "", "wrong", `${TOKEN}x`, TOKEN.slice(1), TOKEN.slice(0, -1), TOKEN.toUpperCase()];
    for (const token of [...tokens, ` ${TOKEN}`, `${TOKEN}\0`, null, 0, true, [TOKEN], { token: TOKEN }]) {
      const answer = await first(host, JSON.stringify({ ...hello, token }));
      expect([token, answer]).toEqual([token, { ...refused, ended: 1005 }]);
    }
  });

  test("when something comes before the token", async () => {
    const host = await startHost();
    for (const frame of [
      call,
      { t: "subscribe", id: 1, event: "session" },
      { t: "cancel", id: 1 },
      { t: "ack", id: 1, sequence: 1 },
      { ...hello, extra: 1 },
      { ...hello, t: "call" },
      [hello],
      TOKEN,
    ]) {
      expect([frame, await first(host, JSON.stringify(frame))]).toEqual([frame, { ...refused, ended: 1005 }]);
    }
  });

  test("when the first message is no JSON", async () => {
    const host = await startHost();
    for (const message of ["", "{", "hello", "\0", `${JSON.stringify(hello)}x`, `\ufeff${JSON.stringify(hello)}`]) {
      expect([message, await first(host, message)]).toEqual([message, { ...refused, ended: 1005 }]);
    }
  });

  test("when the first message is binary, even a right hello as bytes", async () => {
    const host = await startHost();
    for (const bytes of [Buffer.from(JSON.stringify(hello)), Buffer.alloc(0), Buffer.from([0xff, 0xfe])]) {
      expect(await first(host, bytes)).toEqual({ ...refused, ended: 1005 });
    }
  });

  test("when the first message is over the size limit", async () => {
    const host = await startHost();
    const message = JSON.stringify({ ...hello, token: "x".repeat(limits.FRAME_BYTES_MAX) });
    expect(await first(host, message)).toMatchObject({ kinds: [], ran: [], ended: expect.any(Number) });
  });

  test("when no first message comes within five seconds, and never one that said hello in time", async () => {
    const host = await startHost();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const [silent, welcome] = [await openSocket(host), await openSocket(host)];
    const closed = new Promise<void>((resolve) => void silent.once("close", () => resolve()));
    welcome.send(JSON.stringify(hello));
    await new Promise<void>((resolve) => void welcome.once("message", () => resolve()));
    vi.advanceTimersByTime(4_999);
    silent.ping();
    await new Promise<void>((resolve) => void silent.once("pong", () => resolve()));
    vi.advanceTimersByTime(1);
    await closed;
    welcome.ping();
    await new Promise<void>((resolve) => void welcome.once("pong", () => resolve()));
    expect(welcome.readyState).toBe(welcome.OPEN);
  });
});

describe("a connection that was welcome", () => {
  test("runs commands, so that the refusals above are of what was wrong", async () => {
    const host = await startHost();
    const { received, ended } = await tell(host, text(hello, call), 300);
    expect(received).toMatchObject([{ t: "welcome" }, { t: "reply", id: 1, outcome: { ok: true } }]);
    expect([ended, host.ran]).toEqual(["open", ["app.info"]]);
  });

  test("is closed by one wrong message, and what follows is not run", async () => {
    const wrong = [
      "{",
      Buffer.from(JSON.stringify(call)),
      JSON.stringify("x".repeat(limits.FRAME_BYTES_MAX)),
      ...text(hello, { ...call, extra: 1 }, { t: "subscribe", id: 2, event: "__proto__" }),
    ];
    const host = await startHost();
    for (const message of wrong) {
      const { received, ended } = await tell(host, [JSON.stringify(hello), message, JSON.stringify(call)]);
      expect([received[0], ended === "open"]).toEqual([{ t: "welcome", v: limits.PROTOCOL_VERSION }, false]);
    }
    expect(host.ran).toEqual([]);
  });

  test("leaves the others as they are when it is closed", async () => {
    const host = await startHost();
    const other = await openSocket(host);
    other.send(JSON.stringify(hello));
    await tell(host, ["{"]);
    const answered = new Promise((resolve) => {
      other.on("message", (data) => {
        if (String(data).includes('"reply"')) resolve(true);
      });
    });
    other.send(JSON.stringify(call));
    expect(await answered).toBe(true);
  });
});

const upgrade = (port: number, origin: string) =>
  `GET /channel HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nOrigin: ${origin}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

describe("a refused program", () => {
  test("that breaks off its connection does not end the host", async () => {
    const host = await startHost();
    for (let i = 0; i < 20; i += 1) {
      const socket = await tcp("127.0.0.1", host.port);
      socket.removeAllListeners("error").on("error", () => undefined);
      socket.write(upgrade(host.port, "https://evil.example"), () => socket.resetAndDestroy());
      await wait(2);
    }
    expect((await ask(host, "/index.html")).status).toBe(200);
  });

  test("that keeps its end open does not hold up the host's ending", async () => {
    const host = await startHost();
    const socket = await tcp("127.0.0.1", host.port);
    socket.write(upgrade(host.port, "https://evil.example"));
    await new Promise((resolve) => socket.once("data", resolve));
    const late = wait(1_500).then(() => "late");
    expect(await Promise.race([host.server.close().then(() => "closed"), late])).toBe("closed");
  });
});

describe("closing the host", () => {
  test("ends every connection and leaves no socket behind", async () => {
    const sockets = () => process.getActiveResourcesInfo().filter((kind) => kind.startsWith("TCP")).length;
    const before = sockets();
    const host = await startHost();
    const kept = await tcp("127.0.0.1", host.port);
    const opened = [await openSocket(host), await openSocket(host)];
    opened[0]?.send(JSON.stringify(hello));
    const ended = Promise.all(opened.map((socket) => new Promise((resolve) => socket.once("close", resolve))));
    await host.server.close();
    await ended;
    kept.destroy();
    await expect(tcp("127.0.0.1", host.port)).rejects.toThrow("ECONNREFUSED");
    await vi.waitFor(() => expect(sockets()).toBe(before));
  });
});

test("a port that is taken is an error that says so", async () => {
  const host = await startHost();
  await expect(startHost(host.port)).rejects.toThrow("EADDRINUSE");
});

test("an address has its port as browsers write it: the usual one of http is left out", () => {
  expect(originAt(8080)).toBe("http://127.0.0.1:8080");
  expect(originAt(80)).toBe("http://127.0.0.1");
});
