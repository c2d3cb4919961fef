/** Finds whole, valid records behind a place where reading stopped, by looking for the magic (spec 2, "Recovery decisions"). */
import { Buffer } from "node:buffer";
import { type ByteSource, readFully } from "./byte-source.js";
import { CHUNK_BYTES, ChunkReader } from "./chunk-reader.js";
import { endOfDamage } from "./damaged-operation.js";
import { AT, HEADER_BYTES, headerFault, MAGIC_BYTES, RECORD_OVERHEAD_BYTES, readU32 } from "./format.js";
import { type ScannedRecord, type ScanResult, scanRecords } from "./scan.js";

/**
 * A run of whole records that follow each other without a gap, behind the stop.
 * Regions come in file order and do not overlap.
 */
export interface RecordRegion {
  readonly offset: number;
  readonly bytes: number;
  readonly recordCount: number;
  /** Sequence of its first record. */
  readonly firstSequence: number;
}

export interface SearchResult {
  readonly regions: readonly RecordRegion[];
  readonly recordCount: number;
  /** False when the search gave up at {@link searchedBytes}: too many headers that only looked like records. */
  readonly isComplete: boolean;
  readonly searchedBytes: number;
}

export interface SearchOptions {
  /** Where a record should begin and none does: the search starts behind this place. */
  readonly behind: number;
  readonly to?: number;
  readonly signal?: AbortSignal | undefined;
  /** Called for each record, in file order. */
  readonly onRecord?: ((record: ScannedRecord) => void) | undefined;
  readonly onProgress?: ((offset: number) => void) | undefined;
  /** {@link WASTED_BYTES_MAX} unless told. */
  readonly wastedBytesMax?: number | undefined;
}

/**
 * Bytes that may be read for candidates that turn out not to be records. A crafted file can claim 64 MiB at every
 * fourth byte; without a bound the search of such a file would not end in a lifetime.
 */
const WASTED_BYTES_MAX = 4 * 1024 ** 3;

/** Looked at inside one damaged record; a crafted value could hold headers without end. */
const CANDIDATES_INSIDE_MAX = 1024;

export async function searchRecords(source: ByteSource, options: SearchOptions): Promise<SearchResult> {
  const to = options.to ?? source.size;
  const { signal, onRecord, onProgress } = options;
  const regions: RecordRegion[] = [];
  let recordCount = 0;
  let wastedBytes = 0;
  const doRecordsEnd = (from: number, end: number) => doRecordsEndAt(source, from, end, signal);
  let position = await endOfDamage(source, options.behind, to, doRecordsEnd);

  while (position < to) {
    const candidate = await findHeader(source, position, to, signal, onProgress);
    if (candidate === null) break;
    if (wastedBytes > (options.wastedBytesMax ?? WASTED_BYTES_MAX)) {
      return { regions, recordCount, isComplete: false, searchedBytes: candidate.offset };
    }
    let firstSequence = 0;
    const found: ScanResult = await scanRecords(source, {
      from: candidate.offset,
      to,
      signal,
      onRecord: (record) => {
        if (firstSequence === 0) firstSequence = record.sequence;
        onRecord?.(record);
      },
      onProgress,
    });
    if (found.recordCount === 0) {
      wastedBytes += Math.max(candidate.length, CHUNK_BYTES);
      position = candidate.offset + 1;
      continue;
    }
    const bytes = found.validBytes - candidate.offset;
    regions.push({ offset: candidate.offset, bytes, recordCount: found.recordCount, firstSequence });
    recordCount += found.recordCount;
    // Where this run ends there may be a damaged record: its own magic must not be taken for a new one.
    position = await endOfDamage(source, found.validBytes, to, doRecordsEnd);
  }
  return { regions, recordCount, isComplete: true, searchedBytes: to };
}

/** Whether whole records stand in `[from, to)` that end exactly at `to`. */
async function doRecordsEndAt(
  source: ByteSource,
  from: number,
  to: number,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  let position = from;
  for (let tries = 0; tries < CANDIDATES_INSIDE_MAX; tries += 1) {
    const candidate = await findHeader(source, position, to, signal, undefined);
    if (candidate === null) return false;
    const { recordCount, stop, validBytes } = await scanRecords(source, { from: candidate.offset, to, signal });
    if (recordCount > 0 && stop === null) return true;
    position = Math.max(validBytes, candidate.offset + 1);
  }
  // Not looked at to the end: then nothing is certain, and more rather than fewer records are found.
  return true;
}

interface Candidate {
  readonly offset: number;
  readonly length: number;
}

/** The next place where a header stands that could be one, with its record ending inside the file. */
async function findHeader(
  source: ByteSource,
  from: number,
  to: number,
  signal: AbortSignal | undefined,
  onProgress: ((offset: number) => void) | undefined,
): Promise<Candidate | null> {
  const reader = new ChunkReader(source, from, to);
  while (await reader.fill()) {
    signal?.throwIfAborted();
    const window = Buffer.from(reader.bytes.buffer, reader.bytes.byteOffset + reader.start, reader.available);
    const base = reader.offset;
    for (let at = window.indexOf(MAGIC_BYTES); at !== -1; at = window.indexOf(MAGIC_BYTES, at + 1)) {
      const offset = base + at;
      const header =
        window.length - at >= HEADER_BYTES
          ? window.subarray(at, at + HEADER_BYTES)
          : await readFully(source, offset, HEADER_BYTES);
      if (header.length < HEADER_BYTES) break;
      if (headerFault(header, 0) !== null) continue;
      const length = RECORD_OVERHEAD_BYTES + readU32(header, AT.payloadSize);
      if (offset + length <= to) return { offset, length };
    }
    // The magic may lie across two chunks: keep what could be its beginning.
    reader.consume(Math.max(0, reader.available - (MAGIC_BYTES.length - 1)));
    onProgress?.(reader.offset);
  }
  return null;
}

/** Whether `[from, to)` holds nothing but zero bytes. */
export async function isZeroFilled(
  source: ByteSource,
  from: number,
  to: number = source.size,
  signal?: AbortSignal,
): Promise<boolean> {
  const reader = new ChunkReader(source, from, to);
  while (await reader.fill()) {
    signal?.throwIfAborted();
    for (let at = reader.start; at < reader.end; at += 1) if (reader.bytes[at] !== 0) return false;
    reader.consume(reader.available);
  }
  return true;
}
