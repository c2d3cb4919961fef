/** What a repair means for each key: compares what the C++ engine recovers with the result and with all that is readable. */
import { keyText } from "../keys.js";
import { KeyTable } from "../store/key-table.js";
import type { DamagedOperation } from "./damaged-operation.js";
import { HEADER_BYTES } from "./format.js";
import { OPERATION_DELETE } from "./operation.js";
import type { ScannedRecord } from "./scan.js";

/** The last operation on a key, among some of the records of a log. */
export interface RepairKeyState {
  readonly kind: "put" | "delete";
  /** Sequence of its record. */
  readonly version: number;
  /** Time of the operation, in milliseconds since the Unix epoch. */
  readonly timestampMs: number;
  /** Offset of its record in the log that is repaired. */
  readonly offset: number;
}

/** What decides about a change. */
export type LastOperation = Pick<RepairKeyState, "kind" | "offset">;

/**
 * - `added`: a value that the C++ engine does not recover is there after the repair.
 * - `changed`: the key has a value for the engine and another after the repair.
 * - `removed`: the key has a value for the engine, and a rescued record deletes it.
 * - `lost`: the key has a value in a readable record, and none after the repair.
 * - `outdated`: the key keeps an older value than the newest readable one.
 * - `comes-back`: the key has a value after the repair although it was deleted: by a record that is left out, or by one
 *   that is damaged, or, for the engine, by its last readable operation.
 */
export type RepairChangeKind = "added" | "changed" | "removed" | "lost" | "outdated" | "comes-back";

/** One key that the engine, the result of a repair and all readable records do not agree on (spec 2, "Repair"). */
export interface RepairKeyChange {
  /** The key as text; `keyBytes` has the truth where it is not UTF-8. */
  readonly key: string;
  readonly keyBytes: Uint8Array;
  readonly kind: RepairChangeKind;
  /** What the C++ engine recovers: the records before the first bad byte. Null: no operation on this key. */
  readonly engine: RepairKeyState | null;
  /** What the repaired log holds. */
  readonly result: RepairKeyState | null;
  /** What all readable records together hold. */
  readonly readable: RepairKeyState | null;
}

/** How many keys of each kind; keys that nothing happens to are in `kept` only. */
export interface RepairKeyCounts {
  /** Keys that have a value after the repair. */
  readonly kept: number;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  readonly lost: number;
  readonly outdated: number;
  readonly comesBack: number;
}

const COUNTS = {
  added: "added",
  changed: "changed",
  removed: "removed",
  lost: "lost",
  outdated: "outdated",
  "comes-back": "comesBack",
} as const satisfies Record<RepairChangeKind, keyof RepairKeyCounts>;

/** Last operations by key id, in columns: a log has a million keys. A record before offset 0 is none. */
class LastOperations {
  readonly #offsets: number[] = [];
  readonly #versions: number[] = [];
  readonly #timestamps: number[] = [];
  readonly #isDelete: boolean[] = [];

  set(id: number, { sequence, offset, operation }: ScannedRecord): void {
    this.#offsets[id] = offset;
    this.#versions[id] = sequence;
    this.#timestamps[id] = operation.timestampMs;
    this.#isDelete[id] = operation.type === OPERATION_DELETE;
  }

  get(id: number): RepairKeyState | null {
    const offset = this.#offsets[id];
    if (offset === undefined) return null;
    const [version = 0, timestampMs = 0] = [this.#versions[id], this.#timestamps[id]];
    return { kind: this.#isDelete[id] ? "delete" : "put", version, timestampMs, offset };
  }
}

export class RepairKeys {
  readonly #keys = new KeyTable();
  readonly #before = new LastOperations();
  readonly #behind = new LastOperations();
  #damaged: readonly DamagedOperation[] = [];

  observe(record: ScannedRecord, isBehind: boolean): void {
    const { bytes, at, operation } = record;
    if (operation.type === 0) return;
    const keyFrom = at + HEADER_BYTES + operation.keyAt;
    const id = this.#keys.add(bytes, keyFrom, keyFrom + operation.keyLength);
    (isBehind ? this.#behind : this.#before).set(id, record);
  }

  observeDamaged(damaged: readonly DamagedOperation[]): void {
    this.#damaged = damaged;
  }

  /** Counts are of all keys; at most `listedMax` changes are listed, in the order in which the keys first occur. */
  compare(isRescuing: boolean, listedMax: number): { counts: RepairKeyCounts; changes: RepairKeyChange[] } {
    const counts = { kept: 0, added: 0, changed: 0, removed: 0, lost: 0, outdated: 0, comesBack: 0 };
    const changes: RepairKeyChange[] = [];
    const deletedAt = this.#damagedDeletes();
    for (let id = 0; id < this.#keys.size; id += 1) {
      const engine = this.#before.get(id);
      const readable = this.#behind.get(id) ?? engine;
      const result = isRescuing ? readable : engine;
      if (result?.kind === "put") counts.kept += 1;
      const isUndone = result?.kind === "put" && (deletedAt.get(id) ?? -1) > result.offset;
      const kind = isUndone ? "comes-back" : changeOf(engine, result, readable);
      if (kind === null) continue;
      counts[COUNTS[kind]] += 1;
      if (changes.length >= listedMax) continue;
      const keyBytes = this.#keys.bytes(id);
      changes.push({ key: keyText(keyBytes), keyBytes, kind, engine, result, readable });
    }
    return { counts, changes };
  }

  /** Offset of the last damaged delete by key id. */
  #damagedDeletes(): Map<number, number> {
    const deletedAt = new Map<number, number>();
    for (const { type, keyBytes, offset } of this.#damaged) {
      const id = this.#keys.find(keyBytes);
      if (id === -1) continue;
      // A damaged put behind a damaged delete gave the key a value again, whichever.
      deletedAt.set(id, type === OPERATION_DELETE ? offset : -1);
    }
    return deletedAt;
  }
}

/** What a result means for a key; null when engine, result and everything readable agree on it. */
export function changeOf(
  engine: LastOperation | null,
  result: LastOperation | null,
  readable: LastOperation | null,
): RepairChangeKind | null {
  const hasValue = result?.kind === "put";
  if (result?.offset !== readable?.offset) {
    if (!hasValue) return readable?.kind === "put" ? "lost" : null;
    return readable?.kind === "delete" ? "comes-back" : "outdated";
  }
  if (result?.offset === engine?.offset) return null;
  if (!hasValue) return engine?.kind === "put" ? "removed" : null;
  if (engine === null) return "added";
  return engine.kind === "delete" ? "comes-back" : "changed";
}
