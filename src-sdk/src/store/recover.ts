/** Opens a log for writing: reads it, restores the store and the outbox from it, and refuses what must not be written to. */
import { basename, dirname, join } from "node:path";
import type { Clock } from "../platform/clock.js";
import type { FileHandle, FileStat, FileSystem } from "../platform/file-system.js";
import { ioError } from "../platform/io-error.js";
import { SoftadastraError } from "../result.js";
import { Outbox } from "../sync/outbox.js";
import { fileSource } from "../wal/byte-source.js";
import { isAppendedBehindTornTail } from "../wal/findings.js";
import { HEADER_BYTES, RECORD_OVERHEAD_BYTES, RECORD_TYPE, SEQUENCE_MAX } from "../wal/format.js";
import { fastestTaker, StoreKernel, WINDOWS_BYTES } from "../wal/kernel.js";
import { type DeliveryMark, decodeMark } from "../wal/marks.js";
import { OPERATION_DELETE, OPERATION_OVERHEAD_BYTES } from "../wal/operation.js";
import { emptyRecordedOperation } from "../wal/operation-log.js";
import { readCompacted, readNumbering } from "../wal/own-records.js";
import type { RecordBatch } from "../wal/record-batch.js";
import { type LogSurvey, surveyLog } from "../wal/recovery.js";
import { type RecoveryReport, type WalRepaired, walStop } from "../wal/report.js";
import type { ScannedRecord } from "../wal/scan.js";
import { setTornTailAside } from "../wal/torn-tail.js";
import { slotBytesMax } from "./key-entries.js";
import { StoreIndex } from "./store-index.js";

/** Below this a kernel with a memory of its own would cost more than it saves. */
const KERNEL_LOG_BYTES_MIN = 1024 * 1024;

/** When so much of a log is read, it is known about how many keys the rest will add. */
const EXPECTING_FROM_BYTES = 256 * 1024;

/** The hash table of this many keys has addresses of 800 megabytes; what more there are lies outside of the kernel's memory. */
const KERNEL_KEYS_MAX = 30_000_000;

/** How many keys the kernel has to be ready for. */
function keysMax(logBytes: number): number {
  return Math.min(KERNEL_KEYS_MAX, logBytes / (RECORD_OVERHEAD_BYTES + OPERATION_OVERHEAD_BYTES + 1));
}

function makeKernel(logBytes: number): StoreKernel | null {
  return logBytes < KERNEL_LOG_BYTES_MIN ? null : StoreKernel.make(slotBytesMax(keysMax(logBytes)));
}

/** Records of a log, applied in file order: what a node knows after reading it. */
export class RecoveredState {
  readonly index: StoreIndex;
  readonly outbox: Outbox;
  recordCount = 0;
  operationCount = 0;
  /** Of all records: the next one continues after it. */
  highestSequence = 0;
  /** Of the operations only. */
  highestVersion = 0;
  /** One object each for a million operations: garbage would count in the peak of memory. */
  readonly #recorded = emptyRecordedOperation();
  readonly #queued = { sequence: 0, keyId: 0, isDelete: false, timestampMs: 0, location: 0, valueLength: 0 };
  readonly #marks: DeliveryMark[] = [];
  readonly #logBytes: number;
  /** While the log is read. */
  #kernel: StoreKernel | null;
  #canLend = false;

  /** `logBytes`: length of the log that will be read. */
  constructor(logBytes = 0, kernel: StoreKernel | null = makeKernel(logBytes)) {
    this.#kernel = kernel;
    this.#logBytes = logBytes;
    this.index = new StoreIndex(kernel, keysMax(logBytes));
    this.outbox = new Outbox(kernel);
  }

  /** Options of a scan that applies what it reads: every record goes to one of the two, in file order. */
  scanning() {
    return {
      onRecord: (record: ScannedRecord) => this.apply(record),
      onOperations: (batch: RecordBatch, from: number, to: number, windowOffset: number) =>
        this.#applyAll(batch, from, to, windowOffset),
      taker: this.#kernel ?? fastestTaker(),
    };
  }

