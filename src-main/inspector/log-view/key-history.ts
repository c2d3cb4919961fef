/** The versions of a key, newest first: any stretch of them, and one with its neighbours. However many there are. */
import type { Output } from "@softadastra/inspector-contract";
import { fromBase64 } from "./display-text.ts";
import { versionOf } from "./key-description.ts";
import type { ReadBytes } from "./key-view.ts";
import { type LogModel, NO_RECORD } from "./log-model.ts";

/** Versions of a key from the one at place `start`; null when no record is about the key. */
export function historyOf(
  model: LogModel,
  read: ReadBytes,
  key: string,
  start: number,
  count: number,
): Output<"keys.history"> | null {
  const keyId = model.keys.find(fromBase64(key));
  if (keyId === -1) return null;
  return {
    versionCount: model.versionCountOf(keyId),
    versions: historyRecords(model, keyId, start, count).map((record) => versionOf(model, record, read)),
  };
}

/** The version of the key that the record at this offset wrote; null when it wrote none of it. */
export function versionPlace(
  model: LogModel,
  read: ReadBytes,
  key: string,
  offset: number,
): Output<"keys.version"> | null {
  const keyId = model.keys.find(fromBase64(key));
  const record = model.recordAt(offset);
  if (keyId === -1 || record === -1 || model.offsetOf(record) !== offset) return null;
  const place = placeInHistory(model, keyId, record);
  return place === null ? null : { version: versionOf(model, record, read), ...place };
}

/** Records `[start, start + count)` of the key. The way there is a walk through numbers in memory: a million take milliseconds. */
function historyRecords(model: LogModel, keyId: number, start: number, count: number): number[] {
  const records: number[] = [];
  let record = model.latestOf(keyId);
  for (let skipped = 0; skipped < start && record !== NO_RECORD; skipped += 1) record = model.previousOf(record);
  for (; record !== NO_RECORD && records.length < count; record = model.previousOf(record)) records.push(record);
  return records;
}

type PlaceInHistory = Omit<Output<"keys.version">, "version">;

/** Where a record stands among the versions of its key; null when it is none of them. */
function placeInHistory(model: LogModel, keyId: number, wanted: number): PlaceInHistory | null {
  let index = 0;
  let newerPut = NO_RECORD;
  let record = model.latestOf(keyId);
  for (; record !== NO_RECORD && record !== wanted; record = model.previousOf(record)) {
    if (!model.isDelete(record)) newerPut = record;
    index += 1;
  }
  if (record === NO_RECORD) return null;
  let olderPut = model.previousOf(record);
  while (olderPut !== NO_RECORD && model.isDelete(olderPut)) olderPut = model.previousOf(olderPut);
  const older = model.previousOf(record);
  const offset = (found: number) => (found === NO_RECORD ? null : model.offsetOf(found));
  return { index, older: offset(older), olderPut: offset(olderPut), newerPut: offset(newerPut) };
}
