/** The parts that commands and events are made of. Plain JSON data only: the same over IPC and WebSocket. */
import * as v from "valibot";
import { KEY_BYTES_MAX, PATH_CHARS_MAX, SEARCH_CHARS_MAX } from "./limits.ts";

export const Count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER));
/**
 * A sequence as the log holds it. One above 2^53 - 1 comes from a damaged header and is the nearest double: it is shown, and
 * said to be inexact.
 */
export const Sequence = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** 64));
export const Milliseconds = v.pipe(v.number(), v.finite());
/** No system has a path with a NUL in it. */
const hasNoNul = (text: string) => !text.includes("\0");
export const Path = v.pipe(
  v.string(),
  v.minLength(1),
  v.maxLength(PATH_CHARS_MAX),
  v.check(hasNoNul, "a path has no NUL"),
);
/** Bytes as base64 with padding. */
export const base64 = (bytesMax: number) =>
  v.pipe(
    v.string(),
    v.maxLength(Math.ceil(bytesMax / 3) * 4),
    v.regex(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/),
  );
export const KeyBytes = v.pipe(base64(KEY_BYTES_MAX), v.minLength(4));

/** Identity of the open file in its mode; a new one whenever either changes. */
export const SessionId = Count;

export const Mode = v.picklist(["inspect", "sandbox", "write"]);
export type Mode = v.InferOutput<typeof Mode>;

export const Verdict = v.picklist(["clean", "torn-tail", "damaged", "not-a-wal"]);
export type Verdict = v.InferOutput<typeof Verdict>;

export const Recent = v.object({
  path: v.string(),
  name: v.string(),
  directory: v.string(),
  /** As it is now; null when the file is gone. */
  fileBytes: v.nullable(Count),
  /** As it was when the file was last open. */
  verdict: v.nullable(Verdict),
  openedMs: Milliseconds,
});
export type Recent = v.InferOutput<typeof Recent>;

/** How far reading the file has come. Counts are "so far" until `done`. */
export const Indexing = v.object({
  phase: v.picklist(["reading", "searching", "done", "stopped", "failed"]),
  doneBytes: Count,
  totalBytes: Count,
  /** Why it failed. */
  message: v.optional(v.string()),
});
export type Indexing = v.InferOutput<typeof Indexing>;

export const SessionState = v.object({
  session: SessionId,
  mode: Mode,
  /** The file that is shown: in a sandbox the copy. */
  path: v.string(),
  /** The file that was opened: in a sandbox the one that was copied. */
  originPath: v.string(),
  name: v.string(),
  /** Directory of the origin, with the home directory as ~. */
  directory: v.string(),
  nodeId: v.string(),
  /** Where it came from. A bundled sample and a file dropped into a browser have no place of their own to write to. */
  source: v.picklist(["file", "sample", "dropped"]),
  indexing: Indexing,
  fileBytes: Count,
  recordCount: Count,
  operationCount: Count,
  liveKeyCount: Count,
  deletedKeyCount: Count,
  /** null until reading is done. */
  verdict: v.nullable(Verdict),
  validBytes: Count,
  /** Bytes from the stop to the end of the file. */
  tailBytes: Count,
  unreachableRecordCount: Count,
  /** Operations no peer has acknowledged. */
  outboxOpenCount: Count,
  /** Operations in a sandbox that were not saved to a file. */
  unsavedCount: Count,
  /** Records that others append are taken up as they come; only of a file that is open read-only. */
  isFollowing: v.boolean(),
  /** Bytes at the end that belong to a record being written: neither torn nor whole yet. */
  growingBytes: Count,
  /**
   * What other programs did to the file since it was read: appended to it, cut it inside of what was read, changed it in
   * place, put another file in its place, or took it away. What was read stays, and stays readable where it is not cut.
   */
  disk: v.picklist(["same", "grown", "truncated", "changed", "replaced", "missing"]),
  /** Bytes behind the records that another program cut off, or wrote over. */
  tailCut: v.nullable(v.object({ offset: Count, bytes: Count, atMs: Milliseconds })),
  lastTick: v.nullable(v.object({ number: Count, atMs: Milliseconds })),
});
export type SessionState = v.InferOutput<typeof SessionState>;

export const ValueKind = v.picklist(["empty", "text", "json", "bytes", "png", "jpeg", "gif", "webp", "bmp"]);
export type ValueKind = v.InferOutput<typeof ValueKind>;

/** One line of the key tree or list. */
export const KeyRow = v.variant("kind", [
  v.object({
    kind: v.literal("folder"),
    /** Bytes of the prefix, separator included. */
    prefix: v.string(),
    /** What stands in the row: the last segment, escaped where it is not text. */
    label: v.string(),
    depth: Count,
    isOpen: v.boolean(),
    keyCount: Count,
  }),
  v.object({
    kind: v.literal("key"),
    key: v.string(),
    label: v.string(),
    /** Characters of the label that the search matched: from, to. */
    matches: v.array(v.tuple([Count, Count])),
    depth: Count,
    isDeleted: v.boolean(),
    valueKind: ValueKind,
    valueBytes: Count,
  }),
]);
export type KeyRow = v.InferOutput<typeof KeyRow>;

