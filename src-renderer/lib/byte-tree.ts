/**
 * A decoded document as flat columns: of each item where its bytes begin and end and which items it holds. What an item
 * says is read from the bytes when it is shown, so a document of a million items costs some numbers each, and travels
 * between threads without being copied.
 */

import type { Decoded } from "./bytes.ts";
import { countOf } from "./format.ts";

/** Items in the order in which they stand in the bytes, each one before those it holds. */
export interface ByteTree {
  readonly count: number;
  /** First byte of each item, and the byte behind its last. */
  readonly from: Uint32Array<ArrayBuffer>;
  readonly to: Uint32Array<ArrayBuffer>;
  /** Place among the items behind the last one it holds. */
  readonly end: Uint32Array<ArrayBuffer>;
  readonly depth: Uint16Array<ArrayBuffer>;
  /** Bytes of the key of a map's member, which stand before it; as long as nothing for what has none. */
  readonly keyFrom: Uint32Array<ArrayBuffer>;
  readonly keyTo: Uint32Array<ArrayBuffer>;
}

export type ByteTreeResult =
  | { readonly ok: true; readonly tree: ByteTree }
  | { readonly ok: false; readonly fault: DecodeFault };

export interface DecodeFault {
  /** Offset of the byte that is wrong, or that is missing. */
  readonly at: number;
  readonly reason: string;
}

/** What an item says. */
export interface ItemText {
  readonly tone: "string" | "number" | "keyword" | "bytes" | "count";
  readonly text: string;
  /** Said behind it: what it is, where that cannot be seen. */
  readonly note: string | null;
}

/** One way to read bytes as a document. */
export interface ByteFormat {
  readonly name: "msgpack" | "CBOR";
  /** Items one behind the other until the bytes end; a file with a single one is what is usual. Never throws. */
  decode(bytes: Uint8Array): ByteTreeResult;
  /** Of the item whose bytes begin at `from`. `count` is how many it holds directly. */
  describe(bytes: Uint8Array, from: number, to: number, count: number): ItemText;
  /** Null where the item is not a text, but bytes, a number or anything else. */
  textAt(bytes: Uint8Array, from: number): Decoded | null;
  /** Holds members with keys. */
  isMapAt(bytes: Uint8Array, from: number): boolean;
  isArrayAt(bytes: Uint8Array, from: number): boolean;
}

/** Nested deeper, a tree is of no use to anybody, and the stack ends somewhere. */
export const DEPTH_MAX = 512;
/** Each takes 22 bytes here; a value of a mebibyte has no more. */
export const ITEMS_MAX = 1_048_576;

export class Fault extends Error {
  readonly at: number;
  constructor(at: number, reason: string) {
    super(reason);
    this.at = at;
  }
}

const FIRST_CAPACITY = 64;

/** Takes items down as a reader meets them. */
export class ByteTreeBuilder {
  #count = 0;
  #numbers = new Uint32Array(FIRST_CAPACITY * 5);
  #depth = new Uint16Array(FIRST_CAPACITY);
  #capacity = FIRST_CAPACITY;

  get count(): number {
    return this.#count;
  }

