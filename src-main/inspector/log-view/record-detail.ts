/** Takes one record apart, field by field with the names of the format; of a cut or damaged one as much as there is. */
import type { RecordDetail, RecordField } from "@softadastra/inspector-contract";
import {
  AT,
  CHECKSUM_BYTES,
  decodeMark,
  fnv1a,
  HEADER_BYTES,
  MAGIC_BYTES,
  MARK_ABANDONED,
  OPERATION_DELETE,
  OPERATION_PUT,
  PAYLOAD_BYTES_MAX,
  readI64,
  readU32,
  recordStatusName,
  recordTypeName,
} from "@softadastra/sdk/tools";
import { displayText } from "./display-text.ts";

/** Of a value, this much is shown among the fields. */
const VALUE_SHOWN_BYTES = 200;
const KEY_AT = 6;

/** All 64 bits: a sequence beyond 2^53 comes from a damaged header, and is shown as it stands there. */
function readU64Exact(bytes: Uint8Array, at: number): bigint {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(at, true);
}

/** Whether the payload begins as an operation whose key fits: damaged ones are taken apart too. */
function isOperationPayload(bytes: Uint8Array, at: number, size: number): boolean {
  const type = bytes[at + 1];
  if (bytes[at] !== 1 || (type !== OPERATION_PUT && type !== OPERATION_DELETE) || size < 18) return false;
  return bytes.length < at + KEY_AT || readU32(bytes, at + 2) <= size - 18;
}

export interface RecordBytes {
  /** From the start of the record to its end, or to the end of the file. */
  readonly bytes: Uint8Array;
  readonly offset: number;
  readonly kind: RecordDetail["kind"];
  readonly index: number | null;
  /** Bytes the row stands for; more than one record's, where bytes are that are none. */
  readonly length: number;
}

const hex = (value: number, width = 8) => `0x${value.toString(16).toUpperCase().padStart(width, "0")}`;
const time = (ms: number) => (Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : "out of range");

