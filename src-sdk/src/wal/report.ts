/** The report of a recovery: what `client.recovery()` and `inspectWal` answer (spec 1, "Recovery"). */
import { type FindingCollector, isAppendedBehindTornTail, type WalFinding } from "./findings.js";
import type { LogSurvey, Verdict } from "./recovery.js";
import type { StopReason } from "./scan.js";

/** Where reading stopped. */
export interface WalStop {
  /** Offset of the first byte that was not recovered. */
  readonly offset: number;
  readonly reason: StopReason;
  /** Sequence in the header there, when one can be read. */
  readonly sequence: number | null;
  /** Bytes from there to the end of the file. */
  readonly restBytes: number;
}

/** What was done to a torn tail on opening for writing. */
export interface WalRepaired {
  /** The file that now holds the torn bytes. */
  readonly setAsidePath: string;
  readonly setAsideBytes: number;
  /** Whole records among these bytes: of a group of writes that lost power before it was synced, so not acknowledged. */
  readonly setAsideRecordCount: number;
  /** Where the log was cut: its new length. */
  readonly cutAt: number;
}

/** What was found in a log: `client.recovery()` (spec 1, "Recovery"). */
export interface RecoveryReport {
  /** As it was given. Empty for a node without a log. */
  readonly path: string;
  /** Records that were recovered, our own bookkeeping records among them. */
  readonly recordCount: number;
  /** Recovered records that hold a store operation. */
  readonly operationCount: number;
  /** Keys that have a value. */
  readonly keyCount: number;
  /** Highest sequence seen; the next write continues after it. */
  readonly lastSequence: number;
  /** Length of the file when it was read, in bytes. */
  readonly fileBytes: number;
  /** Length of its readable front, in bytes. */
  readonly validBytes: number;
  /** Milliseconds the reading took. */
  readonly durationMs: number;
  readonly verdict: Verdict;
  /** `null` when every byte belongs to a whole, valid record. */
  readonly stop: WalStop | null;
  /** `null` when nothing had to be done; always `null` for an inspection. */
  readonly repaired: WalRepaired | null;
}

/** What `inspectWal` finds: as a recovery, and what stands behind the stop (spec 1, "Reading a WAL without opening a node"). */
export interface WalReport extends RecoveryReport {
  /** Keys whose last operation is a delete. */
  readonly deletedKeyCount: number;
  /** Whole records behind the stop, found by searching for the magic. */
  readonly unreachableRecordCount: number;
  /** They were appended behind a torn tail by a writer that did not cut it. */
  readonly isAppendedBehindTornTail: boolean;
  /** Errors first, then in the order of the file. */
  readonly findings: readonly WalFinding[];
}

export function walStop({ stop }: LogSurvey): WalStop | null {
  if (stop === null) return null;
  return { offset: stop.offset, reason: stop.reason, sequence: stop.sequence ?? null, restBytes: stop.restBytes };
}

export interface ReportFacts {
  readonly path: string;
  readonly fileBytes: number;
  readonly operationCount: number;
  readonly keyCount: number;
  readonly deletedKeyCount: number;
  readonly durationMs: number;
}

export function walReport(survey: LogSurvey, collector: FindingCollector, facts: ReportFacts): WalReport {
  const findings = collector.findings(survey);
  return {
    ...facts,
    recordCount: survey.recordCount,
    lastSequence: collector.highestSequence,
    validBytes: survey.validBytes,
    verdict: survey.verdict,
    stop: walStop(survey),
    repaired: null,
    unreachableRecordCount: survey.behind.recordCount,
    isAppendedBehindTornTail: isAppendedBehindTornTail(survey, collector.highestSequence),
    findings,
  };
}
