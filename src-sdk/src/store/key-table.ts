/** Gives each distinct byte string a small number and keeps the bytes packed: about 22 bytes a key beside the key itself. */
import { writeAscii } from "../ascii.js";
import type { StoreKernel } from "../wal/kernel.js";
import { hashKey } from "./key-hash.js";
import { SEGMENT_BITS as ROW_SEGMENT_BITS, Rows } from "./rows.js";

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
/** Steps towards as many as are expected: each looks at every slot, so that there should be few, and the last end there. */
const EXPECTED_GROWTH = 3;
/** Some parts get a little more than their share. */
const EXPECTED_SLACK = 1.05;

/** Key bytes lie in segments that never move: growing one array would need both its sizes at once. */
const SEGMENT_BITS = 21;
const SEGMENT_BYTES = 1 << SEGMENT_BITS;
const SEGMENT_MASK = SEGMENT_BYTES - 1;
const INITIAL_SEGMENT_BYTES = 16 * 1024;
/** See `wordAt`. Each byte or end of key is a digit of 257, so a word stays below 2^33. */
export const WORD_BYTES = 4;
/** A u32 addresses the segments. */
export const KEY_ARENA_BYTES_MAX = 0xffff_ffff;

/** Word of a row: where the key begins, as segment number and offset in it. It ends where the next begins, or with its segment. */
const START = 0;
/** The first word of a row that belongs to the owner of the table. */
export const OWNER_WORD = 1;
/** Keys that are looked for together. */
const PROBES = 256;

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

/** What is known of a part of the hash table, in words; the kernel has the same. */
const PART_WORDS = 4;
/** Where the slots are in the kernel's memory, or 0. */
const SLOTS_ADDRESS = 0;
const SLOT_COUNT = 1;
const USED = 2;
const USED_MAX = 3;

/** Words of what is lent to the kernel (src-sdk/kernel/store.ts). */
const STATE_KEYS = 0;
const STATE_KEY_BYTES_END = 2;
const STATE_KEY_ROWS_MAX = 3;
const STATE_KEY_ROW_BYTES = 4;

/**
 * Words of a slot: the hash, then the id + 1, which is 0 for an empty slot, and where the key begins, as in its row. With
 * both here, a search need not wait for the row before it looks at the key.
 */
const SLOT_HASH = 0;
const SLOT_ID = 1;
const SLOT_START = 2;
const SLOT_WORDS = 3;
const SLOT_BYTES = SLOT_WORDS * 4;
/** Some parts get more than their share of the keys, and the last time a part grows it is to more than it needs. */
const PART_SLACK = GROWTH * 1.1;

/** The place of a part of a table for so many keys. */
function partBytes(keysMax: number): number {
  return Math.ceil((keysMax / PART_COUNT / LOAD_MAX) * PART_SLACK + INITIAL_SLOTS) * SLOT_BYTES;
}

/** What is reserved in a kernel for the hash table of so many keys. */
export function slotBytesMax(keysMax: number): number {
  return (PART_COUNT + 1) * partBytes(keysMax);
}

/** The slot to look at first. The upper bits of the hash chose the part, so the lower ones choose here. */
function firstSlot(hash: number, slotCount: number): number {
  return (((hash & LOWER_MASK) * slotCount) / LOWER_COUNT) | 0;
}

/** Many keys, and their hashes as `hashKey` makes them. Places are offsets into `window`. */
export interface KeyBatch {
  readonly window: DataView;
  readonly keyAt: Uint32Array;
  readonly keyLength: Uint32Array;
  readonly keyHash: Uint32Array;
}

/** A key that is looked for lies here: a view of a caller's bytes would be an object a key. */
let lookedFor = new Uint8Array(4096);
let lookedForView = new DataView(lookedFor.buffer);

/** Answers the length. */
function takeKey(bytes: Uint8Array, from: number, to: number): number {
  const length = to - from;
  if (length > lookedFor.length) {
    lookedFor = new Uint8Array(2 * length);
    lookedForView = new DataView(lookedFor.buffer);
  }
  // A loop: for short keys faster than a view for `set`.
  if (length > 128) lookedFor.set(bytes.subarray(from, to));
  else for (let i = 0; i < length; i += 1) lookedFor[i] = bytes[from + i] as number;
  return length;
}

/** Longer text is made into bytes by the system's own means. */
const SHORT_TEXT_LENGTH = 128;
/** What `findText` answers for text that it cannot look for. */
export const NOT_SHORT_ASCII = -2;

/** As `takeKey`, for short ASCII, as most keys are; -1 for other text. */
function takeShortText(text: string): number {
  const { length } = text;
  if (length === 0 || length > SHORT_TEXT_LENGTH) return -1;
  return writeAscii(text, lookedFor) ? length : -1;
}

