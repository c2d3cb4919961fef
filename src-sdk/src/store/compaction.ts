/**
 * Compacts the log of an open node: copies the records that a restart needs into a new file beside it, verifies that
 * file, and puts it in place of the old one (docs/decisions/0015). Writes go on while it copies and are taken along;
 * they wait only while the last of them are copied and the name changes hands.
 */
import { dirname } from "node:path";
import type { Clock } from "../platform/clock.js";
import type { FileHandle, FileSystem } from "../platform/file-system.js";
import { ioError, systemCodeOf } from "../platform/io-error.js";
import { SoftadastraError } from "../result.js";
import type { Outbox } from "../sync/outbox.js";
import { fileSource } from "../wal/byte-source.js";
import { CheckedWriter, createScratch } from "../wal/checked-writer.js";
import { encodeCompacted } from "../wal/own-records.js";
import { scanRecords } from "../wal/scan.js";
import type { ExchangedFile, WalLog, WrittenFile } from "../wal/wal-log.js";
import { type CompactedCopy, chooseRecords, copyChosen, nextTurn, STEPS_PER_TURN } from "./compacted-copy.js";
import { KeyProbe } from "./key-probe.js";
import { RecoveredState } from "./recover.js";
import type { StoreIndex } from "./store-index.js";

/** What `client.compact()` did; sizes in bytes. */
export interface CompactionReport {
  /** False when there was nothing to leave out: the log is as it was. */
  readonly isChanged: boolean;
  /** Length of the log that was replaced, writes that came meanwhile included. */
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  /** Records looked at: those of the log when the compaction began. */
  readonly recordCount: number;
  /** Those of them that are gone: operations that were replaced and delivered, and marks that said so. */
  readonly droppedRecordCount: number;
  /** Deletes that are the last word on their key: all of them are kept. */
  readonly tombstoneCount: number;
  /** Operations that nobody acknowledged: all of them are kept. */
  readonly pendingCount: number;
  /** Milliseconds it took. */
  readonly durationMs: number;
}

export const NOTHING_COMPACTED: CompactionReport = {
  isChanged: false,
  bytesBefore: 0,
  bytesAfter: 0,
  recordCount: 0,
  droppedRecordCount: 0,
  tombstoneCount: 0,
  pendingCount: 0,
  durationMs: 0,
};

/** A mark speaks of at most a few hundred operations. */
const MARKS_PER_TURN = 50;

/** The unfinished copy. What a crash leaves of it holds nothing that is not in the log. */
const SCRATCH_SUFFIX = ".compacting";

export interface CompactionWork {
  readonly log: WalLog;
  /** What the open node shows: its locations follow the values to the new file. */
  readonly index: StoreIndex;
  readonly outbox: Outbox;
  readonly fileSystem: FileSystem;
  readonly clock: Clock;
}

/** Removes what a compaction left that did not end. The caller holds the log's lock. */
export async function removeUnfinishedCompaction(fileSystem: FileSystem, path: string): Promise<void> {
  const scratch = path + SCRATCH_SUFFIX;
  // Not worth refusing to open for; the next compaction meets it again.
  if ((await fileSystem.stat(scratch)) !== null) await fileSystem.remove(scratch).catch(() => undefined);
}

