import { encode } from "@msgpack/msgpack";
import * as cborg from "cborg";
import { describe, expect, test, vi } from "vitest";
import { parseHex } from "./bytes.ts";
import { GUESS_BYTES_MAX, guessBytes } from "./value-guess.ts";

// Exhaustive ones take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

/** The same bytes every time. */
function randomBytes(seed: number, length: number): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  });
}

describe("a document", () => {
  test.each([
    { name: "Ada", seats: 14 },
    [1, 2, "three"],
    { id: 7, tags: ["a", "b"], nested: { ok: true, none: null } },
    [{ key: "value" }, { key: "other" }],
  ])("of either format is told: %j", (value) => {
    expect(guessBytes(encode(value))).toBe("msgpack");
    expect(guessBytes(cborg.encode(value))).toBe("cbor");
  });

  test("that says itself that it is CBOR is believed", () => {
    expect(guessBytes(parseHex("d9d9f7 01") as Uint8Array)).toBe("cbor");
  });

  test("in UTF-16 with a mark is text", () => {
    expect(guessBytes(parseHex("fffe 6800 6900") as Uint8Array)).toBe("text:utf-16le");
    expect(guessBytes(parseHex("feff 0068 0069") as Uint8Array)).toBe("text:utf-16be");
    expect(guessBytes(parseHex("fffe 6800 69") as Uint8Array)).toBeNull();
    expect(guessBytes(parseHex("fffe 0000 6900") as Uint8Array)).toBeNull();
  });
});

describe("what is none", () => {
  test.each([
    ["every single byte", Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte))],
    ["every pair of bytes", Array.from({ length: 65_536 }, (_, i) => Uint8Array.of(i >> 8, i & 0xff))],
    [
      "integers of eight bytes, either way round",
      Array.from({ length: 4_096 }, (_, i) => {
        const bytes = new Uint8Array(8);
        new DataView(bytes.buffer).setBigUint64(0, BigInt(i), i % 2 === 0);
        return bytes;
      }),
    ],
    ["text", ["hello", '{"a":1}', "d", "\u0081x"].map((text) => new TextEncoder().encode(text))],
    ["a document with something behind it", [Uint8Array.from([...encode({ name: "x" }), 1])]],
    ["a document that is cut", [encode({ name: "Ada Okafor" }).slice(0, -1)]],
    ["numbers alone", [encode([1, 2, 3, 4]), cborg.encode([1, 2, 3, 4])]],
    ["texts with controls", [encode(["\u0001\u0002\u0003\u0004"])]],
    ["nothing", [new Uint8Array()]],
    ["more than is read for a guess", [encode({ long: "x".repeat(GUESS_BYTES_MAX) })]],
  ])("stays hex: %s", (_, values) => {
    expect(values.filter((bytes) => guessBytes(bytes) !== null)).toEqual([]);
  });

  test("of 64,000 values of random bytes, 1 to 64 each, at most three pass for one", () => {
    const wrong = Array.from({ length: 64_000 }, (_, i) => guessBytes(randomBytes(i + 1, 1 + (i % 64))));
    expect(wrong.filter((guess) => guess !== null).length).toBeLessThanOrEqual(3);
  });
});
