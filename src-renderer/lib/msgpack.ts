/** Reads MessagePack: every format of its specification, integers exactly, faults with the offset they stand at. */
import {
  type ByteFormat,
  type ByteTreeBuilder,
  DEPTH_MAX,
  decodeWith,
  Fault,
  floatText,
  hexText,
  type ItemText,
  timeText,
} from "./byte-tree.ts";
import { decodeLossy, decodeText } from "./bytes.ts";
import { countOf, formatCount } from "./format.ts";
import { isLossyInteger, quoted } from "./json-tree.ts";

type Kind = "int" | "nil" | "bool" | "float" | "str" | "bin" | "ext" | "array" | "map";

/** What the first bytes of an item say. */
interface Head {
  readonly kind: Kind;
  /** Bytes before the contents: type, length, and the type of an extension. */
  readonly headBytes: number;
  /** Bytes of the contents, or the count of what it holds. */
  readonly size: number;
}

const NEVER_USED = 0xc1;

function headAt(bytes: Uint8Array, at: number, byte: number): Head {
  const length = (lengthBytes: 1 | 2 | 4) => readUnsigned(bytes, at + 1, lengthBytes, at);
  if (byte < 0x80 || byte >= 0xe0) return { kind: "int", headBytes: 1, size: 0 };
  if (byte < 0x90) return { kind: "map", headBytes: 1, size: byte & 0x0f };
  if (byte < 0xa0) return { kind: "array", headBytes: 1, size: byte & 0x0f };
  if (byte < 0xc0) return { kind: "str", headBytes: 1, size: byte & 0x1f };
  if (byte === 0xc0) return { kind: "nil", headBytes: 1, size: 0 };
  if (byte <= 0xc3) return { kind: "bool", headBytes: 1, size: 0 };
  if (byte <= 0xc6) return sized("bin", [1, 2, 4][byte - 0xc4] as 1 | 2 | 4, 0, length);
  if (byte <= 0xc9) return sized("ext", [1, 2, 4][byte - 0xc7] as 1 | 2 | 4, 1, length);
  if (byte <= 0xcb) return { kind: "float", headBytes: 1, size: byte === 0xca ? 4 : 8 };
  if (byte <= 0xd3) return { kind: "int", headBytes: 1, size: 2 ** ((byte - 0xcc) % 4) };
  if (byte <= 0xd8) return { kind: "ext", headBytes: 2, size: 2 ** (byte - 0xd4) };
  if (byte <= 0xdb) return sized("str", [1, 2, 4][byte - 0xd9] as 1 | 2 | 4, 0, length);
  if (byte <= 0xdd) return sized("array", byte === 0xdc ? 2 : 4, 0, length);
  return sized("map", byte === 0xde ? 2 : 4, 0, length);
}

function sized(kind: Kind, lengthBytes: 1 | 2 | 4, extra: number, length: (bytes: 1 | 2 | 4) => number): Head {
  return { kind, headBytes: 1 + lengthBytes + extra, size: length(lengthBytes) };
}

function readUnsigned(bytes: Uint8Array, at: number, length: number, itemAt: number): number {
  if (at + length > bytes.length)
    throw new Fault(bytes.length, `the item at 0x${itemAt.toString(16).toUpperCase()} ends inside its length`);
  let value = 0;
  for (let i = 0; i < length; i += 1) value = value * 256 + (bytes[at + i] as number);
  return value;
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #builder: ByteTreeBuilder;
  at = 0;

  constructor(bytes: Uint8Array, builder: ByteTreeBuilder) {
    this.#bytes = bytes;
    this.#builder = builder;
  }

  /** Reads an item; one that is not listed is a key. */
  item(depth: number, isListed: boolean, keyFrom: number, keyTo: number): void {
    const bytes = this.#bytes;
    const from = this.at;
    const byte = bytes[from];
    if (byte === undefined) throw new Fault(from, "the bytes end where an item was expected");
    if (depth > DEPTH_MAX) throw new Fault(from, `more than ${DEPTH_MAX} levels`);
    if (byte === NEVER_USED) throw new Fault(from, "C1 is the one byte that begins nothing");
    const { kind, headBytes, size } = headAt(bytes, from, byte);
    const index = isListed ? this.#builder.open(from, depth, keyFrom, keyTo) : -1;
    const left = bytes.length - from - headBytes;
    this.at = from + headBytes;
    if (kind === "array" || kind === "map") this.#held(kind, size, left, from, depth, isListed);
    else {
      const what = kind === "str" ? "text" : kind;
      if (left < size)
        throw new Fault(
          bytes.length,
          `the ${what} at 0x${hexOf(from)} ends ${formatCount(size - left)} bytes too early`,
        );
      this.at += size;
    }
    if (index !== -1) this.#builder.close(index, this.at);
  }

  #held(kind: "array" | "map", count: number, left: number, from: number, depth: number, isListed: boolean): void {
    // Said at once, not after a walk through what is there: every item takes a byte at least.
    if (left < count * (kind === "map" ? 2 : 1))
      throw new Fault(
        from,
        `${countOf(count, kind === "map" ? "member" : "item")} announced, ${countOf(Math.max(0, left), "byte")} left`,
      );
    for (let i = 0; i < count; i += 1) {
      const keyFrom = this.at;
      if (kind === "map") this.item(depth + 1, false, 0, 0);
      this.item(depth + 1, isListed, keyFrom, this.at);
    }
  }
}