/** @throws SoftadastraError `io_error`, `store_error`; the log is then as it was, unless the message says otherwise */
export async function compactLog(work: CompactionWork): Promise<CompactionReport> {
  const { log, clock } = work;
  const startedMs = clock.now();
  await log.flush();
  const old = log.written();
  if (old === null) return NOTHING_COMPACTED;
  try {
    const state = await readBack(old, log.path);
    const chosen = await chooseRecords(state, work.outbox);
    const report = {
      recordCount: chosen.recordCount,
      tombstoneCount: state.index.deletedCount,
      pendingCount: state.outbox.count("pending"),
    };
    if (chosen.droppedOperationCount === 0) {
      const { length } = old;
      const durationMs = clock.now() - startedMs;
      return { ...NOTHING_COMPACTED, ...report, bytesBefore: length, bytesAfter: length, durationMs };
    }
    // On the disk before anything is left out: whatever becomes of the highest record, its number is not given again.
    const { highestSequence, highestVersion } = state;
    const mark = encodeCompacted({ highestSequence, highestVersion });
    await Promise.all([log.appendMark(mark, Math.max(1, Math.floor(clock.now()))), log.flush()]);
    const { copy, bytesBefore, bytesAfter } = await rewrite(work, old, state, chosen.isKept);
    const droppedRecordCount = chosen.recordCount - copy.recordCount;
    return {
      isChanged: true,
      ...report,
      bytesBefore,
      bytesAfter,
      droppedRecordCount,
      durationMs: clock.now() - startedMs,
    };
  } catch (cause) {
    throw systemCodeOf(cause) === undefined ? cause : ioError("compact", log.path, cause);
  }
}

/** What a restart would make of the file, with delivered operations still in the outbox, as `acknowledged`. */
async function readBack({ handle, length }: WrittenFile, path: string): Promise<RecoveredState> {
  const state = new RecoveredState(length);
  const { stop } = await scanRecords(fileSource(handle, length), state.scanning());
  state.endReading();
  if (stop !== null) {
    throw new SoftadastraError(
      "store_error",
      `${path} is damaged at offset ${stop.offset}: something changed it since it was opened. It was not compacted; close the client and inspect the log`,
      { path, offset: stop.offset },
    );
  }
  let steps = 0;
  for (const _ of state.applyMarks()) if (steps++ % MARKS_PER_TURN === 0) await nextTurn();
  return state;
}

async function rewrite(
  work: CompactionWork,
  old: WrittenFile,
  state: RecoveredState,
  isKept: Uint8Array,
): Promise<{ copy: CompactedCopy; bytesBefore: number; bytesAfter: number }> {
  const { log, fileSystem } = work;
  const scratchPath = log.path + SCRATCH_SUFFIX;
  const handle = await createScratch(fileSystem, scratchPath);
  let isInPlace = false;
  try {
    // While it is empty: nobody who may not read the log gets to see a byte of it.
    await fileSystem.copyPermissions?.(log.path, scratchPath);
    const writer = new CheckedWriter(handle, scratchPath, old.length);
    const copy = await copyChosen(fileSource(old.handle, old.length), state, isKept, writer);
    await writer.settle();
    await verify({ handle, length: copy.length }, scratchPath, state);
    let [bytesBefore, bytesAfter] = [0, 0];
    let unsynced: unknown;
    await log.exchange(async (now) => {
      bytesBefore = now.length;
      bytesAfter = await copyRest(now, old.length, handle, copy.length, scratchPath);
      unsynced = await takeName(work, scratchPath, now.handle, handle);
      isInPlace = true;
      return exchanged(work, copy, old.length, { handle, length: bytesAfter, isNameSynced: unsynced === undefined });
    });
    if (unsynced !== undefined) throw unsynced;
    return { copy, bytesBefore, bytesAfter };
  } catch (error) {
    if (!isInPlace) {
      await handle.close().catch(() => undefined);
      await fileSystem.remove(scratchPath).catch(() => undefined);
    }
    throw error;
  }
}

/** What came since the copy began, as it is. Answers the length of the new file. */
async function copyRest(now: WrittenFile, from: number, handle: FileHandle, at: number, path: string): Promise<number> {
  const writer = new CheckedWriter(handle, path, now.length - from, at);
  await writer.copy(fileSource(now.handle, now.length), from, now.length);
  await writer.settle();
  const { stop } = await scanRecords(fileSource(handle, writer.position), { from: at });
  if (stop !== null) throw refusal(path, "its last records do not read back");
  return writer.position;
}

/**
 * Gives the new file the log's name. Answers why the name may not survive power loss yet, or undefined: in either case
 * the new file is in place, and the next write syncs the name before it counts.
 */
