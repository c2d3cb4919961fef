/** Gives each distinct byte string a small number and keeps the bytes packed: about 20 bytes a key beside the key itself. */

/** Seed of the hash: differs per process, so that a log cannot be crafted to make every key collide. */
const HASH_SEED = (Math.random() * 0x1_0000_0000) >>> 0;

const INITIAL_SLOTS = 1024;
const INITIAL_KEYS = 512;
const INITIAL_ARENA_BYTES = 16 * 1024;
/** Slots filled before the table grows. Linear probing stays short below this. */
const LOAD_MAX = 0.6;
/** Arrays grow by half: doubling would leave up to half of a large table unused. */
const GROWTH = 1.5;
/** A u32 addresses the arena. */
export const KEY_ARENA_BYTES_MAX = 0xffff_ffff;

function hashBytes(bytes: Uint8Array, from: number, to: number): number {
  let hash = HASH_SEED ^ (to - from);
  for (let at = from; at < to; at += 1) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return hash ^ (hash >>> 13);
}

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

/** Ids are dense, from 0, in the order of first appearance; a key is never removed. */
export class KeyTable {
  #size = 0;
  /** Key bytes back to back. */
  #arena = new Uint8Array(INITIAL_ARENA_BYTES);
  #arenaEnd = 0;
  /** Where the key of an id begins in the arena; it ends where the next begins. */
  #starts = new Uint32Array(INITIAL_KEYS + 1);
  #hashes = new Int32Array(INITIAL_KEYS);
  /** Open addressing: id + 1, or 0 for an empty slot. */
  #slots = new Uint32Array(INITIAL_SLOTS);

  get size(): number {
    return this.#size;
  }

  /** The id of the key, or -1. */
  find(bytes: Uint8Array, from = 0, to: number = bytes.length): number {
    const slot = this.#slotOf(hashBytes(bytes, from, to), bytes, from, to);
    return (this.#slots[slot] as number) - 1;
  }

  /** The id of the key, which is added when it is new. @throws RangeError when the keys together pass 4 GiB. */
  add(bytes: Uint8Array, from = 0, to: number = bytes.length): number {
    const hash = hashBytes(bytes, from, to);
    const slot = this.#slotOf(hash, bytes, from, to);
    const known = this.#slots[slot] as number;
    if (known !== 0) return known - 1;

    const id = this.#size;
    this.#reserve(id + 1, this.#arenaEnd + (to - from));
    this.#arena.set(bytes.subarray(from, to), this.#arenaEnd);
    this.#arenaEnd += to - from;
    this.#starts[id + 1] = this.#arenaEnd;
    this.#hashes[id] = hash;
    this.#slots[slot] = id + 1;
    this.#size = id + 1;
    if (this.#size > this.#slots.length * LOAD_MAX) this.#rehash(this.#slots.length * 2);
    return id;
  }

  keyLength(id: number): number {
    return (this.#starts[id + 1] as number) - (this.#starts[id] as number);
  }

  /** A view of the key's bytes: valid until the next `add`. */
  view(id: number): Uint8Array {
    return this.#arena.subarray(this.#starts[id], this.#starts[id + 1]);
  }

  /** A copy of the key's bytes. */
  bytes(id: number): Uint8Array {
    return this.#arena.slice(this.#starts[id], this.#starts[id + 1]);
  }

  /** The byte at `index` of the key, or -1 behind its end. */
  byteAt(id: number, index: number): number {
    const at = (this.#starts[id] as number) + index;
    return at < (this.#starts[id + 1] as number) ? (this.#arena[at] as number) : -1;
  }

  compare(a: number, b: number): number {
    const starts = this.#starts;
    return compareBytes(
      this.#arena,
      starts[a] as number,
      starts[a + 1] as number,
      this.#arena,
      starts[b] as number,
      starts[b + 1] as number,
    );
  }

  compareTo(id: number, key: Uint8Array): number {
    const starts = this.#starts;
    return compareBytes(this.#arena, starts[id] as number, starts[id + 1] as number, key, 0, key.length);
  }

  startsWith(id: number, prefix: Uint8Array): boolean {
    if (this.keyLength(id) < prefix.length) return false;
    const start = this.#starts[id] as number;
    return compareBytes(this.#arena, start, start + prefix.length, prefix, 0, prefix.length) === 0;
  }

  #slotOf(hash: number, bytes: Uint8Array, from: number, to: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = hash & mask;
    for (;;) {
      const entry = slots[slot] as number;
      if (entry === 0) return slot;
      const id = entry - 1;
      if (this.#hashes[id] === hash && this.#equals(id, bytes, from, to)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #equals(id: number, bytes: Uint8Array, from: number, to: number): boolean {
    const arena = this.#arena;
    let at = this.#starts[id] as number;
    if ((this.#starts[id + 1] as number) - at !== to - from) return false;
    for (let i = from; i < to; i += 1, at += 1) if (arena[at] !== bytes[i]) return false;
    return true;
  }

  #reserve(keys: number, arenaBytes: number): void {
    if (arenaBytes > KEY_ARENA_BYTES_MAX) throw new RangeError("the keys of this store take more than 4 GiB together");
    if (arenaBytes > this.#arena.length) {
      const wanted = Math.max(arenaBytes, Math.ceil(this.#arena.length * GROWTH));
      const grown = new Uint8Array(Math.min(wanted, KEY_ARENA_BYTES_MAX));
      grown.set(this.#arena.subarray(0, this.#arenaEnd));
      this.#arena = grown;
    }
    if (keys > this.#hashes.length) {
      const capacity = Math.max(keys, Math.ceil(this.#hashes.length * GROWTH));
      const starts = new Uint32Array(capacity + 1);
      starts.set(this.#starts);
      this.#starts = starts;
      const hashes = new Int32Array(capacity);
      hashes.set(this.#hashes);
      this.#hashes = hashes;
    }
  }

  #rehash(slotCount: number): void {
    const slots = new Uint32Array(slotCount);
    const mask = slotCount - 1;
    for (let id = 0; id < this.#size; id += 1) {
      let slot = (this.#hashes[id] as number) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = id + 1;
    }
    this.#slots = slots;
  }
}
