/** One crash in full: what became of every record it concerns, and what their keys hold after reopening. */
import { type LabCase, type LabRow, limits } from "@softadastra/inspector-contract";
import { HEADER_BYTES, OPERATION_DELETE, type ScannedRecord, walReport } from "@softadastra/sdk/tools";
import { displayText, toBase64 } from "../log-view/display-text.ts";
import { NO_RECORD } from "../log-view/log-model.ts";
import type { Crash } from "./damage.ts";
import type { Judgement, Observer } from "./judge.ts";
import { operationOf, valueText } from "./record-text.ts";
import type { LabLog, WriteRange } from "./write-range.ts";

/** What a key holds: the record that wrote it last, among those of the log as it was. */
interface KeyState {
  readonly isLive: boolean;
  readonly version: number;
  /** Null for one that only the damage made. */
  readonly record: number | null;
}

type Run = (observer: Pick<Observer, "onRecord">) => Promise<Judgement>;

export async function caseOf(
  log: LabLog,
  range: WriteRange,
  crash: Crash,
  run: Run,
): Promise<Omit<LabCase, "unnoticedBits">> {
  const after = new Map<number, KeyState>();
  const judged = await run({
    onRecord: (record, index) => {
      const keyId = keyOf(log, record);
      if (keyId === -1) return;
      const isLive = record.operation.type !== OPERATION_DELETE;
      after.set(keyId, { isLive, version: record.sequence, record: index });
    },
  });
  const { survey, fromIndex, write } = judged;
  const confirmedEnd = crash.underWay === null ? range.endIndex : write.first;
  const counts = countFates(judged, confirmedEnd);
  const first = Math.min(fromIndex, range.firstIndex);
  const stateOf = (keyId: number) => after.get(keyId) ?? stateBefore(log, keyId, fromIndex);
  const report = walReport(survey, judged.findings, {
    path: "",
    fileBytes: crash.damage.fileBytes,
    operationCount: 0,
    keyCount: 0,
    deletedKeyCount: 0,
    durationMs: 0,
  });
  const rowCount = range.endIndex - first;
  const rows: LabRow[] = [];
  // The last records are those the place is among.
  const shownFrom = Math.max(first, shownStart(judged, range.endIndex));
  for (let index = shownFrom; index < range.endIndex && rows.length < limits.LAB_ROWS_MAX; index += 1) {
    rows.push(rowOf(log, index, crash, judged, stateOf));
  }
  return {
    cell: judged.cell,
    damage: crash.damage,
    recordCount: survey.recordCount,
    liveKeyCount: liveCount(log, fromIndex, range.endIndex, stateOf),
    validBytes: survey.validBytes,
    unreachableCount: survey.behind.recordCount,
    stopReason: survey.stop?.reason ?? null,
    findings: report.findings.map((finding) => ({ ...finding })),
    confirmedCount: confirmedEnd,
    ...counts,
    underWayCount: crash.underWay === null ? 0 : write.end - write.first,
    underWayKept: crash.underWay === null ? 0 : present(judged, write.first, write.end),
    notBegunCount: crash.underWay === null ? 0 : range.endIndex - write.end,
    rowCount,
    rows,
  };
}

/** So many rows, from a little before the write in question. */
function shownStart({ write, fromIndex }: Judgement, recordCount: number): number {
  const concerned = Math.min(write.first, fromIndex);
  return Math.max(0, Math.min(concerned - 20, recordCount - limits.LAB_ROWS_MAX));
}

function keyOf({ model }: LabLog, { bytes, at, operation }: ScannedRecord): number {
  if (operation.type === 0) return -1;
  const from = at + HEADER_BYTES + operation.keyAt;
  return model.keys.find(bytes.subarray(from, from + operation.keyLength));
}

function stateBefore({ model }: LabLog, keyId: number, index: number): KeyState | null {
  let record = model.latestOf(keyId);
  while (record !== NO_RECORD && record >= index) record = model.previousOf(record);
  if (record === NO_RECORD) return null;
  return { isLive: !model.isDelete(record), version: model.sequenceOf(record), record };
}

/** Live keys after reopening: those of now, but for the keys that the records from `fromIndex` on are about. */
function liveCount(
  log: LabLog,
  fromIndex: number,
  endIndex: number,
  stateOf: (keyId: number) => KeyState | null,
): number {
  const { model } = log;
  let count = model.liveKeyCount;
  const seen = new Set<number>();
  for (let index = fromIndex; index < endIndex; index += 1) {
    if (!model.isOperation(index) || seen.has(model.keyOf(index))) continue;
    const keyId = model.keyOf(index);
    seen.add(keyId);
    count += Number(stateOf(keyId)?.isLive ?? false) - Number(model.isLive(keyId));
  }
  return count;
}

function present({ fromIndex, returned }: Judgement, first: number, end: number): number {
  let count = Math.max(0, Math.min(fromIndex, end) - first);
  for (const index of returned.keys()) if (index >= first && index < end) count += 1;
  return count;
}

function countFates({ fromIndex, returned, behind }: Judgement, confirmedEnd: number) {
  let [lostCount, changedCount, behindCount] = [0, 0, 0];
  for (let index = fromIndex; index < confirmedEnd; index += 1) {
    const found = returned.get(index);
    if (found === undefined) lostCount += 1;
    if (found === undefined && behind.has(index)) behindCount += 1;
    if (found?.isChanged) changedCount += 1;
  }
  return { lostCount, changedCount, behindCount };
}

function rowOf(
  log: LabLog,
  index: number,
  crash: Crash,
  judged: Judgement,
  stateOf: (keyId: number) => KeyState | null,
): LabRow {
  const { model } = log;
  const { write, fromIndex, returned, behind } = judged;
  const isConfirmed = crash.underWay === null || index < write.first;
  const promise = isConfirmed ? "confirmed" : index < write.end ? "under-way" : "not-begun";
  const found = index < fromIndex ? { isChanged: false } : returned.get(index);
  const gone = isConfirmed ? (behind.has(index) ? "behind" : "lost") : "absent";
  const fate = found === undefined ? gone : found.isChanged ? "changed" : "kept";
  const isOperation = model.isOperation(index);
  const keyId = model.keyOf(index);
  const key = isOperation ? model.keys.view(keyId) : null;
  const state = isOperation ? stateOf(keyId) : null;
  return {
    key: key === null ? null : toBase64(key),
    name: key === null ? "bookkeeping record" : displayText(key).text,
    operation: operationOf(log, index),
    sequence: model.sequenceOf(index),
    offset: model.offsetOf(index),
    promise,
    fate,
    after:
      state === null
        ? null
        : {
            isDeleted: !state.isLive,
            version: state.version,
            text: state.record === null || !state.isLive ? "" : valueText(log, state.record),
          },
  };
}
