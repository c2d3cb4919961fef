import { describe, expect, test } from "vitest";
import { anyLog, damaged } from "../testing/any-log.js";
import { type Random, seededRandom } from "../testing/random.js";
import { arraySource, type ByteSource } from "../wal/byte-source.js";
import { StoreKernel } from "../wal/kernel.js";
import { surveyLog } from "../wal/recovery.js";
import { WINDOW_RECORD_BYTES_MAX } from "../wal/scan.js";
import { scriptTaker } from "../wal/script-taker.js";
import { slotBytesMax } from "./key-entries.js";
import { KeyProbe } from "./key-probe.js";
import { RecoveredState } from "./recover.js";

const MiB = 2 ** 20;

/** One record at a time, in JavaScript: how every log can be read. */
async function readPlainly(log: Uint8Array) {
  const state = new RecoveredState(0, null);
  const survey = await surveyLog(arraySource(log), { onRecord: (record) => state.apply(record), taker: scriptTaker() });
  return { state, survey };
}

/**
 * Puts the bytes where they were asked for when the read ends, as a disk does: memory that moved meanwhile shows, and
 * memory that somebody else uses. The read with this number ends so many turns after it could.
 */
function lateSource(log: Uint8Array, late = { read: 0, turns: 0 }): ByteSource {
  let reads = 0;
  return {
    size: log.length,
    async read(into, at, length, position) {
      const turns = reads++ === late.read ? 1 + late.turns : 1;
      for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      const bytes = log.subarray(position, position + length);
      into.set(bytes, at);
      return bytes.length;
    },
  };
}

async function readInBatches(
  log: Uint8Array,
  kernel: StoreKernel | null,
  keysMax = log.length / 53,
  source = lateSource(log),
) {
  const state = new RecoveredState(keysMax * 53, kernel);
  const scanning = state.scanning();
  const taker = kernel ?? scriptTaker();
  const survey = await surveyLog(source, { ...scanning, taker });
  state.endReading();
  return { state, survey };
}

const madeFor = (keys: number) => StoreKernel.make(slotBytesMax(keys));

/** What a state holds, a line each: a million of them are compared as texts, not as objects. */
function* linesOf({ index, outbox, ...rest }: RecoveredState): Generator<string> {
  yield JSON.stringify([rest.recordCount, rest.operationCount, rest.highestSequence, rest.highestVersion]);
  yield JSON.stringify([index.keys.size, index.liveCount, index.deletedCount, outbox.size, outbox.isNumbered]);
  const probe = new KeyProbe();
  for (let id = index.keys.first(); id !== -1; id = index.keys.next(id)) {
    const key = Buffer.from(index.keys.view(id));
    const { version, timestampMs, location, valueLength } = index.last(id);
    const isFound = index.keys.find(probe.take(key, 0, key.length)) === id;
    yield [isFound, key.toString("hex"), version, timestampMs, location, valueLength, index.isLive(id)].join();
  }
  for (const slot of outbox.slots()) {
    const { sequence, keyId, isDelete, timestampMs, location, valueLength } = outbox.operation(slot);
    const number = outbox.occurrence(slot);
    yield [slot, sequence, number, keyId, isDelete, timestampMs, location, valueLength, outbox.status(slot)].join();
  }
}

function expectSame(a: RecoveredState, b: RecoveredState, what: string): void {
  const [left, right] = [linesOf(a), linesOf(b)];
  for (let line = 0; ; line += 1) {
    const [one, other] = [left.next(), right.next()];
    if (one.done && other.done) return;
    if (one.value !== other.value) expect(one.value, `${what}, line ${line}`).toBe(other.value);
  }
}

interface Circumstances {
  readonly keysMax?: number;
  /** Is done to the kernel before each window. */
  readonly before?: (kernel: StoreKernel) => void;
}

