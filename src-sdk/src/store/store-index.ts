/** What each key holds now: version, time and where the value is. Packed in 24 bytes a key; the values stay in the log. */
import { OPERATION_DELETE } from "../wal/operation.js";
import type { RecordedOperation } from "../wal/operation-log.js";
import { KeyTable } from "./key-table.js";
import { OrderedKeys } from "./ordered-keys.js";
import { Rows, TWO_TO_32, WIDE_FROM } from "./rows.js";

/** In the value-length column: the key was deleted. Its version and time stay, so that an older put cannot bring it back. */
const DELETED = 0xffff_ffff;

export interface StoredEntry {
  readonly version: number;
  readonly timestampMs: number;
  readonly location: number;
  readonly valueLength: number;
}

/** Words of a row: three numbers of 48 bits, whose upper 16 share the last two words. */
const VERSION = 0;
const TIMESTAMP = 1;
const LOCATION = 2;
const VALUE_LENGTH = 3;
const UPPER_VERSION_TIMESTAMP = 4;
const UPPER_LOCATION = 5;
const WORDS = 6;
/** Upper bits of a version and time that do not fit: headers are not protected, and a damaged one holds anything. */
const WIDE = 0xffff;

export class StoreIndex {
  readonly keys = new KeyTable();
  readonly order = new OrderedKeys(this.keys);
  #liveCount = 0;
  readonly #rows = new Rows(WORDS);
  /** Sparse: versions and times of more than 48 bits, by key id. */
  readonly #wide = new Map<number, { version: number; timestampMs: number }>();

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
    const isNew = id === before;
    if (isNew) this.#rows.reserve(id);
    const row = this.#rows.segment(id);
    const at = this.#rows.at(id);
    const wasLive = !isNew && row[at + VALUE_LENGTH] !== DELETED;
    this.replacedLocation = wasLive ? locationIn(row, at) : -1;
    const isDelete = operation.type === OPERATION_DELETE;
    row[at + VALUE_LENGTH] = isDelete ? DELETED : operation.valueLength;
    setLocation(row, at, operation.location);
    this.#setVersion(id, row, at, operation.sequence, operation.timestampMs);
    if (wasLive && isDelete) this.#liveCount -= 1;
    if (!wasLive && !isDelete) this.#liveCount += 1;
    return id;
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
      row[at + LOCATION] = location;
      row[at + UPPER_LOCATION] = location / TWO_TO_32;
    }
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
