import { Encoder } from "@msgpack/msgpack";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { anyDocument, rebuilt } from "../testing/documents.ts";
import { seeded } from "../testing/seed.ts";
import { inLine } from "./byte-tree.ts";
import { parseHex } from "./bytes.ts";
import { msgpack } from "./msgpack.ts";

// Exhaustive ones take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const bytesOf = (hex: string) => parseHex(hex) as Uint8Array;
const filled = (count: number, hex = "00") => hex.repeat(count);

/** Every format of the specification at its boundaries. */
const EXAMPLES: readonly (readonly [hex: string, text: string])[] = [
  ["00", "0"],
  ["7f", "127"],
  ["e0", "-32"],
  ["ff", "-1"],
  ["cc00", "0"],
  ["ccff", "255"],
  ["cd0100", "256"],
  ["cdffff", "65535"],
  ["ce00010000", "65536"],
  ["ceffffffff", "4294967295"],
  ["cf0000000100000000", "4294967296"],
  ["cf0020000000000001", "9007199254740993"],
  ["cfffffffffffffffff", "18446744073709551615"],
  ["d080", "-128"],
  ["d07f", "127"],
  ["d18000", "-32768"],
  ["d17fff", "32767"],
  ["d280000000", "-2147483648"],
  ["d27fffffff", "2147483647"],
  ["d38000000000000000", "-9223372036854775808"],
  ["d37fffffffffffffff", "9223372036854775807"],
  ["d3ffffffffffffffff", "-1"],
  ["c0", "nil"],
  ["c2", "false"],
  ["c3", "true"],
  ["ca3f800000", "1.0"],
  ["ca7f800000", "Infinity"],
  ["ca7fc00000", "NaN"],
  ["cb3ff199999999999a", "1.1"],
  ["cb8000000000000000", "-0.0"],
  ["cbfff0000000000000", "-Infinity"],
  ["a0", '""'],
  [`bf${filled(31, "61")}`, `"${"a".repeat(31)}"`],
  ["d900", '""'],
  ["d90161", '"a"'],
  [`d9ff${filled(255, "61")}`, `"${"a".repeat(255)}"`],
  ["da000161", '"a"'],
  ["db0000000161", '"a"'],
  ["c400", "h''"],
  ["c401ff", "h'FF'"],
  ["c50001ff", "h'FF'"],
  ["c600000001ff", "h'FF'"],
  ["90", "[]"],
  [`9f${filled(15)}`, `[${Array(15).fill(0).join(", ")}]`],
  ["dc0000", "[]"],
  ["dc000101", "[1]"],
  ["dd0000000101", "[1]"],
  ["80", "{}"],
  ["81a16101", '{"a": 1}'],
  ["810102", "{1: 2}"],
  ["8190c0", "{[]: nil}"],
  ["81c401ff02", "{h'FF': 2}"],
  ["de0001a16101", '{"a": 1}'],
  ["df00000001a16101", '{"a": 1}'],
  ["d40001", "ext 0 h'01'"],
  ["d57f0102", "ext 127 h'01 02'"],
  [`d680${filled(4)}`, "ext -128 h'00 00 00 00'"],
  [`d701${filled(8)}`, "ext 1 h'00 00 00 00 00 00 00 00'"],
  [`d801${filled(16)}`, `ext 1 h'${Array(16).fill("00").join(" ")}'`],
  ["c70005", "ext 5 h''"],
  ["c7010509", "ext 5 h'09'"],
  ["c800010509", "ext 5 h'09'"],
  ["c9000000010509", "ext 5 h'09'"],
  ["d6ff5bb8a5b0", "2018-10-06T12:08:16Z"],
  ["d7ff000000045bb8a5b0", "2018-10-06T12:08:16.000000001Z"],
  ["d7ffee6b27fc00000000", "1970-01-01T00:00:00.999999999Z"],
  ["c70cff00000001ffffffffffffffff", "1969-12-31T23:59:59.000000001Z"],
  // More nanoseconds than a second has, and a time no calendar holds: the bytes are shown.
  ["d7ffee6b280000000000", "ext -1 h'EE 6B 28 00 00 00 00 00'"],
  ["c70cff000000007fffffffffffffff", "ext -1 h'00 00 00 00 7F FF FF FF FF FF FF FF'"],
];

describe("the specification", () => {
  test.each(EXAMPLES)("%s is %s", (hex, text) => {
    const bytes = bytesOf(hex);
    const decoded = msgpack.decode(bytes);
    expect(decoded).toMatchObject({ ok: true });
    if (!decoded.ok) return;
    const said =
      decoded.tree.count === 1 && text.length > 100
        ? msgpack.describe(bytes, 0, bytes.length, 0).text
        : inLine(msgpack, bytes, 0, bytes.length);
    expect(said).toBe(text);
  });

  test("every example cut anywhere says where it ends", () => {
    for (const [hex] of EXAMPLES) {
      const bytes = bytesOf(hex);
      for (let length = 0; length < bytes.length; length += 1) {
        const decoded = msgpack.decode(bytes.subarray(0, length));
        expect(decoded.ok, `${hex} cut at ${length}`).toBe(false);
        if (!decoded.ok) expect(decoded.fault.at).toBeLessThanOrEqual(length);
      }
    }
  });

  test.each([
    ["c1", 0, "C1 is the one byte that begins nothing"],
    ["9201c1", 2, "C1 is the one byte that begins nothing"],
    ["ddffffffff01", 0, "4,294,967,295 items announced, 1 byte left"],
    ["82a16101", 0, "2 members announced, 3 bytes left"],
    ["d9056162", 4, "the text at 0x0 ends 3 bytes too early"],
    ["01da00", 3, "the item at 0x1 ends inside its length"],
  ])("%s is wrong at byte %d: %s", (hex, at, reason) => {
    expect(msgpack.decode(bytesOf(hex))).toEqual({ ok: false, fault: { at, reason } });
  });

  test("items one behind the other are several roots, up to the one that is cut", () => {
    const decoded = msgpack.decode(bytesOf("01 9102 c0"));
    expect(decoded.ok && Array.from(decoded.tree.depth)).toEqual([0, 0, 1, 0]);
    expect(msgpack.decode(bytesOf("01 9102 a1"))).toMatchObject({ ok: false, fault: { at: 4 } });
  });

  test("nesting ends where it ceases to make sense", () => {
    const nested = Uint8Array.from([...Array(514).fill(0x91), 0]);
    expect(msgpack.decode(nested)).toMatchObject({ ok: false, fault: { at: 513, reason: "more than 512 levels" } });
  });
});

test("what another encoder wrote is read back exactly", () => {
  const encoder = new Encoder({ useBigInt64: true });
  fc.assert(
    fc.property(anyDocument({ hasUndefined: false }), (value) => {
      const bytes = encoder.encode(value);
      const decoded = msgpack.decode(bytes);
      if (!decoded.ok) throw new Error(decoded.fault.reason);
      expect(rebuilt(msgpack, bytes, decoded.tree)).toEqual(value);
    }),
    { ...seeded, numRuns: 1_000 },
  );
});

test("any bytes are decoded or refused with an offset inside them, and every row can be said", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const decoded = msgpack.decode(bytes);
      if (!decoded.ok) expect(decoded.fault.at).toBeLessThanOrEqual(bytes.length);
      else
        for (let i = 0; i < decoded.tree.count; i += 1)
          msgpack.describe(bytes, decoded.tree.from[i] as number, decoded.tree.to[i] as number, 0);
    }),
    { ...seeded, numRuns: 5_000 },
  );
});
