/** Finds what can be exported from a log: its keys in order, its records, and what stands behind the stop. */
import type { FileHandle } from "../platform/file-system.js";
import { KeyTable } from "../store/key-table.js";
import { OrderedKeys } from "../store/ordered-keys.js";
import { type ByteSource, fileSource } from "../wal/byte-source.js";
import { FindingCollector, isAppendedBehindTornTail } from "../wal/findings.js";
import { AT, HEADER_BYTES, RECORD_OVERHEAD_BYTES, readU32 } from "../wal/format.js";
import { OPERATION_DELETE } from "../wal/operation.js";
import { type LogSurvey, surveyLog, type Verdict } from "../wal/recovery.js";
import type { ScannedRecord } from "../wal/scan.js";
import type { ExportPlace, ExportPlaces } from "./export-rows.js";

const INITIAL = 1024;

/** Numbers in a column that grows. */
class Column<T extends Float64Array | Uint32Array> {
  #values: T;
  readonly #make: (length: number) => T;
  constructor(make: (length: number) => T) {
    this.#make = make;
    this.#values = make(INITIAL);
  }
  at(index: number): number {
    return this.#values[index] as number;
  }
  set(index: number, value: number): void {
    if (index >= this.#values.length) {
      const grown = this.#make(Math.max(index + 1, this.#values.length * 2));
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[index] = value;
  }
}

const offsets = () => new Column((length) => new Float64Array(length));
const sizes = () => new Column((length) => new Uint32Array(length));

/** What a log holds, packed: about 12 bytes a record, and 40 beside each key. */
export class LogPlaces {
  readonly keys = new KeyTable();
  verdict: Verdict = "clean";
  readonly #order = new OrderedKeys(this.keys);
  readonly #latestOffset = offsets();
  /** Length of the key's last record; 0 where that is a delete. */
  readonly #liveBytes = sizes();
  readonly #deleteBytes = sizes();
  readonly #recordOffset = offsets();
  readonly #recordBytes = sizes();
  #recordCount = 0;
  #behind: readonly ExportPlace[] = [];

  static async read(handle: FileHandle, size: number, signal?: AbortSignal): Promise<LogPlaces> {
    const source = fileSource(handle, size);
    const findings = new FindingCollector();
    const places = new LogPlaces();
    const survey = await surveyLog(source, {
      signal,
      onRecord: (record) => {
        findings.observe(record);
        places.#add(record);
      },
    });
    const isTornFirst = survey.verdict === "torn-tail" || isAppendedBehindTornTail(survey, findings.highestSequence);
    places.#behind = await placesBehind(source, survey, isTornFirst);
    places.verdict = survey.verdict;
    return places;
  }

  #add({ bytes, at, offset, length, operation }: ScannedRecord): void {
    const index = this.#recordCount++;
    this.#recordOffset.set(index, offset);
    this.#recordBytes.set(index, length);
    if (operation.type === 0) return;
    const from = at + HEADER_BYTES + operation.keyAt;
    const key = this.keys.add(bytes, from, from + operation.keyLength);
    const isDelete = operation.type === OPERATION_DELETE;
    this.#latestOffset.set(key, offset);
    this.#liveBytes.set(key, isDelete ? 0 : length);
    this.#deleteBytes.set(key, isDelete ? length : 0);
  }

  get recordCount(): number {
    return this.#recordCount;
  }

  isLive(key: Uint8Array): boolean {
    const id = this.keys.find(key);
    return id !== -1 && this.#liveBytes.at(id) > 0;
  }

  /** The last record of each key, in the order of the keys' bytes; of deleted ones only where they are asked for. */
  keyPlaces(withDeleted: boolean): ExportPlaces {
    const ids = this.#order.toArray().filter((id) => withDeleted || this.#liveBytes.at(id) > 0);
    return {
      count: ids.length,
      at: (row) => {
        const id = ids[row] as number;
        const bytes = this.#liveBytes.at(id) || this.#deleteBytes.at(id);
        return { offset: this.#latestOffset.at(id), bytes, state: "readable", index: null };
      },
    };
  }

  /** Every record in the order of the file, then what stands behind the stop. */
  recordPlaces(): ExportPlaces {
    return {
      count: this.#recordCount + this.#behind.length,
      at: (row) =>
        this.#behind[row - this.#recordCount] ?? {
          offset: this.#recordOffset.at(row),
          bytes: this.#recordBytes.at(row),
          state: "readable",
          index: row,
        },
    };
  }
}

/** What lies behind the stop, piece by piece: each whole record no reader gets to, and each stretch of other bytes. */
export async function placesBehind(
  source: ByteSource,
  survey: LogSurvey,
  isTornFirst: boolean,
): Promise<ExportPlace[]> {
  if (survey.stop === null) return [];
  const places: ExportPlace[] = [];
  let at = survey.stop.offset;
  const stretch = (to: number, state: ExportPlace["state"]) => {
    if (to > at) places.push({ offset: at, bytes: to - at, state, index: null });
  };
  for (const region of survey.behind.regions) {
    stretch(region.offset, isTornFirst && places.length === 0 ? "torn" : "damaged");
    const end = region.offset + region.bytes;
    // The search found whole records here, one behind the other: their headers say where each ends.
    for (at = region.offset; at < end; ) {
      const bytes = Math.min(end - at, await recordBytesAt(source, at));
      places.push({ offset: at, bytes, state: "unreachable", index: null });
      at += bytes;
    }
  }
  stretch(source.size, survey.behind.regions.length > 0 || isTornFirst ? "torn" : "damaged");
  return places;
}

async function recordBytesAt(source: ByteSource, offset: number): Promise<number> {
  const size = new Uint8Array(4);
  await source.read(size, 0, 4, offset + AT.payloadSize);
  return readU32(size, 0) + RECORD_OVERHEAD_BYTES;
}
