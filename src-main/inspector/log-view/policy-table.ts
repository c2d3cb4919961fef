/**
 * What each repair policy makes of a log, key by key. It watches the records behind the stop while they are searched, so
 * comparing costs no second reading; which keys differ is decided by the rules of the SDK's own repair plans.
 */
import type { PolicyCell, PolicyComparison, PolicyFilter, PolicyRow } from "@softadastra/inspector-contract";
import {
  type ByteSource,
  changeOf,
  findDamaged,
  HEADER_BYTES,
  KeyTable,
  type LastOperation,
  LastOperationColumns,
  type LogSurvey,
  OPERATION_DELETE,
  rangesOf,
  type ScannedRecord,
} from "@softadastra/sdk/tools";
import { displayText } from "./display-text.ts";
import type { LogModel } from "./log-model.ts";
import { guessValueKind, HEAD_BYTES, TAIL_BYTES } from "./value-kind.ts";

/** Keys compared between two pauses: a few milliseconds, so that questions are answered meanwhile. */
const KEYS_PER_STEP = 16_384;
/** Characters of a value that a row shows, and of a name. */
const PREVIEW_CHARS = 48;
const NAME_CHARS = 400;

type Category = Exclude<PolicyFilter, "all">;

const pause = () => new Promise<void>((resolve) => setImmediate(resolve));

/** What a policy's view is taken from: the file, as far as it is read. */
export interface PolicyFile {
  readonly model: LogModel;
  readonly survey: LogSurvey | null;
  readonly fileBytes: number;
  readonly validBytes: number;
  readonly isDone: boolean;
  read(offset: number, length: number): Uint8Array;
}

export class PolicyTable {
  readonly #keys = new KeyTable();
  readonly #last = new LastOperationColumns();
  #recordCount = 0;
  #recordBytes = 0;
  #liveKeyDelta = 0;
  /** Offset of the last damaged delete, by key id. */
  #deletedAt = new Map<number, number>();
  readonly #all: number[] = [];
  readonly #idsByCategory: Record<Category, number[]> = { gained: [], other: [], "comes-back": [] };

  /** A whole record behind the stop, in file order. */
  add(record: ScannedRecord): void {
    this.#recordCount += 1;
    this.#recordBytes += record.length;
    const { bytes, at, operation } = record;
    if (operation.type === 0) return;
    const keyFrom = at + HEADER_BYTES + operation.keyAt;
    this.#last.set(this.#keys.add(bytes, keyFrom, keyFrom + operation.keyLength), record);
  }

  /** Decides which keys differ, when all records are known. @throws the signal's reason */
  async settle(model: LogModel, survey: LogSurvey, source: ByteSource, signal: AbortSignal): Promise<void> {
    if (survey.stop === null) return;
    const ranges = rangesOf(survey, null, source.size, "skip-damaged");
    for (const { keyBytes, type, offset } of await findDamaged(source, ranges, survey)) {
      // A damaged put behind a damaged delete gave the key a value again, whichever.
      this.#deletedAt.set(this.#keys.add(keyBytes), type === OPERATION_DELETE ? offset : -1);
    }
    for (let id = 0; id < this.#keys.size; id += 1) {
      if (id % KEYS_PER_STEP === KEYS_PER_STEP - 1) await pause();
      signal.throwIfAborted();
      this.#compare(model, id);
    }
  }

