import { expect, test } from "vitest";
import { seededRandom } from "../testing/random.js";
import { referenceFnv1aFast } from "../testing/sample-log.js";
import { WINDOW_BYTES } from "./chunk-reader.js";
import { HEADER_BYTES, readU32 } from "./format.js";
import { recordSigner } from "./kernel.js";
import { WriteBatch } from "./write-batch.js";

/** Offset behind the last record whose checksum is that of its payload, and how many those are. */
function wholeRecords(bytes: Uint8Array, used: number): { end: number; count: number } {
  let end = 0;
  let count = 0;
  while (end < used) {
    const payloadAt = end + HEADER_BYTES;
    const checksumAt = payloadAt + readU32(bytes, end + 26);
    if (readU32(bytes, checksumAt) !== referenceFnv1aFast(bytes.subarray(payloadAt, checksumAt))) break;
    end = checksumAt + 4;
    count += 1;
  }
  return { end, count };
}

function filled(sizes: readonly number[], timestampMs = 1): WriteBatch {
  const batch = new WriteBatch();
  for (const [i, size] of sizes.entries()) {
    if (i % 7 === 3) batch.addMark(new Uint8Array(1 + size).fill(0xa5), timestampMs);
    else
      batch.addOperation({ type: 1, key: Buffer.from(`key/${i}`), value: new Uint8Array(size).fill(i), timestampMs });
    batch.number(i, i + 1);
  }
  return batch;
}

test("every record is given its checksum, alone and among many, whatever their sizes", () => {
  expect(recordSigner()).not.toBeNull();
  const random = seededRandom(20_261_130);
  const anySize = () => random.pick([0, 1, 2, 3, 50, 100, 300, 5_000]);
  const batches = [
    ...[1, 2, 7, 8, 9, 255, 256, 257, 1_000].map((count) => Array.from({ length: count }, anySize)),
    // More than the kernel takes at once, all together and one of them.
    Array.from({ length: 60 }, () => random.pick([10, 60_000])),
    [...Array.from({ length: 20 }, anySize), WINDOW_BYTES, ...Array.from({ length: 20 }, anySize), WINDOW_BYTES - 200],
  ];
  for (const sizes of batches) {
    const batch = filled(sizes);
    for (let round = 0; round < 2; round += 1) {
      batch.sign();
      expect(wholeRecords(batch.bytes, batch.used)).toEqual({ end: batch.used, count: sizes.length });
    }
    batch.clear();
  }
});

test("a record that no reader would take does not keep the others from their checksums", () => {
  // Times below 1 are not valid; nothing writes them.
  const batch = filled(Array.from({ length: 40 }, (_, i) => i));
  batch.bytes.fill(0, 18, 26);
  batch.sign();
  expect(wholeRecords(batch.bytes, batch.used).count).toBe(40);
});
