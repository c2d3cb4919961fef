/** Gives each distinct byte string a small number and keeps the bytes packed: about 17 bytes a key beside the key itself. */

/** Seed of the hash: differs per process, so that a log cannot be crafted to make every key collide. */
const HASH_SEED = (Math.random() * 0x1_0000_0000) >>> 0;

/**
 * The hash table is divided by the upper bits of the hash, and each part grows by itself: one table of ten million keys
 * would stand still for a second when it grows.
 */
const PART_BITS = 6;
const PART_COUNT = 1 << PART_BITS;
const LOWER_COUNT = 2 ** (32 - PART_BITS);
const LOWER_MASK = LOWER_COUNT - 1;
const INITIAL_SLOTS = 16;
/** Slots filled before a part grows. Linear probing stays short below this. */
const LOAD_MAX = 0.75;
/** Parts grow by half: doubling would leave up to half of a large table unused. */
const GROWTH = 1.5;

/** Key bytes lie in segments that never move: growing one array would need both its sizes at once. */
const SEGMENT_BITS = 21;
const SEGMENT_BYTES = 1 << SEGMENT_BITS;
const SEGMENT_MASK = SEGMENT_BYTES - 1;
const INITIAL_SEGMENT_BYTES = 16 * 1024;
const STARTS_BITS = 15;
const STARTS_PER_SEGMENT = 1 << STARTS_BITS;
const STARTS_MASK = STARTS_PER_SEGMENT - 1;
const INITIAL_STARTS = 256;
/** See `wordAt`. Each byte or end of key is a digit of 257, so a word stays below 2^33. */
export const WORD_BYTES = 4;
/** A u32 addresses the segments. */
export const KEY_ARENA_BYTES_MAX = 0xffff_ffff;

