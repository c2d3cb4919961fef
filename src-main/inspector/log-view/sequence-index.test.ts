import fc from "fast-check";
import { expect, test } from "vitest";
import { SequenceIndex } from "./sequence-index.ts";

const seed = Number(process.env.SEQUENCE_SEED ?? Date.now() % 2 ** 31);

test(`finds what counting from the start finds, for any order of sequences (seed ${seed})`, () => {
  // Few sequences, so that they repeat; mostly rising at the start, as logs are.
  const records = fc.array(fc.record({ sequence: fc.integer({ min: 1, max: 12 }), isOperation: fc.boolean() }), {
    maxLength: 60,
  });
  const log = fc
    .tuple(fc.nat(10), records)
    .map(([rising, rest]) => [
      ...Array.from({ length: rising }, (_, i) => ({ sequence: i + 1, isOperation: i % 3 > 0 })),
      ...rest,
    ]);
  fc.assert(
    fc.property(log, (all) => {
      const index = new SequenceIndex((record) => all[record]?.isOperation ?? false);
      for (const { sequence } of all) index.add(sequence);
      expect(index.isRising).toBe(all.every(({ sequence }, i) => i === 0 || sequence > (all[i - 1]?.sequence ?? 0)));
      for (let sequence = 0; sequence <= 13; sequence += 1) {
        expect(index.first(sequence)).toBe(all.findIndex((record) => record.sequence === sequence));
        const operations = all.flatMap((record, i) => (record.isOperation && record.sequence === sequence ? [i] : []));
        for (const [i, record] of operations.entries()) {
          expect(index.operation(sequence, i + 1)).toBe(record);
          expect(index.occurrenceOf(record)).toBe(i + 1);
        }
        expect(index.operation(sequence, operations.length + 1)).toBe(-1);
      }
    }),
    { seed, numRuns: 500 },
  );
});

test("grows with the log", () => {
  const index = new SequenceIndex(() => true);
  for (let i = 1; i <= 5_000; i += 1) index.add(i);
  expect([index.of(4_999), index.first(4_096), index.isRising]).toEqual([5_000, 4_095, true]);
});

test("goes on numbering where repair or compaction left earlier operations out", () => {
  const index = new SequenceIndex(() => true);
  index.add(1);
  index.continueNumbering(5, 3);
  index.add(5);
  index.add(5);
  index.continueNumbering(1, 4);
  index.add(1);
  expect([0, 1, 2, 3].map((record) => index.occurrenceOf(record))).toEqual([1, 3, 4, 4]);
  expect([index.operation(5, 3), index.operation(5, 4), index.operation(5, 1), index.operation(1, 4)]).toEqual([
    1, 2, -1, 3,
  ]);
});
