import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Client } from "../client.js";
import { EventHub } from "../events.js";
import { OpenNode } from "../open-node.js";
import { ClientOptions, readOptions } from "../options.js";
import { ManualClock } from "../testing/manual-clock.js";
import { MemoryFileSystem } from "../testing/memory-file-system.js";
import { orThrow } from "../testing/or-throw.js";
import { encodeSampleRecord, SAMPLE_EPOCH_MS } from "../testing/sample-log.js";
import { Outbox, SYNC_STATUSES, type SyncStatus } from "./outbox.js";

const WAL = "/disk/node.wal";

function setup(change: (options: ClientOptions) => void = () => undefined) {
  const options = ClientOptions.persistent("node-a", WAL);
  change(options);
  const deps = { fileSystem: new MemoryFileSystem(["/disk"]), clock: new ManualClock() };
  return { options, deps, clock: deps.clock, client: new Client(options, deps) };
}

const idsOf = async (client: Client, query: Parameters<Client["outbox"]>[0] = {}) =>
  (await client.outbox(query)).value().map((entry) => Number(entry.syncId.slice("node-a-".length)));

/** Versions 1-2 failed, 3-4 in flight, 5-7 queued. */
async function threeStates() {
  const world = setup((options) => {
    options.maxRetries = 1;
    options.batchSize = 2;
  });
  const { client, clock } = world;
  (await client.open()).value();
  for (let i = 1; i <= 7; i += 1) (await client.put(`k${i}`, "v")).value();
  await client.tick();
  clock.advance(10_000);
  await client.tick();
  return world;
}

describe("a page of the outbox", () => {
  test("holds the entries in one of several states, after leaving some out, up to a limit", async () => {
    const { client } = await threeStates();
    expect(await idsOf(client, { status: "failed" })).toEqual([1, 2]);
    expect(await idsOf(client, { status: ["failed", "in_flight"] })).toEqual([1, 2, 3, 4]);
    expect(await idsOf(client, { status: ["queued", "failed"] })).toEqual([1, 2, 5, 6, 7]);
    expect(await idsOf(client, { status: ["queued", "failed"], skip: 1 })).toEqual([2, 5, 6, 7]);
    expect(await idsOf(client, { status: ["queued", "failed"], skip: 1, limit: 2 })).toEqual([2, 5]);
    expect(await idsOf(client, { status: ["queued", "failed"], after: "node-a-2", skip: 1, limit: 5 })).toEqual([6, 7]);
    // `after` may name an entry that is in none of the states asked for.
    expect(await idsOf(client, { status: ["failed", "queued"], after: "node-a-3" })).toEqual([5, 6, 7]);
    expect(await idsOf(client, { skip: 5 })).toEqual([6, 7]);
    expect(await idsOf(client, { skip: 7 })).toEqual([]);
    expect(await idsOf(client, { status: [] })).toEqual([]);
    expect(await idsOf(client, { status: ["pending", "acknowledged"] })).toEqual([]);
    expect(await idsOf(client, { status: [...SYNC_STATUSES] })).toEqual([1, 2, 3, 4, 5, 6, 7]);
    await client.close();
  });

  test("of any states, place and size equals a filter and a slice of the whole", async () => {
    const { client } = await threeStates();
    const all = (await client.outbox()).value();
    const query = fc.record({
      status: fc.subarray([...SYNC_STATUSES]),
      after: fc.option(fc.integer({ min: 0, max: 6 }), { nil: undefined }),
      skip: fc.integer({ min: 0, max: 8 }),
      limit: fc.integer({ min: 0, max: 8 }),
    });
    await fc.assert(
      fc.asyncProperty(query, async ({ status, after, skip, limit }) => {
        const from = after === undefined ? 0 : after + 1;
        const expected = all
          .slice(from)
          .filter((entry) => status.includes(entry.status))
          .slice(skip, skip + limit);
        const place = after === undefined ? {} : { after: all[after]?.syncId ?? "" };
        expect((await client.outbox({ status, skip, limit, ...place })).value()).toEqual(expected);
      }),
      { numRuns: 300 },
    );
    await client.close();
  });
});