  apply(record: ScannedRecord): void {
    const { sequence } = record;
    this.recordCount += 1;
    if (sequence <= SEQUENCE_MAX && sequence > this.highestSequence) this.highestSequence = sequence;
    const { operation, bytes } = record;
    const payloadAt = record.at + HEADER_BYTES;
    if (operation.type === 0) {
      if (record.type === RECORD_TYPE.noop && record.isWhole) this.#readOwn(record);
      return;
    }
    this.operationCount += 1;
    const recorded = this.#recorded;
    recorded.type = operation.type;
    recorded.bytes = bytes;
    recorded.keyFrom = payloadAt + operation.keyAt;
    recorded.keyTo = recorded.keyFrom + operation.keyLength;
    recorded.valueLength = operation.valueLength;
    recorded.timestampMs = operation.timestampMs;
    recorded.sequence = sequence;
    recorded.location = record.offset + HEADER_BYTES + operation.keyAt;
    this.#applyRecorded();
  }

  #applyRecorded(): void {
    const recorded = this.#recorded;
    this.#noteVersion(recorded.sequence);
    const queued = this.#queued;
    queued.sequence = recorded.sequence;
    queued.keyId = this.index.apply(recorded);
    queued.isDelete = recorded.type === OPERATION_DELETE;
    queued.timestampMs = recorded.timestampMs;
    queued.location = recorded.location;
    queued.valueLength = recorded.valueLength;
    this.outbox.add(queued, "pending");
  }

  /** As `apply`, for the operations `[from, to)` of a batch. */
  #applyAll(batch: RecordBatch, from: number, to: number, windowOffset: number): void {
    this.recordCount += to - from;
    this.operationCount += to - from;
    // As many for the rest of the log as there were so far: no more, as keys come again.
    const readBytes = windowOffset + (batch.at[from] as number);
    if (readBytes > EXPECTING_FROM_BYTES) this.index.keys.expect((this.index.keys.size * this.#logBytes) / readBytes);
    for (let next = from; next < to; ) {
      const applied = this.#applyInKernel(next, to, windowOffset);
      // Only those that rise.
      if (applied > next) this.#noteVersion(batch.sequence[applied - 1] as number);
      next = applied;
      // What is out of the ordinary, the kernel leaves to us: one record, or all of them.
      const end = this.#canLend ? Math.min(next + 1, to) : to;
      if (next < end) this.#applyInScript(batch, next, end, windowOffset);
      next = end;
    }
    this.highestSequence = Math.max(this.highestSequence, this.highestVersion);
  }

  /** A sequence beyond 2^53 comes from a damaged header: continuing after it would make every later one inexact. */
  #noteVersion(sequence: number): void {
    if (sequence <= SEQUENCE_MAX && sequence > this.highestVersion) this.highestVersion = sequence;
  }

  /** Answers the first that was not applied. */
  #applyInKernel(from: number, to: number, windowOffset: number): number {
    const kernel = this.#kernel;
    this.#canLend =
      kernel !== null && this.index.lend(kernel.state, windowOffset + WINDOWS_BYTES) && this.outbox.lend(kernel.state);
    if (kernel === null || !this.#canLend) return from;
    const next = kernel.apply(from, to, windowOffset);
    this.index.takeBack(kernel.state);
    this.outbox.takeBack(kernel);
    return next;
  }

  #applyInScript(batch: RecordBatch, from: number, to: number, windowOffset: number): void {
    const recorded = this.#recorded;
    recorded.bytes = batch.bytes;
    for (let i = from; i < to; i += 1) {
      recorded.type = batch.operation[i] as number;
      recorded.keyFrom = batch.keyAt[i] as number;
      recorded.keyTo = recorded.keyFrom + (batch.keyLength[i] as number);
      recorded.valueLength = batch.valueLength[i] as number;
      recorded.timestampMs = batch.timestampMs[i] as number;
      recorded.sequence = batch.sequence[i] as number;
      recorded.location = windowOffset + recorded.keyFrom;
      this.#applyRecorded();
    }
  }

  #readOwn(record: ScannedRecord): void {
    const mark = decodeMark(record.bytes, record.at + HEADER_BYTES, record.payloadSize);
    if (mark !== null) this.#marks.push(mark);
    const numbering = readNumbering(record);
    if (numbering !== null) this.outbox.continueNumbering(numbering.sequence, numbering.occurrence);
    const compacted = readCompacted(record);
    if (compacted === null) return;
    this.highestSequence = Math.max(this.highestSequence, Math.min(compacted.highestSequence, SEQUENCE_MAX));
    this.highestVersion = Math.max(this.highestVersion, Math.min(compacted.highestVersion, SEQUENCE_MAX));
  }

  /** Every record was applied. What is there stays where it is; more lies beside it. */
  endReading(): void {
    this.index.keys.expect(0);
    this.#kernel?.close();
    this.#kernel = null;
  }

  /** Takes out of the outbox what was acknowledged or abandoned. Call once, when every record was applied. */
  settleMarks(): void {
    for (const _ of this.applyMarks());
    this.outbox.prune("acknowledged", () => undefined);
  }

  /** Has the outbox say `acknowledged` of what was acknowledged or abandoned, and keep it; one mark a step. */
  *applyMarks(): Generator<void> {
    for (const { operations } of this.#marks) {
      yield;
      for (const { sequence, occurrence } of operations) {
        const found = this.outbox.find(sequence, occurrence);
        if (found !== null) this.outbox.setStatus(found.slot, "acknowledged");
      }
    }
    this.#marks.length = 0;
  }
}

