import { expect, test } from "vitest";
import { fnv1a } from "./checksum.js";

const bytes = (text: string) => new TextEncoder().encode(text);

// Vectors published with the FNV specification.
test.each([
  ["", 0x811c9dc5],
  ["a", 0xe40c292c],
  ["foobar", 0xbf9cf968],
])("FNV-1a of %j", (text, expected) => {
  expect(fnv1a(bytes(text), 0, text.length)).toBe(expected);
});

test("continuing over two halves equals one pass, at every split", () => {
  const all = Uint8Array.from({ length: 300 }, (_, i) => (i * 7) & 255);
  const whole = fnv1a(all, 0, all.length);
  for (let split = 0; split <= all.length; split += 1) {
    expect(fnv1a(all, split, all.length, fnv1a(all, 0, split))).toBe(whole);
  }
});
