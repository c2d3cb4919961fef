/** A report in lines for people. */
import type { WalReport } from "../wal/report.js";
import { verdictWords } from "../wal/verdict-words.js";
import { countOf, formatCount, formatOffset } from "../words.js";

const VERDICTS = { clean: "clean", "torn-tail": "torn tail", damaged: "damaged", "not-a-wal": "not a log" } as const;

export function reportLines(report: WalReport): string[] {
  const { stop } = report;
  const behind =
    report.unreachableRecordCount === 0
      ? ""
      : `, ${formatCount(report.unreachableRecordCount)} more behind the stop that no reader gets to`;
  return [
    `file       ${report.path}, ${countOf(report.fileBytes, "byte")}`,
    `verdict    ${VERDICTS[report.verdict]}${stop === null ? "" : `: reading stops at ${formatOffset(stop.offset)}, ${countOf(stop.restBytes, "byte")} before the end`}`,
    `records    ${formatCount(report.recordCount)} recovered${behind}`,
    `keys       ${formatCount(report.keyCount)} live, ${formatCount(report.deletedKeyCount)} deleted`,
    `sequence   ${formatCount(report.lastSequence)} is the highest`,
  ];
}

/** The verdict in words: what the C++ engine makes of the log, and whether its next write would be lost. */
export function verdictLines(report: WalReport): string[] {
  const { body, warning, safe } = verdictWords(report);
  return ["", ...body, ...(warning === null ? [] : [warning]), safe];
}

/** Every finding: where, what it means, what to do. */
export function findingLines({ findings }: WalReport): string[] {
  if (findings.length === 0) return [];
  return [
    "",
    ...findings.flatMap(({ code, severity, offset, count, meaning, engine, action }) => [
      `${severity.padEnd(8)} ${code}  ${count > 1 ? `${formatCount(count)} places, first ` : ""}${formatOffset(offset)}  ${meaning}`,
      `             The C++ engine: ${engine}. ${action}`,
    ]),
  ];
}