  /** An item begins; what is opened before it is closed is in it. */
  open(from: number, depth: number, keyFrom: number, keyTo: number): number {
    if (this.#count === ITEMS_MAX)
      throw new Fault(from, `more than ${ITEMS_MAX.toLocaleString("en-US")} items are not listed`);
    if (this.#count === this.#capacity) this.#grow();
    const index = this.#count++;
    this.#numbers[index * 5] = from;
    this.#numbers[index * 5 + 3] = keyFrom;
    this.#numbers[index * 5 + 4] = keyTo;
    this.#depth[index] = depth;
    return index;
  }

  close(index: number, to: number): void {
    this.#numbers[index * 5 + 1] = to;
    this.#numbers[index * 5 + 2] = this.#count;
  }

  #grow(): void {
    this.#capacity *= 2;
    const numbers = new Uint32Array(this.#capacity * 5);
    numbers.set(this.#numbers);
    this.#numbers = numbers;
    const depth = new Uint16Array(this.#capacity);
    depth.set(this.#depth);
    this.#depth = depth;
  }

  build(): ByteTree {
    const column = (at: number) => {
      const values = new Uint32Array(this.#count);
      for (let i = 0; i < this.#count; i += 1) values[i] = this.#numbers[i * 5 + at] as number;
      return values;
    };
    const depth = this.#depth.slice(0, this.#count);
    return {
      count: this.#count,
      from: column(0),
      to: column(1),
      end: column(2),
      depth,
      keyFrom: column(3),
      keyTo: column(4),
    };
  }
}

/** Runs a reader; what it found wrong becomes an answer. */
export function decodeWith(read: (builder: ByteTreeBuilder) => void): ByteTreeResult {
  const builder = new ByteTreeBuilder();
  try {
    read(builder);
  } catch (error) {
    if (error instanceof Fault) return { ok: false, fault: { at: error.at, reason: error.message } };
    throw error;
  }
  return { ok: true, tree: builder.build() };
}

export function transferablesOf(tree: ByteTree): ArrayBuffer[] {
  return [tree.from, tree.to, tree.end, tree.depth, tree.keyFrom, tree.keyTo].map(({ buffer }) => buffer);
}

/** How many items an item holds directly. */
export function childCountOf(tree: ByteTree, index: number): number {
  let count = 0;
  const end = tree.end[index] as number;
  for (let child = index + 1; child < end; child = tree.end[child] as number) count += 1;
  return count;
}

/** Characters of a whole document written in a line: more is cut. */
const LINE_CHARS_MAX = 120;
/** A longer one is not written at all: reading it again for every row that names it would take too long. */
const LINE_BYTES_MAX = 1_024;

/** The items between `from` and `to` in a line, as CBOR's diagnostic notation writes them: for keys that are no text. */
export function inLine(format: ByteFormat, bytes: Uint8Array, from: number, to: number): string {
  if (to - from > LINE_BYTES_MAX) return `(${countOf(to - from, "byte")})`;
  const part = bytes.subarray(from, to);
  const decoded = format.decode(part);
  if (!decoded.ok || decoded.tree.end[0] !== decoded.tree.count) return hexText(part);
  const { tree } = decoded;
  let length = 0;
  const write = (index: number): string => {
    if (length > LINE_CHARS_MAX) return "…";
    const at = tree.from[index] as number;
    const held: string[] = [];
    const end = tree.end[index] as number;
    for (let child = index + 1; child < end && length <= LINE_CHARS_MAX; child = tree.end[child] as number) {
      const [keyFrom, keyTo] = [tree.keyFrom[child] as number, tree.keyTo[child] as number];
      const key = keyFrom < keyTo ? `${inLine(format, part, keyFrom, keyTo)}: ` : "";
      held.push(`${key}${write(child)}`);
    }
    if (format.isMapAt(part, at)) return `{${held.join(", ")}}`;
    if (format.isArrayAt(part, at)) return `[${held.join(", ")}]`;
    const { text } = format.describe(part, at, tree.to[index] as number, held.length);
    length += text.length;
    return held.length > 0 ? `${text}(${held.join(", ")})` : text;
  };
  const line = write(0);
  return line.length > LINE_CHARS_MAX ? `${line.slice(0, LINE_CHARS_MAX)}…` : line;
}

const HEX_BYTES_MAX = 32;

/** Bytes as CBOR's diagnostic notation has them, cut where a row would end anyway. */
export function hexText(bytes: Uint8Array): string {
  const shown = Array.from(bytes.subarray(0, HEX_BYTES_MAX), (byte) =>
    byte.toString(16).toUpperCase().padStart(2, "0"),
  );
  return `h'${shown.join(" ")}${bytes.length > HEX_BYTES_MAX ? " …" : ""}'`;
}

/** A double exactly, and told from an integer. */
export function floatText(value: number): string {
  if (Object.is(value, -0)) return "-0.0";
  const text = String(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

/** A time with as many digits of a second as it has; null when no calendar holds it. */
export function timeText(seconds: bigint, nanoseconds: number): string | null {
  const ms = Number(seconds) * 1000;
  if (!Number.isFinite(ms) || Math.abs(ms) > 8.64e15) return null;
  const fraction = nanoseconds === 0 ? "" : `.${String(nanoseconds).padStart(9, "0").replace(/0+$/, "")}`;
  return new Date(ms).toISOString().replace(/\.000Z$/, `${fraction}Z`);
}
