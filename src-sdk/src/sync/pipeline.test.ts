import { describe, expect, test } from "vitest";
import { Outbox } from "./outbox.js";
import { type PipelineOptions, SyncPipeline } from "./pipeline.js";

const OPTIONS: PipelineOptions = {
  batchSize: 64,
  maxRetries: 2,
  retryIntervalMs: 5_000,
  ackTimeoutMs: 10_000,
  requireAck: true,
};

/** A pipeline of `count` operations whose peers are `peerCount`, and what was handed to them. */
function setup(count: number, peerCount: number, change: Partial<PipelineOptions> = {}) {
  const outbox = new Outbox();
  const sent: number[] = [];
  const send = ({ sequence }: { sequence: number }) => {
    sent.push(sequence);
    return peerCount;
  };
  const pipeline = new SyncPipeline(outbox, { ...OPTIONS, ...change }, send, 0);
  for (let sequence = 1; sequence <= count; sequence += 1) {
    pipeline.submit({ sequence, keyId: 0, isDelete: false, timestampMs: 1, location: 0, valueLength: 0 });
  }
  return { outbox, pipeline, sent };
}

describe("a tick", () => {
  test("hands each operation of the batch over once, in order, and counts those that a peer took", () => {
    const { outbox, pipeline, sent } = setup(5, 2, { batchSize: 3 });
    expect(pipeline.tick(0)).toEqual({ retriedCount: 0, failedCount: 0, prunedCount: 0, batchSize: 3, sentCount: 3 });
    expect(sent).toEqual([1, 2, 3]);
    expect([outbox.count("in_flight"), outbox.count("queued")]).toEqual([3, 2]);
    expect(pipeline.lastSubmittedVersion).toBe(5);
  });

  test("counts nothing as sent while nobody is there, and the attempt counts all the same", () => {
    const { outbox, pipeline } = setup(1, 0);
    expect(pipeline.tick(0)).toMatchObject({ batchSize: 1, sentCount: 0 });
    expect(outbox.attempts(0)).toMatchObject({ count: 1 });
  });

  test("without requireAck takes an operation for delivered when a peer took it, and only then", () => {
    const taken = setup(2, 1, { requireAck: false });
    expect(taken.pipeline.tick(0)).toMatchObject({ sentCount: 2 });
    expect(taken.outbox.count("acknowledged")).toBe(2);
    expect(taken.pipeline.tick(1, () => undefined).prunedCount).toBe(2);
    expect(taken.outbox.size).toBe(0);
    const alone = setup(2, 0, { requireAck: false });
    alone.pipeline.tick(0);
    expect([alone.outbox.count("acknowledged"), alone.outbox.count("in_flight")]).toEqual([0, 2]);
  });

  test("prunes delivered operations only when asked, and tells each of them", () => {
    const { outbox, pipeline } = setup(3, 1);
    pipeline.tick(0);
    outbox.setStatus(1, "acknowledged");
    expect(pipeline.tick(1).prunedCount).toBe(0);
    const released: number[] = [];
    expect(pipeline.tick(2, ({ sequence }) => released.push(sequence)).prunedCount).toBe(1);
    expect(released).toEqual([2]);
    expect(outbox.size).toBe(2);
  });

  test("sends an operation exactly maxRetries times before it fails, and again as often after retryFailed", () => {
    const { outbox, pipeline, sent } = setup(1, 1);
    const runOut = (fromMs: number) => {
      for (let nowMs = fromMs; outbox.count("failed") === 0; nowMs += 10_000) {
        if (nowMs - fromMs > 100_000) throw new Error("it never fails");
        pipeline.tick(nowMs);
      }
    };
    runOut(0);
    expect(sent.length).toBe(2);
    expect(pipeline.retryFailed()).toBe(1);
    expect(pipeline.retryFailed()).toBe(0);
    runOut(1_000_000);
    expect(sent.length).toBe(4);
  });

  test("lets a later operation overtake one that waits for its interval", () => {
    const { pipeline, sent } = setup(1, 1, { ackTimeoutMs: 1_000, retryIntervalMs: 60_000 });
    pipeline.tick(0);
    pipeline.submit({ sequence: 2, keyId: 0, isDelete: false, timestampMs: 1, location: 0, valueLength: 0 });
    expect(pipeline.tick(1_000)).toMatchObject({ retriedCount: 1, batchSize: 1 });
    expect(sent).toEqual([1, 2]);
  });
});
