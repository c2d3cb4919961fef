/** What a caller hands over by mistake: a code and a name for it, never a TypeError from inside and never a wrong answer. */
import { describe, expect, test } from "vitest";
import { Client } from "./client.js";
import { ClientOptions } from "./options.js";
import { Peer } from "./peer.js";
import { ERROR_CODES, Result, SoftadastraError } from "./result.js";
import { Value } from "./value.js";

async function openMemory() {
  const client = new Client(ClientOptions.memoryOnly("node-a"));
  (await client.open()).value();
  return client;
}

/** Hands over what the types forbid and plain JavaScript does not. */
const wrong = (value: unknown) => value as never;

describe("a lone surrogate, which has no UTF-8 form, never stands for U+FFFD", () => {
  test("in contains and entries as in get", async () => {
    const client = await openMemory();
    (await client.put("a\ufffd", "v")).value();
    expect((await client.get("a\ud800")).error().code).toBe("invalid_argument");
    expect(client.contains("a\ufffd")).toBe(true);
    expect(client.contains("a\ud800")).toBe(false);
    expect(() => client.entries({ prefix: "a\ud800" })).toThrow("lone surrogate");
    expect(() => client.entries({ after: "a\ud800" })).toThrow("lone surrogate");
  });
});

describe("wrong types", () => {
  test.each([
    ["prefix", 5, "prefix must be a string or a Uint8Array, not number"],
    ["after", {}, "after must be a string or a Uint8Array, not an object"],
    ["limit", "3", "limit must be a whole number from 0"],
    ["limit", -1, "limit must be a whole number from 0"],
    ["limit", Number.NaN, "limit must be a whole number from 0"],
    ["reverse", "yes", "reverse must be true or false"],
  ])("entries with %s = %j throws invalid_argument at the call", async (name, value, message) => {
    const client = await openMemory();
    let thrown: unknown;
    try {
      client.entries(wrong({ [name]: value }));
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(SoftadastraError);
    expect(thrown).toMatchObject({ code: "invalid_argument" });
    expect(String(thrown)).toContain(message);
  });

  test("in outbox, outboxEntry and tick are invalid_argument", async () => {
    const client = await openMemory();
    (await client.put("k", "v")).value();
    const calls = {
      outboxEntryNumber: client.outboxEntry(wrong(5)),
      outboxEntryNothing: client.outboxEntry(wrong(undefined)),
      outboxAfter: client.outbox(wrong({ after: 5 })),
      outboxNull: client.outbox(wrong(null)),
      outboxLimit: client.outbox(wrong({ limit: "5" })),
      outboxSkip: client.outbox(wrong({ skip: 0.5 })),
      outboxStatus: client.outbox(wrong({ status: ["queued", "lost"] })),
      tickNull: client.tick(wrong(null)),
      tickText: client.tick(wrong("prune")),
      tickPrune: client.tick(wrong({ prune: 1 })),
    };
    for (const [name, call] of Object.entries(calls)) {
      expect([name, (await call).error().code]).toEqual([name, "invalid_argument"]);
    }
    // None of them did anything.
    expect((await client.outbox()).value().map((entry) => entry.status)).toEqual(["queued"]);
  });
});

test("every name in snake case answers as its twin in camel case", async () => {
  const options = ClientOptions.memoryOnly("node-a");
  const client = new Client(options);
  (await client.open()).value();
  const outcome = (result: Result<unknown>) => (result.isOk() ? JSON.stringify(result.value()) : result.error().code);
  for (const [snake, camel] of [
    [client.sync_state_info(), client.syncStateInfo()],
    [client.start_transport(), client.startTransport()],
    [client.stop_transport(), client.stopTransport()],
    [client.start_discovery(), client.startDiscovery()],
    [client.stop_discovery(), client.stopDiscovery()],
    [client.node_info(), client.nodeInfo()],
    [client.refresh_node_info(), client.refreshNodeInfo()],
  ]) {
    expect(outcome((await snake) as Result<unknown>)).toBe(outcome((await camel) as Result<unknown>));
  }
  expect(client.transport_running()).toBe(client.transportRunning());
  expect(client.discovery_running()).toBe(client.discoveryRunning());
});

test("the options have the defaults of the specification", () => {
  expect({ ...ClientOptions.local("n") }).toEqual({
    nodeId: "n",
    displayName: "",
    version: "0.1.0",
    enableWal: false,
    walPath: "",
    autoFlush: true,
    enableTransport: false,
    transportHost: "127.0.0.1",
    transportPort: 4041,
    enableDiscovery: false,
    discoveryHost: "127.0.0.1",
    discoveryPort: 5051,
    discoveryBroadcastHost: "127.0.0.1",
    discoveryBroadcastPort: 5052,
    batchSize: 64,
    maxRetries: 5,
    retryIntervalMs: 5000,
    ackTimeoutMs: 10_000,
    requireAck: true,
    conflictPolicy: "last_write_wins",
  });
  expect({ ...ClientOptions.memoryOnly("n") }).toEqual({ ...ClientOptions.local("n") });
  expect({ ...ClientOptions.persistent("n", "data/n.wal") }).toEqual({
    ...ClientOptions.local("n"),
    enableWal: true,
    walPath: "data/n.wal",
  });
});

test("values, peers, results and errors have the members of the specification", async () => {
  expect([Value.fromString("ü").toString(), Value.fromString("ü").size]).toEqual(["ü", 2]);
  expect([...Value.fromBytes(Uint8Array.of(0xff, 0)).toBytes()]).toEqual([0xff, 0]);
  expect({ ...new Peer("node-b", "::1", 4041) }).toEqual({ nodeId: "node-b", host: "::1", port: 4041 });
  const error = new SoftadastraError("io_error", "the disk is full", { path: "/d/n.wal", offset: 70 });
  expect(error).toBeInstanceOf(Error);
  expect([error.message, error.code, error.codeString(), error.context]).toEqual([
    "the disk is full",
    "io_error",
    "io_error",
    { path: "/d/n.wal", offset: 70 },
  ]);
  expect([Result.ok(1).isOk(), Result.ok(1).isErr(), Result.err(error).isOk(), Result.err(error).isErr()]).toEqual([
    true,
    false,
    false,
    true,
  ]);
  expect([...ERROR_CODES].sort()).toEqual(
    "invalid_argument invalid_state not_found already_exists io_error store_error sync_error transport_error discovery_error metadata_error internal_error none unknown"
      .split(" ")
      .sort(),
  );
  const client = await openMemory();
  const info = (await client.nodeInfo()).value();
  expect(Object.keys(info).sort()).toEqual(
    ["capabilities", "displayName", "hostname", "nodeId", "osName", "uptime_ms", "version"].sort(),
  );
  expect(info.uptime_ms()).toBeGreaterThanOrEqual(0);
});

test("a value made of a Buffer is a copy of it: what the Buffer does later changes neither the value nor the store", async () => {
  const client = await openMemory();
  const buffer = Buffer.from("before");
  const value = Value.fromBytes(buffer);
  await client.put("k", buffer);
  buffer.fill("x");
  expect(value.toString()).toBe("before");
  Value.fromBytes(Buffer.from("before")).toBytes().fill(0);
  const stored = (await client.get("k")).value();
  expect(stored.toString()).toBe("before");
  stored.toBytes().fill(0);
  expect((await client.get("k")).value().toString()).toBe("before");
  await client.close();
});
