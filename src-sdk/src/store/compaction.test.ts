/** What compaction promises: nothing but history is gone. */

import fs from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { Client } from "../client.js";
import { probeOf } from "../keys.js";
import type { OpenNode } from "../open-node.js";
import { ClientOptions } from "../options.js";
import {
  acknowledge,
  DISK,
  openNode,
  outboxValue,
  put,
  reopened,
  shown,
  variedNode,
  WAL,
} from "../testing/compaction-node.js";
import { diskOf } from "../testing/crash-disk.js";
import { ManualClock } from "../testing/manual-clock.js";
import { MemoryFileSystem as Memory } from "../testing/memory-file-system.js";
import { orThrow } from "../testing/or-throw.js";
import { type SampleRecord, sampleLog } from "../testing/sample-log.js";
import { tempDirectory } from "../testing/temp-directory.js";
import { inspectWal, readWalRecords } from "../wal/inspect.js";
import { encodeMark, MARK_ACKNOWLEDGED } from "../wal/marks.js";
import { OPERATION_PUT } from "../wal/operation.js";

describe("after a compaction", () => {
  test("entries, tombstones, versions, times, outbox and sync ids are what they were, also after a restart", async () => {
    const [disk, clock] = [new Memory([DISK]), new ManualClock()];
    const node = await variedNode(disk, clock);
    const [before, bytesBefore] = [shown(node), disk.contentOf(WAL)];
    const report = await node.compact();
    expect(shown(node)).toEqual(before);
    expect(report).toMatchObject({ isChanged: true, bytesAfter: disk.contentOf(WAL).length });
    expect(report.bytesAfter).toBeLessThan(report.bytesBefore);
    expect(report.bytesBefore).toBe(bytesBefore.length + 52);
    expect(report.pendingCount).toBe(before.outbox.length);
    expect(report.tombstoneCount).toBe(before.deleted.length);
    expect(await disk.list(DISK).then((names) => names.filter((name) => !name.includes(".lock-")))).toEqual([
      "node.wal",
    ]);
    await node.close();
    const again = await reopened(disk, clock);
    expect(shown(again)).toEqual(before);
    await again.close();
  });

  test("records that are left are byte for byte those of before, in their order, and the log has no finding", async () => {
    const [disk, clock] = [new Memory([DISK]), new ManualClock()];
    const node = await variedNode(disk, clock);
    const old: string[] = [];
    for await (const { sequence, timestampMs, type, payload } of readWalRecords(WAL, { fileSystem: disk })) {
      old.push(JSON.stringify([sequence, timestampMs, type, Buffer.from(payload).toString("hex")]));
    }
    const report = await node.compact();
    let place = -1;
    let count = 0;
    for await (const { sequence, timestampMs, type, payload } of readWalRecords(WAL, { fileSystem: disk })) {
      count += 1;
      if (payload[0] === 0xa4) continue;
      const found = old.indexOf(JSON.stringify([sequence, timestampMs, type, Buffer.from(payload).toString("hex")]));
      expect(found).toBeGreaterThan(place);
      place = found;
    }
    expect(old.length + 1 - report.droppedRecordCount).toBe(count);
    expect(report.recordCount).toBe(old.length);
    const { verdict, findings } = (await inspectWal(WAL, { fileSystem: disk })).value();
    // Deletes stand in records of another type, as always; the gaps that the compaction left are no news.
    expect([verdict, ...findings.map(({ code }) => code)]).toEqual(["clean", "S6"]);
    await node.close();
  });

  test("delivered operations that no tick has pruned are still there, with their values", async () => {
    const [disk, clock] = [new Memory([DISK]), new ManualClock()];
    const node = await openNode(disk, clock);
    for (const value of ["replaced, pruned", "replaced, listed", "last"]) await put(node, clock, "k", value);
    await acknowledge(node, clock, 1);
    node.tick(clock.nowMs, true);
    await acknowledge(node, clock, 2);
    for (let round = 1; round <= 2; round += 1) {
      expect((await node.compact()).droppedRecordCount).toBe(round === 1 ? 2 : 0);
      expect([...node.outbox.slots("acknowledged")].map((slot) => outboxValue(node, slot))).toEqual([
        "replaced, listed",
      ]);
    }
    node.tick(clock.nowMs, true);
    expect((await node.compact()).isChanged).toBe(true);
    await node.close();
    const again = await reopened(disk, clock);
    expect(shown(again).outbox.map(([syncId]) => syncId)).toEqual(["n-3"]);
    await again.close();
  });

  test("a second one finds nothing to do and leaves the log as it is", async () => {
    const [disk, clock] = [new Memory([DISK]), new ManualClock()];
    const node = await variedNode(disk, clock);
    await node.compact();
    const bytes = disk.contentOf(WAL);
    expect(await node.compact()).toMatchObject({ isChanged: false, droppedRecordCount: 0, bytesAfter: bytes.length });
    expect(disk.contentOf(WAL).equals(bytes)).toBe(true);
    await node.close();
  });

  test("what nobody acknowledged is all there: without acknowledgements nothing is left out", async () => {
    const [disk, clock] = [new Memory([DISK]), new ManualClock()];
    const node = await openNode(disk, clock);
    for (let i = 0; i < 10; i += 1) await put(node, clock, "k", `${i}`);
    expect(await node.compact()).toMatchObject({ isChanged: false, pendingCount: 10 });
    await node.close();
  });

  test("a number is never given twice, although the record with the highest one is gone", async () => {
    const [disk, clock] = [new Memory([DISK]), new ManualClock()];
    const node = await openNode(disk, clock);
    await put(node, clock, "k", "1");
    await put(node, clock, "k", "2");
    await acknowledge(node, clock, 1);
    node.tick(clock.nowMs, true);
    await node.compact();
    const sequences: number[] = [];
    for await (const { sequence } of readWalRecords(WAL, { fileSystem: disk })) sequences.push(sequence);
    // The mark with number 3 is gone with the operation it spoke of.
    expect(sequences).toEqual([2, 4]);
    await node.close();
    const again = await reopened(disk, clock);
    expect(again.report.lastSequence).toBe(4);
    await put(again, clock, "k", "3");
    expect(shown(again).entries).toEqual([["k", "3", 5, expect.any(Number)]]);
    await again.close();
  });

  test("operations with one sequence keep their sync ids, whichever of them are gone", async () => {
    const at = 1_767_225_600_000;
    const write = (sequence: number, key: string, value: string): SampleRecord => ({
      sequence,
      operation: { kind: "put", key, value, timestampMs: at + sequence },
    });
    const ack = (sequence: number, occurrence: number): SampleRecord => ({
      sequence: 9,
      type: 5,
      payload: encodeMark({ kind: MARK_ACKNOWLEDGED, peer: "p", operations: [{ sequence, occurrence }] }),
    });
    const records = [5, 5, 5, 5].map((sequence, i) => write(sequence, `k${i}`, `${i}`));
    const later = [write(6, "k0", "new"), write(7, "k2", "new")];
    const { bytes } = sampleLog([...records, ...later, ack(5, 1), ack(5, 3)]);
    const [disk, clock] = [await diskOf(DISK, new Map([[WAL, bytes]])), new ManualClock()];
    const node = await openNode(disk, clock);
    const before = shown(node);
    expect(before.outbox.map(([syncId]) => syncId)).toEqual(["n-5.2", "n-5.4", "n-6", "n-7"]);
    expect((await node.compact()).isChanged).toBe(true);
    await node.close();
    let again = await reopened(disk, clock);
    expect(shown(again)).toEqual(before);
    // And once more, with numbering records of our own in the log.
    await acknowledge(again, clock, "5.2");
    await put(again, clock, "k1", "new");
    again.tick(clock.nowMs, true);
    const second = shown(again);
    expect((await again.compact()).isChanged).toBe(true);
    await again.close();
    again = await reopened(disk, clock);
    expect(shown(again)).toEqual(second);
    expect(second.outbox.map(([syncId]) => syncId)).toContain("n-5.4");
    await again.close();
  });

  test("values larger than any window, empty ones and keys that are not UTF-8 are what they were", async () => {
    const [disk, clock] = [new Memory([DISK]), new ManualClock()];
    const node = await openNode(disk, clock);
    const large = (size: number) => new Uint8Array(size).map((_, i) => (i * 7 + size) % 253);
    const values = [large(3_000_000), large(0), large(524_288), large(10), large(1_100_000), large(700_000), large(1)];
    const key = (i: number) => Uint8Array.of(0xff, i, 0xc3, 0x28);
    for (const round of [0, 1]) {
      for (const [i, value] of values.entries()) {
        orThrow(await node.write(OPERATION_PUT, key(i), round === 0 ? large(40 + i) : value, clock.nowMs++));
      }
    }
    for (let version = 1; version <= 14; version += 2) await acknowledge(node, clock, version);
    node.tick(clock.nowMs, true);
    expect((await node.compact()).isChanged).toBe(true);
    const check = async (on: OpenNode) => {
      for (const [i, value] of values.entries()) {
        const read = await on.read(probeOf(key(i)));
        if (read === null) throw new Error("the key is not there");
        expect(Buffer.from(read.toBytes()).equals(Buffer.from(value))).toBe(true);
      }
    };
    await check(node);
    await node.close();
    const again = await reopened(disk, clock);
    await check(again);
    await again.close();
  });

  test("what this version does not know is kept as it is", async () => {
    const unknown: SampleRecord = { sequence: 3, type: 5, payload: Uint8Array.of(0xaf, 1, 2, 3) };
    const checkpoint: SampleRecord = { sequence: 4, type: 4, payload: new Uint8Array() };
    const operation = { kind: "put", key: "k", value: "v", timestampMs: 1 } as const;
    const mark = encodeMark({ kind: MARK_ACKNOWLEDGED, peer: "", operations: [{ sequence: 1, occurrence: 1 }] });
    const log = sampleLog([
      { sequence: 1, operation },
      { sequence: 2, operation },
      unknown,
      checkpoint,
      { sequence: 5, type: 5, payload: mark },
    ]);
    const [disk, clock] = [await diskOf(DISK, new Map([[WAL, log.bytes]])), new ManualClock()];
    const node = await openNode(disk, clock);
    expect((await node.compact()).isChanged).toBe(true);
    const kept = log.bytes.subarray(log.offsets[1], log.offsets[4]);
    expect(disk.contentOf(WAL).subarray(0, kept.length).equals(kept)).toBe(true);
    await node.close();
  });
});

