/** Takes records in JavaScript, as src-sdk/kernel/records.ts does in WebAssembly: for hosts that forbid that. */
import { fnv1a } from "./checksum.js";
import { AT, HEADER_BYTES, headerFault, RECORD_OVERHEAD_BYTES, readU32, readU64 } from "./format.js";
import { OperationView } from "./operation.js";
import { BATCH_RECORDS_MAX, type BatchStop, type RecordBatch, type RecordTaker } from "./record-batch.js";

export function scriptTaker(): RecordTaker {
  return new ScriptTaker();
}

class ScriptTaker implements RecordTaker {
  readonly #view = new OperationView();
  readonly #batch: { -readonly [Name in keyof RecordBatch]: RecordBatch[Name] } = {
    length: 0,
    stop: "full",
    bytes: new Uint8Array(0),
    at: new Uint32Array(BATCH_RECORDS_MAX),
    payloadSize: new Uint32Array(BATCH_RECORDS_MAX),
    sequence: new Float64Array(BATCH_RECORDS_MAX),
    operation: new Uint32Array(BATCH_RECORDS_MAX),
    keyAt: new Uint32Array(BATCH_RECORDS_MAX),
    keyLength: new Uint32Array(BATCH_RECORDS_MAX),
    valueLength: new Uint32Array(BATCH_RECORDS_MAX),
    timestampMs: new Float64Array(BATCH_RECORDS_MAX),
  };

  give(bytes: Uint8Array): void {
    this.#batch.bytes = bytes;
  }

  take(from: number, to: number, longest: number): RecordBatch {
    const batch = this.#batch;
    batch.length = 0;
    batch.stop = "full";
    for (let at = from; batch.length < BATCH_RECORDS_MAX; ) {
      const stop = this.#stopAt(at, to, longest);
      if (stop !== null) {
        batch.stop = stop;
        break;
      }
      at += this.#describe(at);
      batch.length += 1;
    }
    return batch;
  }

  #stopAt(at: number, to: number, longest: number): BatchStop | null {
    const { bytes } = this.#batch;
    const available = to - at;
    if (available < HEADER_BYTES) return "more";
    const fault = headerFault(bytes, at);
    if (fault !== null) return fault;
    const length = RECORD_OVERHEAD_BYTES + readU32(bytes, at + AT.payloadSize);
    if (length > longest) return "large";
    if (available < length) return "more";
    const checksumAt = at + length - 4;
    return fnv1a(bytes, at + HEADER_BYTES, checksumAt) === readU32(bytes, checksumAt) ? null : "checksum";
  }

  /** Answers the length of the record. */
  #describe(at: number): number {
    const batch = this.#batch;
    const { bytes } = batch;
    const view = this.#view;
    const record = batch.length;
    const payloadAt = at + HEADER_BYTES;
    const payloadSize = readU32(bytes, at + AT.payloadSize);
    view.read(bytes, payloadAt, payloadSize, bytes, payloadAt + payloadSize - 8);
    batch.at[record] = at;
    batch.payloadSize[record] = payloadSize;
    batch.sequence[record] = readU64(bytes, at + AT.sequence);
    batch.operation[record] = view.type;
    if (view.type !== 0) {
      batch.keyAt[record] = payloadAt + view.keyAt;
      batch.keyLength[record] = view.keyLength;
      batch.valueLength[record] = view.valueLength;
      batch.timestampMs[record] = view.timestampMs;
    }
    return RECORD_OVERHEAD_BYTES + payloadSize;
  }
}
