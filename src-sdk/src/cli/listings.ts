/** Records, keys and values of a log, printed as they are read: no log is too long. */
import { keyText } from "../keys.js";
import { SoftadastraError } from "../result.js";
import { recordTypeName } from "../wal/format.js";
import { inspectWal, readWalRecords, type WalOperation, type WalRecord } from "../wal/inspect.js";
import { formatOffset } from "../words.js";
import { BROKEN, CLEAN, type CliWork, statusOf, unwrap } from "./command.js";

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
const isUtf8 = (bytes: Uint8Array) => base64(Buffer.from(keyText(bytes), "utf8")) === base64(bytes);
/** Keys are hostile input, and a terminal obeys control characters. */
export const printable = (text: string) =>
  text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);

export async function printRecords(work: CliWork): Promise<number> {
  let index = 0;
  for await (const record of readWalRecords(work.path)) {
    if (index >= work.options.limit) break;
    if (work.options.json) work.printJson(recordJson(index, record));
    else work.print(recordLine(index, record));
    index += 1;
  }
  return statusOf(unwrap(await inspectWal(work.path)));
}

function recordLine(index: number, { offset, length, sequence, type, operation }: WalRecord): string {
  const what =
    operation === null
      ? (recordTypeName(type) ?? `type ${type}`)
      : `${operation.kind.padEnd(6)} ${printable(operation.key)}${operation.kind === "put" ? `  ${operation.value.size} bytes` : ""}`;
  return `${String(index + 1).padStart(7)}  ${formatOffset(offset)}  ${String(length).padStart(7)}  #${sequence}  ${what}`;
}

function recordJson(index: number, record: WalRecord) {
  const { offset, length, sequence, type, status, timestampMs, checksum, operation } = record;
  return {
    index,
    offset,
    length,
    sequence,
    type,
    status,
    timestampMs,
    checksum,
    operation: operation === null ? null : { ...keyJson(operation.keyBytes), ...operationJson(operation) },
  };
}

function operationJson({ kind, value, timestampMs }: WalOperation) {
  return {
    kind,
    timestampMs,
    ...(kind === "put" ? { valueBytes: value.size, valueBase64: base64(value.toBytes()) } : {}),
  };
}

/** The key as text, and as base64 where text would not be the truth. */
export function keyJson(keyBytes: Uint8Array) {
  return { key: keyText(keyBytes), ...(isUtf8(keyBytes) ? {} : { keyBase64: base64(keyBytes) }) };
}

interface LiveKey {
  readonly keyBytes: Uint8Array;
  readonly sequence: number;
  readonly offset: number;
  readonly valueBytes: number;
  readonly timestampMs: number;
}

/** The keys that have a value, in the order of their bytes. */
async function liveKeys(path: string): Promise<LiveKey[]> {
  const keys = new Map<string, LiveKey>();
  for await (const { operation, sequence, offset } of readWalRecords(path)) {
    if (operation === null) continue;
    const { keyBytes, kind, value, timestampMs } = operation;
    // Bytes as characters: a key that is no UTF-8 is a key of its own.
    const name = Buffer.from(keyBytes).toString("latin1");
    if (kind === "delete") keys.delete(name);
    else keys.set(name, { keyBytes, sequence, offset, valueBytes: value.size, timestampMs });
  }
  return [...keys.values()].sort((a, b) => Buffer.compare(a.keyBytes, b.keyBytes));
}

export async function printKeys(work: CliWork): Promise<number> {
  const { prefix = "", limit, json } = work.options;
  const start = Buffer.from(prefix, "utf8");
  const wanted = (await liveKeys(work.path)).filter(
    ({ keyBytes }) => Buffer.compare(keyBytes.subarray(0, start.length), start) === 0,
  );
  for (const { keyBytes, sequence, offset, valueBytes, timestampMs } of wanted.slice(0, limit)) {
    if (json) work.printJson({ ...keyJson(keyBytes), version: sequence, offset, valueBytes, timestampMs });
    else work.print(printable(keyText(keyBytes)));
  }
  return statusOf(unwrap(await inspectWal(work.path)));
}

export async function printValue(work: CliWork): Promise<number> {
  const [key = ""] = work.rest;
  const wanted = Buffer.from(key, "utf8");
  let found: { operation: WalOperation; sequence: number; offset: number } | null = null;
  for await (const { operation, sequence, offset } of readWalRecords(work.path)) {
    if (operation !== null && Buffer.compare(operation.keyBytes, wanted) === 0) found = { operation, sequence, offset };
  }
  if (found === null || found.operation.kind === "delete") {
    const how = found === null ? "was never written" : `was deleted by the record at offset ${found.offset}`;
    throw new SoftadastraError("not_found", `${printable(key)} ${how} in ${work.path}`, { key, path: work.path });
  }
  const bytes = found.operation.value.toBytes();
  const { sequence, offset } = found;
  if (work.options.json) {
    work.printJson({ key, version: sequence, offset, valueBytes: bytes.length, valueBase64: base64(bytes) });
  } else if (work.options.base64) work.print(base64(bytes));
  else work.printBytes(bytes);
  return statusOf(unwrap(await inspectWal(work.path))) === CLEAN ? CLEAN : BROKEN;
}
