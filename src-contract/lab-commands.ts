/** Commands of the crash lab: what a fault at any byte of the last write would leave, tried out on copies only. */
import * as v from "valibot";
import { LAB_CELLS_MAX, LAB_KILL_WRITES_MAX, LAB_OUTSTANDING_MAX, LAB_RECORDS_MAX, LAB_ROWS_MAX } from "./limits.ts";
import { Count, Finding, Path, Sequence, SessionId, Verdict } from "./shapes.ts";

const between = (min: number, max: number) => v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max));

/**
 * What happens to the file. A place is 0 to the length of the write: `kill` stops after so many bytes; every other fault
 * is about the byte that ends there, so it has no place 0.
 */
export const LabFault = v.variant("kind", [
  /** The process is killed while it appends: what it handed to the system stays. */
  v.strictObject({ kind: v.literal("kill") }),
  /** The process is killed between the append and its flush. */
  v.strictObject({ kind: v.literal("flush") }),
  /**
   * Power is lost before the flush, and the disk has not written the sector of the byte: nor what follows, which reads
   * as zeros (`tail`), or the file ends there (`short`); or it wrote the later ones and left a hole (`hole`).
   */
  v.strictObject({ kind: v.literal("power"), loss: v.picklist(["tail", "short", "hole"]) }),
  /** One bit changes, after everything was flushed. */
  v.strictObject({ kind: v.literal("flip"), bit: between(0, 7) }),
  /** A sector turns to zeros, after everything was flushed. */
  v.strictObject({ kind: v.literal("sector"), sectorBytes: v.picklist([512, 4096]) }),
]);
export type LabFault = v.InferOutput<typeof LabFault>;

/** The bytes of the file that the lab cuts: from the beginning of a write to the end of the readable records. */
export const LabRange = v.strictObject({ start: Count, end: Count });
export type LabRange = v.InferOutput<typeof LabRange>;

export const LabWrite = v.object({
  range: LabRange,
  recordCount: Count,
  /** Records that were synced together are one write. */
  writeCount: Count,
  /** Records before the range. */
  earlierCount: Count,
  /** The last record: what it does, to which key, and the beginning of its value. */
  operation: v.picklist(["put", "delete", "other"]),
  name: v.string(),
  valueText: v.string(),
});
export type LabWrite = v.InferOutput<typeof LabWrite>;

/** One place of the strip. */
export const LabCell = v.object({
  verdict: Verdict,
  /** Finding at the place where reading stops; empty when there is none. */
  code: v.string(),
  /** The write that holds the place, after reopening. */
  write: v.picklist(["whole", "part", "absent", "changed"]),
  /** Records of confirmed writes, this one not among them, that are not recovered, or come back with other bytes. */
  earlierLost: Count,
  earlierChanged: Count,
  /** A record that the C++ engine appends to this file is found at its next opening. */
  isNextKept: v.boolean(),
  /** Bytes are missing or wrong, and the verdict says so; null when none are. */
  isNoticed: v.nullable(v.boolean()),
});
export type LabCell = v.InferOutput<typeof LabCell>;

/** A field of a record as a stretch of the write. */
export const LabField = v.object({
  id: v.string(),
  name: v.string(),
  from: Count,
  to: Count,
  /** Which record of the range it belongs to, from 0. */
  record: Count,
});
export type LabField = v.InferOutput<typeof LabField>;

/** What becomes of a record, and what its key holds after reopening. */
export const LabRow = v.object({
  /** Base64; null for a record about no key. */
  key: v.nullable(v.string()),
  name: v.string(),
  operation: v.picklist(["put", "delete", "other"]),
  sequence: Sequence,
  offset: Count,
  promise: v.picklist(["confirmed", "under-way", "not-begun"]),
  fate: v.picklist(["kept", "absent", "lost", "changed", "behind"]),
  after: v.nullable(v.object({ isDeleted: v.boolean(), version: Sequence, text: v.string() })),
});
export type LabRow = v.InferOutput<typeof LabRow>;

/** How the bytes on the disk differ from the log: shorter, with zeros, with a bit flipped. */
export const LabDamage = v.object({
  fileBytes: Count,
  zeros: v.nullable(v.object({ from: Count, to: Count })),
  flip: v.nullable(v.object({ offset: Count, mask: Count })),
});
export type LabDamage = v.InferOutput<typeof LabDamage>;

