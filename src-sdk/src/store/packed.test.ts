import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { OperationRows, type OutboxOperation } from "../sync/operation-rows.js";
import { StoreKernel } from "../wal/kernel.js";
import { KeyTable, slotBytesMax } from "./key-table.js";
import { StoreIndex } from "./store-index.js";

const MiB = 2 ** 20;
/** Numbers of which packing could lose something. */
const edges = [1, 2 ** 16, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 40, 2 ** 48 - 1, 2 ** 48, 0xffff * 2 ** 32 - 1, 2 ** 53];
const anyNumber = fc.oneof(fc.constantFrom(...edges, 2 ** 63, 2 ** 64), fc.integer({ min: 1, max: 2 ** 45 }));
const anyLocation = fc.oneof(fc.constantFrom(...edges.slice(0, 7)), fc.integer({ min: 1, max: 2 ** 45 }));

describe.each([
  ["on its own", () => new StoreIndex()],
  ["in the memory of a kernel", () => new StoreIndex(StoreKernel.make(slotBytesMax(10)), 10)],
])("StoreIndex %s", (_, makeIndex) => {
  test("gives back every number exactly, however large, also after another one for the same key", () => {
    const writes = fc.array(fc.tuple(fc.nat(3), anyNumber, anyNumber, anyLocation, fc.nat(64 * MiB), fc.boolean()));
    fc.assert(
      fc.property(writes, (operations) => {
        const index = makeIndex();
        const expected = new Map<number, object | null>();
        for (const [key, sequence, timestampMs, location, valueLength, isDelete] of operations) {
          const bytes = Uint8Array.of(key);
          const type = isDelete ? 2 : 1;
          index.apply({ type, bytes, keyFrom: 0, keyTo: 1, valueLength, timestampMs, sequence, location });
          expected.set(key, isDelete ? null : { version: sequence, timestampMs, location, valueLength });
        }
        for (const [key, entry] of expected) expect(index.get(Uint8Array.of(key))).toEqual(entry);
        expect(index.liveCount).toBe([...expected.values()].filter((entry) => entry !== null).length);
      }),
    );
  });
});

describe("OperationRows", () => {
  const anyOperation: fc.Arbitrary<OutboxOperation> = fc.record({
    sequence: fc.oneof(anyNumber, fc.integer({ min: 1, max: 4 })),
    keyId: fc.nat(0xffff_ffff),
    isDelete: fc.boolean(),
    timestampMs: anyNumber,
    location: anyLocation,
    valueLength: fc.nat(64 * MiB),
  });

  test("give back every operation and state exactly, whatever their order", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyOperation, fc.nat(5))), (pushed) => {
        const rows = new OperationRows();
        for (const [operation] of pushed) rows.push(operation, 0);
        for (const [slot, [, code]] of pushed.entries()) rows.setCode(slot, code);
        pushed.forEach(([operation, code], slot) => {
          expect(rows.operation(slot)).toEqual(operation);
          expect(rows.code(slot)).toBe(code);
        });
      }),
    );
  });

  test("keep everything but the location when values move, over more than one segment", () => {
    const rows = new OperationRows();
    const at = (slot: number): OutboxOperation => ({
      // A mark takes a sequence now and then.
      sequence: slot + 1 + Math.floor(slot / 1000),
      keyId: slot % 7,
      isDelete: slot % 5 === 0,
      timestampMs: 1_700_000_000_000 + slot,
      // More than 4 GiB within a segment.
      location: 1_000 + slot * MiB,
      valueLength: slot,
    });
    for (let slot = 0; slot < 40_000; slot += 1) rows.push(at(slot), 1);
    rows.relocate(
      (slot) => slot % 3 !== 0,
      (location) => location / 2,
    );
    for (let slot = 1; slot < 40_000; slot += 1) {
      if (slot % 3 === 0) continue;
      const { location, ...rest } = at(slot);
      expect(rows.operation(slot)).toEqual({ ...rest, location: location / 2 });
    }
  });
});

test.each([
  ["on its own", () => new KeyTable()],
  ["in the memory of a kernel", () => new KeyTable(0, StoreKernel.make(slotBytesMax(100)), 100)],
])("KeyTable %s keeps keys apart where its segments meet, and where one is filled to the brim", (_, makeTable) => {
  const keys = makeTable();
  const lengths = [MiB, MiB, MiB - 1, 1, MiB, 3, MiB, MiB - 2, 5, 2 * MiB, 1, MiB, MiB];
  const made = lengths.map((length, i) => new Uint8Array(length).fill(i + 1));
  for (const [id, key] of made.entries()) expect(keys.add(key)).toBe(id);
  made.forEach((key, id) => {
    expect(keys.keyLength(id)).toBe(key.length);
    expect(keys.find(key)).toBe(id);
    expect(Buffer.compare(keys.bytes(id), key)).toBe(0);
    expect(keys.byteAt(id, key.length - 1)).toBe(id + 1);
    expect(keys.byteAt(id, key.length)).toBe(-1);
    expect(keys.find(key.subarray(1))).toBe(-1);
  });
  expect(() => keys.add(new Uint8Array(2 * MiB + 1))).toThrow(RangeError);
});
