/** The log as it stood after any of its records, against a replay that shares no code with it. */
import fs from "node:fs";
import { join } from "node:path";
import { limits } from "@softadastra/inspector-contract";
import { arraySource, MARK_ACKNOWLEDGED, RECORD_TYPE, surveyLog } from "@softadastra/sdk/tools";
import { describe, expect, test } from "vitest";
import { type Random, seededRandom } from "../../../src-sdk/src/testing/random.ts";
import { encodeSampleRecord, type SampleRecord, sampleLog } from "../../../src-sdk/src/testing/sample-log.ts";
import { encodeMark } from "../../../src-sdk/src/wal/marks.ts";
import { tempDirectory } from "../testing.ts";
import { LogModel, NO_RECORD } from "./log-model.ts";
import { LogView, type ViewRequest } from "./log-view.ts";
import { Timeline, type TimelineOptions } from "./timeline.ts";

const NAMES = ["a/1", "a/2", "a/b/1", "b", "b/1", "c/d/e", "z:1", "\xff/0"];
const SEED = Number(process.env.TIMELINE_SEED ?? Date.now() % 1_000_000);

/** Puts, deletes, checkpoints about no key, and marks that say operations before them are acknowledged. */
function randomRecords(random: Random, count: number): SampleRecord[] {
  const open: number[] = [];
  return Array.from({ length: count }, (_, i): SampleRecord => {
    const sequence = i + 1;
    if (random.chance(0.08)) return { sequence, type: 3, payload: Uint8Array.of(7) };
    if (random.chance(0.1) && open.length > 0) {
      const operations = open.splice(random.below(open.length), 2).map((each) => ({ sequence: each, occurrence: 1 }));
      return {
        sequence,
        type: RECORD_TYPE.noop,
        payload: encodeMark({ kind: MARK_ACKNOWLEDGED, peer: "peer", operations }),
      };
    }
    open.push(sequence);
    const key = Buffer.from(random.pick(NAMES), "latin1");
    const value = random.chance(0.2) ? `needle ${i}` : "v".repeat(random.below(9));
    const kind = random.chance(0.25) ? "delete" : "put";
    return { sequence, operation: { kind, key, value: kind === "put" ? value : "", timestampMs: 1_000 + i } };
  });
}

interface Version {
  readonly record: number;
  readonly value: string | null;
}

/** The whole log replayed up to a record, as anybody would write it down. */
class Replay {
  readonly versionsByKey = new Map<string, Version[]>();
  readonly open = new Set<number>();
  operationCount = 0;

  constructor(records: readonly SampleRecord[], last: number) {
    for (const [record, { operation, sequence, payload, type }] of records.slice(0, last + 1).entries()) {
      if (operation !== undefined) {
        const name = Buffer.from(operation.key).toString("latin1");
        const value = operation.kind === "put" ? String(operation.value) : null;
        this.versionsByKey.set(name, [...(this.versionsByKey.get(name) ?? []), { record, value }]);
        this.open.add(sequence);
        this.operationCount += 1;
      } else if (type === RECORD_TYPE.noop && payload !== undefined) {
        for (const [other, { payload: marked }] of records.entries())
          if (marked === payload) this.#settle(other, records);
      }
    }
  }

  #settle(mark: number, records: readonly SampleRecord[]): void {
    const text = Buffer.from(records[mark]?.payload ?? []);
    for (const sequence of this.open) {
      const wanted = Buffer.alloc(8);
      wanted.writeBigUInt64LE(BigInt(sequence));
      if (text.includes(wanted)) this.open.delete(sequence);
    }
  }

  value(name: string): string | null | undefined {
    return this.versionsByKey.get(name)?.at(-1)?.value;
  }

  names(isWanted: (value: string | null) => boolean): string[] {
    const names = [...this.versionsByKey.keys()].filter((name) => isWanted(this.value(name) ?? null));
    return names.sort((a, b) => Buffer.compare(Buffer.from(a, "latin1"), Buffer.from(b, "latin1")));
  }
}

async function modelOf(records: readonly SampleRecord[]): Promise<LogModel> {
  const model = new LogModel();
  await surveyLog(arraySource(sampleLog(records).bytes), { onRecord: (record) => model.add(record) });
  expect(model.recordCount).toBe(records.length);
  return model;
}