/** Ids are dense, from 0, in the order of first appearance; a key is never removed. */
export class KeyTable {
  #size = 0;
  #parts: Uint32Array = new Uint32Array(PART_COUNT * PART_WORDS);
  readonly #slots: Uint32Array[] = Array.from({ length: PART_COUNT }, () => NO_SLOTS);
  /** In the kernel's memory each part has a place of its own that is as large as the part may grow; bytes of one, or 0. */
  readonly #partBytes: number = 0;
  readonly #partsAddress: number = 0;
  readonly #kernel: StoreKernel | null;
  /** Key bytes back to back; a key that does not fit the rest of a segment begins the next. */
  readonly #segments: Uint8Array[] = [];
  readonly #views: DataView[] = [];
  /** Of each segment in the kernel's memory, or 0. */
  readonly #segmentAddresses: number[] = [];
  /** Only the first segment, while it is the last, can be smaller than the others. */
  #lastSegmentBytes = 0;
  /** Where the last key of each full segment ends. */
  readonly #segmentEnds: number[] = [];
  /** A row a key: the table's own word, then those of its owner, which are 0 at first. */
  readonly rows: Rows;
  #slotsExpected = 0;
  readonly #candidates = new Uint32Array(PROBES);
  readonly #candidateStarts = new Uint32Array(PROBES);

