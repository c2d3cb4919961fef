/** Everything known about a log, packed in columns: its records, its keys, and which record each key was last changed by. */
import {
  decodeMark,
  FindingCollector,
  HEADER_BYTES,
  KeyTable,
  OPERATION_DELETE,
  OrderedKeys,
  RECORD_TYPE,
  readNumbering,
  type ScannedRecord,
} from "@softadastra/sdk/tools";
import { SequenceIndex } from "./sequence-index.ts";

export const NO_KEY = 0xffff_ffff;
export const NO_RECORD = 0xffff_ffff;
const INITIAL_RECORDS = 1024;
const GROWTH = 1.5;
/** Keys remembered as changed; a view that missed more than this starts over. */
const CHANGES_REMEMBERED = 4096;

const KIND_META = 0;
const KIND_PUT = 1;
const KIND_DELETE = 2;

function grow<T extends Float64Array | Uint32Array | Uint8Array>(column: T, next: T): T {
  next.set(column);
  return next;
}

/** About 30 bytes a record and 60 a key; values, times and statuses stay in the file and are read when they are shown. */
export class LogModel {
  readonly keys = new KeyTable();
  readonly order = new OrderedKeys(this.keys);
  readonly findings = new FindingCollector();
  readonly sequences = new SequenceIndex((record) => this.isOperation(record));
  recordCount = 0;
  operationCount = 0;
  deleteCount = 0;
  liveKeyCount = 0;
  /** Operations that marks in the log say are delivered or given up. */
  settledCount = 0;
  /** Raised by each record that changes a key. */
  keysRevision = 0;

  #offsets = new Float64Array(INITIAL_RECORDS);
  #payloadBytes = new Uint32Array(INITIAL_RECORDS);
  #keyIds = new Uint32Array(INITIAL_RECORDS);
  /** Record of the same key before this one. */
  #previous = new Uint32Array(INITIAL_RECORDS);
  #kinds = new Uint8Array(INITIAL_RECORDS);
  #isSettled = new Uint8Array(INITIAL_RECORDS);

  #latest = new Uint32Array(INITIAL_RECORDS);
  #versionCounts = new Uint32Array(INITIAL_RECORDS);
  #changedKeys: number[] = [];

