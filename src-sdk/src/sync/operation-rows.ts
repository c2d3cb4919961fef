/** Operations and their states packed in 16 bytes each: a log of a million operations is an outbox of a million. */
import { Rows, SEGMENT_BITS, TWO_TO_32 } from "../store/rows.js";
import { SEQUENCE_MAX } from "../wal/format.js";
import type { StoreKernel } from "../wal/kernel.js";

/** What the outbox knows of an operation. */
export interface OutboxOperation {
  readonly sequence: number;
  readonly keyId: number;
  readonly isDelete: boolean;
  readonly timestampMs: number;
  /** Where it is, for the log that holds it. */
  readonly location: number;
  readonly valueLength: number;
}

/** Words of a row. Times and locations are differences to those of their segment's first row. */
const KEY_ID = 0;
const LOCATION = 1;
const TIMESTAMP = 2;
/** Value length, state and kind. */
const REST = 3;
const WORDS = 4;
/** A difference that does not fit: `#wide` has the numbers. */
const WIDE = 0xffff_ffff;

/** Of the last word: 3 bits of state, 1 for a delete, 28 for a length of at most 2^26. */
const CODE_MASK = 7;
const DELETE_BIT = 8;
const LENGTH_SHIFT = 4;

/** Words of what is lent to the kernel (src-sdk/kernel/store.ts). */
const STATE_OPERATIONS = 5;
const STATE_OPERATIONS_MAX = 6;
const STATE_ROWS = 7;
const STATE_LAST_SEQUENCE = 8;
const STATE_LOCATION_BASE = 10;
const STATE_TIME_BASE = 12;
const STATE_RUNS = 14;

function setPair(state: Uint32Array, at: number, value: number): void {
  state[at] = value;
  state[at + 1] = value / TWO_TO_32;
}

/** Slots are numbered from 0 in the order of `push`. */
export class OperationRows {
  #length = 0;
  readonly #rows: Rows;
  /** Of each segment's first row. */
  readonly #locationBases: number[] = [];
  readonly #timeBases: number[] = [];
  /** Sparse, by slot: a clock that was set, a damaged header, or four gigabytes of values within one segment. */
  readonly #wide = new Map<number, { location: number; timestampMs: number }>();
  /** Sequences mostly follow each other, so only where they do not is noted: from this slot on, they count up from this. */
  readonly #runSlots: number[] = [];
  readonly #runSequences: number[] = [];

  constructor(kernel: StoreKernel | null = null) {
    this.#rows = new Rows(WORDS, kernel);
  }

  get length(): number {
    return this.#length;
  }

  push(operation: OutboxOperation, code: number): void {
    const slot = this.#length;
    const { sequence, timestampMs, location } = operation;
    // Behind 2^53 a number plus one may be the same number.
    if (slot === 0 || sequence !== this.sequence(slot - 1) + 1 || sequence > SEQUENCE_MAX) {
      this.#runSlots.push(slot);
      this.#runSequences.push(sequence);
    }
    this.#length = slot + 1;
    this.#rows.reserve(slot);
    const segment = slot >>> SEGMENT_BITS;
    if (this.#locationBases.length === segment) {
      this.#locationBases.push(location);
      this.#timeBases.push(timestampMs);
    }
    const row = this.#rows.segment(slot);
    const at = this.#rows.at(slot);
    row[at + KEY_ID] = operation.keyId;
    row[at + REST] = (operation.valueLength << LENGTH_SHIFT) | (operation.isDelete ? DELETE_BIT : 0) | code;
    this.#place(slot, location, timestampMs);
  }

