import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { StoreKernel } from "../wal/kernel.js";
import { KeyEntries, SLOT_ID, STORE_ENTRY_WORDS, STORE_SLOT_WORDS, slotBytesMax } from "./key-entries.js";
import { KeyProbe } from "./key-probe.js";
import { KeyTable } from "./key-table.js";
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

const probe = new KeyProbe();
const taken = (key: Uint8Array) => probe.take(key, 0, key.length);

/** In the memory of a kernel, which moves now and then while keys are added. */
function kernelEntries(): KeyEntries {
  const kernel = StoreKernel.make(slotBytesMax(30_000)) as StoreKernel;
  const keys = new KeyEntries(STORE_SLOT_WORDS, STORE_ENTRY_WORDS, kernel, 30_000);
  const add = keys.add.bind(keys);
  let added = 0;
  keys.add = (key) => {
    added += 1;
    if (added % 1_000 === 0) {
      kernel.reserve(16 * 2 ** 20);
      kernel.windows();
    }
    return add(key);
  };
  return keys;
}

describe.each([
  ["on their own", () => new KeyEntries(STORE_SLOT_WORDS, STORE_ENTRY_WORDS)],
  ["without words of an owner", () => new KeyEntries(0, 0)],
  ["in the memory of a kernel", kernelEntries],
])("KeyEntries %s", (_, makeEntries) => {
  test("every distinct byte string has one entry, and its bytes back, in the order of arrival", {
    timeout: 30_000,
  }, () => {
    const keys = makeEntries();
    const idByHex = new Map<string, number>();
    for (let i = 0; i < 20_000; i += 1) {
      const key = utf8.encode(`k${(i * 7919) % 9973}/${i % 3}`);
      const known = idByHex.get(hex(key));
      const id = keys.add(taken(key));
      expect(keys.isNew).toBe(known === undefined);
      if (known !== undefined) expect(id).toBe(known);
      idByHex.set(hex(key), id);
    }
    expect(keys.size).toBe(idByHex.size);
    let next = keys.first();
    for (const [text, id] of idByHex) {
      expect(next).toBe(id);
      next = keys.next(id);
      expect(hex(keys.bytes(id))).toBe(text);
      expect(keys.find(taken(Buffer.from(text, "hex")))).toBe(id);
      // The slot of the key, or of one of the same hash: among so many there is one in ten runs.
      const slots = keys.slotsOf(taken(Buffer.from(text, "hex")).hash);
      const guessed = slots[keys.guess(probe, slots) + SLOT_ID] as number;
      const { hash } = probe;
      expect(keys.probe(guessed >>> 0, probe).hash).toBe(hash);
    }
    expect(next).toBe(-1);
    expect(keys.find(taken(utf8.encode("absent")))).toBe(-1);
  });

  test("the slot of a key is found from its hash, and from its id", () => {
    const keys = makeEntries();
    const ids = Array.from({ length: 3_000 }, (__, i) => keys.add(taken(utf8.encode(`key/${i}`))));
    const seen = new Set<number>();
    keys.eachSlot((slots, slotAt, id) => {
      seen.add(id);
      keys.locate(id);
      expect([keys.slots === slots, keys.slotAt]).toEqual([true, slotAt]);
      keys.find(taken(keys.bytes(id)));
      expect([keys.slots === slots, keys.slotAt]).toEqual([true, slotAt]);
    });
    expect([...seen].sort((a, b) => a - b)).toEqual(ids);
  });

  test("whatever number of keys is expected, every key is found", () => {
    for (const expected of [0, 1, 700, 20_000, 3_000_000]) {
      const keys = makeEntries();
      const ids: number[] = [];
      for (let i = 0; i < 5_000; i += 1) {
        keys.expect(expected);
        ids.push(keys.add(taken(utf8.encode(`key/${i}`))));
      }
      for (let i = 0; i < 5_000; i += 1) expect(keys.find(taken(utf8.encode(`key/${i}`)))).toBe(ids[i]);
      expect(keys.find(taken(utf8.encode("key/5000")))).toBe(-1);
    }
  });

  test("invalid UTF-8, names of Object.prototype, and keys that others begin with are keys like any other", () => {
    const keys = makeEntries();
    const names = [
      Uint8Array.of(0xff),
      Uint8Array.of(0xff, 0xfe),
      Uint8Array.of(0),
      Uint8Array.of(0, 0),
      Uint8Array.of(0, 0, 0, 0),
      Uint8Array.of(0, 0, 0, 0, 0),
      utf8.encode("__proto__"),
      utf8.encode("constructor"),
    ];
    const ids = names.map((name) => keys.add(taken(name)));
    expect(new Set(ids).size).toBe(names.length);
    expect(names.map((name) => keys.find(taken(name)))).toEqual(ids);
    expect(ids.map((id) => hex(keys.bytes(id)))).toEqual(names.map(hex));
  });
});