async function takeName(
  { log, fileSystem }: CompactionWork,
  scratchPath: string,
  old: FileHandle,
  made: FileHandle,
): Promise<unknown> {
  if ((await fileSystem.stat(log.path))?.fileId !== (await old.stat()).fileId) {
    throw new SoftadastraError(
      "store_error",
      `${log.path} was replaced while it was compacted; it was left as it is. Close this client and open the log again`,
      { path: log.path },
    );
  }
  try {
    await fileSystem.rename(scratchPath, log.path);
  } catch (cause) {
    // A folder on a network may have done it and lost the answer.
    const [inPlace, ours] = [await fileSystem.stat(log.path), await made.stat()];
    if (inPlace?.fileId !== ours.fileId) throw cause;
  }
  try {
    await fileSystem.syncDirectory(dirname(log.path));
    return undefined;
  } catch (cause) {
    const error = ioError("compact", log.path, cause);
    const state = "the compacted log is in place, whole, and the next write makes its name durable";
    return new SoftadastraError(error.code, `${error.message}; ${state}`, error.context, { cause });
  }
}

/** The new file, and how what the node knows of the old one is carried over to it. */
function exchanged(
  { index, outbox }: CompactionWork,
  copy: CompactedCopy,
  oldLength: number,
  file: Omit<ExchangedFile, "moved">,
): ExchangedFile {
  const moved = () => {
    // What came meanwhile follows the copy in one piece, and what still waits follows that.
    const restMoved = copy.length - oldLength;
    const move = (location: number) => (location >= oldLength ? location + restMoved : copy.moved(location));
    index.relocate(move);
    outbox.relocate(move);
  };
  return { ...file, moved };
}

/** Reads the copy as a restart would and holds it against the log it was made from. */
async function verify(file: WrittenFile, path: string, before: RecoveredState): Promise<void> {
  const after = await readBack(file, path);
  const keys = before.index.keys;
  if (after.index.keys.size !== keys.size || after.index.liveCount !== before.index.liveCount) {
    throw refusal(path, "it does not hold the same keys");
  }
  const probe = new KeyProbe();
  let count = 0;
  for (let id = keys.first(); id !== -1; id = keys.next(id)) {
    if (count++ % STEPS_PER_TURN === 0) await nextTurn();
    const idAfter = after.index.keys.find(keys.probe(id, probe));
    const isSame = idAfter !== -1 && after.index.isLive(idAfter) === before.index.isLive(id);
    const [was, is] = [before.index.last(id), isSame ? after.index.last(idAfter) : null];
    if (is?.version !== was.version || is.timestampMs !== was.timestampMs || is.valueLength !== was.valueLength) {
      throw refusal(path, "a key is not what it was");
    }
  }
  const pending = after.outbox.slots("pending");
  let steps = 0;
  for (const slot of before.outbox.slots("pending")) {
    if (steps++ % STEPS_PER_TURN === 0) await nextTurn();
    const next = pending.next();
    const isSame =
      next.done !== true &&
      after.outbox.occurrence(next.value) === before.outbox.occurrence(slot) &&
      isSameOperation(before, slot, after, next.value);
    if (!isSame) throw refusal(path, "an operation that waits for delivery is not what it was");
  }
  if (pending.next().done !== true) throw refusal(path, "more operations wait for delivery");
}

function isSameOperation(before: RecoveredState, slot: number, after: RecoveredState, slotAfter: number): boolean {
  const [was, is] = [before.outbox.operation(slot), after.outbox.operation(slotAfter)];
  return (
    is.sequence === was.sequence &&
    is.timestampMs === was.timestampMs &&
    is.isDelete === was.isDelete &&
    is.valueLength === was.valueLength &&
    after.index.keys.compareTo(is.keyId, before.index.keys.view(was.keyId)) === 0
  );
}

function refusal(path: string, problem: string): SoftadastraError {
  return new SoftadastraError(
    "store_error",
    `the compacted copy ${path} was thrown away, because ${problem}; the log is as it was`,
    { path },
  );
}
