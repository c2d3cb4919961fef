/** What a repair did, as a document: for the person who did it, and for the one who asks later. */
import type { RepairPlan } from "@softadastra/inspector-contract";
import type { RepairResult } from "../log-view/repair-work.ts";
import { cell, code, offsetText } from "./health-document.ts";

export interface RepairFacts {
  readonly path: string;
  readonly result: RepairResult;
  readonly startedMs: number;
  readonly durationMs: number;
}

/** Raised when a field changes its meaning or goes; a new field does not. */
export const REPAIR_DOCUMENT_VERSION = 1;

export function repairJson({ path, result, startedMs, durationMs }: RepairFacts): string {
  const { plan, ...done } = result;
  const { planId: _, ...planned } = plan;
  const document = {
    format: "softadastra-wal-repair",
    version: REPAIR_DOCUMENT_VERSION,
    startedAt: new Date(startedMs).toISOString(),
    durationMs,
    path,
    ...done,
    plan: planned,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

const number = new Intl.NumberFormat("en-US");
const countOf = (n: number, one: string) => `${number.format(n)} ${n === 1 ? one : `${one}s`}`;

export const CHANGE_WORDS: Record<RepairPlan["changes"][number]["kind"], string> = {
  added: "gained",
  changed: "has another value than before",
  removed: "deleted by a rescued record",
  lost: "lost",
  outdated: "keeps an older value",
  "comes-back": "comes back although it was deleted",
};

export function repairMarkdown({ path, result, startedMs, durationMs }: RepairFacts): string {
  const { plan, outputPath, backupPath, sha256Before, sha256After } = result;
  return [
    `# Repair of ${code(path)}`,
    "",
    `- policy: ${plan.policy}`,
    `- result: ${code(outputPath)}, ${countOf(result.fileBytes, "byte")}, ${countOf(result.recordCount, "record")}, clean`,
    `- the log as it was: ${backupPath === null ? `${code(path)}, which was only read` : `${code(backupPath)}, a copy found equal byte for byte`}`,
    `- SHA-256 of the log as it was: ${sha256Before}`,
    `- SHA-256 of the result: ${sha256After}`,
    `- checked: read again with verdict clean; ${countOf(result.comparedKeyCount, "key")} compared with the plan, value by value, all the same`,
    `- started: ${new Date(startedMs).toISOString()}, took ${number.format(Math.round(durationMs))} ms`,
    "",
    "## Parts of the file",
    "",
    "| offset | bytes | what | records | |",
    "|---|---|---|---|---|",
    ...plan.ranges.map(
      ({ offset, bytes, content, recordCount, isKept }) =>
        `| ${offsetText(offset)} | ${bytes} | ${content} | ${recordCount} | ${isKept ? "kept" : "left out"} |`,
    ),
    ...(plan.rangeCount > plan.ranges.length ? [`| … | | ${plan.rangeCount - plan.ranges.length} more | | |`] : []),
    "",
    ...keyLines(plan),
  ].join("\n");
}

function keyLines({ keys, changes }: RepairPlan): string[] {
  const { kept, ...changed } = keys;
  const all = Object.values(changed).reduce((sum, n) => sum + n, 0);
  const head = ["## Keys", "", `${countOf(kept, "key")} with a value, ${number.format(all)} changed.`, ""];
  if (all === 0) return head;
  const at = (state: RepairPlan["changes"][number]["engine"]) =>
    state === null ? "absent" : `${state.kind} #${state.sequence} at ${offsetText(state.offset)}`;
  return [
    ...head,
    "| key | | the C++ engine had | the result has |",
    "|---|---|---|---|",
    ...changes.map(
      ({ name, kind, engine, result }) => `| ${cell(name)} | ${CHANGE_WORDS[kind]} | ${at(engine)} | ${at(result)} |`,
    ),
    ...(all > changes.length ? [`| … | ${number.format(all - changes.length)} more | | |`] : []),
    "",
  ];
}
