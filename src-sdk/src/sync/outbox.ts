/** The operations that wait until sync delivers them, and how far each one is. */
import type { StoreKernel } from "../wal/kernel.js";
import type { OperationReference } from "../wal/marks.js";
import { OperationRows, type OutboxOperation } from "./operation-rows.js";

export type { OutboxOperation } from "./operation-rows.js";

export const SYNC_STATUSES = ["pending", "queued", "in_flight", "acknowledged", "failed"] as const;
/**
 * - `pending`: recorded, not yet taken up by this run of the node (recovered from the log).
 * - `queued`: waits for a tick to send it.
 * - `in_flight`: sent, not acknowledged yet.
 * - `acknowledged`: delivered; stays until pruned.
 * - `failed`: sent `maxRetries` times without an answer. A state of delivery: the value is safe in the store.
 */
export type SyncStatus = (typeof SYNC_STATUSES)[number];

const PENDING = 0;
const QUEUED = 1;
const IN_FLIGHT = 2;
const ACKNOWLEDGED = 3;
const FAILED = 4;
/** The slot of a pruned entry, until the rows are packed again. */
const GONE = 5;

export const STATUS = {
  pending: PENDING,
  queued: QUEUED,
  in_flight: IN_FLIGHT,
  acknowledged: ACKNOWLEDGED,
  failed: FAILED,
} as const satisfies Record<SyncStatus, number>;

/** Packed again when this many slots are gone and they are most of all. */
const PACK_SLOTS_MIN = 1024;

/** For each status code whether it is asked for; a pruned slot never is. */
function wantedCodes(status: SyncStatus | readonly SyncStatus[] | undefined): boolean[] {
  const names = status === undefined ? SYNC_STATUSES : typeof status === "string" ? [status] : status;
  const wanted: boolean[] = Array.from({ length: GONE + 1 }, () => false);
  for (const name of names) wanted[STATUS[name]] = true;
  return wanted;
}

/** What sending has come to. Kept only for operations that were sent. */
export interface Attempts {
  count: number;
  lastAttemptMs: number;
  /** Earliest time of the next attempt. */
  nextRetryMs: number;
}

/** Slots are stable until `pack` runs, which only `prune` and `remove` do. */
export class Outbox {
  #gone = 0;
  #rows: OperationRows;
  /** Sparse: slots whose sequence occurred before in this log. */
  #occurrences = new Map<number, number>();
  #attempts = new Map<number, Attempts>();
  #counts = [0, 0, 0, 0, 0, 0];
  /** Slots by (sequence, timestamp, occurrence) when that is not the order of the slots. */
  #order: Uint32Array | null = null;
  #isInOrder = true;
  /** How often each repeated sequence occurred; built from the rows when the first one repeats. */
  #timesBySequence: Map<number, number> | null = null;

  /** With a kernel the rows lie in its memory as long as that is open. */
  constructor(kernel: StoreKernel | null = null) {
    this.#rows = new OperationRows(kernel);
  }

