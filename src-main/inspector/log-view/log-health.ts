/** The health of a log as a whole: its report, and what lies behind the readable records. */
import type { FileRegion, HealthReport, Indexing } from "@softadastra/inspector-contract";
import {
  isAppendedBehindTornTail,
  type LogSurvey,
  stopCode,
  verdictWords,
  type WalReport,
  walReport,
} from "@softadastra/sdk/tools";
import type { LogModel } from "./log-model.ts";
import { magnify, type UnreachableRecord } from "./strip.ts";

export interface HealthFacts {
  readonly path: string;
  readonly model: LogModel;
  /** Null until reading has come to its end. */
  readonly survey: LogSurvey | null;
  readonly indexing: Indexing;
  readonly fileBytes: number;
  readonly validBytes: number;
  /** Bytes at the end that belong to a record being written. */
  readonly growingBytes: number;
  readonly unreachable: readonly UnreachableRecord[];
}

/** As `inspectWal` answers it; null until reading is done. */
export function walReportOf({ path, model, survey, indexing, fileBytes }: HealthFacts): WalReport | null {
  if (survey === null || indexing.phase !== "done") return null;
  return walReport(survey, model.findings, {
    path,
    fileBytes,
    operationCount: model.operationCount,
    keyCount: model.liveKeyCount,
    deletedKeyCount: model.deletedKeyCount,
    durationMs: 0,
  });
}

export function healthReport(facts: HealthFacts): HealthReport {
  const { model } = facts;
  const regions = regionsOf(facts);
  const base = {
    fileBytes: facts.fileBytes,
    validBytes: facts.validBytes,
    growingBytes: facts.growingBytes,
    recordCount: model.recordCount,
    liveKeyCount: model.liveKeyCount,
    lastSequence: model.findings.highestSequence,
    regions,
    window: magnify(model, regions, facts.unreachable),
  };
  const report = walReportOf(facts);
  if (report === null) {
    return {
      ...base,
      verdict: null,
      words: null,
      unreachableRecordCount: 0,
      isAppendedBehindTornTail: false,
      stop: null,
      findings: model.findings.findings(null).map((finding) => ({ ...finding })),
    };
  }
  const { title, body, warning, safe } = facts.growingBytes > 0 ? growingWords(facts) : verdictWords(report);
  return {
    ...base,
    verdict: report.verdict,
    words: { title, body: [...body], warning, safe },
    unreachableRecordCount: report.unreachableRecordCount,
    isAppendedBehindTornTail: report.isAppendedBehindTornTail,
    stop: report.stop === null ? null : { ...report.stop, code: stopCode(report) },
    findings: report.findings.map((finding) => ({ ...finding })),
  };
}

const exact = new Intl.NumberFormat("en-US");

/** What can be said while a record is being written. */
function growingWords({ model, validBytes, growingBytes }: HealthFacts): ReturnType<typeof verdictWords> {
  const { recordCount } = model;
  const records = `${exact.format(recordCount)} whole ${recordCount === 1 ? "record" : "records"}`;
  return {
    title: `Clean so far: recovers all ${records}`,
    body: [
      `The first ${exact.format(validBytes)} bytes belong to whole records with the right checksum.`,
      `Behind them a record is being written: ${exact.format(growingBytes)} ${growingBytes === 1 ? "byte" : "bytes"} of it ${growingBytes === 1 ? "is" : "are"} there.`,
    ],
    warning: null,
    safe: "Everything before it is readable.",
  };
}

/** Whether the first bytes behind the readable records are a write that was cut. */
export function isTornFirst(survey: LogSurvey, model: LogModel): boolean {
  return survey.verdict === "torn-tail" || isAppendedBehindTornTail(survey, model.findings.highestSequence);
}

/** What lies behind the readable records, piece by piece. */
export function regionsOf({ survey, indexing, model, fileBytes }: HealthFacts): FileRegion[] {
  if (survey === null || survey.stop === null || indexing.phase !== "done") return [];
  const startsTorn = isTornFirst(survey, model);
  const regions: FileRegion[] = [];
  let at = survey.stop.offset;
  for (const region of survey.behind.regions) {
    const kind = startsTorn && regions.length === 0 ? "torn" : "damaged";
    if (region.offset > at) regions.push({ kind, offset: at, bytes: region.offset - at, recordCount: 0 });
    regions.push({
      kind: "unreachable",
      offset: region.offset,
      bytes: region.bytes,
      recordCount: region.recordCount,
    });
    at = region.offset + region.bytes;
  }
  if (at < fileBytes) {
    const kind = regions.length > 0 || startsTorn ? "torn" : "damaged";
    regions.push({ kind, offset: at, bytes: fileBytes - at, recordCount: 0 });
  }
  return regions;
}
