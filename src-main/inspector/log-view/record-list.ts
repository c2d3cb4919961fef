/**
 * The record list: the readable records, and behind the stop the records no reader gets to and the bytes that are none.
 * Rows are made when they are asked for: what the model does not hold is read from the file, some bytes a row.
 */
import type { FileRegion, LogRow, Output, RecordDetail } from "@softadastra/inspector-contract";
import {
  AT,
  type ByteSource,
  decodeMark,
  HEADER_BYTES,
  MAGIC_BYTES,
  MARK_ABANDONED,
  OperationView,
  PAYLOAD_BYTES_MAX,
  RECORD_COMPACTED,
  RECORD_NUMBERING,
  RECORD_OVERHEAD_BYTES,
  readI64,
  readU32,
  readU64,
  recordStatusName,
  recordTypeName,
} from "@softadastra/sdk/tools";
import { displayText, toBase64 } from "./display-text.ts";
import type { LogModel } from "./log-model.ts";
import { recordDetail } from "./record-detail.ts";
import { RecordSearch } from "./record-search.ts";
import { BadSearch } from "./search-language.ts";

export type RecordFilter = "all" | "problems";
export interface RecordQuery {
  readonly filter: RecordFilter;
  readonly search: string;
}

/** What the list needs of the log it shows. */
export interface RecordListSource {
  readonly model: LogModel;
  readonly isDone: boolean;
  readonly fileBytes: number;
  /** Raised when what stands behind the stop was judged anew. */
  readonly tailRevision: number;
  /** Stretches behind the stop. */
  regions(): readonly FileRegion[];
  /** Offsets and lengths of records behind the stop, in order; all of them, or the first so many. */
  readonly unreachable: readonly { readonly offset: number; readonly bytes: number }[];
  read(offset: number, length: number): Uint8Array;
  /** The file, for reading much of it. */
  bytes(): ByteSource;
}

type Problem = Pick<LogRow, "offset" | "bytes"> & { readonly kind: "unreachable" | "torn" | "damaged" };

/** A search that is through by then shows all it finds at once; a longer one shows what it has. */
const FIRST_ANSWER_MS = 100;
const NO_RECORDS = new Uint32Array(0);
/** A mark is read whole for its row; longer payloads are no marks of ours. */
const MARK_BYTES_MAX = 512 * 1024;
/** Bytes of a payload that hold the largest key. */
const HEAD_BYTES = HEADER_BYTES + 6 + 1_048_576 + 4;

export class RecordList {
  readonly #source: () => RecordListSource;
  readonly #changed: () => void;
  #search: { readonly text: string; readonly model: LogModel; readonly run: RecordSearch } | null = null;
  #problems: { readonly key: string; readonly rows: readonly Problem[] } | null = null;

  /** `changed` is called when a search has found more, or is through. */
  constructor(source: () => RecordListSource, changed: () => void) {
    this.#source = source;
    this.#changed = changed;
  }

  /** @throws BadSearch with a sentence for the user */
  async page(query: RecordQuery, start: number, count: number): Promise<Output<"log.rows">> {
    const search = await this.#searchOf(query);
    const records = query.filter === "problems" ? NO_RECORDS : search?.records;
    const source = this.#source();
    const problems = this.#problemsOf(source);
    const recordCount = records?.length ?? source.model.recordCount;
    // A search is about records that can be read: what stands behind the stop stays in the list, it is what people look for.
    const rowCount = recordCount + problems.length;
    const rows: LogRow[] = [];
    for (let row = start; row < Math.min(rowCount, start + count); row += 1) {
      const problem = problems[row - recordCount];
      rows.push(problem === undefined ? readable(source, records?.[row] ?? row) : behind(source, problem));
    }
    return {
      rowCount,
      problemCount: problems.length,
      isExact: source.isDone && (search?.isExact ?? true),
      searching: search?.progress ?? null,
      searchFailure: search?.failure ?? null,
      rows,
    };
  }

  /** The row that shows what stands at the offset; null when the list does not. */
  async rowOf(query: RecordQuery, offset: number): Promise<number | null> {
    const records = query.filter === "problems" ? NO_RECORDS : (await this.#searchOf(query))?.records;
    const source = this.#source();
    const recordCount = records?.length ?? source.model.recordCount;
    const problem = this.#problemsOf(source).findIndex(
      (row) => offset >= row.offset && offset < row.offset + row.bytes,
    );
    if (problem !== -1) return recordCount + problem;
    const record = source.model.recordAt(offset);
    if (record === -1) return null;
    if (records === undefined) return record;
    const at = lowerBound(records, record);
    return records[at] === record ? at : null;
  }

