/** What is remarkable about a log, as findings with the codes of spec 2: one sentence each on meaning, effect and remedy. */
import { countOf, formatCount } from "../words.js";
import { CHECKSUM_BYTES, HEADER_BYTES, MAGIC_BYTES, RECORD_TYPE, recordTypeName, SEQUENCE_MAX } from "./format.js";
import { OPERATION_DELETE, OPERATION_PUT } from "./operation.js";
import { readCompacted } from "./own-records.js";
import type { LogSurvey } from "./recovery.js";
import { beginsAsRecord, type ScannedRecord, type ScanStop } from "./scan.js";

export const FINDING_CODES = [
  ...(["T1", "T2", "T3"] as const),
  ...(["C1", "C2", "C3", "C4", "C5", "C6"] as const),
  ...(["S1", "S2", "S3", "S4", "S5", "S6", "S7"] as const),
] as const;
/** T: the file ends inside a record. C: bytes that are no valid record. S: suspicious, or worth knowing. */
export type FindingCode = (typeof FINDING_CODES)[number];

/** `error`: data cannot be read. `warning`: something is unfinished or suspicious. `note`: harmless, worth knowing. */
export type FindingSeverity = "error" | "warning" | "note";

/** One remarkable thing about a log, in words for people and with a code for programs (spec 2, "Finding codes"). */
export interface WalFinding {
  readonly code: FindingCode;
  readonly severity: FindingSeverity;
  /** Offset of the first byte concerned. */
  readonly offset: number;
  /** Bytes concerned. */
  readonly length: number;
  /** The sequence in the header concerned, when there is one. */
  readonly sequence: number | null;
  /** How many places this finding stands for; `offset` is the first of them. */
  readonly count: number;
  /** What it means, in one sentence. */
  readonly meaning: string;
  /** What the C++ engine does about it. */
  readonly engine: string;
  /** What to do. */
  readonly action: string;
}

/** Places of one code listed one by one; more are counted in one further finding, or a log with a wrong clock would fill the screen. */
const LISTED_PER_CODE_MAX = 50;

/** Watches the recovered records of one scan, in file order. */
export class FindingCollector {
  readonly #listed: WalFinding[] = [];
  readonly #listedByCode = new Map<FindingCode, number>();
  readonly #more = new Map<FindingCode, WalFinding>();
  #highestSequence = 0;
  #lastSequence = 0;
  #lastTimestampMs = 0;

  /** Goes on behind records that were observed elsewhere: told what they came to, it finds in the rest what it would have. */
  constructor(before?: { highestSequence: number; lastSequence: number; lastTimestampMs: number }) {
    this.#highestSequence = before?.highestSequence ?? 0;
    this.#lastSequence = before?.lastSequence ?? 0;
    this.#lastTimestampMs = before?.lastTimestampMs ?? 0;
  }

  /** Highest sequence seen that can be continued; greater ones come from damaged headers. */
  get highestSequence(): number {
    return this.#highestSequence;
  }

