/** Room for values that are read. Small ones share larger buffers, which is quicker; one that is kept keeps 16 KiB. */

const POOLED_BYTES_MAX = 512;
const POOL_BYTES = 16_384;

/** Bytes, the same as words, and where in them the room begins that was taken last: at a word. */
export interface Room {
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  at: number;
}

let pool = makeRoom(0);
let usedBytes = 0;

/** Takes room for so many bytes: until the next call it is told by what this answers. Not zeroed: who takes it fills it. */
export function takeRoom(length: number): Room {
  if (length > POOLED_BYTES_MAX) return makeRoom((length + 3) & ~3);
  if (usedBytes + length > pool.bytes.length) {
    pool = makeRoom(POOL_BYTES);
    usedBytes = 0;
  }
  pool.at = usedBytes;
  usedBytes = (usedBytes + length + 3) & ~3;
  return pool;
}

function makeRoom(length: number): Room {
  const { buffer } = Buffer.allocUnsafeSlow(length);
  return { bytes: new Uint8Array(buffer), words: new Int32Array(buffer), at: 0 };
}