describe("one entry", () => {
  test("is answered by its sync id with everything known of it", async () => {
    const { client, clock } = await threeStates();
    expect((await client.outboxEntry("node-a-3")).value()).toEqual({
      syncId: "node-a-3",
      key: "k3",
      keyBytes: new Uint8Array(Buffer.from("k3")),
      kind: "put",
      version: 3,
      status: "in_flight",
      attempts: 1,
      createdMs: SAMPLE_EPOCH_MS,
      lastAttemptMs: clock.nowMs,
      nextRetryMs: clock.nowMs + 10_000,
      peers: [],
    });
    expect((await client.outboxEntry("node-a-1")).value()).toMatchObject({ status: "failed", nextRetryMs: null });
    expect((await client.outboxEntry("node-a-7")).value()).toMatchObject({
      status: "queued",
      attempts: 0,
      lastAttemptMs: null,
      nextRetryMs: null,
    });
    for (const entry of (await client.outbox()).value()) {
      expect((await client.outboxEntry(entry.syncId)).value()).toEqual(entry);
    }
    await client.close();
  });

  test.each(["node-a-8", "node-a-0", "node-a-3.2", "node-a-", "node-a-3x", "node-a--3", "node-b-3", "", "3"])(
    "%j is not_found",
    async (syncId) => {
      const { client } = await threeStates();
      expect((await client.outboxEntry(syncId)).error().code).toBe("not_found");
      await client.close();
    },
  );

  test("is not_found once it was pruned", async () => {
    const { client } = await threeStates();
    expect((await client.pruneFailed()).value()).toBe(2);
    expect((await client.outboxEntry("node-a-1")).error().code).toBe("not_found");
    expect((await client.outbox({ after: "node-a-2" })).error().code).toBe("not_found");
    expect(await idsOf(client)).toEqual([3, 4, 5, 6, 7]);
    await client.close();
  });

  test("of a node id with digits, dashes and dots is found by its whole sync id", async () => {
    const deps = { fileSystem: new MemoryFileSystem(["/disk"]), clock: new ManualClock() };
    const client = new Client(ClientOptions.persistent("node-1-2.3", WAL), deps);
    (await client.open()).value();
    (await client.put("k", "v")).value();
    expect((await client.outbox()).value()[0]?.syncId).toBe("node-1-2.3-1");
    expect((await client.outboxEntry("node-1-2.3-1")).value().key).toBe("k");
    await client.close();
  });
});

describe("what is said while a mark is on its way to the disk", () => {
  test("retryFailed during pruneFailed leaves the outbox that the next open finds", async () => {
    const { client, clock } = await threeStates();
    const [pruned, retried] = await Promise.all([client.pruneFailed(), client.retryFailed()]);
    expect([pruned.value(), retried.value()]).toEqual([2, 2]);
    const before = await idsOf(client);
    clock.advance(1);
    (await client.close()).value();
    (await client.open()).value();
    expect(await idsOf(client)).toEqual(before);
    await client.close();
  });

  test("operations that fail during pruneFailed stay: only the marked ones go", async () => {
    const { client, clock } = await threeStates();
    clock.advance(10_000);
    const [pruned] = await Promise.all([client.pruneFailed(), client.tick()]);
    expect(pruned.value()).toBe(2);
    expect(await idsOf(client, { status: "failed" })).toEqual([3, 4]);
    const before = await idsOf(client);
    (await client.close()).value();
    (await client.open()).value();
    expect(await idsOf(client)).toEqual(before);
    await client.close();
  });

  test("close during a pruneFailed of many marks waits for all of them", async () => {
    const { client, clock } = setup((options) => {
      options.maxRetries = 1;
      options.batchSize = 2000;
    });
    (await client.open()).value();
    await Promise.all(Array.from({ length: 1000 }, (_, i) => client.put(`k${i}`, "v")));
    await client.tick();
    clock.advance(10_000);
    await client.tick();
    const [pruned, closed] = await Promise.all([client.pruneFailed(), client.close()]);
    expect(pruned.value()).toBe(1000);
    closed.value();
    (await client.open()).value();
    expect(await idsOf(client)).toEqual([]);
    expect(client.size()).toBe(1000);
    await client.close();
  });

  test("an acknowledgement finds its operation though the columns were packed meanwhile", async () => {
    const { options, deps } = setup();
    const node = await OpenNode.open(readOptions(options), deps, new EventHub());
    const count = 1500;
    const nowMs = SAMPLE_EPOCH_MS;
    await Promise.all(
      Array.from({ length: count }, (_, i) =>
        node.write(1, Buffer.from(`k${i}`), Buffer.from("v"), nowMs).then(orThrow),
      ),
    );
    const ids = Array.from({ length: count }, (_, i) => `node-a-${i + 1}`);
    await Promise.all(ids.slice(0, -1).map((id) => node.acknowledge(id, "node-b", nowMs)));
    const last = node.acknowledge(ids.at(-1) as string, "node-b", nowMs);
    expect(node.tick(nowMs, true).prunedCount).toBe(count - 1);
    expect(await last).toBe(true);
    expect(node.outboxPage({}, -1).map((entry) => [entry.syncId, entry.status])).toEqual([
      [ids.at(-1), "acknowledged"],
    ]);
    expect([node.outbox.size, node.outbox.count("acknowledged"), node.outbox.count("in_flight")]).toEqual([1, 1, 0]);
    await node.close();
  });
});

