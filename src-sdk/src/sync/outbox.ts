/** The operations that wait until sync delivers them, packed in columns: a log of a million operations is an outbox of a million. */
import type { OperationReference } from "../wal/marks.js";

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
/** The slot of a pruned entry, until the columns are packed again. */
const GONE = 5;

export const STATUS = {
  pending: PENDING,
  queued: QUEUED,
  in_flight: IN_FLIGHT,
  acknowledged: ACKNOWLEDGED,
  failed: FAILED,
} as const satisfies Record<SyncStatus, number>;

const INITIAL_SLOTS = 256;
const GROWTH = 1.5;
/** Packed again when this many slots are gone and they are most of all. */
const PACK_SLOTS_MIN = 1024;

export interface OutboxOperation {
  readonly sequence: number;
  readonly keyId: number;
  readonly isDelete: boolean;
  readonly timestampMs: number;
  /** Where the value is, for the log that holds it. */
  readonly location: number;
  readonly valueLength: number;
}

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
  #length = 0;
  #gone = 0;
  #sequences = new Float64Array(INITIAL_SLOTS);
  #timestamps = new Float64Array(INITIAL_SLOTS);
  #locations = new Float64Array(INITIAL_SLOTS);
  #keyIds = new Uint32Array(INITIAL_SLOTS);
  #valueLengths = new Uint32Array(INITIAL_SLOTS);
  #isDelete = new Uint8Array(INITIAL_SLOTS);
  #statuses = new Uint8Array(INITIAL_SLOTS);
  /** Sparse: slots whose sequence occurred before in this log. */
  #occurrences = new Map<number, number>();
  #attempts = new Map<number, Attempts>();
  #counts = [0, 0, 0, 0, 0, 0];
  /** Slots by (sequence, timestamp, occurrence) when that is not the order of the slots. */
  #order: Uint32Array | null = null;
  #isInOrder = true;
  /** How often each repeated sequence occurred; built from the columns when the first one repeats. */
  #timesBySequence: Map<number, number> | null = null;

  /** Entries held: everything that was not pruned. */
  get size(): number {
    return this.#length - this.#gone;
  }

  count(status: SyncStatus): number {
    return this.#counts[STATUS[status]] as number;
  }

  add(operation: OutboxOperation, status: SyncStatus): void {
    const slot = this.#length;
    this.#reserve(slot + 1);
    this.#length = slot + 1;
    this.#sequences[slot] = operation.sequence;
    this.#timestamps[slot] = operation.timestampMs;
    this.#locations[slot] = operation.location;
    this.#keyIds[slot] = operation.keyId;
    this.#valueLengths[slot] = operation.valueLength;
    this.#isDelete[slot] = operation.isDelete ? 1 : 0;
    this.#statuses[slot] = STATUS[status];
    (this.#counts[STATUS[status]] as number) += 1;
    this.#order = null;
    if (slot > 0 && operation.sequence <= (this.#sequences[slot - 1] as number)) this.#isInOrder = false;
    if (!this.#isInOrder) this.#numberOccurrence(slot, operation.sequence);
  }

  /** A sequence that repeats needs a second mark in its sync id. */
  #numberOccurrence(slot: number, sequence: number): void {
    if (this.#timesBySequence === null) {
      this.#timesBySequence = new Map();
      for (let i = 0; i < slot; i += 1) this.#timesBySequence.set(this.#sequences[i] as number, 1);
    }
    const times = (this.#timesBySequence.get(sequence) ?? 0) + 1;
    this.#timesBySequence.set(sequence, times);
    if (times > 1) this.#occurrences.set(slot, times);
  }

  operation(slot: number): OutboxOperation {
    return {
      sequence: this.#sequences[slot] as number,
      keyId: this.#keyIds[slot] as number,
      isDelete: this.#isDelete[slot] === 1,
      timestampMs: this.#timestamps[slot] as number,
      location: this.#locations[slot] as number,
      valueLength: this.#valueLengths[slot] as number,
    };
  }

  status(slot: number): SyncStatus {
    return SYNC_STATUSES[this.#statuses[slot] as number] as SyncStatus;
  }

  setStatus(slot: number, status: SyncStatus): void {
    this.#setCode(slot, STATUS[status]);
  }

  #setCode(slot: number, code: number): void {
    (this.#counts[this.#statuses[slot] as number] as number) -= 1;
    (this.#counts[code] as number) += 1;
    this.#statuses[slot] = code;
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
    for (let rank = afterRank + 1; rank < this.#length; rank += 1) {
      const slot = order === null ? rank : (order[rank] as number);
      if (!wanted[this.#statuses[slot] as number]) continue;
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
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const slot = order === null ? middle : (order[middle] as number);
      if ((this.#sequences[slot] as number) < sequence) low = middle + 1;
      else high = middle;
    }
    for (let rank = low; rank < this.#length; rank += 1) {
      const slot = order === null ? rank : (order[rank] as number);
      if (this.#sequences[slot] !== sequence) return null;
      if (this.occurrence(slot) === occurrence && this.#statuses[slot] !== GONE) return { slot, rank };
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
    if (this.#gone > PACK_SLOTS_MIN && this.#gone * 2 > this.#length) this.#pack();
    return slots.length;
  }

  #pack(): void {
    let to = 0;
    const occurrences = new Map<number, number>();
    const attempts = new Map<number, Attempts>();
    for (let from = 0; from < this.#length; from += 1) {
      if (this.#statuses[from] === GONE) continue;
      for (const column of this.#columns()) column[to] = column[from] as number;
      const occurrence = this.#occurrences.get(from);
      if (occurrence !== undefined) occurrences.set(to, occurrence);
      const tried = this.#attempts.get(from);
      if (tried !== undefined) attempts.set(to, tried);
      to += 1;
    }
    this.#length = to;
    this.#gone = 0;
    this.#counts[GONE] = 0;
    this.#occurrences = occurrences;
    this.#attempts = attempts;
    this.#order = null;
  }

  #ordered(): Uint32Array | null {
    if (this.#isInOrder) return null;
    if (this.#order === null) {
      const order = new Uint32Array(this.#length);
      for (let slot = 0; slot < order.length; slot += 1) order[slot] = slot;
      this.#order = order.sort(
        (a, b) =>
          (this.#sequences[a] as number) - (this.#sequences[b] as number) ||
          (this.#timestamps[a] as number) - (this.#timestamps[b] as number) ||
          this.occurrence(a) - this.occurrence(b),
      );
    }
    return this.#order;
  }

  #columns(): (Float64Array | Uint32Array | Uint8Array)[] {
    return [
      this.#sequences,
      this.#timestamps,
      this.#locations,
      this.#keyIds,
      this.#valueLengths,
      this.#isDelete,
      this.#statuses,
    ];
  }

  #reserve(slots: number): void {
    if (slots <= this.#sequences.length) return;
    const length = Math.max(slots, Math.ceil(this.#sequences.length * GROWTH));
    const grow = <T extends Float64Array | Uint32Array | Uint8Array>(column: T, next: T): T => {
      next.set(column);
      return next;
    };
    this.#sequences = grow(this.#sequences, new Float64Array(length));
    this.#timestamps = grow(this.#timestamps, new Float64Array(length));
    this.#locations = grow(this.#locations, new Float64Array(length));
    this.#keyIds = grow(this.#keyIds, new Uint32Array(length));
    this.#valueLengths = grow(this.#valueLengths, new Uint32Array(length));
    this.#isDelete = grow(this.#isDelete, new Uint8Array(length));
    this.#statuses = grow(this.#statuses, new Uint8Array(length));
  }
}