function expectSame(timeline: Timeline, model: LogModel, replay: Replay, record: number): void {
  const states = timeline.at(record);
  for (let keyId = 0; keyId < model.keys.size; keyId += 1) {
    const name = Buffer.from(model.keys.view(keyId)).toString("latin1");
    expect(states.latestOf(keyId)).toBe(replay.versionsByKey.get(name)?.at(-1)?.record ?? NO_RECORD);
    expect(states.isLive(keyId)).toBe(typeof replay.value(name) === "string");
  }
  const liveKeyCount = replay.names((value) => value !== null).length;
  expect(timeline.countsAt(record)).toEqual({
    liveKeyCount,
    deletedKeyCount: replay.versionsByKey.size - liveKeyCount,
    operationCount: replay.operationCount,
    openOperationCount: replay.open.size,
  });
}

/** Every record once, in random order, and each of them again. */
function randomMoves(random: Random, count: number): number[] {
  const moves = Array.from({ length: 2 * count }, (_, i) => i % count);
  for (let i = moves.length - 1; i > 0; i -= 1) {
    const j = random.below(i + 1);
    [moves[i], moves[j]] = [moves[j] as number, moves[i] as number];
  }
  return moves;
}

describe(`the state as of every record is that of a replay (seed ${SEED})`, () => {
  const OPTIONS: [string, TimelineOptions][] = [
    ["no checkpoint", {}],
    ["a checkpoint every record", { checkpointRecords: 1 }],
    ["a checkpoint every third record", { checkpointRecords: 3 }],
    ["checkpoints that are thinned out", { checkpointRecords: 2, checkpointBytesMax: 64 }],
  ];
  test.each(OPTIONS)("with %s, moving in random order", async (_, options) => {
    const random = seededRandom(SEED);
    for (let run = 0; run < 12; run += 1) {
      const records = randomRecords(random, 1 + random.below(60));
      const model = await modelOf(records);
      const replays = records.map((_record, last) => new Replay(records, last));
      const timeline = new Timeline(model, options);
      for (const record of randomMoves(random, records.length)) {
        expectSame(timeline, model, replays[record] as Replay, record);
      }
      expect(timeline.at(null)).toBe(model);
    }
  });

  test("also for the moments before it, while the log goes on", async () => {
    const random = seededRandom(SEED + 1);
    const records = randomRecords(random, 80);
    const model = new LogModel();
    const timeline = new Timeline(model, { checkpointRecords: 8 });
    const source = arraySource(sampleLog(records).bytes);
    const seen: number[] = [];
    await surveyLog(source, {
      onRecord: (record) => {
        model.add(record);
        const last = model.recordCount - 1;
        for (const moment of [random.below(last + 1), last]) {
          expectSame(timeline, model, new Replay(records, moment), moment);
          seen.push(moment);
        }
      },
    });
    expect(seen).toHaveLength(160);
  });
});

test("checkpoints stay within their bytes, and jumps keep being right", async () => {
  const records = Array.from({ length: 3_000 }, (_, i): SampleRecord => {
    return { sequence: i + 1, operation: { kind: "put", key: `k${i}`, value: "v", timestampMs: i + 1 } };
  });
  const model = await modelOf(records);
  const timeline = new Timeline(model, { checkpointRecords: 10, checkpointBytesMax: 40_000 });
  for (let record = 0; record < 3_000; record += 1) expect(timeline.countsAt(record).liveKeyCount).toBe(record + 1);
  // Ten checkpoints of up to 3,000 keys at four bytes each would be more.
  expect(timeline.checkpointCount).toBeLessThan(12);
  for (const record of [2_999, 0, 1_500, 1, 2_998]) expect(timeline.countsAt(record).liveKeyCount).toBe(record + 1);
});

// ---- through the view, as the screens ask

async function openLog(records: readonly SampleRecord[]) {
  const path = join(tempDirectory(), "log.wal");
  const log = sampleLog(records);
  fs.writeFileSync(path, log.bytes);
  const view = new LogView(path, () => undefined);
  await view.open();
  await view.follow();
  return { view, path, offsets: log.offsets };
}

