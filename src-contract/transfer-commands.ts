/** The commands of export and import. Part of `commands.ts`. */
import * as v from "valibot";
import { Count, ExportRequest, ImportPlan, Path, SessionId } from "./shapes.ts";

const InSession = { session: SessionId };

export const transferCommands = {
  /** How many rows an export would have, and the first of them as they would be written. */
  "transfer.sample": {
    input: v.strictObject({ ...InSession, ...ExportRequest }),
    output: v.object({
      rowCount: Count,
      /** False while the file is read or searched: more rows may come. */
      isExact: v.boolean(),
      /** What stands before the first row. */
      head: v.string(),
      lines: v.array(v.string()),
    }),
    codes: ["SessionClosed", "ViewClosed", "BadSearch", "NoPermission", "DiskFailed"],
  },
  /** Whether an export may be written there. Changes nothing. */
  "transfer.checkTarget": {
    input: v.strictObject({ ...InSession, path: Path, overwrite: v.boolean() }),
    output: v.object({ path: v.string() }),
    codes: ["SessionClosed", "Exists", "NotFound", "NoPermission", "NotAFile", "DiskFailed", "Refused"],
  },
  /** Writes rows to a file, which is there when they all are. Cancelled it leaves nothing. */
  "transfer.export": {
    input: v.strictObject({ ...InSession, ...ExportRequest, path: Path, overwrite: v.boolean() }),
    output: v.object({ path: v.string(), rowCount: Count, fileBytes: Count }),
    codes: [
      "SessionClosed",
      "ViewClosed",
      "BadSearch",
      "NotIndexed",
      "Exists",
      "NotFound",
      "NoPermission",
      "NotAFile",
      "DiskFailed",
      "Refused",
    ],
  },
  /** Looks at every row of a file; `transfer.import` writes them. Changes nothing. */
  "transfer.checkImport": {
    input: v.strictObject({ ...InSession, path: Path }),
    output: v.object({ check: Count, path: v.string(), name: v.string(), fileBytes: Count, plan: ImportPlan }),
    codes: [
      "SessionClosed",
      "WrongMode",
      "NotIndexed",
      "NotFound",
      "NoPermission",
      "NotAFile",
      "DiskFailed",
      "Refused",
    ],
  },
  /** Writes the rows that were looked at. Stopped or failed it answers what is written all the same: the rows up to a line. */
  "transfer.import": {
    input: v.strictObject({ ...InSession, check: Count, skipBad: v.boolean() }),
    output: v.object({
      recordCount: Count,
      lastLine: Count,
      skippedCount: Count,
      isStopped: v.boolean(),
      /** Why it ended early. */
      failure: v.nullable(v.string()),
    }),
    codes: ["SessionClosed", "WrongMode", "NotIndexed", "NoPermission", "DiskFailed", "Refused"],
  },
  /** Ends an import between two rows; or forgets the file that was looked at. */
  "transfer.stopImport": { input: v.strictObject({ ...InSession }), output: v.object({}), codes: ["SessionClosed"] },
} as const;