  add(record: ScannedRecord): void {
    const index = this.recordCount;
    this.#reserveRecords(index + 1);
    this.recordCount = index + 1;
    this.findings.observe(record);
    const { sequence, operation } = record;
    this.#offsets[index] = record.offset;
    this.sequences.add(sequence);
    this.#payloadBytes[index] = record.payloadSize;
    if (operation.type === 0) {
      this.#kinds[index] = KIND_META;
      this.#keyIds[index] = NO_KEY;
      this.#previous[index] = NO_RECORD;
      this.#applyMark(record);
      return;
    }
    this.operationCount += 1;
    const isDelete = operation.type === OPERATION_DELETE;
    if (isDelete) this.deleteCount += 1;
    const keyFrom = record.at + HEADER_BYTES + operation.keyAt;
    const before = this.keys.size;
    const keyId = this.keys.add(record.bytes, keyFrom, keyFrom + operation.keyLength);
    const isNew = keyId === before;
    if (isNew) this.#reserveKeys(keyId + 1);
    const wasLive = !isNew && this.isLive(keyId);
    this.#kinds[index] = isDelete ? KIND_DELETE : KIND_PUT;
    this.#keyIds[index] = keyId;
    this.#previous[index] = isNew ? NO_RECORD : (this.#latest[keyId] as number);
    this.#latest[keyId] = index;
    this.#versionCounts[keyId] = isNew ? 1 : (this.#versionCounts[keyId] as number) + 1;
    this.liveKeyCount += Number(!isDelete) - Number(wasLive);
    this.keysRevision += 1;
    this.#changedKeys.push(keyId);
    if (this.#changedKeys.length > 2 * CHANGES_REMEMBERED) this.#changedKeys.splice(0, CHANGES_REMEMBERED);
  }

  #applyMark(record: ScannedRecord): void {
    if (record.type !== RECORD_TYPE.noop || !record.isWhole) return;
    const numbering = readNumbering(record);
    if (numbering !== null) this.sequences.continueNumbering(numbering.sequence, numbering.occurrence);
    const mark = decodeMark(record.bytes, record.at + HEADER_BYTES, record.payloadSize);
    for (const { sequence, occurrence } of mark?.operations ?? []) {
      const settled = this.sequences.operation(sequence, occurrence);
      if (settled === -1 || this.#isSettled[settled] === 1) continue;
      this.#isSettled[settled] = 1;
      this.settledCount += 1;
    }
  }

  // ---- records

  offsetOf(record: number): number {
    return this.#offsets[record] as number;
  }
  sequenceOf(record: number): number {
    return this.sequences.of(record);
  }
  /** Header, payload and checksum together. */
  lengthOf(record: number): number {
    return (this.#payloadBytes[record] as number) + 34;
  }
  keyOf(record: number): number {
    return this.#keyIds[record] as number;
  }
  previousOf(record: number): number {
    return this.#previous[record] as number;
  }
  isOperation(record: number): boolean {
    return this.#kinds[record] !== KIND_META;
  }
  isDelete(record: number): boolean {
    return this.#kinds[record] === KIND_DELETE;
  }
  isSettled(record: number): boolean {
    return this.#isSettled[record] === 1;
  }
  valueBytesOf(record: number): number {
    return (this.#payloadBytes[record] as number) - 18 - this.keys.keyLength(this.keyOf(record));
  }
  /** Offset in the file of the value a put record holds. */
  valueOffsetOf(record: number): number {
    return this.offsetOf(record) + HEADER_BYTES + 10 + this.keys.keyLength(this.keyOf(record));
  }

  /** The record whose bytes hold `offset`, or the last one before it; -1 when there is none. */
  recordAt(offset: number): number {
    let low = 0;
    let high = this.recordCount;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#offsets[middle] as number) <= offset) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  // ---- keys

  isLive(keyId: number): boolean {
    return this.#kinds[this.#latest[keyId] as number] === KIND_PUT;
  }
  latestOf(keyId: number): number {
    return this.#latest[keyId] as number;
  }
  versionCountOf(keyId: number): number {
    return this.#versionCounts[keyId] as number;
  }
  get deletedKeyCount(): number {
    return this.keys.size - this.liveKeyCount;
  }

  /** Keys changed since the revision, repeated ones repeated; null when too much happened to say. */
  changedSince(revision: number): readonly number[] | null {
    const count = this.keysRevision - revision;
    return count > this.#changedKeys.length ? null : this.#changedKeys.slice(this.#changedKeys.length - count);
  }

  /** Operations nobody acknowledged, in the order they would be sent. */
  openOperations(): Uint32Array {
    const open = new Uint32Array(this.operationCount - this.settledCount);
    let at = 0;
    for (let record = 0; record < this.recordCount; record += 1) {
      if (this.isOperation(record) && !this.isSettled(record)) open[at++] = record;
    }
    if (!this.sequences.isRising) open.sort((a, b) => this.sequenceOf(a) - this.sequenceOf(b) || a - b);
    return open;
  }

  #reserveRecords(records: number): void {
    if (records <= this.#offsets.length) return;
    const length = Math.max(records, Math.ceil(this.#offsets.length * GROWTH));
    this.#offsets = grow(this.#offsets, new Float64Array(length));
    this.#payloadBytes = grow(this.#payloadBytes, new Uint32Array(length));
    this.#keyIds = grow(this.#keyIds, new Uint32Array(length));
    this.#previous = grow(this.#previous, new Uint32Array(length));
    this.#kinds = grow(this.#kinds, new Uint8Array(length));
    this.#isSettled = grow(this.#isSettled, new Uint8Array(length));
  }

  #reserveKeys(keys: number): void {
    if (keys <= this.#latest.length) return;
    const length = Math.max(keys, Math.ceil(this.#latest.length * GROWTH));
    this.#latest = grow(this.#latest, new Uint32Array(length));
    this.#versionCounts = grow(this.#versionCounts, new Uint32Array(length));
  }
}
