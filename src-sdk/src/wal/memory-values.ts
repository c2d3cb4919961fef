/**
 * Operations in memory: keys with their values, one behind the other in segments. A segment goes when less than half of it
 * is needed: what is left of it moves to the newest one, which the owner is told.
 */
import { KeyProbe } from "../store/key-probe.js";
import { Value } from "../value.js";

/** Segments of 256 KiB: few enough to look them up quickly. A value that somebody keeps keeps no more than one. */
const SEGMENT_WORDS = 1 << 16;
const WORD_BYTES = 4;
/** What is larger has a segment of its own, which never moves. */
const SHARED_WORDS_MAX = 8;

/** Words of a cell; the key follows, then the value, each from a word on. */
const SEQUENCE = 0;
/** The length of the key in 21 bits, and 11 more of the sequence. */
const KEY = 1;
const KEY_BITS = 21;
const KEY_MASK = (1 << KEY_BITS) - 1;
/** The length of the value, and whether it is still needed. */
const VALUE = 2;
const GONE = 0x8000_0000 | 0;
const LENGTH_MASK = 0x7fff_ffff;
const HEAD_WORDS = 3;
const TWO_TO_32 = 2 ** 32;

const wordsOf = (bytes: number) => (bytes + WORD_BYTES - 1) >> 2;
const cellWords = (keyLength: number, valueLength: number) => HEAD_WORDS + wordsOf(keyLength) + wordsOf(valueLength);

/** Called when an operation has moved. `key` is the one of this sequence, until the call ends. */
export type OnMoved = (key: KeyProbe, sequence: number, from: number, to: number) => void;

/** A location is a place in words, counted over all segments there ever were: locations only grow. */
export class MemoryValues {
  /** By number; those that are gone leave a hole. */
  readonly #segments: (Int32Array | undefined)[] = [];
  /** The same as bytes: a view takes as long as half of a search. */
  readonly #bytes: (Uint8Array | undefined)[] = [];
  /** Words of cells in each that are needed. */
  readonly #live: number[] = [];
  readonly #segmentWords: number;
  /** Exact, of a power of two, and quicker to multiply by than that is to divide by. */
  readonly #perSegmentWords: number;
  /** The segment that takes new cells, and how much of it is taken. */
  #newest = -1;
  #used: number;
  #size = 0;
  #segmentBytes = 0;
  readonly #onMoved: OnMoved;
  readonly #moving = new KeyProbe();

  constructor(onMoved: OnMoved, segmentWords = SEGMENT_WORDS) {
    this.#onMoved = onMoved;
    this.#segmentWords = segmentWords;
    this.#perSegmentWords = 1 / segmentWords;
    this.#used = segmentWords;
  }

  /** Operations held. */
  get size(): number {
    return this.#size;
  }

  /** Bytes they take, those that are not needed any more included. */
  get segmentBytes(): number {
    return this.#segmentBytes;
  }

  /** At least as large as every location so far. */
  get end(): number {
    return this.#segments.length * this.#segmentWords;
  }

  /** Copies of both are held. Answers the location. */
  add(sequence: number, key: Uint8Array, value: Uint8Array): number {
    const count = cellWords(key.length, value.length);
    const location = this.#reserve(count);
    const number = this.#numberOf(location);
    const words = this.#segments[number] as Int32Array;
    const at = location - number * this.#segmentWords;
    words[at + SEQUENCE] = sequence;
    words[at + KEY] = (Math.floor(sequence / TWO_TO_32) << KEY_BITS) | key.length;
    words[at + VALUE] = value.length;
    const bytes = this.#bytes[number] as Uint8Array;
    const keyAt = (at + HEAD_WORDS) * WORD_BYTES;
    bytes.set(key, keyAt);
    bytes.set(value, keyAt + ((key.length + 3) & ~3));
    this.#size += 1;
    return location;
  }

