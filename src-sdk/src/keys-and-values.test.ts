/** Keys and values of every kind, through the client, the disk and back. */
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Client } from "./client.js";
import { ClientOptions } from "./options.js";
import { ManualClock } from "./testing/manual-clock.js";
import { MemoryFileSystem } from "./testing/memory-file-system.js";
import { encodeSampleRecord, SAMPLE_EPOCH_MS } from "./testing/sample-log.js";
import { KEY_BYTES_MAX, valueBytesMax } from "./wal/operation.js";

const WAL = "/disk/n.wal";
/** Names that mean something to an object, and texts that mean something to somebody. */
const AWKWARD_KEYS = [
  ...Object.getOwnPropertyNames(Object.prototype),
  ...Object.getOwnPropertyNames(Function.prototype),
  "prototype",
  "then",
  "toJSON",
  "length",
  "0",
  "-0",
  "NaN",
  "null",
  "undefined",
  "true",
  " ",
  "\0",
  "\n",
  "\ufeff",
  "1LAW",
  "../../etc/passwd",
  "a\u0301",
  "\u00e1",
  "\u{1f600}",
  "\u202e",
  "\uffff",
  "<script>",
  "%s",
  "a/",
  "/",
];

function world() {
  const fileSystem = new MemoryFileSystem(["/disk"]);
  const client = new Client(ClientOptions.persistent("n", WAL), { fileSystem, clock: new ManualClock() });
  return { client, fileSystem };
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

/** What the store holds, through every way of asking. */
async function holds(client: Client, expected: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const listed = [...client.entries()];
  const byKey = [...expected.keys()].sort((a, b) => Buffer.compare(Buffer.from(a, "hex"), Buffer.from(b, "hex")));
  expect(listed.map((entry) => hex(entry.keyBytes))).toEqual(byKey);
  expect(client.size()).toBe(expected.size);
  for (const entry of listed) {
    const value = expected.get(hex(entry.keyBytes));
    expect(value !== undefined && Buffer.compare(entry.value.toBytes(), value)).toBe(0);
    expect(client.contains(entry.keyBytes)).toBe(true);
    const got = (await client.get(entry.keyBytes)).value();
    expect(Buffer.compare(got.toBytes(), entry.value.toBytes())).toBe(0);
  }
}

describe("keys", () => {
  test("named like members of objects, or awkward in any other way, are keys like others", async () => {
    const { client } = world();
    (await client.open()).value();
    const expected = new Map<string, Uint8Array>();
    for (const key of AWKWARD_KEYS) {
      expect(client.contains(key)).toBe(expected.has(hex(Buffer.from(key))));
      (await client.put(key, `of ${key}`)).value();
      expected.set(hex(Buffer.from(key)), Buffer.from(`of ${key}`));
    }
    await holds(client, expected);
    for (const entry of client.entries()) expect(AWKWARD_KEYS).toContain(entry.key);
    (await client.close()).value();
    (await client.open()).value();
    await holds(client, expected);
    const outboxKeys = (await client.outbox()).value().map((entry) => entry.key);
    expect(new Set(outboxKeys)).toEqual(new Set(AWKWARD_KEYS));
    for (const key of AWKWARD_KEYS) (await client.remove(key)).value();
    expect(client.empty()).toBe(true);
    (await client.close()).value();
  });

  test("of each single byte, and of each pair with the highest bytes, are told apart and ordered by their bytes", async () => {
    const { client } = world();
    (await client.open()).value();
    const expected = new Map<string, Uint8Array>();
    const keys = Array.from({ length: 256 }, (_, byte) => [[byte], [0xff, byte], [byte, 0xff], [byte, 0]]).flat();
    const writes = keys.map((bytes) => {
      const key = Uint8Array.from(bytes);
      expected.set(hex(key), key);
      return client.put(key, key);
    });
    for (const write of await Promise.all(writes)) write.value();
    await holds(client, expected);
    (await client.close()).value();
    (await client.open()).value();
    await holds(client, expected);
    (await client.close()).value();
  });

  test("that are no UTF-8, read from a file, are neither lost nor merged, although their texts are the same", async () => {
    const { client, fileSystem } = world();
    // Each of them is U+FFFD as text.
    const keys = [[0xff], [0xfe], [0xc0], [0xed, 0xa0, 0x80], [0xf5], [0xe2, 0x82], [0xef, 0xbf, 0xbd], [0x80]];
    const records = keys.map((bytes, i) =>
      encodeSampleRecord({
        sequence: i + 1,
        operation: { kind: "put", key: Uint8Array.from(bytes), value: `v${i}`, timestampMs: SAMPLE_EPOCH_MS },
      }),
    );
    const log = Buffer.concat(records);
    const handle = await fileSystem.open(WAL, "create");
    await handle.write(log, 0, log.length, 0);
    (await client.open()).value();
    const expected = new Map(keys.map((bytes, i) => [hex(Uint8Array.from(bytes)), Buffer.from(`v${i}`)]));
    await holds(client, expected);
    const outbox = (await client.outbox()).value();
    expect(outbox.map((entry) => hex(entry.keyBytes))).toEqual(keys.map((bytes) => hex(Uint8Array.from(bytes))));
    // The text U+FFFD is one of them, and only that one.
    expect((await client.get("\ufffd")).value().toString()).toBe("v6");
    (await client.remove(Uint8Array.of(0xff))).value();
    expected.delete("ff");
    await holds(client, expected);
    (await client.close()).value();
  });

  test("of 1 MiB are keys, one byte more is invalid_argument and writes nothing; two that differ in the last byte are two", async () => {
    const { client, fileSystem } = world();
    (await client.open()).value();
    const first = Buffer.alloc(KEY_BYTES_MAX, 0x61);
    const second = Buffer.from(first);
    second[KEY_BYTES_MAX - 1] = 0x62;
    (await client.put(first, "1")).value();
    (await client.put(second, "2")).value();
    const before = fileSystem.contentOf(WAL).length;
    const tooLong = Buffer.alloc(KEY_BYTES_MAX + 1, 0x61);
    for (const result of [await client.put(tooLong, "3"), await client.remove(tooLong)]) {
      expect(result.error().code).toBe("invalid_argument");
    }
    // Counted in bytes, not in characters.
    expect((await client.put("é".repeat(KEY_BYTES_MAX / 2 + 1), "3")).error().code).toBe("invalid_argument");
    (await client.put("é".repeat(KEY_BYTES_MAX / 2), "4")).value();
    expect(fileSystem.contentOf(WAL).length).toBe(before + 34 + 18 + KEY_BYTES_MAX + 1);
    (await client.close()).value();
    (await client.open()).value();
    expect((await client.get(first)).value().toString()).toBe("1");
    expect((await client.get(second)).value().toString()).toBe("2");
    expect(client.size()).toBe(3);
    (await client.close()).value();
  });
});

describe("values", () => {
  test.each([1, 1_000, KEY_BYTES_MAX])(
    "beside a key of %i bytes fill a record to 64 MiB, and one byte more is refused",
    async (keyBytes) => {
      const { client, fileSystem } = world();
      (await client.open()).value();
      const key = Buffer.alloc(keyBytes, 0x6b);
      const most = valueBytesMax(keyBytes);
      expect((await client.put(key, Buffer.alloc(most + 1))).error().code).toBe("invalid_argument");
      expect(await fileSystem.stat(WAL)).toBeNull();
      const value = Buffer.alloc(most, 0x76);
      value[0] = 1;
      value[most - 1] = 2;
      (await client.put(key, value)).value();
      expect(fileSystem.contentOf(WAL).length).toBe(34 + 67_108_864);
      (await client.close()).value();
      (await client.open()).value();
      expect(client.recovery()?.verdict).toBe("clean");
      expect(Buffer.compare((await client.get(key)).value().toBytes(), value)).toBe(0);
      (await client.close()).value();
    },
    60_000,
  );

  test("hold every byte, at every length around the sizes the engine reads and writes at once", async () => {
    const { client } = world();
    (await client.open()).value();
    const expected = new Map<string, Uint8Array>();
    const lengths = [0, 1, 255, 256, 257, 511, 512, 513, 4_095, 4_096, 4_097, 65_535, 65_536, 65_537, 524_287, 524_289];
    for (const length of lengths) {
      const value = Uint8Array.from({ length }, (_, i) => (i * 31 + length) & 0xff);
      (await client.put(`${length}`, value)).value();
      expected.set(hex(Buffer.from(`${length}`)), value);
    }
    await holds(client, expected);
    (await client.close()).value();
    (await client.open()).value();
    await holds(client, expected);
    (await client.close()).value();
  });

  test("that look like a log are values, in a store that is opened again and again", async () => {
    const { client, fileSystem } = world();
    (await client.open()).value();
    (await client.put("k", "v")).value();
    for (let depth = 0; depth < 4; depth += 1) (await client.put(`log${depth}`, fileSystem.contentOf(WAL))).value();
    (await client.close()).value();
    (await client.open()).value();
    expect(client.recovery()).toMatchObject({ verdict: "clean", operationCount: 5 });
    (await client.close()).value();
  });
});

test("arbitrary keys and values, put and removed in groups, are what a map would hold, before and after reopening", async () => {
  const key = fc.oneof(
    fc.constantFrom(...AWKWARD_KEYS).map((text) => new Uint8Array(Buffer.from(text))),
    fc.uint8Array({ minLength: 1, maxLength: 3 }),
    fc.uint8Array({ minLength: 1, maxLength: 60 }),
    fc.string({ unit: "binary", minLength: 1, maxLength: 8 }).map((text) => new Uint8Array(Buffer.from(text))),
  );
  const value = fc.oneof(
    fc.constant(new Uint8Array(0)),
    fc.uint8Array({ maxLength: 40 }),
    fc.uint8Array({ maxLength: 2_000 }),
  );
  const write = fc.record({ key, value: fc.option(value, { freq: 4 }) });
  const seed = process.env.SOFTADASTRA_SEED;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(write, { minLength: 1, maxLength: 8 }), { maxLength: 12 }), async (groups) => {
      const { client } = world();
      (await client.open()).value();
      const expected = new Map<string, Uint8Array>();
      for (const group of groups) {
        const writes = group.map((each) =>
          each.value === null ? client.remove(each.key) : client.put(each.key, each.value),
        );
        for (const each of group) {
          if (each.value === null) expected.delete(hex(each.key));
          else expected.set(hex(each.key), each.value);
        }
        for (const result of await Promise.all(writes)) result.value();
        await holds(client, expected);
      }
      (await client.close()).value();
      (await client.open()).value();
      await holds(client, expected);
      expect((await client.syncStateInfo()).value().outboxSize).toBe(groups.flat().length);
      (await client.close()).value();
    }),
    { numRuns: 150, ...(seed === undefined ? {} : { seed: Number(seed) }) },
  );
});
