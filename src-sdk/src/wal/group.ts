/**
 * Tells an unfinished group of writes from damage (docs/decisions/0011).
 *
 * Records that are written and synced together are a group. A disk that loses power may have kept any of the group's
 * sectors and not the others, so that whole records stand behind torn ones although nothing of them was acknowledged.
 * Every record of a group but the first says that it continues one: an operation by its record type (update instead of
 * put), a delivery mark by the top bit of its version. A group begins only when everything before it is on the disk, so
 * bytes behind which every whole record continues a group belong to the last group of the file.
 */
import type { ByteSource } from "./byte-source.js";
import { ChunkReader } from "./chunk-reader.js";
import { HEADER_BYTES, RECORD_TYPE } from "./format.js";
import { isContinuingMark } from "./marks.js";
import type { ScannedRecord } from "./scan.js";
import type { SearchResult } from "./search.js";

/** What one group spans at most, unless it is a single record: bounds what recovery may take for unfinished. */
export const GROUP_BYTES_MAX = 4 * 1024 * 1024;
/** What a disk writes whole or not at all, at least; larger sectors and pages are multiples of it. */
export const SECTOR_BYTES = 512;

/** Whether the record says that it was written and synced together with the one before it. */
export function continuesGroup(record: ScannedRecord): boolean {
  if (record.type === RECORD_TYPE.update) return record.operation.type !== 0;
  return (
    record.type === RECORD_TYPE.noop && isContinuingMark(record.bytes, record.at + HEADER_BYTES, record.payloadSize)
  );
}

/**
 * Whether everything from `stopAt` on is one group that was not synced to its end, with a hole in it: each stretch of
 * bad bytes before a whole record has a sector that never reached the disk. A flipped bit leaves none, and stays damage.
 */
export async function isUnfinishedGroup(
  source: ByteSource,
  stopAt: number,
  behind: SearchResult,
  startsBehind: number,
): Promise<boolean> {
  if (behind.recordCount === 0 || !behind.isComplete || startsBehind > 0) return false;
  if (source.size - stopAt > GROUP_BYTES_MAX) return false;
  let from = stopAt;
  for (const region of behind.regions) {
    if (!(await hasUnwrittenSector(source, from, region.offset))) return false;
    from = region.offset + region.bytes;
  }
  return true;
}

/** Whether a sector within `[from, to)` holds only zeros: what a file system shows where nothing was written. */
async function hasUnwrittenSector(source: ByteSource, from: number, to: number): Promise<boolean> {
  const reader = new ChunkReader(source, from, to);
  // The front of the first sector may hold older records: it counts from `from` on, where a written record has its magic.
  let sectorStart = from;
  while (await reader.fill()) {
    for (;;) {
      const sectorEnd = sectorStart - (sectorStart % SECTOR_BYTES) + SECTOR_BYTES;
      if (sectorEnd > to) return false;
      const length = sectorEnd - sectorStart;
      if (reader.available < length) break;
      if (isZero(reader.bytes, reader.start, reader.start + length)) return true;
      reader.consume(length);
      sectorStart = sectorEnd;
    }
  }
  return false;
}

function isZero(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if (bytes[at] !== 0) return false;
  return true;
}
