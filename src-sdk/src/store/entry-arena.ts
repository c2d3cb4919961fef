/** Keys with some words of their owner in front, one behind the other in segments that never move. */
import type { StoreKernel } from "../wal/kernel.js";
import { compareBytes, type KeyList, WORD_BYTES } from "./key-list.js";
import type { KeyProbe } from "./key-probe.js";

/** Words of an entry: the length of its key in bytes, those of the owner from {@link ENTRY_OWNER} on, then the key, filled up with zeros. */
export const KEY_LENGTH = 0;
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

/** Words of what is lent to the kernel (src-sdk/kernel/store.ts). */
const STATE_KEYS = 0;
const STATE_ENTRIES_AT = 2;
const STATE_ENTRIES_END = 3;

const keyWords = (length: number) => (length + 3) >> 2;

/** The id of a key is where its entry begins, in words. */
export class EntryArena implements KeyList {
  #size = 0;
  /** Words of an entry in front of the key. */
  protected readonly headWords: number;
  readonly #kernel: StoreKernel | null;
  readonly #segments: Int32Array[] = [];
  readonly #bytes: Uint8Array[] = [];
  /** Of each segment in the kernel's memory, or 0. */
  readonly #addresses: number[] = [];
  /** Where the last entry of each full segment ends. */
  readonly #ends: number[] = [];
  /** Where the next entry goes in the last segment, and how long that is: only the first can be shorter, without a kernel. */
  #used = FIRST_AT;
  #lastWords = 0;

  /** `entryWords`: how many are the owner's; they are 0 at first. With a kernel entries lie in its memory as long as that is open. */
  constructor(entryWords: number, kernel: StoreKernel | null) {
    this.headWords = ENTRY_OWNER + entryWords;
    this.#kernel = kernel;
    kernel?.onMoved(() => this.#move(kernel));
    // In a kernel's memory what nobody has touched takes nothing.
    this.#makeSegment(0, kernel === null ? INITIAL_SEGMENT_WORDS : SEGMENT_WORDS);
  }

  get size(): number {
    return this.#size;
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
    const at = this.at(id) + this.headWords + keyWords(this.keyLength(id));
    const isLast = number === this.#segments.length - 1;
    if (at < (isLast ? this.#used : (this.#ends[number] as number))) return number * SEGMENT_WORDS + at;
    return isLast ? -1 : (number + 1) * SEGMENT_WORDS;
  }

  /** Has `probe` take the key. */
  probe(id: number, probe: KeyProbe): KeyProbe {
    return probe.takeWords(this.segment(id), this.at(id) + this.headWords, this.keyLength(id));
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
    return (this.at(id) + this.headWords) << 2;
  }

  /** Puts an entry behind all others. Answers its id. @throws RangeError when all keys take 16 GiB, or one of them 2 MiB */
  protected append({ words, length }: KeyProbe): number {
    const count = keyWords(length);
    const entryWords = this.headWords + count;
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
    for (let i = 0, to = at + this.headWords; i < count; i += 1) segment[to + i] = words[i] as number;
    this.#used = at + entryWords;
    this.#size += 1;
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

  /** The kernel's memory is elsewhere now. */
  #move(kernel: StoreKernel): void {
    for (const [number, address] of this.#addresses.entries()) {
      if (address > 0) this.#putSegment(number, kernel.signed(address, SEGMENT_WORDS));
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
}
