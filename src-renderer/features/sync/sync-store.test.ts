import type { TickReport } from "@softadastra/inspector-contract";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { outboxRow, sessionState, syncState } from "../../testing/facts.ts";
import { FakeHost, settle } from "../../testing/fake-host.ts";
import { openPage } from "../../testing/page.ts";

async function open(host: FakeHost) {
  await openPage(host);
  const { showView, useNavigation } = await import("../../lib/navigation.ts");
  const { useToasts } = await import("../../lib/toasts.ts");
  const sync = await import("./sync-store.ts");
  sync.startSync();
  return { showView, useNavigation, useToasts, ...sync };
}

let host: FakeHost;
let page: Awaited<ReturnType<typeof open>>;
let rowCount = 500;
const rowsFrom = (start: number, stamp = "") => ({
  rowCount,
  start,
  nowMs: 0,
  rows: Array.from({ length: Math.min(100, rowCount - start) }, (_, i) => outboxRow(`n-${start + i}${stamp}`)),
});
const changed = (syncRevision: number, session = 1) =>
  host.publishSession({ state: sessionState({ session }), syncRevision });
const id = (row: number) => page.outboxRow(row)?.syncId;

beforeEach(async () => {
  rowCount = 500;
  host = new FakeHost();
  host.on("sync.state", () => ({ ok: true, value: syncState() }));
  host.on("sync.outbox", ({ start }) => ({ ok: true, value: rowsFrom(start) }));
  page = await open(host);
  await changed(1);
  page.showView("sync");
  await new Promise((resolve) => setTimeout(resolve, 5));
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("the outbox table", () => {
  test("shows the rows in sight, each fetched once", async () => {
    const before = host.inputsOf("sync.outbox").length;
    page.ensureRange(190, 230);
    page.ensureRange(191, 231);
    await settle();
    expect(
      host
        .inputsOf("sync.outbox")
        .slice(before)
        .map(({ start }) => start),
    ).toEqual([100, 200]);
    for (let row = 190; row < 230; row += 1) expect(id(row)).toBe(`n-${row}`);
  });

  test("never shows an answer from before the last change", async () => {
    const held = host.hold("sync.outbox");
    await changed(2);
    await changed(3);
    expect(held).toHaveLength(2);
    await held[1]?.answer(rowsFrom(0, " (new)"));
    rowCount = 3;
    await held[0]?.answer(rowsFrom(0, " (old)"));
    expect(id(0)).toBe("n-0 (new)");
    expect(page.useSync.getState().rowCount).toBe(500);
  });

  test("filtered, begins at its first row with rows of the filter alone", async () => {
    page.ensureRange(300, 320);
    await settle();
    const held = host.hold("sync.outbox");
    page.setActive(310);
    page.setFilter("failed");
    await settle();
    expect(held.map(({ input }) => [input.filter, input.start])).toEqual([["failed", 0]]);
    expect([id(0), id(310), page.useSync.getState().activeIndex]).toEqual([undefined, undefined, -1]);
  });

  test("of another file begins without a filter and without rows", async () => {
    page.setFilter("failed");
    await settle();
    const held = host.hold("sync.outbox");
    await changed(1, 2);
    expect(page.useSync.getState()).toMatchObject({ filter: "all", rowCount: 0 });
    expect(id(0)).toBeUndefined();
    expect(held[0]?.input).toMatchObject({ session: 2, filter: "all" });
  });

  test("searched, waits for a pause in typing", async () => {
    const before = host.inputsOf("sync.outbox").length;
    vi.useFakeTimers();
    for (const search of ["u", "us", "user"]) {
      page.useNavigation.setState({ search });
      await vi.advanceTimersByTimeAsync(50);
    }
    await vi.advanceTimersByTimeAsync(500);
    expect(
      host
        .inputsOf("sync.outbox")
        .slice(before)
        .map(({ search }) => search),
    ).toEqual(["user"]);
  });
});

describe("the counters", () => {
  test("follow the log also while another view is on the screen, without fetching rows nobody sees", async () => {
    page.showView("keys");
    const before = host.inputsOf("sync.outbox").length;
    host.on("sync.state", () => ({ ok: true, value: syncState({ queuedCount: 4 }) }));
    await changed(2);
    expect(page.useSync.getState().state?.queuedCount).toBe(4);
    expect(host.inputsOf("sync.outbox")).toHaveLength(before);
  });

  test("never go back to an answer that was overtaken", async () => {
    const held = host.hold("sync.state");
    await changed(2);
    await changed(3);
    await held[1]?.answer(syncState({ queuedCount: 3 }));
    await held[0]?.answer(syncState({ queuedCount: 2 }));
    expect(page.useSync.getState().state?.queuedCount).toBe(3);
  });

  test("are asked for again when an operation in flight times out: time alone makes it stuck", async () => {
    vi.useFakeTimers();
    host.on("sync.state", () => ({ ok: true, value: syncState({ nowMs: 1_000, nextTimeoutMs: 3_000 }) }));
    void changed(2);
    await vi.advanceTimersByTimeAsync(0);
    const before = host.inputsOf("sync.state").length;
    host.on("sync.state", () => ({ ok: true, value: syncState({ stuckCount: 1 }) }));
    await vi.advanceTimersByTimeAsync(1_900);
    expect(host.inputsOf("sync.state")).toHaveLength(before);
    await vi.advanceTimersByTimeAsync(300);
    expect(page.useSync.getState().state?.stuckCount).toBe(1);
  });
});

describe("what can be done", () => {
  const report: TickReport = {
    number: 1,
    atMs: 0,
    isPruning: false,
    retriedCount: 0,
    failedCount: 0,
    prunedCount: 0,
    batchSize: 0,
    sentCount: 0,
    openCount: 0,
    acknowledgedCount: 0,
  };

  test("each press is a tick, also while the one before still runs", async () => {
    const held = host.hold("sync.tick");
    const ticks = [page.tick(true), page.tick(false)];
    await settle();
    expect(held.map(({ input }) => input)).toEqual([
      { session: 1, prune: true },
      { session: 1, prune: false },
    ]);
    for (const { answer } of held) await answer(report);
    await Promise.all(ticks);
    expect(page.useToasts.getState().toasts).toEqual([]);
  });

  test("run starts with the chosen interval, and pauses what runs", async () => {
    host.on("sync.run", () => ({ ok: true, value: {} }));
    page.setIntervalMs(250);
    await page.toggleRun();
    page.useSync.setState({ state: syncState({ runningEveryMs: 250 }) });
    await page.toggleRun();
    expect(host.inputsOf("sync.run").map(({ everyMs }) => everyMs)).toEqual([250, null]);
  });

  test.each([
    [1, "1 operation put back into the queue"],
    [2000, "2,000 operations put back into the queue"],
  ])("retry says how many: %i", async (count, title) => {
    host.on("sync.retryFailed", () => ({ ok: true, value: { count } }));
    await page.retryFailed();
    expect(page.useToasts.getState().toasts).toMatchObject([{ title }]);
  });

  test.each([
    [{}, "nothing to do"],
    [{ batchSize: 4, retriedCount: 1 }, "4 in flight, 1 retried"],
    [{ batchSize: 4, sentCount: 1200 }, "4 in flight, 1,200 sent"],
    [{ isPruning: true }, "0 pruned"],
  ])("a tick that did %j is said as %s", (change, said) => {
    expect(page.sayTick({ ...report, ...change })).toBe(said);
  });

  test("a tick that gave up on operations did not do nothing", () => {
    expect(page.sayTick({ ...report, failedCount: 2 })).not.toBe("nothing to do");
  });
});
