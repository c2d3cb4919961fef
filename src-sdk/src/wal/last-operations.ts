/** The last operation on each key among some records of a log, in typed columns: about 21 bytes a key. */
import { HEADER_BYTES } from "./format.js";
import { OPERATION_DELETE, OPERATION_OVERHEAD_BYTES } from "./operation.js";
import type { ScannedRecord } from "./scan.js";

const INITIAL_KEYS = 256;
const GROWTH = 1.5;

const NONE = 0;
const PUT = 1;
const DELETE = 2;

function grown<T extends Float64Array | Uint32Array | Uint8Array>(column: T, next: T): T {
  next.set(column);
  return next;
}

export class LastOperationColumns {
  #offsets = new Float64Array(INITIAL_KEYS);
  #sequences = new Float64Array(INITIAL_KEYS);
  #payloadBytes = new Uint32Array(INITIAL_KEYS);
  #kinds = new Uint8Array(INITIAL_KEYS);

  /** The record is the last operation on the key with this id, until a later one comes. */
  set(id: number, record: ScannedRecord): void {
    if (id >= this.#kinds.length) this.#reserve(id + 1);
    this.#offsets[id] = record.offset;
    this.#sequences[id] = record.sequence;
    this.#payloadBytes[id] = record.payloadSize;
    this.#kinds[id] = record.operation.type === OPERATION_DELETE ? DELETE : PUT;
  }

  #reserve(keys: number): void {
    const length = Math.max(keys, Math.ceil(this.#kinds.length * GROWTH));
    this.#offsets = grown(this.#offsets, new Float64Array(length));
    this.#sequences = grown(this.#sequences, new Float64Array(length));
    this.#payloadBytes = grown(this.#payloadBytes, new Uint32Array(length));
    this.#kinds = grown(this.#kinds, new Uint8Array(length));
  }

  has(id: number): boolean {
    return (this.#kinds[id] ?? NONE) !== NONE;
  }
  isLive(id: number): boolean {
    return this.#kinds[id] === PUT;
  }
  isDelete(id: number): boolean {
    return this.#kinds[id] === DELETE;
  }
  /** Offset of the record. */
  offset(id: number): number {
    return this.#offsets[id] as number;
  }
  sequence(id: number): number {
    return this.#sequences[id] as number;
  }
  valueBytes(id: number, keyBytes: number): number {
    return this.isLive(id) ? (this.#payloadBytes[id] as number) - OPERATION_OVERHEAD_BYTES - keyBytes : 0;
  }
  /** Offset of the value that a put holds. */
  valueOffset(id: number, keyBytes: number): number {
    return this.offset(id) + HEADER_BYTES + 10 + keyBytes;
  }
}
