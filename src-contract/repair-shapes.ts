/** What repairs are talked about in: what each policy gives, key by key; a plan; and what a repair did. */
import * as v from "valibot";
import { POLICY_ROWS_PREVIEW_CHARS_MAX, REPAIR_CHANGES_MAX, REPAIR_RANGES_MAX } from "./limits.ts";
import { Count, Milliseconds, Sequence, Verdict } from "./shapes.ts";

export const PolicyName = v.picklist(["valid-prefix", "skip-damaged"]);
export type PolicyName = v.InferOutput<typeof PolicyName>;

/** What becomes of a key, against the C++ engine's view and all that is readable (the SDK's `RepairChangeKind`). */
export const KeyChangeKind = v.picklist(["added", "changed", "removed", "lost", "outdated", "comes-back"]);
export type KeyChangeKind = v.InferOutput<typeof KeyChangeKind>;

/** What a policy takes from the file as a whole. */
export const PolicyTotals = v.object({
  recordCount: Count,
  liveKeyCount: Count,
  keptBytes: Count,
  leftOutBytes: Count,
  nextWriteSurvives: v.boolean(),
});
export type PolicyTotals = v.InferOutput<typeof PolicyTotals>;

export const PolicyComparison = v.object({
  /** False while the file is read: more keys may differ. */
  isExact: v.boolean(),
  /** Null until it is known where reading stops. */
  engine: v.nullable(PolicyTotals),
  validPrefix: v.nullable(PolicyTotals),
  skipDamaged: v.nullable(PolicyTotals),
  /** Keys that differ, and how; the kinds add up to all. */
  allCount: Count,
  gainedCount: Count,
  otherCount: Count,
  comesBackCount: Count,
});
export type PolicyComparison = v.InferOutput<typeof PolicyComparison>;

/** The last operation on a key, as one way to read the file has it. */
export const PolicyCell = v.object({
  kind: v.picklist(["put", "delete"]),
  sequence: Sequence,
  /** Offset of its record. */
  offset: Count,
  valueBytes: Count,
  /** The beginning of a value that is text; empty for any other. */
  preview: v.pipe(v.string(), v.maxLength(POLICY_ROWS_PREVIEW_CHARS_MAX)),
  isText: v.boolean(),
});
export type PolicyCell = v.InferOutput<typeof PolicyCell>;

/** A key that the policies do not agree on. The C++ engine and the valid prefix have the same. */
export const PolicyRow = v.object({
  /** Cut when it is long. */
  name: v.string(),
  engine: v.nullable(PolicyCell),
  skipDamaged: v.nullable(PolicyCell),
  validPrefixChange: v.nullable(KeyChangeKind),
  skipDamagedChange: v.nullable(KeyChangeKind),
  /** A damaged record that deleted the key, as far as it can be made out. */
  damagedDeleteOffset: v.nullable(Count),
});
export type PolicyRow = v.InferOutput<typeof PolicyRow>;

export const PolicyFilter = v.picklist(["all", "gained", "other", "comes-back"]);
export type PolicyFilter = v.InferOutput<typeof PolicyFilter>;

const RepairKeyState = v.object({ kind: v.picklist(["put", "delete"]), sequence: Sequence, offset: Count });

export const RepairPlan = v.object({
  /** Names what was planned: a repair is done only if the file still gives the same plan. */
  planId: v.string(),
  policy: PolicyName,
  verdict: Verdict,
  fileBytes: Count,
  ranges: v.pipe(
    v.array(
      v.object({
        offset: Count,
        bytes: Count,
        content: v.picklist(["records", "unreadable"]),
        recordCount: Count,
        isKept: v.boolean(),
      }),
    ),
    v.maxLength(REPAIR_RANGES_MAX),
  ),
  /** All of them; the first are listed. */
  rangeCount: Count,
  keptRecordCount: Count,
  keptBytes: Count,
  droppedRecordCount: Count,
  droppedBytes: Count,
  unreadableBytes: Count,
  isSearchComplete: v.boolean(),
  /** Records that are added so that sync ids stay what they were. */
  addedRecordCount: Count,
  resultBytes: Count,
  keys: v.object({
    kept: Count,
    added: Count,
    changed: Count,
    removed: Count,
    lost: Count,
    outdated: Count,
    comesBack: Count,
  }),
  changes: v.pipe(
    v.array(
      v.object({
        name: v.string(),
        kind: KeyChangeKind,
        engine: v.nullable(RepairKeyState),
        result: v.nullable(RepairKeyState),
        readable: v.nullable(RepairKeyState),
      }),
    ),
    v.maxLength(REPAIR_CHANGES_MAX),
  ),
});
export type RepairPlan = v.InferOutput<typeof RepairPlan>;

/** Where a result may go, and names that are free. */
export const RepairPlaces = v.object({
  outputPath: v.string(),
  backupPath: v.string(),
  /** Why the file itself cannot be replaced; null when it can. */
  inPlaceObstacle: v.nullable(v.string()),
});
export type RepairPlaces = v.InferOutput<typeof RepairPlaces>;

/** What a repair did, after all of it was read again. */
export const RepairDone = v.object({
  /** Names the repair, for its report. */
  repair: Count,
  path: v.string(),
  outputPath: v.string(),
  backupPath: v.nullable(v.string()),
  /** SHA-256 of the log as it was, in hex; a backup was found to have the same. */
  sha256Before: v.string(),
  sha256After: v.string(),
  recordCount: Count,
  fileBytes: Count,
  /** Keys of the result that were compared with the plan's, value by value; all were the same. */
  comparedKeyCount: Count,
  startedMs: Milliseconds,
  durationMs: Milliseconds,
  /** The report, as Markdown. */
  markdown: v.string(),
});
export type RepairDone = v.InferOutput<typeof RepairDone>;
