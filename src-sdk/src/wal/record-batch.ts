/** Whole records off the front of a window, checked and taken apart: columns that the scanner's consumers read. */
import type { WindowSpace } from "./chunk-reader.js";
import type { HeaderFault } from "./format.js";

/** Why no more records were taken: `full` when there may be more, `more` when the next is not all there. */
export type BatchStop = "full" | "more" | "large" | "checksum" | HeaderFault;

/** By the numbers that the kernel gives them. */
export const BATCH_STOPS: readonly BatchStop[] = [
  "full",
  "more",
  "large",
  "checksum",
  "magic",
  "version",
  "sequence",
  "type",
  "status",
  "timestamp",
  "size",
];

export const BATCH_RECORDS_MAX = 256;

/** One object serves many batches: copy what you keep. Places are offsets into the window. */
export interface RecordBatch {
  readonly length: number;
  readonly stop: BatchStop;
  /** The window. */
  readonly bytes: Uint8Array;
  readonly at: Uint32Array;
  readonly payloadSize: Uint32Array;
  readonly sequence: Float64Array;
  /** `OPERATION_PUT`, `OPERATION_DELETE`, or 0 for what is not an operation: the columns that follow hold nothing then. */
  readonly operation: Uint32Array;
  readonly keyAt: Uint32Array;
  readonly keyLength: Uint32Array;
  readonly valueLength: Uint32Array;
  readonly timestampMs: Float64Array;
}

/** Takes records of windows. One serves all scans: nothing else runs between `give` and the last `take`. */
export interface RecordTaker {
  /** Where windows are to be read into, if it matters: a taker that has one serves one scan at a time. */
  readonly space?: WindowSpace;
  /** The window's bytes `[from, to)`, which must not change until the last `take`. */
  give(bytes: Uint8Array, from: number, to: number): void;
  /** Takes records of up to `longest` bytes from `[from, to)` of the window that was given. */
  take(from: number, to: number, longest: number): RecordBatch;
}
