/** The hash of a key, four bytes at a time. The same is in src-sdk/kernel/records.ts, for many keys at once. */

/** Differs per process, so that a log cannot be crafted to make every key collide. */
export const KEY_HASH_SEED = (Math.random() * 0x1_0000_0000) | 0;

export function beginHash(length: number): number {
  return KEY_HASH_SEED ^ length;
}

/**
 * By how far the word is rotated depends on the word: without, a difference in the upper bit would come through the
 * multiplication as it is whatever the seed, and the next four bytes of a crafted key could take it back.
 */
export function mixHash(hash: number, word: number): number {
  const product = Math.imul(hash ^ word, 0x9e3779b1);
  const by = product >>> 27;
  return (product << by) | (product >>> (32 - by));
}

/** Signed. */
export function endHash(mixed: number): number {
  let hash = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** Of the key of `length` bytes in the words from `at` on; the last of them is filled up with zeros. */
export function hashKey(words: Int32Array, at: number, length: number): number {
  let hash = beginHash(length);
  for (let i = at, end = at + ((length + 3) >> 2); i < end; i += 1) hash = mixHash(hash, words[i] as number);
  return endHash(hash);
}
