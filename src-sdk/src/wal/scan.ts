/** Reads records from the front of a log until the first that is not whole and valid. It never repairs and never throws for bad bytes. */
import type { ByteSource } from "./byte-source.js";
import { readFully } from "./byte-source.js";
import { FNV_BASIS, fnv1a, fnv1aOfEach } from "./checksum.js";
import { CHUNK_BYTES, ChunkReader } from "./chunk-reader.js";
import {
  AT,
  CHECKSUM_BYTES,
  HEADER_BYTES,
  type HeaderFault,
  headerFault,
  MAGIC_BYTES,
  RECORD_OVERHEAD_BYTES,
  readI64,
  readU32,
  readU64,
} from "./format.js";
import { KEY_BYTES_MAX, OPERATION_OVERHEAD_BYTES, OperationView } from "./operation.js";

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

const MORE = 1;
const LARGE = 2;
type WindowEnd = StopReason | typeof MORE | typeof LARGE;
type RecordEnd = StopReason | typeof MORE;

/** Records whose checksums are computed together: enough to keep the lanes full, few enough to be found in the cache again. */
const BATCH_RECORDS = 64;

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
  const scan = new Scan(source, options.from ?? 0, to, options.onRecord);
  for (;;) {
    options.signal?.throwIfAborted();
    const filled = scan.window();
    const ended = filled === LARGE ? await scan.largeRecord(options.signal) : filled;
    if (ended !== MORE) return scan.result(ended);
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
  readonly #onRecord: ((record: ScannedRecord) => void) | undefined;
  readonly #record = new ScannedRecord();
  /** Whole records of the window that are checked next. */
  readonly #batch = {
    payloads: new Uint32Array(BATCH_RECORDS),
    sizes: new Uint32Array(BATCH_RECORDS),
    sums: new Uint32Array(BATCH_RECORDS),
    length: 0,
  };
  #count = 0;

  constructor(source: ByteSource, from: number, to: number, onRecord: ((record: ScannedRecord) => void) | undefined) {
    this.#reader = new ChunkReader(source, from, to);
    this.#source = source;
    this.#to = to;
    this.#onRecord = onRecord;
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
    for (;;) {
      const end = this.#gatherBatch();
      const { bytes } = this.#reader;
      const { payloads, sizes, sums, length } = this.#batch;
      fnv1aOfEach(bytes, payloads, sizes, length, sums);
      for (let i = 0; i < length; i += 1) {
        const payloadAt = payloads[i] as number;
        const payloadSize = sizes[i] as number;
        const checksumAt = payloadAt + payloadSize;
        const checksum = readU32(bytes, checksumAt);
        if (sums[i] !== checksum) return "checksum";
        this.#deliver(bytes, payloadAt - HEADER_BYTES, payloadSize, checksum, bytes, checksumAt - 8, true);
        this.#reader.consume(RECORD_OVERHEAD_BYTES + payloadSize);
      }
      if (end !== null) return end;
    }
  }

  /** Finds the next whole records; says why there are no more of them, or null when there may be. */
  #gatherBatch(): WindowEnd | null {
    const { bytes, start, end } = this.#reader;
    const batch = this.#batch;
    batch.length = 0;
    for (let at = start; batch.length < BATCH_RECORDS; ) {
      const available = end - at;
      if (available < HEADER_BYTES) return MORE;
      const fault = headerFault(bytes, at);
      if (fault !== null) return fault;
      const payloadSize = readU32(bytes, at + AT.payloadSize);
      const length = RECORD_OVERHEAD_BYTES + payloadSize;
      if (length > WINDOW_RECORD_BYTES_MAX) return LARGE;
      if (available < length) return MORE;
      batch.payloads[batch.length] = at + HEADER_BYTES;
      batch.sizes[batch.length] = payloadSize;
      batch.length += 1;
      at += length;
    }
    return null;
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
    this.#deliver(head, 0, payloadSize, checksum, tail, 0, false);
    this.#reader = new ChunkReader(this.#source, offset + length, this.#to);
    return MORE;
  }

  #deliver(
    bytes: Uint8Array,
    at: number,
    payloadSize: number,
    checksum: number,
    tail: Uint8Array,
    tailAt: number,
    isWhole: boolean,
  ): void {
    this.#count += 1;
    if (this.#onRecord === undefined) return;
    const record = this.#record;
    record.bytes = bytes;
    record.at = at;
    record.offset = this.offset;
    record.payloadSize = payloadSize;
    record.checksum = checksum;
    record.isWhole = isWhole;
    record.operation.read(bytes, at + HEADER_BYTES, payloadSize, tail, tailAt);
    this.#onRecord(record);
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
