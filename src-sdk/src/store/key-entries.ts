/**
 * Finds keys, and keeps what their owner knows of each: some words in the slot of the hash table that leads to the key,
 * and some in front of the key's bytes. About 11 bytes a key and 16 for two words in each place, beside the key itself.
 */
import type { StoreKernel } from "../wal/kernel.js";
import { hashKey } from "./key-hash.js";
import { compareBytes, type KeyList, WORD_BYTES } from "./key-list.js";
import type { KeyProbe } from "./key-probe.js";

/**
 * The hash table is divided by the upper bits of the hash, and each part grows by itself: one table of ten million keys
 * would stand still for a second when it grows.
 */
const PART_BITS = 6;
const PART_COUNT = 1 << PART_BITS;
const PART_SHIFT = 32 - PART_BITS;
const LOWER_COUNT = 2 ** PART_SHIFT;
const LOWER_MASK = LOWER_COUNT - 1;
const INITIAL_SLOTS = 16;
/** Slots filled before a part grows. Linear probing stays short below this. */
const LOAD_MAX = 0.75;
/** Parts grow by half: doubling would leave up to half of a large table unused. */
const GROWTH = 1.5;
/** Steps towards as many as are expected: each looks at every slot, so that there should be few, and the last end there. */
const EXPECTED_GROWTH = 3;
/** Some parts get a little more than their share. */
const EXPECTED_SLACK = 1.05;

/**
 * Words of a slot: the hash, where the entry is (0 for an empty slot: no entry is there), and those of the owner from
 * {@link SLOT_OWNER} on.
 */
const SLOT_HASH = 0;
const SLOT_ID = 1;
export const SLOT_OWNER = 2;

/** Words of an entry: the length of its key in bytes, those of the owner from {@link ENTRY_OWNER} on, then the key, filled up with zeros. */
const KEY_LENGTH = 0;
export const ENTRY_OWNER = 1;

/** Entries lie in segments that never move: growing one array would need both its sizes at once. */
const SEGMENT_BITS = 19;
const SEGMENT_WORDS = 1 << SEGMENT_BITS;
const SEGMENT_MASK = SEGMENT_WORDS - 1;
const INITIAL_SEGMENT_WORDS = 4096;
/** An id has 32 bits, and all ones is none. */
const SEGMENTS_MAX = 2 ** (32 - SEGMENT_BITS) - 1;
/** No entry is at 0. */
const FIRST_AT = 1;

/** What is known of a part of the hash table, in words; the kernel has the same. */
const PART_WORDS = 4;
/** Where the slots are in the kernel's memory, or 0. */
const SLOTS_ADDRESS = 0;
const SLOT_COUNT = 1;
const USED = 2;
const USED_MAX = 3;

/** Words of what is lent to the kernel (src-sdk/kernel/store.ts). */
const STATE_KEYS = 0;
const STATE_ENTRIES_AT = 2;
const STATE_ENTRIES_END = 3;

/** The kernel knows the slots and entries of a store and no others. */
export const STORE_SLOT_WORDS = 2;
export const STORE_ENTRY_WORDS = 3;
const KERNEL_SLOT_BYTES = (SLOT_OWNER + STORE_SLOT_WORDS) * 4;
/** Some parts get more than their share of the keys, and the last time a part grows it is to more than it needs. */
const PART_SLACK = GROWTH * 1.1;
/** Of the processor: a slot of 16 bytes lies in one line of its cache. */
const LINE_BYTES = 64;

/** The place of a part of a table for so many keys. */
function partBytes(keysMax: number): number {
  const slots = Math.ceil((keysMax / PART_COUNT / LOAD_MAX) * PART_SLACK + INITIAL_SLOTS);
  return Math.ceil((slots * KERNEL_SLOT_BYTES) / LINE_BYTES) * LINE_BYTES;
}

/** What is reserved in a kernel for the hash table of so many keys. */
export function slotBytesMax(keysMax: number): number {
  return (PART_COUNT + 1) * partBytes(keysMax);
}

