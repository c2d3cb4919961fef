/**
 * The one contract between the renderer and the host: every command with its input, its output and the codes it may
 * fail with. Types are inferred; a missing handler, a wrong input or a code that is not listed does not compile.
 */
import * as v from "valibot";
import { labCommands } from "./lab-commands.ts";
import {
  COMPLETIONS_MAX,
  DROP_BYTES_MAX,
  DROP_CHUNK_BYTES_MAX,
  ECHO_CHARS_MAX,
  ECHO_WAIT_MS_MAX,
  EDIT_BYTES_MAX,
  HISTORY_MAX,
  ROWS_MAX,
  SEARCH_CHARS_MAX,
  SETTING_CHARS_MAX,
  STRIP_BINS_MAX,
  VALUE_CHUNK_BYTES_MAX,
} from "./limits.ts";
import { repairCommands } from "./repair-commands.ts";
import type { BoundaryCode, DomainCode, Outcome } from "./result.ts";
import {
  base64,
  Count,
  Delivery,
  HealthReport,
  KeyBytes,
  KeyName,
  KeyRow,
  KeyVersion,
  LogRow,
  Milliseconds,
  Mode,
  Moment,
  OutboxRow,
  Path,
  Recent,
  RecordDetail,
  Sequence,
  SessionId,
  SessionState,
  Strip,
  SyncState,
  SyncStatus,
  TickReport,
  ValueKind,
} from "./shapes.ts";
import { transferCommands } from "./transfer-commands.ts";

interface CommandShape {
  readonly input: v.GenericSchema;
  readonly output: v.GenericSchema;
  readonly codes: readonly DomainCode[];
}

const Nothing = v.strictObject({});
const Done = v.object({});
const InSession = { session: SessionId };
/** Only operations whose key, sync id or version has the text. */
const OutboxQuery = {
  filter: v.union([SyncStatus, v.picklist(["all", "open", "stuck"])]),
  search: v.pipe(v.string(), v.maxLength(SEARCH_CHARS_MAX)),
};
const ViewId = Count;
/** Answers as of the record that holds this offset, or the last one before it; without it as of the end of the log. */
const AsOf = { asOf: v.optional(Count) };
const Limit = (max: number) => v.pipe(Count, v.maxValue(max));

const FoundRecord = v.object({
  record: v.nullable(
    v.object({
      /** Place in the file, from 0. */
      index: Count,
      offset: Count,
      bytes: Count,
      sequence: Sequence,
      /** As base64; null for a record about no key. */
      key: v.nullable(v.string()),
    }),
  ),
});

/** What a path turned out to be. */
export const Opened = v.variant("kind", [
  v.object({ kind: v.literal("session"), state: SessionState }),
  v.object({
    kind: v.literal("folder"),
    path: v.string(),
    logs: v.array(v.object({ path: v.string(), name: v.string(), fileBytes: Count })),
  }),
  v.object({
    kind: v.literal("not-a-wal"),
    path: v.string(),
    name: v.string(),
    fileBytes: Count,
    /** First bytes, as base64. */
    firstBytes: v.string(),
    /** How far records were looked for. */
    searchedBytes: Count,
  }),
]);
export type Opened = v.InferOutput<typeof Opened>;

