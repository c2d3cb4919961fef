/**
 * What every channel must do, whatever it is made of: the memory pair, a WebSocket, Electron's IPC or its stand-in.
 * Plain steps without a test framework, so that they also run inside a page, against a real host.
 */
import { type CancelSignal, createClient, type InspectorClient } from "./client.ts";
import type { ClientChannel, ClientFrame } from "./frames.ts";
import { CALLS_IN_FLIGHT_MAX, PROTOCOL_VERSION } from "./limits.ts";

export interface ChannelSetup {
  /** A new connection to a host with the contract's commands. */
  connect(): Promise<ClientChannel> | ClientChannel;
  readonly token?: string;
  /** Timers, which the contract itself does not know. */
  wait(ms: number): Promise<void>;
}

export interface ChannelStep {
  readonly name: string;
  run(setup: ChannelSetup): Promise<void>;
}

function expect(actual: unknown, expected: unknown, what: string): void {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (a !== b) throw new Error(`${what}: expected ${b}, got ${a}`);
}

async function withClient(setup: ChannelSetup, work: (client: InspectorClient) => Promise<void>): Promise<void> {
  const client = createClient(await setup.connect(), setup.token);
  try {
    expect(await client.welcomed, true, "welcome");
    await work(client);
  } finally {
    client.close();
  }
}

/** An AbortController for a place that has none. */
function canceller(): { signal: CancelSignal; cancel: () => void } {
  const listeners = new Set<() => void>();
  const signal = {
    aborted: false,
    addEventListener: (_: "abort", listener: () => void) => void listeners.add(listener),
    removeEventListener: (_: "abort", listener: () => void) => void listeners.delete(listener),
  };
  const cancel = () => {
    signal.aborted = true;
    for (const listener of listeners) listener();
  };
  return { signal, cancel };
}

/** Sends frames as they are, and collects what comes back until the channel closes or `wait` is over. */
async function raw(setup: ChannelSetup, frames: readonly unknown[]): Promise<{ frames: unknown[]; isClosed: boolean }> {
  const channel = await setup.connect();
  const received: unknown[] = [];
  let isClosed = false;
  channel.onFrame((frame) => received.push(frame));
  channel.onClose(() => {
    isClosed = true;
  });
  for (const frame of frames) channel.send(frame as ClientFrame);
  for (let i = 0; i < 40 && !isClosed; i += 1) await setup.wait(10);
  if (!isClosed) channel.close();
  return { frames: received, isClosed };
}

const hello = (setup: ChannelSetup) => ({
  t: "hello",
  v: PROTOCOL_VERSION,
  ...(setup.token === undefined ? {} : { token: setup.token }),
});

