/** Reads a log without opening a node: never locks, writes, or changes the file or its folder (spec 1). */

import { keyText } from "../keys.js";
import type { Clock } from "../platform/clock.js";
import { systemClock } from "../platform/clock.js";
import type { FileHandle, FileSystem } from "../platform/file-system.js";
import { ioError, systemCodeOf } from "../platform/io-error.js";
import { nodeFileSystem } from "../platform/node-file-system.js";
import { type Result, SoftadastraError, toResult } from "../result.js";
import { KeyTable } from "../store/key-table.js";
import { Value } from "../value.js";
import { type ByteSource, fileSource, readFully } from "./byte-source.js";
import { fnv1a } from "./checksum.js";
import { FindingCollector } from "./findings.js";
import { HEADER_BYTES, RECORD_OVERHEAD_BYTES } from "./format.js";
import { OPERATION_DELETE } from "./operation.js";
import { surveyLog } from "./recovery.js";
import { type WalReport, walReport } from "./report.js";
import { type ScannedRecord, scanWindows } from "./scan.js";

/** How to inspect; everything may be left out. */
export interface InspectOptions {
  /** Ends the inspection early: its promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  readonly fileSystem?: FileSystem;
  readonly clock?: Clock;
}

/**
 * What the log holds and what state it is in (specs 1 and 2; docs/wal-format.md). Reads the file once and writes
 * nothing, anywhere; a file that another process is writing to is reported as it was when the reading began.
 *
 * Errors: `invalid_argument` (no path), `io_error` (missing, a directory or other thing that is no regular file, no
 * permission, a disk that fails). A file that is not a log is not an error: the verdict says so.
 */
export function inspectWal(path: string, options: InspectOptions = {}): Promise<Result<WalReport>> {
  const clock = options.clock ?? systemClock;
  return toResult(() =>
    withFile(path, options.fileSystem ?? nodeFileSystem, async (handle) => {
      const startedMs = clock.now();
      const fileBytes = (await handle.stat()).size;
      const collector = new FindingCollector();
      const state = new KeyStates();
      const survey = await surveyLog(fileSource(handle, fileBytes), {
        signal: options.signal,
        onRecord: (record) => {
          collector.observe(record);
          state.observe(record);
        },
      });
      return walReport(survey, collector, {
        path,
        fileBytes,
        operationCount: state.operationCount,
        keyCount: state.liveCount,
        deletedKeyCount: state.keyCount - state.liveCount,
        durationMs: clock.now() - startedMs,
      });
    }),
  );
}

/** Which keys have a value: all the report needs to know of the store. */
class KeyStates {
  operationCount = 0;
  liveCount = 0;
  readonly #keys = new KeyTable();
  readonly #isLive: boolean[] = [];

  get keyCount(): number {
    return this.#keys.size;
  }

