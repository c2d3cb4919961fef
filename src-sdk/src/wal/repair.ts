/**
 * Repairs a log: writes the records that a policy keeps into a new file, reads that back, and only then lets it count
 * (specs 1 and 2; docs/decisions/0016). Nothing is ever thrown away: what is left out stays in the backup, or in the
 * log itself when the result goes elsewhere.
 */
import { dirname } from "node:path";
import { type Clock, systemClock } from "../platform/clock.js";
import type { FileHandle, FileSystem } from "../platform/file-system.js";
import { ioError, systemCodeOf } from "../platform/io-error.js";
import { nodeFileSystem } from "../platform/node-file-system.js";
import { type Result, SoftadastraError, toResult } from "../result.js";
import { resolveLogPath } from "../store/recover.js";
import { fileSource } from "./byte-source.js";
import { CheckedWriter, createScratch, putInPlace } from "./checked-writer.js";
import { inspectWal, withFile } from "./inspect.js";
import { findLockHolder, WalLock } from "./lock.js";
import {
  checkPolicy,
  type PlanRepairOptions,
  type PreparedRepair,
  prepareRepair,
  type RepairPlan,
} from "./repair-plan.js";
import type { WalReport } from "./report.js";
import { createBeside, utcStamp } from "./torn-tail.js";

/** How to repair, and where the result goes. */
export interface RepairWalOptions extends PlanRepairOptions {
  /** A new file for the result; the log is left as it is. Without it the log is replaced, after a verified backup. */
  readonly output?: string;
  /** A new file for the copy of a log that is replaced; `<path>.bak-<UTC time>` unless told. */
  readonly backup?: string;
  /** Asked with the plan before anything is written; false ends the repair with `store_error`, and nothing was changed. */
  readonly approve?: ((plan: RepairPlan) => boolean) | undefined;
  /** Called when another part of the work begins: reading, backup, writing, checking. */
  readonly onStep?: ((step: RepairStep) => void) | undefined;
}

/** The parts of a repair, in their order; `backup` only when the log is replaced. */
export type RepairStep = "reading" | "backup" | "writing" | "checking";

/** What a repair did (spec 2, "Repair"). */
export interface RepairReport {
  readonly plan: RepairPlan;
  /** The file that holds the result. */
  readonly outputPath: string;
  /** False when the log was clean, was to be replaced, and was therefore left as it is: nothing was written. */
  readonly isChanged: boolean;
  /** A copy of the log as it was, every byte of it; null when the log was not replaced. */
  readonly backupPath: string | null;
  /** What the result holds, read again after it got its name: always `clean`. */
  readonly result: WalReport;
}

interface RepairWork {
  readonly path: string;
  readonly shownPath: string;
  readonly fileSystem: FileSystem;
  readonly clock: Clock;
  readonly options: RepairWalOptions;
}

/** The unfinished result; one that a crash left behind holds nothing but copies, and the next repair replaces it. */
const SCRATCH_SUFFIX = ".repairing";

/**
 * Makes a clean log of a torn or damaged one, by one of two policies. With `output` the result is a new file and the
 * log is only read. Without, the log is replaced: the writer's lock is taken, the whole log is copied to
 * `<path>.bak-<UTC time>` and the copy compared, the result is written beside, read back and given the log's
 * permissions, and takes the log's name in one step. After a crash at any moment the path is the old log or the new
 * one, whole. A clean log is left as it is. Everything is on the disk when it resolves.
 *
 * Errors: `invalid_argument` (path, policy or output), `already_exists` (the log is open for writing, `context.pid`; or
 * there is a file at `output`), `store_error` (not a log; or it was written to or replaced meanwhile), `io_error`
 * (missing, a directory, no permission, full disk, or the disk did not give back what was written). After an error the
 * log is as it was, unless the message says otherwise.
 */
export function repairWal(path: string, options: RepairWalOptions): Promise<Result<RepairReport>> {
  return toResult(async () => {
    checkPolicy(options);
    const { output } = options;
    if (output !== undefined && (typeof output !== "string" || output === "")) {
      throw new SoftadastraError(
        "invalid_argument",
        "output must be the path of a new file; leave it out to replace the log",
        {
          option: "output",
        },
      );
    }
    const { backup } = options;
    if (backup !== undefined && (typeof backup !== "string" || backup === "" || output !== undefined)) {
      throw new SoftadastraError(
        "invalid_argument",
        "backup must be the path of a new file, and is made only of a log that is replaced: leave out output or backup",
        { option: "backup" },
      );
    }
    const fileSystem = options.fileSystem ?? nodeFileSystem;
    const clock = options.clock ?? systemClock;
    // Refuses what is no file before anything else is asked of its folder.
    await withFile(path, fileSystem, async () => undefined);
    const real = await resolveLogPath(path, fileSystem);
    const work: RepairWork = { path: real, shownPath: path, fileSystem, clock, options };
    return output === undefined ? withLock(real, work, () => replaceLog(work)) : writeElsewhere(work, output);
  });
}

