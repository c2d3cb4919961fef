/** The hash of a key, four bytes at a time. The same is in src-sdk/kernel/records.ts, for many keys at once. */

/** Differs per process, so that a log cannot be crafted to make every key collide. */
export const KEY_HASH_SEED = (Math.random() * 0x1_0000_0000) >>> 0;

/**
 * By how far the word is rotated depends on the word: without, a difference in the upper bit would come through the
 * multiplication as it is whatever the seed, and the next four bytes of a crafted key could take it back.
 */
function mix(hash: number, word: number): number {
  const product = Math.imul(hash ^ word, 0x9e3779b1);
  const by = product >>> 27;
  return (product << by) | (product >>> (32 - by));
}

/** Unsigned, of the `length` bytes at `at`. */
export function hashKey(bytes: DataView, at: number, length: number, seed: number = KEY_HASH_SEED): number {
  let hash = seed ^ length;
  if (length < 4) {
    for (let i = 0; i < length; i += 1) hash = mix(hash, bytes.getUint8(at + i));
  } else {
    const last = at + length - 4;
    for (let i = at; i < last; i += 4) hash = mix(hash, bytes.getInt32(i, true));
    // Up to three bytes of it a second time.
    hash = mix(hash, bytes.getInt32(last, true));
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
