import fs from "node:fs";
import { expect, test } from "vitest";
import { anyLog, damaged } from "../testing/any-log.js";
import { seededRandom } from "../testing/random.js";
import { CHUNK_BYTES } from "./chunk-reader.js";
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
