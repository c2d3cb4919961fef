/** What a repair would do to a log, before anything is done (spec 2, "Repair"). Reads the file and writes nothing. */
import { keyText } from "../keys.js";
import { type Clock, systemClock } from "../platform/clock.js";
import type { FileHandle, FileSystem } from "../platform/file-system.js";
import { nodeFileSystem } from "../platform/node-file-system.js";
import { type Result, SoftadastraError, toResult } from "../result.js";
import { type ByteSource, fileSource } from "./byte-source.js";
import { type DamagedOperation, damagedOperationAt } from "./damaged-operation.js";
import { withFile } from "./inspect.js";
import { OPERATION_DELETE } from "./operation.js";
import { encodeNumbering, ownRecord, readNumbering } from "./own-records.js";
import { type LogSurvey, surveyLog, type Verdict } from "./recovery.js";
import { type RepairKeyChange, type RepairKeyCounts, RepairKeys } from "./repair-keys.js";
import { type WalStop, walStop } from "./report.js";
import { type ScannedRecord, scanRecords } from "./scan.js";

export const REPAIR_POLICIES = ["valid-prefix", "skip-damaged"] as const;

/**
 * What a repair keeps (spec 2, "Repair").
 *
 * - `valid-prefix`: the records before the first bad byte: what the C++ engine recovers.
 * - `skip-damaged`: every whole, valid record; only the bad bytes between them are left out.
 */
export type RepairPolicy = (typeof REPAIR_POLICIES)[number];

/** A part of the log that is repaired. The ranges of a plan lie side by side and cover the file. */
export interface RepairRange {
  readonly offset: number;
  /** In bytes. */
  readonly length: number;
  /** Whole, valid records, or bytes that are none. */
  readonly content: "records" | "unreadable";
  readonly recordCount: number;
  /** Sequence of its first record; null when it has none. */
  readonly firstSequence: number | null;
  /** Whether it is in the repaired log. What is not stays in the backup, or in the log that was left as it is. */
  readonly isKept: boolean;
}

/** An operation that can still be made out in unreadable bytes. No checksum vouches for it, so no policy keeps it. */
export interface RepairDamagedOperation {
  readonly offset: number;
  readonly sequence: number;
  readonly kind: "put" | "delete";
  /** The key as text; `keyBytes` has the truth where it is not UTF-8. */
  readonly key: string;
  readonly keyBytes: Uint8Array;
}

/** What a repair would do: shown before anything is done, and part of the report afterwards (spec 2, "Repair"). */
export interface RepairPlan {
  /** As it was given. */
  readonly path: string;
  readonly policy: RepairPolicy;
  readonly verdict: Verdict;
  /** Length of the log when it was read, in bytes. */
  readonly fileBytes: number;
  /** False for a clean log: there is nothing to repair. */
  readonly isNeeded: boolean;
  readonly stop: WalStop | null;
  /** In the order of the file. */
  readonly ranges: readonly RepairRange[];
  readonly keptRecordCount: number;
  readonly keptBytes: number;
  /** Whole, valid records that are left out; 0 with `skip-damaged`. */
  readonly droppedRecordCount: number;
  /** Bytes that are left out, those of whole records among them. They stay in the backup. */
  readonly droppedBytes: number;
  /** Bytes that are no record. */
  readonly unreadableBytes: number;
  /** False when the search behind the damage gave up: there may be more whole records than are counted here. */
  readonly isSearchComplete: boolean;
  /**
   * Records that are added so that sync ids stay what they were: one for each operation behind damage whose sequence a
   * damaged operation had too (docs/decisions/0003).
   */
  readonly addedRecordCount: number;
  /** Length of the repaired log, in bytes. */
  readonly resultBytes: number;
  readonly keys: RepairKeyCounts;
  /** The first {@link REPAIR_CHANGES_LISTED_MAX} keys that change; `keys` counts them all. */
  readonly changes: readonly RepairKeyChange[];
  /** The first {@link DAMAGED_OPERATIONS_MAX} that can be made out. */
  readonly damagedOperations: readonly RepairDamagedOperation[];
}

/** How to plan a repair. */
export interface PlanRepairOptions {
  readonly policy: RepairPolicy;
  /** Ends the reading early: the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Called now and then while the log is read: bytes looked at, of how many. */
  readonly onProgress?: ((doneBytes: number, totalBytes: number) => void) | undefined;
  readonly fileSystem?: FileSystem;
  readonly clock?: Clock;
}

