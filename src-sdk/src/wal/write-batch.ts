/** Records encoded one behind the other, to be written to the file in one go. */

import { DONE, Result, SoftadastraError } from "../result.js";
import { fnv1a } from "./checksum.js";
import { WINDOW_BYTES } from "./chunk-reader.js";
import {
  AT,
  CHECKSUM_BYTES,
  HEADER_BYTES,
  RECORD_OVERHEAD_BYTES,
  RECORD_TYPE,
  writeHeader,
  writeU32,
  writeU64,
} from "./format.js";
import { recordSigner } from "./kernel.js";
import { setContinuingMark } from "./marks.js";
import { operationBytes, writeOperation } from "./operation.js";
import type { OperationWrite, RecordedOperation } from "./operation-log.js";

const INITIAL_BYTES = 64 * 1024;
const INITIAL_RECORDS = 64;
/** Fewer checksums are made sooner than they are handed over to the kernel. */
const SIGNED_RECORDS_MIN = 8;

/** Of each record: where it starts in the batch, its type (0 for one that is no operation), lengths of key and value. */
const AT_WORD = 0;
const TYPE_WORD = 1;
const KEY_WORD = 2;
const VALUE_WORD = 3;
const WORDS = 4;

/** Facts about the records are kept in columns: an object for each would be garbage by the million. */
export class WriteBatch {
  bytes: Uint8Array = new Uint8Array(INITIAL_BYTES);
  used = 0;
  count = 0;
  #words = new Uint32Array(INITIAL_RECORDS * WORDS);
  #timestampsMs = new Float64Array(INITIAL_RECORDS);
  /** What all of its writes come to, for those who wait: one promise for all, as one write carries them all. */
  #outcome: Promise<Result<void>> | null = null;
  #resolve: ((result: Result<void>) => void) | undefined;
  #reject: ((error: Error) => void) | undefined;
  /** Offset in the file, once it is known. */
  fileOffset = 0;

  /** Encodes the operation at once, so that the caller may reuse its arrays; its sequence is set by `number`. */
  addOperation(write: OperationWrite): void {
    const payloadSize = operationBytes(write.key.length, write.value.length);
    // The type says whether the record begins a group or was written together with the one before it (group.ts).
    const recordType = this.count === 0 ? RECORD_TYPE.put : RECORD_TYPE.update;
    const at = this.#startRecord(recordType, payloadSize, write.timestampMs);
    const payloadAt = at + HEADER_BYTES;
    writeOperation(this.bytes, payloadAt, write.type, write.key, write.value, write.timestampMs);
    this.used = payloadAt + payloadSize + CHECKSUM_BYTES;
    this.#note(at, write.timestampMs);
    const words = this.#words;
    const word = (this.count - 1) * WORDS;
    words[word + TYPE_WORD] = write.type;
    words[word + KEY_WORD] = write.key.length;
    words[word + VALUE_WORD] = write.value.length;
  }

  addMark(payload: Uint8Array, timestampMs: number): void {
    const at = this.#startRecord(RECORD_TYPE.noop, payload.length, timestampMs);
    this.bytes.set(payload, at + HEADER_BYTES);
    if (this.count > 0) setContinuingMark(this.bytes, at + HEADER_BYTES);
    this.used = at + RECORD_OVERHEAD_BYTES + payload.length;
    this.#note(at, timestampMs);
  }

  /** Counts the record that starts at `at`, as one that is no operation. */
  #note(at: number, timestampMs: number): void {
    const index = this.count;
    if (index === this.#timestampsMs.length) this.#reserveRecords();
    this.count = index + 1;
    this.#words[index * WORDS + AT_WORD] = at;
    this.#words[index * WORDS + TYPE_WORD] = 0;
    this.#timestampsMs[index] = timestampMs;
  }

  #reserveRecords(): void {
    const words = new Uint32Array(this.#words.length * 2);
    words.set(this.#words);
    this.#words = words;
    const timestampsMs = new Float64Array(this.#timestampsMs.length * 2);
    timestampsMs.set(this.#timestampsMs);
    this.#timestampsMs = timestampsMs;
  }

  #startRecord(type: number, payloadSize: number, timestampMs: number): number {
    const at = this.used;
    this.#reserve(at + RECORD_OVERHEAD_BYTES + payloadSize);
    writeHeader(this.bytes, at, { type, sequence: 0, timestampMs, payloadSize });
    return at;
  }

  #reserve(bytes: number): void {
    if (bytes <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(bytes, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.used));
    this.bytes = grown;
  }

  /** Gives record `index` its sequence. The header is outside the checksum, so nothing else changes. */
  number(index: number, sequence: number): void {
    writeU64(this.bytes, this.#at(index) + AT.sequence, sequence);
  }

  /** Gives every record its checksum. They have their sequences. */
  sign(): void {
    const signer = this.count < SIGNED_RECORDS_MIN ? null : recordSigner();
    for (let first = 0; first < this.count; ) {
      let next = first + 1;
      if (signer !== null) while (next < this.count && this.#endOf(next) - this.#at(first) <= WINDOW_BYTES) next += 1;
      const isSigned = signer?.sign(this.bytes, this.#at(first), this.#endOf(next - 1)) ?? false;
      for (let i = first; i < next && !isSigned; i += 1) this.#signOne(this.#at(i), this.#endOf(i));
      first = next;
    }
  }

  #signOne(at: number, end: number): void {
    const checksumAt = end - CHECKSUM_BYTES;
    writeU32(this.bytes, checksumAt, fnv1a(this.bytes, at + HEADER_BYTES, checksumAt));
  }

  #at(index: number): number {
    return this.#words[index * WORDS + AT_WORD] as number;
  }

  /** Where record `index` ends. */
  #endOf(index: number): number {
    return index + 1 < this.count ? this.#at(index + 1) : this.used;
  }

  /** Fills `into` with record `index`; false for a record that is not an operation. */
  describe(index: number, sequence: number, into: RecordedOperation): boolean {
    const words = this.#words;
    const word = index * WORDS;
    const type = words[word + TYPE_WORD] as number;
    if (type === 0) return false;
    const keyAt = (words[word + AT_WORD] as number) + HEADER_BYTES + 6;
    const keyLength = words[word + KEY_WORD] as number;
    into.type = type;
    into.bytes = this.bytes;
    into.keyFrom = keyAt;
    into.keyTo = keyAt + keyLength;
    into.valueLength = words[word + VALUE_WORD] as number;
    into.timestampMs = this.#timestampsMs[index] as number;
    into.sequence = sequence;
    into.location = this.fileOffset + keyAt;
    return true;
  }

  /** Resolves when all of it is on the disk, or with why it is not; rejects for a bug. */
  outcome(): Promise<Result<void>> {
    this.#outcome ??= new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    return this.#outcome;
  }

  succeed(): void {
    this.#resolve?.(DONE);
  }

  fail(error: Error): void {
    if (error instanceof SoftadastraError) this.#resolve?.(Result.err(error));
    else this.#reject?.(error);
  }

  clear(): void {
    this.count = 0;
    this.#outcome = null;
    this.#resolve = undefined;
    this.#reject = undefined;
    this.used = 0;
  }
}