export interface RecoveredLog {
  /** `null` when there is no file yet: the first append creates it. */
  readonly handle: FileHandle | null;
  readonly state: RecoveredState;
  readonly report: RecoveryReport;
}

export interface RecoverDependencies {
  readonly fileSystem: FileSystem;
  readonly clock: Clock;
}

/**
 * The absolute path with symbolic links resolved, so that two names of one log are one log.
 * @throws SoftadastraError `io_error` when the directory is missing, or the path is a directory
 */
export async function resolveLogPath(path: string, fileSystem: FileSystem): Promise<string> {
  const directory = dirname(path);
  let parent: FileStat | null;
  let file: FileStat | null;
  try {
    parent = await fileSystem.stat(directory);
    file = parent?.isDirectory ? await fileSystem.stat(path) : null;
  } catch (cause) {
    throw ioError("look at", path, cause);
  }
  if (parent === null) {
    throw new SoftadastraError(
      "io_error",
      `cannot open ${path}: the directory ${directory} does not exist; create it first: mkdir -p ${directory}`,
      { path, directory, systemCode: "ENOENT" },
    );
  }
  if (!parent.isDirectory) {
    throw new SoftadastraError("io_error", `cannot open ${path}: ${directory} is a file, not a directory`, {
      path,
      directory,
    });
  }
  if (file !== null && !file.isFile) {
    const what = file.isDirectory ? "a directory" : "not a regular file";
    throw new SoftadastraError(
      "io_error",
      `cannot open ${path}: it is ${what}; name a file, for example ${join(path, "app.wal")}`,
      { path },
    );
  }
  try {
    if (file !== null) return await fileSystem.realPath(path);
    return join(await fileSystem.realPath(directory), basename(path));
  } catch (cause) {
    throw ioError("look at", path, cause);
  }
}

/**
 * Reads the log at `path`, whose lock the caller holds. A torn tail is set aside and cut.
 * @throws SoftadastraError `store_error` for a damaged file or one that is not a WAL; `io_error` from the disk
 */
