/** Reads bytes as text in another encoding than UTF-8, and says where they are none. */
import { firstInvalidUtf8 } from "./bytes.ts";

/** Labels of the Encoding Standard, and Latin-1, which it reads as Windows-1252. */
export const TEXT_ENCODINGS = [
  { id: "utf-8", label: "UTF-8" },
  { id: "utf-16le", label: "UTF-16 LE" },
  { id: "utf-16be", label: "UTF-16 BE" },
  { id: "latin1", label: "Latin-1" },
  { id: "windows-1252", label: "Windows-1252" },
  { id: "windows-1251", label: "Windows-1251" },
  { id: "koi8-r", label: "KOI8-R" },
  { id: "shift_jis", label: "Shift JIS" },
  { id: "euc-jp", label: "EUC-JP" },
  { id: "gb18030", label: "GB 18030" },
  { id: "big5", label: "Big5" },
  { id: "euc-kr", label: "EUC-KR" },
] as const;

export type TextEncodingId = (typeof TEXT_ENCODINGS)[number]["id"];

export function isTextEncoding(id: string): id is TextEncodingId {
  return TEXT_ENCODINGS.some((encoding) => encoding.id === id);
}

export function encodingLabel(id: TextEncodingId): string {
  return TEXT_ENCODINGS.find((encoding) => encoding.id === id)?.label ?? id;
}

export type EncodedText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly fault: { readonly at: number; readonly reason: string } };

/** The whole text, its byte order mark left out, or the first byte that cannot be read. */
export function readText(bytes: Uint8Array, encoding: TextEncodingId): EncodedText {
  if (encoding === "latin1") return { ok: true, text: latin1(bytes) };
  try {
    return { ok: true, text: new TextDecoder(encoding, { fatal: true }).decode(bytes) };
  } catch {
    return { ok: false, fault: faultOf(bytes, encoding) };
  }
}

/** Pieces for String.fromCharCode: more arguments than this overflow the stack. */
const PIECE = 0x8000;

function latin1(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += PIECE) text += String.fromCharCode(...bytes.subarray(at, at + PIECE));
  return text;
}

function faultOf(bytes: Uint8Array, encoding: TextEncodingId): { at: number; reason: string } {
  if (encoding === "utf-8") return { at: firstInvalidUtf8(bytes), reason: "no character begins or goes on like this" };
  const at = readableBytes(bytes, encoding);
  if (at === bytes.length) return { at, reason: "the bytes end inside a character" };
  return { at, reason: "no character goes on like this" };
}

/** Length of the longest start that can be read, a character at its end perhaps not complete: by halving. */
function readableBytes(bytes: Uint8Array, encoding: TextEncodingId): number {
  const isReadable = (length: number) => {
    try {
      new TextDecoder(encoding, { fatal: true }).decode(bytes.subarray(0, length), { stream: true });
      return true;
    } catch {
      return false;
    }
  };
  let [low, high] = [0, bytes.length];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (isReadable(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The encoding that a byte order mark names; null without one. */
export function markedEncoding(bytes: Uint8Array): TextEncodingId | null {
  const [a, b, c] = bytes;
  if (a === 0xff && b === 0xfe) return "utf-16le";
  if (a === 0xfe && b === 0xff) return "utf-16be";
  return a === 0xef && b === 0xbb && c === 0xbf ? "utf-8" : null;
}

/** Characters that no text has: controls other than tab and line breaks, and what stands for no character. */
const NOT_IN_TEXT = /(?![\t\n\r])[\p{Cc}\p{Cn}]/u;

export function isPlainText(text: string): boolean {
  return !NOT_IN_TEXT.test(text);
}
