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
  /** Where repair or compaction left out operations with a sequence: how the next one is numbered. */
  readonly #numberingsBySequence = new Map<number, readonly { from: number; occurrence: number }[]>();

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

  /** A record that says: the next operation with this sequence is number `occurrence`; those before it are gone. */
  continueNumbering(sequence: number, occurrence: number): void {
    const numberings = this.#numberingsBySequence.get(sequence) ?? [];
    this.#numberingsBySequence.set(sequence, [...numberings, { from: this.#count, occurrence }]);
  }

  /** The operation with this sequence, repeated ones counted from 1 in file order; -1 when there is none. */
  operation(sequence: number, occurrence: number): number {
    for (const [record, number] of this.#numbered(sequence)) if (number === occurrence) return record;
    return -1;
  }

  /** Which of the operations with its sequence this one is, from 1. */
  occurrenceOf(record: number): number {
    for (const [other, number] of this.#numbered(this.of(record))) if (other === record) return number;
    return 1;
  }

  /** The operations with this sequence in file order, each with its number. */
  *#numbered(sequence: number): Generator<readonly [record: number, number: number]> {
    const rising = this.#risingWith(sequence);
    const numberings = this.#numberingsBySequence.get(sequence) ?? [];
    let number = 0;
    let at = 0;
    for (const record of rising === -1 ? this.#rest(sequence) : [rising, ...this.#rest(sequence)]) {
      if (!this.#isOperation(record)) continue;
      number += 1;
      for (; at < numberings.length && (numberings[at]?.from ?? 0) <= record; at += 1) {
        number = Math.max(number, numberings[at]?.occurrence ?? 0);
      }
      yield [record, number];
    }
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