function hashBytes(bytes: Uint8Array, from: number, to: number): number {
  let hash = HASH_SEED ^ (to - from);
  for (let at = from; at < to; at += 1) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
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

/** One part of the hash table: pairs of hash and id + 1, which is 0 for an empty slot. */
interface Part {
  slots: Uint32Array;
  slotCount: number;
  used: number;
  usedMax: number;
}

/** The slot to look at first. The upper bits of the hash chose the part, so the lower ones choose here. */
function firstSlot(hash: number, slotCount: number): number {
  return (((hash & LOWER_MASK) * slotCount) / LOWER_COUNT) | 0;
}

/** Ids are dense, from 0, in the order of first appearance; a key is never removed. */
export class KeyTable {
  #size = 0;
  readonly #parts: Part[] = Array.from({ length: PART_COUNT }, () => ({
    slots: NO_SLOTS,
    slotCount: 0,
    used: 0,
    usedMax: 0,
  }));
  /** Key bytes back to back; a key that does not fit the rest of a segment begins the next. */
  readonly #segments: Uint8Array[] = [new Uint8Array(INITIAL_SEGMENT_BYTES)];
  /** Where the last key of each full segment ends. */
  readonly #segmentEnds: number[] = [];
  /** Where the key of an id begins: segment number and offset in it. It ends where the next begins, or with its segment. */
  readonly #starts: Uint32Array[] = [new Uint32Array(INITIAL_STARTS)];
  #startCapacity = INITIAL_STARTS;

  get size(): number {
    return this.#size;
  }

  /** The id of the key, or -1. */
  find(bytes: Uint8Array, from = 0, to: number = bytes.length): number {
    const hash = hashBytes(bytes, from, to);
    const { slots, slotCount } = this.#parts[hash >>> (32 - PART_BITS)] as Part;
    if (slotCount === 0) return -1;
    return (slots[this.#slotOf(slots, slotCount, hash, bytes, from, to) + 1] as number) - 1;
  }

  /**
   * The id of the key, which is added when it is new. @throws RangeError when the keys together pass 4 GiB, or one of
   * them 2 MiB.
   */
  add(bytes: Uint8Array, from = 0, to: number = bytes.length): number {
    const hash = hashBytes(bytes, from, to);
    const part = this.#parts[hash >>> (32 - PART_BITS)] as Part;
    if (part.used >= part.usedMax) growPart(part);
    const { slots } = part;
    const slot = this.#slotOf(slots, part.slotCount, hash, bytes, from, to);
    const known = slots[slot + 1] as number;
    return known !== 0 ? known - 1 : this.#addTo(part, slot, hash, bytes, from, to);
  }

  #addTo(part: Part, slot: number, hash: number, bytes: Uint8Array, from: number, to: number): number {
    const id = this.#size;
    this.#append(id, bytes, from, to);
    part.slots[slot] = hash;
    part.slots[slot + 1] = id + 1;
    part.used += 1;
    this.#size = id + 1;
    return id;
  }

  keyLength(id: number): number {
    return this.#end(id) - (this.#start(id) & SEGMENT_MASK);
  }

  /** A view of the key's bytes: valid until the next `add`. */
  view(id: number): Uint8Array {
    const start = this.#start(id);
    return this.#segment(start).subarray(start & SEGMENT_MASK, this.#end(id));
  }

  /** A copy of the key's bytes. */
  bytes(id: number): Uint8Array {
    const start = this.#start(id);
    return this.#segment(start).slice(start & SEGMENT_MASK, this.#end(id));
  }

  /** The byte at `index` of the key, or -1 behind its end. */
  byteAt(id: number, index: number): number {
    const start = this.#start(id);
    const at = (start & SEGMENT_MASK) + index;
    return at < this.#end(id) ? (this.#segment(start)[at] as number) : -1;
  }

  /** {@link WORD_BYTES} bytes from `index` on as one number, in the order of the bytes: a key that ends comes first. */
  wordAt(id: number, index: number): number {
    const start = this.#start(id);
    const segment = this.#segment(start);
    const end = this.#end(id);
    let word = 0;
    for (let i = 0, at = (start & SEGMENT_MASK) + index; i < WORD_BYTES; i += 1, at += 1) {
      word = word * 257 + (at < end ? (segment[at] as number) + 1 : 0);
    }
    return word;
  }

  /** Whether the key has no byte at `index - 1`. */
  endsBefore(id: number, index: number): boolean {
    return this.keyLength(id) < index;
  }

  compare(a: number, b: number): number {
    const start = this.#start(b);
    return this.#compareTo(a, this.#segment(start), start & SEGMENT_MASK, this.#end(b));
  }

  compareTo(id: number, key: Uint8Array): number {
    return this.#compareTo(id, key, 0, key.length);
  }

  startsWith(id: number, prefix: Uint8Array): boolean {
    if (this.keyLength(id) < prefix.length) return false;
    const start = this.#start(id);
    const from = start & SEGMENT_MASK;
    return compareBytes(this.#segment(start), from, from + prefix.length, prefix, 0, prefix.length) === 0;
  }

  #compareTo(id: number, bytes: Uint8Array, from: number, to: number): number {
    const start = this.#start(id);
    return compareBytes(this.#segment(start), start & SEGMENT_MASK, this.#end(id), bytes, from, to);
  }

  #start(id: number): number {
    return (this.#starts[id >>> STARTS_BITS] as Uint32Array)[id & STARTS_MASK] as number;
  }

  #segment(start: number): Uint8Array {
    return this.#segments[start >>> SEGMENT_BITS] as Uint8Array;
  }

  /** End of the key in its segment. */
  #end(id: number): number {
    const next = this.#start(id + 1) & SEGMENT_MASK;
    return next > 0 ? next : (this.#segmentEnds[this.#start(id) >>> SEGMENT_BITS] as number);
  }

  /** Index of the pair for the key: its own, or the empty one where it would go. */
  #slotOf(slots: Uint32Array, slotCount: number, hash: number, bytes: Uint8Array, from: number, to: number): number {
    let slot = firstSlot(hash, slotCount) * 2;
    for (;;) {
      const entry = slots[slot + 1] as number;
      if (entry === 0 || (slots[slot] === hash && this.#equals(entry - 1, bytes, from, to))) return slot;
      slot += 2;
      if (slot === slots.length) slot = 0;
    }
  }

  #equals(id: number, bytes: Uint8Array, from: number, to: number): boolean {
    const start = this.#start(id);
    const length = to - from;
    // Where the next key begins tells the length, except for the last key of a segment.
    if (this.#start(id + 1) - start !== length && this.keyLength(id) !== length) return false;
    const segment = this.#segment(start);
    let at = start & SEGMENT_MASK;
    for (let i = from; i < to; i += 1, at += 1) if (segment[at] !== bytes[i]) return false;
    return true;
  }

  /** Puts the bytes behind those of all other keys. */
  #append(id: number, bytes: Uint8Array, from: number, to: number): void {
    const length = to - from;
    if (length > SEGMENT_BYTES) throw new RangeError("a key has more than 2 MiB");
    let number = this.#segments.length - 1;
    let at = this.#start(id) & SEGMENT_MASK;
    // The next start is 0 in the next segment when the last key filled its segment to the brim.
    const isFull = at === 0 && this.#start(id) >>> SEGMENT_BITS > number;
    if (isFull || at + length > SEGMENT_BYTES) {
      if ((number + 2) * SEGMENT_BYTES > KEY_ARENA_BYTES_MAX + 1) {
        throw new RangeError("the keys of this store take more than 4 GiB together");
      }
      if (!isFull) this.#segmentEnds[number] = at;
      number += 1;
      at = 0;
      this.#segments.push(new Uint8Array(SEGMENT_BYTES));
      this.#setStart(id, number * SEGMENT_BYTES);
    }
    const segment = this.#roomIn(number, at + length);
    // A loop: for short keys faster than a view for `set`.
    for (let i = 0; i < length; i += 1) segment[at + i] = bytes[from + i] as number;
    const end = at + length;
    if (end === SEGMENT_BYTES) this.#segmentEnds[number] = end;
    this.#setStart(id + 1, number * SEGMENT_BYTES + end);
  }

  /** The first segment is small in the beginning: most stores are. */
  #roomIn(number: number, bytes: number): Uint8Array {
    const segment = this.#segments[number] as Uint8Array;
    if (bytes <= segment.length) return segment;
    const grown = new Uint8Array(Math.min(SEGMENT_BYTES, Math.max(bytes, segment.length * 2)));
    grown.set(segment);
    this.#segments[number] = grown;
    return grown;
  }

  #setStart(id: number, start: number): void {
    if (id >= this.#startCapacity) this.#reserveStart(id >>> STARTS_BITS);
    (this.#starts[id >>> STARTS_BITS] as Uint32Array)[id & STARTS_MASK] = start;
  }

  #reserveStart(number: number): void {
    if (number < this.#starts.length) {
      const starts = this.#starts[number] as Uint32Array;
      const grown = new Uint32Array(starts.length * 2);
      grown.set(starts);
      this.#starts[number] = grown;
    } else this.#starts.push(new Uint32Array(STARTS_PER_SEGMENT));
    this.#startCapacity = number * STARTS_PER_SEGMENT + (this.#starts[number] as Uint32Array).length;
  }
}

const NO_SLOTS = new Uint32Array(0);

function growPart(part: Part): void {
  const { slots: old } = part;
  const slotCount = Math.max(INITIAL_SLOTS, Math.ceil(part.slotCount * GROWTH));
  const slots = new Uint32Array(slotCount * 2);
  for (let from = 0; from < old.length; from += 2) {
    const entry = old[from + 1] as number;
    if (entry === 0) continue;
    const hash = old[from] as number;
    let to = firstSlot(hash, slotCount) * 2;
    while (slots[to + 1] !== 0) {
      to += 2;
      if (to === slots.length) to = 0;
    }
    slots[to] = hash;
    slots[to + 1] = entry;
  }
  part.slots = slots;
  part.slotCount = slotCount;
  part.usedMax = Math.floor(slotCount * LOAD_MAX);
}
