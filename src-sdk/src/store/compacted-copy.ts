/** Decides which records of a log a restart needs, and copies them in their order (docs/decisions/0015). */
import type { Outbox } from "../sync/outbox.js";
import type { ByteSource } from "../wal/byte-source.js";
import type { CheckedWriter } from "../wal/checked-writer.js";
import { HEADER_BYTES, RECORD_TYPE } from "../wal/format.js";
import { decodeMark, encodeMark } from "../wal/marks.js";
import { encodeNumbering, ownRecord, readCompacted, readNumbering } from "../wal/own-records.js";
import { type ScannedRecord, scanWindows } from "../wal/scan.js";
import type { RecoveredState } from "./recover.js";

/** Keys or operations looked at before others get their turn: some milliseconds. */
export const STEPS_PER_TURN = 10_000;
export const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

export interface ChosenRecords {
  /** By number of the operation in the log: 1 for one that is kept. */
  readonly isKept: Uint8Array;
  readonly recordCount: number;
  readonly droppedOperationCount: number;
}

/**
 * Kept are the last operation of each key, deletes too, and every operation that waits for delivery: what `state`, the
 * log read anew, says a restart would restore, and what the open node's own outbox still lists.
 */
export async function chooseRecords(state: RecoveredState, open: Outbox): Promise<ChosenRecords> {
  const listed = [...open.slots()].map((slot) => open.operation(slot).location);
  const listedInOrder = Float64Array.from(listed).sort();
  const isKept = new Uint8Array(state.operationCount);
  let droppedOperationCount = 0;
  for (let slot = 0; slot < isKept.length; slot += 1) {
    if (slot % STEPS_PER_TURN === 0) await nextTurn();
    const { keyId, location } = state.outbox.operation(slot);
    const isNeeded =
      state.outbox.status(slot) !== "acknowledged" ||
      state.index.last(keyId).location === location ||
      indexOf(listedInOrder, location) !== -1;
    if (isNeeded) isKept[slot] = 1;
    else droppedOperationCount += 1;
  }
  return { isKept, recordCount: state.recordCount, droppedOperationCount };
}

/** Place of `wanted` in the rising `values`, or -1. */
function indexOf(values: Float64Array, wanted: number): number {
  const place = lastAtOrBefore(values, wanted);
  return values[place] === wanted ? place : -1;
}

function lastAtOrBefore(values: ArrayLike<number>, wanted: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] as number) <= wanted) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** What was copied, and where each kept byte went. */
export class CompactedCopy {
  /** In bytes, and where it ends. */
  length = 0;
  recordCount = 0;
  /** Stretches that were copied in one piece, by where they were; rising. */
  readonly #oldStarts: number[] = [];
  readonly #newStarts: number[] = [];
  #oldEnd = -1;
  #newEnd = -1;

  copied(oldOffset: number, length: number): void {
    this.recordCount += 1;
    if (oldOffset !== this.#oldEnd || this.length !== this.#newEnd) {
      this.#oldStarts.push(oldOffset);
      this.#newStarts.push(this.length);
    }
    this.length += length;
    this.#oldEnd = oldOffset + length;
    this.#newEnd = this.length;
  }

  added(length: number): void {
    this.recordCount += 1;
    this.length += length;
  }

  /** Where the byte at `location` of the old file is in the new one; it must have been copied. */
  moved(location: number): number {
    const place = lastAtOrBefore(this.#oldStarts, location);
    return location - (this.#oldStarts[place] as number) + (this.#newStarts[place] as number);
  }
}

type Piece =
  | { readonly bytes: Uint8Array; readonly from: number; to: number }
  | { readonly from: number; readonly to: number };

/** Copies the chosen records of `source`, which is what `state` was read from. Headers and payloads stay as they are. */
export async function copyChosen(
  source: ByteSource,
  state: RecoveredState,
  isKept: Uint8Array,
  writer: CheckedWriter,
): Promise<CompactedCopy> {
  const copy = new CompactedCopy();
  const pieces: Piece[] = [];
  const add = (bytes: Uint8Array) => {
    pieces.push({ bytes, from: 0, to: bytes.length });
    copy.added(bytes.length);
  };
  const take = (record: ScannedRecord) => {
    const { offset, length, bytes, at, isWhole } = record;
    copy.copied(offset, length);
    const last = pieces.at(-1);
    if (!isWhole) pieces.push({ from: offset, to: offset + length });
    else if (last !== undefined && "bytes" in last && last.bytes === bytes && last.to === at) last.to = at + length;
    else pieces.push({ bytes, from: at, to: at + length });
  };
  let slot = 0;
  const numbered = new Map<number, number>();
  const windows = scanWindows(source, {
    onRecord: (record) => {
      if (record.operation.type === 0) {
        copyOther(record, state, isKept, take, add);
        return;
      }
      const number = slot;
      slot += 1;
      if (isKept[number] !== 1) return;
      if (state.outbox.isNumbered) insertNumbering(record, state.outbox.occurrence(number), numbered, add);
      take(record);
    },
  });
  for (let isDone = false; !isDone; ) {
    isDone = (await windows.next()).done === true;
    // Before the next window is read into the arrays that the pieces point into.
    for (const piece of pieces.splice(0)) {
      if ("bytes" in piece) await writer.write(piece.bytes, piece.from, piece.to);
      else await writer.copy(source, piece.from, piece.to);
    }
  }
  return copy;
}

/** In front of an operation whose namesakes are not all there: its number among them, which is part of its sync id. */
function insertNumbering(
  record: ScannedRecord,
  occurrence: number,
  numbered: Map<number, number>,
  add: (bytes: Uint8Array) => void,
): void {
  const { sequence, timestampMs } = record;
  if (occurrence !== (numbered.get(sequence) ?? 0) + 1) {
    add(ownRecord(encodeNumbering({ sequence, occurrence }), sequence, timestampMs));
  }
  numbered.set(sequence, occurrence);
}

/** Marks keep what they say about kept operations. What is not ours, or not known to this version, is kept as it is. */
function copyOther(
  record: ScannedRecord,
  state: RecoveredState,
  isKept: Uint8Array,
  take: (record: ScannedRecord) => void,
  add: (bytes: Uint8Array) => void,
): void {
  if (record.type !== RECORD_TYPE.noop || !record.isWhole) {
    take(record);
    return;
  }
  // Written anew where they are needed.
  if (readNumbering(record) !== null || readCompacted(record) !== null) return;
  const mark = decodeMark(record.bytes, record.at + HEADER_BYTES, record.payloadSize);
  if (mark === null) {
    take(record);
    return;
  }
  const operations = mark.operations.filter(({ sequence, occurrence }) => {
    const found = state.outbox.find(sequence, occurrence);
    return found !== null && isKept[found.slot] === 1;
  });
  if (operations.length === mark.operations.length) take(record);
  else if (operations.length > 0) {
    add(ownRecord(encodeMark({ ...mark, operations }), record.sequence, record.timestampMs));
  }
}
