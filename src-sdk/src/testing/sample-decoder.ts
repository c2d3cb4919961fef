/** Reads a log slowly and by the letter of spec 2, sharing no code with the reader under test. */
import { referenceFnv1aFast } from "./sample-log.js";

export interface DecodedOperation {
  readonly sequence: number;
  readonly type: number;
  readonly timestampMs: number;
  readonly key: string;
  /** null for a delete. */
  readonly value: Buffer | null;
}

/** The whole records from the front; `end` is the offset behind the last of them. */
export function decodeSampleLog(file: Buffer): { operations: DecodedOperation[]; end: number } {
  const operations: DecodedOperation[] = [];
  let end = 0;
  for (;;) {
    if (file.length - end < 34 || file.toString("latin1", end, end + 4) !== "1LAW") break;
    const payloadBytes = file.readUInt32LE(end + 26);
    if (end + 34 + payloadBytes > file.length) break;
    const payload = file.subarray(end + 30, end + 30 + payloadBytes);
    if (referenceFnv1aFast(payload) !== file.readUInt32LE(end + 30 + payloadBytes)) break;
    if (payload[0] === 1) operations.push(decodeOperation(file, end, payload));
    end += 34 + payloadBytes;
  }
  return { operations, end };
}

function decodeOperation(file: Buffer, at: number, payload: Buffer): DecodedOperation {
  const keyBytes = payload.readUInt32LE(2);
  const valueBytes = payload.readUInt32LE(6 + keyBytes);
  const valueAt = 10 + keyBytes;
  return {
    sequence: Number(file.readBigUInt64LE(at + 8)),
    type: file.readUInt8(at + 16),
    timestampMs: Number(payload.readBigInt64LE(valueAt + valueBytes)),
    key: payload.toString("utf8", 6, 6 + keyBytes),
    value: payload[1] === 2 ? null : Buffer.from(payload.subarray(valueAt, valueAt + valueBytes)),
  };
}
