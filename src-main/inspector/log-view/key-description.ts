/** Everything about one key besides its value, as the log ends or as it stood at an earlier record. */
import { type KeyVersion, limits, type Output } from "@softadastra/inspector-contract";
import { AT, readI64 } from "@softadastra/sdk/tools";
import { displayText, fromBase64, splitKey } from "./display-text.ts";
import type { ReadBytes } from "./key-view.ts";
import { type KeyStates, type LogModel, NO_RECORD } from "./log-model.ts";
import { guessValueKind, HEAD_BYTES, TAIL_BYTES } from "./value-kind.ts";

export type DescribedKey = Omit<Output<"keys.describe">, "origin" | "isOwnOrigin" | "delivery">;

/** `moment` is the last record of `states`; null for the end of the log. Null when no record is about the key. */
export function describeKey(
  model: LogModel,
  states: KeyStates,
  read: ReadBytes,
  key: string,
  separator: string,
  moment: number | null,
): DescribedKey | null {
  const bytes = fromBase64(key);
  const keyId = model.keys.find(bytes);
  if (keyId === -1) return null;
  const latest = states.latestOf(keyId);
  const isUnwritten = latest === NO_RECORD;
  const versionCount = model.versionCountOf(keyId);
  const laterCount = versionCount - (isUnwritten ? 0 : model.ordinalOf(latest));
  const history = historyOf(model, keyId, laterCount);
  const current = isUnwritten ? firstRecord(model, history) : latest;
  const { text, isText } = displayText(bytes);
  return {
    name: { text, isText, segments: splitKey(bytes, separator).map((part) => displayText(part).text) },
    isDeleted: moment === null ? !model.isLive(keyId) : !isUnwritten && !states.isLive(keyId),
    isUnwritten,
    current: versionOf(model, current, read),
    valueKind: valueKindOf(model, current, read),
    versionCount,
    laterCount,
    history: history.map((record) => versionOf(model, record, read)),
  };
}

/** Records of the key, newest first; of very many those around the moment, which has `laterCount` of them behind it. */
function historyOf(model: LogModel, keyId: number, laterCount: number): number[] {
  const records: number[] = [];
  let skipped = Math.max(0, laterCount - limits.HISTORY_LATER_MAX);
  for (
    let record = model.latestOf(keyId);
    record !== NO_RECORD && records.length < limits.HISTORY_MAX;
    record = model.previousOf(record)
  ) {
    if (skipped > 0) skipped -= 1;
    else records.push(record);
  }
  return records;
}

function firstRecord(model: LogModel, history: readonly number[]): number {
  let first = history.at(-1) ?? 0;
  while (model.previousOf(first) !== NO_RECORD) first = model.previousOf(first);
  return first;
}

export function versionOf(model: LogModel, record: number, read: ReadBytes): KeyVersion {
  const offset = model.offsetOf(record);
  const length = model.lengthOf(record);
  const isDelete = model.isDelete(record);
  return {
    kind: isDelete ? "delete" : "put",
    sequence: model.sequenceOf(record),
    offset,
    recordMs: readI64(read(offset + AT.timestamp, 8), 0),
    operationMs: readI64(read(offset + length - 12, 8), 0),
    valueBytes: isDelete ? 0 : model.valueBytesOf(record),
  };
}

function valueKindOf(model: LogModel, record: number, read: ReadBytes) {
  if (model.isDelete(record)) return "empty";
  const valueBytes = model.valueBytesOf(record);
  const offset = model.valueOffsetOf(record);
  const head = read(offset, Math.min(HEAD_BYTES, valueBytes));
  const tail = read(offset + Math.max(0, valueBytes - TAIL_BYTES), Math.min(TAIL_BYTES, valueBytes));
  return guessValueKind(head, tail, valueBytes);
}