async function withLock<T>(path: string, { fileSystem, clock }: RepairWork, work: () => Promise<T>): Promise<T> {
  const lock = await WalLock.acquire(path, { fileSystem, clock });
  let result: T;
  try {
    result = await work();
  } catch (error) {
    await lock.release().catch(() => undefined);
    throw error;
  }
  await lock.release();
  return result;
}

async function replaceLog(work: RepairWork): Promise<RepairReport> {
  const { path, fileSystem } = work;
  return reading(work, async (handle, fileId) => {
    const prepared = await prepare(work, handle);
    if (!prepared.plan.isNeeded) return reportOn(work, prepared.plan, work.shownPath, null);
    const scratch = `${path}${SCRATCH_SUFFIX}`;
    let backupPath: string | null = null;
    try {
      work.options.onStep?.("backup");
      const backup = await createBackup(work);
      backupPath = backup.path;
      await fill(work, backup, [{ from: 0, to: prepared.plan.fileBytes }], handle, prepared.plan);
      work.options.onStep?.("writing");
      await fill(work, await scratchAt(fileSystem, scratch), prepared.pieces, handle, prepared.plan);
      await fileSystem.syncDirectory(dirname(backupPath));
      await fileSystem.syncDirectory(dirname(path));
      await refuseChange(work, handle, fileId, prepared.plan.fileBytes);
      work.options.signal?.throwIfAborted();
    } catch (error) {
      // The log has not been touched; a copy of it helps nobody.
      await discard(fileSystem, backupPath);
      await discard(fileSystem, scratch);
      throw error;
    }
    await give(work, scratch, path, backupPath);
    return reportOn(work, prepared.plan, work.shownPath, backupPath);
  });
}

async function writeElsewhere(work: RepairWork, output: string): Promise<RepairReport> {
  const { path, fileSystem } = work;
  const target = await resolveLogPath(output, fileSystem);
  if (target === path) {
    throw new SoftadastraError(
      "invalid_argument",
      `output is the log itself: leave it out to replace ${work.shownPath}`,
      {
        option: "output",
        path: work.shownPath,
      },
    );
  }
  return withLock(target, work, async () => {
    await refuseExisting(fileSystem, target, output);
    return reading(work, async (handle, fileId) => {
      await refuseHolder(work);
      const prepared = await prepare(work, handle);
      work.options.onStep?.("writing");
      const scratch = `${target}${SCRATCH_SUFFIX}`;
      try {
        await fill(work, await scratchAt(fileSystem, scratch), prepared.pieces, handle, prepared.plan);
        await refuseChange(work, handle, fileId, prepared.plan.fileBytes);
        await refuseHolder(work);
        await refuseExisting(fileSystem, target, output);
        work.options.signal?.throwIfAborted();
      } catch (error) {
        await discard(fileSystem, scratch);
        throw error;
      }
      await give(work, scratch, target, null);
      return reportOn(work, prepared.plan, output, null);
    });
  });
}

/** The plan, which may be one that the caller does not want. */
async function prepare(work: RepairWork, handle: FileHandle): Promise<PreparedRepair> {
  work.options.onStep?.("reading");
  const prepared = await prepareRepair(handle, work.shownPath, work.options);
  if (work.options.approve?.(prepared.plan) === false) {
    throw new SoftadastraError(
      "store_error",
      `${work.shownPath} is not what the repair was planned for any more: another program changed it. Nothing was changed by this`,
      { path: work.shownPath, verdict: prepared.plan.verdict },
    );
  }
  return prepared;
}

async function createBackup({ path, fileSystem, clock, options: { backup } }: RepairWork) {
  if (backup === undefined) return createBeside(fileSystem, path, `bak-${utcStamp(clock.now())}`);
  await refuseExisting(fileSystem, backup, backup);
  return { path: backup, handle: await fileSystem.open(backup, "create") };
}

