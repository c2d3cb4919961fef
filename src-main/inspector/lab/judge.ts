/** Reopens a damaged log in memory, with the same reader that opens a real one, and compares what it finds with what was there. */
import type { LabCell } from "@softadastra/inspector-contract";
import {
  CHECKSUM_BYTES,
  type FindingCollector,
  fnv1a,
  HEADER_BYTES,
  type LogSurvey,
  RECORD_TYPE,
  type ScannedRecord,
  scanRecords,
  surveyLog,
  walReport,
  writeHeader,
  writeU32,
} from "@softadastra/sdk/tools";
import type { LogModel } from "../log-view/log-model.ts";
import { type Crash, damagedSource, firstTouched } from "./damage.ts";
import type { WriteRange } from "./write-range.ts";

/** A record of the log as it was, by its place, and whether it came back with other bytes. */
export interface Returned {
  readonly index: number;
  readonly isChanged: boolean;
}

export interface Judgement {
  readonly survey: LogSurvey;
  readonly cell: LabCell;
  /** Records before this one are as they were, and were not read again. */
  readonly fromIndex: number;
  /** Which of the others are read again; those that are missing are lost. */
  readonly returned: ReadonlyMap<number, Returned>;
  /** Lost records that are whole behind the stop. */
  readonly behind: ReadonlySet<number>;
  /** First record of the write that holds the place, and the one behind its last. */
  readonly write: { readonly first: number; readonly end: number };
  readonly findings: FindingCollector;
}

export interface Observer {
  /** Called for each record that reopening reads, from `fromIndex` on. */
  readonly onRecord?: (record: ScannedRecord, index: number | null) => void;
  readonly collectorFrom: (index: number) => FindingCollector;
}

/** The smallest record there is: what the C++ engine would append. */
const NEXT_RECORD = nextRecord();

function nextRecord(): Uint8Array {
  const payload = Uint8Array.of(0);
  const bytes = new Uint8Array(HEADER_BYTES + payload.length + CHECKSUM_BYTES);
  writeHeader(bytes, 0, { type: RECORD_TYPE.put, sequence: 1, timestampMs: 1, payloadSize: payload.length });
  bytes.set(payload, HEADER_BYTES);
  writeU32(bytes, HEADER_BYTES + payload.length, fnv1a(payload, 0, payload.length));
  return bytes;
}

export async function judge(model: LogModel, range: WriteRange, crash: Crash, observer: Observer): Promise<Judgement> {
  const { damage } = crash;
  const touched = firstTouched(damage);
  const fromIndex = touched === range.end ? range.endIndex : Math.max(0, model.recordAt(touched));
  const from = touched === range.end ? touched : model.offsetOf(fromIndex);
  const returned = new Map<number, Returned>();
  const behind = new Set<number>();
  const source = damagedSource(range.base, damage);
  const findings = observer.collectorFrom(fromIndex);
  const touchedBytes = await touchedStretch(range, crash);
  const survey = await surveyLog(source, {
    from: { offset: from, recordCount: fromIndex },
    onRecord: (record) => {
      findings.observe(record);
      const index = indexAt(model, record.offset);
      if (index !== null) {
        const isChanged = record.length !== model.lengthOf(index) || touchedBytes(record.offset, record.length);
        returned.set(index, { index, isChanged });
      }
      observer.onRecord?.(record, index);
    },
    onUnreachable: (record) => {
      const index = indexAt(model, record.offset);
      if (index !== null && !touchedBytes(record.offset, record.length)) behind.add(index);
    },
  });
  const place = range.writes[crash.at] ?? { start: range.end, end: range.end };
  const write = {
    first: model.recordAt(place.start),
    end: place.end === range.end ? range.endIndex : model.recordAt(place.end),
  };
  const facts = { survey, fromIndex, returned, behind, write, findings };
  const isNextKept = await nextIsKept(range, crash, survey);
  return { ...facts, cell: cellOf(crash, facts, isNextKept) };
}

/** The record that stood at this very offset. */
function indexAt(model: LogModel, offset: number): number | null {
  const index = model.recordAt(offset);
  return index >= 0 && model.offsetOf(index) === offset ? index : null;
}

/** Tells whether a stretch of the file has other bytes than before: zeros over zeros change nothing. */
async function touchedStretch(
  range: WriteRange,
  { damage }: Crash,
): Promise<(offset: number, length: number) => boolean> {
  const { flip, zeros } = damage;
  let first = 0;
  let last = -1;
  if (flip !== null) first = last = flip.offset;
  else if (zeros !== null) {
    const before = new Uint8Array(zeros.to - zeros.from);
    const count = await range.base.read(before, 0, before.length, zeros.from);
    const at = before.subarray(0, count).findIndex((byte) => byte !== 0);
    if (at !== -1) {
      first = zeros.from + at;
      last = zeros.from + before.subarray(0, count).findLastIndex((byte) => byte !== 0);
    }
  }
  return (offset, length) => last >= offset && first < offset + length;
}

/** Appends a record as the C++ engine does, at the end of the file as it is, and looks for it. */
async function nextIsKept(range: WriteRange, { damage }: Crash, survey: LogSurvey): Promise<boolean> {
  const source = damagedSource(range.base, damage, NEXT_RECORD);
  let lastOffset = -1;
  await scanRecords(source, {
    from: survey.validBytes,
    onRecord: ({ offset }) => {
      lastOffset = offset;
    },
  });
  return lastOffset === damage.fileBytes;
}

function cellOf(crash: Crash, facts: Omit<Judgement, "cell">, isNextKept: boolean): LabCell {
  const { survey, fromIndex, returned, write, findings } = facts;
  // Confirmed are all writes before the one under way; at rest, all but the one in question, which has its own lane.
  let earlierLost = 0;
  let earlierChanged = 0;
  let here = 0;
  let hereChanged = 0;
  for (const { index, isChanged } of returned.values()) {
    const isHere = index >= write.first && index < write.end;
    if (isHere) here += 1;
    if (isChanged && isHere) hereChanged += 1;
    if (isChanged && index < write.first) earlierChanged += 1;
  }
  for (let index = fromIndex; index < write.first; index += 1) if (!returned.has(index)) earlierLost += 1;
  here += Math.max(0, Math.min(fromIndex, write.end) - write.first);
  const size = write.end - write.first;
  const state = hereChanged > 0 ? "changed" : here === size ? "whole" : here === 0 ? "absent" : "part";
  const isWrong = hereChanged + earlierChanged + earlierLost > 0 || (crash.underWay === null && here < size);
  return {
    verdict: survey.verdict,
    code: codeOf(survey, findings),
    write: state,
    earlierLost,
    earlierChanged,
    isNextKept,
    isNoticed: survey.verdict !== "clean" ? true : isWrong ? false : null,
  };
}

/** The finding about the place where reading stops. */
function codeOf(survey: LogSurvey, findings: FindingCollector): string {
  const { stop } = survey;
  if (stop === null) return "";
  const facts = { path: "", fileBytes: 0, operationCount: 0, keyCount: 0, deletedKeyCount: 0, durationMs: 0 };
  return (
    walReport(survey, findings, facts).findings.find(
      ({ code, offset }) => offset === stop.offset && /^[TC]|^S[47]/.test(code),
    )?.code ?? ""
  );
}
