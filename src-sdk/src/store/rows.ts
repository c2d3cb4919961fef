/** Rows of a few 32-bit words that never move when there are more of them: growing one array would need both its sizes at once. */

/** Rows `[n << SEGMENT_BITS, (n + 1) << SEGMENT_BITS)` are segment `n`. */
export const SEGMENT_BITS = 14;
const SEGMENT_ROWS = 1 << SEGMENT_BITS;
const SEGMENT_MASK = SEGMENT_ROWS - 1;
const INITIAL_ROWS = 64;

export class Rows {
  readonly #width: number;
  readonly #segments: Uint32Array[] = [];
  #capacity = 0;

  /** `width`: words a row. */
  constructor(width: number) {
    this.#width = width;
  }

  /** Makes room for row `row`; all before it have theirs. */
  reserve(row: number): void {
    if (row < this.#capacity) return;
    const number = row >>> SEGMENT_BITS;
    // The first segment is small in the beginning: most stores are.
    const rows = number > 0 ? SEGMENT_ROWS : Math.min(SEGMENT_ROWS, Math.max(INITIAL_ROWS, (row + 1) * 2));
    const grown = new Uint32Array(rows * this.#width);
    if (number < this.#segments.length) {
      grown.set(this.#segments[number] as Uint32Array);
      this.#segments[number] = grown;
    } else this.#segments.push(grown);
    this.#capacity = (number << SEGMENT_BITS) + rows;
  }

  /** The array that the row lies in, from `at(row)` on. */
  segment(row: number): Uint32Array {
    return this.#segments[row >>> SEGMENT_BITS] as Uint32Array;
  }

  at(row: number): number {
    return (row & SEGMENT_MASK) * this.#width;
  }
}

export const TWO_TO_32 = 0x1_0000_0000;
/** Numbers below this have less than 48 bits, not all of the upper 16 set. */
export const WIDE_FROM = 0xffff * TWO_TO_32;
