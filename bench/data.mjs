/** The data of the benches, the same for every store. */
const KEY_BYTES = 30;

/** 30 bytes: `bench/key/…` and the number. */
export function keyOf(i) {
  return `bench/key/${String(i).padStart(KEY_BYTES - 10, "0")}`;
}

/**
 * As `keyOf`, and in one piece: text that was put together is taken apart again when it is first looked into, which would
 * count as work of the store that does so.
 */
export function wholeKeyOf(i) {
  return Buffer.from(keyOf(i)).toString("latin1");
}

/** Values of one size, different from each other. */
export function valueMaker(bytes) {
  const base = Buffer.alloc(bytes);
  for (let i = 0; i < bytes; i += 1) base[i] = 97 + ((i * 7) % 26);
  return (i) => {
    const value = Buffer.from(base);
    value.writeUInt32LE(i >>> 0, 0);
    return value;
  };
}

/** A walk over 0..count-1 in an order that no cache likes, each number once. */
export function* shuffled(count) {
  let at = 0;
  const step = 7_368_787 % count || 1;
  for (let i = 0; i < count; i += 1) {
    at = (at + step) % count;
    yield at;
  }
}