const hexOf = (at: number) => at.toString(16).toUpperCase();

function integerAt(bytes: Uint8Array, from: number): bigint {
  const byte = bytes[from] as number;
  if (byte < 0x80) return BigInt(byte);
  if (byte >= 0xe0) return BigInt(byte - 256);
  const size = 2 ** ((byte - 0xcc) % 4);
  let value = 0n;
  for (let i = 1; i <= size; i += 1) value = value * 256n + BigInt(bytes[from + i] as number);
  return byte >= 0xd0 ? BigInt.asIntN(size * 8, value) : value;
}

function describe(bytes: Uint8Array, from: number, to: number, count: number): ItemText {
  const byte = bytes[from] as number;
  const { kind, headBytes, size } = headAt(bytes, from, byte);
  const contents = bytes.subarray(from + headBytes, to);
  if (kind === "int") {
    const text = String(integerAt(bytes, from));
    return { tone: "number", text, note: isLossyInteger(text) ? "exact 64-bit integer" : null };
  }
  if (kind === "nil") return { tone: "keyword", text: "nil", note: null };
  if (kind === "bool") return { tone: "keyword", text: byte === 0xc3 ? "true" : "false", note: null };
  if (kind === "float") {
    const view = new DataView(contents.buffer, contents.byteOffset, contents.length);
    const value = size === 4 ? view.getFloat32(0) : view.getFloat64(0);
    return { tone: "number", text: floatText(value), note: size === 4 ? "32-bit float" : null };
  }
  if (kind === "str") return describeText(contents);
  if (kind === "bin") return { tone: "bytes", text: hexText(contents), note: countOf(size, "byte") };
  if (kind === "ext") return describeExtension(bytes[from + headBytes - 1] as number, contents);
  if (kind === "array") return { tone: "count", text: `[ ${countOf(count, "item")} ]`, note: null };
  return { tone: "count", text: `{ ${countOf(count, "member")} }`, note: null };
}

/** What a row shows of a text: more than fits the widest window. */
const TEXT_CHARS_MAX = 1_000;

/** Text; of one that is not UTF-8 as much as can be read, and its bytes said. */
export function describeText(contents: Uint8Array): ItemText {
  const decoded = decodeText(contents);
  if (decoded.isText) {
    const isLong = decoded.text.length > TEXT_CHARS_MAX;
    const text = isLong ? `${decoded.text.slice(0, TEXT_CHARS_MAX)}…` : decoded.text;
    return { tone: "string", text: quoted(text), note: isLong ? countOf(contents.length, "byte") : null };
  }
  return {
    tone: "string",
    text: quoted(decodeLossy(contents.subarray(0, TEXT_CHARS_MAX))),
    note: `not UTF-8 at its byte ${formatCount(decoded.invalidAt)}: ${hexText(contents)}`,
  };
}

const TIMESTAMP = 0xff;

function describeExtension(type: number, data: Uint8Array): ItemText {
  const time = type === TIMESTAMP ? timestampOf(data) : null;
  if (time !== null) return { tone: "number", text: time, note: "timestamp" };
  const signed = type < 0x80 ? type : type - 256;
  return { tone: "bytes", text: `ext ${signed} ${hexText(data)}`, note: countOf(data.length, "byte") };
}

/** Seconds in 32 bits, or nanoseconds in 30 and seconds in 34, or in 32 and 64; null for anything else. */
function timestampOf(data: Uint8Array): string | null {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  let parts: [bigint, number] | null = null;
  if (data.length === 4) parts = [BigInt(view.getUint32(0)), 0];
  if (data.length === 8) parts = [view.getBigUint64(0) & 0x3_ffff_ffffn, Number(view.getBigUint64(0) >> 34n)];
  if (data.length === 12) parts = [view.getBigInt64(4), view.getUint32(0)];
  if (parts === null || parts[1] > 999_999_999) return null;
  return timeText(parts[0], parts[1]);
}

function kindAt(bytes: Uint8Array, from: number): Kind {
  return headAt(bytes, from, bytes[from] as number).kind;
}

export const msgpack: ByteFormat = {
  name: "msgpack",
  decode: (bytes) =>
    decodeWith((builder) => {
      const reader = new Reader(bytes, builder);
      do reader.item(0, true, 0, 0);
      while (reader.at < bytes.length);
    }),
  describe,
  textAt(bytes, from) {
    const { kind, headBytes, size } = headAt(bytes, from, bytes[from] as number);
    if (kind !== "str") return null;
    return decodeText(bytes.subarray(from + headBytes, from + headBytes + size));
  },
  isMapAt: (bytes, from) => kindAt(bytes, from) === "map",
  isArrayAt: (bytes, from) => kindAt(bytes, from) === "array",
};