export const commands = {
  "app.info": {
    input: Nothing,
    output: v.object({
      version: v.string(),
      host: v.picklist(["electron", "browser"]),
      platform: v.string(),
      /** The host shows the system's own open and save dialogs. */
      hasNativeDialogs: v.boolean(),
      settings: v.record(v.string(), v.string()),
      /** A file the app was started with and that is not open yet. */
      startPath: v.nullable(v.string()),
    }),
    codes: [],
  },
  /** Answers with the text, after a while if asked to; counts up the `echo` event `publish` times first. Checks the channel itself. */
  "app.echo": {
    input: v.strictObject({
      text: v.pipe(v.string(), v.maxLength(ECHO_CHARS_MAX)),
      waitMs: v.optional(Limit(ECHO_WAIT_MS_MAX)),
      publish: v.optional(Limit(100_000)),
    }),
    output: v.object({ text: v.string() }),
    codes: [],
  },
  /** View state that outlives the window: pane sizes, separator, theme. */
  "settings.write": {
    input: v.strictObject({
      name: v.pipe(v.string(), v.regex(/^[a-z][a-zA-Z.]{0,63}$/)),
      value: v.pipe(v.string(), v.maxLength(SETTING_CHARS_MAX)),
    }),
    output: Done,
    codes: ["DiskFailed"],
  },

  "recents.list": { input: Nothing, output: v.object({ recents: v.array(Recent) }), codes: [] },
  "recents.remove": { input: v.strictObject({ path: Path }), output: Done, codes: ["DiskFailed"] },
  "recents.clear": { input: Nothing, output: Done, codes: ["DiskFailed"] },

  /** The system's open dialog; null when it was cancelled. */
  "dialog.open": {
    input: v.strictObject({ purpose: v.optional(v.picklist(["log", "rows"])) }),
    output: v.object({ path: v.nullable(v.string()) }),
    codes: ["Unsupported"],
  },
  "dialog.save": {
    input: v.strictObject({ suggestedName: Path, title: Path }),
    output: v.object({ path: v.nullable(v.string()) }),
    codes: ["Unsupported"],
  },
  /** Names under a path being typed, for the in-page dialogs of the browser host. */
  "files.complete": {
    input: v.strictObject({ text: v.union([v.literal(""), Path]) }),
    output: v.object({
      directory: v.string(),
      entries: v.pipe(
        v.array(v.object({ path: v.string(), name: v.string(), isDirectory: v.boolean(), fileBytes: Count })),
        v.maxLength(COMPLETIONS_MAX),
      ),
      /** There are more than are listed. */
      hasMore: v.boolean(),
    }),
    codes: ["NotFound", "NoPermission", "DiskFailed"],
  },

  /** A file dropped into a browser has bytes and no path: it is copied to the host and opened there, read-only. */
  "drop.begin": {
    input: v.strictObject({ name: Path, fileBytes: Limit(DROP_BYTES_MAX) }),
    output: v.object({ drop: Count }),
    codes: ["DiskFailed", "Unsupported"],
  },
  "drop.write": {
    input: v.strictObject({ drop: Count, start: Count, bytes: base64(DROP_CHUNK_BYTES_MAX) }),
    output: Done,
    codes: ["DiskFailed", "NotFound"],
  },
  "drop.finish": {
    input: v.strictObject({ drop: Count }),
    output: Opened,
    codes: ["NotFound", "NoPermission", "NotAFile", "DiskFailed"],
  },

  /** Opens a path read-only (mode Inspect) and starts to read it; a file that is no log, and a folder, are answers, not errors. */
  "session.open": {
    input: v.strictObject({
      path: Path,
      /** Look for records in the whole of a file that does not begin with one. */
      searchWhole: v.optional(v.boolean()),
    }),
    output: Opened,
    codes: ["NotFound", "NoPermission", "NotAFile", "DiskFailed"],
  },
  "session.openSample": {
    input: v.strictObject({ name: v.picklist(["demo", "torn", "damaged", "continued"]) }),
    output: SessionState,
    codes: ["DiskFailed", "Refused", "NotFound"],
  },
  /** A new, empty log at a path where nothing is, in mode Write. */
  "session.create": {
    input: v.strictObject({ path: Path }),
    output: SessionState,
    codes: ["Exists", "NotFound", "NoPermission", "DiskFailed", "Locked", "Refused"],
  },
  "session.current": { input: Nothing, output: v.object({ state: v.nullable(SessionState) }), codes: [] },
  "session.close": { input: v.strictObject({ ...InSession }), output: Done, codes: ["SessionClosed", "DiskFailed"] },
  /** Reads the file again from the start. */
  "session.reload": {
    input: v.strictObject({ ...InSession }),
    output: SessionState,
    codes: ["SessionClosed", "NotFound", "NoPermission", "DiskFailed", "NotAFile"],
  },
  /** Stops reading; what was read stays, and is marked "so far". */
  "session.stop": { input: v.strictObject({ ...InSession }), output: Done, codes: ["SessionClosed"] },
  /** Goes on reading where `session.stop` ended it. */
  "session.resume": { input: v.strictObject({ ...InSession }), output: Done, codes: ["SessionClosed"] },
  /** Whether records that others append are taken up as they come; remembered for the files that are opened later. */
  "session.follow": {
    input: v.strictObject({ ...InSession, isOn: v.boolean() }),
    output: SessionState,
    codes: ["SessionClosed", "WrongMode", "DiskFailed"],
  },
  /** What entering Write would do to the file, and whether it may. Changes nothing. */
  "session.planWrite": {
    input: v.strictObject({ ...InSession }),
    output: v.object({
      canWrite: v.boolean(),
      /** Why not, in a sentence. */
      reason: v.nullable(v.string()),
      holderPid: v.nullable(Count),
      /** A torn end that would be moved to a file of its own. */
      tornBytes: Count,
      tornOffset: Count,
      setAsideName: v.string(),
      recordCount: Count,
    }),
    codes: ["SessionClosed", "NotIndexed", "DiskFailed"],
  },
  "session.setMode": {
    input: v.strictObject({ ...InSession, mode: Mode }),
    output: SessionState,
    codes: [
      "SessionClosed",
      "NotIndexed",
      "Damaged",
      "Locked",
      "NoPermission",
      "NotFound",
      "DiskFailed",
      "Refused",
      "WrongMode",
    ],
  },
  /** Writes the log of the sandbox to another file. */
  "session.saveAs": {
    input: v.strictObject({ ...InSession, path: Path, overwrite: v.boolean() }),
    output: v.object({ path: v.string(), fileBytes: Count }),
    codes: ["SessionClosed", "WrongMode", "Exists", "NotFound", "NoPermission", "DiskFailed", "NotAFile", "Locked"],
  },

  "keys.open": {
    input: v.strictObject({
      ...InSession,
      shape: v.picklist(["tree", "list"]),
      separator: v.picklist(["/", ":", ".", ""]),
      search: v.pipe(v.string(), v.maxLength(SEARCH_CHARS_MAX)),
      showLive: v.boolean(),
      showDeleted: v.boolean(),
    }),
    output: v.object({ view: ViewId }),
    codes: ["SessionClosed", "BadSearch"],
  },
  "keys.close": { input: v.strictObject({ view: ViewId }), output: Done, codes: [] },
  "keys.rows": {
    input: v.strictObject({ view: ViewId, start: Count, count: Limit(ROWS_MAX), ...AsOf }),
    output: v.object({
      revision: Count,
      /** What the rows and counts are as of; null for the end of the log. */
      moment: v.nullable(Moment),
      /** Rows of the view, open folders included. */
      rowCount: Count,
      /** Keys that match. */
      keyCount: Count,
      liveCount: Count,
      deletedCount: Count,
      /** False while the file is read or searched: counts are "so far". */
      isExact: v.boolean(),
      /** How far the search has come: through keys first, then through values; null when there is none, or it is through. */
      searching: v.nullable(
        v.object({ what: v.picklist(["keys", "values"]), done: Count, total: Count, isStopped: v.boolean() }),
      ),
      /** Why a search ended early: a regular expression that took too long. */
      searchFailure: v.nullable(v.string()),
      start: Count,
      rows: v.array(KeyRow),
    }),
    codes: ["ViewClosed"],
  },
  "keys.expand": {
    input: v.strictObject({ view: ViewId, prefix: KeyBytes, isOpen: v.boolean() }),
    output: Done,
    codes: ["ViewClosed"],
  },
  /** The row of a key, with the folders above it opened; null when the view does not show it. */
  "keys.locate": {
    input: v.strictObject({ view: ViewId, key: KeyBytes, ...AsOf }),
    output: v.object({ row: v.nullable(Count) }),
    codes: ["ViewClosed"],
  },
  /** The search of a view that reads values, ended early: what was found stays. */
  "keys.stopSearch": { input: v.strictObject({ view: ViewId }), output: Done, codes: ["ViewClosed"] },
  /** Everything about one key besides its value. */
  "keys.describe": {
    input: v.strictObject({ ...InSession, key: KeyBytes, separator: v.picklist(["/", ":", ".", ""]), ...AsOf }),
    output: v.object({
      name: KeyName,
      isDeleted: v.boolean(),
      /** As of then no record had written the key: `current` is the one that will be the first. */
      isUnwritten: v.boolean(),
      current: KeyVersion,
      valueKind: ValueKind,
      /** Node that wrote it, as far as the log tells. */
      origin: v.string(),
      isOwnOrigin: v.boolean(),
      versionCount: Count,
      /** Versions behind the moment that is asked about; those of them that are listed stand first. */
      laterCount: Count,
      /** Newest first; of very many those around the moment. */
      history: v.pipe(v.array(KeyVersion), v.maxLength(HISTORY_MAX)),
      delivery: v.nullable(Delivery),
    }),
    codes: ["SessionClosed", "KeyAbsent", "DiskFailed"],
  },
  /** Versions of a key, newest first, from the one at place `start`. */
  "keys.history": {
    input: v.strictObject({ ...InSession, key: KeyBytes, start: Count, count: Limit(HISTORY_MAX) }),
    output: v.object({ versionCount: Count, versions: v.pipe(v.array(KeyVersion), v.maxLength(HISTORY_MAX)) }),
    codes: ["SessionClosed", "KeyAbsent"],
  },
  /** The version that the record at an offset wrote. */
  "keys.version": {
    input: v.strictObject({ ...InSession, key: KeyBytes, offset: Count }),
    output: v.object({
      version: KeyVersion,
      /** Place among the versions, the newest being 0. */
      index: Count,
      /** The version before it, and the nearest ones on either side that hold a value: their records. */
      older: v.nullable(Count),
      olderPut: v.nullable(Count),
      newerPut: v.nullable(Count),
    }),
    codes: ["SessionClosed", "KeyAbsent"],
  },
  /** Bytes of a value: the current one, or the one a record at `offset` wrote. */
  "values.read": {
    input: v.strictObject({
      ...InSession,
      key: KeyBytes,
      offset: v.optional(Count),
      start: Count,
      length: Limit(VALUE_CHUNK_BYTES_MAX),
    }),
    output: v.object({ bytes: v.string(), valueBytes: Count, sequence: Sequence, offset: Count }),
    codes: ["SessionClosed", "KeyAbsent", "DiskFailed"],
  },

  /** Writes a value. With `mustBeNew` a key that has one is refused. */
  "store.put": {
    input: v.strictObject({
      ...InSession,
      key: KeyBytes,
      value: base64(EDIT_BYTES_MAX),
      mustBeNew: v.optional(v.boolean()),
    }),
    output: v.object({ sequence: Sequence, offset: Count, outboxOpenCount: Count }),
    codes: ["SessionClosed", "WrongMode", "Exists", "DiskFailed", "Refused"],
  },
  "store.remove": {
    input: v.strictObject({ ...InSession, key: KeyBytes }),
    output: v.object({
      sequence: Sequence,
      offset: Count,
      /** Record whose value `store.restore` would bring back. */
      previousOffset: Count,
    }),
    codes: ["SessionClosed", "WrongMode", "KeyAbsent", "DiskFailed", "Refused"],
  },
  /** Writes the value that an earlier record of the key holds, as a new put. */
  "store.restore": {
    input: v.strictObject({ ...InSession, key: KeyBytes, offset: Count }),
    output: v.object({ sequence: Sequence, offset: Count }),
    codes: ["SessionClosed", "WrongMode", "KeyAbsent", "DiskFailed", "Refused"],
  },
  /** A put under the new name and a delete of the old one: two records. */
  "store.rename": {
    input: v.strictObject({ ...InSession, key: KeyBytes, to: KeyBytes }),
    output: v.object({ putSequence: Sequence, deleteSequence: Sequence }),
    codes: ["SessionClosed", "WrongMode", "KeyAbsent", "Exists", "DiskFailed", "Refused"],
  },

  ...transferCommands,

  "sync.state": { input: v.strictObject({ ...InSession }), output: SyncState, codes: ["SessionClosed"] },
  "sync.outbox": {
    input: v.strictObject({
      ...InSession,
      ...OutboxQuery,
      start: Count,
      count: Limit(ROWS_MAX),
    }),
    output: v.object({ rowCount: Count, start: Count, nowMs: Milliseconds, rows: v.array(OutboxRow) }),
    codes: ["SessionClosed"],
  },
  /** The row of the operation that the record at this offset holds; null when it is not among them. */
  "sync.rowOf": {
    input: v.strictObject({ ...InSession, ...OutboxQuery, offset: Count }),
    output: v.object({ row: v.nullable(Count) }),
    codes: ["SessionClosed"],
  },
  "sync.tick": {
    input: v.strictObject({ ...InSession, prune: v.boolean() }),
    output: TickReport,
    codes: ["SessionClosed", "WrongMode", "Refused"],
  },
  /** Ticks by itself from now on; null ends it. */
  "sync.run": {
    input: v.strictObject({
      ...InSession,
      everyMs: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(100), v.maxValue(3_600_000))),
    }),
    output: Done,
    codes: ["SessionClosed", "WrongMode"],
  },
  "sync.retryFailed": {
    input: v.strictObject({ ...InSession }),
    output: v.object({ count: Count }),
    codes: ["SessionClosed", "WrongMode", "Refused"],
  },

  "health.report": { input: v.strictObject({ ...InSession }), output: HealthReport, codes: ["SessionClosed"] },
  ...repairCommands,
  "log.strip": {
    input: v.strictObject({
      ...InSession,
      columns: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(STRIP_BINS_MAX)),
    }),
    output: Strip,
    codes: ["SessionClosed"],
  },
  /** The record whose bytes hold an offset, or the last one before it; null when there is none. */
  "log.recordAt": {
    input: v.strictObject({ ...InSession, offset: Count }),
    output: FoundRecord,
    codes: ["SessionClosed"],
  },
  /** What the log held when the record that holds the offset, or the last one before it, was its last; null when there is none. */
  "log.momentAt": {
    input: v.strictObject({ ...InSession, offset: Count }),
    output: v.object({ moment: v.nullable(Moment) }),
    codes: ["SessionClosed"],
  },
  /** The first record with this sequence; null when there is none. */
  "log.recordOfSequence": {
    input: v.strictObject({ ...InSession, sequence: Sequence }),
    output: FoundRecord,
    codes: ["SessionClosed"],
  },

  /** Rows of the record list, and how many there are; `problems` are the rows behind the stop. */
  "log.rows": {
    input: v.strictObject({
      ...InSession,
      filter: v.picklist(["all", "problems"]),
      search: v.pipe(v.string(), v.maxLength(SEARCH_CHARS_MAX)),
      start: Count,
      count: Limit(ROWS_MAX),
    }),
    output: v.object({
      rowCount: Count,
      problemCount: Count,
      /** False while the file is read or searched: more rows will come. */
      isExact: v.boolean(),
      /** How far a search has come, in records; null when there is none, or it is through. */
      searching: v.nullable(v.object({ done: Count, total: Count, isStopped: v.boolean() })),
      /** Why a search ended early: a regular expression that took too long. */
      searchFailure: v.nullable(v.string()),
      rows: v.array(LogRow),
    }),
    codes: ["SessionClosed", "BadSearch"],
  },
  /** The search of the record list, ended early: what was found stays. */
  "log.stopSearch": { input: v.strictObject({ ...InSession }), output: Done, codes: ["SessionClosed"] },
  /** The row that shows the record at this offset in the list as it is filtered; null when it does not. */
  "log.rowOf": {
    input: v.strictObject({
      ...InSession,
      filter: v.picklist(["all", "problems"]),
      search: v.pipe(v.string(), v.maxLength(SEARCH_CHARS_MAX)),
      offset: Count,
    }),
    output: v.object({ row: v.nullable(Count) }),
    codes: ["SessionClosed", "BadSearch"],
  },
  /** The record, or stretch of bytes, that holds the offset, field by field; null behind the end of the file. */
  "log.detail": {
    input: v.strictObject({ ...InSession, offset: Count }),
    output: v.object({ detail: v.nullable(RecordDetail) }),
    codes: ["SessionClosed", "DiskFailed"],
  },
  /** Bytes of the file as they are; fewer at its end. */
  "log.bytes": {
    input: v.strictObject({ ...InSession, start: Count, length: Limit(VALUE_CHUNK_BYTES_MAX) }),
    output: v.object({ bytes: v.string(), fileBytes: Count }),
    codes: ["SessionClosed", "DiskFailed"],
  },

  ...labCommands,

  /** The window may close: nothing unsaved is left, or it was given up. */
  "window.confirmClose": { input: Nothing, output: Done, codes: ["Unsupported"] },
  /** Title of the window and whether it holds unsaved work. */
  "window.describe": {
    input: v.strictObject({ title: v.pipe(v.string(), v.maxLength(1000)), draftCount: Count }),
    output: Done,
    codes: [],
  },
} as const satisfies Record<string, CommandShape>;

export type CommandName = keyof typeof commands;
export type Input<C extends CommandName> = v.InferInput<(typeof commands)[C]["input"]>;
export type ParsedInput<C extends CommandName> = v.InferOutput<(typeof commands)[C]["input"]>;
export type Output<C extends CommandName> = v.InferOutput<(typeof commands)[C]["output"]>;
export type CodeOf<C extends CommandName> = (typeof commands)[C]["codes"][number];

/** What the host must provide: one handler a command, answering only codes the command lists. */
export type Handlers<Context> = {
  readonly [C in CommandName]: (input: ParsedInput<C>, context: Context) => Promise<Outcome<Output<C>, CodeOf<C>>>;
};

export type Answer<C extends CommandName> = Outcome<Output<C>, CodeOf<C> | BoundaryCode>;

export function isCommandName(name: string): name is CommandName {
  return Object.hasOwn(commands, name);
}
