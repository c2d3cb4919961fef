/**
 * Writes records of a log as rows: a stream of pieces of a file, made as they are pulled. Memory does not grow with the
 * number of rows nor with the size of a value: a large value is read twice, once to judge it and once to write it.
 */
import type { FileHandle } from "../platform/file-system.js";
import { FNV_BASIS, fnv1a } from "../wal/checksum.js";
import {
  AT,
  CHECKSUM_BYTES,
  HEADER_BYTES,
  headerFault,
  RECORD_OVERHEAD_BYTES,
  readU32,
  recordStatusName,
  recordTypeName,
} from "../wal/format.js";
import { KEY_BYTES_MAX, OPERATION_DELETE, OPERATION_OVERHEAD_BYTES, OperationView } from "../wal/operation.js";
import {
  base64Of,
  bytesFrame,
  type Cells,
  type EncodedBytes,
  type ExportFormat,
  type ExportValues,
  encodeBytes,
  exactI64,
  exactSequence,
  type Fact,
  fileFrame,
  insideOf,
  isCsvText,
  KEY_COLUMNS,
  KEY_ROW,
  RECORD_COLUMNS,
  RECORD_ROW,
  rowEnd,
  rowStart,
} from "./export-text.js";
import { RecordReader, WINDOW_BYTES } from "./record-reader.js";

/** Where a row comes from: a record, or a stretch of bytes behind the stop that is none. */
export interface ExportPlace {
  readonly offset: number;
  readonly bytes: number;
  readonly state: "readable" | "unreachable" | "torn" | "damaged";
  /** Place among the readable records, from 0. */
  readonly index: number | null;
}

/** Rows in their order. Places are made when they are asked for: a million of them need not lie in memory. */
export interface ExportPlaces {
  readonly count: number;
  at(row: number): ExportPlace;
}

export interface ExportOptions {
  readonly rows: "keys" | "records";
  readonly format: ExportFormat;
  readonly values: ExportValues;
}

/** The log that rows are read from. */
export interface ExportSource {
  readonly handle: FileHandle;
  readonly size: number;
  readonly path: string;
}

/** Counted while pieces are pulled. */
export interface ExportProgress {
  rowCount: number;
  /** Bytes of the log that were gone through. */
  readBytes: number;
  /** Bytes of the pieces so far. */
  writtenBytes: number;
}

/** A piece is about this long: few enough to be made without a stop that anybody notices. */
const OUTPUT_BYTES = 256 * 1024;
/** A row whose text would be longer than import reads in one line has its value as base64. */
const TEXT_CHARS_MAX = 100 * 1024 * 1024;
/** In front of the value of an operation, at most. */
const HEAD_BYTES_MAX = HEADER_BYTES + OPERATION_OVERHEAD_BYTES + KEY_BYTES_MAX;

export function newExportProgress(): ExportProgress {
  return { rowCount: 0, readBytes: 0, writtenBytes: 0 };
}

/**
 * The pieces of the file, in order; empty ones only give others their turn. @throws SoftadastraError `io_error` when the
 * log is not what it was when the places were found
 */
export async function* exportPieces(
  source: ExportSource,
  places: ExportPlaces,
  options: ExportOptions,
  progress: ExportProgress = newExportProgress(),
): AsyncGenerator<Uint8Array, void> {
  const writer = new RowWriter(source, options);
  const frame = fileFrame(options.format, writer.columns);
  let text = frame.start;
  const take = (more: string): Uint8Array => {
    const bytes = Buffer.from(text + more, "utf8");
    text = "";
    progress.writtenBytes += bytes.length;
    return bytes;
  };
  for (let row = 0; row < places.count; row += 1) {
    const place = places.at(row);
    if (row > 0) text += frame.between;
    if (place.bytes <= WINDOW_BYTES || place.state === "torn" || place.state === "damaged") text += writer.row(place);
    else for await (const piece of writer.largeRow(place)) yield take(piece);
    progress.rowCount += 1;
    progress.readBytes += place.bytes;
    if (text.length >= OUTPUT_BYTES) yield take("");
  }
  yield take(places.count === 0 ? frame.empty : frame.end);
}