/** Collects fields as far as the bytes reach. */
class Fields {
  readonly list: RecordField[] = [];
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Adds a field of which at least a byte is there. `read` is called only when all of it is. */
  add(
    field: Pick<RecordField, "id" | "name" | "group" | "at" | "bytes">,
    read: () => { text: string; raw?: string; fault?: string | null },
  ): void {
    const { at, bytes, group } = field;
    const there = Math.max(0, Math.min(bytes, this.#bytes.length - at));
    if (there === 0 && bytes > 0) return;
    const isProtected = group === "payload";
    if (there < bytes) {
      const fault = `cut: ${there} of ${bytes} bytes are there`;
      this.list.push({ ...field, bytes: there, text: "cut", raw: "", isProtected, fault });
      return;
    }
    const { text, raw = "", fault = null } = read();
    this.list.push({ ...field, text, raw, isProtected, fault });
  }
}

export function recordDetail(record: RecordBytes): RecordDetail {
  const { bytes, offset, kind, index, length } = record;
  const fields = new Fields(bytes);
  const isRecord = MAGIC_BYTES.every((byte, i) => i >= bytes.length || bytes[i] === byte);
  if (isRecord || kind === "record" || kind === "unreachable") addFields(bytes, fields);
  return { offset, bytes: length, kind, index, fields: fields.list };
}

function addFields(bytes: Uint8Array, fields: Fields): void {
  addHeader(bytes, fields);
  if (bytes.length < HEADER_BYTES) return;
  const payloadSize = readU32(bytes, AT.payloadSize);
  if (payloadSize > PAYLOAD_BYTES_MAX) return;
  addPayload(bytes, payloadSize, fields);
  const checksumAt = HEADER_BYTES + payloadSize;
  fields.add({ id: "checksum", name: "Checksum", group: "checksum", at: checksumAt, bytes: CHECKSUM_BYTES }, () => {
    const stored = readU32(bytes, checksumAt);
    const computed = fnv1a(bytes, HEADER_BYTES, checksumAt);
    return {
      text: `${hex(stored)} stored`,
      raw: `${hex(computed)} over ${payloadSize} payload bytes`,
      fault: stored === computed ? null : "differs",
    };
  });
}

function addHeader(bytes: Uint8Array, fields: Fields): void {
  const header = (id: string, name: string, at: number, size: number, read: Parameters<Fields["add"]>[1]) =>
    fields.add({ id, name, group: "header", at, bytes: size }, read);
  header("magic", "magic", 0, 4, () => {
    const isMagic = MAGIC_BYTES.every((byte, i) => bytes[i] === byte);
    return {
      text: isMagic ? "1LAW" : "not 1LAW",
      raw: hex(readU32(bytes, 0)),
      fault: isMagic ? null : "not the magic",
    };
  });
  header("version", "version", AT.version, 4, () => {
    const version = readU32(bytes, AT.version);
    return { text: String(version), fault: version === 1 ? null : "unknown version" };
  });
  header("sequence", "sequence", AT.sequence, 8, () => {
    const sequence = readU64Exact(bytes, AT.sequence);
    return { text: sequence.toLocaleString("en-US"), fault: sequence === 0n ? "must be greater than 0" : null };
  });
  header("type", "record type", AT.type, 1, () => {
    const type = bytes[AT.type] as number;
    const name = recordTypeName(type);
    return { text: String(type), raw: name ?? "unknown", fault: name === undefined ? "unknown type" : null };
  });
  header("status", "status", AT.status, 1, () => {
    const status = bytes[AT.status] as number;
    const name = recordStatusName(status);
    return { text: String(status), raw: name ?? "unknown", fault: name === undefined ? "unknown status" : null };
  });
  header("recordTime", "record time", AT.timestamp, 8, () => {
    const ms = readI64(bytes, AT.timestamp);
    return { text: time(ms), raw: String(ms), fault: ms > 0 ? null : "must be greater than 0" };
  });
  header("payloadSize", "payload size", AT.payloadSize, 4, () => {
    const size = readU32(bytes, AT.payloadSize);
    return { text: size.toLocaleString("en-US"), fault: size > PAYLOAD_BYTES_MAX ? "over the limit of 64 MiB" : null };
  });
}

function addPayload(bytes: Uint8Array, size: number, fields: Fields): void {
  const at = HEADER_BYTES;
  const payload = (id: string, name: string, from: number, length: number, read: Parameters<Fields["add"]>[1]) =>
    fields.add({ id, name, group: "payload", at: at + from, bytes: length }, read);
  const rest = () => ({ text: `${size.toLocaleString("en-US")} bytes` });
  if (size === 0) return;
  const mark = bytes.length >= at + size ? decodeMark(bytes, at, size) : null;
  if (mark !== null) {
    const references = size - 10 - readU32(bytes, at + 2);
    payload("markKind", "kind, version", 0, 2, () => ({
      text: mark.kind === MARK_ABANDONED ? "abandoned" : "acknowledged",
      raw: hex(bytes[at] as number, 2),
    }));
    payload("peer", "peer", 2, 4 + readU32(bytes, at + 2), () => ({ text: mark.peer || "every peer that counts" }));
    payload("references", "operations", size - references - 4, references + 4, () => ({
      text: mark.operations.map(({ sequence }) => `#${sequence}`).join(", "),
      raw: `${mark.operations.length}`,
    }));
    return;
  }
  if (!isOperationPayload(bytes, at, size)) {
    payload("payload", "payload", 0, size, rest);
    return;
  }
  addOperation(bytes, size, payload);
}

function addOperation(
  bytes: Uint8Array,
  size: number,
  payload: (id: string, name: string, from: number, length: number, read: Parameters<Fields["add"]>[1]) => void,
): void {
  const at = HEADER_BYTES;
  payload("format", "format, type", 0, 2, () => ({
    text: `${bytes[at]}, ${bytes[at + 1]}`,
    raw: bytes[at + 1] === OPERATION_DELETE ? "delete" : "put",
  }));
  const keyBytes = bytes.length >= at + KEY_AT ? readU32(bytes, at + 2) : size - 18;
  payload("key", "key", 2, 4 + keyBytes, () => ({
    text: displayText(bytes.subarray(at + KEY_AT, at + KEY_AT + keyBytes)).text,
    raw: `${keyBytes} bytes`,
  }));
  const valueAt = KEY_AT + keyBytes;
  const valueBytes = size - 18 - keyBytes;
  payload("value", "value", valueAt, 4 + valueBytes, () => {
    const from = at + valueAt + 4;
    const shown = bytes.subarray(from, from + Math.min(valueBytes, VALUE_SHOWN_BYTES));
    const text = `${displayText(shown).text}${shown.length < valueBytes ? "…" : ""}`;
    return { text: valueBytes === 0 ? "empty" : text, raw: `${valueBytes} bytes` };
  });
  payload("operationTime", "operation time", size - 8, 8, () => {
    const ms = readI64(bytes, at + size - 8);
    return { text: time(ms), raw: String(ms), fault: ms > 0 ? null : "must be greater than 0" };
  });
}
