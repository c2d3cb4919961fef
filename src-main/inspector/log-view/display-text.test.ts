import fc from "fast-check";
import { expect, test } from "vitest";
import { displayText, splitKey } from "./display-text.ts";
import { guessValueKind } from "./value-kind.ts";

const utf8 = (text: string) => new Uint8Array(Buffer.from(text));

test.each([
  [utf8("user/42"), "user/42", true],
  [utf8("日本語/キー 🚀 👩‍💻"), "日本語/キー 🚀 👩‍💻", true],
  [utf8("back\\slash"), "back\\slash", true],
  [utf8("a\nb\tc"), "a\\nb\\tc", false],
  [utf8("a\u202Eb"), "a\\u202Eb", false],
  [utf8("zero\u200bwidth"), "zero\\u200Bwidth", false],
  [Uint8Array.of(0, 7, 0xff), "\\x00\\x07\\xFF", false],
  [Uint8Array.of(0x61, 0xc3), "a\\xC3", false],
  [Uint8Array.of(0xe2, 0x82, 0xac, 0xe2, 0x82), "€\\xE2\\x82", false],
  [utf8("\\x00"), "\\\\x00", false],
])("%j is shown as %s", (bytes, text, isText) => {
  expect(displayText(bytes)).toEqual({ text, isText });
});

test("two different keys never read the same", () => {
  const piece = fc.constantFrom("a", "\\", "x", "0", "n", "\n", "\0", "\xff", "\xc3", "\xa9", "u", "2", "E");
  const key = fc.array(piece, { maxLength: 6 }).map((parts) => new Uint8Array(Buffer.from(parts.join(""), "latin1")));
  const seen = new Map<string, string>();
  fc.assert(
    fc.property(key, (bytes) => {
      const { text } = displayText(bytes);
      const hex = Buffer.from(bytes).toString("hex");
      expect(seen.get(text) ?? hex).toBe(hex);
      seen.set(text, hex);
    }),
    { numRuns: 20_000 },
  );
});

test("keys split behind their separators", () => {
  const split = (key: string, separator: string) =>
    splitKey(utf8(key), separator).map((part) => Buffer.from(part).toString());
  expect(split("user/42/profile", "/")).toEqual(["user/", "42/", "profile"]);
  expect(split("user/42/", "/")).toEqual(["user/", "42/"]);
  expect(split("/a//b", "/")).toEqual(["/", "a/", "/", "b"]);
  expect(split("a:b/c", ":")).toEqual(["a:", "b/c"]);
  expect(split("a/b", "")).toEqual(["a/b"]);
});

test.each([
  ["", "empty"],
  ["dark", "text"],
  ['{"a":1}', "json"],
  [" [1,2]\n", "json"],
  ["[cut", "text"],
  ["BM is not always a bitmap, mostly it is a text of more than fifty-four bytes", "text"],
  ["GIF89a", "gif"],
  ["\x89PNG\r\n\x1a\n", "png"],
  ["\xff\xd8\xff\xe0", "jpeg"],
  ["RIFF\x00\x00\x00\x00WEBP", "webp"],
  ["\x00\x01\x02", "bytes"],
  ["\xc3", "bytes"],
])("%j is taken for %s", (value, kind) => {
  const bytes = new Uint8Array(Buffer.from(value, "latin1"));
  expect(guessValueKind(bytes.subarray(0, 64), bytes.subarray(-16), bytes.length)).toBe(kind);
});

test("a character cut at the end of the first bytes does not make a text binary", () => {
  const bytes = utf8(`${"x".repeat(63)}日本`);
  expect(guessValueKind(bytes.subarray(0, 64), bytes.subarray(-16), bytes.length)).toBe("text");
});
