/**
 * Our own records besides delivery marks: what repair and compaction leave behind so that numbers stay what they were
 * (docs/wal-format.md, "Our own records"). They are records of type noop whose payload does not begin with 1, so the
 * C++ engine skips them.
 *
 *   numbering:  u8 0xA3, u8 1, u64 sequence, u32 occurrence of the next operation that has this sequence (from 2)
 *   compacted:  u8 0xA4, u8 1, u64 highest sequence of any record, u64 highest sequence of an operation, until then
 */
import { fnv1a } from "./checksum.js";
import {
  HEADER_BYTES,
  RECORD_OVERHEAD_BYTES,
  RECORD_TYPE,
  readU32,
  readU64,
  writeHeader,
  writeU32,
  writeU64,
} from "./format.js";
import type { ScannedRecord } from "./scan.js";

export const RECORD_NUMBERING = 0xa3;
export const RECORD_COMPACTED = 0xa4;
const VERSION = 1;
const NUMBERING_BYTES = 14;
const COMPACTED_BYTES = 18;

/** Operations of this sequence that stood in front were dropped: the next one is number `occurrence`. */
export interface Numbering {
  readonly sequence: number;
  readonly occurrence: number;
}

/** The log was compacted here. Its sequences go on behind `highestSequence`, whatever is left of the records before. */
export interface Compacted {
  readonly highestSequence: number;
  /** Of the operations only. */
  readonly highestVersion: number;
}

export function encodeNumbering({ sequence, occurrence }: Numbering): Uint8Array {
  const payload = Uint8Array.of(RECORD_NUMBERING, VERSION, ...new Uint8Array(NUMBERING_BYTES - 2));
  writeU64(payload, 2, sequence);
  writeU32(payload, 10, occurrence);
  return payload;
}

export function encodeCompacted({ highestSequence, highestVersion }: Compacted): Uint8Array {
  const payload = Uint8Array.of(RECORD_COMPACTED, VERSION, ...new Uint8Array(COMPACTED_BYTES - 2));
  writeU64(payload, 2, highestSequence);
  writeU64(payload, 10, highestVersion);
  return payload;
}

function isOwn(record: ScannedRecord, kind: number, payloadBytes: number): boolean {
  if (record.type !== RECORD_TYPE.noop || record.payloadSize !== payloadBytes) return false;
  const at = record.at + HEADER_BYTES;
  return record.bytes[at] === kind && record.bytes[at + 1] === VERSION;
}

/** `null` for any other record. */
export function readNumbering(record: ScannedRecord): Numbering | null {
  if (!isOwn(record, RECORD_NUMBERING, NUMBERING_BYTES)) return null;
  const at = record.at + HEADER_BYTES;
  return { sequence: readU64(record.bytes, at + 2), occurrence: readU32(record.bytes, at + 10) };
}

/** `null` for any other record. */
export function readCompacted(record: ScannedRecord): Compacted | null {
  if (!isOwn(record, RECORD_COMPACTED, COMPACTED_BYTES)) return null;
  const at = record.at + HEADER_BYTES;
  return { highestSequence: readU64(record.bytes, at + 2), highestVersion: readU64(record.bytes, at + 10) };
}

/** A whole record of type noop around a payload. */
export function ownRecord(payload: Uint8Array, sequence: number, timestampMs: number): Uint8Array {
  const bytes = new Uint8Array(RECORD_OVERHEAD_BYTES + payload.length);
  writeHeader(bytes, 0, { type: RECORD_TYPE.noop, sequence, timestampMs, payloadSize: payload.length });
  bytes.set(payload, HEADER_BYTES);
  writeU32(bytes, HEADER_BYTES + payload.length, fnv1a(payload, 0, payload.length));
  return bytes;
}
