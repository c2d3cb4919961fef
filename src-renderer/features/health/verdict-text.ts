/** The verdict in words: what is recovered, what the C++ engine would do, and what is safe. */
import type { HealthReport, SessionState } from "@softadastra/inspector-contract";
import { countOf, formatBytes, formatCount, formatOffset } from "../../lib/format.ts";

export interface VerdictText {
  readonly title: string;
  readonly body: readonly string[];
  /** The part of the body that must not be missed. */
  readonly warning: string | null;
  readonly safe: string;
}

/** How the card says what stands at the stop. */
const AT_STOP: Record<string, string> = {
  T1: "is cut inside its header",
  T2: "is cut inside its payload",
  T3: "is cut inside its checksum",
  C1: "does not begin as one",
  C2: "has an unknown format version",
  C3: "claims a size that cannot be",
  C4: "fails its checksum",
  C5: "has a header that cannot be",
};

export function verdictText(report: HealthReport, session: SessionState): VerdictText {
  const { stop, unreachableRecordCount: behind, recordCount } = report;
  const offset = stop === null ? "" : formatOffset(stop.offset);
  const readOnly = session.mode === "inspect" ? " This file is open read-only; nothing has been changed." : "";
  if (report.verdict === "clean" || stop === null) {
    return {
      title: recordCount === 0 ? "Clean: an empty log" : `Clean: recovers all ${countOf(recordCount, "record")}`,
      body: [
        recordCount === 0
          ? "The file is empty, which is valid: the next record will stand at offset 0."
          : `Every one of the ${formatBytes(report.fileBytes)} belongs to a whole record with the right checksum. The C++ engine recovers the same, and its next write would be found again.`,
      ],
      warning: null,
      safe: `Everything is readable.${readOnly}`,
    };
  }
  const whole = recordCount + behind;
  if (report.verdict === "torn-tail") {
    return {
      title: `Torn tail: recovers all ${countOf(recordCount, "whole record")}`,
      body: [
        report.findings.some((finding) => finding.code === "S4")
          ? `From ${offset} on the file holds ${formatBytes(stop.restBytes)} of zeros: preallocated, or zero-filled by a crash.`
          : `The record at ${offset} ${AT_STOP[stop.code] ?? "is not whole"}: a writer died before it was written. ${formatBytes(stop.restBytes)} of it are left. No write that was confirmed is missing because of it.`,
        "Entering Write moves these bytes into a file of their own and cuts the log there.",
      ],
      warning: "The C++ engine’s next write would be lost: it appends behind the torn bytes, where no reader gets to.",
      safe: `The first ${formatBytes(report.validBytes)} are whole.${readOnly}`,
    };
  }
  const cause = report.isAppendedBehindTornTail
    ? `The record at ${offset} was cut by a crash, and a writer then appended ${countOf(behind, "whole record")} behind it without cutting it off.`
    : `The record at ${offset} ${AT_STOP[stop.code] ?? "is damaged"}.`;
  const skipped =
    behind === 1
      ? "1 whole record behind it is never read."
      : `${formatCount(behind)} whole records behind it are never read.`;
  return {
    title: `Damaged: recovers ${formatCount(recordCount)} of ${countOf(whole, "whole record")}`,
    body: [`${cause} The engine stops there without an error. ${skipped}`],
    warning: "The C++ engine’s next write would be lost: it lands behind the damage, where no reader gets to.",
    safe: `The first ${formatBytes(report.validBytes)} are whole.${readOnly}`,
  };
}

/** The report as Markdown, for an issue or a message. */
export function reportMarkdown(report: HealthReport, session: SessionState): string {
  const text = verdictText(report, session);
  const rows = report.findings.map(
    ({ severity, code, offset, length, sequence, count, meaning, engine }) =>
      `| ${severity} | ${code} | ${formatOffset(offset)} | ${length} | ${sequence ?? ""} | ${count} | ${meaning} | ${engine} |`,
  );
  return [
    `# ${session.name}: ${text.title}`,
    "",
    ...text.body,
    ...(text.warning === null ? [] : ["", `**${text.warning}**`]),
    "",
    text.safe,
    "",
    `- file: ${session.originPath}, ${formatBytes(report.fileBytes)}`,
    `- readable: ${formatBytes(report.validBytes)}, ${countOf(report.recordCount, "record")}, ${countOf(report.liveKeyCount, "live key")}`,
    `- highest sequence: ${formatCount(report.lastSequence)}`,
    "",
    "| severity | code | offset | length | sequence | places | meaning | the engine |",
    "|---|---|---|---|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}
