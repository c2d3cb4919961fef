/** Buffers for values that are read. Small ones share larger ones, which is quicker; one that is kept keeps 8 KiB. */

const POOLED_BYTES_MAX = 512;
const POOL_BYTES = 8192;

/** Holds anything: the caller fills all of it. */
export function smallBuffer(length: number): Uint8Array {
  return length <= POOLED_BYTES_MAX ? Buffer.allocUnsafe(length) : new Uint8Array(length);
}

let pool = new Uint8Array(0);
let poolWords = new Int32Array(0);
let wordsUsed = 0;

/** A copy of `length` bytes from a word on. */
export function copyFromWords(words: Int32Array, from: number, length: number): Uint8Array {
  const at = words.byteOffset + from * 4;
  if (length > POOLED_BYTES_MAX) return new Uint8Array(words.buffer.slice(at, at + length));
  const count = (length + 3) >> 2;
  if (wordsUsed + count > poolWords.length) {
    pool = new Uint8Array(Buffer.allocUnsafeSlow(POOL_BYTES).buffer);
    poolWords = new Int32Array(pool.buffer);
    wordsUsed = 0;
  }
  const to = wordsUsed;
  // A loop over words: a view for `set` would take longer than the copy.
  for (let i = 0; i < count; i += 1) poolWords[to + i] = words[from + i] as number;
  wordsUsed = to + count;
  return pool.subarray(to * 4, to * 4 + length);
}
