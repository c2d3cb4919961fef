/**
 * Our own records: what a node remembers about delivery, in the same file as the operations (docs/wal-format.md).
 *
 * They are records of type noop whose payload does not begin with 1, so the C++ engine skips them.
 *   u8  kind          0xA1 acknowledged, 0xA2 abandoned
 *   u8  version       1; 0x81 when the record was written and synced together with the one before it
 *   string peer       node id of the peer that acknowledged; empty: by every peer that counts
 *   u32 count, then count times: u64 sequence, u32 occurrence of that sequence among the operations of the file (from 1)
 */
import { readU32, readU64, writeU32, writeU64 } from "./format.js";

export const MARK_ACKNOWLEDGED = 0xa1;
export const MARK_ABANDONED = 0xa2;
const MARK_VERSION = 1;
/** In the version byte: the mark continues a group (group.ts). */
const CONTINUES_GROUP = 0x80;
const REFERENCE_BYTES = 12;
const PEER_AT = 6;
/** Keeps a mark near a page of the file; more operations take more marks. */
export const MARK_REFERENCES_MAX = 256;

export interface OperationReference {
  readonly sequence: number;
  /** 1 unless the sequence repeats in this file. */
  readonly occurrence: number;
}

export interface DeliveryMark {
  readonly kind: typeof MARK_ACKNOWLEDGED | typeof MARK_ABANDONED;
  readonly peer: string;
  readonly operations: readonly OperationReference[];
}

export function encodeMark(mark: DeliveryMark): Uint8Array {
  const peer = new TextEncoder().encode(mark.peer);
  const payload = new Uint8Array(PEER_AT + peer.length + 4 + mark.operations.length * REFERENCE_BYTES);
  payload[0] = mark.kind;
  payload[1] = MARK_VERSION;
  writeU32(payload, 2, peer.length);
  payload.set(peer, PEER_AT);
  let at = PEER_AT + peer.length;
  writeU32(payload, at, mark.operations.length);
  at += 4;
  for (const { sequence, occurrence } of mark.operations) {
    writeU64(payload, at, sequence);
    writeU32(payload, at + 8, occurrence);
    at += REFERENCE_BYTES;
  }
  return payload;
}

/** Whether the payload begins as a delivery mark, and so has a place to say that it continues a group. */
export function isMarkPayload(bytes: Uint8Array, from = 0, size = bytes.length): boolean {
  const kind = bytes[from];
  return size > 1 && (kind === MARK_ACKNOWLEDGED || kind === MARK_ABANDONED);
}

/** Has an encoded mark say that it continues a group. */
export function setContinuingMark(bytes: Uint8Array, from: number): void {
  bytes[from + 1] = MARK_VERSION | CONTINUES_GROUP;
}

/** Whether the payload is a mark that was written and synced together with the record before it. */
export function isContinuingMark(bytes: Uint8Array, from: number, size: number): boolean {
  return isMarkPayload(bytes, from, size) && bytes[from + 1] === (MARK_VERSION | CONTINUES_GROUP);
}

/** `null` for a payload that is not a mark we know: it stays in the file and means nothing to us. */
export function decodeMark(bytes: Uint8Array, from: number, size: number): DeliveryMark | null {
  if (size < PEER_AT + 4) return null;
  const kind = bytes[from];
  if (kind !== MARK_ACKNOWLEDGED && kind !== MARK_ABANDONED) return null;
  if (((bytes[from + 1] as number) & ~CONTINUES_GROUP) !== MARK_VERSION) return null;
  const peerLength = readU32(bytes, from + 2);
  if (peerLength > size - PEER_AT - 4) return null;
  const countAt = from + PEER_AT + peerLength;
  const count = readU32(bytes, countAt);
  if (size !== PEER_AT + peerLength + 4 + count * REFERENCE_BYTES) return null;
  const operations: OperationReference[] = [];
  for (let at = countAt + 4; at < from + size; at += REFERENCE_BYTES) {
    operations.push({ sequence: readU64(bytes, at), occurrence: readU32(bytes, at + 8) });
  }
  return { kind, peer: new TextDecoder().decode(bytes.subarray(from + PEER_AT, countAt)), operations };
}
