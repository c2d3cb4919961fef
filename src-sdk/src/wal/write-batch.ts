/** Records encoded one behind the other, to be written to the file in one go. */
import { fnv1a } from "./checksum.js";
import { AT, HEADER_BYTES, RECORD_OVERHEAD_BYTES, RECORD_TYPE, writeHeader, writeU32, writeU64 } from "./format.js";
import { setContinuingMark } from "./marks.js";
import { operationBytes, writeOperation } from "./operation.js";
import type { OperationWrite, RecordedOperation } from "./operation-log.js";

const INITIAL_BYTES = 64 * 1024;

interface Entry {
  /** Where the record starts in the batch. */
  readonly at: number;
  /** 0 for a record that is not an operation. */
  readonly type: number;
  readonly keyLength: number;
  readonly valueLength: number;
  readonly timestampMs: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class WriteBatch {
  bytes: Uint8Array = new Uint8Array(INITIAL_BYTES);
  used = 0;
  #entries: Entry[] = [];
  /** Offset in the file, once it is known. */
  fileOffset = 0;

  get count(): number {
    return this.#entries.length;
  }

  /** Encodes the operation at once, so that the caller may reuse its arrays; its sequence is set by `number`. */
  addOperation(write: OperationWrite, resolve: () => void, reject: (error: Error) => void): void {
    const payloadSize = operationBytes(write.key.length, write.value.length);
    // The type says whether the record begins a group or was written together with the one before it (group.ts).
    const recordType = this.count === 0 ? RECORD_TYPE.put : RECORD_TYPE.update;
    const at = this.#startRecord(recordType, payloadSize, write.timestampMs);
    const payloadAt = at + HEADER_BYTES;
    writeOperation(this.bytes, payloadAt, write.type, write.key, write.value, write.timestampMs);
    this.#endRecord(payloadAt, payloadSize);
    const { type, key, value, timestampMs } = write;
    this.#entries.push({ at, type, keyLength: key.length, valueLength: value.length, timestampMs, resolve, reject });
  }

  addMark(payload: Uint8Array, timestampMs: number, resolve: () => void, reject: (error: Error) => void): void {
    const at = this.#startRecord(RECORD_TYPE.noop, payload.length, timestampMs);
    this.bytes.set(payload, at + HEADER_BYTES);
    if (this.count > 0) setContinuingMark(this.bytes, at + HEADER_BYTES);
    this.#endRecord(at + HEADER_BYTES, payload.length);
    this.#entries.push({ at, type: 0, keyLength: 0, valueLength: 0, timestampMs, resolve, reject });
  }

  #startRecord(type: number, payloadSize: number, timestampMs: number): number {
    const at = this.used;
    this.#reserve(at + RECORD_OVERHEAD_BYTES + payloadSize);
    writeHeader(this.bytes, at, { type, sequence: 0, timestampMs, payloadSize });
    return at;
  }

  #endRecord(payloadAt: number, payloadSize: number): void {
    const checksumAt = payloadAt + payloadSize;
    writeU32(this.bytes, checksumAt, fnv1a(this.bytes, payloadAt, checksumAt));
    this.used = checksumAt + 4;
  }

  #reserve(bytes: number): void {
    if (bytes <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(bytes, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.used));
    this.bytes = grown;
  }

  /** Gives record `index` its sequence. The header is outside the checksum, so nothing else changes. */
  number(index: number, sequence: number): void {
    writeU64(this.bytes, (this.#entries[index] as Entry).at + AT.sequence, sequence);
  }

  /** Fills `into` with record `index`; false for a record that is not an operation. */
  describe(index: number, sequence: number, into: RecordedOperation): boolean {
    const entry = this.#entries[index] as Entry;
    if (entry.type === 0) return false;
    const keyAt = entry.at + HEADER_BYTES + 6;
    into.type = entry.type;
    into.bytes = this.bytes;
    into.keyFrom = keyAt;
    into.keyTo = keyAt + entry.keyLength;
    into.valueLength = entry.valueLength;
    into.timestampMs = entry.timestampMs;
    into.sequence = sequence;
    into.location = this.fileOffset + keyAt + entry.keyLength + 4;
    return true;
  }

  resolveAll(): void {
    for (const entry of this.#entries) entry.resolve();
  }

  rejectAll(error: Error): void {
    for (const entry of this.#entries) entry.reject(error);
  }

  clear(): void {
    this.#entries = [];
    this.used = 0;
  }
}
