/** What each key holds now: version, time and where the value is. Packed in 24 bytes a key; the values stay in the log. */
import type { StoreKernel } from "../wal/kernel.js";
import { OPERATION_DELETE, valueAt } from "../wal/operation.js";
import type { RecordedOperation } from "../wal/operation-log.js";
import type { RecordBatch } from "../wal/record-batch.js";
import { KeyTable, OWNER_WORD } from "./key-table.js";
import { OrderedKeys } from "./ordered-keys.js";
import { type Rows, TWO_TO_32, WIDE_FROM } from "./rows.js";

/** In the value-length column: the key was deleted. Its version and time stay, so that an older put cannot bring it back. */
const DELETED = 0xffff_ffff;

export interface StoredEntry {
  readonly version: number;
  readonly timestampMs: number;
  readonly location: number;
  readonly valueLength: number;
}

/** Words of a key's row: three numbers of 48 bits, whose upper 16 share the last two words. */
const VERSION = OWNER_WORD;
const TIMESTAMP = OWNER_WORD + 1;
const LOCATION = OWNER_WORD + 2;
const VALUE_LENGTH = OWNER_WORD + 3;
const UPPER_VERSION_TIMESTAMP = OWNER_WORD + 4;
const UPPER_LOCATION = OWNER_WORD + 5;
const WORDS = 6;
/** Word of what is lent to the kernel (src-sdk/kernel/store.ts). */
const STATE_LIVE_KEYS = 1;
/** Upper bits of a version and time that do not fit: headers are not protected, and a damaged one holds anything. */
const WIDE = 0xffff;

export class StoreIndex {
  readonly keys: KeyTable;
  readonly order: OrderedKeys;
  #liveCount = 0;
  /** Where the key begins is beside what it holds: a search finds both with one access to the memory. */
  readonly #rows: Rows;
  /** Sparse: versions and times of more than 48 bits, by key id. */
  readonly #wide = new Map<number, { version: number; timestampMs: number }>();

  /** With a kernel all of it lies in its memory, as long as that is open. */
  constructor(kernel: StoreKernel | null = null, keysMax = 0) {
    this.keys = new KeyTable(WORDS, kernel, keysMax);
    this.order = new OrderedKeys(this.keys);
    this.#rows = this.keys.rows;
  }

  get liveCount(): number {
    return this.#liveCount;
  }

  get deletedCount(): number {
    return this.keys.size - this.#liveCount;
  }

  /** Location of the value that the last `apply` replaced, or -1. */
  replacedLocation = -1;

  /** Applies an operation, whatever its time: the order of the log decides. Answers the id of its key. */
  apply(operation: RecordedOperation): number {
    const before = this.keys.size;
    const id = this.keys.add(operation.bytes, operation.keyFrom, operation.keyTo);
    const { type, sequence, timestampMs, location, valueLength } = operation;
    this.#set(id, id === before, type === OPERATION_DELETE ? DELETED : valueLength, sequence, timestampMs, location);
    return id;
  }

  /** As `apply`, for the operations `[from, to)` of a batch in their order; the ids of their keys go to the front of `ids`. */
  applyAll(batch: RecordBatch, from: number, to: number, windowOffset: number, ids: Uint32Array): void {
    let before = this.keys.size;
    this.keys.addAll(batch, from, to, ids);
    const { operation, keyAt, keyLength, valueLength, sequence, timestampMs } = batch;
    for (let i = from; i < to; i += 1) {
      const id = ids[i - from] as number;
      // New keys have the next ids, in the order in which they come.
      const isNew = id === before;
      if (isNew) before += 1;
      const length = operation[i] === OPERATION_DELETE ? DELETED : (valueLength[i] as number);
      const location = windowOffset + valueAt(keyAt[i] as number, keyLength[i] as number);
      this.#set(id, isNew, length, sequence[i] as number, timestampMs[i] as number, location);
    }
  }

