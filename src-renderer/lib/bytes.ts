/** Bytes, base64, hex and text, without losing any of them. */

export function fromBase64(text: string): Uint8Array {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i += 1) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** Pieces for String.fromCharCode: more arguments than this overflow the stack. */
const PIECE = 0x8000;

export function toBase64(bytes: Uint8Array): string {
  let binary = "";
  for (let at = 0; at < bytes.length; at += PIECE) binary += String.fromCharCode(...bytes.subarray(at, at + PIECE));
  return btoa(binary);
}

export function encodeText(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export type Decoded =
  | { readonly isText: true; readonly text: string }
  /** Where the first byte stands that is not UTF-8, and a few bytes from there. */
  | { readonly isText: false; readonly invalidAt: number; readonly invalidBytes: Uint8Array };

/** Text exactly as stored, byte order mark included; or where it ceases to be text. */
export function decodeText(bytes: Uint8Array): Decoded {
  try {
    return { isText: true, text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    const invalidAt = firstInvalidUtf8(bytes);
    return { isText: false, invalidAt, invalidBytes: bytes.slice(invalidAt, invalidAt + 4) };
  }
}

export function decodeLossy(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

/** Index of the first byte that no UTF-8 text has there. */
export function firstInvalidUtf8(bytes: Uint8Array): number {
  let at = 0;
  while (at < bytes.length) {
    const length = sequenceLength(bytes, at);
    if (length === 0) return at;
    at += length;
  }
  return at;
}

/** Length of the valid character at `at`, or 0. Ranges of the Unicode standard, table 3-7. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] as number;
  if (lead < 0x80) return 1;
  const second = bytes[at + 1] ?? 0;
  const isTail = (i: number) => ((bytes[at + i] ?? 0) & 0xc0) === 0x80;
  if (lead >= 0xc2 && lead <= 0xdf) return isTail(1) ? 2 : 0;
  if (lead >= 0xe0 && lead <= 0xef) {
    const low = lead === 0xe0 ? 0xa0 : 0x80;
    const high = lead === 0xed ? 0x9f : 0xbf;
    return second >= low && second <= high && isTail(2) ? 3 : 0;
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    const low = lead === 0xf0 ? 0x90 : 0x80;
    const high = lead === 0xf4 ? 0x8f : 0xbf;
    return second >= low && second <= high && isTail(2) && isTail(3) ? 4 : 0;
  }
  return 0;
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** `E2 82` */
export function hexBytes(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).toUpperCase().padStart(2, "0")).join(" ");
}

/** Bytes from typed hex; spaces and line breaks are free. Null when it is not hex, or an odd number of digits. */
export function parseHex(text: string): Uint8Array | null {
  const digits = text.replace(/\s+/g, "");
  if (digits.length % 2 !== 0 || /[^0-9a-fA-F]/.test(digits)) return null;
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16));
}

/** What the text column of a hex view shows for a byte. */
export function printable(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·";
}
