import { describe, expect, test } from "vitest";
import { copyForm, readingsOf } from "./inspect-bytes.ts";

const bytesOf = (...list: number[]) => Uint8Array.from(list);
const asObject = (bytes: Uint8Array, at = 0, isLittleEndian = true) =>
  Object.fromEntries(readingsOf(bytes, at, isLittleEndian).map(({ name, text }) => [name, text]));

describe("the bytes at a place", () => {
  test("are read as numbers in either order, without losing a bit", () => {
    const bytes = bytesOf(0x59, 0xc0, 0x36, 0x02, 0xa2, 0x01, 0x00, 0x00);
    expect(asObject(bytes)).toMatchObject({
      u8: "89",
      u16: "49241",
      u32: "37142617",
      i64: "1795333472345",
      bits: "01011001",
      time: "2026-11-22T07:44:32.345Z",
    });
    expect(asObject(bytes, 0, false)).toMatchObject({ u16: "22976", i64: "6467228449839841280" });
    expect(asObject(bytesOf(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f)).i64).toBe("9223372036854775807");
    expect(asObject(bytesOf(0, 0, 0, 0, 0, 0, 0xf0, 0x3f)).f64).toBe("1");
  });

  test("that end too soon leave out what does not fit", () => {
    expect(Object.keys(asObject(bytesOf(1, 2, 3), 0))).toEqual(["u8", "u16", "bits", "text"]);
    expect(Object.keys(asObject(bytesOf(1, 2, 3), 2))).toEqual(["u8", "bits", "text"]);
    expect(readingsOf(bytesOf(1), 1, true)).toEqual([]);
  });

  test("as text are the character that begins there, or a mark for none", () => {
    expect(asObject(new TextEncoder().encode("é")).text).toBe("é");
    expect(asObject(new TextEncoder().encode("🚀")).text).toBe("🚀");
    expect(asObject(bytesOf(0x80, 0x41)).text).toBe("·");
    expect(asObject(bytesOf(0x00)).text).toBe("·");
  });

  test("that are no time say so", () => {
    expect(asObject(bytesOf(0, 0, 0, 0, 0, 0, 0, 0x80)).time).toBe("out of range");
    expect(asObject(bytesOf(0, 0, 0, 0, 0, 0, 0, 0)).time).toBe("out of range");
  });
});

test("bytes are copied as hex, base64 and a C array that a compiler takes", () => {
  const bytes = Uint8Array.from({ length: 14 }, (_, i) => i * 18);
  expect(copyForm(bytes.subarray(0, 3), "hex")).toBe("00 12 24");
  expect(copyForm(bytes.subarray(0, 3), "base64")).toBe("ABIk");
  expect(copyForm(bytes, "c")).toBe(
    "static const unsigned char bytes[14] = {\n" +
      "  0x00, 0x12, 0x24, 0x36, 0x48, 0x5A, 0x6C, 0x7E, 0x90, 0xA2, 0xB4, 0xC6,\n" +
      "  0xD8, 0xEA,\n};\n",
  );
});