  detail(offset: number): RecordDetail | null {
    const source = this.#source();
    const problem = this.#problemsOf(source).find((row) => offset >= row.offset && offset < row.offset + row.bytes);
    if (problem !== undefined) {
      // As long as its header says, where that can be; a stretch may begin with a whole record whose checksum differs.
      const header = source.read(problem.offset, HEADER_BYTES);
      const claimed = header.length < HEADER_BYTES ? 0 : RECORD_OVERHEAD_BYTES + readU32(header, AT.payloadSize);
      const length = claimed > PAYLOAD_BYTES_MAX + RECORD_OVERHEAD_BYTES ? HEADER_BYTES : claimed;
      const bytes = source.read(problem.offset, Math.min(length, source.fileBytes - problem.offset));
      return recordDetail({ ...problem, bytes, index: null, length: problem.bytes });
    }
    const { model } = source;
    const record = model.recordAt(offset);
    if (record === -1) return null;
    const at = model.offsetOf(record);
    const length = model.lengthOf(record);
    if (offset >= at + length) return null;
    return recordDetail({ kind: "record", offset: at, bytes: source.read(at, length), index: record, length });
  }

  /** Rows behind the stop; they change only when more of the file was read. */
  #problemsOf(source: RecordListSource): readonly Problem[] {
    const key = `${source.isDone}:${source.tailRevision}:${source.fileBytes}`;
    if (this.#problems?.key !== key) this.#problems = { key, rows: problemsIn(source) };
    return this.#problems.rows;
  }

  /** All records of the query, in file order, once the search has come to the last; null for every one. @throws BadSearch */
  async records({ filter, search }: RecordQuery): Promise<Uint32Array | null> {
    if (filter === "problems") return NO_RECORDS;
    if (search.trim() === "") return null;
    // Its own: whoever looks at the list may stop that search, or type another.
    const run = new RecordSearch(
      this.#source().model,
      () => this.#source().bytes(),
      search,
      () => undefined,
    );
    await run.goOn();
    if (run.failure !== null) throw new BadSearch(run.failure);
    return run.records;
  }

  /** The search of the query, a short way into it at least; null where there is none. */
  async #searchOf({ search }: RecordQuery): Promise<RecordSearch | null> {
    if (search.trim() === "") return null;
    const { model } = this.#source();
    if (this.#search?.text !== search || this.#search.model !== model) {
      const run = new RecordSearch(model, () => this.#source().bytes(), search, this.#changed);
      this.#search?.run.stop();
      this.#search = { text: search, model, run };
    }
    const { run } = this.#search;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, FIRST_ANSWER_MS);
    });
    await Promise.race([run.goOn(), late]);
    clearTimeout(timer);
    return run;
  }

  /** Ends the search early: what was found stays. */
  stopSearch(): void {
    this.#search?.run.stop();
  }
}