async function compare(log: Uint8Array, what: string, { keysMax, before }: Circumstances = {}): Promise<void> {
  const plain = await readPlainly(log);
  const kernel = madeFor(keysMax ?? log.length / 53) as StoreKernel;
  const give = kernel.give.bind(kernel);
  kernel.give = (...window) => {
    before?.(kernel);
    give(...window);
  };
  for (const [way, made] of Object.entries({ kernel, script: null })) {
    const read = await readInBatches(log, made, keysMax);
    expect(read.survey, `${what}, ${way}`).toEqual(plain.survey);
    expectSame(read.state, plain.state, `${what}, ${way}`);
    // What comes later lies outside of the kernel's memory, beside what lies in it.
    goOn(read.state);
    goOn(plain.state);
    expectSame(read.state, plain.state, `${what}, ${way}, written to`);
    read.state.settleMarks();
    plain.state.settleMarks();
    expectSame(read.state, plain.state, `${what}, ${way}, settled`);
    Object.assign(plain, await readPlainly(log));
  }
}

function goOn({ index, outbox }: RecoveredState): void {
  for (let i = 0; i < 300; i += 1) {
    const bytes = Buffer.from(`later/${i % 200}`);
    const [sequence, timestampMs, location] = [2 ** 40 + i, 1_800_000_000_000 + i, 2 ** 41 + 100 * i];
    const recorded = {
      type: i % 7 === 0 ? 2 : 1,
      valueLength: i % 7 === 0 ? 0 : i,
      bytes,
      keyFrom: 0,
      keyTo: bytes.length,
    };
    const keyId = index.apply({ ...recorded, sequence, timestampMs, location });
    outbox.add({ sequence, keyId, isDelete: i % 7 === 0, timestampMs, location, valueLength: i }, "queued");
  }
}

describe("a log restores the same, in WebAssembly, in batches, and record by record", () => {
  const anyOf = (random: Random) => anyLog(random, 1 + random.below(random.chance(0.1) ? 4000 : 200));

  test.each(Array.from({ length: 40 }, (_, seed) => seed))("whatever is in it, seed %i", async (seed) => {
    await compare(anyOf(seededRandom(seed)), `seed ${seed}`);
  });

  test.each(Array.from({ length: 60 }, (_, i) => 1_000 + i))("and however it is damaged, seed %i", async (seed) => {
    const random = seededRandom(seed);
    await compare(damaged(random, anyOf(random)), `seed ${seed}`);
  });

  test("with more of everything than segments hold, in a memory that moves with each window", {
    timeout: 240_000,
  }, async () => {
    const log = anyLog(seededRandom(7), 50_000, { keys: 30_000, oddness: 0.0002, longKeyBytes: 4_500 });
    await compare(log, "many keys", { before: (kernel) => kernel.reserve(16 * MiB) });
  });

  test("with tables of which only some lie in the kernel's memory", { timeout: 120_000 }, async () => {
    // Nothing out of the ordinary, so that the kernel does all of it that it can.
    const log = anyLog(seededRandom(8), 40_000, { keys: 30_000, oddness: 0, longKeyBytes: 4_500 });
    let windows = 0;
    await compare(log, "no room", { before: (kernel) => (windows++ === 3 ? kernel.close() : undefined) });
  });

  test("with more keys than the kernel was made for", { timeout: 60_000 }, async () => {
    await compare(anyLog(seededRandom(9), 20_000, { keys: 15_000, oddness: 0 }), "few slots", { keysMax: 2_000 });
  });

  test("with records longer than a window", async () => {
    const random = seededRandom(10);
    const [a, b] = [anyLog(random, 300, { oddness: 0 }), anyLog(random, 300, { oddness: 0 })];
    await compare(Buffer.concat([a, longRecord(), b]), "long record");
  });

  test("when what was read ahead of a long record comes only when another reads behind it", async () => {
    const behind = anyLog(seededRandom(12), 40_000, { oddness: 0, keys: 500 });
    const log = Buffer.concat([anyLog(seededRandom(11), 300, { oddness: 0 }), longRecord(), behind]);
    const plain = await readPlainly(log);
    for (let turns = 0; turns < 40; turns += 1) {
      const kernel = madeFor(log.length / 53);
      const read = await readInBatches(log, kernel, log.length / 53, lateSource(log, { read: 1, turns }));
      expect(read.survey, `${turns} turns late`).toEqual(plain.survey);
      expectSame(read.state, plain.state, `${turns} turns late`);
    }
  });
});

/** A put of a key that a window does not hold. */
function longRecord(): Buffer {
  const log = anyLog(seededRandom(1), 1, { oddness: 0, keys: 1, longKeyBytes: 700_000 });
  expect(log.length).toBeGreaterThan(WINDOW_RECORD_BYTES_MAX);
  return log;
}