  /** Has the kernel apply operations, until `takeBack`. False when it must not: it knows nothing of wide numbers. */
  lend(state: Uint32Array): boolean {
    if (this.#wide.size > 0) return false;
    this.keys.lend(state);
    state[STATE_LIVE_KEYS] = this.#liveCount;
    return true;
  }

  takeBack(state: Uint32Array): void {
    this.keys.takeBack(state);
    this.#liveCount = state[STATE_LIVE_KEYS] as number;
  }

  #set(id: number, isNew: boolean, valueLength: number, version: number, timestampMs: number, location: number): void {
    const row = this.#rows.segment(id);
    const at = this.#rows.at(id);
    const wasLive = !isNew && row[at + VALUE_LENGTH] !== DELETED;
    this.replacedLocation = wasLive ? locationIn(row, at) : -1;
    row[at + VALUE_LENGTH] = valueLength;
    setLocation(row, at, location);
    this.#setVersion(id, row, at, version, timestampMs);
    const isLive = valueLength !== DELETED;
    if (wasLive && !isLive) this.#liveCount -= 1;
    if (!wasLive && isLive) this.#liveCount += 1;
  }

  /** `null` for a key that was never written or was deleted. */
  get(key: Uint8Array): StoredEntry | null {
    const id = this.keys.find(key);
    return id === -1 ? null : this.entry(id);
  }

  entry(id: number): StoredEntry | null {
    return this.isLive(id) ? this.last(id) : null;
  }

  /** As `entry`, of a deleted key too: its tombstone. The value of one has no length. */
  last(id: number): StoredEntry {
    const row = this.#rows.segment(id);
    const at = this.#rows.at(id);
    const valueLength = row[at + VALUE_LENGTH] as number;
    const upper = row[at + UPPER_VERSION_TIMESTAMP] as number;
    const wide = upper >>> 16 === WIDE ? this.#wide.get(id) : undefined;
    return {
      version: wide?.version ?? (row[at + VERSION] as number) + (upper >>> 16) * TWO_TO_32,
      timestampMs: wide?.timestampMs ?? (row[at + TIMESTAMP] as number) + (upper & 0xffff) * TWO_TO_32,
      location: locationIn(row, at),
      valueLength: valueLength === DELETED ? 0 : valueLength,
    };
  }

  /** Every value has moved: `move` answers where what was at a location is now. */
  relocate(move: (location: number) => number): void {
    for (let id = 0; id < this.keys.size; id += 1) {
      const row = this.#rows.segment(id);
      const at = this.#rows.at(id);
      const location = move(locationIn(row, at));
      setLocation(row, at, location);
    }
  }

  /** Where the value of a key is, which must have one. */
  locationOf(id: number): number {
    return locationIn(this.#rows.segment(id), this.#rows.at(id));
  }

  /** Length of the value of a key; -1 for a deleted key. */
  valueLengthOf(id: number): number {
    const length = this.#rows.segment(id)[this.#rows.at(id) + VALUE_LENGTH] as number;
    return length === DELETED ? -1 : length;
  }

  isLive(id: number): boolean {
    return this.#rows.segment(id)[this.#rows.at(id) + VALUE_LENGTH] !== DELETED;
  }

  #setVersion(id: number, row: Uint32Array, at: number, version: number, timestampMs: number): void {
    const isWide = version >= WIDE_FROM || timestampMs >= WIDE_FROM;
    if (isWide) this.#wide.set(id, { version, timestampMs });
    else if (this.#wide.size > 0) this.#wide.delete(id);
    row[at + VERSION] = version;
    row[at + TIMESTAMP] = timestampMs;
    row[at + UPPER_VERSION_TIMESTAMP] = isWide
      ? WIDE << 16
      : (Math.floor(version / TWO_TO_32) << 16) | (timestampMs / TWO_TO_32);
  }
}

function locationIn(row: Uint32Array, at: number): number {
  return (row[at + LOCATION] as number) + (row[at + UPPER_LOCATION] as number) * TWO_TO_32;
}

function setLocation(row: Uint32Array, at: number, location: number): void {
  row[at + LOCATION] = location;
  row[at + UPPER_LOCATION] = location / TWO_TO_32;
}
