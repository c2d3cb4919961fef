/** `softadastra-wal repair`: says what it would do, and does it only when told `--yes`. */

import { repairWal } from "../wal/repair.js";
import { planRepair, type RepairPlan } from "../wal/repair-plan.js";
import { countOf, formatCount, formatOffset } from "../words.js";
import { BROKEN, CLEAN, type CliWork, readPolicy, unwrap } from "./command.js";

export async function printRepair(work: CliWork): Promise<number> {
  const { json, output, yes } = work.options;
  const policy = readPolicy(work.options.policy) ?? "valid-prefix";
  if (!yes) {
    const plan = unwrap(await planRepair(work.path, { policy }));
    if (json) work.printJson(plan);
    else {
      for (const line of planLines(plan)) work.print(line);
      if (plan.isNeeded) work.print("Nothing was changed. Add --yes to do it.");
    }
    return plan.isNeeded ? BROKEN : CLEAN;
  }
  const report = unwrap(await repairWal(work.path, { policy, ...(output === undefined ? {} : { output }) }));
  if (json) work.printJson(report);
  else if (!report.isChanged) work.print(`${work.path} is clean: nothing was changed.`);
  else {
    for (const line of planLines(report.plan)) work.print(line);
    work.print(`Repaired log: ${report.outputPath}, ${countOf(report.result.recordCount, "record")}, clean.`);
    if (report.backupPath !== null) work.print(`The log as it was: ${report.backupPath}`);
  }
  return CLEAN;
}

/** What happens to keys, against what the C++ engine reads today. */
const KEY_WORDS = {
  added: "come back",
  changed: "have another value than before",
  removed: "are deleted by a rescued record",
  lost: "lose their value",
  outdated: "keep an older value",
  comesBack: "come back although they were deleted",
} as const;

function planLines(plan: RepairPlan): string[] {
  if (!plan.isNeeded) return [`${plan.path} is clean: there is nothing to repair.`];
  const { kept, ...changes } = plan.keys;
  const changed = Object.entries(KEY_WORDS).flatMap(([kind, word]) => {
    const count = Object.entries(changes).find(([name]) => name === kind)?.[1] ?? 0;
    return count === 0 ? [] : [`${formatCount(count)} ${word}`];
  });
  return [
    `policy     ${plan.policy}`,
    `keeps      ${countOf(plan.keptRecordCount, "record")}, ${countOf(plan.keptBytes, "byte")}`,
    `leaves out ${countOf(plan.droppedRecordCount, "whole record")}, ${countOf(plan.unreadableBytes, "unreadable byte")}`,
    `result     ${countOf(plan.resultBytes, "byte")}`,
    `keys       ${[`${formatCount(kept)} have a value`, ...changed].join(", ")}`,
    ...plan.ranges.map(
      ({ offset, length, content, recordCount, isKept }) =>
        `  ${formatOffset(offset)}  ${countOf(length, "byte").padStart(14)}  ${content === "records" ? countOf(recordCount, "record") : "unreadable"}  ${isKept ? "kept" : "left out"}`,
    ),
  ];
}
