/** What a plan says before anything is done: ranges, counts, and what becomes of each key. */
import { expect, test } from "vitest";
import { EventHub } from "../events.js";
import { OpenNode } from "../open-node.js";
import { ClientOptions, readOptions } from "../options.js";
import { diskOf } from "../testing/crash-disk.js";
import { ManualClock } from "../testing/manual-clock.js";
import { type SampleRecord, sampleLog } from "../testing/sample-log.js";
import { encodeMark, MARK_ACKNOWLEDGED } from "./marks.js";
import { repairWal } from "./repair.js";
import { planRepair, type RepairPlan, type RepairPolicy } from "./repair-plan.js";

const DISK = "/disk";
const WAL = `${DISK}/node.wal`;
const at = 1_767_225_600_000;
const clock = new ManualClock();

let next = 0;
const put = (key: string, value = "v", sequence = ++next): SampleRecord => ({
  sequence,
  operation: { kind: "put", key, value, timestampMs: at + sequence },
});
const remove = (key: string, sequence = ++next): SampleRecord => ({
  sequence,
  operation: { kind: "delete", key, timestampMs: at + sequence },
});

async function planOf(bytes: Uint8Array, policy: RepairPolicy): Promise<RepairPlan> {
  const fileSystem = await diskOf(DISK, new Map([[WAL, bytes]]));
  const plan = (await planRepair(WAL, { policy, fileSystem, clock })).value();
  expect(await fileSystem.list(DISK)).toEqual(["node.wal"]);
  return plan;
}

const changesOf = ({ changes }: RepairPlan) => Object.fromEntries(changes.map(({ key, kind }) => [key, kind]));

next = 0;
const before = [put("same"), put("changed"), put("removed"), remove("returns"), put("undone"), put("deleted twice")];
const hit = [remove("undone"), put("only in the damage")];
const behind = [put("added"), put("changed", "new"), remove("removed"), put("returns"), remove("deleted twice")];
const log = sampleLog([...before, ...hit, ...behind]);
const damaged = Buffer.from(log.bytes);
for (const record of [before.length, before.length + 1]) {
  // The checksum: the operation itself can still be made out.
  const last = (log.offsets[record + 1] as number) - 1;
  damaged[last] = (damaged[last] as number) ^ 1;
}

test("skip-damaged: what is added, changed, removed and comes back, against what the engine recovers", async () => {
  const plan = await planOf(damaged, "skip-damaged");
  expect(changesOf(plan)).toEqual({
    added: "added",
    changed: "changed",
    removed: "removed",
    returns: "comes-back",
    undone: "comes-back",
    "deleted twice": "removed",
  });
  expect(plan.keys).toEqual({ kept: 5, added: 1, changed: 1, removed: 2, lost: 0, outdated: 0, comesBack: 2 });
  expect(plan.damagedOperations.map(({ kind, key, sequence }) => [kind, key, sequence])).toEqual([
    ["delete", "undone", 7],
    ["put", "only in the damage", 8],
  ]);
  expect(plan.changes.find(({ key }) => key === "changed")).toMatchObject({
    engine: { kind: "put", version: 2, offset: log.offsets[1] },
    result: { kind: "put", version: 10, offset: log.offsets[9], timestampMs: at + 10 },
    readable: { version: 10 },
  });
});

test("valid-prefix: what is lost, keeps an older value, and comes back because its delete is left out", async () => {
  const plan = await planOf(damaged, "valid-prefix");
  expect(changesOf(plan)).toEqual({
    added: "lost",
    changed: "outdated",
    removed: "comes-back",
    returns: "lost",
    undone: "comes-back",
    "deleted twice": "comes-back",
  });
  expect(plan.keys).toEqual({ kept: 5, added: 0, changed: 0, removed: 0, lost: 2, outdated: 1, comesBack: 3 });
});

test("both: ranges with offsets and counts, kept and left out", async () => {
  const [from, to] = [log.offsets[6] as number, log.offsets[8] as number];
  const parts = [
    { offset: 0, length: from, content: "records", recordCount: 6, firstSequence: 1 },
    { offset: from, length: to - from, content: "unreadable", recordCount: 0, firstSequence: null },
    { offset: to, length: damaged.length - to, content: "records", recordCount: 5, firstSequence: 9 },
  ];
  const skip = await planOf(damaged, "skip-damaged");
  expect(skip.ranges).toEqual(parts.map((part, i) => ({ ...part, isKept: i !== 1 })));
  expect(skip).toMatchObject({
    path: WAL,
    verdict: "damaged",
    isNeeded: true,
    fileBytes: damaged.length,
    stop: { offset: from, reason: "checksum", sequence: 7 },
    keptRecordCount: 11,
    droppedRecordCount: 0,
    unreadableBytes: to - from,
    droppedBytes: to - from,
    addedRecordCount: 0,
    isSearchComplete: true,
    resultBytes: damaged.length - (to - from),
  });
  const prefix = await planOf(damaged, "valid-prefix");
  expect(prefix.ranges).toEqual(parts.map((part, i) => ({ ...part, isKept: i === 0 })));
  expect(prefix).toMatchObject({ keptRecordCount: 6, droppedRecordCount: 5, resultBytes: from });
});

test("a clean log needs no repair, an empty one neither, and a torn first record leaves an empty log", async () => {
  for (const policy of ["valid-prefix", "skip-damaged"] as const) {
    expect(await planOf(log.bytes, policy)).toMatchObject({ isNeeded: false, droppedBytes: 0, changes: [] });
    expect(await planOf(new Uint8Array(0), policy)).toMatchObject({ isNeeded: false, ranges: [], resultBytes: 0 });
    expect(await planOf(log.bytes.subarray(0, 10), policy)).toMatchObject({ isNeeded: true, resultBytes: 0 });
    expect(await planOf(Buffer.alloc(5000), policy)).toMatchObject({ verdict: "torn-tail", resultBytes: 0 });
  }
});

test("an operation behind a damaged one of the same sequence keeps its sync id, and marks go on meaning the same", async () => {
  const acknowledged = encodeMark({
    kind: MARK_ACKNOWLEDGED,
    peer: "p",
    operations: [
      { sequence: 5, occurrence: 1 },
      { sequence: 5, occurrence: 3 },
    ],
  });
  const twice = sampleLog([
    put("a", "first", 5),
    put("b", "second", 5),
    put("c", "third", 5),
    put("d", "fourth", 6),
    { sequence: 7, type: 5, payload: acknowledged },
  ]);
  const bytes = Buffer.from(twice.bytes);
  // A bit of the first value: the first of the three with sequence 5 is gone.
  bytes[(twice.offsets[1] as number) - 14] = (bytes[(twice.offsets[1] as number) - 14] as number) ^ 1;
  const fileSystem = await diskOf(DISK, new Map([[WAL, bytes]]));
  const report = (await repairWal(WAL, { policy: "skip-damaged", fileSystem, clock })).value();
  expect(report.plan.addedRecordCount).toBe(1);
  const options = readOptions(ClientOptions.persistent("n", WAL));
  const node = await OpenNode.open(options, { fileSystem, clock }, new EventHub());
  expect(node.outboxPage({}, -1).map(({ syncId, key }) => [syncId, key])).toEqual([
    ["n-5.2", "b"],
    ["n-6", "d"],
  ]);
  await node.close();
});