test("on a real disk, through the client: the log keeps its permissions, and nothing is left beside it", async () => {
  const dir = tempDirectory();
  const path = join(dir, "node.wal");
  const mark = encodeMark({ kind: MARK_ACKNOWLEDGED, peer: "", operations: [{ sequence: 1, occurrence: 1 }] });
  const operation = { kind: "put", key: "k", value: "v", timestampMs: 1 } as const;
  const log = sampleLog([
    { sequence: 1, operation },
    { sequence: 2, operation },
    { sequence: 3, type: 5, payload: mark },
  ]);
  fs.writeFileSync(path, log.bytes, { mode: 0o600 });
  const client = new Client(ClientOptions.persistent("n", path));
  expect((await client.compact()).error().code).toBe("invalid_state");
  (await client.open()).value();
  const [report, again] = await Promise.all([client.compact(), client.compact()]);
  expect([report.value().isChanged, again.value().isChanged]).toEqual([true, false]);
  (await client.put("after", "compaction")).value();
  (await client.close()).value();
  expect(fs.statSync(path).mode & 0o777).toBe(0o600);
  expect(fs.readdirSync(dir)).toEqual(["node.wal"]);
  (await client.open()).value();
  expect([...client.entries()].map(({ key, version }) => [key, version])).toEqual([
    ["after", 5],
    ["k", 2],
  ]);
  (await client.close()).value();
  const memory = new Client(ClientOptions.memoryOnly("n"));
  (await memory.open()).value();
  expect((await memory.compact()).value()).toMatchObject({ isChanged: false, bytesBefore: 0 });
  (await memory.close()).value();
});

