/** When what is in flight times out, as the host tells it: with the time of this process in the test's hands. */
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { startInspector, type TestInspector } from "../testing.ts";

const SAMPLES = join(import.meta.dirname, "../../../resources/samples");
const START_MS = Date.UTC(2026, 11, 1);

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"], now: START_MS }));
afterEach(() => void vi.useRealTimers());

const advance = (ms: number) => vi.setSystemTime(Date.now() + ms);
const base64 = (text: string) => Buffer.from(text).toString("base64");

async function openSandbox(inspector: TestInspector) {
  const { session } = await inspector.call("session.openSample", { name: "demo" });
  await inspector.indexed();
  return session;
}

const stateOf = async (inspector: TestInspector, session: number) => {
  const { nextTimeoutMs, stuckCount, stuckInFlightCount, inFlightCount, nowMs, ackTimeoutMs } = await inspector.call(
    "sync.state",
    { session },
  );
  expect([nowMs, ackTimeoutMs]).toEqual([Date.now(), 10_000]);
  return { nextTimeoutMs, stuckCount, stuckInFlightCount, inFlightCount };
};

describe("sync.state tells when the next operation times out", () => {
  test("never, while nothing was sent", async () => {
    const inspector = startInspector();
    const session = await openSandbox(inspector);
    expect(await stateOf(inspector, session)).toEqual({
      nextTimeoutMs: null,
      stuckCount: 0,
      stuckInFlightCount: 0,
      inFlightCount: 0,
    });
    const opened = await inspector.open(join(SAMPLES, "demo.wal"));
    expect(opened.mode).toBe("inspect");
    expect((await stateOf(inspector, opened.session)).nextTimeoutMs).toBeNull();
  });

  test("the earliest of those still in time; what is past it is stuck, not next", async () => {
    const inspector = startInspector();
    const session = await openSandbox(inspector);
    const first = await inspector.call("sync.tick", { session, prune: false });
    advance(4_000);
    await inspector.call("store.put", { session, key: base64("late/1"), value: base64("v") });
    await inspector.call("sync.tick", { session, prune: false });
    const count = first.batchSize;

    expect(await stateOf(inspector, session)).toEqual({
      nextTimeoutMs: START_MS + 10_000,
      stuckCount: 0,
      stuckInFlightCount: 0,
      inFlightCount: count + 1,
    });
    advance(5_999);
    expect((await stateOf(inspector, session)).stuckInFlightCount).toBe(0);
    advance(1);
    expect(await stateOf(inspector, session)).toEqual({
      nextTimeoutMs: START_MS + 14_000,
      stuckCount: count,
      stuckInFlightCount: count,
      inFlightCount: count + 1,
    });
    const stuck = await inspector.call("sync.outbox", { session, filter: "stuck", search: "", start: 0, count: 500 });
    expect([stuck.rowCount, new Set(stuck.rows.map((row) => row.stuck))]).toEqual([count, new Set(["past-timeout"])]);
    advance(4_000);
    expect(await stateOf(inspector, session)).toEqual({
      nextTimeoutMs: null,
      stuckCount: count + 1,
      stuckInFlightCount: count + 1,
      inFlightCount: count + 1,
    });
  });

  test("anew after a retry, and never again once everything failed", async () => {
    const inspector = startInspector();
    const session = await openSandbox(inspector);
    const { batchSize } = await inspector.call("sync.tick", { session, prune: false });
    const { attemptsMax } = await inspector.call("sync.state", { session });
    for (let attempt = 2; attempt <= attemptsMax; attempt += 1) {
      advance(10_000);
      const tick = await inspector.call("sync.tick", { session, prune: false });
      expect([tick.retriedCount, tick.batchSize]).toEqual([batchSize, batchSize]);
      expect((await stateOf(inspector, session)).nextTimeoutMs).toBe(Date.now() + 10_000);
    }
    advance(10_000);
    await inspector.call("sync.tick", { session, prune: false });
    expect(await stateOf(inspector, session)).toEqual({
      nextTimeoutMs: null,
      stuckCount: batchSize,
      stuckInFlightCount: 0,
      inFlightCount: 0,
    });
    expect((await inspector.call("sync.retryFailed", { session })).count).toBe(batchSize);
    expect((await stateOf(inspector, session)).nextTimeoutMs).toBeNull();
  });
});

describe.each(["inspect", "sandbox"] as const)("the row of an operation, in %s", (mode) => {
  test.each([
    ["all", ""],
    ["open", ""],
    ["pending", "user"],
    ["stuck", ""],
    ["acknowledged", ""],
  ] as const)("is where the outbox lists it: %s, search %j", async (filter, search) => {
    const inspector = startInspector();
    const session =
      mode === "sandbox" ? await openSandbox(inspector) : (await inspector.open(join(SAMPLES, "demo.wal"))).session;
    const query = { session, filter, search };
    const { rows } = await inspector.call("sync.outbox", { ...query, start: 0, count: 500 });
    const listed = new Set(rows.map(({ offset }) => offset));
    for (const [row, { offset }] of rows.entries()) {
      if (offset !== null) expect(await inspector.call("sync.rowOf", { ...query, offset })).toEqual({ row });
    }
    const { rows: records } = await inspector.call("log.rows", {
      session,
      filter: "all",
      search: "",
      start: 0,
      count: 60,
    });
    for (const { offset } of records.filter((record) => !listed.has(record.offset))) {
      expect(await inspector.call("sync.rowOf", { ...query, offset })).toEqual({ row: null });
    }
    for (const offset of [1, 2 ** 40]) {
      expect(await inspector.call("sync.rowOf", { ...query, offset })).toEqual({ row: null });
    }
  });
});
