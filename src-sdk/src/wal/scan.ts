/** Reads records from the front of a log until the first that is not whole and valid. It never repairs and never throws for bad bytes. */
import type { ByteSource } from "./byte-source.js";
import { readFully } from "./byte-source.js";
import { FNV_BASIS, fnv1a } from "./checksum.js";
import { CHUNK_BYTES, ChunkReader } from "./chunk-reader.js";
import {
  AT,
  CHECKSUM_BYTES,
  HEADER_BYTES,
  type HeaderFault,
  MAGIC_BYTES,
  RECORD_OVERHEAD_BYTES,
  readI64,
  readU32,
  readU64,
} from "./format.js";
import { fastestTaker } from "./kernel.js";
import { KEY_BYTES_MAX, OPERATION_OVERHEAD_BYTES, OperationView } from "./operation.js";
import type { RecordBatch, RecordTaker } from "./record-batch.js";

/**
 * The record under the scanner. One object serves the whole scan: copy what you keep, and do not hold on to `bytes`.
 */
export class ScannedRecord {
  /** The window the record lies in; its header starts at `bytes[at]`. */
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  /** Offset in the file. */
  offset = 0;
  payloadSize = 0;
  /** Stored checksum; it was found to be right. */
  checksum = 0;
  /** False for a record longer than the scanner's window: `bytes` then holds its header and key, not all of it. */
  isWhole = true;
  /** Its `type` is 0 when the payload is not a store operation. */
  readonly operation = new OperationView();

  get length(): number {
    return RECORD_OVERHEAD_BYTES + this.payloadSize;
  }
  get sequence(): number {
    return readU64(this.bytes, this.at + AT.sequence);
  }
  get type(): number {
    return this.bytes[this.at + AT.type] as number;
  }
  get status(): number {
    return this.bytes[this.at + AT.status] as number;
  }
  get timestampMs(): number {
    return readI64(this.bytes, this.at + AT.timestamp);
  }
}

/** Why reading stopped. `short` and `past-end` mean that the file ended first. */
export type StopReason = "short" | "past-end" | "checksum" | HeaderFault;

export interface ScanStop {
  readonly offset: number;
  readonly reason: StopReason;
  /** Bytes from the stop to the end of the file. */
  readonly restBytes: number;
  /** How many of the first bytes there are those of the magic: 0 to 4. */
  readonly magicBytes: number;
  /** What the header says the record takes in all; absent when the header is not there or makes no sense. */
  readonly claimedBytes?: number;
  /** The header's sequence, when its first 16 bytes are there and start with the magic. */
  readonly sequence?: number;
}

/** Whether the first `length` bytes at the stop are those of a record, as far as the magic goes. */
export function beginsAsRecord(stop: ScanStop, length: number = stop.restBytes): boolean {
  return stop.magicBytes >= Math.min(length, MAGIC_BYTES.length);
}

export interface ScanOptions {
  /** Offset of the first record; 0 unless told. */
  readonly from?: number;
  /** Where to end; the source's size unless told. */
  readonly to?: number;
  readonly signal?: AbortSignal | undefined;
  readonly onRecord?: (record: ScannedRecord) => void;
  /**
   * Called instead of `onRecord` with the operations `[from, to)` of a batch, in file order with the other records; not
   * with those longer than the window. The batch's window begins at `windowOffset` in the file.
   */
  readonly onOperations?: ((batch: RecordBatch, from: number, to: number, windowOffset: number) => void) | undefined;
  /** Takes the records; the fastest there is unless told. */
  readonly taker?: RecordTaker | undefined;
  /** Called once a chunk with the offset reached. */
  readonly onProgress?: ((offset: number) => void) | undefined;
}

export interface ScanResult {
  readonly recordCount: number;
  /** Offset behind the last whole record. */
  readonly validBytes: number;
  /** `null` when every byte belongs to a whole, valid record. */
  readonly stop: ScanStop | null;
}

/** The window holds no further whole record, or one that is longer than a window. */
type WindowEnd = StopReason | "more" | "large";
type RecordEnd = StopReason | "more";

/** Longer records are checked in pieces instead of being held in memory. */
export const WINDOW_RECORD_BYTES_MAX = CHUNK_BYTES;
/** Everything an operation has in front of its value. */
const OPERATION_HEAD_BYTES_MAX = OPERATION_OVERHEAD_BYTES + KEY_BYTES_MAX;

/** @throws the signal's reason, or what the source throws; bad bytes are a `stop`, never an exception. */
export async function scanRecords(source: ByteSource, options: ScanOptions = {}): Promise<ScanResult> {
  const windows = scanWindows(source, options);
  for (;;) {
    const step = await windows.next();
    if (step.done) return step.value;
  }
}

/** As `scanRecords`, pausing after each window of about {@link CHUNK_BYTES}: for consumers that pull. */
export async function* scanWindows(source: ByteSource, options: ScanOptions = {}): AsyncGenerator<void, ScanResult> {
  const to = options.to ?? source.size;
  const scan = new Scan(source, options.from ?? 0, to, options);
  for (;;) {
    options.signal?.throwIfAborted();
    const filled = scan.window();
    const ended = filled === "large" ? await scan.largeRecord(options.signal) : filled;
    if (ended !== "more") return scan.result(ended);
    options.onProgress?.(scan.offset);
    yield;
    if (await scan.fill()) continue;
    if (scan.available === 0) return scan.result(null);
    return scan.result(scan.available < HEADER_BYTES ? "short" : "past-end");
  }
}

