import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { OperationRows, type OutboxOperation } from "../sync/operation-rows.js";
import { StoreKernel } from "../wal/kernel.js";
import { valueBytesMax } from "../wal/operation.js";
import { KeyEntries, slotBytesMax } from "./key-entries.js";
import { KeyProbe } from "./key-probe.js";
import { type StoredEntry, StoreIndex } from "./store-index.js";

const MiB = 2 ** 20;
const utf8 = new TextEncoder();
const VALUE_MAX = valueBytesMax(1);
/** Numbers of which packing could lose something. */
const near = [1, 2 ** 16, 2 ** 26 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 38 - 1, 2 ** 38, 2 ** 40, 2 ** 48 - 1];
const edges = [...near, 0x7ff * 2 ** 32 - 1, 0x7ff * 2 ** 32, 2 ** 43 - 1, 2 ** 43, 2 ** 48, 2 ** 53];
const anyNumber = fc.oneof(fc.constantFrom(...edges, 2 ** 63, 2 ** 64), fc.integer({ min: 1, max: 2 ** 45 }));
const anyLocation = fc.oneof(fc.constantFrom(...near), fc.integer({ min: 1, max: 2 ** 45 }));

describe.each([
  ["on its own", () => new StoreIndex()],
  ["in the memory of a kernel", () => new StoreIndex(StoreKernel.make(slotBytesMax(10)), 10)],
])("StoreIndex %s", (_, makeIndex) => {
  test("gives back every number exactly, however large, also after another one for the same key", () => {
    const writes = fc.array(fc.tuple(fc.nat(3), anyNumber, anyNumber, anyLocation, fc.nat(VALUE_MAX), fc.boolean()));
    fc.assert(
      fc.property(writes, (operations) => {
        const index = makeIndex();
        const expected = new Map<number, StoredEntry | null>();
        for (const [key, sequence, timestampMs, location, valueLength, isDelete] of operations) {
          const bytes = Uint8Array.of(key);
          const type = isDelete ? 2 : 1;
          index.apply({ type, bytes, keyFrom: 0, keyTo: 1, valueLength, timestampMs, sequence, location });
          const before = expected.get(key) ?? null;
          expect(index.replacedLocation).toBe(before?.location ?? -1);
          if (before !== null) expect(index.replacedVersion).toBe(before.version);
          expected.set(key, isDelete ? null : { version: sequence, timestampMs, location, valueLength });
        }
        const probe = new KeyProbe();
        for (const [key, entry] of expected) {
          expect(index.get(Uint8Array.of(key))).toEqual(entry);
          for (const look of ["find", "guess"] as const) {
            expect(index[look](probe.take(Uint8Array.of(key), 0, 1))).toBe(entry !== null);
            if (entry === null) continue;
            expect([index.location, index.valueLength]).toEqual([entry.location, entry.valueLength]);
          }
        }
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

test("every operation has moved: nothing else of a key is changed", () => {
  const index = new StoreIndex();
  const probe = new KeyProbe();
  const at = (i: number) => [3, 2 ** 31 + 7, 2 ** 37 + 5, 2 ** 40 + 1][i % 4] as number;
  for (let i = 0; i < 400; i += 1) {
    const bytes = utf8.encode(`key/${i % 300}`);
    const type = i % 11 === 0 ? 2 : 1;
    const rest = { keyFrom: 0, keyTo: bytes.length, valueLength: i, timestampMs: 2 ** 41 + i, sequence: 2 ** 40 + i };
    index.apply({ type, bytes, ...rest, location: at(i) + i });
  }
  const keys = Array.from({ length: 300 }, (_, i) => utf8.encode(`key/${i}`));
  const idOf = (key: Uint8Array) => index.keys.find(probe.take(key, 0, key.length));
  const before = keys.map((key) => index.last(idOf(key)));
  index.relocate((location) => location + 2 ** 36);
  const moved = before.map((entry) => ({ ...entry, location: entry.location + 2 ** 36 }));
  expect(keys.map((key) => index.last(idOf(key)))).toEqual(moved);
  // One alone, when it is still the last of its key.
  const key = keys[5] as Uint8Array;
  const { location } = moved[5] as StoredEntry;
  index.relocateOne(probe.take(key, 0, key.length), location + 1, 99);
  expect(index.last(idOf(key)).location).toBe(location);
  index.relocateOne(probe.take(key, 0, key.length), location, 99);
  expect(index.last(idOf(key))).toEqual({ ...moved[5], location: 99 });
});

test.each([
  ["on their own", () => new KeyEntries(0, 0)],
  ["in the memory of a kernel", () => new KeyEntries(2, 3, StoreKernel.make(slotBytesMax(100)), 100)],
])("KeyEntries %s keep keys apart where segments meet, and where one is filled to the brim", (_, makeEntries) => {
  const keys = makeEntries();
  const probe = new KeyProbe();
  const find = (key: Uint8Array) => keys.find(probe.take(key, 0, key.length));
  const head = keys.at(keys.add(probe.take(utf8.encode("first"), 0, 5))) + 2;
  // What the second entry leaves of its segment, so that the third fills it.
  const lengths = [MiB, MiB - 100, 1, MiB, MiB - 4 * (head + 40), 3, 7, MiB, 5, 1, MiB, MiB];
  const made = lengths.map((length, i) => new Uint8Array(length).fill(i + 1));
  const ids = made.map((key) => keys.add(probe.take(key, 0, key.length)));
  expect(new Set(ids).size).toBe(made.length);
  for (let [i, id] = [0, keys.next(keys.first())]; i < ids.length; i += 1, id = keys.next(id)) expect(id).toBe(ids[i]);
  made.forEach((key, i) => {
    const id = ids[i] as number;
    expect(keys.keyLength(id)).toBe(key.length);
    expect(find(key)).toBe(id);
    expect(Buffer.compare(keys.bytes(id), key)).toBe(0);
    expect(keys.byteAt(id, key.length - 1)).toBe(i + 1);
    expect(keys.byteAt(id, key.length)).toBe(-1);
    expect(find(key.subarray(1))).toBe(-1);
  });
  expect(() => keys.add(probe.take(new Uint8Array(2 * MiB), 0, 2 * MiB))).toThrow(RangeError);
});

test("an entry that fills its segment to the last word is followed by one in the next", () => {
  const words = 2 ** 19;
  const keys = new KeyEntries(0, 0);
  const probe = new KeyProbe();
  const add = (length: number, byte: number) => keys.add(probe.take(new Uint8Array(length).fill(byte), 0, length));
  // The first segment begins at its second word; an entry has one in front of its key.
  const lengths = [4 * (words - 2), 4 * (words - 3), 4, 3];
  const ids = lengths.map((length, i) => add(length, i + 1));
  expect(ids).toEqual([1, words, 2 * words - 2, 2 * words]);
  expect([keys.first(), ...ids.map((id) => keys.next(id))]).toEqual([...ids, -1]);
  expect(ids.map((id) => keys.keyLength(id))).toEqual(lengths);
});