  /** Has the kernel add pending operations, until `takeBack`. False when it must not: it does not number repetitions. */
  lend(state: Uint32Array): boolean {
    if (!this.#isInOrder || this.#timesBySequence !== null) return false;
    this.#rows.lend(state);
    return true;
  }

  takeBack(kernel: StoreKernel): void {
    (this.#counts[PENDING] as number) += this.#rows.takeBack(kernel);
    this.#order = null;
  }

  /** Entries held: everything that was not pruned. */
  get size(): number {
    return this.#rows.length - this.#gone;
  }

  count(status: SyncStatus): number {
    return this.#counts[STATUS[status]] as number;
  }

  add(operation: OutboxOperation, status: SyncStatus): void {
    const slot = this.#rows.length;
    this.#rows.push(operation, STATUS[status]);
    (this.#counts[STATUS[status]] as number) += 1;
    this.#order = null;
    if (slot > 0 && operation.sequence <= this.#rows.sequence(slot - 1)) this.#isInOrder = false;
    if (!this.#isInOrder || this.#timesBySequence !== null) this.#numberOccurrence(slot, operation.sequence);
  }

  /** A sequence that repeats needs a second mark in its sync id. */
  #numberOccurrence(slot: number, sequence: number): void {
    const timesBySequence = this.#counted(slot);
    const times = (timesBySequence.get(sequence) ?? 0) + 1;
    timesBySequence.set(sequence, times);
    if (times > 1) this.#occurrences.set(slot, times);
  }

  #counted(slots: number): Map<number, number> {
    if (this.#timesBySequence === null) {
      this.#timesBySequence = new Map();
      for (let i = 0; i < slots; i += 1) this.#timesBySequence.set(this.#rows.sequence(i), 1);
    }
    return this.#timesBySequence;
  }

  /** The next operation with this sequence is number `occurrence`: those before it were dropped from the log. */
  continueNumbering(sequence: number, occurrence: number): void {
    const timesBySequence = this.#counted(this.#rows.length);
    timesBySequence.set(sequence, Math.max(occurrence - 1, timesBySequence.get(sequence) ?? 0));
  }

  /** Whether some sequence was found to repeat. */
  get isNumbered(): boolean {
    return this.#timesBySequence !== null;
  }

  /** Every operation has moved: `move` answers where what was at a location is now. */
  relocate(move: (location: number) => number): void {
    this.#rows.relocate((slot) => this.#rows.code(slot) !== GONE, move);
  }

  /** The operation with this sequence, if it is here, is at another location now. */
  relocateOne(sequence: number, location: number): void {
    const found = this.find(sequence, 1);
    if (found !== null) this.#rows.setLocation(found.slot, location);
  }

  operation(slot: number): OutboxOperation {
    return this.#rows.operation(slot);
  }

  status(slot: number): SyncStatus {
    return SYNC_STATUSES[this.#rows.code(slot)] as SyncStatus;
  }

  setStatus(slot: number, status: SyncStatus): void {
    this.#setCode(slot, STATUS[status]);
  }

  #setCode(slot: number, code: number): void {
    (this.#counts[this.#rows.code(slot)] as number) -= 1;
    (this.#counts[code] as number) += 1;
    this.#rows.setCode(slot, code);
  }

  attempts(slot: number): Readonly<Attempts> | undefined {
    return this.#attempts.get(slot);
  }

  setAttempts(slot: number, attempts: Attempts | undefined): void {
    if (attempts === undefined) this.#attempts.delete(slot);
    else this.#attempts.set(slot, attempts);
  }

  occurrence(slot: number): number {
    return this.#occurrences.get(slot) ?? 1;
  }

  /** Slots in these states (in any, unless told), in the order of sending: by sequence, then time, then occurrence. */
  *slots(status?: SyncStatus | readonly SyncStatus[], afterRank = -1): Generator<number> {
    const wanted = wantedCodes(status);
    let left = 0;
    for (let code = 0; code < GONE; code += 1) if (wanted[code]) left += this.#counts[code] as number;
    if (left === 0) return;
    const order = this.#ordered();
    for (let rank = afterRank + 1; rank < this.#rows.length; rank += 1) {
      const slot = order === null ? rank : (order[rank] as number);
      if (!wanted[this.#rows.code(slot)]) continue;
      yield slot;
      left -= 1;
      // Most of a large outbox is in one state: what is behind the last match need not be looked at.
      if (left === 0 && afterRank === -1) return;
    }
  }

  /** The rank of an operation in the order of `slots`, and its slot; or null. */
  find(sequence: number, occurrence: number): { slot: number; rank: number } | null {
    const order = this.#ordered();
    let low = 0;
    let high = this.#rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const slot = order === null ? middle : (order[middle] as number);
      if (this.#rows.sequence(slot) < sequence) low = middle + 1;
      else high = middle;
    }
    for (let rank = low; rank < this.#rows.length; rank += 1) {
      const slot = order === null ? rank : (order[rank] as number);
      if (this.#rows.sequence(slot) !== sequence) return null;
      if (this.occurrence(slot) === occurrence && this.#rows.code(slot) !== GONE) return { slot, rank };
    }
    return null;
  }

  /** Takes every entry of the status out; `release` is told each one's operation first. */
  prune(status: SyncStatus, release: (operation: OutboxOperation) => void): number {
    return this.#take([...this.slots(status)], release);
  }

  /** As `prune`, for these operations in whatever state; those that are not there are passed over. */
  remove(operations: readonly OperationReference[], release: (operation: OutboxOperation) => void): number {
    const slots = operations.flatMap(({ sequence, occurrence }) => this.find(sequence, occurrence)?.slot ?? []);
    return this.#take(slots, release);
  }

  #take(slots: readonly number[], release: (operation: OutboxOperation) => void): number {
    for (const slot of slots) {
      release(this.operation(slot));
      this.#setCode(slot, GONE);
      this.#attempts.delete(slot);
    }
    this.#gone += slots.length;
    if (this.#gone > PACK_SLOTS_MIN && this.#gone * 2 > this.#rows.length) this.#pack();
    return slots.length;
  }

  #pack(): void {
    const rows = new OperationRows();
    const occurrences = new Map<number, number>();
    const attempts = new Map<number, Attempts>();
    for (let from = 0; from < this.#rows.length; from += 1) {
      const code = this.#rows.code(from);
      if (code === GONE) continue;
      const occurrence = this.#occurrences.get(from);
      if (occurrence !== undefined) occurrences.set(rows.length, occurrence);
      const tried = this.#attempts.get(from);
      if (tried !== undefined) attempts.set(rows.length, tried);
      rows.push(this.#rows.operation(from), code);
    }
    this.#rows = rows;
    this.#gone = 0;
    this.#counts[GONE] = 0;
    this.#occurrences = occurrences;
    this.#attempts = attempts;
    this.#order = null;
  }

  #ordered(): Uint32Array | null {
    if (this.#isInOrder) return null;
    if (this.#order === null) {
      const order = new Uint32Array(this.#rows.length);
      for (let slot = 0; slot < order.length; slot += 1) order[slot] = slot;
      this.#order = order.sort(
        (a, b) =>
          this.#rows.sequence(a) - this.#rows.sequence(b) ||
          this.#rows.timestampMs(a) - this.#rows.timestampMs(b) ||
          this.occurrence(a) - this.occurrence(b),
      );
    }
    return this.#order;
  }
}
