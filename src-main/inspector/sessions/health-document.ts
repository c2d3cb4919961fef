/** The health report as a document: JSON of a documented, versioned shape (docs/health-report.md), and Markdown. */
import type { HealthReport, PolicyComparison, PolicyTotals, SessionState } from "@softadastra/inspector-contract";
import type { WalReport } from "@softadastra/sdk/wal";

/** Raised when a field changes its meaning or goes; a new field does not. */
export const HEALTH_DOCUMENT_VERSION = 1;

export interface HealthDocumentFacts {
  readonly state: SessionState;
  readonly health: HealthReport;
  /** As `softadastra-wal inspect --json` prints it; null until reading is done. */
  readonly report: WalReport | null;
  readonly policies: PolicyComparison;
  readonly writtenMs: number;
}

export function healthJson({ state, health, report, policies, writtenMs }: HealthDocumentFacts): string {
  const document = {
    format: "softadastra-wal-health",
    version: HEALTH_DOCUMENT_VERSION,
    writtenAt: new Date(writtenMs).toISOString(),
    file: { path: state.originPath, bytes: health.fileBytes, readBytes: health.validBytes },
    isSoFar: report === null,
    words: health.words,
    report: report === null ? null : { ...report, path: state.originPath },
    findings: health.findings,
    regions: health.regions,
    policies,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

const number = new Intl.NumberFormat("en-US");
const count = (n: number) => number.format(n);
const countOf = (n: number, one: string) => `${number.format(n)} ${n === 1 ? one : `${one}s`}`;
export const offsetText = (offset: number) => `0x${offset.toString(16).toUpperCase().padStart(5, "0")}`;
/** A cell of a table: no bar and no line break ends it early. */
export const cell = (text: string) =>
  text
    .replaceAll("\\", "\\\\")
    .replaceAll("|", "\\|")
    .replace(/[\r\n]+/g, " ");
/** A path or a key in running text, whatever backticks it has. */
export function code(text: string): string {
  const longest = Math.max(0, ...Array.from(text.matchAll(/`+/g), ([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  const pad = text.startsWith("`") || text.endsWith("`") ? " " : "";
  return `${fence}${pad}${text.replace(/[\r\n]+/g, " ")}${pad}${fence}`;
}

export function healthMarkdown({ state, health, report, policies, writtenMs }: HealthDocumentFacts): string {
  const { words, stop } = health;
  return [
    `# ${state.name}: ${words?.title ?? "read in part, no verdict yet"}`,
    "",
    ...(words === null
      ? [
          `Read so far: ${count(health.validBytes)} of ${countOf(health.fileBytes, "byte")}. Everything below is so far.`,
        ]
      : [...words.body, ...(words.warning === null ? [] : ["", `**${words.warning}**`]), "", words.safe]),
    "",
    `- file: ${code(state.originPath)}, ${countOf(health.fileBytes, "byte")}`,
    `- readable: ${countOf(health.validBytes, "byte")}, ${countOf(health.recordCount, "record")}, ${countOf(health.liveKeyCount, "live key")}`,
    `- highest sequence: ${count(health.lastSequence)}`,
    ...(stop === null
      ? []
      : [`- reading stops at: ${offsetText(stop.offset)}, ${countOf(stop.restBytes, "byte")} before the end`]),
    `- written: ${new Date(writtenMs).toISOString()}`,
    "",
    ...findingLines(health, report === null),
    ...regionLines(health),
    ...policyLines(policies),
  ].join("\n");
}

function findingLines({ findings }: HealthReport, isSoFar: boolean): string[] {
  const head = `## Findings${isSoFar ? " so far" : ""}`;
  if (findings.length === 0) return [head, "", "None.", ""];
  return [
    head,
    "",
    "| severity | code | offset | length | sequence | places | meaning | the C++ engine | what to do |",
    "|---|---|---|---|---|---|---|---|---|",
    ...findings.map(
      ({ severity, code: name, offset, length, sequence, count: places, meaning, engine, action }) =>
        `| ${severity} | ${name} | ${offsetText(offset)} | ${length} | ${sequence ?? ""} | ${places} | ${cell(meaning)} | ${cell(engine)} | ${cell(action)} |`,
    ),
    "",
  ];
}

function regionLines({ regions, validBytes, recordCount }: HealthReport): string[] {
  if (regions.length === 0) return [];
  const row = (offset: number, bytes: number, what: string, records: number) =>
    `| ${offsetText(offset)} | ${bytes} | ${what} | ${records} |`;
  return [
    "## Parts of the file",
    "",
    "| offset | bytes | what | records |",
    "|---|---|---|---|",
    ...(validBytes > 0 ? [row(0, validBytes, "readable", recordCount)] : []),
    ...regions.map(({ offset, bytes, kind, recordCount: records }) => row(offset, bytes, kind, records)),
    "",
  ];
}

function policyLines({ engine, validPrefix, skipDamaged, ...counts }: PolicyComparison): string[] {
  if (engine === null || validPrefix === null || skipDamaged === null) return [];
  const row = (name: string, of: (totals: PolicyTotals) => string) =>
    `| ${name} | ${of(engine)} | ${of(validPrefix)} | ${of(skipDamaged)} |`;
  return [
    "## What each policy gives",
    "",
    "| | C++ engine | valid prefix | skip damaged |",
    "|---|---|---|---|",
    row("records", ({ recordCount }) => String(recordCount)),
    row("live keys", ({ liveKeyCount }) => String(liveKeyCount)),
    row("bytes kept", ({ keptBytes }) => String(keptBytes)),
    row("bytes left out", ({ leftOutBytes }) => String(leftOutBytes)),
    row("next write survives", ({ nextWriteSurvives }) => (nextWriteSurvives ? "yes" : "no")),
    "",
    `${countOf(counts.allCount, "key")} differ${counts.allCount === 1 ? "s" : ""}: ${count(counts.gainedCount)} gained by skip damaged, ${count(counts.otherCount)} with another value, ${count(counts.comesBackCount)} deleted in one and there in another.`,
    "",
  ];
}
