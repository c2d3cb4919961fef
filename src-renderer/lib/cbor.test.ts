import * as cborg from "cborg";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { anyDocument, rebuilt } from "../testing/documents.ts";
import { seeded } from "../testing/seed.ts";
import { inLine } from "./byte-tree.ts";
import { parseHex } from "./bytes.ts";
import { cbor } from "./cbor.ts";

// Exhaustive ones take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const bytesOf = (hex: string) => parseHex(hex) as Uint8Array;

/** The whole document in a line. */
function said(hex: string): string {
  const bytes = bytesOf(hex);
  const decoded = cbor.decode(bytes);
  return decoded.ok ? inLine(cbor, bytes, 0, bytes.length) : `fault at ${decoded.fault.at}`;
}

/** RFC 8949, appendix A: every example, in the notation of the tree. */
const EXAMPLES: readonly (readonly [hex: string, text: string])[] = [
  ["00", "0"],
  ["01", "1"],
  ["0a", "10"],
  ["17", "23"],
  ["1818", "24"],
  ["1819", "25"],
  ["1864", "100"],
  ["1903e8", "1000"],
  ["1a000f4240", "1000000"],
  ["1b000000e8d4a51000", "1000000000000"],
  ["1bffffffffffffffff", "18446744073709551615"],
  ["c249010000000000000000", "2(h'01 00 00 00 00 00 00 00 00')"],
  ["3bffffffffffffffff", "-18446744073709551616"],
  ["c349010000000000000000", "3(h'01 00 00 00 00 00 00 00 00')"],
  ["20", "-1"],
  ["29", "-10"],
  ["3863", "-100"],
  ["3903e7", "-1000"],
  ["f90000", "0.0"],
  ["f98000", "-0.0"],
  ["f93c00", "1.0"],
  ["fb3ff199999999999a", "1.1"],
  ["f93e00", "1.5"],
  ["f97bff", "65504.0"],
  ["fa47c35000", "100000.0"],
  ["fa7f7fffff", "3.4028234663852886e+38"],
  ["fb7e37e43c8800759c", "1e+300"],
  ["f90001", "5.960464477539063e-8"],
  ["f90400", "0.00006103515625"],
  ["f9c400", "-4.0"],
  ["fbc010666666666666", "-4.1"],
  ["f97c00", "Infinity"],
  ["f97e00", "NaN"],
  ["f9fc00", "-Infinity"],
  ["fa7f800000", "Infinity"],
  ["fa7fc00000", "NaN"],
  ["faff800000", "-Infinity"],
  ["fb7ff0000000000000", "Infinity"],
  ["fb7ff8000000000000", "NaN"],
  ["fbfff0000000000000", "-Infinity"],
  ["f4", "false"],
  ["f5", "true"],
  ["f6", "null"],
  ["f7", "undefined"],
  ["f0", "simple(16)"],
  ["f8ff", "simple(255)"],
  ["c074323031332d30332d32315432303a30343a30305a", '0("2013-03-21T20:04:00Z")'],
  ["c11a514b67b0", "1(1363896240)"],
  ["c1fb41d452d9ec200000", "1(1363896240.5)"],
  ["d74401020304", "23(h'01 02 03 04')"],
  ["d818456449455446", "24(h'64 49 45 54 46')"],
  ["d82076687474703a2f2f7777772e6578616d706c652e636f6d", '32("http://www.example.com")'],
  ["40", "h''"],
  ["4401020304", "h'01 02 03 04'"],
  ["60", '""'],
  ["6161", '"a"'],
  ["6449455446", '"IETF"'],
  ["62225c", '"\\"\\\\"'],
  ["62c3bc", '"ü"'],
  ["63e6b0b4", '"水"'],
  ["64f0908591", '"𐅑"'],
  ["80", "[]"],
  ["83010203", "[1, 2, 3]"],
  ["8301820203820405", "[1, [2, 3], [4, 5]]"],
  [
    "98190102030405060708090a0b0c0d0e0f101112131415161718181819",
    "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25]",
  ],
  ["a0", "{}"],
  ["a201020304", "{1: 2, 3: 4}"],
  ["a26161016162820203", '{"a": 1, "b": [2, 3]}'],
  ["826161a161626163", '["a", {"b": "c"}]'],
  ["a56161614161626142616361436164614461656145", '{"a": "A", "b": "B", "c": "C", "d": "D", "e": "E"}'],
  ["5f42010243030405ff", "h'01 02 03 04 05'"],
  ["7f657374726561646d696e67ff", '"streaming"'],
  ["9fff", "[]"],
  ["9f018202039f0405ffff", "[1, [2, 3], [4, 5]]"],
  ["9f01820203820405ff", "[1, [2, 3], [4, 5]]"],
  ["83018202039f0405ff", "[1, [2, 3], [4, 5]]"],
  ["83019f0203ff820405", "[1, [2, 3], [4, 5]]"],
  [
    "9f0102030405060708090a0b0c0d0e0f101112131415161718181819ff",
    "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25]",
  ],
  ["bf61610161629f0203ffff", '{"a": 1, "b": [2, 3]}'],
  ["826161bf61626163ff", '["a", {"b": "c"}]'],
  ["bf6346756ef563416d7421ff", '{"Fun": true, "Amt": -2}'],
];

