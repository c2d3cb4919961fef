import { inspect } from "node:util";
import { expect, test } from "vitest";
import { Value } from "./value.js";

/** The same bytes, alone and among others. */
function both(bytes: Uint8Array): Value[] {
  const others = Uint8Array.of(...Buffer.from("before"), ...bytes, ...Buffer.from("behind"));
  return [Value.fromBytes(bytes), Value.adopt(bytes), Value.inside(others, 6, bytes.length)];
}

test("a value shows its own bytes and none of those beside them", () => {
  for (const text of ["", "x", "wörd", "\ufeffmarked", "a".repeat(1000)]) {
    const bytes = new TextEncoder().encode(text);
    for (const value of both(bytes)) {
      expect(value.size).toBe(bytes.length);
      expect(value.toString()).toBe(text);
      expect(value.toBytes()).toEqual(bytes);
      expect(Value.bytesOf(value)).toEqual(bytes);
      const length = bytes.length;
      for (const index of [-length - 1, -length, -1, 0, 1, length - 1, length, length + 3]) {
        expect(value.at(index), `${text.slice(0, 9)} at ${index}`).toBe(bytes.at(index));
      }
      expect(inspect(value)).toBe(`Value(${length} bytes)`);
    }
  }
});

test("what is made from a value is a copy in a buffer of its own", () => {
  for (const value of both(Uint8Array.of(1, 2, 3))) {
    const bytes = value.toBytes();
    expect(bytes.buffer.byteLength).toBe(3);
    bytes[0] = 9;
    expect(value.at(0)).toBe(1);
  }
});