/** The log as it stood when one of its records was the last. */
export const Moment = v.object({
  /** Place of that record in the file, from 0. */
  index: Count,
  offset: Count,
  bytes: Count,
  sequence: Sequence,
  /** Key of that record as base64; null for a record about no key. */
  key: v.nullable(v.string()),
  liveKeyCount: Count,
  deletedKeyCount: Count,
  operationCount: Count,
  /** Operations that no mark up to there says are acknowledged or given up. */
  outboxOpenCount: Count,
});
export type Moment = v.InferOutput<typeof Moment>;

/** A key as people read it, split at the separator: `["user/", "42/", "profile"]`. */
export const KeyName = v.object({ text: v.string(), segments: v.array(v.string()), isText: v.boolean() });
export type KeyName = v.InferOutput<typeof KeyName>;

export const KeyVersion = v.object({
  kind: v.picklist(["put", "delete"]),
  sequence: Sequence,
  /** Offset of the record. */
  offset: Count,
  recordMs: Milliseconds,
  operationMs: Milliseconds,
  valueBytes: Count,
});
export type KeyVersion = v.InferOutput<typeof KeyVersion>;

export const SyncStatus = v.picklist(["pending", "queued", "in_flight", "acknowledged", "failed"]);
export type SyncStatus = v.InferOutput<typeof SyncStatus>;

export const Delivery = v.object({
  syncId: v.string(),
  status: SyncStatus,
  attempts: Count,
  attemptsMax: Count,
  createdMs: Milliseconds,
  lastAttemptMs: v.nullable(Milliseconds),
  nextRetryMs: v.nullable(Milliseconds),
});
export type Delivery = v.InferOutput<typeof Delivery>;

export const OutboxRow = v.object({
  ...Delivery.entries,
  key: v.string(),
  name: v.string(),
  kind: v.picklist(["put", "delete"]),
  version: Sequence,
  /** Offset of the record; null when it cannot be told. */
  offset: v.nullable(Count),
  stuck: v.nullable(v.picklist(["at-maximum", "past-timeout"])),
});
export type OutboxRow = v.InferOutput<typeof OutboxRow>;

/** What is exported, and how it is written. */
export const ExportRequest = {
  rows: v.picklist(["keys", "records"]),
  /** Keys: the list whose keys they are; null for every key. */
  view: v.nullable(Count),
  /** Keys: deleted ones too, where there is no list. */
  withDeleted: v.boolean(),
  /** Records: as in the list of Log. */
  filter: v.picklist(["all", "problems"]),
  search: v.pipe(v.string(), v.maxLength(SEARCH_CHARS_MAX)),
  format: v.picklist(["json", "ndjson", "csv"]),
  /** As text where they are UTF-8, always as base64, or left out. */
  values: v.picklist(["text", "base64", "none"]),
};

/** What an import would do. Keys are counted once however often they come; every put and delete is a record. */
export const ImportPlan = v.object({
  rowCount: Count,
  putCount: Count,
  deleteCount: Count,
  /** Rows of an export of records that say nothing to write. */
  leftOutCount: Count,
  keyCount: Count,
  newKeyCount: Count,
  replacedKeyCount: Count,
  deletedKeyCount: Count,
  repeatedCount: Count,
  /** Bytes appended to the log. */
  recordBytes: Count,
  badCount: Count,
  /** The first of them. */
  badLines: v.array(v.object({ line: Count, column: Count, reason: v.string() })),
});
export type ImportPlan = v.InferOutput<typeof ImportPlan>;

export const TickReport = v.object({
  number: Count,
  atMs: Milliseconds,
  isPruning: v.boolean(),
  retriedCount: Count,
  failedCount: Count,
  prunedCount: Count,
  batchSize: Count,
  sentCount: Count,
  /** Unacknowledged operations after the tick. */
  openCount: Count,
  acknowledgedCount: Count,
});
export type TickReport = v.InferOutput<typeof TickReport>;

export const SyncState = v.object({
  outboxSize: Count,
  pendingCount: Count,
  queuedCount: Count,
  inFlightCount: Count,
  acknowledgedCount: Count,
  failedCount: Count,
  /** In flight past the time-out, or failed. */
  stuckCount: Count,
  stuckInFlightCount: Count,
  /** When the next operation in flight times out, in host time; null when none will. */
  nextTimeoutMs: v.nullable(Milliseconds),
  /** Creation time of the oldest queued operation. */
  oldestQueuedMs: v.nullable(Milliseconds),
  totalRetries: Count,
  batchSize: Count,
  attemptsMax: Count,
  ackTimeoutMs: Count,
  /** Ticking by itself every so often; null when it does not. */
  runningEveryMs: v.nullable(Count),
  /** Host time of this answer: ages are counted from it. */
  nowMs: Milliseconds,
  ticks: v.array(TickReport),
});
export type SyncState = v.InferOutput<typeof SyncState>;