const ENGINE_LOG = resolve(import.meta.dirname, "../../../../shared/fixtures/wal/ops-100.wal");

test.skipIf(!fs.existsSync(ENGINE_LOG))(
  "a compacted log of the C++ engine restores what the engine restores",
  async () => {
    const expected = JSON.parse(fs.readFileSync(ENGINE_LOG.replace(/\.wal$/, ".expected.json"), "utf8")) as {
      entry_count: number;
      entries: { key?: string; key_b64?: string; value_b64: string; version: number; timestamp_ms: number }[];
    };
    const [disk, clock] = [await diskOf(DISK, new Map([[WAL, fs.readFileSync(ENGINE_LOG)]])), new ManualClock()];
    const node = await openNode(disk, clock);
    for (let version = 1; version <= 100; version += 1) await acknowledge(node, clock, version);
    node.tick(clock.nowMs, true);
    const report = await node.compact();
    await node.close();
    expect(report).toMatchObject({ isChanged: true, pendingCount: 0 });
    // As the engine does it: every payload that decodes as an operation, in file order, with no regard to type or time.
    const entries = new Map<string, unknown>();
    let operations = 0;
    for await (const { sequence, operation } of readWalRecords(WAL, { fileSystem: disk })) {
      if (operation === null) continue;
      operations += 1;
      const key = Buffer.from(operation.keyBytes).toString("base64");
      if (operation.kind === "delete") entries.delete(key);
      else {
        const value_b64 = Buffer.from(operation.value.toBytes()).toString("base64");
        entries.set(key, { value_b64, version: sequence, timestamp_ms: operation.timestampMs });
      }
    }
    expect(entries.size).toBe(expected.entry_count);
    expect(operations).toBe(report.tombstoneCount + expected.entry_count);
    for (const { key, key_b64, ...entry } of expected.entries) {
      expect(entries.get(key_b64 ?? Buffer.from(key ?? "").toString("base64"))).toEqual(entry);
    }
  },
);