  /**
   * `ownerWords`: how many words the owner has in each row, from {@link OWNER_WORD} on. With a kernel the table lies in
   * its memory as long as that is open; `keysMax` says how large the part of it that finds keys can become.
   */
  constructor(ownerWords = 0, kernel: StoreKernel | null = null, keysMax = 0) {
    this.#kernel = kernel;
    this.rows = new Rows(OWNER_WORD + ownerWords, kernel);
    kernel?.onMoved(() => this.#move(kernel));
    if (kernel !== null) {
      this.#parts = kernel.words(kernel.table("PARTS"), PART_COUNT * PART_WORDS);
      this.#partBytes = partBytes(keysMax);
      // One more to copy a part to while it grows.
      this.#partsAddress = kernel.reserve((PART_COUNT + 1) * this.#partBytes);
    }
    this.#reserveRow(0);
    this.#makeSegment(0, INITIAL_SEGMENT_BYTES);
  }

  /** About so many keys will be here: parts grow to that sooner. It may be wrong, which costs memory or time, and no more. */
  expect(keys: number): void {
    this.#slotsExpected = (keys / PART_COUNT / LOAD_MAX) * EXPECTED_SLACK;
  }

  get size(): number {
    return this.#size;
  }

  /** The id of the key, or -1. */
  find(bytes: Uint8Array, from = 0, to: number = bytes.length): number {
    return this.#findTaken(takeKey(bytes, from, to));
  }

  /** As `find`, for a key as text: -1 when there is none, and {@link NOT_SHORT_ASCII} for text that is something else. */
  findText(text: string): number {
    const length = takeShortText(text);
    return length === -1 ? NOT_SHORT_ASCII : this.#findTaken(length);
  }

  /** Finds the first bytes of `lookedFor`. */
  #findTaken(length: number): number {
    const hash = hashKey(lookedForView, 0, length);
    const slots = this.#slots[hash >>> (32 - PART_BITS)] as Uint32Array;
    if (slots.length === 0) return -1;
    return (slots[this.#slotOf(slots, hash, lookedForView, 0, length) + SLOT_ID] as number) - 1;
  }

  /**
   * The id of the key, which is added when it is new. @throws RangeError when the keys together pass 4 GiB, or one of
   * them 2 MiB.
   */
  add(bytes: Uint8Array, from = 0, to: number = bytes.length): number {
    const length = takeKey(bytes, from, to);
    return this.#addHashed(hashKey(lookedForView, 0, length), lookedForView, 0, length);
  }

  /** As `add`, for the keys `[from, to)` of a batch in their order; their ids go to the front of `ids`. */
  addAll({ window, keyAt, keyLength, keyHash }: KeyBatch, from: number, to: number, ids: Uint32Array): void {
    for (let start = from; start < to; start += PROBES) {
      const end = Math.min(to, start + PROBES);
      this.#fetch(keyHash, start, end);
      for (let i = start; i < end; i += 1) {
        ids[i - from] = this.#addHashed(keyHash[i] as number, window, keyAt[i] as number, keyLength[i] as number);
      }
    }
  }

  /**
   * Reads what `#addHashed` will read, and does nothing with it: in a large table each step of a search waits for the
   * memory, and here those of many keys wait side by side.
   */
  #fetch(hashes: Uint32Array, from: number, to: number): void {
    const candidates = this.#candidates;
    const starts = this.#candidateStarts;
    let count = 0;
    for (let i = from; i < to; i += 1) {
      const hash = hashes[i] as number;
      const slots = this.#slots[hash >>> (32 - PART_BITS)] as Uint32Array;
      if (slots.length === 0) continue;
      const slot = firstSlot(hash, slots.length / SLOT_WORDS) * SLOT_WORDS;
      const entry = slots[slot + SLOT_ID] as number;
      candidates[count] = entry - 1;
      starts[count] = slots[slot + SLOT_START] as number;
      if (entry !== 0 && slots[slot + SLOT_HASH] === hash) count += 1;
    }
    for (let i = 0; i < count; i += 1) {
      const start = starts[i] as number;
      candidates[i] = this.#start(candidates[i] as number);
      starts[i] = this.#segment(start)[start & SEGMENT_MASK] as number;
    }
  }

  #addHashed(hash: number, view: DataView, from: number, length: number): number {
    const number = hash >>> (32 - PART_BITS);
    const part = number * PART_WORDS;
    const used = this.#parts[part + USED] as number;
    if (used >= (this.#parts[part + USED_MAX] as number)) this.#growPart(number);
    const slots = this.#slots[number] as Uint32Array;
    const slot = this.#slotOf(slots, hash, view, from, length);
    const known = slots[slot + SLOT_ID] as number;
    if (known !== 0) return known - 1;
    const id = this.#size;
    this.#append(id, view, from, length);
    slots[slot + SLOT_HASH] = hash;
    slots[slot + SLOT_ID] = id + 1;
    slots[slot + SLOT_START] = this.#start(id);
    this.#parts[part + USED] = used + 1;
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
    return this.rows.segment(id)[this.rows.at(id) + START] as number;
  }

  #segment(start: number): Uint8Array {
    return this.#segments[start >>> SEGMENT_BITS] as Uint8Array;
  }

  /** End of the key in its segment. */
  #end(id: number): number {
    const next = this.#start(id + 1) & SEGMENT_MASK;
    return next > 0 ? next : (this.#segmentEnds[this.#start(id) >>> SEGMENT_BITS] as number);
  }

  /** Where the slot of the key is: its own, or the empty one where it would go. */
  #slotOf(slots: Uint32Array, hash: number, view: DataView, from: number, length: number): number {
    let slot = firstSlot(hash, slots.length / SLOT_WORDS) * SLOT_WORDS;
    for (;;) {
      const entry = slots[slot + SLOT_ID] as number;
      if (entry === 0) return slot;
      if (slots[slot + SLOT_HASH] === hash) {
        if (this.#equals(entry - 1, slots[slot + SLOT_START] as number, view, from, length)) return slot;
      }
      slot += SLOT_WORDS;
      if (slot === slots.length) slot = 0;
    }
  }

  /** Whether the key with this id, which begins at `start`, is the one at `from`. */
  #equals(id: number, start: number, view: DataView, from: number, length: number): boolean {
    // Where the next key begins tells the length, except for the last key of a segment.
    if (this.#start(id + 1) - start !== length && this.keyLength(id) !== length) return false;
    const own = this.#views[start >>> SEGMENT_BITS] as DataView;
    const by = from - (start & SEGMENT_MASK);
    let at = start & SEGMENT_MASK;
    const end = at + length;
    for (const end4 = end - 3; at < end4; at += 4) {
      if (own.getInt32(at, true) !== view.getInt32(at + by, true)) return false;
    }
    for (; at < end; at += 1) if (own.getUint8(at) !== view.getUint8(at + by)) return false;
    return true;
  }

  /** Puts the bytes behind those of all other keys. */
  #append(id: number, view: DataView, from: number, length: number): void {
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
      this.#makeSegment(number, SEGMENT_BYTES);
      this.#setStart(id, number * SEGMENT_BYTES);
    }
    const end = at + length;
    this.#makeRoom(number, end);
    const own = this.#views[number] as DataView;
    const by = from - at;
    for (const end4 = end - 3; at < end4; at += 4) own.setInt32(at, view.getInt32(at + by, true), true);
    for (; at < end; at += 1) own.setUint8(at, view.getUint8(at + by));
    if (end === SEGMENT_BYTES) this.#segmentEnds[number] = end;
    this.#reserveRow(id + 1);
    this.#setStart(id + 1, number * SEGMENT_BYTES + end);
  }

  #makeSegment(number: number, bytes: number): void {
    const address = this.#kernel?.reserve(bytes) ?? 0;
    this.#segmentAddresses[number] = address;
    this.#lastSegmentBytes = bytes;
    this.#putSegment(number, address > 0 ? this.#bytesAt(address, bytes) : new Uint8Array(bytes));
    this.#tellKernel("KEY_SEGMENTS", number, address);
  }

  #bytesAt(address: number, bytes: number): Uint8Array {
    const { buffer, byteOffset } = (this.#kernel as StoreKernel).words(address, 0);
    return new Uint8Array(buffer, byteOffset, bytes);
  }

  #putSegment(number: number, segment: Uint8Array): void {
    this.#segments[number] = segment;
    this.#views[number] = new DataView(segment.buffer, segment.byteOffset, segment.length);
  }

  /** The first segment is small in the beginning: most stores are. */
  #makeRoom(number: number, bytes: number): void {
    const segment = this.#segments[number] as Uint8Array;
    if (bytes <= segment.length) return;
    this.#makeSegment(number, Math.min(SEGMENT_BYTES, Math.max(bytes, segment.length * 2)));
    this.#segments[number]?.set(segment);
  }

  #reserveRow(id: number): void {
    if (this.rows.reserve(id)) this.#tellKernel("ROW_SEGMENTS", id >>> ROW_SEGMENT_BITS, this.rows.address(id));
  }

  #tellKernel(table: "KEY_SEGMENTS" | "ROW_SEGMENTS", number: number, address: number): void {
    const kernel = this.#kernel;
    if (kernel === null || (table === "ROW_SEGMENTS" && number >= kernel.rowSegmentsMax)) return;
    kernel.words(kernel.table(table) + 4 * number, 1)[0] = address;
  }

  /** The kernel's memory is elsewhere now. */
  #move(kernel: StoreKernel): void {
    this.#parts = kernel.words(kernel.table("PARTS"), PART_COUNT * PART_WORDS);
    for (let number = 0; number < PART_COUNT; number += 1) {
      const address = this.#parts[number * PART_WORDS + SLOTS_ADDRESS] as number;
      const slotCount = this.#parts[number * PART_WORDS + SLOT_COUNT] as number;
      if (address > 0) this.#slots[number] = kernel.words(address, slotCount * SLOT_WORDS);
    }
    const last = this.#segments.length - 1;
    for (const [number, address] of this.#segmentAddresses.entries()) {
      const bytes = number < last ? SEGMENT_BYTES : this.#lastSegmentBytes;
      if (address > 0) this.#putSegment(number, this.#bytesAt(address, bytes));
    }
  }

  /** Has the kernel add keys, until `takeBack`. */
  lend(state: Uint32Array): void {
    state[STATE_KEYS] = this.#size;
    state[STATE_KEY_BYTES_END] = (this.#segments.length - 1) * SEGMENT_BYTES + this.#lastSegmentBytes;
    state[STATE_KEY_ROWS_MAX] = this.rows.capacity;
    state[STATE_KEY_ROW_BYTES] = this.rows.width * 4;
  }

  takeBack(state: Uint32Array): void {
    this.#size = state[STATE_KEYS] as number;
  }

  #grownCount(slotCount: number): number {
    const least = Math.max(INITIAL_SLOTS, slotCount * GROWTH);
    let count = this.#slotsExpected;
    while (count >= least * EXPECTED_GROWTH) count /= EXPECTED_GROWTH;
    return Math.ceil(Math.max(least, count));
  }

  #growPart(number: number): void {
    const part = number * PART_WORDS;
    const old = this.#slots[number] as Uint32Array;
    const oldCount = old.length / SLOT_WORDS;
    const slotCount = this.#grownCount(oldCount);
    const kernel = this.#partsAddress > 0 && slotCount * SLOT_BYTES <= this.#partBytes ? this.#kernel : null;
    const address = kernel === null ? 0 : this.#partsAddress + number * this.#partBytes;
    const slots = kernel?.words(address, slotCount * SLOT_WORDS) ?? new Uint32Array(slotCount * SLOT_WORDS);
    if (kernel === null) fillSlots(slots, old);
    else kernel.spread(address, oldCount, slotCount, this.#partsAddress + PART_COUNT * this.#partBytes);
    this.#slots[number] = slots;
    this.#parts[part + SLOTS_ADDRESS] = address;
    this.#parts[part + SLOT_COUNT] = slotCount;
    this.#parts[part + USED_MAX] = Math.floor(slotCount * LOAD_MAX);
  }

  #setStart(id: number, start: number): void {
    this.rows.segment(id)[this.rows.at(id) + START] = start;
  }
}

const NO_SLOTS = new Uint32Array(0);

function fillSlots(slots: Uint32Array, old: Uint32Array): void {
  const slotCount = slots.length / SLOT_WORDS;
  for (let from = 0; from < old.length; from += SLOT_WORDS) {
    const entry = old[from + SLOT_ID] as number;
    if (entry === 0) continue;
    const hash = old[from + SLOT_HASH] as number;
    let to = firstSlot(hash, slotCount) * SLOT_WORDS;
    while (slots[to + SLOT_ID] !== 0) {
      to += SLOT_WORDS;
      if (to === slots.length) to = 0;
    }
    slots[to + SLOT_HASH] = hash;
    slots[to + SLOT_ID] = entry;
    slots[to + SLOT_START] = old[from + SLOT_START] as number;
  }
}