/** Of the slot to look at first. The upper bits of the hash chose the part, so the lower ones choose here. */
function firstSlot(hash: number, slotCount: number): number {
  return (((hash & LOWER_MASK) * slotCount) / LOWER_COUNT) | 0;
}

const keyWords = (length: number) => (length + 3) >> 2;

/** The id of a key is where its entry begins, in words. Keys are never removed. */
export class KeyEntries implements KeyList {
  #size = 0;
  #parts: Uint32Array = new Uint32Array(PART_COUNT * PART_WORDS);
  readonly #slots: Int32Array[] = Array.from({ length: PART_COUNT }, () => NO_SLOTS);
  readonly #slotWords: number;
  /** Words of an entry in front of the key. */
  readonly #headWords: number;
  readonly #kernel: StoreKernel | null;
  /** In the kernel's memory each part has a place of its own that is as large as the part may grow; bytes of one, or 0. */
  readonly #partBytes: number = 0;
  readonly #partsAddress: number = 0;
  readonly #segments: Int32Array[] = [];
  readonly #bytes: Uint8Array[] = [];
  /** Of each segment in the kernel's memory, or 0. */
  readonly #addresses: number[] = [];
  /** Where the last entry of each full segment ends. */
  readonly #ends: number[] = [];
  /** Where the next entry goes in the last segment, and how long that is: only the first can be shorter than the others. */
  #used = FIRST_AT;
  #lastWords = 0;
  #slotsExpected = 0;

  /** Where the last search, `add` or `locate` ended: the slot of the key begins at `slotAt` of `slots`. */
  slots: Int32Array = NO_SLOTS;
  slotAt = 0;
  /** Whether the last `add` met the key for the first time. */
  isNew = false;