/** RFC 8949, appendix F: not well-formed, with the byte that is wrong or missing. */
const ILL_FORMED: readonly (readonly [hex: string, at: number])[] = [
  ["", 0],
  ["18", 1],
  ["19", 1],
  ["1a", 1],
  ["1b", 1],
  ["1901", 2],
  ["1a0102", 3],
  ["1b01020304050607", 8],
  ["41", 1],
  ["61", 1],
  ["5affffffff00", 6],
  ["5bffffffffffffffff010203", 12],
  ["7affffffff00", 6],
  ["81", 0],
  ["818181818181818181", 8],
  ["8200", 0],
  ["a1", 0],
  ["a20102", 0],
  ["a100", 0],
  ["a2000000", 0],
  ["5f4100", 3],
  ["7f6100", 3],
  ["9f", 1],
  ["9f0102", 3],
  ["bf", 1],
  ["bf01020102", 5],
  ["819f", 2],
  ["9f8000", 3],
  ["9f9f9f9f9fffffffff", 9],
  ["9f819f819f9fffffff", 9],
  ["1c", 0],
  ["1d", 0],
  ["1e", 0],
  ["3c", 0],
  ["5c", 0],
  ["7c", 0],
  ["9c", 0],
  ["bc", 0],
  ["dc", 0],
  ["fc", 0],
  ["f800", 0],
  ["f801", 0],
  ["f818", 0],
  ["f81f", 0],
  ["5f00ff", 1],
  ["5f21ff", 1],
  ["5f6100ff", 1],
  ["5f80ff", 1],
  ["5fa0ff", 1],
  ["5fc000ff", 1],
  ["5fe0ff", 1],
  ["7f4100ff", 1],
  ["5f5f4100ffff", 1],
  ["7f7f6100ffff", 1],
  ["ff", 0],
  ["81ff", 1],
  ["8200ff", 2],
  ["a1ff", 0],
  ["a1ff00", 1],
  ["a100ff", 2],
  ["a20000ff", 0],
  ["9f81ff", 2],
  ["9f829f819f9fffffffff", 9],
  ["bf00ff", 2],
  ["bf000000ff", 4],
  ["1f", 0],
  ["3f", 0],
  ["df", 0],
];

describe("RFC 8949", () => {
  test.each(EXAMPLES)("%s is %s", (hex, text) => {
    expect(said(hex)).toBe(text);
  });

  test.each(ILL_FORMED)("%s is wrong at byte %d", (hex, at) => {
    const decoded = cbor.decode(bytesOf(hex));
    expect(decoded).toMatchObject({ ok: false, fault: { at } });
  });

  test("every example cut anywhere says where it ends, or is a shorter whole", () => {
    for (const [hex] of EXAMPLES) {
      const bytes = bytesOf(hex);
      for (let length = 0; length < bytes.length; length += 1) {
        const decoded = cbor.decode(bytes.subarray(0, length));
        // No example is a row of items: none of its starts is whole.
        expect(decoded.ok, `${hex} cut at ${length}`).toBe(false);
        if (!decoded.ok) expect(decoded.fault.at).toBeLessThanOrEqual(length);
      }
    }
  });
});

