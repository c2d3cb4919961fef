/**
 * The keys as they stood after any record of the log. One column is moved along the records: forwards by applying them,
 * backwards by going back to the record of the same key before. It starts from where it stands, from the end of the log
 * or from the nearest checkpoint, so that a jump costs the same wherever it goes.
 */
import { type KeyStates, type LogModel, NO_KEY, NO_RECORD } from "./log-model.ts";

/** Records between two checkpoints: what a jump goes through at most is half of it, well under a millisecond. */
const CHECKPOINT_RECORDS = 65_536;
/** All checkpoints together; beyond it every other one goes. */
const CHECKPOINT_BYTES_MAX = 64 * 1024 * 1024;

/** The state after so many records. Keys are numbered as they appear, so those that are written are the first ones. */
interface Checkpoint extends Counts {
  /** Empty at the beginning. */
  readonly latest: Uint32Array;
}

interface Counts {
  readonly recordCount: number;
  readonly keyCount: number;
  readonly liveKeyCount: number;
  readonly operationCount: number;
}

export interface TimelineOptions {
  readonly checkpointRecords?: number;
  readonly checkpointBytesMax?: number;
}

/** The counts of the log when a record was the last one. */
export interface MomentCounts {
  readonly liveKeyCount: number;
  readonly deletedKeyCount: number;
  readonly operationCount: number;
  readonly openOperationCount: number;
}

export class Timeline implements KeyStates {
  readonly #model: LogModel;
  readonly #bytesMax: number;
  #spacing: number;
  #latest = new Uint32Array(0);
  /** Records that are applied. */
  #recordCount = 0;
  #keyCount = 0;
  #liveKeyCount = 0;
  #operationCount = 0;
  readonly #checkpoints = new Map<number, Checkpoint>();
  #checkpointBytes = 0;

  constructor(model: LogModel, options: TimelineOptions = {}) {
    this.#model = model;
    this.#spacing = options.checkpointRecords ?? CHECKPOINT_RECORDS;
    this.#bytesMax = options.checkpointBytesMax ?? CHECKPOINT_BYTES_MAX;
    this.#checkpoints.set(0, {
      recordCount: 0,
      keyCount: 0,
      liveKeyCount: 0,
      operationCount: 0,
      latest: new Uint32Array(0),
    });
  }

  /** The keys as they stood when `record` was the last one; null for the end of the log. Good until it is asked again. */
  at(record: number | null): KeyStates {
    if (record === null) return this.#model;
    this.#moveTo(record + 1);
    return this;
  }

  countsAt(record: number): MomentCounts {
    this.#moveTo(record + 1);
    return {
      liveKeyCount: this.#liveKeyCount,
      deletedKeyCount: this.#keyCount - this.#liveKeyCount,
      operationCount: this.#operationCount,
      openOperationCount: this.#operationCount - this.#model.settledCountAt(record),
    };
  }

  get checkpointCount(): number {
    return this.#checkpoints.size;
  }

  latestOf(keyId: number): number {
    return keyId < this.#keyCount ? (this.#latest[keyId] as number) : NO_RECORD;
  }

  isLive(keyId: number): boolean {
    return keyId < this.#keyCount && !this.#model.isDelete(this.#latest[keyId] as number);
  }

  #moveTo(recordCount: number): void {
    if (recordCount === this.#recordCount) return;
    this.#reserve();
    this.#startNear(recordCount);
    while (this.#recordCount !== recordCount) {
      if (this.#recordCount < recordCount) {
        const next = (Math.floor(this.#recordCount / this.#spacing) + 1) * this.#spacing;
        this.#apply(Math.min(recordCount, next));
      } else {
        const next = (Math.ceil(this.#recordCount / this.#spacing) - 1) * this.#spacing;
        this.#undo(Math.max(recordCount, next));
      }
      if (this.#recordCount % this.#spacing === 0) this.#keepCheckpoint();
    }
  }

  #reserve(): void {
    if (this.#latest.length >= this.#model.keys.size) return;
    const grown = new Uint32Array(Math.ceil(this.#model.keys.size * 1.25));
    grown.set(this.#latest.subarray(0, this.#keyCount));
    this.#latest = grown;
  }

  /** Goes to the known state that has the fewest records to `recordCount`. */
  #startNear(recordCount: number): void {
    let distance = Math.abs(recordCount - this.#recordCount);
    let start: Checkpoint | null = null;
    for (const checkpoint of this.#checkpoints.values()) {
      const away = Math.abs(recordCount - checkpoint.recordCount);
      if (away < distance) [distance, start] = [away, checkpoint];
    }
    const model = this.#model;
    if (model.recordCount - recordCount < distance) {
      model.copyLatest(this.#latest);
      this.#recordCount = model.recordCount;
      this.#keyCount = model.keys.size;
      this.#liveKeyCount = model.liveKeyCount;
      this.#operationCount = model.operationCount;
    } else if (start !== null) {
      this.#latest.set(start.latest);
      this.#recordCount = start.recordCount;
      this.#keyCount = start.keyCount;
      this.#liveKeyCount = start.liveKeyCount;
      this.#operationCount = start.operationCount;
    }
  }

  #apply(to: number): void {
    const model = this.#model;
    const latest = this.#latest;
    let live = this.#liveKeyCount;
    for (let record = this.#recordCount; record < to; record += 1) {
      const keyId = model.keyOf(record);
      if (keyId === NO_KEY) continue;
      this.#operationCount += 1;
      const previous = model.previousOf(record);
      if (previous === NO_RECORD) this.#keyCount += 1;
      else if (!model.isDelete(previous)) live -= 1;
      if (!model.isDelete(record)) live += 1;
      latest[keyId] = record;
    }
    this.#liveKeyCount = live;
    this.#recordCount = to;
  }

  #undo(to: number): void {
    const model = this.#model;
    const latest = this.#latest;
    let live = this.#liveKeyCount;
    for (let record = this.#recordCount - 1; record >= to; record -= 1) {
      const keyId = model.keyOf(record);
      if (keyId === NO_KEY) continue;
      this.#operationCount -= 1;
      const previous = model.previousOf(record);
      if (previous === NO_RECORD) this.#keyCount -= 1;
      else if (!model.isDelete(previous)) live += 1;
      if (!model.isDelete(record)) live -= 1;
      latest[keyId] = previous;
    }
    this.#liveKeyCount = live;
    this.#recordCount = to;
  }

  #keepCheckpoint(): void {
    if (this.#checkpoints.has(this.#recordCount)) return;
    this.#checkpoints.set(this.#recordCount, {
      recordCount: this.#recordCount,
      keyCount: this.#keyCount,
      liveKeyCount: this.#liveKeyCount,
      operationCount: this.#operationCount,
      latest: this.#latest.slice(0, this.#keyCount),
    });
    this.#checkpointBytes += 4 * this.#keyCount;
    while (this.#checkpointBytes > this.#bytesMax && this.#spacing < this.#model.recordCount) this.#thinOut();
  }

  #thinOut(): void {
    this.#spacing *= 2;
    for (const [at, { latest }] of this.#checkpoints) {
      if (at % this.#spacing === 0) continue;
      this.#checkpoints.delete(at);
      this.#checkpointBytes -= 4 * latest.length;
    }
  }
}