  /**
   * `slotWords`, `entryWords`: how many are the owner's; they are 0 at first. With a kernel everything lies in its memory
   * as long as that is open; `keysMax` says how large the part of it that finds keys can become.
   */
  constructor(slotWords: number, entryWords: number, kernel: StoreKernel | null = null, keysMax = 0) {
    this.#slotWords = SLOT_OWNER + slotWords;
    this.#headWords = ENTRY_OWNER + entryWords;
    this.#kernel = kernel;
    kernel?.onMoved(() => this.#move(kernel));
    if (kernel !== null) {
      this.#parts = kernel.words(kernel.partsAddress, PART_COUNT * PART_WORDS);
      this.#partBytes = partBytes(keysMax);
      // One more to copy a part to while it grows.
      this.#partsAddress = kernel.reserve((PART_COUNT + 1) * this.#partBytes);
    }
    this.#makeSegment(0, INITIAL_SEGMENT_WORDS);
  }

  /** About so many keys will be here: parts grow to that sooner. It may be wrong, which costs memory or time, and no more. */
  expect(keys: number): void {
    this.#slotsExpected = (keys / PART_COUNT / LOAD_MAX) * EXPECTED_SLACK;
  }

  get size(): number {
    return this.#size;
  }

  /** The id of the key, or -1. */
  find(probe: KeyProbe): number {
    return this.#found(probe, this.#slotOf(probe));
  }

  /**
   * As `find`, by the hash alone: almost always the key, if there is one, and without a look at its entry, which would
   * wait for the memory once more. Whoever reads what the slot says meets the key there and can tell.
   */
  guess(probe: KeyProbe): number {
    const { hash } = probe;
    const number = hash >>> PART_SHIFT;
    const slots = this.#slots[number] as Int32Array;
    const width = this.#slotWords;
    if (slots.length === 0) return -1;
    let slot = firstSlot(hash, this.#slotCount(number)) * width;
    while (slots[slot + SLOT_HASH] !== hash && slots[slot + SLOT_ID] !== 0) {
      slot += width;
      if (slot === slots.length) slot = 0;
    }
    return this.#found(probe, slot);
  }

  #found({ hash }: KeyProbe, slotAt: number): number {
    const slots = this.#slots[hash >>> PART_SHIFT] as Int32Array;
    this.slots = slots;
    this.slotAt = slotAt;
    const id = slotAt === -1 ? 0 : (slots[slotAt + SLOT_ID] as number);
    return id === 0 ? -1 : id >>> 0;
  }

  /** The id of the key, which is added when it is new. @throws RangeError when all keys take 16 GiB, or one of them 2 MiB */
  add(probe: KeyProbe): number {
    const { hash } = probe;
    const number = hash >>> PART_SHIFT;
    const part = number * PART_WORDS;
    const used = this.#parts[part + USED] as number;
    if (used >= (this.#parts[part + USED_MAX] as number)) this.#growPart(number);
    const slotAt = this.#slotOf(probe);
    const known = this.#found(probe, slotAt);
    this.isNew = known === -1;
    if (known !== -1) return known;
    const id = this.#append(probe);
    this.slots[slotAt + SLOT_HASH] = hash;
    this.slots[slotAt + SLOT_ID] = id;
    this.#parts[part + USED] = used + 1;
    this.#size += 1;
    return id;
  }

  /** Makes `slots` and `slotAt` those of a key that is there. */
  locate(id: number): void {
    const hash = hashKey(this.segment(id), this.at(id) + this.#headWords, this.keyLength(id));
    const number = hash >>> PART_SHIFT;
    const slots = this.#slots[number] as Int32Array;
    const width = this.#slotWords;
    let slot = firstSlot(hash, this.#slotCount(number)) * width;
    while ((slots[slot + SLOT_ID] as number) >>> 0 !== id) {
      slot += width;
      if (slot === slots.length) slot = 0;
    }
    this.slots = slots;
    this.slotAt = slot;
  }

  /** Where the slot of the key is: its own, or the empty one where it would go; -1 while there are none. */
  #slotOf(probe: KeyProbe): number {
    const { hash, length } = probe;
    const number = hash >>> PART_SHIFT;
    const slots = this.#slots[number] as Int32Array;
    const width = this.#slotWords;
    if (slots.length === 0) return -1;
    let slot = firstSlot(hash, this.#slotCount(number)) * width;
    for (;;) {
      const id = slots[slot + SLOT_ID] as number;
      if (id === 0) return slot;
      if (slots[slot + SLOT_HASH] === hash) {
        const segment = this.segment(id);
        const at = this.at(id);
        if (segment[at + KEY_LENGTH] === length && probe.isAt(segment, at + this.#headWords)) return slot;
      }
      slot += width;
      if (slot === slots.length) slot = 0;
    }
  }

  #slotCount(number: number): number {
    return this.#parts[number * PART_WORDS + SLOT_COUNT] as number;
  }

  /** Calls `visit` for the slot of every key, in no order. */
  eachSlot(visit: (slots: Int32Array, slotAt: number, id: number) => void): void {
    for (const slots of this.#slots) {
      for (let slot = 0; slot < slots.length; slot += this.#slotWords) {
        const id = slots[slot + SLOT_ID] as number;
        if (id !== 0) visit(slots, slot, id >>> 0);
      }
    }
  }

  /** The array that the entry lies in, from `at(id)` on. */
  segment(id: number): Int32Array {
    return this.#segments[id >>> SEGMENT_BITS] as Int32Array;
  }

  at(id: number): number {
    return id & SEGMENT_MASK;
  }

  first(): number {
    return this.#size === 0 ? -1 : FIRST_AT;
  }

  next(id: number): number {
    const number = id >>> SEGMENT_BITS;
    const at = this.at(id) + this.#headWords + keyWords(this.keyLength(id));
    const isLast = number === this.#segments.length - 1;
    if (at < (isLast ? this.#used : (this.#ends[number] as number))) return number * SEGMENT_WORDS + at;
    return isLast ? -1 : (number + 1) * SEGMENT_WORDS;
  }

  /** Has `probe` take the key. */
  probe(id: number, probe: KeyProbe): KeyProbe {
    return probe.takeWords(this.segment(id), this.at(id) + this.#headWords, this.keyLength(id));
  }

  keyLength(id: number): number {
    return this.segment(id)[this.at(id) + KEY_LENGTH] as number;
  }

  view(id: number): Uint8Array {
    const from = this.#byteAt(id);
    return this.#bytesOf(id).subarray(from, from + this.keyLength(id));
  }

  /** A copy of the key's bytes. */
  bytes(id: number): Uint8Array {
    const from = this.#byteAt(id);
    return this.#bytesOf(id).slice(from, from + this.keyLength(id));
  }

  byteAt(id: number, index: number): number {
    return index < this.keyLength(id) ? (this.#bytesOf(id)[this.#byteAt(id) + index] as number) : -1;
  }

  wordAt(id: number, index: number): number {
    const bytes = this.#bytesOf(id);
    const from = this.#byteAt(id);
    const end = from + this.keyLength(id);
    let word = 0;
    for (let i = 0, at = from + index; i < WORD_BYTES; i += 1, at += 1) {
      word = word * 257 + (at < end ? (bytes[at] as number) + 1 : 0);
    }
    return word;
  }

  compare(a: number, b: number): number {
    const from = this.#byteAt(b);
    return this.#compareTo(a, this.#bytesOf(b), from, from + this.keyLength(b));
  }

  compareTo(id: number, key: Uint8Array): number {
    return this.#compareTo(id, key, 0, key.length);
  }

  startsWith(id: number, prefix: Uint8Array): boolean {
    if (this.keyLength(id) < prefix.length) return false;
    const from = this.#byteAt(id);
    return compareBytes(this.#bytesOf(id), from, from + prefix.length, prefix, 0, prefix.length) === 0;
  }

  #compareTo(id: number, bytes: Uint8Array, from: number, to: number): number {
    const own = this.#byteAt(id);
    return compareBytes(this.#bytesOf(id), own, own + this.keyLength(id), bytes, from, to);
  }

  #bytesOf(id: number): Uint8Array {
    return this.#bytes[id >>> SEGMENT_BITS] as Uint8Array;
  }

  /** Where the key begins among the bytes of its segment. */
  #byteAt(id: number): number {
    return (this.at(id) + this.#headWords) << 2;
  }

  /** Puts an entry behind all others. */
  #append({ words, length }: KeyProbe): number {
    const count = keyWords(length);
    const entryWords = this.#headWords + count;
    let number = this.#segments.length - 1;
    if (this.#used + entryWords > SEGMENT_WORDS) {
      if (entryWords > SEGMENT_WORDS - FIRST_AT) throw new RangeError("a key has 2 MiB or more");
      if (number + 1 === SEGMENTS_MAX) throw new RangeError("the keys of this store take more than 16 GiB together");
      this.#ends[number] = this.#used;
      number += 1;
      this.#used = 0;
      this.#makeSegment(number, SEGMENT_WORDS);
    }
    const at = this.#used;
    this.#makeRoom(at + entryWords);
    const segment = this.#segments[number] as Int32Array;
    segment[at + KEY_LENGTH] = length;
    for (let i = 0, to = at + this.#headWords; i < count; i += 1) segment[to + i] = words[i] as number;
    this.#used = at + entryWords;
    return number * SEGMENT_WORDS + at;
  }

  #makeRoom(words: number): void {
    if (words <= this.#lastWords) return;
    const old = this.#segments[0] as Int32Array;
    this.#makeSegment(0, Math.min(SEGMENT_WORDS, Math.max(words, this.#lastWords * 2)));
    (this.#segments[0] as Int32Array).set(old);
  }

  #makeSegment(number: number, words: number): void {
    const kernel = this.#kernel;
    const address = kernel?.reserve(words * 4) ?? 0;
    this.#addresses[number] = address;
    this.#lastWords = words;
    this.#putSegment(number, address > 0 && kernel !== null ? kernel.signed(address, words) : new Int32Array(words));
    kernel?.tellSegment(number, address);
  }

  #putSegment(number: number, segment: Int32Array): void {
    this.#segments[number] = segment;
    this.#bytes[number] = new Uint8Array(segment.buffer, segment.byteOffset, segment.byteLength);
  }

  /** The kernel's memory is elsewhere now. A view of what it was has no length any more. */
  #move(kernel: StoreKernel): void {
    this.#parts = kernel.words(kernel.partsAddress, PART_COUNT * PART_WORDS);
    for (let number = 0; number < PART_COUNT; number += 1) {
      const address = this.#parts[number * PART_WORDS + SLOTS_ADDRESS] as number;
      const slotCount = this.#parts[number * PART_WORDS + SLOT_COUNT] as number;
      if (address > 0) this.#slots[number] = kernel.signed(address, slotCount * this.#slotWords);
    }
    const last = this.#segments.length - 1;
    for (const [number, address] of this.#addresses.entries()) {
      const words = number < last ? SEGMENT_WORDS : this.#lastWords;
      if (address > 0) this.#putSegment(number, kernel.signed(address, words));
    }
  }

  /** Has the kernel add keys, until `takeBack`. */
  lend(state: Uint32Array): void {
    const last = this.#segments.length - 1;
    state[STATE_KEYS] = this.#size;
    state[STATE_ENTRIES_AT] = last * SEGMENT_WORDS + this.#used;
    state[STATE_ENTRIES_END] = last * SEGMENT_WORDS + this.#lastWords;
  }

  takeBack(state: Uint32Array): void {
    this.#size = state[STATE_KEYS] as number;
    this.#used = (state[STATE_ENTRIES_AT] as number) - (this.#segments.length - 1) * SEGMENT_WORDS;
  }

  #grownCount(slotCount: number): number {
    const least = Math.max(INITIAL_SLOTS, slotCount * GROWTH);
    let count = this.#slotsExpected;
    while (count >= least * EXPECTED_GROWTH) count /= EXPECTED_GROWTH;
    return Math.ceil(Math.max(least, count));
  }

  #growPart(number: number): void {
    const part = number * PART_WORDS;
    const width = this.#slotWords;
    const old = this.#slots[number] as Int32Array;
    const oldCount = old.length / width;
    const slotCount = this.#grownCount(oldCount);
    const kernel = this.#partsAddress > 0 && slotCount * KERNEL_SLOT_BYTES <= this.#partBytes ? this.#kernel : null;
    const address = kernel === null ? 0 : this.#partsAddress + number * this.#partBytes;
    const slots = kernel?.signed(address, slotCount * width) ?? new Int32Array(slotCount * width);
    if (kernel === null) fillSlots(slots, old, width);
    else kernel.spread(address, oldCount, slotCount, this.#partsAddress + PART_COUNT * this.#partBytes);
    this.#slots[number] = slots;
    this.#parts[part + SLOTS_ADDRESS] = address;
    this.#parts[part + SLOT_COUNT] = slotCount;
    this.#parts[part + USED_MAX] = Math.floor(slotCount * LOAD_MAX);
  }
}

const NO_SLOTS = new Int32Array(0);

function fillSlots(slots: Int32Array, old: Int32Array, width: number): void {
  const slotCount = slots.length / width;
  for (let from = 0; from < old.length; from += width) {
    if (old[from + SLOT_ID] === 0) continue;
    let to = firstSlot(old[from + SLOT_HASH] as number, slotCount) * width;
    while (slots[to + SLOT_ID] !== 0) {
      to += width;
      if (to === slots.length) to = 0;
    }
    for (let word = 0; word < width; word += 1) slots[to + word] = old[from + word] as number;
  }
}