class RowWriter {
  readonly columns: readonly string[];
  readonly #options: ExportOptions;
  readonly #reader: RecordReader;
  readonly #operation = new OperationView();

  constructor(source: ExportSource, options: ExportOptions) {
    this.#options = options;
    this.#reader = new RecordReader(source.handle, source.size, source.path);
    this.columns = options.rows === "keys" ? KEY_COLUMNS : RECORD_COLUMNS;
  }

  /** A row of a record that fits the window, or of a stretch that is none. */
  row(place: ExportPlace): string {
    const { format, values } = this.#options;
    if (place.state === "torn" || place.state === "damaged") return this.#whole(this.#stretchCells(place));
    const record = this.#reader.bytes(place.offset, place.bytes);
    const size = place.bytes - RECORD_OVERHEAD_BYTES;
    const checksumAt = HEADER_BYTES + size;
    if (this.#sizeOf(record) !== size || fnv1a(record, HEADER_BYTES, checksumAt) !== readU32(record, checksumAt)) {
      throw this.#reader.changed(place.offset);
    }
    const payload = record.subarray(HEADER_BYTES, checksumAt);
    const isOperation = this.#operation.read(payload, 0, size, payload, size - 8);
    const cells: Record<string, Fact | EncodedBytes | undefined> = this.#recordCells(place, record, "ok");
    if (isOperation) {
      this.#describe(cells, payload, payload.subarray(size - 8));
      const { valueAt, valueLength, type } = this.#operation;
      if (values !== "none" && type !== OPERATION_DELETE) {
        cells.value = encodeBytes(payload.subarray(valueAt, valueAt + valueLength), format, values === "text");
      }
    } else if (values !== "none" && size > 0) cells.payload = encodeBytes(payload, format, false);
    return this.#whole(cells);
  }

  #whole(cells: Cells): string {
    return rowStart(this.#options.format, this.columns, cells) + rowEnd(this.#options.format, this.columns);
  }

