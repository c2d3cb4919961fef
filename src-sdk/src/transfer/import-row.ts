/** One line of an import file: the operation it asks for, or what is wrong with it and where. */
import { KEY_BYTES_MAX, valueBytesMax } from "../wal/operation.js";
import { KEY_ROW, RECORD_ROW, strictText } from "./export-text.js";
import { BadLine, locateMembers } from "./import-json.js";

export type ImportRow =
  | { readonly kind: "put"; readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly kind: "delete"; readonly key: Uint8Array }
  /** Of an export of records: bookkeeping, or what stands behind the stop. Nothing to write. */
  | { readonly kind: "none" };

type Json = Readonly<Record<string, unknown>>;

/** @throws BadLine */
export function readRow(bytes: Uint8Array): ImportRow {
  const text = strictText(bytes);
  if (text === null) throw notUtf8(bytes);
  const row = parseObject(text);
  const kind = own(row, "row") ?? KEY_ROW;
  if (kind !== KEY_ROW && kind !== RECORD_ROW) {
    throw at(text, "row", `the row must be ${KEY_ROW} or ${RECORD_ROW}: another version, or no export of this program`);
  }
  if (kind === RECORD_ROW && (own(row, "state") !== "readable" || !hasKey(row))) return { kind: "none" };
  const operation = own(row, "operation") ?? "put";
  if (operation !== "put" && operation !== "delete") throw at(text, "operation", "the operation must be put or delete");
  const key = readKey(text, row);
  const hasValue = own(row, "value") !== undefined || own(row, "valueBase64") !== undefined;
  if (operation === "delete") {
    if (hasValue) throw at(text, own(row, "value") === undefined ? "valueBase64" : "value", "a delete has no value");
    return { kind: "delete", key };
  }
  if (!hasValue) {
    const why = own(row, "valueBytes") === undefined ? "" : ": it was exported without values";
    throw new BadLine(1, `the row has neither value nor valueBase64${why}`);
  }
  const value = readBytes(text, row, "value");
  const max = valueBytesMax(key.length);
  if (value.length > max) {
    throw at(text, nameOf(row, "value"), `the value has ${value.length} bytes; with this key the limit is ${max}`);
  }
  const claimed = own(row, "valueBytes");
  if (claimed !== undefined && claimed !== value.length) {
    throw at(text, "valueBytes", `valueBytes is not the length of the value, which has ${value.length} bytes`);
  }
  return { kind: "put", key, value };
}

const own = (row: Json, name: string): unknown => (Object.hasOwn(row, name) ? row[name] : undefined);
const hasKey = (row: Json) => own(row, "key") !== undefined || own(row, "keyBase64") !== undefined;
const nameOf = (row: Json, name: string) => (own(row, name) === undefined ? `${name}Base64` : name);

function parseObject(text: string): Json {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) return { ...parsed };
  } catch {
    // Told below, with its place.
  }
  locateMembers(text);
  throw new BadLine(1, "a row is an object: it begins with {");
}

/** The complaint, at the member it is about. */
function at(text: string, name: string, reason: string): BadLine {
  return new BadLine(locateMembers(text).get(name)?.column ?? 1, reason);
}

function readKey(text: string, row: Json): Uint8Array {
  if (!hasKey(row)) throw new BadLine(1, "the row has neither key nor keyBase64");
  const key = readBytes(text, row, "key");
  if (key.length === 0) throw at(text, nameOf(row, "key"), "the key is empty; a key has 1 byte to 1 MiB");
  if (key.length > KEY_BYTES_MAX) {
    throw at(text, nameOf(row, "key"), `the key has ${key.length} bytes; the limit is ${KEY_BYTES_MAX} (1 MiB)`);
  }
  return key;
}

/** Of `name` or of `nameBase64`, whichever is there; both are one too many. */
function readBytes(text: string, row: Json, name: string): Uint8Array {
  const plain = own(row, name);
  const coded = own(row, `${name}Base64`);
  if (plain !== undefined && coded !== undefined) {
    throw at(text, `${name}Base64`, `the row has both ${name} and ${name}Base64`);
  }
  if (plain === undefined) return readBase64(text, `${name}Base64`, coded);
  if (typeof plain !== "string") throw at(text, name, `${name} must be a text`);
  if (!plain.isWellFormed()) {
    const column = locateMembers(text).get(name)?.loneSurrogateColumn ?? 1;
    throw new BadLine(column, `half a character (a lone surrogate) in ${name}: it has no bytes; use ${name}Base64`);
  }
  return Buffer.from(plain, "utf8");
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function readBase64(text: string, name: string, coded: unknown): Uint8Array {
  if (typeof coded !== "string") throw at(text, name, `${name} must be a text`);
  const bytes = Buffer.from(coded, "base64");
  // A long text is too long for the pattern's machine: what it means must come out as it went in.
  const isRight = coded.length < 65_536 ? BASE64.test(coded) : bytes.toString("base64") === coded;
  if (!isRight) throw at(text, name, `${name} is not base64 with padding`);
  return bytes;
}

function notUtf8(bytes: Uint8Array): BadLine {
  // Characters before the first that is none: what is cut in half at the end of a piece is not shown by a stream.
  let low = 0;
  let high = bytes.length;
  const isPrefix = (length: number) => {
    try {
      new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes.subarray(0, length), { stream: true });
      return true;
    } catch {
      return false;
    }
  };
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (isPrefix(middle)) low = middle;
    else high = middle - 1;
  }
  const before = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(0, low), { stream: true });
  return new BadLine(before.length + 1, "bytes that are not UTF-8");
}