class Scan {
  #reader: ChunkReader;
  readonly #source: ByteSource;
  readonly #to: number;
  readonly #options: ScanOptions;
  readonly #taker: RecordTaker;
  readonly #record = new ScannedRecord();
  #count = 0;

  constructor(source: ByteSource, from: number, to: number, options: ScanOptions) {
    this.#source = source;
    this.#to = to;
    this.#options = options;
    this.#taker = options.taker ?? fastestTaker();
    this.#reader = this.#readerFrom(from);
  }

  #readerFrom(offset: number): ChunkReader {
    return new ChunkReader(this.#source, offset, this.#to, this.#taker.space);
  }

  get offset(): number {
    return this.#reader.offset;
  }

  get available(): number {
    return this.#reader.available;
  }

  fill(): Promise<boolean> {
    return this.#reader.fill();
  }

  /** Takes every whole record of the window. */
  window(): WindowEnd {
    const reader = this.#reader;
    if (reader.available < HEADER_BYTES) return "more";
    this.#taker.give(reader.bytes, reader.start, reader.end);
    for (;;) {
      const batch = this.#taker.take(reader.start, reader.end, WINDOW_RECORD_BYTES_MAX);
      const { length, stop } = batch;
      this.#deliverBatch(batch);
      if (length > 0) {
        const last = length - 1;
        const end = (batch.at[last] as number) + RECORD_OVERHEAD_BYTES + (batch.payloadSize[last] as number);
        reader.consume(end - reader.start);
      }
      if (stop !== "full") return stop;
    }
  }

  #deliverBatch(batch: RecordBatch): void {
    const { onRecord, onOperations } = this.#options;
    const { length, at, payloadSize, operation } = batch;
    const { bytes, offset, start } = this.#reader;
    this.#count += length;
    for (let i = 0; i < length; ) {
      let to = i;
      if (onOperations !== undefined) while (to < length && operation[to] !== 0) to += 1;
      if (to > i) onOperations?.(batch, i, to, offset - start);
      else if (onRecord !== undefined) {
        const recordAt = at[i] as number;
        const size = payloadSize[i] as number;
        const checksumAt = recordAt + HEADER_BYTES + size;
        const checksum = readU32(bytes, checksumAt);
        this.#deliver(bytes, recordAt, offset - start + recordAt, size, checksum, bytes, checksumAt - 8, true);
      }
      i = Math.max(to, i + 1);
    }
  }

  /** Checks the record at the front of the window in pieces, then goes on behind it with a new window. */
  async largeRecord(signal: AbortSignal | undefined): Promise<RecordEnd> {
    const offset = this.offset;
    const payloadSize = readU32(this.#reader.bytes, this.#reader.start + AT.payloadSize);
    const length = RECORD_OVERHEAD_BYTES + payloadSize;
    if (offset + length > this.#to) return "past-end";

    const checksumAt = offset + HEADER_BYTES + payloadSize;
    const pieces = new ChunkReader(this.#source, offset + HEADER_BYTES, checksumAt);
    let hash = FNV_BASIS;
    while (await pieces.fill()) {
      signal?.throwIfAborted();
      hash = fnv1a(pieces.bytes, pieces.start, pieces.end, hash);
      pieces.consume(pieces.available);
    }
    const tail = await readFully(this.#source, checksumAt - 8, 8 + CHECKSUM_BYTES);
    if (pieces.offset !== checksumAt || tail.length < 8 + CHECKSUM_BYTES) return "past-end";
    const checksum = readU32(tail, 8);
    if (hash !== checksum) return "checksum";

    const head = await readFully(this.#source, offset, HEADER_BYTES + Math.min(payloadSize, OPERATION_HEAD_BYTES_MAX));
    this.#count += 1;
    this.#deliver(head, 0, offset, payloadSize, checksum, tail, 0, false);
    await this.#reader.idle();
    this.#reader = this.#readerFrom(offset + length);
    return "more";
  }

  #deliver(
    bytes: Uint8Array,
    at: number,
    offset: number,
    payloadSize: number,
    checksum: number,
    tail: Uint8Array,
    tailAt: number,
    isWhole: boolean,
  ): void {
    const { onRecord } = this.#options;
    if (onRecord === undefined) return;
    const record = this.#record;
    record.bytes = bytes;
    record.at = at;
    record.offset = offset;
    record.payloadSize = payloadSize;
    record.checksum = checksum;
    record.isWhole = isWhole;
    record.operation.read(bytes, at + HEADER_BYTES, payloadSize, tail, tailAt);
    onRecord(record);
  }

  result(reason: StopReason | null): ScanResult {
    const validBytes = this.offset;
    if (reason === null) return { recordCount: this.#count, validBytes, stop: null };
    const { bytes, start, available } = this.#reader;
    let magicBytes = 0;
    while (
      magicBytes < Math.min(available, MAGIC_BYTES.length) &&
      bytes[start + magicBytes] === MAGIC_BYTES[magicBytes]
    ) {
      magicBytes += 1;
    }
    const hasMagic = magicBytes === MAGIC_BYTES.length;
    const hasSize = hasMagic && available >= HEADER_BYTES && reason !== "version" && reason !== "size";
    return {
      recordCount: this.#count,
      validBytes,
      stop: {
        offset: validBytes,
        reason,
        restBytes: this.#to - validBytes,
        magicBytes,
        ...(hasMagic && available >= AT.type ? { sequence: readU64(bytes, start + AT.sequence) } : {}),
        ...(hasSize ? { claimedBytes: RECORD_OVERHEAD_BYTES + readU32(bytes, start + AT.payloadSize) } : {}),
      },
    };
  }
}