/** Holds the log open for reading; what the disk says becomes an `io_error`. */
async function reading<T>(work: RepairWork, use: (handle: FileHandle, fileId: string) => Promise<T>): Promise<T> {
  const { path, shownPath, fileSystem } = work;
  try {
    const handle = await fileSystem.open(path, "read");
    try {
      return await use(handle, (await handle.stat()).fileId);
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw systemCodeOf(cause) === undefined ? cause : ioError("repair", shownPath, cause);
  }
}

async function scratchAt(fileSystem: FileSystem, path: string): Promise<{ path: string; handle: FileHandle }> {
  return { path, handle: await createScratch(fileSystem, path) };
}

/** Writes the pieces, syncs, and reads everything back. */
async function fill(
  { path, fileSystem, options: { signal } }: RepairWork,
  target: { readonly path: string; readonly handle: FileHandle },
  pieces: PreparedRepair["pieces"],
  from: FileHandle,
  { fileBytes }: RepairPlan,
): Promise<void> {
  try {
    // While it is empty: nobody who may not read the log gets to see a byte of it.
    await fileSystem.copyPermissions?.(path, target.path);
    const source = fileSource(from, fileBytes);
    const writer = new CheckedWriter(target.handle, target.path, fileBytes);
    for (const piece of pieces) {
      if ("bytes" in piece) await writer.write(piece.bytes);
      else await writer.copy(source, piece.from, piece.to, signal);
    }
    await writer.settle(signal);
  } finally {
    await target.handle.close();
  }
}

/** A writer that takes no lock, such as the C++ engine, shows by what it leaves in the file. */
async function refuseChange(work: RepairWork, handle: FileHandle, fileId: string, fileBytes: number): Promise<void> {
  const { path, shownPath, fileSystem } = work;
  const [now, open] = [await fileSystem.stat(path), await handle.stat()];
  if (now?.fileId === fileId && now.size === fileBytes && open.size === fileBytes) return;
  throw new SoftadastraError(
    "store_error",
    `${shownPath} was written to or replaced while it was repaired; it was left as it is. Close the program that writes to it, then try again`,
    { path: shownPath, fileBytes, ...(now === null ? {} : { fileBytesNow: now.size }) },
  );
}

async function refuseHolder({ path, shownPath, fileSystem }: RepairWork): Promise<void> {
  const holder = await findLockHolder(fileSystem, path);
  if (holder === null) return;
  throw new SoftadastraError(
    "already_exists",
    `${shownPath} is open for writing, process id ${holder.pid}: close it first, or its newest records would be missing`,
    { path: shownPath, pid: holder.pid },
  );
}

async function refuseExisting(fileSystem: FileSystem, target: string, output: string): Promise<void> {
  if ((await fileSystem.stat(target)) === null) return;
  throw new SoftadastraError("already_exists", `there is a file at ${output} already; name a new one`, {
    path: output,
  });
}

async function discard(fileSystem: FileSystem, path: string | null): Promise<void> {
  if (path !== null) await fileSystem.remove(path).catch(() => undefined);
}

/** From here on the log may be the new one: a failure says so, and nothing is cleaned away. */
async function give(
  { fileSystem, shownPath }: RepairWork,
  scratch: string,
  to: string,
  backup: string | null,
): Promise<void> {
  try {
    await putInPlace(fileSystem, scratch, to);
  } catch (cause) {
    const error = ioError("put the repaired log in place of", shownPath, cause);
    const state =
      backup === null
        ? `; ${shownPath} was only read`
        : `; ${shownPath} is the old log or the repaired one, whole, and ${backup} is a copy of the old one`;
    throw new SoftadastraError(error.code, error.message + state, error.context, { cause });
  }
}

async function reportOn(
  { fileSystem, clock, shownPath, options }: RepairWork,
  plan: RepairPlan,
  outputPath: string,
  backupPath: string | null,
): Promise<RepairReport> {
  options.onStep?.("checking");
  const read = await inspectWal(outputPath, { fileSystem, clock });
  if (read.isErr()) throw read.error();
  const result = read.value();
  const expected = plan.keptRecordCount + plan.addedRecordCount;
  if (result.verdict !== "clean" || result.recordCount !== expected || result.keyCount !== plan.keys.kept) {
    const where = backupPath === null ? `${shownPath} is as it was` : `${backupPath} is a copy of the log as it was`;
    throw new SoftadastraError(
      "io_error",
      `${outputPath} was repaired and does not read back as planned (${result.verdict}, ${result.recordCount} of ${expected} records): another program wrote to it, or the disk fails. ${where}`,
      { path: outputPath, verdict: result.verdict },
    );
  }
  return { plan, outputPath, isChanged: backupPath !== null || outputPath !== shownPath, backupPath, result };
}