export async function recoverLog(path: string, shownPath: string, deps: RecoverDependencies): Promise<RecoveredLog> {
  const { fileSystem, clock } = deps;
  const startedMs = clock.now();
  let handle: FileHandle | null = null;
  try {
    if ((await fileSystem.stat(path)) !== null) handle = await fileSystem.open(path, "write");
    const fileBytes = handle === null ? 0 : (await handle.stat()).size;
    const state = new RecoveredState(fileBytes);
    const survey = await readState(handle, fileBytes, state);
    refuseUnwritable(survey, shownPath, state.highestSequence);
    let repaired: WalRepaired | null = null;
    if (handle !== null && survey.verdict === "torn-tail") {
      const range = { cutAt: survey.validBytes, fileBytes, recordCount: survey.behind.recordCount };
      repaired = await setTornTailAside(path, handle, range, deps);
    } else if (handle !== null) {
      // What a writer that was killed left in the system's memory is shown from now on: it must not vanish any more.
      await handle.datasync();
      await fileSystem.syncDirectory(dirname(path));
    }
    return { handle, state, report: report(shownPath, survey, state, fileBytes, clock.now() - startedMs, repaired) };
  } catch (cause) {
    await handle?.close().catch(() => undefined);
    throw cause instanceof SoftadastraError ? cause : ioError("open the log", shownPath, cause);
  }
}

const EMPTY_SURVEY: LogSurvey = {
  verdict: "clean",
  recordCount: 0,
  validBytes: 0,
  stop: null,
  isRestZero: false,
  isUnfinishedGroup: false,
  behind: { regions: [], recordCount: 0, isComplete: true, searchedBytes: 0 },
};

async function readState(handle: FileHandle | null, fileBytes: number, state: RecoveredState): Promise<LogSurvey> {
  if (handle === null) return EMPTY_SURVEY;
  const survey = await surveyLog(fileSource(handle, fileBytes), state.scanning());
  state.endReading();
  state.settleMarks();
  return survey;
}

function refuseUnwritable(survey: LogSurvey, path: string, highestSequence: number): void {
  const { verdict, stop, behind, recordCount } = survey;
  if (stop === null || verdict === "torn-tail" || verdict === "clean") return;
  if (verdict === "not-a-wal") {
    throw new SoftadastraError(
      "store_error",
      `${path} is not a Softadastra write-ahead log: it does not begin with a record (1LAW) and holds none. It was not changed`,
      { path, verdict, offset: 0 },
    );
  }
  const where = `offset ${stop.offset} (0x${stop.offset.toString(16).toUpperCase()})`;
  const sequence = stop.sequence === undefined ? `after sequence ${highestSequence}` : `sequence ${stop.sequence}`;
  const behindCount = behind.isComplete ? `${behind.recordCount}` : `at least ${behind.recordCount}`;
  const cause = isAppendedBehindTornTail(survey, highestSequence)
    ? "a writer appended behind a torn record"
    : "a record is damaged";
  throw new SoftadastraError(
    "store_error",
    `${path} is damaged at ${where}, ${sequence}: ${cause}. ${recordCount} records are readable before it and ${behindCount} behind it. ` +
      "Nothing was changed: what is written behind damage is lost to every reader. Keep this file, inspect it with inspectWal, repair it with repairWal",
    {
      path,
      verdict,
      offset: stop.offset,
      ...(stop.sequence === undefined ? {} : { sequence: stop.sequence }),
      readableBefore: recordCount,
      readableBehind: behind.recordCount,
    },
  );
}

function report(
  path: string,
  survey: LogSurvey,
  state: RecoveredState,
  fileBytes: number,
  durationMs: number,
  repaired: WalRepaired | null,
): RecoveryReport {
  return {
    path,
    recordCount: survey.recordCount,
    operationCount: state.operationCount,
    keyCount: state.index.liveCount,
    lastSequence: state.highestSequence,
    fileBytes,
    validBytes: survey.validBytes,
    durationMs,
    verdict: survey.verdict,
    stop: walStop(survey),
    repaired,
  };
}
