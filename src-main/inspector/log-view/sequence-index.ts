/**
 * Finds records by sequence. In logs as they should be sequences rise from record to record, and a binary search is enough;
 * what stands behind the first one that does not rise is kept in a map, so that no log makes looking up slow.
 */

const INITIAL_RECORDS = 1_024;
const GROWTH = 2;
const NO_RECORDS: readonly number[] = [];

export class SequenceIndex {
  readonly #isOperation: (record: number) => boolean;
  #sequences = new Float64Array(INITIAL_RECORDS);
  #count = 0;
  /** Records before the first one whose sequence does not rise. */
  #risingCount = 0;
  readonly #restBySequence = new Map<number, number[]>();

  /** `isOperation` tells the operations among the records; only they are counted when a sequence repeats. */
  constructor(isOperation: (record: number) => boolean) {
    this.#isOperation = isOperation;
  }

  get isRising(): boolean {
    return this.#risingCount === this.#count;
  }

  /** Takes the next record. */
  add(sequence: number): void {
    if (this.#count === this.#sequences.length) {
      const grown = new Float64Array(this.#count * GROWTH);
      grown.set(this.#sequences);
      this.#sequences = grown;
    }
    const record = this.#count;
    this.#sequences[record] = sequence;
    this.#count += 1;
    if (this.#risingCount === record && (record === 0 || sequence > this.of(record - 1))) {
      this.#risingCount += 1;
      return;
    }
    const others = this.#restBySequence.get(sequence);
    if (others === undefined) this.#restBySequence.set(sequence, [record]);
    else others.push(record);
  }

  of(record: number): number {
    return this.#sequences[record] as number;
  }

  /** The first record with this sequence; -1 when there is none. */
  first(sequence: number): number {
    const rising = this.#risingWith(sequence);
    return rising === -1 ? (this.#rest(sequence)[0] ?? -1) : rising;
  }

  /** The operation with this sequence, repeated ones counted from 1 in file order; -1 when there is none. */
  operation(sequence: number, occurrence: number): number {
    let left = occurrence;
    const rising = this.#risingWith(sequence);
    if (rising !== -1 && this.#isOperation(rising)) left -= 1;
    if (left === 0) return rising;
    for (const record of this.#rest(sequence)) {
      if (this.#isOperation(record)) left -= 1;
      if (left === 0) return record;
    }
    return -1;
  }

  /** Which of the operations with its sequence this one is, from 1. */
  occurrenceOf(record: number): number {
    const sequence = this.of(record);
    const rising = this.#risingWith(sequence);
    if (rising === record) return 1;
    const first = rising !== -1 && this.#isOperation(rising) ? 2 : 1;
    const rest = this.#rest(sequence);
    let before = 0;
    for (let at = 0; at < rest.length && rest[at] !== record; at += 1) {
      if (this.#isOperation(rest[at] as number)) before += 1;
    }
    return first + before;
  }

  #rest(sequence: number): readonly number[] {
    return this.#restBySequence.get(sequence) ?? NO_RECORDS;
  }

  #risingWith(sequence: number): number {
    let low = 0;
    let high = this.#risingCount;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.of(middle) < sequence) low = middle + 1;
      else high = middle;
    }
    return low < this.#risingCount && this.of(low) === sequence ? low : -1;
  }
}
