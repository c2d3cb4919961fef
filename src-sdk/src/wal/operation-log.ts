/** What the node asks of the place its operations are kept: a file, or memory. */
import { DONE, type Result } from "../result.js";
import type { KeyProbe } from "../store/key-probe.js";
import type { Value } from "../value.js";

/** Larger values are read on the thread pool; for smaller ones the trip costs more than the read. */
export const SYNC_READ_BYTES_MAX = 64 * 1024;

/** One store operation, accepted and not yet recorded. */
export interface OperationWrite {
  /** `OPERATION_PUT` or `OPERATION_DELETE`. */
  readonly type: number;
  readonly key: Uint8Array;
  /** Empty for a delete. */
  readonly value: Uint8Array;
  /** Milliseconds since the Unix epoch, > 0. */
  readonly timestampMs: number;
}

/**
 * An operation that now counts, told in the order of the log. One object serves many, and so does `bytes`: copy what
 * you keep.
 */
export interface RecordedOperation {
  type: number;
  /** Holds the key, in `[keyFrom, keyTo)`. */
  bytes: Uint8Array;
  keyFrom: number;
  keyTo: number;
  valueLength: number;
  timestampMs: number;
  /** Sequence of its record: the version of the entry. */
  sequence: number;
  /** Where it is, for the calls that read: of a file, where its key is. */
  location: number;
}

/** Of a write that was recorded before `append` returned; one promise for all of them. */
export const RECORDED: Promise<Result<void>> = Promise.resolve(DONE);

export interface OperationSink {
  /** Called before the promise of the write resolves. */
  recorded(operation: RecordedOperation): void;
  /** A write in the background failed; it is tried again. */
  backgroundFailed(error: Error): void;
}

export interface OperationLog {
  /**
   * Resolves when the operation is as durable as the node's options ask, and the sink has been told; or {@link RECORDED}.
   * What a caller is to see of a failure comes as a Result: a promise more for each write would take a tenth of its time.
   */
  append(write: OperationWrite): Promise<Result<void>>;
  /** As `append`, for a record of our own that is not an operation, and with a failure that rejects. */
  appendMark(payload: Uint8Array, timestampMs: number): Promise<void>;
  /** The value of the operation at `location`, which is as long as told; null when that is not one of this key. */
  readOf(key: KeyProbe, location: number, valueLength: number): Value | null;
  /** As `readOf`, on the thread pool when that is worth the trip. The key need not stay what it is. */
  readLater(key: KeyProbe, location: number, valueLength: number): Promise<Value | null>;
  /** Everything accepted so far is on the disk when it resolves. */
  flush(): Promise<void>;
  /** Flushes, then lets go of everything. A failed flush leaves the log open. */
  close(): Promise<void>;
}

export function emptyRecordedOperation(): RecordedOperation {
  return {
    type: 0,
    bytes: new Uint8Array(0),
    keyFrom: 0,
    keyTo: 0,
    valueLength: 0,
    timestampMs: 0,
    sequence: 0,
    location: 0,
  };
}