describe("a tree", () => {
  test("has the offsets of every item and of the keys", () => {
    const decoded = cbor.decode(bytesOf("a2616182010203a0"));
    expect(decoded).toMatchObject({ ok: true });
    if (!decoded.ok) return;
    const { tree } = decoded;
    const rows = Array.from({ length: tree.count }, (_, i) => [
      tree.depth[i],
      tree.keyFrom[i],
      tree.keyTo[i],
      tree.from[i],
      tree.to[i],
      tree.end[i],
    ]);
    expect(rows).toEqual([
      [0, 0, 0, 0, 8, 5],
      [1, 1, 3, 3, 6, 4],
      [2, 4, 4, 4, 5, 3],
      [2, 5, 5, 5, 6, 4],
      [1, 6, 7, 7, 8, 5],
    ]);
  });

  test("of items one behind the other has several roots", () => {
    const decoded = cbor.decode(bytesOf("01 8102 03"));
    expect(decoded.ok && Array.from(decoded.tree.depth)).toEqual([0, 0, 1, 0]);
  });

  test("ends where nesting ends to make sense, with the offset", () => {
    expect(cbor.decode(new Uint8Array(600).fill(0x81))).toMatchObject({ ok: false });
    const nested = Uint8Array.from([...Array(514).fill(0x81), 0]);
    expect(cbor.decode(nested)).toMatchObject({ ok: false, fault: { at: 513, reason: "more than 512 levels" } });
    const tags = Uint8Array.from([...Array(700).fill(0xc1), 0]);
    expect(cbor.decode(tags)).toMatchObject({ ok: false, fault: { reason: "more than 512 levels" } });
  });

  test("of very many items is refused, not built", () => {
    expect(cbor.decode(new Uint8Array(1_048_577))).toMatchObject({ ok: false, fault: { at: 1_048_576 } });
  });

  test("of nested encoded documents is shown without a walk through all of them for every row", () => {
    let bytes = Uint8Array.of(0);
    for (let i = 0; i < 500; i += 1)
      bytes = Uint8Array.of(0xd8, 24, 0x59, bytes.length >> 8, bytes.length & 0xff, ...bytes);
    const started = performance.now();
    expect(cbor.decode(bytes).ok).toBe(true);
    cbor.describe(bytes, 0, bytes.length, 1);
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe("what an item says", () => {
  const noteOf = (hex: string) => cbor.describe(bytesOf(hex), 0, bytesOf(hex).length, 1).note;
  test.each([
    ["c11a514b67b0", "seconds since 1970: 2013-03-21T20:04:00Z"],
    ["c1fb41d452d9ec200000", "seconds since 1970: 2013-03-21T20:04:00.500Z"],
    ["c13b7fffffffffffffff", "seconds since 1970"],
    ["c1f97e00", "seconds since 1970"],
    ["c249010000000000000000", "unsigned bignum: 18446744073709551616"],
    ["c349010000000000000000", "negative bignum: -18446744073709551617"],
    ["d8184482010203", "encoded CBOR: h'82 01 02 03'"],
    ["d81843820102", "encoded CBOR: [1, 2]"],
    ["d82550000102030405060708090a0b0c0d0e0f", "UUID: 00010203-0405-0607-0809-0a0b0c0d0e0f"],
    ["d9d9f700", "self-described CBOR"],
    ["d9ffff00", null],
    ["1b0020000000000001", "exact 64-bit integer"],
    ["fa3dcccccd", "32-bit float"],
    ["61ff", "not UTF-8 at its byte 0: h'FF'"],
    ["9f01ff", "until a break"],
  ])("%s: %s", (hex, note) => {
    expect(noteOf(hex)).toBe(note);
  });
});

test("what another encoder wrote is read back exactly", () => {
  fc.assert(
    fc.property(anyDocument(), (value) => {
      const bytes = cborg.encode(value);
      const decoded = cbor.decode(bytes);
      if (!decoded.ok) throw new Error(decoded.fault.reason);
      expect(rebuilt(cbor, bytes, decoded.tree)).toEqual(value);
    }),
    { ...seeded, numRuns: 1_000 },
  );
});

test("any bytes are decoded or refused with an offset inside them, and every row can be said", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const decoded = cbor.decode(bytes);
      if (!decoded.ok) expect(decoded.fault.at).toBeLessThanOrEqual(bytes.length);
      else
        for (let i = 0; i < decoded.tree.count; i += 1)
          cbor.describe(bytes, decoded.tree.from[i] as number, decoded.tree.to[i] as number, 0);
    }),
    { ...seeded, numRuns: 5_000 },
  );
});