  /** -1 for what is no header of a record any more. */
  #sizeOf(record: Uint8Array): number {
    return headerFault(record, 0) === null ? readU32(record, AT.payloadSize) : -1;
  }

  #recordCells(
    { offset, bytes, state, index }: ExportPlace,
    header: Uint8Array,
    checksum: string | undefined,
  ): Record<string, Fact | undefined> {
    const sequence = exactSequence(header, 0);
    if (this.#options.rows === "keys") return { row: KEY_ROW, sequence, offset };
    const type = header[AT.type] as number;
    const status = header[AT.status] as number;
    return {
      row: RECORD_ROW,
      index: index ?? undefined,
      offset,
      bytes,
      state,
      checksum,
      sequence,
      type: recordTypeName(type) ?? type,
      status: recordStatusName(status) ?? status,
      recordMs: exactI64(header, AT.timestamp),
    };
  }

  /** Adds what the operation says, besides its value. */
  #describe(cells: Record<string, Fact | EncodedBytes | undefined>, head: Uint8Array, time: Uint8Array): void {
    const { keyAt, keyLength, valueLength, type } = this.#operation;
    const { format, values } = this.#options;
    cells.operation = type === OPERATION_DELETE ? "delete" : "put";
    cells.operationMs = exactI64(time, 0);
    cells.key = encodeBytes(head.subarray(keyAt, keyAt + keyLength), format, values !== "base64");
    if (type !== OPERATION_DELETE) cells.valueBytes = valueLength;
  }

  /** Bytes behind the stop: of a record that is cut or wrong as much as its header tells; never its value. */
  #stretchCells(place: ExportPlace): Cells {
    const { offset, bytes, state } = place;
    const header = this.#reader.bytes(offset, Math.min(bytes, HEADER_BYTES));
    if (header.length < HEADER_BYTES || headerFault(header, 0) !== null)
      return { row: RECORD_ROW, offset, bytes, state };
    const isThere = readU32(header, AT.payloadSize) + RECORD_OVERHEAD_BYTES <= bytes;
    return this.#recordCells(place, header, isThere ? "wrong" : "missing");
  }

  /** A row of a record that is larger than the window, in pieces of text. */
  async *largeRow(place: ExportPlace): AsyncGenerator<string> {
    const { format, values } = this.#options;
    const size = place.bytes - RECORD_OVERHEAD_BYTES;
    const payloadAt = place.offset + HEADER_BYTES;
    const head = await this.#readHead(place);
    if (this.#sizeOf(head) !== size) throw this.#reader.changed(place.offset);
    const time = this.#reader.bytes(payloadAt + size - 8, 8).slice();
    const isOperation = this.#operation.read(head, HEADER_BYTES, size, time, 0);
    const cells: Record<string, Fact | EncodedBytes | undefined> = this.#recordCells(place, head, "ok");
    if (isOperation) this.#describe(cells, head.subarray(HEADER_BYTES), time);
    const { valueAt, valueLength, type } = this.#operation;
    if (values === "none" || (isOperation && type === OPERATION_DELETE)) {
      yield this.#whole(cells);
      return;
    }
    const range = isOperation ? { from: valueAt, to: valueAt + valueLength } : { from: 0, to: size };
    const judged = yield* this.#judge(place, range);
    if (!judged.isUnchanged) throw this.#reader.changed(place.offset);
    const isText = isOperation && values === "text" && judged.isText;
    const column = isOperation ? "value" : "payload";
    const [before, behind] = bytesFrame(format, column, isText);
    yield rowStart(format, this.columns, cells, column) + before;
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    for await (const piece of this.#reader.pieces(payloadAt + range.from, payloadAt + range.to)) {
      yield isText ? insideOf(format, decoder.decode(piece, { stream: true })) : base64Of(piece);
    }
    yield behind + rowEnd(format, this.columns, column);
  }

  async #readHead({ offset, bytes }: ExportPlace): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for await (const piece of this.#reader.pieces(offset, offset + Math.min(bytes, HEAD_BYTES_MAX))) {
      parts.push(piece.slice());
    }
    return Buffer.concat(parts);
  }

  /** Reads the payload once: whether it is what its checksum says, and whether the range may be written as text. */
  async *#judge(
    { offset, bytes }: ExportPlace,
    range: { from: number; to: number },
  ): AsyncGenerator<string, { isUnchanged: boolean; isText: boolean }> {
    const payloadAt = offset + HEADER_BYTES;
    const end = offset + bytes - CHECKSUM_BYTES;
    const text = new TextJudge(this.#options.format);
    let checksum = FNV_BASIS;
    let at = 0;
    for await (const piece of this.#reader.pieces(payloadAt, end)) {
      checksum = fnv1a(piece, 0, piece.length, checksum);
      const inside = piece.subarray(Math.max(0, range.from - at), Math.max(0, range.to - at));
      if (this.#options.values === "text") text.take(inside);
      at += piece.length;
      yield "";
    }
    const stored = this.#reader.bytes(end, CHECKSUM_BYTES);
    return { isUnchanged: readU32(stored, 0) === checksum, isText: text.isText() };
  }
}

/** Whether bytes that come in pieces are text that may be written as text. */
class TextJudge {
  readonly #format: ExportFormat;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  #isText = true;
  #isFirst = true;
  #chars = 0;

  constructor(format: ExportFormat) {
    this.#format = format;
  }

  take(piece: Uint8Array): void {
    if (!this.#isText || piece.length === 0) return;
    try {
      const text = this.#decoder.decode(piece, { stream: true });
      this.#chars += insideOf(this.#format, text).length;
      const isFit = this.#format !== "csv" || (this.#isFirst ? isCsvText(text, false) : !text.includes("\0"));
      this.#isText = isFit && this.#chars <= TEXT_CHARS_MAX;
      this.#isFirst = false;
    } catch {
      this.#isText = false;
    }
  }

  isText(): boolean {
    if (!this.#isText) return false;
    try {
      this.#decoder.decode();
      return true;
    } catch {
      return false;
    }
  }
}