test("an operation with any sequence a header can hold can be settled for good", async () => {
  for (const sequence of [2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n]) {
    const { options, deps } = setup();
    const operation = { kind: "put" as const, key: "k", value: "v", timestampMs: SAMPLE_EPOCH_MS };
    const bytes = encodeSampleRecord({ sequence: 1, operation });
    bytes.writeBigUInt64LE(sequence, 8);
    const handle = await deps.fileSystem.open(WAL, "create");
    await handle.write(bytes, 0, bytes.length, 0);
    const node = await OpenNode.open(readOptions(options), deps, new EventHub());
    const [entry] = node.outboxPage({}, -1);
    expect(await node.acknowledge(entry?.syncId ?? "", "node-b", SAMPLE_EPOCH_MS)).toBe(true);
    // It does not lift the sequences that follow: the mark, and then the next write, go on from the start.
    orThrow(await node.write(1, Buffer.from("next"), Buffer.from("v"), SAMPLE_EPOCH_MS));
    expect(node.outboxPage({}, -1).map((each) => each.syncId)).toContain("node-a-2");
    await node.close();
    const again = await OpenNode.open(readOptions(options), deps, new EventHub());
    expect(again.outboxPage({}, -1).map((each) => each.syncId)).toEqual(["node-a-2"]);
    await again.close();
  }
});

test("any adding, changing and pruning leaves what a plain list would hold, in the order of sending", () => {
  interface Entry {
    sequence: number;
    timestampMs: number;
    occurrence: number;
    status: SyncStatus;
  }
  const add = fc.record({ do: fc.constant("add" as const), sequence: fc.integer({ min: 1, max: 12 }) });
  const change = fc.record({
    do: fc.constant("change" as const),
    pick: fc.nat(),
    status: fc.constantFrom(...SYNC_STATUSES),
  });
  const prune = fc.record({ do: fc.constant("prune" as const), status: fc.constantFrom(...SYNC_STATUSES) });
  const steps = fc.array(fc.oneof({ weight: 6, arbitrary: add }, { weight: 4, arbitrary: change }, prune), {
    maxLength: 80,
  });
  fc.assert(
    fc.property(steps, fc.subarray([...SYNC_STATUSES]), (actions, wanted) => {
      const outbox = new Outbox();
      let model: Entry[] = [];
      const times = new Map<number, number>();
      let timestampMs = 0;
      for (const action of actions) {
        if (action.do === "add") {
          const { sequence } = action;
          const occurrence = (times.get(sequence) ?? 0) + 1;
          times.set(sequence, occurrence);
          timestampMs += 1;
          outbox.add({ sequence, keyId: 0, isDelete: false, timestampMs, location: 0, valueLength: 0 }, "pending");
          model.push({ sequence, timestampMs, occurrence, status: "pending" });
        } else if (action.do === "change") {
          const entry = model[action.pick % Math.max(1, model.length)];
          if (entry === undefined) continue;
          const found = outbox.find(entry.sequence, entry.occurrence);
          if (found === null) throw new Error("an entry is not found");
          outbox.setStatus(found.slot, action.status);
          entry.status = action.status;
        } else {
          const released: number[] = [];
          outbox.prune(action.status, (operation) => released.push(operation.timestampMs));
          const gone = model.filter((entry) => entry.status === action.status);
          expect(released.sort((a, b) => a - b)).toEqual(gone.map((entry) => entry.timestampMs).sort((a, b) => a - b));
          model = model.filter((entry) => entry.status !== action.status);
        }
      }
      const inOrder = model.toSorted((a, b) => a.sequence - b.sequence || a.timestampMs - b.timestampMs);
      const listed = [...outbox.slots(wanted)].map((slot) => outbox.operation(slot).timestampMs);
      expect(listed).toEqual(inOrder.filter((e) => wanted.includes(e.status)).map((e) => e.timestampMs));
      expect(outbox.size).toBe(model.length);
      for (const status of SYNC_STATUSES) {
        expect(outbox.count(status)).toBe(model.filter((entry) => entry.status === status).length);
      }
    }),
    { numRuns: 300 },
  );
});
