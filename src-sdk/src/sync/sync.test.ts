import { describe, expect, test } from "vitest";
import { Client } from "../client.js";
import { EventHub } from "../events.js";
import { probeOf } from "../keys.js";
import { OpenNode } from "../open-node.js";
import { ClientOptions, readOptions } from "../options.js";
import { ManualClock } from "../testing/manual-clock.js";
import { MemoryFileSystem } from "../testing/memory-file-system.js";
import { orThrow } from "../testing/or-throw.js";
import { encodeSampleRecord, SAMPLE_EPOCH_MS } from "../testing/sample-log.js";
import { decodeMark, encodeMark, MARK_ABANDONED, MARK_ACKNOWLEDGED } from "../wal/marks.js";

const WAL = "/disk/node.wal";

function setup(change: (options: ClientOptions) => void = () => undefined) {
  const options = ClientOptions.persistent("node-a", WAL);
  change(options);
  const deps = { fileSystem: new MemoryFileSystem(["/disk"]), clock: new ManualClock() };
  return { options, deps, clock: deps.clock, fileSystem: deps.fileSystem, client: new Client(options, deps) };
}

async function counts(client: Client) {
  const state = (await client.syncStateInfo()).value();
  return [state.outboxSize, state.pendingCount, state.queuedCount, state.inFlightCount, state.failedCount];
}

describe("tick without a network", () => {
  test("the batch goes in flight, times out, is retried, and fails after maxRetries sends", async () => {
    const { client, clock } = setup((options) => {
      options.maxRetries = 3;
    });
    await client.open();
    await client.put("k", "v");
    expect(await counts(client)).toEqual([1, 0, 1, 0, 0]);
    expect((await client.tick()).value()).toEqual({
      retriedCount: 0,
      failedCount: 0,
      prunedCount: 0,
      batchSize: 1,
      sentCount: 0,
    });
    expect(await counts(client)).toEqual([1, 0, 0, 1, 0]);
    clock.advance(9_999);
    expect((await client.tick()).value()).toMatchObject({ retriedCount: 0, batchSize: 0 });
    clock.advance(1);
    expect((await client.tick()).value()).toMatchObject({ retriedCount: 1, batchSize: 1 });
    expect((await client.outbox()).value()[0]).toMatchObject({
      status: "in_flight",
      attempts: 2,
      lastAttemptMs: clock.nowMs,
    });
    clock.advance(10_000);
    expect((await client.tick()).value()).toMatchObject({ retriedCount: 1, batchSize: 1 });
    clock.advance(10_000);
    expect((await client.tick()).value()).toMatchObject({ retriedCount: 0, failedCount: 1, batchSize: 0 });
    expect(await counts(client)).toEqual([1, 0, 0, 0, 1]);
    const state = (await client.syncStateInfo()).value();
    expect([state.hasFailed(), state.totalRetries]).toEqual([true, 2]);
    // A state of delivery, never of the data.
    expect((await client.get("k")).value().toString()).toBe("v");
    expect((await client.outbox({ status: "failed" })).value()[0]).toMatchObject({ attempts: 3, nextRetryMs: null });
    await client.close();
  });

  test("retryIntervalMs keeps two sends apart when it is longer than the time-out", async () => {
    const { client, clock } = setup((options) => {
      options.ackTimeoutMs = 1_000;
      options.retryIntervalMs = 5_000;
    });
    await client.open();
    await client.put("k", "v");
    await client.tick();
    clock.advance(1_000);
    expect((await client.tick()).value()).toMatchObject({ retriedCount: 1, batchSize: 0 });
    expect((await client.outbox()).value()[0]).toMatchObject({ status: "queued", nextRetryMs: clock.nowMs + 4_000 });
    clock.advance(3_999);
    expect((await client.tick()).value()).toMatchObject({ batchSize: 0 });
    clock.advance(1);
    expect((await client.tick()).value()).toMatchObject({ batchSize: 1 });
  });

  test("takes at most batchSize, oldest version first", async () => {
    const { client } = setup((options) => {
      options.batchSize = 4;
    });
    await client.open();
    for (let i = 0; i < 10; i += 1) await client.put(`k${i}`, "v");
    expect((await client.tick()).value().batchSize).toBe(4);
    const inFlight = (await client.outbox({ status: "in_flight" })).value();
    expect(inFlight.map((entry) => entry.version)).toEqual([1, 2, 3, 4]);
    expect((await client.tick(true)).value()).toMatchObject({ batchSize: 4, prunedCount: 0 });
    expect((await client.tick({ prune: true })).value()).toMatchObject({ batchSize: 2 });
    expect((await client.tick()).value()).toMatchObject({ batchSize: 0 });
    await client.close();
  });

  test("retryFailed puts failed operations back from the first attempt on", async () => {
    const { client, clock } = setup((options) => {
      options.maxRetries = 1;
    });
    await client.open();
    await client.put("k", "v");
    await client.tick();
    clock.advance(10_000);
    await client.tick();
    expect((await client.retryFailed()).value()).toBe(1);
    expect((await client.outbox()).value()[0]).toMatchObject({ status: "queued", attempts: 0 });
    expect((await client.tick()).value().batchSize).toBe(1);
    await client.close();
  });
});

