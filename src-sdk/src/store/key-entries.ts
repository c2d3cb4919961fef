/**
 * Finds keys, and keeps what their owner knows of each: some words in the slot of the hash table that leads to the key,
 * and some in front of the key's bytes. About 14 bytes a key and 18 for two words in each place, beside the key itself.
 */
import type { StoreKernel } from "../wal/kernel.js";
import { EntryArena, KEY_LENGTH } from "./entry-arena.js";
import { hashKey } from "./key-hash.js";
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
/** A part has whole groups. */
const GROUP_SLOTS = 4;
/** Slots filled before a part grows. Linear probing stays short below this. */
const LOAD_MAX = 0.8;
/** Parts grow by half: doubling would leave up to half of a large table unused. */
const GROWTH = 1.5;
/** Steps towards as many as are expected: each looks at every slot, so that there should be few, and the last end there. */
const EXPECTED_GROWTH = 3;
/** By how many standard deviations a part may have more than its share. */
const EXPECTED_DEVIATIONS = 4;

/**
 * Words of a slot: the hash, where the entry is (0 for an empty slot: no entry is there), and those of the owner from
 * {@link SLOT_OWNER} on.
 */
const SLOT_HASH = 0;
export const SLOT_ID = 1;
export const SLOT_OWNER = 2;

/** What is known of a part of the hash table, in words; the kernel has the same. */
const PART_WORDS = 4;
/** Where the slots are in the kernel's memory, or 0. */
const SLOTS_ADDRESS = 0;
const SLOT_COUNT = 1;
const USED = 2;
const USED_MAX = 3;

/** The kernel knows the slots and entries of a store and no others. */
export const STORE_SLOT_WORDS = 2;
export const STORE_ENTRY_WORDS = 3;
const KERNEL_SLOT_BYTES = (SLOT_OWNER + STORE_SLOT_WORDS) * 4;
/** Some parts get more than their share of the keys, and the last time a part grows it is to more than it needs. */
const PART_SLACK = GROWTH * 1.1;
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

/**
 * Of the slot to look at first. The upper bits of the hash chose the part, so the lower ones choose here: a group of four,
 * which is a line of the processor's cache. A search that begins with a group mostly ends in it, and waits for one line.
 */
function firstSlot(hash: number, slotCount: number): number {
  return (((hash & LOWER_MASK) * slotCount) / LOWER_COUNT) & ~(GROUP_SLOTS - 1);
}

/** Entries, found by their keys. A key is never removed. */
export class KeyEntries extends EntryArena {
  #parts: Uint32Array = new Uint32Array(PART_COUNT * PART_WORDS);
  readonly #slots: Int32Array[] = Array.from({ length: PART_COUNT }, () => NO_SLOTS);
  readonly #slotWords: number;
  readonly #kernel: StoreKernel | null;
  /** In the kernel's memory each part has a place of its own that is as large as the part may grow; bytes of one, or 0. */
  readonly #partBytes: number = 0;
  readonly #partsAddress: number = 0;
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
    super(entryWords, kernel);
    this.#slotWords = SLOT_OWNER + slotWords;
    this.#kernel = kernel;
    kernel?.onMoved(() => this.#move(kernel));
    if (kernel !== null) {
      this.#parts = kernel.words(kernel.partsAddress, PART_COUNT * PART_WORDS);
      this.#partBytes = partBytes(keysMax);
      // One more to copy a part to while it grows.
      this.#partsAddress = kernel.reserve((PART_COUNT + 1) * this.#partBytes);
    }
  }

  /** About so many keys will be here: parts grow to that sooner. It may be wrong, which costs memory or time, and no more. */
  expect(keys: number): void {
    const share = keys / PART_COUNT;
    this.#slotsExpected = (share + EXPECTED_DEVIATIONS * Math.sqrt(share)) / LOAD_MAX;
  }

  /** The id of the key, or -1. */
  find(probe: KeyProbe): number {
    return this.#found(probe, this.#slotOf(probe));
  }

  /**
   * Where in its part the slot of the key is, by the hash alone, or -1. Almost always it is the key's, if there is one,
   * and no entry is looked at, which would wait for the memory once more: who reads what the slot says can tell there.
   */
  guess(probe: KeyProbe, slots: Int32Array): number {
    const { hash } = probe;
    const width = this.#slotWords;
    if (slots.length === 0) return -1;
    let slot = firstSlot(hash, this.#slotCount(hash >>> PART_SHIFT)) * width;
    while (slots[slot + SLOT_HASH] !== hash || slots[slot + SLOT_ID] === 0) {
      if (slots[slot + SLOT_ID] === 0) return -1;
      slot += width;
      if (slot === slots.length) slot = 0;
    }
    return slot;
  }

  /** Of the part that a key with this hash is in. */
  slotsOf(hash: number): Int32Array {
    return this.#slots[hash >>> PART_SHIFT] as Int32Array;
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
    const id = this.append(probe);
    this.slots[slotAt + SLOT_HASH] = hash;
    this.slots[slotAt + SLOT_ID] = id;
    this.#parts[part + USED] = used + 1;
    return id;
  }

  /** Makes `slots` and `slotAt` those of a key that is there. */
  locate(id: number): void {
    const hash = hashKey(this.segment(id), this.at(id) + this.headWords, this.keyLength(id));
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
        if (segment[at + KEY_LENGTH] === length && probe.isAt(segment, at + this.headWords)) return slot;
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

  /** The kernel's memory is elsewhere now. */
  #move(kernel: StoreKernel): void {
    this.#parts = kernel.words(kernel.partsAddress, PART_COUNT * PART_WORDS);
    for (let number = 0; number < PART_COUNT; number += 1) {
      const address = this.#parts[number * PART_WORDS + SLOTS_ADDRESS] as number;
      const slotCount = this.#parts[number * PART_WORDS + SLOT_COUNT] as number;
      if (address > 0) this.#slots[number] = kernel.signed(address, slotCount * this.#slotWords);
    }
  }

  #grownCount(slotCount: number): number {
    const least = Math.max(INITIAL_SLOTS, slotCount * GROWTH);
    let count = this.#slotsExpected;
    while (count >= least * EXPECTED_GROWTH) count /= EXPECTED_GROWTH;
    return Math.ceil(Math.max(least, count) / GROUP_SLOTS) * GROUP_SLOTS;
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
