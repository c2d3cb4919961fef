/** The commands of Health beyond its report: policies, the report as a document, and repairs. Part of `commands.ts`. */
import * as v from "valibot";
import { ROWS_MAX } from "./limits.ts";
import {
  PolicyComparison,
  PolicyFilter,
  PolicyName,
  PolicyRow,
  RepairDone,
  RepairPlaces,
  RepairPlan,
} from "./repair-shapes.ts";
import { Count, Path, SessionId } from "./shapes.ts";

const InSession = { session: SessionId };

export const repairCommands = {
  /** What each policy takes from the file, and how many keys they do not agree on. */
  "health.policies": { input: v.strictObject({ ...InSession }), output: PolicyComparison, codes: ["SessionClosed"] },
  /** The keys they do not agree on, in the order of the file. */
  "health.policyRows": {
    input: v.strictObject({
      ...InSession,
      filter: PolicyFilter,
      start: Count,
      count: v.pipe(Count, v.maxValue(ROWS_MAX)),
    }),
    output: v.object({ rowCount: Count, isExact: v.boolean(), rows: v.array(PolicyRow) }),
    codes: ["SessionClosed", "DiskFailed"],
  },
  /** The report as text, and a name for it. */
  "health.document": {
    input: v.strictObject({ ...InSession, format: v.picklist(["markdown", "json"]) }),
    output: v.object({ text: v.string(), suggestedPath: v.string() }),
    codes: ["SessionClosed"],
  },
  /** Writes the report to a file; never over a log. */
  "health.export": {
    input: v.strictObject({
      ...InSession,
      format: v.picklist(["markdown", "json"]),
      path: Path,
      overwrite: v.boolean(),
    }),
    output: v.object({ path: v.string(), fileBytes: Count }),
    codes: ["SessionClosed", "Exists", "NotFound", "NoPermission", "DiskFailed", "NotAFile", "Refused"],
  },
  /** What a repair would do, and where its result may go. Reads the file as it is now and changes nothing. */
  "repair.plan": {
    input: v.strictObject({ ...InSession, policy: PolicyName }),
    output: v.object({ plan: RepairPlan, places: RepairPlaces }),
    codes: [
      "SessionClosed",
      "WrongMode",
      "NotIndexed",
      "Refused",
      "Locked",
      "NotFound",
      "NoPermission",
      "NotAFile",
      "Exists",
      "DiskFailed",
    ],
  },
  /**
   * Repairs, if the file still gives the plan: to a new file, or with `backup` in place of the log, which is first
   * copied there. Cancelling leaves the log as it is.
   */
  "repair.run": {
    input: v.strictObject({
      ...InSession,
      policy: PolicyName,
      planId: v.pipe(v.string(), v.maxLength(64)),
      target: v.variant("kind", [
        v.strictObject({ kind: v.literal("new-file"), path: Path }),
        v.strictObject({ kind: v.literal("in-place"), backupPath: Path }),
      ]),
    }),
    output: RepairDone,
    codes: [
      "SessionClosed",
      "WrongMode",
      "NotIndexed",
      "Refused",
      "Locked",
      "Exists",
      "NotFound",
      "NoPermission",
      "NotAFile",
      "DiskFailed",
    ],
  },
  /** Ends the repair that is under way; it answers for itself how far it had come. */
  "repair.stop": { input: v.strictObject({ ...InSession }), output: v.object({}), codes: ["SessionClosed"] },
  /** Writes the report of a repair beside its result. */
  "repair.saveReport": {
    input: v.strictObject({ repair: Count, format: v.picklist(["markdown", "json"]) }),
    output: v.object({ path: v.string(), fileBytes: Count }),
    codes: ["NotFound", "Exists", "NoPermission", "DiskFailed"],
  },
} as const;
