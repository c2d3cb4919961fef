/**
 * The store operation: the payload of a store record (spec 2).
 *
 * u8 format version 1, u8 type (1 put, 2 delete), string key, string value, i64 operation timestamp, nothing behind it.
 */
import { PAYLOAD_BYTES_MAX, readI64, readU32, writeU32, writeU64 } from "./format.js";

export const OPERATION_FORMAT = 1;
export const OPERATION_PUT = 1;
export const OPERATION_DELETE = 2;
/** What an operation takes besides its key and value. */
export const OPERATION_OVERHEAD_BYTES = 18;
/** 1 MiB, the C++ engine's limit. */
export const KEY_BYTES_MAX = 1_048_576;

const KEY_AT = 6;

/** The largest value that fits beside a key of `keyBytes`: 64 MiB less the operation's own 18 bytes and the key. */
export function valueBytesMax(keyBytes: number): number {
  return PAYLOAD_BYTES_MAX - OPERATION_OVERHEAD_BYTES - keyBytes;
}

export function operationBytes(keyBytes: number, valueBytes: number): number {
  return OPERATION_OVERHEAD_BYTES + keyBytes + valueBytes;
}

/** How far behind the beginning of its key a value begins: its length stands between them. */
export function valueFrom(keyLength: number): number {
  return keyLength + 4;
}

/** Writes the operation at `at` and returns the offset behind it. */
export function writeOperation(
  into: Uint8Array,
  at: number,
  type: number,
  key: Uint8Array,
  value: Uint8Array,
  timestampMs: number,
): number {
  into[at] = OPERATION_FORMAT;
  into[at + 1] = type;
  writeU32(into, at + 2, key.length);
  into.set(key, at + KEY_AT);
  const valueLengthAt = at + KEY_AT + key.length;
  writeU32(into, valueLengthAt, value.length);
  into.set(value, valueLengthAt + 4);
  const timestampAt = valueLengthAt + 4 + value.length;
  writeU64(into, timestampAt, timestampMs);
  return timestampAt + 8;
}

/** Where the parts of an operation lie, as offsets into the payload. Reused by scanners: copy what you keep. */
export class OperationView {
  /** {@link OPERATION_PUT}, {@link OPERATION_DELETE}, or 0 when the payload is not an operation. */
  type = 0;
  keyAt = 0;
  keyLength = 0;
  valueAt = 0;
  valueLength = 0;
  timestampMs = 0;

  /**
   * Reads the parts from a payload of `payloadSize` bytes whose first bytes are at `bytes[at]`. `tail` holds the
   * last eight bytes of the payload at `tailAt` (the same array, when the whole payload is there).
   * Returns false, and sets `type` to 0, when the payload is not an operation.
   */
  read(bytes: Uint8Array, at: number, payloadSize: number, tail: Uint8Array, tailAt: number): boolean {
    this.type = 0;
    if (payloadSize < OPERATION_OVERHEAD_BYTES + 1 || bytes[at] !== OPERATION_FORMAT) return false;
    const type = bytes[at + 1] as number;
    if (type !== OPERATION_PUT && type !== OPERATION_DELETE) return false;
    const keyLength = readU32(bytes, at + 2);
    if (keyLength === 0 || keyLength > KEY_BYTES_MAX || OPERATION_OVERHEAD_BYTES + keyLength > payloadSize) {
      return false;
    }
    const valueLength = readU32(bytes, at + KEY_AT + keyLength);
    if (OPERATION_OVERHEAD_BYTES + keyLength + valueLength !== payloadSize) return false;
    if (type === OPERATION_DELETE && valueLength !== 0) return false;
    const timestampMs = readI64(tail, tailAt);
    if (timestampMs <= 0) return false;
    this.type = type;
    this.keyAt = KEY_AT;
    this.keyLength = keyLength;
    this.valueAt = KEY_AT + valueFrom(keyLength);
    this.valueLength = valueLength;
    this.timestampMs = timestampMs;
    return true;
  }
}