  observe({ bytes, at, operation }: ScannedRecord): void {
    if (operation.type === 0) return;
    this.operationCount += 1;
    const keyFrom = at + HEADER_BYTES + operation.keyAt;
    const id = this.#keys.add(bytes, keyFrom, keyFrom + operation.keyLength);
    const wasLive = this.#isLive[id] ?? false;
    const isLive = operation.type !== OPERATION_DELETE;
    this.#isLive[id] = isLive;
    this.liveCount += Number(isLive) - Number(wasLive);
  }
}

/** Opens for reading, closes, and turns what the disk says into an `io_error`. */
export async function withFile<T>(
  path: string,
  fileSystem: FileSystem,
  work: (handle: FileHandle) => Promise<T>,
): Promise<T> {
  const handle = await openFile(path, fileSystem);
  try {
    return await work(handle);
  } catch (cause) {
    throw readError(path, cause);
  } finally {
    await handle.close();
  }
}

async function openFile(path: string, fileSystem: FileSystem): Promise<FileHandle> {
  if (typeof path !== "string" || path === "") {
    throw new SoftadastraError(
      "invalid_argument",
      "the path of the log is empty: name a file, for example data/app.wal",
    );
  }
  try {
    const stat = await fileSystem.stat(path);
    if (stat?.isDirectory) throw Object.assign(new Error("is a directory"), { code: "EISDIR" });
    // Opening a pipe would wait for its other end, for ever.
    if (stat !== null && !stat.isFile) throw new Error("it is not a regular file");
    return await fileSystem.open(path, "read");
  } catch (cause) {
    throw ioError("open", path, cause);
  }
}

/** What the disk said becomes an `io_error`; an aborted signal and bugs pass as they are. */
function readError(path: string, cause: unknown): unknown {
  return systemCodeOf(cause) === undefined ? cause : ioError("read", path, cause);
}

/** A store operation: the payload of a record of types 1 to 3, as this SDK and the C++ engine write it. */
export interface WalOperation {
  readonly kind: "put" | "delete";
  /** The key as text; `keyBytes` has the truth where it is not UTF-8. */
  readonly key: string;
  readonly keyBytes: Uint8Array;
  /** Empty for a delete. */
  readonly value: Value;
  /** Time of the operation, in milliseconds since the Unix epoch. */
  readonly timestampMs: number;
}

/** One record of a log. Sequence and timestamp stand in the header, which no checksum protects. */
export interface WalRecord {
  /** Of its first byte in the file, from 0. */
  readonly offset: number;
  /** Header, payload and checksum together, in bytes. */
  readonly length: number;
  /** Exact up to 2^53 - 1; a greater one means a damaged header. */
  readonly sequence: number;
  /** 1 put, 2 update, 3 delete, 4 checkpoint, 5 noop. */
  readonly type: number;
  /** 0 pending, 1 persisted, 2 applied, 3 failed. */
  readonly status: number;
  /** Time of the append, in milliseconds since the Unix epoch. */
  readonly timestampMs: number;
  /** A copy. */
  readonly payload: Uint8Array;
  /** As stored: FNV-1a, 32 bits, of the payload. */
  readonly checksum: number;
  /** Always true: reading ends before a record whose checksum is wrong. */
  readonly checksumOk: boolean;
  /** `null` when the payload is not a store operation. */
  readonly operation: WalOperation | null;
}

/** Where to begin reading; everything may be left out. */
export interface ReadWalOptions {
  /** Offset of a record to start at; 0 unless told. */
  readonly from?: number;
  readonly fileSystem?: FileSystem;
}

/**
 * The whole, valid records from `from` on, in file order, until the first that is not; `inspectWal` says why it ended
 * there. At most one record and a reading window of about 1 MiB are in memory. The file stays open until the iteration
 * ends, also by `break`.
 * @throws SoftadastraError from the iteration: `invalid_argument` for no path or a `from` that can be no offset,
 * `io_error` when the file cannot be read or changes while it is
 */
export async function* readWalRecords(path: string, options: ReadWalOptions = {}): AsyncGenerator<WalRecord, void> {
  const from = options.from ?? 0;
  if (!Number.isInteger(from) || from < 0) {
    throw new SoftadastraError("invalid_argument", `from must be the offset of a record, not ${from}`);
  }
  const handle = await openFile(path, options.fileSystem ?? nodeFileSystem);
  try {
    const source = fileSource(handle, (await handle.stat()).size);
    const window: WalRecord[] = [];
    const windows = scanWindows(source, {
      from,
      onRecord: (record) => window.push(toRecord(record, wholePayload(record))),
    });
    for (let isDone = false; !isDone; ) {
      isDone = (await windows.next()).done === true;
      for (const record of window.splice(0)) yield isComplete(record) ? record : await readLarge(path, source, record);
    }
  } catch (cause) {
    throw readError(path, cause);
  } finally {
    await handle.close();
  }
}

function isComplete(record: WalRecord): boolean {
  return record.payload.length === record.length - RECORD_OVERHEAD_BYTES;
}

function wholePayload({ bytes, at, payloadSize, isWhole }: ScannedRecord): Uint8Array {
  return isWhole ? bytes.slice(at + HEADER_BYTES, at + HEADER_BYTES + payloadSize) : new Uint8Array(0);
}

function toRecord(record: ScannedRecord, payload: Uint8Array): WalRecord {
  return {
    offset: record.offset,
    length: record.length,
    sequence: record.sequence,
    type: record.type,
    status: record.status,
    timestampMs: record.timestampMs,
    payload,
    checksum: record.checksum,
    checksumOk: true,
    operation: toOperation(record, payload),
  };
}

function toOperation({ operation, bytes, at }: ScannedRecord, payload: Uint8Array): WalOperation | null {
  if (operation.type === 0) return null;
  const keyFrom = at + HEADER_BYTES + operation.keyAt;
  const keyBytes = bytes.slice(keyFrom, keyFrom + operation.keyLength);
  return {
    kind: operation.type === OPERATION_DELETE ? "delete" : "put",
    key: keyText(keyBytes),
    keyBytes,
    value: Value.fromBytes(payload.subarray(operation.valueAt, operation.valueAt + operation.valueLength)),
    timestampMs: operation.timestampMs,
  };
}

/** Completes a record that did not fit the scanner's window: its checksum was right, its payload is read now. */
async function readLarge(path: string, source: ByteSource, record: WalRecord): Promise<WalRecord> {
  const payload = await readFully(source, record.offset + HEADER_BYTES, record.length - RECORD_OVERHEAD_BYTES);
  if (
    payload.length !== record.length - RECORD_OVERHEAD_BYTES ||
    fnv1a(payload, 0, payload.length) !== record.checksum
  ) {
    throw new SoftadastraError(
      "io_error",
      `${path} changed while it was read: the record at offset ${record.offset} is not the one that was checked`,
      { path, offset: record.offset },
    );
  }
  const { operation } = record;
  if (operation === null) return { ...record, payload };
  const valueAt = operation.keyBytes.length + 10;
  const value = Value.fromBytes(payload.subarray(valueAt, payload.length - 8));
  return { ...record, payload, operation: { ...operation, value } };
}