  /**
   * The value, as long as it is told to be, of the operation at `location`; null when that has another key. No copy: cells
   * never change, and segments are not used again.
   */
  readOf(key: KeyProbe, location: number, length: number): Value | null {
    const number = this.#numberOf(location);
    const words = this.#segments[number];
    if (words === undefined) return null;
    const at = location - number * this.#segmentWords;
    const isKey = ((words[at + KEY] as number) & KEY_MASK) === key.length;
    if (!isKey || !key.isAt(words, at + HEAD_WORDS)) return null;
    const from = (at + HEAD_WORDS + wordsOf(key.length)) * WORD_BYTES;
    return Value.inside(this.#bytes[number] as Uint8Array, from, length);
  }

  /** The operation is not needed any more. */
  release(location: number): void {
    const number = this.#numberOf(location);
    const words = this.#segments[number];
    const at = location - number * this.#segmentWords;
    if (words === undefined || (words[at + VALUE] as number) < 0) return;
    (this.#live[number] as number) -= cellWordsAt(words, at);
    (words[at + VALUE] as number) |= GONE;
    this.#size -= 1;
    if (number !== this.#newest) this.#emptyWhenSparse(number);
  }

  clear(): void {
    this.#segments.length = 0;
    this.#bytes.length = 0;
    this.#live.length = 0;
    this.#newest = -1;
    this.#used = this.#segmentWords;
    this.#size = 0;
    this.#segmentBytes = 0;
  }

  #numberOf(location: number): number {
    return Math.floor(location * this.#perSegmentWords);
  }

  /** Whether so many words share a segment with others. */
  #isShared(count: number): boolean {
    return count <= this.#segmentWords / SHARED_WORDS_MAX;
  }

  #reserve(count: number): number {
    if (!this.#isShared(count)) return this.#makeSegment(count, count) * this.#segmentWords;
    if (this.#used + count > this.#segmentWords) {
      const full = this.#newest;
      this.#newest = this.#makeSegment(this.#segmentWords, 0);
      this.#used = 0;
      if (full !== -1) this.#emptyWhenSparse(full);
    }
    const at = this.#used;
    this.#used = at + count;
    (this.#live[this.#newest] as number) += count;
    return this.#newest * this.#segmentWords + at;
  }

  #makeSegment(count: number, live: number): number {
    const words = new Int32Array(count);
    this.#segments.push(words);
    this.#bytes.push(new Uint8Array(words.buffer));
    this.#live.push(live);
    this.#segmentBytes += count * WORD_BYTES;
    return this.#segments.length - 1;
  }

  #emptyWhenSparse(number: number): void {
    const words = this.#segments[number] as Int32Array;
    if ((this.#live[number] as number) * 2 >= words.length) return;
    this.#segments[number] = undefined;
    this.#bytes[number] = undefined;
    this.#segmentBytes -= words.byteLength;
    // Behind the last cell all is zero, and no key is empty.
    for (let at = 0; at + HEAD_WORDS <= words.length && words[at + KEY] !== 0; ) {
      const count = cellWordsAt(words, at);
      if ((words[at + VALUE] as number) >= 0) this.#move(words, at, count, number * this.#segmentWords + at);
      at += count;
    }
  }

  #move(words: Int32Array, at: number, count: number, from: number): void {
    const to = this.#reserve(count);
    const number = this.#numberOf(to);
    const segment = this.#segments[number] as Int32Array;
    segment.set(words.subarray(at, at + count), to - number * this.#segmentWords);
    const key = words[at + KEY] as number;
    const sequence = ((words[at + SEQUENCE] as number) >>> 0) + (key >>> KEY_BITS) * TWO_TO_32;
    this.#onMoved(this.#moving.takeWords(words, at + HEAD_WORDS, key & KEY_MASK), sequence, from, to);
  }
}

function cellWordsAt(words: Int32Array, at: number): number {
  return cellWords((words[at + KEY] as number) & KEY_MASK, (words[at + VALUE] as number) & LENGTH_MASK);
}
