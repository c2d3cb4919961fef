/** Rows of a few 32-bit words that never move when there are more of them: growing one array would need both its sizes at once. */
import type { StoreKernel } from "../wal/kernel.js";

/** Rows `[n << SEGMENT_BITS, (n + 1) << SEGMENT_BITS)` are segment `n`. */
export const SEGMENT_BITS = 14;
const SEGMENT_ROWS = 1 << SEGMENT_BITS;
const SEGMENT_MASK = SEGMENT_ROWS - 1;
const INITIAL_ROWS = 64;

export class Rows {
  readonly width: number;
  readonly #segments: Uint32Array[] = [];
  #capacity = 0;
  readonly #kernel: StoreKernel | null;
  /** Of each segment in the kernel's memory; 0 for one that is elsewhere. */
  readonly #addresses: number[] = [];

  /** `width`: words a row. */
  constructor(width: number, kernel: StoreKernel | null = null) {
    this.width = width;
    this.#kernel = kernel;
    kernel?.onMoved(() => this.#move(kernel));
  }

  /** Rows there is room for. */
  get capacity(): number {
    return this.#capacity;
  }

  /** Makes room for row `row`; all before it have theirs. Answers whether a segment was made, or another in its place. */
  reserve(row: number): boolean {
    if (row < this.#capacity) return false;
    const number = row >>> SEGMENT_BITS;
    // The first segment is small in the beginning: most stores are. In a kernel's memory what nobody has touched takes nothing.
    const isWhole = number > 0 || this.#kernel !== null;
    const rows = isWhole ? SEGMENT_ROWS : Math.min(SEGMENT_ROWS, Math.max(INITIAL_ROWS, (row + 1) * 2));
    const words = rows * this.width;
    const address = this.#kernel?.reserve(words * 4) ?? 0;
    const made = address > 0 && this.#kernel !== null ? this.#kernel.words(address, words) : new Uint32Array(words);
    const replaced = this.#segments[number];
    if (replaced === undefined) {
      this.#segments.push(made);
      this.#addresses.push(address);
    } else {
      made.set(replaced);
      this.#segments[number] = made;
      this.#addresses[number] = address;
    }
    this.#capacity = (number << SEGMENT_BITS) + rows;
    return true;
  }

  #move(kernel: StoreKernel): void {
    for (const [number, address] of this.#addresses.entries()) {
      if (address > 0) this.#segments[number] = kernel.words(address, SEGMENT_ROWS * this.width);
    }
  }

  /** The array that the row lies in, from `at(row)` on. */
  segment(row: number): Uint32Array {
    return this.#segments[row >>> SEGMENT_BITS] as Uint32Array;
  }

  /** Where it is in the kernel's memory, or 0. */
  address(row: number): number {
    return this.#addresses[row >>> SEGMENT_BITS] ?? 0;
  }

  at(row: number): number {
    return (row & SEGMENT_MASK) * this.width;
  }
}

export const TWO_TO_32 = 0x1_0000_0000;
/** Numbers below this have less than 48 bits, not all of the upper 16 set. */
export const WIDE_FROM = 0xffff * TWO_TO_32;
