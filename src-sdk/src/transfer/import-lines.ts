/** Splits an import file into lines and reads each as a row: in batches, so that memory and pauses have a bound. */
import type { FileHandle } from "../platform/file-system.js";
import { SoftadastraError } from "../result.js";
import { BadLine } from "./import-json.js";
import { type ImportRow, readRow } from "./import-row.js";

/** Room for the largest value as base64 with the largest key, and for every row export writes. */
export const LINE_BYTES_MAX = 128 * 1024 * 1024;
/** The file is read in pieces of this size; a batch is the lines that end in one. */
const PIECE_BYTES = 512 * 1024;
const LF = 0x0a;
const CR = 0x0d;

export interface ImportLine {
  /** From 1. */
  readonly line: number;
  readonly row: ImportRow | BadLine;
}

export interface ImportBatch {
  readonly lines: readonly ImportLine[];
  /** Bytes of the file gone through with this batch. */
  readonly doneBytes: number;
}

/** What is no file of lines at all. */
function refuse(path: string, why: string): never {
  throw new SoftadastraError("invalid_argument", `${path} ${why}. Nothing was written`, { path });
}

/** @throws SoftadastraError `invalid_argument` for a file that is no NDJSON; what the disk throws */
export async function* importBatches(
  handle: FileHandle,
  size: number,
  path: string,
): AsyncGenerator<ImportBatch, void> {
  const splitter = new LineSplitter();
  for (let at = 0; at < size; ) {
    const piece = new Uint8Array(Math.min(PIECE_BYTES, size - at));
    let length = 0;
    while (length < piece.length) {
      const count = await handle.read(piece, length, piece.length - length, at + length);
      if (count === 0) break;
      length += count;
    }
    if (length === 0) break;
    const bytes = piece.subarray(0, length);
    if (at === 0) checkStart(bytes, path);
    const lines = splitter.take(at === 0 && startsWithMark(bytes) ? bytes.subarray(3) : bytes);
    at += length;
    yield { lines, doneBytes: at };
  }
  const rest = splitter.end();
  if (rest.length > 0) yield { lines: rest, doneBytes: size };
}

/** A byte order mark, which some editors put before UTF-8. */
const startsWithMark = (bytes: Uint8Array) => bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;

function checkStart(bytes: Uint8Array, path: string): void {
  const isUtf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  if (isUtf16) refuse(path, "is UTF-16: save it as UTF-8");
  const text = Buffer.from(bytes.subarray(startsWithMark(bytes) ? 3 : 0, 64))
    .toString("latin1")
    .trimStart();
  if (text.startsWith("[")) refuse(path, "is one JSON array: import reads NDJSON, one object a line");
  if (/^row,(?:key|index),/.test(text)) refuse(path, "is CSV: import reads NDJSON, one object a line");
  if (text.startsWith("1LAW")) refuse(path, "is a log, not rows: open it instead");
}

class LineSplitter {
  /** The begun line: its pieces, and how long they are together. */
  #begun: Uint8Array[] = [];
  #begunBytes = 0;
  #line = 1;

  take(bytes: Uint8Array): ImportLine[] {
    const lines: ImportLine[] = [];
    let from = 0;
    for (let end = bytes.indexOf(LF); end !== -1; end = bytes.indexOf(LF, from)) {
      this.#finish(bytes.subarray(from, end), lines);
      from = end + 1;
    }
    if (from < bytes.length) this.#begin(bytes.subarray(from));
    return lines;
  }

  /** The last line, where it has no line end. */
  end(): ImportLine[] {
    const lines: ImportLine[] = [];
    if (this.#begunBytes > 0) this.#finish(new Uint8Array(0), lines);
    return lines;
  }

  #begin(bytes: Uint8Array): void {
    this.#begunBytes += bytes.length;
    if (this.#begunBytes <= LINE_BYTES_MAX) this.#begun.push(bytes);
    else this.#begun = [];
  }

  #finish(rest: Uint8Array, into: ImportLine[]): void {
    const number = this.#line++;
    const length = this.#begunBytes + rest.length;
    const whole = this.#begun.length === 0 ? rest : Buffer.concat([...this.#begun, rest]);
    this.#begun = [];
    this.#begunBytes = 0;
    if (length > LINE_BYTES_MAX) {
      into.push({ line: number, row: new BadLine(1, `the line is longer than ${LINE_BYTES_MAX} bytes (128 MiB)`) });
      return;
    }
    const line = whole.at(-1) === CR ? whole.subarray(0, -1) : whole;
    if (!isBlank(line)) into.push({ line: number, row: readOrBad(line) });
  }
}

function isBlank(line: Uint8Array): boolean {
  return line.every((byte) => byte === 0x20 || byte === 0x09);
}

function readOrBad(line: Uint8Array): ImportRow | BadLine {
  try {
    return readRow(line);
  } catch (error) {
    if (error instanceof BadLine) return error;
    throw error;
  }
}
