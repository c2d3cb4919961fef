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

const KIND_META = 0;
const KIND_PUT = 1;
const KIND_DELETE = 2;

function grow<T extends Float64Array | Uint32Array | Uint8Array>(column: T, next: T): T {
  next.set(column);
  return next;
}

/** Which record each key was last changed by: as the log ends, or as it stood at an earlier record. */
export interface KeyStates {
  /** The key has a value. */
  isLive(keyId: number): boolean;
  /** NO_RECORD for a key that is not written yet. */
  latestOf(keyId: number): number;
}

/** About 37 bytes a record and 60 a key; values, times and statuses stay in the file and are read when they are shown. */
export class LogModel implements KeyStates {
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
  /** Which version of its key this is, from 1. */
  #ordinals = new Uint32Array(INITIAL_RECORDS);
  /** The mark that says an operation is delivered or given up; NO_RECORD for none. */
  #settledBy = new Uint32Array(INITIAL_RECORDS);
  /** Marks that settled something, and how much was settled with each. */
  readonly #settlements: { readonly record: number; readonly settledCount: number }[] = [];

  #latest = new Uint32Array(INITIAL_RECORDS);
  #sortedKeys: Uint32Array = new Uint32Array(0);

  add(record: ScannedRecord): void {
    const index = this.recordCount;
    this.#reserveRecords(index + 1);
    this.recordCount = index + 1;
    this.findings.observe(record);
    const { sequence, operation } = record;
    this.#offsets[index] = record.offset;
    this.sequences.add(sequence);
    this.#payloadBytes[index] = record.payloadSize;
    this.#settledBy[index] = NO_RECORD;
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
    this.#ordinals[index] = isNew ? 1 : (this.#ordinals[this.#latest[keyId] as number] as number) + 1;
    this.#latest[keyId] = index;
    this.liveKeyCount += Number(!isDelete) - Number(wasLive);
    this.keysRevision += 1;
  }

  #applyMark(record: ScannedRecord): void {
    if (record.type !== RECORD_TYPE.noop || !record.isWhole) return;
    const numbering = readNumbering(record);
    if (numbering !== null) this.sequences.continueNumbering(numbering.sequence, numbering.occurrence);
    const mark = decodeMark(record.bytes, record.at + HEADER_BYTES, record.payloadSize);
    const before = this.settledCount;
    const index = this.recordCount - 1;
    for (const { sequence, occurrence } of mark?.operations ?? []) {
      const settled = this.sequences.operation(sequence, occurrence);
      if (settled === -1 || this.isSettled(settled)) continue;
      this.#settledBy[settled] = index;
      this.settledCount += 1;
    }
    if (this.settledCount > before) this.#settlements.push({ record: index, settledCount: this.settledCount });
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
    return this.#settledBy[record] !== NO_RECORD;
  }
  /** Operations that were settled when this record was the last one. */
  settledCountAt(record: number): number {
    let low = 0;
    let high = this.#settlements.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#settlements[middle]?.record ?? 0) <= record) low = middle + 1;
      else high = middle;
    }
    return this.#settlements[low - 1]?.settledCount ?? 0;
  }
  /** Which version of its key the record is, from 1. */
  ordinalOf(record: number): number {
    return this.#ordinals[record] as number;
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
    return this.ordinalOf(this.latestOf(keyId));
  }
  /** Which record each key was last changed by, in a column of the caller's. */
  copyLatest(into: Uint32Array): void {
    into.set(this.#latest.subarray(0, this.keys.size));
  }
  /** Ids of all keys in the order of their names. Made anew only when a key came in. */
  get sortedKeys(): Uint32Array {
    if (this.#sortedKeys.length !== this.keys.size) this.#sortedKeys = this.order.toArray();
    return this.#sortedKeys;
  }
  get deletedKeyCount(): number {
    return this.keys.size - this.liveKeyCount;
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
    this.#ordinals = grow(this.#ordinals, new Uint32Array(length));
    this.#settledBy = grow(this.#settledBy, new Uint32Array(length));
  }

  #reserveKeys(keys: number): void {
    if (keys <= this.#latest.length) return;
    const length = Math.max(keys, Math.ceil(this.#latest.length * GROWTH));
    this.#latest = grow(this.#latest, new Uint32Array(length));
  }
}