export const channelSuite: readonly ChannelStep[] = [
  {
    name: "a call is answered, with text of every kind unchanged",
    run: (setup) =>
      withClient(setup, async (client) => {
        for (const text of [
          "",
          "plain",
          "\0\u001f\u2028",
          "日本語 🚀",
          "\ufeff",
          "\u202e",
          '"\\',
          "x".repeat(60_000),
        ]) {
          expect(await client.call("app.echo", { text }), { ok: true, value: { text } }, "echo");
        }
      }),
  },
  {
    name: "answers find their calls when they come out of order",
    run: (setup) =>
      withClient(setup, async (client) => {
        const order: string[] = [];
        const call = async (text: string, waitMs: number) => {
          const answer = await client.call("app.echo", { text, waitMs });
          if (answer.ok) order.push(answer.value.text);
        };
        await Promise.all([call("slow", 80), call("quick", 1), call("middle", 40)]);
        expect(order, ["quick", "middle", "slow"], "order");
      }),
  },
  {
    name: "two hundred calls in a row come back in order",
    run: (setup) =>
      withClient(setup, async (client) => {
        for (let i = 0; i < 200; i += 1) {
          expect(await client.call("app.echo", { text: `${i}` }), { ok: true, value: { text: `${i}` } }, "echo");
        }
      }),
  },
  {
    name: "a cancelled call ends as Cancelled, before it starts and while it runs, and frees its place",
    run: (setup) =>
      withClient(setup, async (client) => {
        const before = canceller();
        before.cancel();
        const never = await client.call("app.echo", { text: "x" }, before.signal);
        expect(never.ok ? "" : never.error.code, "Cancelled", "cancelled before");
        for (let i = 0; i < 2 * CALLS_IN_FLIGHT_MAX; i += 1) {
          const during = canceller();
          const call = client.call("app.echo", { text: "x", waitMs: 2_000 }, during.signal);
          during.cancel();
          const ended = await call;
          expect(ended.ok ? "" : ended.error.code, "Cancelled", "cancelled during");
        }
        expect((await client.call("app.echo", { text: "after" })).ok, true, "the next call");
      }),
  },
  {
    name: "more calls at once than allowed are refused, and the others answered",
    run: (setup) =>
      withClient(setup, async (client) => {
        const calls = Array.from({ length: CALLS_IN_FLIGHT_MAX + 5 }, (_, i) =>
          client.call("app.echo", { text: `${i}`, waitMs: 500 }),
        );
        const codes = (await Promise.all(calls)).map((answer) => (answer.ok ? "ok" : answer.error.code));
        expect(codes.filter((code) => code === "ok").length, CALLS_IN_FLIGHT_MAX, "answered");
        expect(codes.filter((code) => code === "TooMany").length, 5, "refused");
      }),
  },
  {
    name: "an unknown command, one named like a member of Object, and wrong input get a code and no exception",
    run: (setup) =>
      withClient(setup, async (client) => {
        const call = client.call as (command: string, input: unknown) => Promise<{ error?: { code: string } }>;
        const code = async (command: string, input: unknown) => (await call.call(client, command, input)).error?.code;
        expect(await code("no.such", {}), "UnknownCommand", "unknown");
        expect(await code("__proto__", {}), "UnknownCommand", "__proto__");
        expect(await code("constructor", {}), "UnknownCommand", "constructor");
        expect(await code("app.echo", { text: 5 }), "InvalidInput", "wrong type");
        expect(await code("app.echo", { text: "x", extra: 1 }), "InvalidInput", "extra field");
        expect(await code("app.echo", null), "InvalidInput", "null");
        expect(await code("app.echo", { text: "x".repeat(70_000) }), "InvalidInput", "oversized text");
        expect(await code("keys.rows", { view: 1, start: 0, count: 10_000 }), "InvalidInput", "oversized page");
        expect(await code("session.open", { path: "" }), "InvalidInput", "empty path");
      }),
  },
  {
    name: "a state event comes at once, and of many changes the newest wins while one is being handled",
    run: (setup) =>
      withClient(setup, async (client) => {
        const seen: number[] = [];
        const stop = client.subscribe("echo", async ({ count }) => {
          seen.push(count);
          await setup.wait(20);
        });
        for (let i = 0; i < 50 && seen.length === 0; i += 1) await setup.wait(10);
        const first = seen[0] ?? -1;
        await client.call("app.echo", { text: "", publish: 5_000 });
        for (let i = 0; i < 100 && seen.at(-1) !== first + 5_000; i += 1) await setup.wait(10);
        expect(seen.at(-1), first + 5_000, "the last state");
        if (seen.length > 20) throw new Error(`${seen.length} pushes for one burst`);
        stop();
        const count = seen.length;
        await client.call("app.echo", { text: "", publish: 1 });
        await setup.wait(50);
        expect(seen.length, count, "events after unsubscribing");
      }),
  },
  {
    name: "a first frame that is no hello, or of another version, ends the connection before any command",
    run: async (setup) => {
      for (const first of [
        { t: "call", id: 1, command: "app.info", input: {} },
        { ...hello(setup), v: PROTOCOL_VERSION + 1 },
        { ...hello(setup), v: 0 },
        "hello",
        null,
        { t: "hello" },
        { t: "__proto__" },
      ]) {
        const { frames, isClosed } = await raw(setup, [first, { t: "call", id: 1, command: "app.info", input: {} }]);
        expect(isClosed, true, `closed after ${JSON.stringify(first)}`);
        expect(frames.filter((frame) => (frame as { t?: string }).t === "reply").length, 0, "replies");
      }
    },
  },
  {
    name: "a frame that is none ends the connection",
    run: async (setup) => {
      for (const bad of [{ t: "call", id: -1 }, { t: "cancel" }, [], 7, { t: "subscribe", id: 1, event: "nothing" }]) {
        const { frames, isClosed } = await raw(setup, [hello(setup), bad]);
        expect(isClosed, true, `closed after ${JSON.stringify(bad)}`);
        expect((frames[0] as { t?: string }).t, "welcome", "welcome before");
      }
    },
  },
  {
    name: "closing settles what is under way as Disconnected, and every later call",
    run: async (setup) => {
      const client = createClient(await setup.connect(), setup.token);
      await client.welcomed;
      const reasons: string[] = [];
      client.onClosed((reason) => reasons.push(reason));
      const call = client.call("app.echo", { text: "x", waitMs: 1_000 });
      client.close();
      const answer = await call;
      expect(answer.ok ? "" : answer.error.code, "Disconnected", "under way");
      const late = await client.call("app.echo", { text: "x" });
      expect(late.ok ? "" : late.error.code, "Disconnected", "later");
      expect(reasons.length, 1, "told once");
    },
  },
];
