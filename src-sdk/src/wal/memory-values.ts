/**
 * Values in memory, by locations that count up. Small ones lie one behind the other in segments: an array for each takes
 * three times the memory, and longer to find. A segment goes when less than half of it is needed: what is left of it
 * moves to the newest one.
 */
import { readU32, readU64, writeU32, writeU64 } from "./format.js";
import { copyFromWords } from "./small-buffer.js";

/** Segments of 1 MiB: there are few of them, which makes them quick to look up. */
const SEGMENT_BITS = 20;
/** A place is counted in words. */
const UNIT_BITS = 2;
const UNIT_BYTES = 1 << UNIT_BITS;
/** In front of a value: its length, and its location for when it moves. */
const LENGTH_AT = 0;
const LOCATION_AT = 4;
const HEADER_BYTES = 12;
/** Larger values are arrays of their own. */
const SMALL_BYTES_MAX = 2048;
/** A place is 32 bits: 16 GiB of segments. What is beyond them lies with the large values. */
const UNITS_MAX = 2 ** 32 - 1;

/** Of each location, its place and 1 more; 0 for none. */
const BLOCK_BITS = 12;
const BLOCK_LOCATIONS = 1 << BLOCK_BITS;
const BLOCK_MASK = BLOCK_LOCATIONS - 1;

const cellBytes = (length: number) => (HEADER_BYTES + length + 3) & ~3;

interface Block {
  readonly places: Uint32Array;
  count: number;
}

export class MemoryValues {
  readonly #blocks: (Block | undefined)[] = [];
  readonly #segments: (Uint8Array | undefined)[] = [];
  /** The segments as words. */
  readonly #words: (Int32Array | undefined)[] = [];
  /** Bytes of each segment that are needed. */
  readonly #liveBytes: number[] = [];
  /** Numbers of segments that are gone. */
  readonly #free: number[] = [];
  readonly #large = new Map<number, Uint8Array>();
  /** The segment that takes new values, and how much of it is taken. */
  #newest = -1;
  #used: number;
  #smallCount = 0;
  readonly #segmentBytes: number;
  readonly #segmentsMax: number;
  /** Of a place: how far its upper part, the number of the segment, is shifted, and the mask of the lower. */
  readonly #shift: number;
  readonly #mask: number;

  constructor(segmentBits = SEGMENT_BITS, segmentsMax = Number.POSITIVE_INFINITY) {
    this.#segmentBytes = 1 << segmentBits;
    this.#used = this.#segmentBytes;
    this.#shift = segmentBits - UNIT_BITS;
    this.#mask = (1 << this.#shift) - 1;
    this.#segmentsMax = Math.min(segmentsMax, Math.floor(UNITS_MAX / (this.#mask + 1)));
  }

  /** Values held. */
  get size(): number {
    return this.#smallCount + this.#large.size;
  }

  /** Bytes that small values take, those that are not needed any more included. */
  get segmentBytes(): number {
    return (this.#segments.length - this.#free.length) * this.#segmentBytes;
  }

  /** A copy of the value is held. */
  add(location: number, value: Uint8Array): void {
    if (value.length > SMALL_BYTES_MAX || !this.#put(location, value)) {
      this.#large.set(location, new Uint8Array(value));
      return;
    }
    this.#smallCount += 1;
    this.#block(location).count += 1;
  }

  /** A copy: what is kept of it must not keep a segment. `undefined` for a location that holds nothing. */
  get(location: number, length: number): Uint8Array | undefined {
    const block = this.#blocks[Math.floor(location / BLOCK_LOCATIONS)];
    const place = block === undefined ? 0 : (block.places[location & BLOCK_MASK] as number);
    if (place === 0) return this.#large.get(location);
    const words = this.#words[(place - 1) >>> this.#shift] as Int32Array;
    return copyFromWords(words, ((place - 1) & this.#mask) + HEADER_BYTES / UNIT_BYTES, length);
  }

  delete(location: number): void {
    const number = Math.floor(location / BLOCK_LOCATIONS);
    const block = this.#blocks[number];
    const place = block?.places[location & BLOCK_MASK] ?? 0;
    if (block === undefined || place === 0) {
      this.#large.delete(location);
      return;
    }
    block.places[location & BLOCK_MASK] = 0;
    block.count -= 1;
    if (block.count === 0) this.#blocks[number] = undefined;
    this.#smallCount -= 1;
    this.#letGo((place - 1) >>> this.#shift, ((place - 1) & this.#mask) << UNIT_BITS);
  }

  clear(): void {
    this.#blocks.length = 0;
    this.#segments.length = 0;
    this.#words.length = 0;
    this.#liveBytes.length = 0;
    this.#free.length = 0;
    this.#large.clear();
    this.#newest = -1;
    this.#used = this.#segmentBytes;
    this.#smallCount = 0;
  }

  #block(location: number): Block {
    const number = Math.floor(location / BLOCK_LOCATIONS);
    const known = this.#blocks[number];
    if (known !== undefined) return known;
    const block = { places: new Uint32Array(BLOCK_LOCATIONS), count: 0 };
    this.#blocks[number] = block;
    return block;
  }

  /** False when there is no place left. */
  #put(location: number, value: Uint8Array): boolean {
    const bytes = cellBytes(value.length);
    if (this.#used + bytes > this.#segmentBytes && !this.#startSegment()) return false;
    const segment = this.#segments[this.#newest] as Uint8Array;
    const at = this.#used;
    writeU32(segment, at + LENGTH_AT, value.length);
    writeU64(segment, at + LOCATION_AT, location);
    segment.set(value, at + HEADER_BYTES);
    this.#used = at + bytes;
    (this.#liveBytes[this.#newest] as number) += bytes;
    this.#block(location).places[location & BLOCK_MASK] = this.#place(this.#newest, at);
    return true;
  }

  #place(segment: number, at: number): number {
    return segment * (this.#mask + 1) + (at >>> UNIT_BITS) + 1;
  }

  #startSegment(): boolean {
    const full = this.#newest;
    const number = this.#free.pop() ?? this.#segments.length;
    if (number >= this.#segmentsMax) return false;
    const segment = new Uint8Array(this.#segmentBytes);
    this.#segments[number] = segment;
    this.#words[number] = new Int32Array(segment.buffer);
    this.#liveBytes[number] = 0;
    this.#newest = number;
    this.#used = 0;
    if (full !== -1) this.#emptyWhenSparse(full);
    return true;
  }

  #letGo(number: number, at: number): void {
    const segment = this.#segments[number] as Uint8Array;
    (this.#liveBytes[number] as number) -= cellBytes(readU32(segment, at + LENGTH_AT));
    if (number !== this.#newest) this.#emptyWhenSparse(number);
  }

  #emptyWhenSparse(number: number): void {
    if ((this.#liveBytes[number] as number) * 2 >= this.#segmentBytes) return;
    const segment = this.#segments[number] as Uint8Array;
    for (let at = 0; at + HEADER_BYTES <= segment.length; ) {
      const length = readU32(segment, at + LENGTH_AT);
      const location = readU64(segment, at + LOCATION_AT);
      // Behind the last value all is zero, and no location is.
      if (location === 0) break;
      const place = this.#blocks[Math.floor(location / BLOCK_LOCATIONS)]?.places[location & BLOCK_MASK];
      const value = segment.subarray(at + HEADER_BYTES, at + HEADER_BYTES + length);
      if (place === this.#place(number, at) && !this.#put(location, value)) return;
      at += cellBytes(length);
    }
    this.#segments[number] = undefined;
    this.#words[number] = undefined;
    this.#free.push(number);
  }
}
