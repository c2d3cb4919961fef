/**
 * The verdict in words: what is recovered, what the C++ engine recovers, whether its next write would be lost, and what is
 * safe (spec 4, "Health"). Said the same way by the terminal, the inspector and its reports.
 */
import { countOf, formatCount, formatOffset } from "../words.js";
import type { WalReport } from "./report.js";

/** A verdict for people. */
export interface VerdictWords {
  /** One line. */
  readonly title: string;
  /** Why, and what it means. */
  readonly body: readonly string[];
  /** What must not be missed; null when nothing is threatened. */
  readonly warning: string | null;
  /** What is intact. */
  readonly safe: string;
}

const allOf = (n: number, one: string) => (n === 1 ? `its 1 ${one}` : `all ${countOf(n, one)}`);

/** What stands at the stop. */
const AT_STOP: Record<string, string> = {
  T1: "is cut inside its header",
  T2: "is cut inside its payload",
  T3: "is cut inside its checksum",
  C1: "does not begin with the magic",
  C2: "has an unknown format version",
  C3: "claims a size that cannot be",
  C4: "fails its checksum",
  C5: "has a header that cannot be",
};

const LOST_BEHIND = (what: string) =>
  `The C++ engine’s next write would be lost: it lands behind ${what}, where no reader gets to.`;

/** Code of the finding about the place where reading stops; empty for a clean log. */
export function stopCode({ stop, findings }: Pick<WalReport, "stop" | "findings">): string {
  if (stop === null) return "";
  return findings.find(({ offset, code }) => offset === stop.offset && /^[TC]|^S[47]/.test(code))?.code ?? "";
}

/** The verdict of a report in words. */
export function verdictWords(report: WalReport): VerdictWords {
  if (report.verdict === "not-a-wal") {
    return {
      title: "Not a log: nothing is recovered",
      body: ["The file does not begin with a record and holds none. The C++ engine recovers nothing from it either."],
      warning: LOST_BEHIND("bytes that are no record"),
      safe: "The file is never written to.",
    };
  }
  if (report.stop === null) return cleanWords(report);
  return report.verdict === "damaged" ? damagedWords(report) : tornWords(report);
}

function cleanWords(report: WalReport): VerdictWords {
  const { recordCount, fileBytes } = report;
  const survives = "its next write would be found again";
  return recordCount === 0
    ? {
        title: "Clean: an empty log",
        body: [
          `The file is empty, which is valid: the next record will stand at offset 0. The C++ engine opens it as an empty store, and ${survives}.`,
        ],
        warning: null,
        safe: "There is nothing to lose.",
      }
    : {
        title: `Clean: recovers ${allOf(recordCount, "record")}`,
        body: [
          `Every one of the ${countOf(fileBytes, "byte")} belongs to a whole record with the right checksum. The C++ engine recovers the same ${recovered(report)}, and ${survives}.`,
        ],
        warning: null,
        safe: "Everything is readable.",
      };
}

const recovered = ({ recordCount, keyCount }: WalReport) =>
  `${countOf(recordCount, "record")} with ${countOf(keyCount, "live key")}`;

/** What the engine gets out of a log that stops somewhere. */
function engineWords(report: WalReport): string {
  const { recordCount, stop } = report;
  const where = `stops at ${formatOffset(stop?.offset ?? 0)} without an error`;
  return recordCount === 0
    ? `The C++ engine recovers nothing: it ${where}.`
    : `The C++ engine recovers the same ${recovered(report)}: it ${where}.`;
}

function tornWords(report: WalReport): VerdictWords {
  const { recordCount, validBytes, unreachableRecordCount: behind } = report;
  return {
    title:
      recordCount === 0 ? "Torn tail: no whole record" : `Torn tail: recovers ${allOf(recordCount, "whole record")}`,
    body: [
      ...tornCause(report),
      ...(behind === 0
        ? []
        : [
            `${countOf(behind, "whole record")} behind it ${behind === 1 ? "belongs" : "belong"} to the same unfinished group of writes: nothing of it was confirmed.`,
          ]),
      engineWords(report),
      "Opening for writing moves these bytes into a file of their own and cuts the log there.",
    ],
    warning: LOST_BEHIND("the torn bytes"),
    safe:
      recordCount === 0 ? "No record was in the file before." : `The first ${countOf(validBytes, "byte")} are whole.`,
  };
}

function tornCause(report: WalReport): string[] {
  const { stop } = report;
  if (stop === null) return [];
  const code = stopCode(report);
  const rest = countOf(stop.restBytes, "byte");
  if (code === "S4") {
    return [
      `From ${formatOffset(stop.offset)} on the file holds ${rest} of zeros: preallocated, or zero-filled by a crash.`,
    ];
  }
  if (code === "S7") return [`From ${formatOffset(stop.offset)} on stand ${rest} that do not begin as a record.`];
  if (code === "C4") {
    return [
      `The last record, at ${formatOffset(stop.offset)}, has its full length of ${rest} and fails its checksum: its write was torn, or one of its bytes changed later.`,
    ];
  }
  return [
    `The record at ${formatOffset(stop.offset)} ${AT_STOP[code] ?? "is not whole"}: a writer died before it was written. ${rest} of it ${stop.restBytes === 1 ? "is" : "are"} left.`,
    "No write that was confirmed is missing because of it.",
  ];
}

function damagedWords(report: WalReport): VerdictWords {
  const { recordCount, validBytes, unreachableRecordCount: behind, stop, findings } = report;
  const offset = formatOffset(stop?.offset ?? 0);
  // A search that gave up has a finding of its own, about the rest.
  const isAtLeast = findings.some(({ code, offset: from }) => code === "S7" && from > (stop?.offset ?? 0));
  const whole = `${isAtLeast ? "at least " : ""}${countOf(recordCount + behind, "whole record")}`;
  const cause = report.isAppendedBehindTornTail
    ? `The record at ${offset} was cut by a crash, and a writer then appended ${countOf(behind, "whole record")} behind it without cutting it off.`
    : `The record at ${offset} ${AT_STOP[stopCode(report)] ?? "is damaged"}.`;
  const records = report.isAppendedBehindTornTail
    ? behind === 1
      ? "It"
      : "They"
    : `${countOf(behind, "whole record")} behind it`;
  const skipped = `${records} would be skipped.${isAtLeast ? " The rest was not searched: there may be more." : ""}`;
  return {
    title: `Damaged: recovers ${formatCount(recordCount)} of ${whole}`,
    body: [
      `${cause} ${skipped}`,
      engineWords(report),
      "Opening for writing is refused; a repair makes a clean log of it.",
    ],
    warning: LOST_BEHIND("the damage"),
    safe:
      recordCount === 0
        ? "The records behind the damage can still be read from this file."
        : `The first ${countOf(validBytes, "byte")} are whole.`,
  };
}
