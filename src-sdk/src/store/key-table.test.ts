import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { StoreKernel } from "../wal/kernel.js";
import { KeyTable, NOT_SHORT_ASCII, slotBytesMax } from "./key-table.js";
import { OrderedKeys } from "./ordered-keys.js";

const utf8 = new TextEncoder();
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const arbitraryKey = fc.uint8Array({ minLength: 1, maxLength: 6 }).map((bytes) => bytes.map((byte) => byte & 3));

function idsAscending(order: OrderedKeys, from: Uint8Array | null = null): number[] {
  const ids: number[] = [];
  order.ascend(from, (id) => ids.push(id) > 0);
  return ids;
}

function idsDescending(order: OrderedKeys, before: Uint8Array | null = null): number[] {
  const ids: number[] = [];
  order.descend(before, (id) => ids.push(id) > 0);
  return ids;
}

/** In the memory of a kernel, which moves now and then while keys are added. */
function kernelTable(): KeyTable {
  const kernel = StoreKernel.make(slotBytesMax(30_000)) as StoreKernel;
  const keys = new KeyTable(0, kernel, 30_000);
  const add = keys.add.bind(keys);
  let added = 0;
  keys.add = (...key) => {
    added += 1;
    if (added % 1_000 === 0) {
      kernel.reserve(16 * 2 ** 20);
      kernel.give(new Uint8Array(0), 0, 0);
    }
    return add(...key);
  };
  return keys;
}

describe.each([
  ["on its own", () => new KeyTable()],
  ["in the memory of a kernel", kernelTable],
])("KeyTable %s", (_, makeTable) => {
  test("every distinct byte string gets one id, and its bytes back", { timeout: 30_000 }, () => {
    const keys = makeTable();
    const idByHex = new Map<string, number>();
    for (let i = 0; i < 20_000; i += 1) {
      const key = utf8.encode(`k${(i * 7919) % 9973}/${i % 3}`);
      const id = keys.add(key);
      expect(id).toBe(idByHex.get(hex(key)) ?? idByHex.size);
      idByHex.set(hex(key), id);
    }
    expect(keys.size).toBe(idByHex.size);
    for (const [text, id] of idByHex) {
      expect(hex(keys.bytes(id))).toBe(text);
      expect(keys.find(Buffer.from(text, "hex"))).toBe(id);
    }
    expect(keys.find(utf8.encode("absent"))).toBe(-1);
  });

  test("whatever number of keys is expected, every key is found", () => {
    for (const expected of [0, 1, 700, 20_000, 3_000_000]) {
      const keys = makeTable();
      for (let i = 0; i < 5_000; i += 1) {
        keys.expect(expected);
        expect(keys.add(utf8.encode(`key/${i}`))).toBe(i);
      }
      for (let i = 0; i < 5_000; i += 1) expect(keys.find(utf8.encode(`key/${i}`))).toBe(i);
      expect(keys.find(utf8.encode("key/5000"))).toBe(-1);
    }
  });

  test("text is found as its bytes are, and what is not short ASCII is said not to be", () => {
    const keys = makeTable();
    const short = ["a", "key/1", "k".repeat(128), "\u007f", "\u0000"];
    for (const text of short) keys.add(utf8.encode(text));
    expect(short.map((text) => keys.findText(text))).toEqual([0, 1, 2, 3, 4]);
    expect(keys.findText("key/2")).toBe(-1);
    for (const text of ["", "é", "key/\u0080", "\ud800", "k".repeat(129)]) {
      expect(keys.findText(text)).toBe(NOT_SHORT_ASCII);
    }
  });

  test("invalid UTF-8 and names of Object.prototype are keys like any other", () => {
    const keys = makeTable();
    const names = [
      Uint8Array.of(0xff),
      Uint8Array.of(0xff, 0xfe),
      Uint8Array.of(0),
      utf8.encode("__proto__"),
      utf8.encode("constructor"),
    ];
    expect(names.map((name) => keys.add(name))).toEqual([0, 1, 2, 3, 4]);
    expect(names.map((name) => keys.find(name))).toEqual([0, 1, 2, 3, 4]);
  });
});

describe("OrderedKeys", () => {
  test("equals a sort of everything, whatever the order of arrival", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(arbitraryKey, { maxLength: 60 }), { maxLength: 12 }),
        arbitraryKey,
        (waves, pivot) => {
          const keys = new KeyTable();
          const order = new OrderedKeys(keys);
          for (const wave of waves) {
            for (const key of wave) keys.add(key);
            const expected = Array.from({ length: keys.size }, (_, id) => id).sort((a, b) =>
              Buffer.compare(keys.bytes(a), keys.bytes(b)),
            );
            expect(idsAscending(order)).toEqual(expected);
            expect(idsDescending(order)).toEqual([...expected].reverse());
            expect([...order.toArray()]).toEqual(expected);
            const split = expected.findIndex((id) => Buffer.compare(keys.bytes(id), pivot) >= 0);
            const at = split === -1 ? expected.length : split;
            expect(idsAscending(order, pivot)).toEqual(expected.slice(at));
            expect(idsDescending(order, pivot)).toEqual(expected.slice(0, at).reverse());
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test("keys that differ only in a zero byte, in the end, or far behind a shared beginning are in order", () => {
    const keys = new KeyTable();
    const order = new OrderedKeys(keys);
    const beginnings = ["", "a", "ab", "abc", "abcd", "abcdefgh", "x".repeat(50), `${"x".repeat(50)}y`];
    for (const beginning of beginnings) {
      for (let i = 40; i >= 0; i -= 1) keys.add(Uint8Array.of(...utf8.encode(beginning), i % 7, ...new Uint8Array(i)));
    }
    const expected = Array.from({ length: keys.size }, (_, id) => id).sort((a, b) =>
      Buffer.compare(keys.bytes(a), keys.bytes(b)),
    );
    expect(idsAscending(order)).toEqual(expected);
  });

  test("more keys than are sorted at once are in order", { timeout: 60_000 }, () => {
    const keys = new KeyTable();
    const order = new OrderedKeys(keys);
    const total = 1_100_000;
    for (let i = 0; i < total; i += 1) keys.add(utf8.encode(`${(i * 7_919) % total}`));
    const ids = order.toArray();
    expect(ids.length).toBe(total);
    for (let i = 1; i < ids.length; i += 1) {
      if (keys.compare(ids[i - 1] as number, ids[i] as number) >= 0) throw new Error(`out of order at ${i}`);
    }
  });

  test("stays right over block splits: 5,000 single insertions into a sorted base", () => {
    const keys = new KeyTable();
    const order = new OrderedKeys(keys);
    for (let i = 0; i < 100_000; i += 1) keys.add(utf8.encode(`base/${String((i * 61) % 100_000).padStart(6, "0")}`));
    expect(order.size).toBe(100_000);
    for (let i = 0; i < 5_000; i += 1) {
      keys.add(utf8.encode(`base/05${i % 10}/${i}`));
      if (i % 500 === 0) expect(order.size).toBe(keys.size);
    }
    const ids = idsAscending(order);
    expect(ids.length).toBe(105_000);
    for (let i = 1; i < ids.length; i += 1) {
      if (keys.compare(ids[i - 1] as number, ids[i] as number) >= 0) throw new Error(`out of order at ${i}`);
    }
  });

  test("stops when the visitor has seen enough", () => {
    const keys = new KeyTable();
    for (const name of ["c", "a", "b"]) keys.add(utf8.encode(name));
    const seen: number[] = [];
    new OrderedKeys(keys).ascend(null, (id) => seen.push(id) < 2);
    expect(seen).toEqual([1, 2]);
  });
});