  observe(record: ScannedRecord): void {
    // Compaction leaves records out: gaps up to here are what it did.
    if (readCompacted(record) !== null) this.#forgetGaps();
    this.#observeSequence(record);
    const { timestampMs } = record;
    if (timestampMs < this.#lastTimestampMs) {
      const backMs = this.#lastTimestampMs - timestampMs;
      this.#add(record, {
        code: "S3",
        severity: "note",
        meaning: `The record time goes back by ${formatCount(backMs)} ms: the clock was set, or this header is damaged.`,
        engine: "Ignores it",
        action: "Nothing to do. Record times are not protected by the checksum.",
      });
    }
    this.#lastTimestampMs = timestampMs;
    this.#observeType(record);
  }

  #forgetGaps(): void {
    const isGap = ({ code, severity }: WalFinding) => code === "S1" && severity === "note";
    const kept = this.#listed.filter((finding) => !isGap(finding));
    this.#listed.splice(0, this.#listed.length, ...kept);
    this.#listedByCode.set("S1", kept.filter(({ code }) => code === "S1").length);
    const more = this.#more.get("S1");
    if (more !== undefined && isGap(more)) this.#more.delete("S1");
  }

  #observeSequence(record: ScannedRecord): void {
    const { sequence } = record;
    const highest = this.#highestSequence;
    if (sequence > SEQUENCE_MAX) {
      this.#add(record, {
        code: "S1",
        severity: "warning",
        meaning: "The sequence is implausibly high: this header is damaged. Headers are not protected by the checksum.",
        engine: "Continues after it",
        action: "The value is intact. Compare the offset with a backup if the sequence matters.",
      });
      return;
    }
    if (sequence <= highest) {
      const restarts = this.#lastSequence - sequence > 1 || sequence < highest;
      this.#add(record, {
        code: "S2",
        severity: "warning",
        meaning: restarts
          ? `The sequence falls from ${formatCount(highest)} to ${formatCount(sequence)}: a writer started again from an earlier state.`
          : `Sequence ${formatCount(sequence)} occurs more than once.`,
        engine: "Ignores it; file order decides",
        action: "Nothing is lost. Records are told apart by their offset.",
      });
    } else if (highest > 0 && sequence > highest + 1) {
      this.#add(record, {
        code: "S1",
        severity: "note",
        meaning: `${countOf(sequence - highest - 1, "sequence")} missing between ${formatCount(highest)} and ${formatCount(sequence)}.`,
        engine: "Ignores it",
        action: "Nothing to do unless records were removed from this file by hand.",
      });
    }
    this.#lastSequence = sequence;
    if (sequence > highest) this.#highestSequence = sequence;
  }

  #observeType(record: ScannedRecord): void {
    const { type } = record;
    const operation = record.operation.type;
    if (operation === 0) {
      if (type === RECORD_TYPE.checkpoint || type === RECORD_TYPE.noop) return;
      this.#add(record, {
        code: "C6",
        severity: "warning",
        meaning: `The payload of this ${recordTypeName(type)} record is whole but is not a store operation.`,
        engine: "Skips it",
        action: "Look at its bytes: another program may have written it.",
      });
      return;
    }
    const agrees =
      operation === OPERATION_DELETE
        ? type === RECORD_TYPE.delete
        : operation === OPERATION_PUT && (type === RECORD_TYPE.put || type === RECORD_TYPE.update);
    if (!agrees) this.#count(record);
  }

  /** S6 is normal (the C++ engine writes deletes as records of type put), so it is one finding however often it occurs. */
  #count(record: ScannedRecord): void {
    const known = this.#more.get("S6");
    if (known) {
      this.#more.set("S6", { ...known, count: known.count + 1 });
      return;
    }
    this.#more.set("S6", {
      code: "S6",
      severity: "note",
      offset: record.offset,
      length: record.length,
      sequence: record.sequence,
      count: 1,
      meaning:
        "The record type differs from the operation inside. The C++ engine stores deletes in records of type put.",
      engine: "Normal: it goes by the operation",
      action: "Nothing to do.",
    });
  }

  #add(record: ScannedRecord, finding: Pick<WalFinding, "code" | "severity" | "meaning" | "engine" | "action">): void {
    const { code } = finding;
    const listed = this.#listedByCode.get(code) ?? 0;
    const place = { offset: record.offset, length: record.length, sequence: record.sequence, count: 1 };
    if (listed < LISTED_PER_CODE_MAX) {
      this.#listedByCode.set(code, listed + 1);
      this.#listed.push({ ...finding, ...place });
      return;
    }
    const more = this.#more.get(code);
    if (more) this.#more.set(code, { ...more, count: more.count + 1 });
    else
      this.#more.set(code, {
        ...finding,
        ...place,
        meaning: `More of the same, from here on. First: ${finding.meaning}`,
      });
  }

  /** Everything found, errors first, then in file order. Without a survey what was found so far, before any stop. */
  findings(survey: LogSurvey | null): WalFinding[] {
    const all = [...this.#listed, ...this.#more.values()];
    if (survey !== null && survey.stop !== null) all.push(...stopFindings(survey, survey.stop, this.#highestSequence));
    const rank = { error: 0, warning: 1, note: 2 } as const;
    return all.sort((a, b) => rank[a.severity] - rank[b.severity] || a.offset - b.offset);
  }
}

/** The findings about the place where reading stops and what stands behind it. */
function stopFindings(survey: LogSurvey, stop: ScanStop, highestSequence: number): WalFinding[] {
  const { behind } = survey;
  const region = behind.regions[0];
  const findings: WalFinding[] = [stopFinding(survey, stop, region?.offset, highestSequence)];
  if (region !== undefined) {
    const bytes = behind.regions.reduce((sum, region) => sum + region.bytes, 0);
    const appended = isAppendedBehindTornTail(survey, highestSequence);
    const isUnfinished = survey.isUnfinishedGroup;
    findings.push({
      code: "S5",
      severity: isUnfinished ? "warning" : "error",
      offset: region.offset,
      length: bytes,
      sequence: region.firstSequence,
      count: behind.recordCount,
      meaning: isUnfinished
        ? `${countOf(behind.recordCount, "whole record")} behind the stop ${behind.recordCount === 1 ? "is" : "are"} part of an unfinished group of writes: nothing of it was acknowledged.`
        : appended
          ? `${countOf(behind.recordCount, "whole record")} written behind a torn tail: a writer reopened the file without cutting it.`
          : `${countOf(behind.recordCount, "whole record")} ${behind.recordCount === 1 ? "stands" : "stand"} behind the stop.`,
      engine: "Never reads them",
      action: isUnfinished
        ? "Opening for writing moves them aside with the torn bytes and continues here."
        : "Keep this file as it is: these records can still be read from it.",
    });
  }
  if (!behind.isComplete) {
    findings.push({
      code: "S7",
      severity: "warning",
      offset: behind.searchedBytes,
      length: stop.offset + stop.restBytes - behind.searchedBytes,
      sequence: null,
      count: 1,
      meaning: "The rest was not searched: too many headers only look like records.",
      engine: "Never reads it",
      action: "Keep the file as it is and look at the bytes.",
    });
  }
  return findings;
}

function stopFinding(
  survey: LogSurvey,
  stop: ScanStop,
  regionAt: number | undefined,
  highestSequence: number,
): WalFinding {
  const isTail = regionAt === undefined || survey.isUnfinishedGroup;
  const until = regionAt ?? stop.offset + stop.restBytes;
  const tornBytes = until - stop.offset;
  const base = {
    offset: stop.offset,
    length: tornBytes,
    sequence: stop.sequence ?? null,
    count: 1,
    severity: isTail ? ("warning" as const) : ("error" as const),
    engine: isTail ? "Stops here, reports success, appends behind it" : "Stops here and reports success",
    action: isTail
      ? "Opening for writing moves these bytes aside and continues here."
      : "Keep this file as it is: nothing is written to a damaged log.",
  };
  if (!isTail && isAppendedBehindTornTail(survey, highestSequence))
    return { ...base, ...describeCut(tornBytes, stop.claimedBytes) };
  return { ...base, ...describeStop(survey, stop, isTail) };
}

const bytesOf = (n: number) => countOf(n, "byte");

function describeStop(survey: LogSurvey, stop: ScanStop, isTail: boolean): { code: FindingCode; meaning: string } {
  const { restBytes, claimedBytes } = stop;
  if (survey.isRestZero) {
    return {
      code: "S4",
      meaning: `The file ends in ${bytesOf(restBytes)} of zeros: preallocated, or zero-filled by a crash.`,
    };
  }
  switch (stop.reason) {
    case "short":
      return beginsAsRecord(stop) ? describeCut(restBytes, claimedBytes) : notARecord(survey, restBytes);
    case "past-end": {
      const claimed = claimedBytes ?? 0;
      if (!isTail) {
        return {
          code: "C3",
          meaning: `The record claims ${bytesOf(claimed)} and so passes the end of the file, yet whole records follow it.`,
        };
      }
      return describeCut(restBytes, claimed);
    }
    case "checksum":
      return {
        code: "C4",
        meaning: isTail
          ? "The last record has its full length and a wrong checksum: its write was torn, or a payload byte changed."
          : "The checksum differs from the payload: at least one payload byte changed after the write.",
      };
    case "magic":
      return isTail ? notARecord(survey, restBytes) : { code: "C1", meaning: MAGIC_MISSING };
    case "version":
      return { code: "C2", meaning: "The format version of this record is not 1." };
    case "size":
      return { code: "C3", meaning: "The payload size is over the limit of 64 MiB, or 0 where a payload is needed." };
    case "type":
      return { code: "C5", meaning: "The record type is not one of 1 to 5." };
    case "status":
      return { code: "C5", meaning: "The record status is not one of 0 to 3." };
    case "sequence":
      return { code: "C5", meaning: "The sequence is 0; sequences start at 1." };
    case "timestamp":
      return { code: "C5", meaning: "The record time is not after 1970." };
  }
}

function describeCut(haveBytes: number, claimedBytes: number | undefined): { code: FindingCode; meaning: string } {
  if (claimedBytes === undefined || haveBytes < HEADER_BYTES) {
    return {
      code: "T1",
      meaning: `The record is cut inside its header: ${haveBytes} of ${HEADER_BYTES} header bytes.`,
    };
  }
  const isInChecksum = haveBytes >= claimedBytes - CHECKSUM_BYTES;
  return {
    code: isInChecksum ? "T3" : "T2",
    meaning: `The record is cut inside its ${isInChecksum ? "checksum" : "payload"}: ${formatCount(haveBytes)} of ${bytesOf(claimedBytes)}.`,
  };
}

const MAGIC_MISSING = `There is no record here: the magic ${new TextDecoder().decode(MAGIC_BYTES)} is missing.`;

function notARecord(survey: LogSurvey, restBytes: number): { code: FindingCode; meaning: string } {
  return survey.recordCount > 0
    ? {
        code: "S7",
        meaning: `${bytesOf(restBytes)} behind the last record ${restBytes === 1 ? "does" : "do"} not begin as one.`,
      }
    : { code: "C1", meaning: MAGIC_MISSING };
}

/**
 * The C++ engine's own defect: it opens a file with a torn tail, continues the sequence it recovered, and appends
 * behind the torn bytes, where no reader gets to. Told from other damage by its two marks: the record at the stop is
 * not all there, and the one behind it has the sequence that the torn one had, not the next.
 */
export function isAppendedBehindTornTail(survey: LogSurvey, highestSequence: number): boolean {
  const { stop } = survey;
  const region = survey.behind.regions[0];
  if (stop === null || region === undefined) return false;
  const tornBytes = region.offset - stop.offset;
  if (!beginsAsRecord(stop, tornBytes)) return false;
  // Up to a header's length, what the header claims is read from the record behind.
  if (tornBytes >= HEADER_BYTES && tornBytes >= (stop.claimedBytes ?? 0)) return false;
  return region.firstSequence <= highestSequence + 1;
}
