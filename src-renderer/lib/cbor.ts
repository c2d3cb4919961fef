/** Reads CBOR (RFC 8949): every well-formed item, integers exactly, tags named, faults with the offset they stand at. */
import {
  type ByteFormat,
  type ByteTreeBuilder,
  DEPTH_MAX,
  decodeWith,
  Fault,
  floatText,
  hexText,
  type ItemText,
  inLine,
  timeText,
} from "./byte-tree.ts";
import { decodeText } from "./bytes.ts";
import { countOf, formatCount } from "./format.ts";
import { isLossyInteger } from "./json-tree.ts";
import { describeText } from "./msgpack.ts";

const UNSIGNED = 0;
const NEGATIVE = 1;
const BYTES = 2;
const TEXT = 3;
const ARRAY = 4;
const MAP = 5;
const TAG = 6;

const BREAK = 0xff;

/** The first byte of an item and the number behind it. */
interface Head {
  readonly major: number;
  /** Low five bits of the first byte. */
  readonly info: number;
  readonly headBytes: number;
  /** Value, length, count or tag; null where the item goes on until a break. */
  readonly argument: bigint | null;
}

const hexOf = (at: number) => at.toString(16).toUpperCase();

function headAt(bytes: Uint8Array, at: number): Head {
  const byte = bytes[at];
  if (byte === undefined) throw new Fault(at, "the bytes end where an item was expected");
  const [major, info] = [byte >> 5, byte & 0x1f];
  if (info < 24) return { major, info, headBytes: 1, argument: BigInt(info) };
  if (info === 31) {
    if (major <= NEGATIVE || major === TAG)
      throw new Fault(at, `${hexOf(byte)} begins nothing: no number goes on until a break`);
    return { major, info, headBytes: 1, argument: null };
  }
  if (info > 27) throw new Fault(at, `${hexOf(byte)} is reserved`);
  const length = 2 ** (info - 24);
  if (at + 1 + length > bytes.length)
    throw new Fault(bytes.length, `the item at 0x${hexOf(at)} ends inside its number`);
  let argument = 0n;
  for (let i = 1; i <= length; i += 1) argument = argument * 256n + BigInt(bytes[at + i] as number);
  return { major, info, headBytes: 1 + length, argument };
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
    const from = this.at;
    if (depth > DEPTH_MAX) throw new Fault(from, `more than ${DEPTH_MAX} levels`);
    const head = headAt(this.#bytes, from);
    if (this.#bytes[from] === BREAK) throw new Fault(from, "a break where nothing is to be ended");
    const index = isListed ? this.#builder.open(from, depth, keyFrom, keyTo) : -1;
    this.at = from + head.headBytes;
    if (head.major === BYTES || head.major === TEXT) this.#string(head, from);
    else if (head.major === ARRAY || head.major === MAP) this.#held(head, from, depth, isListed);
    else if (head.major === TAG) this.item(depth + 1, isListed, 0, 0);
    else if (head.info === 24 && head.major === 7 && (head.argument as bigint) < 32n)
      throw new Fault(from, "a simple value below 32 in two bytes");
    if (index !== -1) this.#builder.close(index, this.at);
  }

  #string({ major, argument }: Head, from: number): void {
    if (argument !== null) {
      this.#skip(argument, from, major);
      return;
    }
    while (this.#bytes[this.at] !== BREAK) {
      const at = this.at;
      if (at >= this.#bytes.length) throw this.#unended(from);
      const chunk = headAt(this.#bytes, at);
      if (chunk.major !== major || chunk.argument === null)
        throw new Fault(at, `a piece of the ${nameOf(major)} at 0x${hexOf(from)} is something else`);
      this.at += chunk.headBytes;
      this.#skip(chunk.argument, at, major);
    }
    this.at += 1;
  }

  #skip(length: bigint, from: number, major: number): void {
    const left = BigInt(this.#bytes.length - this.at);
    if (length > left)
      throw new Fault(
        this.#bytes.length,
        `the ${nameOf(major)} at 0x${hexOf(from)} ends ${grouped(length - left)} bytes too early`,
      );
    this.at += Number(length);
  }

  #held({ major, argument }: Head, from: number, depth: number, isListed: boolean): void {
    const isMap = major === MAP;
    const left = this.#bytes.length - this.at;
    // Said at once, not after a walk through what is there: every item takes a byte at least.
    if (argument !== null && argument * (isMap ? 2n : 1n) > BigInt(left))
      throw new Fault(
        from,
        `${grouped(argument)} ${isMap ? "members" : "items"} announced, ${countOf(left, "byte")} left`,
      );
    for (let i = 0; argument === null ? this.#bytes[this.at] !== BREAK : i < argument; i += 1) {
      if (argument === null && this.at >= this.#bytes.length) throw this.#unended(from);
      const keyFrom = this.at;
      if (isMap) {
        this.item(depth + 1, false, 0, 0);
        if (argument === null && this.#bytes[this.at] === BREAK)
          throw new Fault(this.at, "a break between a key and its value");
      }
      this.item(depth + 1, isListed, keyFrom, this.at);
    }
    if (argument === null) this.at += 1;
  }

  #unended(from: number): Fault {
    return new Fault(this.#bytes.length, `no break ends the item that begins at 0x${hexOf(from)}`);
  }
}

function nameOf(major: number): string {
  return major === TEXT ? "text" : "byte string";
}

function grouped(n: bigint): string {
  return n <= Number.MAX_SAFE_INTEGER ? formatCount(Number(n)) : n.toLocaleString("en-US");
}

/** Contents of a string, its pieces put together. */
function stringAt(bytes: Uint8Array, from: number): Uint8Array {
  const { argument, headBytes } = headAt(bytes, from);
  if (argument !== null) return bytes.subarray(from + headBytes, from + headBytes + Number(argument));
  const pieces: number[] = [];
  for (let at = from + 1; bytes[at] !== BREAK; ) {
    const chunk = headAt(bytes, at);
    const start = at + chunk.headBytes;
    at = start + Number(chunk.argument);
    for (let i = start; i < at; i += 1) pieces.push(bytes[i] as number);
  }
  return Uint8Array.from(pieces);
}

function describe(bytes: Uint8Array, from: number, to: number, count: number): ItemText {
  const { major, argument } = headAt(bytes, from);
  const until = argument === null ? "until a break" : null;
  if (major === UNSIGNED || major === NEGATIVE) {
    const text = String(major === UNSIGNED ? argument : -1n - (argument as bigint));
    return { tone: "number", text, note: isLossyInteger(text) ? "exact 64-bit integer" : null };
  }
  if (major === BYTES) {
    const contents = stringAt(bytes, from);
    const note = [countOf(contents.length, "byte"), until === null ? null : "in pieces"].filter(Boolean).join(", ");
    return { tone: "bytes", text: hexText(contents), note };
  }
  if (major === TEXT) {
    const described = describeText(stringAt(bytes, from));
    return { ...described, note: described.note ?? (until === null ? null : "in pieces") };
  }
  if (major === ARRAY) return { tone: "count", text: `[ ${countOf(count, "item")} ]`, note: until };
  if (major === MAP) return { tone: "count", text: `{ ${countOf(count, "member")} }`, note: until };
  if (major === TAG) return describeTag(bytes, from, to);
  return describeSimple(bytes, from);
}

const KEYWORDS: Record<number, string> = { 20: "false", 21: "true", 22: "null", 23: "undefined" };

function describeSimple(bytes: Uint8Array, from: number): ItemText {
  const { info, argument, headBytes } = headAt(bytes, from);
  if (info <= 24) {
    const value = Number(argument);
    return { tone: "keyword", text: KEYWORDS[value] ?? `simple(${value})`, note: null };
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + from + 1, headBytes - 1);
  const value = info === 25 ? halfFloat(view.getUint16(0)) : info === 26 ? view.getFloat32(0) : view.getFloat64(0);
  return { tone: "number", text: floatText(value), note: info === 27 ? null : `${info === 25 ? 16 : 32}-bit float` };
}

/** RFC 8949, appendix D. */
function halfFloat(half: number): number {
  const exponent = (half >> 10) & 0x1f;
  const mantissa = half & 0x3ff;
  const size =
    exponent === 0
      ? mantissa * 2 ** -24
      : exponent === 31
        ? mantissa === 0
          ? Infinity
          : Number.NaN
        : (mantissa + 1024) * 2 ** (exponent - 25);
  return half & 0x8000 ? -size : size;
}

/** Tags of RFC 8949 and the registry that are met in the field. */
const TAG_NAMES: Record<string, string> = {
  0: "date and time",
  1: "seconds since 1970",
  2: "unsigned bignum",
  3: "negative bignum",
  4: "decimal fraction",
  5: "bigfloat",
  21: "to base64url",
  22: "to base64",
  23: "to hex",
  24: "encoded CBOR",
  32: "URI",
  33: "base64url",
  34: "base64",
  36: "MIME message",
  37: "UUID",
  100: "days since 1970",
  258: "set",
  1004: "date",
  55799: "self-described CBOR",
};

function describeTag(bytes: Uint8Array, from: number, to: number): ItemText {
  const { argument, headBytes } = headAt(bytes, from);
  const meaning = meaningOfTag(argument as bigint, bytes, from + headBytes, to);
  const note = [TAG_NAMES[String(argument)], meaning].filter(Boolean).join(": ");
  return { tone: "keyword", text: String(argument), note: note === "" ? null : note };
}

/** What a tag makes of its content, where that takes a calculation. */
function meaningOfTag(tag: bigint, bytes: Uint8Array, at: number, to: number): string | null {
  const { major, argument } = headAt(bytes, at);
  if (tag === 1n && (major === UNSIGNED || major === NEGATIVE)) {
    return timeText(major === UNSIGNED ? (argument as bigint) : -1n - (argument as bigint), 0);
  }
  if (tag === 1n && major === 7) {
    const seconds = Number(describeSimple(bytes, at).text);
    const isShown = Number.isFinite(seconds) && Math.abs(seconds) <= 8.64e12;
    return isShown ? new Date(seconds * 1000).toISOString() : null;
  }
  if ((tag === 2n || tag === 3n) && major === BYTES) return bignum(tag, stringAt(bytes, at));
  if (tag === 24n && major === BYTES) {
    const held = stringAt(bytes, at);
    return held.length === 0 ? null : inLine(cbor, held, 0, held.length);
  }
  if (tag === 37n && major === BYTES && to - at === 17) {
    const hex = Array.from(stringAt(bytes, at), (byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  }
  return null;
}

/** Digits of a thousand bytes say nothing to anybody, and take long to make. */
const BIGNUM_BYTES_MAX = 128;

function bignum(tag: bigint, contents: Uint8Array): string | null {
  if (contents.length > BIGNUM_BYTES_MAX) return null;
  let value = 0n;
  for (const byte of contents) value = value * 256n + BigInt(byte);
  return String(tag === 2n ? value : -1n - value);
}

export const cbor: ByteFormat = {
  name: "CBOR",
  decode: (bytes) =>
    decodeWith((builder) => {
      const reader = new Reader(bytes, builder);
      do reader.item(0, true, 0, 0);
      while (reader.at < bytes.length);
    }),
  describe,
  textAt(bytes, from) {
    return headAt(bytes, from).major === TEXT ? decodeText(stringAt(bytes, from)) : null;
  },
  isMapAt: (bytes, from) => headAt(bytes, from).major === MAP,
  isArrayAt: (bytes, from) => headAt(bytes, from).major === ARRAY,
};
