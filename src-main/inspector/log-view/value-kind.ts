/** Guesses what a value is from its first and last bytes. A guess picks a viewer; it never changes a byte. */
import type { ValueKind } from "@softadastra/inspector-contract";

/** Enough to tell every kind apart. */
export const HEAD_BYTES = 64;
export const TAIL_BYTES = 16;

const SIGNATURES: readonly [ValueKind, readonly number[], number?][] = [
  ["png", [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ["jpeg", [0xff, 0xd8, 0xff]],
  ["gif", [0x47, 0x49, 0x46, 0x38]],
  ["bmp", [0x42, 0x4d], 54],
];

function startsWith(bytes: Uint8Array, signature: readonly number[]): boolean {
  return signature.every((byte, i) => bytes[i] === byte);
}

/** `head` holds the first bytes of the value, `tail` the last ones; both may hold all of a short value. */
export function guessValueKind(head: Uint8Array, tail: Uint8Array, valueBytes: number): ValueKind {
  if (valueBytes === 0) return "empty";
  for (const [kind, signature, bytesMin] of SIGNATURES) {
    if (valueBytes >= (bytesMin ?? 0) && startsWith(head, signature) && (kind !== "bmp" || isBmp(head, valueBytes))) {
      return kind;
    }
  }
  if (startsWith(head, [0x52, 0x49, 0x46, 0x46]) && startsWith(head.subarray(8), [0x57, 0x45, 0x42, 0x50]))
    return "webp";
  if (!isTextStart(head, valueBytes > head.length)) return "bytes";
  return isJsonFrame(head, tail) ? "json" : "text";
}

/** "BM" begins many texts: the size in a bitmap's header must be the value's. */
function isBmp(head: Uint8Array, valueBytes: number): boolean {
  return new DataView(head.buffer, head.byteOffset, head.length).getUint32(2, true) === valueBytes;
}

/** Valid UTF-8 without controls that text does not have; a character cut at the end of the head is no fault. */
export function isTextStart(head: Uint8Array, isCut: boolean): boolean {
  for (const byte of head) if (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d) return false;
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(head, { stream: isCut });
    return true;
  } catch {
    return false;
  }
}

const isSpace = (byte: number) => byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
const CLOSER: Record<number, number> = { 123: 0x7d, 91: 0x5d };

/** An object or an array by its first and last character. Whether it parses, the viewer finds out. */
function isJsonFrame(head: Uint8Array, tail: Uint8Array): boolean {
  const first = head.find((byte) => !isSpace(byte));
  const last = tail.findLast((byte) => !isSpace(byte));
  return first !== undefined && CLOSER[first] !== undefined && CLOSER[first] === last;
}