function lowerBound(sorted: Uint32Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Rows behind the stop: each record no reader gets to, and each stretch of other bytes. */
function problemsIn({ regions, unreachable }: RecordListSource): Problem[] {
  return regions().flatMap((region): Problem[] => {
    if (region.kind !== "unreachable") return [{ kind: region.kind, offset: region.offset, bytes: region.bytes }];
    const end = region.offset + region.bytes;
    const inside = unreachable.filter(({ offset }) => offset >= region.offset && offset < end);
    const rows = inside.map(({ offset, bytes }): Problem => ({ kind: "unreachable", offset, bytes }));
    const last = inside.at(-1);
    const shown = last === undefined ? region.offset : last.offset + last.bytes;
    // Only so many are kept one by one; the others share a row.
    return shown < end ? [...rows, { kind: "unreachable", offset: shown, bytes: end - shown }] : rows;
  });
}

function readable(source: RecordListSource, record: number): LogRow {
  const { model } = source;
  const offset = model.offsetOf(record);
  const header = source.read(offset, HEADER_BYTES);
  const isOperation = model.isOperation(record);
  const base = {
    kind: "record" as const,
    index: record,
    offset,
    bytes: model.lengthOf(record),
    sequence: model.sequenceOf(record),
    ...fromHeader(header),
  };
  if (isOperation) {
    const key = model.keys.view(model.keyOf(record));
    const isDelete = model.isDelete(record);
    return {
      ...base,
      operation: isDelete ? "delete" : "put",
      key: toBase64(key),
      name: displayText(key).text,
      valueBytes: isDelete ? null : model.valueBytesOf(record),
    };
  }
  return { ...base, ...bookkeeping(source, offset, base.bytes) };
}

const typeName = (type: number) => recordTypeName(type) ?? `type ${type}`;
const statusName = (status: number) => recordStatusName(status) ?? `status ${status}`;

function fromHeader(header: Uint8Array): Pick<LogRow, "recordType" | "status" | "recordMs"> {
  if (header.length < HEADER_BYTES) return { recordType: null, status: null, recordMs: null };
  return {
    recordType: typeName(header[AT.type] ?? 0),
    status: statusName(header[AT.status] ?? 0),
    recordMs: readI64(header, AT.timestamp),
  };
}

/** What a record that is no operation says. */
function bookkeeping(
  source: RecordListSource,
  offset: number,
  length: number,
): Pick<LogRow, "operation" | "key" | "name" | "valueBytes"> {
  const none = { key: null, valueBytes: null };
  const size = length - RECORD_OVERHEAD_BYTES;
  const payload = size > MARK_BYTES_MAX ? new Uint8Array(0) : source.read(offset + HEADER_BYTES, size);
  const mark = decodeMark(payload, 0, payload.length);
  if (mark === null) return { ...none, operation: "other", name: numbersIn(payload) };
  const isAbandoned = mark.kind === MARK_ABANDONED;
  const count = mark.operations.length;
  const what = `${count.toLocaleString("en-US")} ${count === 1 ? "operation" : "operations"}`;
  const by = isAbandoned ? "given up" : `acknowledged by ${mark.peer || "every peer"}`;
  return { ...none, operation: isAbandoned ? "abandoned" : "acknowledged", name: `${what} ${by}` };
}

/** What repair and compaction leave behind so that numbers stay what they were; empty for any other payload. */
function numbersIn(payload: Uint8Array): string {
  if (payload.length === 18 && payload[0] === RECORD_COMPACTED) {
    return `compacted: sequences go on behind #${readU64(payload, 2).toLocaleString("en-US")}`;
  }
  if (payload.length === 14 && payload[0] === RECORD_NUMBERING) {
    return `the next operation #${readU64(payload, 2).toLocaleString("en-US")} is number ${readU32(payload, 10)} of them`;
  }
  return "";
}

function behind(source: RecordListSource, { kind, offset, bytes }: Problem): LogRow {
  const none = { index: null, offset, bytes, key: null, valueBytes: null, operation: "other" as const };
  const header = source.read(offset, Math.min(HEADER_BYTES, bytes));
  const nothing = { sequence: null, recordType: null, status: null, recordMs: null };
  if (header.length < HEADER_BYTES) return { kind, ...none, ...nothing, name: "" };
  const payloadSize = readU32(header, AT.payloadSize);
  const facts = { sequence: readU64(header, AT.sequence), ...fromHeader(header) };
  const isRecord = MAGIC_BYTES.every((byte, i) => header[i] === byte);
  if (!isRecord || payloadSize + RECORD_OVERHEAD_BYTES > bytes) return { kind, ...none, ...nothing, name: "" };
  const head = source.read(offset + HEADER_BYTES, Math.min(payloadSize, HEAD_BYTES));
  const tail = source.read(offset + HEADER_BYTES + Math.max(0, payloadSize - 8), Math.min(8, payloadSize));
  const operation = new OperationView();
  if (tail.length < 8 || !operation.read(head, 0, payloadSize, tail, 0)) {
    return { kind, ...none, ...facts, ...bookkeeping(source, offset, payloadSize + RECORD_OVERHEAD_BYTES) };
  }
  const key = head.subarray(operation.keyAt, operation.keyAt + operation.keyLength);
  const isDelete = operation.type === 2;
  return {
    kind,
    ...none,
    ...facts,
    operation: isDelete ? "delete" : "put",
    key: toBase64(key),
    name: displayText(key).text,
    valueBytes: isDelete ? null : operation.valueLength,
  };
}