/** Keys listed one by one in a plan: more than anybody reads, and a bound for the memory of the one who shows it. */
export const REPAIR_CHANGES_LISTED_MAX = 10_000;
/** A large damaged file may hold any number; they are a help to people, nothing is decided by them. */
export const DAMAGED_OPERATIONS_MAX = 10_000;

/** A part of the repaired log: bytes of the old one, or bytes of its own. */
export type RepairPiece = { readonly from: number; readonly to: number } | { readonly bytes: Uint8Array };

/** A plan, and what to write to carry it out. */
export interface PreparedRepair {
  readonly plan: RepairPlan;
  readonly pieces: readonly RepairPiece[];
}

/**
 * What repairing the log would keep, leave out and mean for each key. Reads the file once, takes no lock and changes
 * nothing.
 *
 * Errors: `invalid_argument` (no path, no such policy), `io_error` (missing, a directory, no permission, a disk that
 * fails), `store_error` (not a log).
 */
export function planRepair(path: string, options: PlanRepairOptions): Promise<Result<RepairPlan>> {
  return toResult(async () => {
    checkPolicy(options);
    const fileSystem = options.fileSystem ?? nodeFileSystem;
    return withFile(path, fileSystem, async (handle) => (await prepareRepair(handle, path, options)).plan);
  });
}

/** @throws SoftadastraError `invalid_argument` naming the policies there are */
export function checkPolicy(options: { readonly policy: RepairPolicy }): void {
  const policy: unknown = typeof options === "object" && options !== null ? options.policy : undefined;
  if (!REPAIR_POLICIES.some((known) => known === policy)) {
    throw new SoftadastraError(
      "invalid_argument",
      `policy must be one of ${REPAIR_POLICIES.join(", ")}, not ${String(policy)}`,
      { option: "policy" },
    );
  }
}

/** @throws SoftadastraError `store_error` for a file that is not a log; what the disk throws */
export async function prepareRepair(
  handle: FileHandle,
  path: string,
  options: PlanRepairOptions,
): Promise<PreparedRepair> {
  const { policy, signal } = options;
  const fileBytes = (await handle.stat()).size;
  const source = fileSource(handle, fileBytes);
  const keys = new RepairKeys();
  let firstSequence: number | null = null;
  const survey = await surveyLog(source, {
    signal,
    onProgress: (offset) => options.onProgress?.(offset, fileBytes),
    onRecord: (record) => {
      firstSequence ??= record.sequence;
      keys.observe(record, false);
    },
    onUnreachable: (record) => keys.observe(record, true),
  });
  if (survey.verdict === "not-a-wal") {
    throw new SoftadastraError(
      "store_error",
      `${path} is not a Softadastra write-ahead log: it does not begin with a record (1LAW) and holds none. There is nothing to repair, and it was not changed`,
      { path, verdict: survey.verdict, offset: 0 },
    );
  }
  const ranges = rangesOf(survey, firstSequence, fileBytes, policy);
  const damaged = await findDamaged(source, ranges, survey);
  keys.observeDamaged(damaged);
  const pieces = await numbered(source, ranges, damaged, options.clock ?? systemClock, signal);
  const { counts, changes } = keys.compare(policy === "skip-damaged", REPAIR_CHANGES_LISTED_MAX);
  const total = (of: (range: RepairRange) => number) => ranges.reduce((sum, range) => sum + of(range), 0);
  return {
    pieces,
    plan: {
      path,
      policy,
      verdict: survey.verdict,
      fileBytes,
      isNeeded: survey.verdict !== "clean",
      stop: walStop(survey),
      ranges,
      keptRecordCount: total((range) => (range.isKept ? range.recordCount : 0)),
      keptBytes: total((range) => (range.isKept ? range.length : 0)),
      droppedRecordCount: total((range) => (range.isKept ? 0 : range.recordCount)),
      droppedBytes: total((range) => (range.isKept ? 0 : range.length)),
      unreadableBytes: total((range) => (range.content === "unreadable" ? range.length : 0)),
      isSearchComplete: survey.behind.isComplete,
      addedRecordCount: pieces.filter((piece) => "bytes" in piece).length,
      resultBytes: pieces.reduce(
        (sum, piece) => sum + ("bytes" in piece ? piece.bytes.length : piece.to - piece.from),
        0,
      ),
      keys: counts,
      changes,
      damagedOperations: damaged.map(({ offset, sequence, type, keyBytes }) => {
        const kind = type === OPERATION_DELETE ? "delete" : "put";
        return { offset, sequence, kind, key: keyText(keyBytes), keyBytes };
      }),
    },
  };
}

