/** What orders keys and walks through them needs to know of them. */

/** Distinct keys by numbers of whatever kind, which are at least 0. */
export interface KeyList {
  readonly size: number;
  /** The first key that was added, or -1. */
  first(): number;
  /** The key that was added behind this one, or -1. */
  next(id: number): number;
  keyLength(id: number): number;
  /** A view of the key's bytes: valid until the next key is added. */
  view(id: number): Uint8Array;
  /** The byte at `index` of the key, or -1 behind its end. */
  byteAt(id: number, index: number): number;
  /** {@link WORD_BYTES} bytes from `index` on as one number, in the order of the bytes: a key that ends comes first. */
  wordAt(id: number, index: number): number;
  /** Bytewise order; a prefix comes first. */
  compare(a: number, b: number): number;
  compareTo(id: number, key: Uint8Array): number;
  startsWith(id: number, prefix: Uint8Array): boolean;
}

/** See `wordAt`. Each byte or end of key is a digit of 257, so a word stays below 2^33. */
export const WORD_BYTES = 4;

/** Bytewise order of two byte ranges; a prefix comes first. */
export function compareBytes(
  a: Uint8Array,
  aFrom: number,
  aTo: number,
  b: Uint8Array,
  bFrom: number,
  bTo: number,
): number {
  const shared = Math.min(aTo - aFrom, bTo - bFrom);
  for (let i = 0; i < shared; i += 1) {
    const difference = (a[aFrom + i] as number) - (b[bFrom + i] as number);
    if (difference !== 0) return difference;
  }
  return aTo - aFrom - (bTo - bFrom);
}
