import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seeded } from "../testing/seed.ts";
import {
  decodeLossy,
  decodeText,
  encodeText,
  firstInvalidUtf8,
  fromBase64,
  hexBytes,
  parseHex,
  printable,
  sameBytes,
  toBase64,
} from "./bytes.ts";

const anyBytes = fc.uint8Array({ maxLength: 300 });

describe("bytes come back whole", () => {
  test("through base64, any bytes", () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        expect(fromBase64(toBase64(bytes))).toEqual(bytes);
      }),
      seeded,
    );
  });

  test("through base64, when they are more than one call can spell out", () => {
    const bytes = Uint8Array.from({ length: 200_001 }, (_, i) => i % 251);
    expect(sameBytes(fromBase64(toBase64(bytes)), bytes)).toBe(true);
  });

  test("through the hex editor's text, any bytes, with any white space between digits", () => {
    const space = fc.constantFrom("", " ", "\n", "\r\n", "\t");
    fc.assert(
      fc.property(anyBytes, space, (bytes, between) => {
        expect(parseHex(hexBytes(bytes))).toEqual(bytes);
        expect(parseHex([...hexBytes(bytes)].join(between))).toEqual(bytes);
        expect(parseHex(hexBytes(bytes).toLowerCase())).toEqual(bytes);
      }),
      seeded,
    );
  });

  test("through text, when they are text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const decoded = decodeText(encodeText(text));
        expect(decoded).toEqual({ isText: true, text });
        expect(decodeLossy(encodeText(text))).toBe(text);
      }),
      seeded,
    );
  });
});

describe("hex that is typed", () => {
  test.each(["0", "ABC", "0G", "0x41", "4_1", "41,42"])("%j is no hex", (typed) => {
    expect(parseHex(typed)).toBeNull();
  });

  test("nothing typed is no bytes, which is a value", () => {
    expect(parseHex(" \n")).toEqual(new Uint8Array());
  });
});

describe("text that is none", () => {
  test("a byte order mark is part of the value", () => {
    const bytes = Uint8Array.of(0xef, 0xbb, 0xbf, 0x61);
    expect(decodeText(bytes)).toEqual({ isText: true, text: "\ufeffa" });
    expect(encodeText(decodeLossy(bytes))).toEqual(bytes);
  });

  test.each([
    ["a character cut at the end", [0x61, 0xe2, 0x82], 1],
    ["a lone continuation byte", [0x61, 0x62, 0x80], 2],
    ["an overlong form", [0xc0, 0xaf], 0],
    ["a surrogate", [0x61, 0xed, 0xa0, 0x80], 1],
    ["beyond the last character", [0xf4, 0x90, 0x80, 0x80], 0],
  ])("%s is said with its place", (_what, bytes, invalidAt) => {
    const decoded = decodeText(Uint8Array.from(bytes));
    expect(decoded).toMatchObject({ isText: false, invalidAt });
    expect(decoded.isText ? null : decoded.invalidBytes).toEqual(
      Uint8Array.from(bytes.slice(invalidAt, invalidAt + 4)),
    );
  });

  test("the place is where the longest readable beginning ends, for any bytes", () => {
    const fatal = new TextDecoder("utf-8", { fatal: true });
    const reads = (bytes: Uint8Array) => {
      try {
        fatal.decode(bytes);
        return true;
      } catch {
        return false;
      }
    };
    const mixed = fc
      .array(fc.oneof(fc.string({ unit: "binary", maxLength: 3 }).map(encodeText), fc.uint8Array({ maxLength: 2 })))
      .map((pieces) => Uint8Array.from(pieces.flatMap((piece) => [...piece])));
    fc.assert(
      fc.property(mixed, (bytes) => {
        const at = firstInvalidUtf8(bytes);
        let longest = bytes.length;
        while (!reads(bytes.subarray(0, longest))) longest -= 1;
        expect(at).toBe(longest);
      }),
      seeded,
    );
  });
});

test("the text column shows a dot for what cannot be printed, so that columns stay straight", () => {
  for (let byte = 0; byte < 256; byte += 1) {
    expect(printable(byte)).toBe(byte >= 0x20 && byte <= 0x7e ? String.fromCharCode(byte) : "·");
  }
});