  /** Has the kernel add operations, all with the code 0, until `takeBack`. */
  lend(state: Uint32Array): void {
    const slot = this.#length;
    const segment = slot >>> SEGMENT_BITS;
    const address = this.#rows.address(slot);
    // The first of a segment, by which the others count, is pushed here.
    const hasBase = address > 0 && this.#locationBases.length > segment;
    const last = hasBase ? this.sequence(slot - 1) : 0;
    const isOpen = hasBase && last <= SEQUENCE_MAX;
    state[STATE_OPERATIONS] = slot;
    state[STATE_OPERATIONS_MAX] = isOpen ? (segment + 1) << SEGMENT_BITS : 0;
    if (!isOpen) return;
    state[STATE_ROWS] = address;
    setPair(state, STATE_LAST_SEQUENCE, last);
    setPair(state, STATE_LOCATION_BASE, this.#locationBases[segment] as number);
    setPair(state, STATE_TIME_BASE, this.#timeBases[segment] as number);
  }

  /** Answers how many were added. */
  takeBack({ state, runSlots, runSequences }: StoreKernel): number {
    const runs = state[STATE_RUNS] as number;
    for (let run = 0; run < runs; run += 1) {
      this.#runSlots.push(runSlots[run] as number);
      this.#runSequences.push(runSequences[run] as number);
    }
    const added = (state[STATE_OPERATIONS] as number) - this.#length;
    this.#length += added;
    return added;
  }

  #place(slot: number, location: number, timestampMs: number): void {
    const segment = slot >>> SEGMENT_BITS;
    const locationBy = location - (this.#locationBases[segment] as number);
    const timeBy = timestampMs - (this.#timeBases[segment] as number);
    const isWide = locationBy < 0 || locationBy >= WIDE || timeBy < 0 || timeBy >= WIDE;
    if (isWide) this.#wide.set(slot, { location, timestampMs });
    else if (this.#wide.size > 0) this.#wide.delete(slot);
    const row = this.#rows.segment(slot);
    const at = this.#rows.at(slot);
    row[at + LOCATION] = isWide ? WIDE : locationBy;
    row[at + TIMESTAMP] = isWide ? WIDE : timeBy;
  }

  sequence(slot: number): number {
    const slots = this.#runSlots;
    let low = 0;
    let high = slots.length - 1;
    // The newest is asked for with each push.
    if (slot >= (slots[high] as number)) low = high;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((slots[middle] as number) <= slot) low = middle;
      else high = middle - 1;
    }
    return (this.#runSequences[low] as number) + (slot - (slots[low] as number));
  }

  location(slot: number): number {
    const by = this.#rows.segment(slot)[this.#rows.at(slot) + LOCATION] as number;
    if (by === WIDE) return (this.#wide.get(slot) as { location: number }).location;
    return (this.#locationBases[slot >>> SEGMENT_BITS] as number) + by;
  }

  setLocation(slot: number, location: number): void {
    this.#place(slot, location, this.timestampMs(slot));
  }

  timestampMs(slot: number): number {
    const by = this.#rows.segment(slot)[this.#rows.at(slot) + TIMESTAMP] as number;
    if (by === WIDE) return (this.#wide.get(slot) as { timestampMs: number }).timestampMs;
    return (this.#timeBases[slot >>> SEGMENT_BITS] as number) + by;
  }

  operation(slot: number): OutboxOperation {
    const row = this.#rows.segment(slot);
    const at = this.#rows.at(slot);
    const rest = row[at + REST] as number;
    return {
      sequence: this.sequence(slot),
      keyId: row[at + KEY_ID] as number,
      isDelete: (rest & DELETE_BIT) !== 0,
      timestampMs: this.timestampMs(slot),
      location: this.location(slot),
      valueLength: rest >>> LENGTH_SHIFT,
    };
  }

  code(slot: number): number {
    return (this.#rows.segment(slot)[this.#rows.at(slot) + REST] as number) & CODE_MASK;
  }

  setCode(slot: number, code: number): void {
    const row = this.#rows.segment(slot);
    const at = this.#rows.at(slot) + REST;
    row[at] = ((row[at] as number) & ~CODE_MASK) | code;
  }

  /** The values of the slots that `isHeld` have moved: `move` answers where what was at a location is now. */
  relocate(isHeld: (slot: number) => boolean, move: (location: number) => number): void {
    const moved = new Map<number, number>();
    for (let segment = 0; segment < this.#locationBases.length; segment += 1) {
      const from = segment << SEGMENT_BITS;
      const to = Math.min(this.#length, from + (1 << SEGMENT_BITS));
      for (let slot = from; slot < to; slot += 1) if (isHeld(slot)) moved.set(slot, move(this.location(slot)));
      // The values keep their order, so that the first of them is the least.
      const [first] = moved.values();
      if (first !== undefined) this.#locationBases[segment] = first;
      for (const [slot, location] of moved) this.#place(slot, location, this.timestampMs(slot));
      moved.clear();
    }
  }
}