/** The parts of the log, side by side, and which of them the policy keeps. */
export function rangesOf(
  survey: LogSurvey,
  firstSequence: number | null,
  fileBytes: number,
  policy: RepairPolicy,
): RepairRange[] {
  const ranges: RepairRange[] = [];
  const unreadableUpTo = (to: number) => {
    const last = ranges.at(-1);
    const offset = last === undefined ? 0 : last.offset + last.length;
    if (offset === to) return;
    const length = to - offset;
    ranges.push({ offset, length, content: "unreadable", recordCount: 0, firstSequence: null, isKept: false });
  };
  const { validBytes: length, recordCount } = survey;
  if (length > 0) ranges.push({ offset: 0, length, content: "records", recordCount, firstSequence, isKept: true });
  for (const region of survey.behind.regions) {
    unreadableUpTo(region.offset);
    ranges.push({
      offset: region.offset,
      length: region.bytes,
      content: "records",
      recordCount: region.recordCount,
      firstSequence: region.firstSequence,
      isKept: policy === "skip-damaged",
    });
  }
  unreadableUpTo(fileBytes);
  return ranges;
}

/** The operations that can be made out at the beginning of unreadable ranges, one behind the other. */
export async function findDamaged(
  source: ByteSource,
  ranges: readonly RepairRange[],
  survey: LogSurvey,
): Promise<DamagedOperation[]> {
  const damaged: DamagedOperation[] = [];
  if (survey.isRestZero) return damaged;
  for (const { content, offset, length } of ranges) {
    if (content === "records") continue;
    for (let at = offset; damaged.length < DAMAGED_OPERATIONS_MAX; ) {
      const operation = await damagedOperationAt(source, at, offset + length);
      if (operation === null) break;
      damaged.push(operation);
      at += operation.length;
    }
  }
  return damaged;
}

/**
 * The kept ranges, with a numbering record in front of each kept operation whose sequence a damaged operation before it
 * had too. That operation was number 1 when the log was whole, and the one behind it number 2: its sync id, which peers
 * remember and marks refer to, must not become that of the lost one.
 */
async function numbered(
  source: ByteSource,
  ranges: readonly RepairRange[],
  damaged: readonly DamagedOperation[],
  clock: Clock,
  signal: AbortSignal | undefined,
): Promise<RepairPiece[]> {
  const kept = ranges.filter((range) => range.isKept);
  const lostSequences = new Set(damaged.map(({ sequence }) => sequence));
  const pieces: RepairPiece[] = [];
  const times = new Map<number, number>();
  let nextDamaged = 0;
  const isLost = new Set<number>();
  for (const { offset, length } of kept) {
    let from = offset;
    const to = offset + length;
    for (; (damaged[nextDamaged]?.offset ?? to) < offset; nextDamaged += 1) {
      const sequence = damaged[nextDamaged]?.sequence ?? 0;
      times.set(sequence, (times.get(sequence) ?? 0) + 1);
      isLost.add(sequence);
    }
    if (lostSequences.size > 0) {
      const onRecord = (record: ScannedRecord) => {
        const { sequence } = record;
        const known = readNumbering(record);
        if (known !== null) {
          times.set(known.sequence, Math.max(known.occurrence - 1, times.get(known.sequence) ?? 0));
          isLost.delete(known.sequence);
        }
        if (record.operation.type === 0 || !lostSequences.has(sequence)) return;
        const occurrence = (times.get(sequence) ?? 0) + 1;
        times.set(sequence, occurrence);
        if (!isLost.delete(sequence)) return;
        if (record.offset > from) pieces.push({ from, to: record.offset });
        from = record.offset;
        const timestampMs = Math.max(1, Math.floor(clock.now()));
        pieces.push({ bytes: ownRecord(encodeNumbering({ sequence, occurrence }), sequence, timestampMs) });
      };
      await scanRecords(source, { from: offset, to, signal, onRecord });
    }
    pieces.push({ from, to });
  }
  return pieces;
}