describe("KeyProbe", () => {
  test("takes bytes, text and words alike, and meets its own key and no other", () => {
    const anyText = fc.string({ unit: fc.integer({ min: 0, max: 127 }).map((code) => String.fromCharCode(code)) });
    fc.assert(
      fc.property(anyText, anyText, fc.nat(5), (text, other, shift) => {
        const bytes = Buffer.concat([Buffer.alloc(shift, 1), Buffer.from(text), Buffer.from("tail")]);
        const fromBytes = new KeyProbe().take(bytes, shift, shift + text.length);
        const fromText = new KeyProbe();
        // What was there before must not show.
        fromText.take(new Uint8Array(200).fill(0xff), 0, 200);
        expect(fromText.takeText(text)).toBe(text.length > 0 && text.length <= 128);
        const padded = new Int32Array(64 + shift);
        new Uint8Array(padded.buffer).set(Buffer.from(text), 4 * shift);
        const fromWords = new KeyProbe().takeWords(padded, shift, text.length);
        const probes =
          text.length > 0 && text.length <= 128 ? [fromBytes, fromText, fromWords] : [fromBytes, fromWords];
        for (const one of probes) {
          expect([one.length, one.hash]).toEqual([fromBytes.length, fromBytes.hash]);
          expect(one.isAt(padded, shift)).toBe(true);
          expect(one.isAtByte(bytes, shift)).toBe(true);
          const isPrefix = other.startsWith(text);
          const otherWords = new Int32Array(64);
          new Uint8Array(otherWords.buffer).set(Buffer.from(other));
          if (other.length >= text.length) expect(one.isAt(otherWords, 0)).toBe(isPrefix);
          if (other.length >= text.length) expect(one.isAtByte(Buffer.from(other), 0)).toBe(isPrefix);
        }
      }),
    );
  });

  test("says of text that it is not short ASCII", () => {
    const fresh = new KeyProbe();
    for (const text of ["", "é", "key/\u0080", "\ud800", "k".repeat(129)]) expect(fresh.takeText(text)).toBe(false);
    for (const text of ["a", "key/1", "k".repeat(128), "\u007f", "\u0000"]) expect(fresh.takeText(text)).toBe(true);
  });
});

describe("KeyTable", () => {
  test("every distinct byte string gets one number, and its bytes back", { timeout: 30_000 }, () => {
    const keys = new KeyTable();
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

  test("orders entries, whose ids are places, as well", () => {
    const keys = new KeyEntries(1, 1);
    const order = new OrderedKeys(keys);
    for (const [from, to] of [
      [0, 1_000],
      [1_000, 1_010],
      [1_010, 200_000],
    ] as const) {
      for (let i = from; i < to; i += 1) keys.add(taken(utf8.encode(`${(i * 7_919) % 200_000}`)));
      const ids = order.toArray();
      expect(ids.length).toBe(keys.size);
      for (let i = 1; i < ids.length; i += 1) {
        if (keys.compare(ids[i - 1] as number, ids[i] as number) >= 0) throw new Error(`out of order at ${i}`);
      }
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
