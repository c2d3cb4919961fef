/** How bytes, numbers and rows of an export are written in JSON and in CSV (docs/export-format.md). Nothing here reads a file. */
import { AT, readU32 } from "../wal/format.js";

export const EXPORT_FORMATS = ["json", "ndjson", "csv"] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];
/** `text`: as text where bytes are UTF-8, base64 where they are not. `base64`: always. `none`: keys and facts, no values. */
export const EXPORT_VALUES = ["text", "base64", "none"] as const;
export type ExportValues = (typeof EXPORT_VALUES)[number];

/** Each row says what it is and in which version; a change of meaning raises the number. */
export const KEY_ROW = "key/1";
export const RECORD_ROW = "record/1";

export const KEY_COLUMNS = [
  "row",
  "key",
  "operation",
  "sequence",
  "operationMs",
  "offset",
  "valueBytes",
  "value",
] as const;
export const RECORD_COLUMNS = [
  "row",
  "index",
  "offset",
  "bytes",
  "state",
  "checksum",
  "sequence",
  "type",
  "status",
  "recordMs",
  "operation",
  "operationMs",
  "key",
  "valueBytes",
  "value",
  "payload",
] as const;

/** A cell that is known at once: a word, a number, or one that is too large to be a number and is written as text. */
export type Fact = string | number | bigint;
/** Bytes as they are to be written. */
export interface EncodedBytes {
  readonly isText: boolean;
  readonly text: string;
}

/** A little-endian 64-bit integer that loses nothing: a number where that is exact, else a bigint. */
export function exactU64(bytes: Uint8Array, at: number): number | bigint {
  return exact((BigInt(readU32(bytes, at + 4)) << 32n) | BigInt(readU32(bytes, at)));
}

export function exactI64(bytes: Uint8Array, at: number): number | bigint {
  return exact((BigInt(readU32(bytes, at + 4) | 0) << 32n) | BigInt(readU32(bytes, at)));
}

function exact(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** The sequence of a header, almost always below 2^53: without a bigint in between. */
export function exactSequence(header: Uint8Array, at: number): number | bigint {
  const high = readU32(header, at + AT.sequence + 4);
  return high < 0x20_0000
    ? readU32(header, at + AT.sequence) + high * 4_294_967_296
    : exactU64(header, at + AT.sequence);
}

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The bytes as text; null when they are not UTF-8. */
export function strictText(bytes: Uint8Array): string | null {
  try {
    return strict.decode(bytes);
  } catch {
    return null;
  }
}

export function base64Of(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64");
}

/**
 * What JSON may hold as it is and readers stumble over: line ends besides LF and CR, which some programs split lines at,
 * and characters that hide or turn the direction of what follows. As escapes they are the same text.
 */
const ESCAPED_IN_JSON = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;
const escapeCharacter = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** As most keys are: it stands in JSON as it is. */
const PLAIN = /^[ !#-[\]-~]*$/;

/** The inside of a JSON string. */
export function jsonInside(text: string): string {
  if (PLAIN.test(text)) return text;
  return JSON.stringify(text).slice(1, -1).replace(ESCAPED_IN_JSON, escapeCharacter);
}

/** In a spreadsheet a cell that begins like this is computed, whatever the quotes around it. */
const STARTS_FORMULA = /^[=+\-@\t\r\n\uff0b\uff0d\uff1d\uff20]/;
/** These begin with a sign and are only themselves. */
const PLAIN_NUMBER = /^-?\d{1,15}(?:\.\d{1,15})?$/;
export const CSV_BASE64 = "base64:";

/**
 * Whether text may stand in a CSV cell: no spreadsheet computes it, no reader takes it for base64, and none ends at a NUL.
 * `isWhole` is false for the first piece of a longer text.
 */
export function isCsvText(text: string, isWhole: boolean): boolean {
  if (text.includes("\0") || text.startsWith(CSV_BASE64)) return false;
  if (isWhole && PLAIN_NUMBER.test(text)) return true;
  const start = text.trimStart();
  // Blank as far as it was read: what comes behind may be anything.
  if (start === "" && text !== "" && !isWhole) return false;
  return !STARTS_FORMULA.test(text) && !STARTS_FORMULA.test(start);
}

export function csvInside(text: string): string {
  return text.replaceAll('"', '""');
}

/** The inside of a cell of text in this format. */
export function insideOf(format: ExportFormat, text: string): string {
  return format === "csv" ? csvInside(text) : jsonInside(text);
}

/** Bytes for a row: text where that is asked for and possible. */
export function encodeBytes(bytes: Uint8Array, format: ExportFormat, asText: boolean): EncodedBytes {
  const text = asText ? strictText(bytes) : null;
  if (text !== null && (format !== "csv" || isCsvText(text, true)))
    return { isText: true, text: insideOf(format, text) };
  return { isText: false, text: base64Of(bytes) };
}

/** What stands around bytes in a row: before them and behind them. */
export function bytesFrame(format: ExportFormat, name: string, isText: boolean): readonly [string, string] {
  if (format !== "csv") return [`"${name}${isText ? "" : "Base64"}":"`, '"'];
  return isText ? ['"', '"'] : [CSV_BASE64, ""];
}

function factText(format: ExportFormat, fact: Fact): string {
  if (typeof fact === "number") return String(fact);
  // A JSON number of that size is read as another one; as text it is exact.
  if (typeof fact === "bigint") return format === "csv" ? String(fact) : `"${fact}"`;
  // Words of the format: nothing in them needs an escape.
  return format === "csv" ? fact : `"${fact}"`;
}

/** The cells of a row in the order of their columns; a column that does not apply has none. */
export type Cells = Readonly<Record<string, Fact | EncodedBytes | undefined>>;

/**
 * A row up to the column `to`, which is left out and written by the caller, in pieces; or all of it. Without line end.
 * `rowEnd` closes it.
 */
export function rowStart(format: ExportFormat, columns: readonly string[], cells: Cells, to?: string): string {
  const parts: string[] = [];
  for (const name of columns) {
    if (name === to) break;
    const cell = cells[name];
    if (cell === undefined) {
      if (format === "csv") parts.push("");
    } else if (typeof cell === "object") {
      const [before, behind] = bytesFrame(format, name, cell.isText);
      parts.push(before + cell.text + behind);
    } else parts.push(format === "csv" ? factText(format, cell) : `"${name}":${factText(format, cell)}`);
  }
  const separator = to === undefined || parts.length === 0 ? "" : ",";
  return `${format === "csv" ? "" : "{"}${parts.join(",")}${separator}`;
}

/** Behind the last cell, which was that of the column `at`. */
export function rowEnd(format: ExportFormat, columns: readonly string[], at?: string): string {
  if (format !== "csv") return "}";
  return at === undefined ? "" : ",".repeat(columns.length - 1 - columns.indexOf(at));
}

/** What stands before the first row, between two, and behind the last. */
export function fileFrame(format: ExportFormat, columns: readonly string[]) {
  if (format === "csv") return { start: `${columns.join(",")}\r\n`, between: "\r\n", end: "\r\n", empty: "" };
  if (format === "ndjson") return { start: "", between: "\n", end: "\n", empty: "" };
  return { start: "[\n", between: ",\n", end: "\n]\n", empty: "]\n" };
}
