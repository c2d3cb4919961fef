/**
 * The WAL file, format version 1, as reader and writer share it (docs/wal-format.md, spec 2).
 *
 * A file is records one after another from offset 0: a 30-byte header, the payload, a 4-byte checksum.
 * All integers are little-endian. The checksum covers the payload only: the header is not protected.
 */

/** `1LAW` on disk. */
export const MAGIC = 0x57414c31;
export const MAGIC_BYTES = Uint8Array.of(0x31, 0x4c, 0x41, 0x57);
export const FORMAT_VERSION = 1;

export const HEADER_BYTES = 30;
export const CHECKSUM_BYTES = 4;
/** What a record takes besides its payload. */
export const RECORD_OVERHEAD_BYTES = HEADER_BYTES + CHECKSUM_BYTES;
/** The C++ engine refuses larger payloads, when reading and when writing. */
export const PAYLOAD_BYTES_MAX = 67_108_864;

/** Offsets of the header fields. */
export const AT = {
  magic: 0,
  version: 4,
  sequence: 8,
  type: 16,
  status: 17,
  timestamp: 18,
  payloadSize: 26,
} as const;

export const RECORD_TYPE = { put: 1, update: 2, delete: 3, checkpoint: 4, noop: 5 } as const;
export type RecordTypeName = keyof typeof RECORD_TYPE;
const TYPE_NAMES: readonly (RecordTypeName | undefined)[] = [
  undefined,
  "put",
  "update",
  "delete",
  "checkpoint",
  "noop",
];

export const RECORD_STATUS = { pending: 0, persisted: 1, applied: 2, failed: 3 } as const;
export type RecordStatusName = keyof typeof RECORD_STATUS;
const STATUS_NAMES: readonly RecordStatusName[] = ["pending", "persisted", "applied", "failed"];

export function recordTypeName(type: number): RecordTypeName | undefined {
  return TYPE_NAMES[type];
}

export function recordStatusName(status: number): RecordStatusName | undefined {
  return STATUS_NAMES[status];
}

/** Largest sequence a JavaScript number holds exactly. A greater one takes 9e15 writes, so it means a damaged header. */
export const SEQUENCE_MAX = Number.MAX_SAFE_INTEGER;

export function readU32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24)) >>>
    0
  );
}

/** An unsigned 64-bit integer as a number: exact up to 2^53 - 1, the nearest double above. */
export function readU64(bytes: Uint8Array, at: number): number {
  return readU32(bytes, at) + readU32(bytes, at + 4) * 4_294_967_296;
}

/** A signed 64-bit integer as a number: exact within +-(2^53 - 1), the nearest double outside. */
export function readI64(bytes: Uint8Array, at: number): number {
  return readU32(bytes, at) + (readU32(bytes, at + 4) | 0) * 4_294_967_296;
}

export function writeU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
}

/** What 2^64 - 1 is as a number: the nearest double, one too many for 64 bits. */
const U64_MAX = 2 ** 64;

/** Writes what `readU64` answers as 64 bits that it answers the same for. */
export function writeU64(bytes: Uint8Array, at: number, value: number): void {
  writeU32(bytes, at, value >= U64_MAX ? 0xffff_ffff : value >>> 0);
  writeU32(bytes, at + 4, value >= U64_MAX ? 0xffff_ffff : Math.floor(value / 4_294_967_296));
}

export interface HeaderFields {
  readonly type: number;
  readonly sequence: number;
  /** Milliseconds since the Unix epoch, > 0. */
  readonly timestampMs: number;
  readonly payloadSize: number;
}

/** Writes the 30 header bytes at `at`, with status `persisted`: writers write no other. */
export function writeHeader(bytes: Uint8Array, at: number, fields: HeaderFields): void {
  writeU32(bytes, at + AT.magic, MAGIC);
  writeU32(bytes, at + AT.version, FORMAT_VERSION);
  writeU64(bytes, at + AT.sequence, fields.sequence);
  bytes[at + AT.type] = fields.type;
  bytes[at + AT.status] = RECORD_STATUS.persisted;
  writeU64(bytes, at + AT.timestamp, fields.timestampMs);
  writeU32(bytes, at + AT.payloadSize, fields.payloadSize);
}

/** Why a header cannot be the header of a record; `null` when it can. Needs 30 bytes at `at`. */
export type HeaderFault = "magic" | "version" | "sequence" | "type" | "status" | "timestamp" | "size";

export function headerFault(bytes: Uint8Array, at: number): HeaderFault | null {
  if (readU32(bytes, at + AT.magic) !== MAGIC) return "magic";
  if (readU32(bytes, at + AT.version) !== FORMAT_VERSION) return "version";
  const payloadSize = readU32(bytes, at + AT.payloadSize);
  if (payloadSize > PAYLOAD_BYTES_MAX) return "size";
  const type = bytes[at + AT.type] as number;
  if (type < RECORD_TYPE.put || type > RECORD_TYPE.noop) return "type";
  if ((bytes[at + AT.status] as number) > RECORD_STATUS.failed) return "status";
  if (readU64(bytes, at + AT.sequence) === 0) return "sequence";
  if (readI64(bytes, at + AT.timestamp) <= 0) return "timestamp";
  if (payloadSize === 0 && type < RECORD_TYPE.checkpoint) return "size";
  return null;
}
