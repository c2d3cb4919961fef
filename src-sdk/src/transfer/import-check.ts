/** Goes through an import file before anything is written: what it would do to the keys, and which lines are wrong. */
import { KeyTable } from "../store/key-table.js";
import { RECORD_OVERHEAD_BYTES } from "../wal/format.js";
import { operationBytes } from "../wal/operation.js";
import { BadLine } from "./import-json.js";
import type { ImportBatch } from "./import-lines.js";

export interface BadLineFact {
  readonly line: number;
  readonly column: number;
  readonly reason: string;
}

/** What an import would do. Keys are counted once however often they come; every row is a record of its own. */
export interface ImportPlan {
  /** Lines that are rows, the ones that write nothing included. */
  readonly rowCount: number;
  readonly putCount: number;
  readonly deleteCount: number;
  /** Rows that say nothing to write: bookkeeping, and what stood behind a stop. */
  readonly leftOutCount: number;
  readonly keyCount: number;
  /** Without a value now, with one then. */
  readonly newKeyCount: number;
  readonly replacedKeyCount: number;
  readonly deletedKeyCount: number;
  /** Rows about a key that an earlier row of the file was about: the last one wins. */
  readonly repeatedCount: number;
  /** Bytes that are appended to the log. */
  readonly recordBytes: number;
  readonly badCount: number;
  /** The first of them. */
  readonly badLines: BadLineFact[];
}

/** Bad lines told one by one; all are counted. */
export const BAD_LINES_KEPT = 100;

const WAS_LIVE = 1;
const IS_LIVE = 2;

export class ImportCheck {
  readonly #isLive: (key: Uint8Array) => boolean;
  readonly #keys = new KeyTable();
  #states = new Uint8Array(1024);
  #rowCount = 0;
  #putCount = 0;
  #deleteCount = 0;
  #leftOutCount = 0;
  #repeatedCount = 0;
  #recordBytes = 0;
  #badCount = 0;
  readonly #badLines: BadLineFact[] = [];

  /** `isLive` says whether the store has a value for the key now. */
  constructor(isLive: (key: Uint8Array) => boolean) {
    this.#isLive = isLive;
  }

  add({ lines }: ImportBatch): void {
    for (const { line, row } of lines) {
      if (row instanceof BadLine) {
        this.#badCount += 1;
        if (this.#badLines.length < BAD_LINES_KEPT) {
          this.#badLines.push({ line, column: row.column, reason: row.message });
        }
        continue;
      }
      this.#rowCount += 1;
      if (row.kind === "none") {
        this.#leftOutCount += 1;
        continue;
      }
      const valueBytes = row.kind === "put" ? row.value.length : 0;
      this.#recordBytes += RECORD_OVERHEAD_BYTES + operationBytes(row.key.length, valueBytes);
      if (row.kind === "put") this.#putCount += 1;
      else this.#deleteCount += 1;
      this.#note(row.key, row.kind === "put");
    }
  }

  #note(key: Uint8Array, isLive: boolean): void {
    const before = this.#keys.size;
    const id = this.#keys.add(key);
    if (id < before) this.#repeatedCount += 1;
    else {
      if (id >= this.#states.length) {
        const grown = new Uint8Array(this.#states.length * 2);
        grown.set(this.#states);
        this.#states = grown;
      }
      this.#states[id] = this.#isLive(key) ? WAS_LIVE : 0;
    }
    this.#states[id] = ((this.#states[id] as number) & WAS_LIVE) | (isLive ? IS_LIVE : 0);
  }

  plan(): ImportPlan {
    const counts = [0, 0, 0, 0];
    for (let id = 0; id < this.#keys.size; id += 1) {
      const state = this.#states[id] as number;
      counts[state] = (counts[state] as number) + 1;
    }
    return {
      rowCount: this.#rowCount,
      putCount: this.#putCount,
      deleteCount: this.#deleteCount,
      leftOutCount: this.#leftOutCount,
      keyCount: this.#keys.size,
      newKeyCount: counts[IS_LIVE] as number,
      replacedKeyCount: counts[IS_LIVE | WAS_LIVE] as number,
      deletedKeyCount: counts[WAS_LIVE] as number,
      repeatedCount: this.#repeatedCount,
      recordBytes: this.#recordBytes,
      badCount: this.#badCount,
      badLines: [...this.#badLines],
    };
  }
}