function openView(view: LogView, change: Partial<ViewRequest> = {}): number {
  const request = { shape: "list", separator: "/", search: "", showLive: true, showDeleted: false, ...change } as const;
  const opened = view.openView(request);
  if ("badSearch" in opened) throw new Error(opened.badSearch);
  return opened.view;
}

async function exactRows(view: LogView, id: number, asOf: number | null) {
  for (;;) {
    const page = view.rows(id, 0, limits.ROWS_MAX, asOf);
    if (page === null) throw new Error("no view");
    if (page.isExact) return page;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const nameOf = (key: string) => Buffer.from(key, "base64").toString("latin1");

/** Rows of a tree of which every folder is open. */
function treeRows(names: readonly string[]): string[] {
  const rows: string[] = [];
  const shown = new Set<string>();
  for (const name of names) {
    for (let at = name.indexOf("/"); at !== -1 && at < name.length - 1; at = name.indexOf("/", at + 1)) {
      const prefix = name.slice(0, at + 1);
      if (!shown.has(prefix)) rows.push(`${prefix} ${names.filter((other) => other.startsWith(prefix)).length}`);
      shown.add(prefix);
    }
    rows.push(name);
  }
  return rows;
}

const SEARCHES: [string, (name: string, value: string | null, record: number) => boolean][] = [
  ["key:a/", (name) => name.includes("a/")],
  ["-b", (name) => !name.includes("b")],
  ["size>4", (_, value) => value !== null && value.length > 4],
  ["-size>4", (_, value) => !(value !== null && value.length > 4)],
  ["seq<=20", (_, __, record) => record + 1 <= 20],
  ["value:needle", (_, value) => value?.includes("needle") === true],
  ["-value:needle /1$/", (name, value) => value !== null && !value.includes("needle") && name.endsWith("1")],
];

test(`lists, trees and searches show what was there at every record (seed ${SEED})`, async () => {
  const random = seededRandom(SEED + 2);
  for (let run = 0; run < 2; run += 1) {
    const records = randomRecords(random, 40);
    const { view, offsets } = await openLog(records);
    const { view: searched } = await openLog(records);
    const all = openView(view, { showDeleted: true });
    const live = openView(view);
    const tree = openView(view, { shape: "tree" });
    const searches = SEARCHES.map(([search]) => openView(searched, { search, showDeleted: true }));
    await exactRows(view, tree, null);
    for (const prefix of ["a/", "a/b/", "b/", "c/", "c/d/", "\xff/"]) {
      view.expand(tree, Buffer.from(prefix, "latin1").toString("base64"), true);
    }
    for (const last of randomMoves(random, records.length)) {
      const replay = new Replay(records, last);
      const asOf = offsets[last] as number;
      const page = await exactRows(view, all, asOf);
      const states = page.rows.map((row) =>
        row.kind === "key" ? [nameOf(row.key), row.isDeleted, row.valueBytes] : [],
      );
      expect(states).toEqual(
        replay
          .names(() => true)
          .map((name) => {
            const value = replay.value(name);
            return [name, value === null, value?.length ?? 0];
          }),
      );
      const liveNames = replay.names((value) => value !== null);
      expect(page).toMatchObject({
        liveCount: liveNames.length,
        deletedCount: replay.versionsByKey.size - liveNames.length,
        moment: { index: last, offset: asOf, liveKeyCount: liveNames.length, outboxOpenCount: replay.open.size },
      });
      expect((await exactRows(view, live, asOf)).rows).toHaveLength(liveNames.length);
      const rows = (await exactRows(view, tree, asOf)).rows.map((row) =>
        row.kind === "key" ? nameOf(row.key) : `${nameOf(row.prefix)} ${row.keyCount}`,
      );
      expect(rows).toEqual(treeRows(liveNames));
      for (const [i, [, isMatch]] of SEARCHES.entries()) {
        const found = await exactRows(searched, searches[i] as number, asOf);
        const names = replay
          .names(() => true)
          .filter((name) => {
            const newest = replay.versionsByKey.get(name)?.at(-1);
            return newest !== undefined && isMatch(name, newest.value, newest.record);
          });
        expect(found.rows.map((row) => (row.kind === "key" ? nameOf(row.key) : "?"))).toEqual(names);
      }
    }
    await view.close();
    await searched.close();
  }
}, 60_000);

test(`a key is described as of every record, with what came later marked (seed ${SEED})`, async () => {
  const random = seededRandom(SEED + 3);
  const records = randomRecords(random, 50);
  const { view, offsets } = await openLog(records);
  const whole = new Replay(records, records.length - 1);
  for (const last of randomMoves(random, records.length)) {
    const replay = new Replay(records, last);
    for (const [name, versions] of whole.versionsByKey) {
      const described = view.describe(Buffer.from(name, "latin1").toString("base64"), "/", offsets[last] as number);
      const then = replay.versionsByKey.get(name) ?? [];
      const current = then.at(-1) ?? versions[0];
      expect(described).toMatchObject({
        isUnwritten: then.length === 0,
        isDeleted: then.at(-1)?.value === null,
        current: { offset: offsets[current?.record ?? 0] },
        versionCount: versions.length,
        laterCount: versions.length - then.length,
      });
      expect(described?.history.map(({ offset }) => offset)).toEqual(
        versions.map(({ record }) => offsets[record]).reverse(),
      );
    }
  }
  await view.close();
});

test("of a key with very many versions those around the moment are listed", async () => {
  const records = Array.from({ length: 1_000 }, (_, i): SampleRecord => {
    return { sequence: i + 1, operation: { kind: "put", key: "k", value: `${i}`, timestampMs: i + 1 } };
  });
  const { view, offsets } = await openLog(records);
  const key = Buffer.from("k").toString("base64");
  for (const last of [0, 1, 150, 500, 899, 900, 999]) {
    const described = view.describe(key, "/", offsets[last] as number);
    const sequences = described?.history.map(({ sequence }) => sequence) ?? [];
    expect(described).toMatchObject({ laterCount: 999 - last, current: { sequence: last + 1 }, versionCount: 1_000 });
    expect(sequences[0]).toBe(Math.min(1_000, last + 1 + limits.HISTORY_LATER_MAX));
    expect(sequences).toContain(last + 1);
    expect(sequences).toHaveLength(Math.min(limits.HISTORY_MAX, sequences[0] as number));
  }
  await view.close();
});

test("a moment is the record that holds the offset; in an empty log there is none, and rows are of its end", async () => {
  const { view, offsets } = await openLog(randomRecords(seededRandom(5), 10));
  for (const [record, offset] of offsets.slice(0, -1).entries()) {
    expect(view.momentAt(offset).moment?.index).toBe(record);
    expect(view.momentAt((offsets[record + 1] as number) - 1).moment?.offset).toBe(offset);
  }
  expect(view.momentAt(2 ** 40).moment?.index).toBe(9);
  await view.close();
  const empty = await openLog([]);
  expect(empty.view.momentAt(0)).toEqual({ moment: null });
  expect(empty.view.rows(openView(empty.view), 0, 10, 5)).toMatchObject({ moment: null, rowCount: 0 });
  await empty.view.close();
});

test("in the past the tree keeps its open folders, and folders opened there stay open", async () => {
  const put = (sequence: number, key: string): SampleRecord => {
    return { sequence, operation: { kind: "put", key, value: "v", timestampMs: sequence } };
  };
  const { view, path, offsets } = await openLog([put(1, "a/1"), put(2, "b/1"), put(3, "c/1")]);
  const tree = openView(view, { shape: "tree" });
  const labels = async (asOf: number | null) => (await exactRows(view, tree, asOf)).rows.map((row) => row.label);
  expect(await labels(null)).toEqual(["a", "1", "b", "1", "c", "1"]);
  view.expand(tree, Buffer.from("a/").toString("base64"), false);
  expect(await labels(offsets[1] as number)).toEqual(["a", "b", "1"]);
  view.expand(tree, Buffer.from("a/").toString("base64"), true);
  // What is written meanwhile is not there yet.
  fs.appendFileSync(path, encodeSampleRecord(put(4, "a/2")));
  await view.follow();
  expect(await labels(offsets[1] as number)).toEqual(["a", "1", "b", "1"]);
  expect(view.locate(tree, Buffer.from("b/1").toString("base64"), offsets[1] as number)).toEqual({ row: 3 });
  expect(view.locate(tree, Buffer.from("c/1").toString("base64"), offsets[1] as number)).toEqual({ row: null });
  expect(await labels(null)).toEqual(["a", "1", "2", "b", "1", "c", "1"]);
  await view.close();
});
