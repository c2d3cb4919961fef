/** FNV-1a, 32 bits: the checksum of a record's payload (spec 2). Reference vectors are in checksum.test.ts. */

export const FNV_BASIS = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** Continues `state` over `bytes[from, to)`; start with {@link FNV_BASIS}. Unsigned 32-bit. */
export function fnv1a(bytes: Uint8Array, from: number, to: number, state: number = FNV_BASIS): number {
  let hash = state | 0;
  for (let at = from; at < to; at += 1) hash = Math.imul(hash ^ (bytes[at] as number), FNV_PRIME);
  return hash >>> 0;
}
