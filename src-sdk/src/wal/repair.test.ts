/** What a repair promises: exactly the records of its policy, a backup of every byte, and old or new at any moment. */
import fs from "node:fs";
import { basename, join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { Client } from "../client.js";
import { ClientOptions } from "../options.js";
import { CrashDisk, diskOf, SURVIVALS } from "../testing/crash-disk.js";
import { ManualClock } from "../testing/manual-clock.js";
import type { MemoryFileSystem } from "../testing/memory-file-system.js";
import { keptBytes } from "../testing/reference-reader.js";
import { sampleLog, sampleOperations } from "../testing/sample-log.js";
import { tempDirectory } from "../testing/temp-directory.js";
import { inspectWal } from "./inspect.js";
import { repairWal } from "./repair.js";
import { planRepair, REPAIR_POLICIES, type RepairPlan, type RepairPolicy } from "./repair-plan.js";

const DISK = "/disk";
const WAL = `${DISK}/node.wal`;
const log = sampleLog(sampleOperations(20));

const diskWith = (bytes: Uint8Array) => diskOf(DISK, new Map([[WAL, bytes]]));
const backupsOn = async (disk: MemoryFileSystem) => (await disk.list(DISK)).filter((name) => name.includes(".bak-"));

/** The ranges of a plan lie side by side, cover the file, and add up to its counts. */
function checkRanges(plan: RepairPlan): void {
  let end = 0;
  for (const { offset, length } of plan.ranges) {
    expect(offset).toBe(end);
    end += length;
  }
  expect(end).toBe(plan.fileBytes);
  const kept = plan.ranges.filter((range) => range.isKept);
  expect(kept.reduce((sum, range) => sum + range.length, 0)).toBe(plan.keptBytes);
  expect(kept.reduce((sum, range) => sum + range.recordCount, 0)).toBe(plan.keptRecordCount);
  expect(plan.keptBytes + plan.droppedBytes).toBe(plan.fileBytes);
}

async function checkRepair(bytes: Buffer, policy: RepairPolicy): Promise<void> {
  const disk = await diskWith(bytes);
  const deps = { fileSystem: disk, clock: new ManualClock() };
  const report = (await repairWal(WAL, { policy, ...deps })).value();
  const expected = keptBytes(bytes, policy);
  if (!disk.contentOf(WAL).equals(expected)) throw new Error(`${policy}: not the records it promises`);
  expect(report.result.verdict).toBe("clean");
  expect(report.plan.resultBytes).toBe(expected.length);
  checkRanges(report.plan);
  const names = await disk.list(DISK);
  if (expected.equals(bytes)) {
    expect({ isChanged: report.isChanged, names }).toEqual({ isChanged: false, names: ["node.wal"] });
    return;
  }
  expect(report.isChanged).toBe(true);
  expect(names.length).toBe(2);
  expect(disk.contentOf(report.backupPath as string).equals(bytes)).toBe(true);
}

describe.each(REPAIR_POLICIES)("with %s, a log of 20 records", (policy) => {
  test("cut at any byte becomes a clean log of exactly the whole records before the cut", {
    timeout: 60_000,
  }, async () => {
    for (let cut = 0; cut <= log.bytes.length; cut += 1) await checkRepair(log.bytes.subarray(0, cut), policy);
  });

  test("with any single bit flipped becomes a clean log of exactly the records the policy promises", {
    timeout: 120_000,
  }, async () => {
    for (let bit = 0; bit < log.bytes.length * 8; bit += 1) {
      const bytes = Buffer.from(log.bytes);
      bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
      await checkRepair(bytes, policy);
    }
  });

  test("damaged in two places keeps what the policy promises", async () => {
    const bytes = Buffer.from(log.bytes);
    for (const record of [4, 5, 11]) bytes.fill(0xee, (log.offsets[record] as number) + 20, log.offsets[record + 1]);
    await checkRepair(bytes, policy);
  });

  test("is the old log or the new one, whole, after a crash at any step, whatever of the unsynced survives", async () => {
    const bytes = Buffer.from(log.bytes);
    bytes[(log.offsets[9] as number) + 35] = 0xee;
    const expected = keptBytes(bytes, policy);
    const met = new Set<string>();
    let steps = 0;
    for (let crashAt = 0; ; crashAt += 1) {
      const disk = new CrashDisk(DISK, crashAt);
      await disk.seed(WAL, bytes);
      await repairWal(WAL, { policy, fileSystem: disk, clock: new ManualClock() }).catch(() => undefined);
      for (const survival of SURVIVALS) {
        const files = disk.survivors(survival);
        const left = files.get(WAL);
        const isNew = left?.equals(expected) === true;
        expect({ crashAt, survival, isWhole: isNew || left?.equals(bytes) }).toEqual({
          crashAt,
          survival,
          isWhole: true,
        });
        met.add(isNew ? "new" : "old");
        const backup = [...files].find(([path]) => path.includes(".bak-"));
        if (isNew) expect(backup?.[1].equals(bytes)).toBe(true);
        // Whatever was left behind is no obstacle.
        const restarted = await diskOf(DISK, files);
        (await repairWal(WAL, { policy, fileSystem: restarted, clock: new ManualClock() })).value();
        expect(restarted.contentOf(WAL).equals(expected)).toBe(true);
      }
      if (!disk.isCrashed) break;
      steps = crashAt + 1;
    }
    expect([...met].sort()).toEqual(["new", "old"]);
    expect(steps).toBeGreaterThan(8);
  });

  test("into a new file: that is absent or whole after a crash at any step, and the log is untouched", async () => {
    const bytes = Buffer.from(log.bytes);
    bytes[(log.offsets[9] as number) + 35] = 0xee;
    const expected = keptBytes(bytes, policy);
    const output = `${DISK}/new.wal`;
    const met = new Set<string>();
    for (let crashAt = 0; ; crashAt += 1) {
      const disk = new CrashDisk(DISK, crashAt);
      await disk.seed(WAL, bytes);
      await repairWal(WAL, { policy, output, fileSystem: disk, clock: new ManualClock() }).catch(() => undefined);
      for (const survival of SURVIVALS) {
        const files = disk.survivors(survival);
        expect(files.get(WAL)?.equals(bytes)).toBe(true);
        const made = files.get(output);
        met.add(made === undefined ? "absent" : made.equals(expected) ? "whole" : `torn by ${survival} at ${crashAt}`);
      }
      if (!disk.isCrashed) break;
    }
    expect([...met].sort()).toEqual(["absent", "whole"]);
  });

  test("keeps records larger than any window, and takes nothing out of a damaged record's value", {
    timeout: 30_000,
  }, async () => {
    const at = 1_767_225_600_000;
    const values = ["small", Buffer.alloc(2_000_000, 7), log.bytes, Buffer.alloc(600_000, 9), "last"];
    const holder = sampleLog(
      values.map((value, i) => ({
        sequence: i + 1,
        operation: { kind: "put", key: `k${i}`, value, timestampMs: at },
      })),
    );
    const bytes = Buffer.from(holder.bytes);
    const [from, to] = [holder.offsets[2] as number, holder.offsets[3] as number];
    // The value is a log of its own, whole; the record that holds it is damaged.
    bytes[to - 1] = (bytes[to - 1] as number) ^ 1;
    const disk = await diskWith(bytes);
    (await repairWal(WAL, { policy, fileSystem: disk, clock: new ManualClock() })).value();
    const behind = policy === "skip-damaged" ? bytes.subarray(to) : Buffer.alloc(0);
    expect(disk.contentOf(WAL).equals(Buffer.concat([bytes.subarray(0, from), behind]))).toBe(true);
  });

  test("survives a disk that refuses at any step: an io_error, the log whole, and nothing left behind before the rename", async () => {
    const bytes = Buffer.from(log.bytes);
    bytes[(log.offsets[9] as number) + 35] = 0xee;
    const expected = keptBytes(bytes, policy);
    for (const code of ["ENOSPC", "EIO", "EACCES"]) {
      for (let at = 0; ; at += 1) {
        const disk = new CrashDisk(DISK);
        await disk.seed(WAL, bytes);
        disk.failIn(at, code);
        const repaired = await repairWal(WAL, { policy, fileSystem: disk, clock: new ManualClock() });
        const files = disk.survivors("all");
        const left = files.get(WAL);
        if (repaired.isOk()) {
          expect(left?.equals(expected)).toBe(true);
          break;
        }
        expect(repaired.error()).toMatchObject({ code: "io_error", context: { systemCode: code } });
        const isNew = left?.equals(expected) === true;
        expect({ code, at, isWhole: isNew || left?.equals(bytes) }).toEqual({ code, at, isWhole: true });
        const renamed = disk.steps.some((step) => step.startsWith("rename"));
        if (!renamed && !disk.steps.at(-1)?.startsWith("syncDirectory")) expect(isNew).toBe(false);
      }
    }
  });
});

const FIXTURES = resolve(import.meta.dirname, "../../../../shared/fixtures/wal");
const fixtures = fs.existsSync(FIXTURES) ? fs.readdirSync(FIXTURES).filter((name) => name.endsWith(".wal")) : [];

describe.skipIf(fixtures.length === 0)("files of the C++ engine", () => {
  const cases = fixtures.flatMap((name) => REPAIR_POLICIES.map((policy) => [name, policy] as const));

  test.each(cases)("%s with %s: exactly its records, into a new file and in place", async (name, policy) => {
    const source = join(FIXTURES, name);
    const bytes = fs.readFileSync(source);
    const dir = tempDirectory();
    const output = join(dir, "repaired.wal");
    const expected = keptBytes(bytes, policy);
    const elsewhere = (await repairWal(source, { policy, output })).value();
    expect(fs.readFileSync(output).equals(expected)).toBe(true);
    expect(elsewhere).toMatchObject({ isChanged: true, backupPath: null, outputPath: output });
    checkRanges(elsewhere.plan);

    const path = join(dir, name);
    fs.copyFileSync(source, path);
    fs.chmodSync(path, 0o640);
    const plan = (await planRepair(path, { policy })).value();
    expect(fs.readdirSync(dir).sort()).toEqual([name, "repaired.wal"].sort());
    const inPlace = (await repairWal(path, { policy })).value();
    expect(inPlace.plan).toEqual(plan);
    expect(fs.readFileSync(path).equals(expected)).toBe(true);
    expect(fs.statSync(path).mode & 0o777).toBe(0o640);
    if (inPlace.backupPath !== null) {
      expect(fs.readFileSync(inPlace.backupPath).equals(bytes)).toBe(true);
      expect(fs.statSync(inPlace.backupPath).mode & 0o777).toBe(0o640);
    }
    expect(fs.readdirSync(dir).length).toBe(inPlace.backupPath === null ? 2 : 3);

    // What the engine recovers is what the shorter policy keeps, and the client opens either.
    const engine = JSON.parse(fs.readFileSync(source.replace(/\.wal$/, ".expected.json"), "utf8")) as {
      record_count: number;
      entry_count: number;
    };
    if (policy === "valid-prefix") {
      expect(inPlace.result).toMatchObject({ recordCount: engine.record_count, keyCount: engine.entry_count });
    }
    const client = new Client(ClientOptions.persistent("n", path));
    (await client.open()).value();
    expect(client.size()).toBe(plan.keys.kept);
    (await client.close()).value();
  });

  test("the records of a C++ engine behind a torn tail are rescued", async () => {
    const source = join(FIXTURES, "reopened-torn-header.wal");
    const plan = (await planRepair(source, { policy: "skip-damaged" })).value();
    expect(plan).toMatchObject({ verdict: "damaged", keptRecordCount: 102, droppedRecordCount: 0 });
    expect((await planRepair(source, { policy: "valid-prefix" })).value()).toMatchObject({
      keptRecordCount: 99,
      droppedRecordCount: 3,
    });
  });

  test("the originals are as they were", async () => {
    for (const name of fixtures) {
      const expected = JSON.parse(
        fs.readFileSync(join(FIXTURES, name.replace(/\.wal$/, ".expected.json")), "utf8"),
      ) as { file_size: number };
      expect(fs.statSync(join(FIXTURES, name)).size).toBe(expected.file_size);
    }
    expect(fs.readdirSync(FIXTURES).filter((name) => /\.(bak|lock|repairing)/.test(name))).toEqual([]);
  });
});

describe("in place, on a real disk", () => {
  const damaged = () => {
    const bytes = Buffer.from(log.bytes);
    bytes[(log.offsets[9] as number) + 35] = 0xee;
    return bytes;
  };

  test("a link to a log stays a link, and its log is repaired", async () => {
    const dir = tempDirectory();
    fs.mkdirSync(join(dir, "real"));
    const path = join(dir, "real", "node.wal");
    fs.writeFileSync(path, damaged(), { mode: 0o600 });
    fs.symlinkSync(path, join(dir, "link.wal"));
    const report = (await repairWal(join(dir, "link.wal"), { policy: "skip-damaged" })).value();
    expect(fs.lstatSync(join(dir, "link.wal")).isSymbolicLink()).toBe(true);
    expect(fs.statSync(path).mode & 0o777).toBe(0o600);
    expect((await inspectWal(path)).value().verdict).toBe("clean");
    expect(basename(report.backupPath as string)).toMatch(/^node\.wal\.bak-\d{8}T\d{6}Z$/);
    expect(report.outputPath).toBe(join(dir, "link.wal"));
  });

  test("two repairs within a second have two backups", async () => {
    const disk = await diskWith(damaged());
    const deps = { fileSystem: disk, clock: new ManualClock() };
    (await repairWal(WAL, { policy: "skip-damaged", ...deps })).value();
    const handle = await disk.open(WAL, "write");
    await handle.truncate(disk.contentOf(WAL).length - 1);
    await handle.close();
    (await repairWal(WAL, { policy: "skip-damaged", ...deps })).value();
    expect((await backupsOn(disk)).length).toBe(2);
  });
});
