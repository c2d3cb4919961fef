import fs from "node:fs";
import { expect, test } from "vitest";
import { anyLog, damaged } from "../testing/any-log.js";
import { seededRandom } from "../testing/random.js";
import { fnv1a } from "./checksum.js";
import { CHUNK_BYTES } from "./chunk-reader.js";
import { CHECKSUM_BYTES, HEADER_BYTES, RECORD_OVERHEAD_BYTES, RECORD_TYPE, writeHeader, writeU32 } from "./format.js";
import { kernelTaker, StoreKernel } from "./kernel.js";
import type { RecordBatch, RecordTaker } from "./record-batch.js";
import { scriptTaker } from "./script-taker.js";

test("WebAssembly is there in Node", () => {
  expect(kernelTaker()).not.toBeNull();
  expect(StoreKernel.make(0)).not.toBeNull();
});

test("the module in the repository is what its source compiles to: `npm run kernel`", {
  timeout: 240_000,
}, async () => {
  const { compileKernel } = await import(new URL("../../kernel/compile.mjs", import.meta.url).href);
  expect(fs.readFileSync(new URL("kernel-module.ts", import.meta.url), "utf8")).toBe(await compileKernel());
});

/** Everything that a window's records came to. */
function takeAll(taker: RecordTaker, bytes: Uint8Array, from: number, longest: number) {
  taker.give(bytes, from, bytes.length);
  const rows: object[] = [];
  for (let at = from; ; ) {
    const batch = taker.take(at, bytes.length, longest);
    for (let i = 0; i < batch.length; i += 1) rows.push(rowOf(batch, i));
    if (batch.stop !== "full") return { rows, stop: batch.stop };
    at = (batch.at[batch.length - 1] as number) + 34 + (batch.payloadSize[batch.length - 1] as number);
  }
}

function rowOf(batch: RecordBatch, i: number): object {
  const [at, payloadSize, operation] = [batch.at[i], batch.payloadSize[i], batch.operation[i]];
  const record = { at, payloadSize, operation, sequence: batch.sequence[i] };
  if (operation === 0) return record;
  const { keyAt, keyLength, valueLength, timestampMs, bytes } = batch;
  const keyFrom = keyAt[i] as number;
  const key = Array.from({ length: keyLength[i] as number }, (_, byte) => bytes[keyFrom + byte]).join();
  return { ...record, keyFrom, key, length: valueLength[i], timestampMs: timestampMs[i] };
}

test("WebAssembly takes the same records as JavaScript, and stops for the same reasons", { timeout: 120_000 }, () => {
  const kernel = kernelTaker() as RecordTaker;
  const stops = new Set<string>();
  for (let seed = 0; seed < 200; seed += 1) {
    const random = seededRandom(seed);
    const log = anyLog(random, 1 + random.below(random.chance(0.2) ? 900 : 40));
    const bytes = (random.chance(0.7) ? damaged(random, log) : log).subarray(0, 2 * CHUNK_BYTES);
    const longest = random.chance(0.1) ? 200 : CHUNK_BYTES;
    const expected = takeAll(scriptTaker(), bytes, 0, longest);
    expect(takeAll(kernel, bytes, 0, longest), `seed ${seed}`).toEqual(expected);
    stops.add(expected.stop);
  }
  const all = ["checksum", "large", "magic", "more", "sequence", "size", "status", "timestamp", "type", "version"];
  expect([...stops].sort()).toEqual(all);
});

/** Records of these payload lengths, back to back: no-ops, so that a length of 0 is valid too. */
function recordsOf(lengths: readonly number[]): { bytes: Uint8Array; ends: number[] } {
  const bytes = new Uint8Array(lengths.reduce((sum, length) => sum + RECORD_OVERHEAD_BYTES + length, 0));
  const ends: number[] = [];
  let at = 0;
  for (const [i, payloadSize] of lengths.entries()) {
    writeHeader(bytes, at, { sequence: i + 1, type: RECORD_TYPE.noop, timestampMs: 1, payloadSize });
    const payloadAt = at + HEADER_BYTES;
    for (let byte = 0; byte < payloadSize; byte += 1) bytes[payloadAt + byte] = (byte * 7 + i) % 251;
    at = payloadAt + payloadSize + CHECKSUM_BYTES;
    writeU32(bytes, at - CHECKSUM_BYTES, fnv1a(bytes, payloadAt, at - CHECKSUM_BYTES));
    ends.push(at);
  }
  return { bytes, ends };
}

test("every damaged record is found among those beside it, whatever their lengths", { timeout: 120_000 }, () => {
  const kernel = kernelTaker() as RecordTaker;
  const random = seededRandom(5);
  // Around what is taken at once: bytes, words, two words; a digit or more of the order by length; all of a window.
  const pool = [0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 100, 100, 100, 254, 255, 256, 257, 511, 65_535, 65_536];
  for (let count = 1; count <= 70; count += 1) {
    const isEven = random.chance(0.2);
    const lengths = Array.from({ length: count }, () => (isEven ? 148 : random.pick(pool)));
    if (random.chance(0.1)) lengths[random.below(count)] = 300_000;
    const whole = recordsOf(lengths);
    // As many as the window has room for.
    const fitting = whole.ends.filter((end) => end <= 2 * CHUNK_BYTES).length;
    const bytes = whole.bytes.subarray(0, whole.ends[fitting - 1]);
    const takenOf = () => {
      kernel.give(bytes, 0, bytes.length);
      const { length, stop } = kernel.take(0, bytes.length, CHUNK_BYTES);
      return { length, stop };
    };
    expect(takenOf(), `${lengths}`).toEqual({ length: fitting, stop: "more" });
    for (let i = 0; i < fitting; i += 1) {
      // The last byte of the payload, or of the checksum when there is none.
      const at = (whole.ends[i] as number) - (lengths[i] === 0 ? 1 : CHECKSUM_BYTES + 1);
      (bytes[at] as number) ^= 0x80;
      expect(takenOf(), `${lengths}, record ${i} damaged`).toEqual({ length: i, stop: "checksum" });
      (bytes[at] as number) ^= 0x80;
    }
  }
});
