/** The forms of a key and value, read back by what they are made for. */
import { describe, expect, test } from "vitest";
import { fromBase64, parseHex } from "../../lib/bytes.ts";
import { base64Of, cArray, getCommand, hexOf, ndjsonRow } from "./copy-as.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

test("a row says what it is, and holds text as text and other bytes as base64", () => {
  expect(JSON.parse(ndjsonRow({ key: bytes("a\n\u2028"), value: bytes("\u202eé") }))).toEqual({
    row: "key/1",
    key: "a\n\u2028",
    operation: "put",
    valueBytes: 5,
    value: "\u202eé",
  });
  expect(ndjsonRow({ key: bytes("\u2028"), value: bytes("\u202e") })).not.toMatch(/[\u2028\u202e]/);
  expect(JSON.parse(ndjsonRow({ key: Uint8Array.of(255), value: new Uint8Array(0) }))).toEqual({
    row: "key/1",
    keyBase64: "/w==",
    operation: "put",
    valueBytes: 0,
    value: "",
  });
});

test("base64, hex and C hold each byte", () => {
  const all = Uint8Array.from({ length: 256 }, (_, i) => i);
  expect(fromBase64(base64Of(all))).toEqual(all);
  expect(parseHex(hexOf(all))).toEqual(all);
  expect(
    cArray(all)
      .match(/0x[0-9a-f]{2}/g)
      ?.map(Number),
  ).toEqual([...all]);
  expect(cArray(new Uint8Array(0))).toContain("value_bytes = 0;");
});

/** Words as a shell reads them: apart at spaces, single quotes literal, a backslash outside of them for the next character. */
function wordsOf(command: string): string[] {
  let word = "";
  const words: string[] = [];
  for (let at = 0; at < command.length; at += 1) {
    const character = command[at] as string;
    if (character === " ") {
      words.push(word);
      word = "";
    } else if (character === "'") {
      const end = command.indexOf("'", at + 1);
      word += command.slice(at + 1, end);
      at = end;
    } else if (character === "\\") {
      at += 1;
      word += command[at];
    } else {
      // Anything else outside of quotes must mean only itself.
      expect(character).toMatch(/[\w@%+=:,./-]/);
      word += character;
    }
  }
  return [...words, word];
}

describe("the command for a terminal", () => {
  test.each(["settings/theme", "it's", '$HOME `id` "x"', "a\nb", "日本語", "-x", "--help", "a b", "~", "*", "#"])(
    "%j arrives at the program as it is",
    (key) => {
      const words = wordsOf(getCommand("/data/my log.wal", bytes(key)) ?? "").filter((word) => word !== "--");
      expect(words).toEqual(["softadastra-wal", "get", "/data/my log.wal", key]);
    },
  );

  test("there is none for a key that is no text", () => {
    expect(getCommand("a.wal", Uint8Array.of(255))).toBeNull();
    expect(getCommand("a.wal", bytes("a\0b"))).toBeNull();
  });
});
