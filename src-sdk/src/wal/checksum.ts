/** FNV-1a, 32 bits: the checksum of a record's payload (spec 2). Reference vectors are in checksum.test.ts. */

import { assembledLanes, type FnvLanes, LANES, scriptLanes } from "./fnv-lanes.js";

export const FNV_BASIS = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** Continues `state` over `bytes[from, to)`; start with {@link FNV_BASIS}. Unsigned 32-bit. */
export function fnv1a(bytes: Uint8Array, from: number, to: number, state: number = FNV_BASIS): number {
  let hash = state | 0;
  for (let at = from; at < to; at += 1) hash = Math.imul(hash ^ (bytes[at] as number), FNV_PRIME);
  return hash >>> 0;
}

/** Fewer bytes are not worth the lanes. */
const LANE_BYTES_MIN = 4096;

let sharedLanes: FnvLanes | undefined;

/** One for all: nothing else runs between `give` and the last `advance`. */
function fastestLanes(): FnvLanes {
  sharedLanes ??= assembledLanes() ?? scriptLanes();
  return sharedLanes;
}

/**
 * Checksums of `count` ranges of `bytes`, in order and none behind the next: range `i` begins at `starts[i]`, has
 * `lengths[i]` bytes, and its checksum goes to `sums[i]`. Several are computed at a time.
 */
export function fnv1aOfEach(
  bytes: Uint8Array,
  starts: Uint32Array,
  lengths: Uint32Array,
  count: number,
  sums: Uint32Array,
  lanes: FnvLanes = fastestLanes(),
): void {
  const from = starts[0] as number;
  const to = count === 0 ? 0 : (starts[count - 1] as number) + (lengths[count - 1] as number);
  if (count < LANES || to - from < LANE_BYTES_MIN || to - from > lanes.bytesMax) {
    for (let i = 0; i < count; i += 1) {
      const start = starts[i] as number;
      sums[i] = fnv1a(bytes, start, start + (lengths[i] as number));
    }
    return;
  }
  lanes.give(bytes, from, to);
  const { words, dataAt } = lanes;
  const ranges = [-1, -1, -1, -1];
  const left = [0, 0, 0, 0];
  let next = 0;
  let running = LANES;
  // As a range ends, its lane takes the next one; a lane without one goes on over bytes that count for nothing.
  for (let steps = 0; ; steps = Math.min(...left)) {
    if (steps > 0) lanes.advance(steps);
    for (let lane = 0; lane < LANES; lane += 1) {
      left[lane] = (left[lane] as number) - steps;
      while (left[lane] === 0) {
        const range = ranges[lane] as number;
        if (range >= 0) sums[range] = words[lane] as number;
        words[lane] = FNV_BASIS;
        if (next < count) {
          ranges[lane] = next;
          left[lane] = lengths[next] as number;
          words[LANES + lane] = dataAt + (starts[next] as number) - from;
          next += 1;
        } else {
          left[lane] = Number.POSITIVE_INFINITY;
          words[LANES + lane] = dataAt;
          running -= 1;
        }
      }
    }
    if (running === 0) return;
  }
}