describe("the outbox", () => {
  test("survives restarts: everything unacknowledged is pending again, with the same sync id", async () => {
    const { client, options, deps } = setup();
    await client.open();
    await client.put("a", "1");
    await client.remove("a");
    await client.put("b", "2");
    await client.tick();
    const before = (await client.outbox()).value().map((entry) => entry.syncId);
    expect(before).toEqual(["node-a-1", "node-a-2", "node-a-3"]);
    await client.close();
    const again = new Client(options, deps);
    await again.open();
    const after = (await again.outbox()).value();
    expect(after.map((entry) => [entry.syncId, entry.key, entry.kind, entry.status, entry.attempts])).toEqual([
      ["node-a-1", "a", "put", "pending", 0],
      ["node-a-2", "a", "delete", "pending", 0],
      ["node-a-3", "b", "put", "pending", 0],
    ]);
    expect((await again.syncStateInfo()).value()).toMatchObject({
      lastSubmittedVersion: 3,
      lastAppliedRemoteVersion: 0,
    });
    expect((await again.tick()).value().batchSize).toBe(3);
    await again.put("c", "3");
    expect((await again.outbox()).value().at(-1)?.syncId).toBe("node-a-4");
    await again.close();
  });

  test("is listed in pages, by state", async () => {
    const { client } = setup();
    await client.open();
    for (let i = 1; i <= 7; i += 1) await client.put(`k${i}`, "v");
    const first = (await client.outbox({ limit: 3 })).value();
    expect(first.map((entry) => entry.version)).toEqual([1, 2, 3]);
    const second = (await client.outbox({ limit: 3, after: first.at(-1)?.syncId as string })).value();
    expect(second.map((entry) => entry.version)).toEqual([4, 5, 6]);
    const last = (await client.outbox({ limit: 3, after: "node-a-6" })).value();
    expect(last.map((entry) => entry.version)).toEqual([7]);
    expect((await client.outbox({ after: "node-a-7" })).value()).toEqual([]);
    expect((await client.outbox({ status: "failed" })).value()).toEqual([]);
    expect((await client.outbox({ limit: 0 })).value()).toEqual([]);
    expect((await client.outbox({ after: "node-b-1" })).error().code).toBe("not_found");
    expect((await client.outbox({ after: "node-a-99" })).error().code).toBe("not_found");
    expect((await client.outbox({ limit: -1 })).error().code).toBe("invalid_argument");
    expect((await client.outbox({ status: "lost" as never })).error().code).toBe("invalid_argument");
    await client.close();
  });

  test("gives repeated and falling sequences sync ids of their own, in the order of versions", async () => {
    const { client, fileSystem, options, deps } = setup();
    const handle = await fileSystem.open(WAL, "create");
    const bytes = Buffer.concat(
      [5, 6, 5, 6, 6, 7, 2].map((sequence, i) =>
        encodeSampleRecord({
          sequence,
          operation: { kind: "put", key: `k${i}`, value: "v", timestampMs: SAMPLE_EPOCH_MS + i },
        }),
      ),
    );
    await handle.write(bytes, 0, bytes.length, 0);
    for (const node of [client, new Client(options, deps)]) {
      (await node.open()).value();
      const entries = (await node.outbox()).value();
      expect(entries.map((entry) => [entry.syncId, entry.key])).toEqual([
        ["node-a-2", "k6"],
        ["node-a-5", "k0"],
        ["node-a-5.2", "k2"],
        ["node-a-6", "k1"],
        ["node-a-6.2", "k3"],
        ["node-a-6.3", "k4"],
        ["node-a-7", "k5"],
      ]);
      expect((await node.outbox({ after: "node-a-5.2", limit: 1 })).value()[0]?.syncId).toBe("node-a-6");
      // Continues after the highest sequence, not after the last.
      (await node.put("next", "v")).value();
      expect((await node.outbox()).value().at(-1)?.syncId).toBe("node-a-8");
      (await node.close()).value();
      await handle.truncate(bytes.length);
    }
  });
});

