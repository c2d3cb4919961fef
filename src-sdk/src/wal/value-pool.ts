/** Room for values that are read. Small ones share larger buffers, which is quicker; one that is kept keeps 8 KiB. */

const POOLED_BYTES_MAX = 512;
const POOL_BYTES = 8192;

/** What was taken last: from byte `at` of `bytes` on, or from that word of `words`. Both are all of the buffer. */
export const room = makeRoom(0);

let pool = room;
let usedBytes = 0;

/** Takes room for so many bytes, from a word on. Not zeroed: who takes it fills it. */
export function takeRoom(length: number): void {
  if (length > POOLED_BYTES_MAX) {
    Object.assign(room, makeRoom((length + 3) & ~3));
    return;
  }
  if (usedBytes + length > pool.bytes.length) {
    pool = makeRoom(POOL_BYTES);
    usedBytes = 0;
  }
  room.buffer = pool.buffer;
  room.bytes = pool.bytes;
  room.words = pool.words;
  room.at = usedBytes;
  usedBytes = (usedBytes + length + 3) & ~3;
}

function makeRoom(length: number) {
  const { buffer } = Buffer.allocUnsafeSlow(length);
  return { buffer, bytes: new Uint8Array(buffer), words: new Int32Array(buffer), at: 0 };
}