  #compare(model: LogModel, id: number): void {
    const { engine, readable, validPrefix, skipDamaged } = this.#changesOf(model, id);
    this.#liveKeyDelta += Number(readable?.kind === "put") - Number(engine?.kind === "put");
    if (validPrefix === null && skipDamaged === null) return;
    const category: Category =
      skipDamaged === "added"
        ? "gained"
        : skipDamaged === "changed" && validPrefix === "outdated"
          ? "other"
          : "comes-back";
    this.#all.push(id);
    this.#idsByCategory[category].push(id);
  }

  #changesOf(model: LogModel, id: number) {
    const engine = this.#engineOf(model, id);
    const readable: LastOperation | null = this.#last.has(id)
      ? { kind: this.#last.isLive(id) ? "put" : "delete", offset: this.#last.offset(id) }
      : engine;
    const isUndone = (result: LastOperation | null) =>
      result?.kind === "put" && (this.#deletedAt.get(id) ?? -1) > result.offset;
    return {
      engine,
      readable,
      validPrefix: isUndone(engine) ? ("comes-back" as const) : changeOf(engine, engine, readable),
      skipDamaged: isUndone(readable) ? ("comes-back" as const) : changeOf(engine, readable, readable),
    };
  }

  #engineOf(model: LogModel, id: number): LastOperation | null {
    const keyId = model.keys.find(this.#keys.view(id));
    if (keyId === -1) return null;
    return { kind: model.isLive(keyId) ? "put" : "delete", offset: model.offsetOf(model.latestOf(keyId)) };
  }

  comparison({ model, survey, fileBytes, validBytes, isDone }: PolicyFile): PolicyComparison {
    const counts = {
      isExact: isDone,
      allCount: this.#all.length,
      gainedCount: this.#idsByCategory.gained.length,
      otherCount: this.#idsByCategory.other.length,
      comesBackCount: this.#idsByCategory["comes-back"].length,
    };
    if (!isDone) return { ...counts, engine: null, validPrefix: null, skipDamaged: null };
    const front = {
      recordCount: model.recordCount,
      liveKeyCount: model.liveKeyCount,
      keptBytes: validBytes,
      leftOutBytes: fileBytes - validBytes,
    };
    return {
      ...counts,
      engine: { ...front, nextWriteSurvives: survey?.stop === null },
      validPrefix: { ...front, nextWriteSurvives: true },
      skipDamaged: {
        recordCount: model.recordCount + this.#recordCount,
        liveKeyCount: model.liveKeyCount + this.#liveKeyDelta,
        keptBytes: validBytes + this.#recordBytes,
        leftOutBytes: fileBytes - validBytes - this.#recordBytes,
        nextWriteSurvives: true,
      },
    };
  }

  rows(filter: PolicyFilter, start: number, count: number, file: PolicyFile): { rowCount: number; rows: PolicyRow[] } {
    const ids = filter === "all" ? this.#all : this.#idsByCategory[filter];
    return { rowCount: ids.length, rows: ids.slice(start, start + count).map((id) => this.#row(id, file)) };
  }

  #row(id: number, file: PolicyFile): PolicyRow {
    const { model } = file;
    const key = this.#keys.view(id);
    const keyId = model.keys.find(key);
    const { validPrefix, skipDamaged } = this.#changesOf(model, id);
    const deletedAt = this.#deletedAt.get(id) ?? -1;
    const engine = keyId === -1 ? null : this.#frontCell(model.latestOf(keyId), file);
    return {
      name: cut(displayText(key.subarray(0, NAME_CHARS)).text, NAME_CHARS, key.length > NAME_CHARS),
      engine,
      skipDamaged: this.#last.has(id) ? this.#cell(id, key.length, file) : engine,
      validPrefixChange: validPrefix,
      skipDamagedChange: skipDamaged,
      damagedDeleteOffset: deletedAt === -1 ? null : deletedAt,
    };
  }

  #frontCell(record: number, file: PolicyFile): PolicyCell {
    const { model } = file;
    const isPut = !model.isDelete(record);
    const valueBytes = isPut ? model.valueBytesOf(record) : 0;
    return {
      kind: isPut ? "put" : "delete",
      sequence: model.sequenceOf(record),
      offset: model.offsetOf(record),
      valueBytes,
      ...(isPut ? previewOf(file, model.valueOffsetOf(record), valueBytes) : NO_PREVIEW),
    };
  }

  #cell(id: number, keyBytes: number, file: PolicyFile): PolicyCell {
    const last = this.#last;
    const isPut = last.isLive(id);
    const valueBytes = last.valueBytes(id, keyBytes);
    return {
      kind: isPut ? "put" : "delete",
      sequence: last.sequence(id),
      offset: last.offset(id),
      valueBytes,
      ...(isPut ? previewOf(file, last.valueOffset(id, keyBytes), valueBytes) : NO_PREVIEW),
    };
  }
}

const NO_PREVIEW = { preview: "", isText: true };

function cut(text: string, chars: number, isLonger: boolean): string {
  const characters = [...text];
  return characters.length <= chars && !isLonger ? text : `${characters.slice(0, chars).join("")}…`;
}

function previewOf(file: PolicyFile, offset: number, valueBytes: number): { preview: string; isText: boolean } {
  const head = file.read(offset, Math.min(HEAD_BYTES, valueBytes));
  const tailBytes = Math.min(TAIL_BYTES, valueBytes);
  const kind = guessValueKind(head, file.read(offset + valueBytes - tailBytes, tailBytes), valueBytes);
  if (kind === "empty") return NO_PREVIEW;
  if (kind !== "text" && kind !== "json") return { preview: "", isText: false };
  // A character that is cut at the end of the head is left out.
  const text = new TextDecoder().decode(head, { stream: true });
  return { preview: cut(displayText(Buffer.from(text)).text, PREVIEW_CHARS, valueBytes > head.length), isText: true };
}