describe("delivery marks", () => {
  async function openNode({ options, deps }: ReturnType<typeof setup>) {
    return OpenNode.open(readOptions(options), deps, new EventHub());
  }
  const write = (node: OpenNode, key: string) =>
    node.write(1, Buffer.from(key), Buffer.from("v"), 1_767_225_600_000).then(orThrow);

  test("an acknowledged operation is not pending after a restart; the others are", async () => {
    const world = setup();
    const node = await openNode(world);
    for (const key of ["a", "b", "c"]) await write(node, key);
    expect(await node.acknowledge("node-a-2", "node-b", 1)).toBe(true);
    expect(await node.acknowledge("node-a-9", "node-b", 1)).toBe(false);
    expect([node.outbox.size, node.outbox.count("acknowledged")]).toEqual([3, 1]);
    await node.close();
    const again = await openNode(world);
    expect(again.outboxPage({}, -1).map((entry) => entry.syncId)).toEqual(["node-a-1", "node-a-3"]);
    expect(again.index.liveCount).toBe(3);
    // The mark took sequence 4; operations never share one with it.
    await write(again, "d");
    expect(again.outboxPage({}, -1).at(-1)?.syncId).toBe("node-a-5");
    await again.close();
  });

  test("pruneFailed is for good, and leaves the values", async () => {
    const world = setup((options) => {
      options.maxRetries = 1;
      options.batchSize = 1000;
    });
    const { client, clock } = world;
    await client.open();
    for (let i = 0; i < 600; i += 1) void client.put(`k${i}`, "v");
    await client.flush();
    await client.tick();
    clock.advance(10_000);
    await client.put("new", "v");
    await client.tick();
    expect((await client.pruneFailed()).value()).toBe(600);
    expect(await counts(client)).toEqual([1, 0, 0, 1, 0]);
    await client.close();
    await client.open();
    expect((await client.outbox()).value().map((entry) => entry.key)).toEqual(["new"]);
    expect(client.size()).toBe(601);
    await client.close();
  });

  test("are records a C++ engine skips, and decode to what was encoded", () => {
    const mark = {
      kind: MARK_ACKNOWLEDGED,
      peer: "node-b",
      operations: [
        { sequence: 7, occurrence: 1 },
        { sequence: 2 ** 40 + 3, occurrence: 2 },
      ],
    } as const;
    const payload = encodeMark(mark);
    expect(payload[0]).not.toBe(1);
    expect(decodeMark(payload, 0, payload.length)).toEqual(mark);
    expect(encodeMark({ kind: MARK_ABANDONED, peer: "", operations: [] })[0]).toBe(0xa2);
  });

  test("a payload that is cut or altered is no mark, and never throws", () => {
    const payload = encodeMark({
      kind: MARK_ACKNOWLEDGED,
      peer: "node-b",
      operations: [{ sequence: 7, occurrence: 1 }],
    });
    for (let length = 0; length < payload.length; length += 1) expect(decodeMark(payload, 0, length)).toBeNull();
    for (let at = 0; at < payload.length; at += 1) {
      for (const byte of [0, 0xff]) {
        const altered = payload.slice();
        altered[at] = byte;
        decodeMark(altered, 0, altered.length);
      }
    }
  });
});

test("a memory-only node lets go of values that neither the store nor the outbox needs", async () => {
  const options = readOptions(ClientOptions.memoryOnly("node-a"));
  const deps = { fileSystem: new MemoryFileSystem([]), clock: new ManualClock() };
  const node = await OpenNode.open(options, deps, new EventHub());
  for (let i = 0; i < 5; i += 1) orThrow(await node.write(1, Buffer.from("k"), Buffer.from(`v${i}`), 1));
  node.tick(1, false);
  for (const id of [1, 2, 3, 4, 5]) await node.acknowledge(`node-a-${id}`, "node-b", 1);
  expect(node.tick(2, true).prunedCount).toBe(5);
  expect(node.outbox.size).toBe(0);
  expect(node.readSync(probeOf("k"))?.toString()).toBe("v4");
  expect(node.heldValueCount()).toBe(1);
  orThrow(await node.write(1, Buffer.from("k"), Buffer.from("v5"), 1));
  expect(node.heldValueCount()).toBe(1);
});
