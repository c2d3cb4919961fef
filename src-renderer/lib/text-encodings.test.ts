import { describe, expect, test } from "vitest";
import { parseHex } from "./bytes.ts";
import { isPlainText, markedEncoding, readText, TEXT_ENCODINGS } from "./text-encodings.ts";

const bytesOf = (hex: string) => parseHex(hex) as Uint8Array;

describe("text", () => {
  test.each([
    ["utf-8", "efbbbf 68c3a9", "hé"],
    ["utf-16le", "fffe 6800 e900 3dd88ede", "hé\u{1f68e}"],
    ["utf-16be", "0068 00e9", "hé"],
    ["latin1", "68e980", "hé\u0080"],
    ["windows-1252", "68e9", "hé"],
    ["windows-1251", "cfeee8", "Пои"],
    ["koi8-r", "f0cfc9", "Пои"],
    ["shift_jis", "93fa967b", "日本"],
    ["euc-jp", "c6fccbdc", "日本"],
    ["gb18030", "d6d0cec4", "中文"],
    ["big5", "a4a4a4e5", "中文"],
    ["euc-kr", "c7d1b1db", "한글"],
  ] as const)("in %s is read", (encoding, hex, text) => {
    expect(readText(bytesOf(hex), encoding)).toEqual({ ok: true, text });
  });

  test("is read in every encoding that is offered", () => {
    for (const { id } of TEXT_ENCODINGS) expect(readText(new Uint8Array(), id)).toEqual({ ok: true, text: "" });
  });

  test.each([
    ["utf-8", "6162ff63", 2],
    ["utf-16le", "6800 00dc 6900", 3],
    ["utf-16be", "0068 dc00 0069", 3],
    ["utf-16le", "6800 69", 3],
    ["utf-16be", "0068 d83d", 4],
    ["shift_jis", "61 93", 2],
    ["shift_jis", "61 9320 62", 2],
    ["euc-kr", "61ff", 1],
  ] as const)("that is none in %s (%s) says the byte", (encoding, hex, at) => {
    expect(readText(bytesOf(hex), encoding)).toMatchObject({ ok: false, fault: { at } });
  });

  test("every single byte is Latin-1", () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    const read = readText(bytes, "latin1");
    expect(read.ok && [...read.text].map((character) => character.charCodeAt(0))).toEqual([...bytes]);
  });
});

test("a mark names the encoding", () => {
  expect(["fffe", "feff", "efbbbf", "ff", "", "efbb"].map((hex) => markedEncoding(bytesOf(hex)))).toEqual([
    "utf-16le",
    "utf-16be",
    "utf-8",
    null,
    null,
    null,
  ]);
});

test("plain text has tabs and line breaks, and no other controls", () => {
  expect(["a\tb\r\n", "日本 🚀", "", "a\u0000", "\u001b[0m", "\uffff"].map(isPlainText)).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
});