export const Finding = v.object({
  code: v.string(),
  severity: v.picklist(["error", "warning", "note"]),
  offset: Count,
  length: Count,
  sequence: v.nullable(Sequence),
  count: Count,
  meaning: v.string(),
  engine: v.string(),
  action: v.string(),
});
export type Finding = v.InferOutput<typeof Finding>;

/** A stretch of the file behind the readable records. */
export const FileRegion = v.object({
  kind: v.picklist(["torn", "damaged", "unreachable"]),
  offset: Count,
  bytes: Count,
  recordCount: Count,
});
export type FileRegion = v.InferOutput<typeof FileRegion>;

/** One block of the magnified map. */
export const MapBlock = v.object({
  kind: v.picklist(["put", "delete", "meta", "torn", "damaged", "unreachable"]),
  offset: Count,
  bytes: Count,
  label: v.string(),
});
export type MapBlock = v.InferOutput<typeof MapBlock>;

export const HealthReport = v.object({
  /** Null until reading is done: everything else is then "so far". */
  verdict: v.nullable(Verdict),
  /** The verdict for people. */
  words: v.nullable(
    v.object({ title: v.string(), body: v.array(v.string()), warning: v.nullable(v.string()), safe: v.string() }),
  ),
  fileBytes: Count,
  validBytes: Count,
  /** Bytes at the end that belong to a record being written. */
  growingBytes: Count,
  recordCount: Count,
  unreachableRecordCount: Count,
  isAppendedBehindTornTail: v.boolean(),
  liveKeyCount: Count,
  lastSequence: Sequence,
  stop: v.nullable(
    v.object({ offset: Count, reason: v.string(), code: v.string(), sequence: v.nullable(Sequence), restBytes: Count }),
  ),
  findings: v.array(Finding),
  regions: v.array(FileRegion),
  /** The records and regions around the stop, or the last ones. */
  window: v.array(MapBlock),
});
export type HealthReport = v.InferOutput<typeof HealthReport>;

/** A row of the record list: a record, one behind the stop that no reader gets to, or a stretch of bytes that is none. */
export const LogRow = v.object({
  kind: v.picklist(["record", "unreachable", "torn", "damaged"]),
  /** Place among the readable records, from 0; null behind the stop. */
  index: v.nullable(Count),
  offset: Count,
  bytes: Count,
  /** Of the header; null where there is no record. */
  sequence: v.nullable(Sequence),
  /** Record type and status of the header, by their names in the format; null likewise. */
  recordType: v.nullable(v.string()),
  status: v.nullable(v.string()),
  recordMs: v.nullable(Milliseconds),
  /** What the payload is. */
  operation: v.picklist(["put", "delete", "acknowledged", "abandoned", "other"]),
  /** Key of an operation as base64; null for a record about no key. */
  key: v.nullable(v.string()),
  /** The key, or what the row is about. */
  name: v.string(),
  valueBytes: v.nullable(Count),
});
export type LogRow = v.InferOutput<typeof LogRow>;

/** One field of a record, as the format names it. */
export const RecordField = v.object({
  id: v.string(),
  name: v.string(),
  group: v.picklist(["header", "payload", "checksum"]),
  /** Place from the start of the record, and how many bytes of it are in the file. */
  at: Count,
  bytes: Count,
  /** What it means. */
  text: v.string(),
  /** What stands there, where the meaning is not the same. */
  raw: v.string(),
  /** Whether the checksum covers it. */
  isProtected: v.boolean(),
  /** Why it is wrong; null when it is not. */
  fault: v.nullable(v.string()),
});
export type RecordField = v.InferOutput<typeof RecordField>;

/** A record taken apart; of one that is cut or damaged as much as there is. */
export const RecordDetail = v.object({
  offset: Count,
  /** Bytes of the record, or of the stretch that is none. */
  bytes: Count,
  kind: v.picklist(["record", "unreachable", "torn", "damaged"]),
  index: v.nullable(Count),
  fields: v.array(RecordField),
});
export type RecordDetail = v.InferOutput<typeof RecordDetail>;

/** The records along the file, in columns of equal bytes up to the stop. */
export const Strip = v.object({
  puts: v.array(Count),
  deletes: v.array(Count),
  metas: v.array(Count),
  goodBytes: Count,
  fileBytes: Count,
  recordCount: Count,
  regions: v.array(FileRegion),
});
export type Strip = v.InferOutput<typeof Strip>;
