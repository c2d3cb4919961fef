/** What each key holds now: version, time and where the value is. Packed columns; the values stay in the log. */
import { OPERATION_DELETE } from "../wal/operation.js";
import type { RecordedOperation } from "../wal/operation-log.js";
import { KeyTable } from "./key-table.js";
import { OrderedKeys } from "./ordered-keys.js";

const INITIAL_ENTRIES = 512;
const GROWTH = 1.5;
/** In the value-length column: the key was deleted. Its version and time stay, so that an older put cannot bring it back. */
const DELETED = 0xffff_ffff;

export interface StoredEntry {
  readonly version: number;
  readonly timestampMs: number;
  readonly location: number;
  readonly valueLength: number;
}

function grown<T extends Float64Array | Uint32Array>(column: T, make: (length: number) => T, length: number): T {
  const next = make(length);
  next.set(column);
  return next;
}

export class StoreIndex {
  readonly keys = new KeyTable();
  readonly order = new OrderedKeys(this.keys);
  #liveCount = 0;
  #versions = new Float64Array(INITIAL_ENTRIES);
  #timestamps = new Float64Array(INITIAL_ENTRIES);
  #locations = new Float64Array(INITIAL_ENTRIES);
  #valueLengths = new Uint32Array(INITIAL_ENTRIES);

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
    if (isNew) this.#reserve(id + 1);
    const wasLive = !isNew && this.#valueLengths[id] !== DELETED;
    this.replacedLocation = wasLive ? (this.#locations[id] as number) : -1;
    const isDelete = operation.type === OPERATION_DELETE;
    this.#versions[id] = operation.sequence;
    this.#timestamps[id] = operation.timestampMs;
    this.#locations[id] = operation.location;
    this.#valueLengths[id] = isDelete ? DELETED : operation.valueLength;
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
    if (!this.isLive(id)) return null;
    return {
      version: this.#versions[id] as number,
      timestampMs: this.#timestamps[id] as number,
      location: this.#locations[id] as number,
      valueLength: this.#valueLengths[id] as number,
    };
  }

  isLive(id: number): boolean {
    return this.#valueLengths[id] !== DELETED;
  }

  #reserve(entries: number): void {
    if (entries <= this.#versions.length) return;
    const length = Math.max(entries, Math.ceil(this.#versions.length * GROWTH));
    this.#versions = grown(this.#versions, (n) => new Float64Array(n), length);
    this.#timestamps = grown(this.#timestamps, (n) => new Float64Array(n), length);
    this.#locations = grown(this.#locations, (n) => new Float64Array(n), length);
    this.#valueLengths = grown(this.#valueLengths, (n) => new Uint32Array(n), length);
  }
}
