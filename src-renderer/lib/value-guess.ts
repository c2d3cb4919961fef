/** Guesses whether bytes that are no text are a document. A wrong guess is worse than none: what is not sure stays hex. */
import type { ByteFormat, ByteTree } from "./byte-tree.ts";
import { cbor } from "./cbor.ts";
import { msgpack } from "./msgpack.ts";
import { isPlainText, markedEncoding, readText, type TextEncodingId } from "./text-encodings.ts";

export type Guess = "msgpack" | "cbor" | `text:${TextEncodingId}`;

/** Reading more than this takes too long to do while a value is chosen: it can be asked for by name. */
export const GUESS_BYTES_MAX = 64 * 1024;

const SELF_DESCRIBED_CBOR = [0xd9, 0xd9, 0xf7];

/** Of a whole value that is no UTF-8 text; null for what it may well not be. */
export function guessBytes(bytes: Uint8Array): Guess | null {
  if (bytes.length === 0 || bytes.length > GUESS_BYTES_MAX) return null;
  const marked = markedEncoding(bytes);
  if (marked === "utf-16le" || marked === "utf-16be") {
    const read = readText(bytes, marked);
    if (read.ok && read.text !== "" && isPlainText(read.text)) return `text:${marked}`;
  }
  const isMsgpack = isPlausible(msgpack, bytes);
  const isCbor = isPlausible(cbor, bytes);
  if (isMsgpack === isCbor) return null;
  return isMsgpack ? "msgpack" : "cbor";
}

/**
 * One array or map that takes all the bytes and holds a text that can be read: numbers in a fixed width, which are common
 * and begin with any byte, pass for arrays of small integers far too easily.
 */
function isPlausible(format: ByteFormat, bytes: Uint8Array): boolean {
  if (format === cbor && SELF_DESCRIBED_CBOR.every((byte, i) => bytes[i] === byte)) return format.decode(bytes).ok;
  const first = bytes[0] as number;
  if (first < 0x80) return false;
  const decoded = format.decode(bytes);
  if (!decoded.ok) return false;
  const { tree } = decoded;
  if (tree.to[0] !== bytes.length || !(format.isMapAt(bytes, 0) || format.isArrayAt(bytes, 0))) return false;
  return hasGoodTextsOnly(format, bytes, tree);
}

/** As many characters of text as it takes to be no accident. */
const CHARS_MIN = 3;

function hasGoodTextsOnly(format: ByteFormat, bytes: Uint8Array, tree: ByteTree): boolean {
  let characters = 0;
  for (let i = 0; i < tree.count; i += 1) {
    for (const at of placesOf(tree, i)) {
      const text = format.textAt(bytes, at);
      if (text === null) continue;
      if (!text.isText || !isPlainText(text.text)) return false;
      characters += text.text.length;
    }
  }
  return characters >= CHARS_MIN;
}

function placesOf(tree: ByteTree, index: number): number[] {
  const [keyFrom, keyTo] = [tree.keyFrom[index] as number, tree.keyTo[index] as number];
  return keyFrom < keyTo ? [keyFrom, tree.from[index] as number] : [tree.from[index] as number];
}
