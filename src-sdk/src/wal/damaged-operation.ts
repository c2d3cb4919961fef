/**
 * Looks at bytes where reading stopped for an operation that is still recognisable: one whose header agrees with its
 * own lengths about its size. It tells which key a damaged record was about, and where the record ends, so that bytes
 * inside its value are not taken for records of the log (docs/wal-format.md, "Reading, and where it stops").
 */
import { type ByteSource, readFully } from "./byte-source.js";
import { AT, HEADER_BYTES, headerFault, PAYLOAD_BYTES_MAX, RECORD_OVERHEAD_BYTES, readU32, readU64 } from "./format.js";
import { KEY_BYTES_MAX, OPERATION_OVERHEAD_BYTES, OperationView } from "./operation.js";
import { scanRecords } from "./scan.js";

/** An operation that no reader takes, because its record is damaged; none of it is protected by a checksum. */
export interface DamagedOperation {
  readonly offset: number;
  /** What its record takes in all. */
  readonly length: number;
  readonly sequence: number;
  /** `OPERATION_PUT` or `OPERATION_DELETE`. */
  readonly type: number;
  readonly keyBytes: Uint8Array;
}

/** Null when nothing at `offset` can be read as an operation that ends at or before `to`. Looks at no value. */
export async function damagedOperationAt(
  source: ByteSource,
  offset: number,
  to: number,
): Promise<DamagedOperation | null> {
  const header = await readFully(source, offset, HEADER_BYTES);
  if (header.length < HEADER_BYTES) return null;
  const payloadSize = readU32(header, AT.payloadSize);
  const length = RECORD_OVERHEAD_BYTES + payloadSize;
  if (payloadSize > PAYLOAD_BYTES_MAX || payloadSize <= OPERATION_OVERHEAD_BYTES || offset + length > to) return null;
  const payloadAt = offset + HEADER_BYTES;
  const head = await readFully(source, payloadAt, Math.min(payloadSize, OPERATION_OVERHEAD_BYTES + KEY_BYTES_MAX));
  const tail = await readFully(source, payloadAt + payloadSize - 8, 8);
  const view = new OperationView();
  if (tail.length < 8 || !view.read(head, 0, payloadSize, tail, 0)) return null;
  const keyBytes = head.slice(view.keyAt, view.keyAt + view.keyLength);
  return { offset, length, sequence: readU64(header, AT.sequence), type: view.type, keyBytes };
}

/**
 * Where to look for records behind the bad bytes at `offset`: behind the damaged record when its end is certain, else
 * at the next byte. A value may itself hold whole records, a log stored as a value for one; those never belonged to
 * this log. The end counts as certain when the operation's lengths confirm the header's, a whole record or the end of
 * the file follows, and no records end exactly there: inside a value they cannot, because the operation's time and the
 * checksum follow it, but records that a writer appended behind a torn one can.
 */
export async function endOfDamage(
  source: ByteSource,
  offset: number,
  to: number,
  doRecordsEndAt: (from: number, to: number) => Promise<boolean>,
): Promise<number> {
  const operation = await damagedOperationAt(source, offset, to);
  if (operation === null) return offset + 1;
  const end = offset + operation.length;
  if (end !== to && !(await isRecordAt(source, end, to))) return offset + 1;
  return (await doRecordsEndAt(offset + 1, end)) ? offset + 1 : end;
}

async function isRecordAt(source: ByteSource, offset: number, to: number): Promise<boolean> {
  const header = await readFully(source, offset, HEADER_BYTES);
  if (header.length < HEADER_BYTES || headerFault(header, 0) !== null) return false;
  const end = offset + RECORD_OVERHEAD_BYTES + readU32(header, AT.payloadSize);
  return end <= to && (await scanRecords(source, { from: offset, to: end })).recordCount === 1;
}