export const LabCase = v.object({
  cell: LabCell,
  damage: LabDamage,
  /** What reopening reads. */
  recordCount: Count,
  liveKeyCount: Count,
  validBytes: Count,
  unreachableCount: Count,
  stopReason: v.nullable(v.string()),
  findings: v.array(Finding),
  /** Records of confirmed writes: all, and what became of them. */
  confirmedCount: Count,
  lostCount: Count,
  changedCount: Count,
  /** Lost records that are whole behind the damage, where a repair finds them. */
  behindCount: Count,
  /** Records of the write that was not confirmed yet, and how many of them are there. */
  underWayCount: Count,
  underWayKept: Count,
  /** Records that were not begun. */
  notBegunCount: Count,
  rowCount: Count,
  rows: v.pipe(v.array(LabRow), v.maxLength(LAB_ROWS_MAX)),
  /** Bits of this byte whose flip nobody notices; null where they were not all tried. */
  unnoticedBits: v.nullable(v.array(Count)),
});
export type LabCase = v.InferOutput<typeof LabCase>;

const Place = { session: SessionId, range: LabRange, fault: LabFault };
const PlaceOfCase = { ...Place, cut: Count };
/** The log has grown, or the range was never one: ask for the write again. */
const RANGE_CODES = ["SessionClosed", "NotIndexed", "Refused", "DiskFailed"] as const;

export const labCommands = {
  /** The last write of the log, or at least its last records; null when there is none. */
  "lab.write": {
    input: v.strictObject({ session: SessionId, records: v.nullable(between(1, LAB_RECORDS_MAX)) }),
    output: v.object({ write: v.nullable(LabWrite) }),
    codes: ["SessionClosed", "NotIndexed", "DiskFailed"],
  },
  /** What each of these places would leave; null where a fault has no such place. */
  "lab.cuts": {
    input: v.strictObject({ ...Place, from: Count, count: between(1, LAB_CELLS_MAX) }),
    output: v.object({ cells: v.array(v.nullable(LabCell)) }),
    codes: RANGE_CODES,
  },
  /** Bytes of the range as they are in the log, as base64, and the fields they belong to. */
  "lab.bytes": {
    input: v.strictObject({ session: SessionId, range: LabRange, from: Count, count: between(1, LAB_CELLS_MAX) }),
    output: v.object({ fields: v.array(LabField), bytes: v.string() }),
    codes: RANGE_CODES,
  },
  "lab.case": { input: v.strictObject(PlaceOfCase), output: LabCase, codes: RANGE_CODES },
  /** Makes the file of a case in a temporary folder, opens it with a node, and throws it away. */
  "lab.reopen": {
    input: v.strictObject(PlaceOfCase),
    output: v.object({
      verdict: Verdict,
      /** What the node said when it would not open the file. */
      refusal: v.nullable(v.string()),
      recordCount: Count,
      liveKeyCount: Count,
      setAsideName: v.nullable(v.string()),
      setAsideBytes: Count,
      setAsideRecordCount: Count,
      durationMs: v.number(),
    }),
    codes: RANGE_CODES,
  },
  /** Writes the file of a case, and beside it what a reader must find in it (docs/crash-cases.md). */
  "lab.save": {
    input: v.strictObject({ ...PlaceOfCase, path: Path, overwrite: v.boolean() }),
    output: v.object({ path: v.string(), expectedPath: v.string(), fileBytes: Count }),
    codes: [...RANGE_CODES, "Exists", "NotFound", "NoPermission", "NotAFile", "Locked"],
  },
  /** Has a node of its own process write to a copy, kills it with SIGKILL, and opens what is left. */
  "lab.kill": {
    input: v.strictObject({
      session: SessionId,
      /** Puts under way at a time. */
      outstanding: between(1, LAB_OUTSTANDING_MAX),
      /** Killed when so many puts were confirmed. */
      confirmed: between(0, LAB_KILL_WRITES_MAX),
    }),
    output: v.object({
      pid: Count,
      signal: v.string(),
      /** Records that were in the copy before. */
      earlierCount: Count,
      confirmedCount: Count,
      confirmedKept: Count,
      inFlightCount: Count,
      inFlightKept: Count,
      /** The bytes that were there before are the same. */
      isFrontKept: v.boolean(),
      verdict: Verdict,
      recordCount: Count,
      setAsideBytes: Count,
      /** From the first put to the kill. */
      writingMs: v.number(),
    }),
    codes: ["SessionClosed", "NotIndexed", "Refused", "DiskFailed", "Unsupported"],
  },
} as const;
