import { describe, expect, test } from "vitest";
import { probeOf } from "../keys.js";
import type { OpenNode } from "../open-node.js";
import {
  acknowledge,
  DISK,
  openNode,
  put,
  remove,
  reopened,
  shown,
  slowReads,
  utf8,
  variedNode,
  WAL,
} from "../testing/compaction-node.js";
import { CrashDisk, diskOf, SURVIVALS } from "../testing/crash-disk.js";
import { ManualClock } from "../testing/manual-clock.js";
import { MemoryFileSystem as Memory } from "../testing/memory-file-system.js";
import { seededRandom } from "../testing/random.js";
import { inspectWal } from "../wal/inspect.js";

describe("while the log is compacted", () => {
  test.each([true, false])("writes are taken along, in their order (autoFlush %s)", async (autoFlush) => {
    const [disk, clock] = [new Memory([DISK]), new ManualClock()];
    await (await variedNode(disk, clock)).close();
    const slow = slowReads(disk, () => new Promise((resolve) => setImmediate(resolve)));
    const node = await openNode(slow, clock, autoFlush);
    const compacting = node.compact();
    let isDone = false;
    void compacting.finally(() => (isDone = true));
    const writes: Promise<void>[] = [];
    for (let i = 0; !isDone; i += 1) {
      writes.push(put(node, clock, `during/${String(i).padStart(5, "0")}`, `${i}`), put(node, clock, "same", `${i}`));
      if (i % 3 === 0) await Promise.resolve();
      else await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await compacting).isChanged).toBe(true);
    await Promise.all(writes);
    const count = writes.length / 2;
    expect(count).toBeGreaterThan(5);
    const before = shown(node);
    expect(before.entries.filter(([key]) => String(key).startsWith("during/")).length).toBe(count);
    expect(before.entries.find(([key]) => key === "same")?.[1]).toBe(`${count - 1}`);
    await node.close();
    const again = await reopened(disk, clock);
    expect(shown(again)).toEqual(before);
    const { findings } = (await inspectWal(WAL, { fileSystem: disk })).value();
    expect(findings.map(({ code }) => code)).toEqual(["S6"]);
    await again.close();
  });

  test("a value that is being read comes from the file it was in", async () => {
    const [disk, clock] = [new Memory([DISK]), new ManualClock()];
    let release: () => void = () => undefined;
    let isSlow = false;
    const slow = slowReads(disk, () => (isSlow ? new Promise<void>((resolve) => (release = resolve)) : undefined));
    const node = await openNode(slow, clock);
    await put(node, clock, "replaced", "x".repeat(500));
    await put(node, clock, "replaced", "y");
    const large = new Uint8Array(200_000).map((_, i) => i % 251);
    await put(node, clock, "large", large);
    await acknowledge(node, clock, 1);
    node.tick(clock.nowMs, true);
    const entry = node.index.get(utf8("large"));
    if (entry === null) throw new Error("the value is not there");
    isSlow = true;
    const reading = node.read(probeOf("large"));
    isSlow = false;
    const compacting = node.compact();
    for (let i = 0; i < 200; i += 1) await new Promise((resolve) => setImmediate(resolve));
    release();
    expect(Buffer.from((await reading)?.toBytes() ?? []).equals(Buffer.from(large))).toBe(true);
    expect((await compacting).isChanged).toBe(true);
    const after = node.index.get(utf8("large"));
    expect(after?.location).not.toBe(entry.location);
    await node.close();
  });
});

describe("a compaction that does not end", () => {
  test("leaves the old log or the new one, whole, after a crash at any step, whatever of the unsynced survives", async () => {
    const source = new Memory([DISK]);
    await (await variedNode(source, new ManualClock())).close();
    const old = source.contentOf(WAL);
    const reference = await reopened(source, new ManualClock());
    const expected = shown(reference);
    await reference.close();
    const outcomes = new Set<string>();
    let crashes = 0;
    for (let crashAt = 0; ; crashAt += 1) {
      const [disk, clock] = [new CrashDisk(DISK), new ManualClock(1_800_000_000_000)];
      await disk.seed(WAL, old);
      const node = await openNode(disk, clock);
      disk.crashIn(crashAt);
      await node.compact().catch(() => undefined);
      for (const survival of SURVIVALS) {
        const files = disk.survivors(survival);
        const left = files.get(WAL) ?? Buffer.alloc(0);
        // The old log may have the compaction's own mark behind it already.
        const isOld = left.subarray(0, old.length).equals(old) && left.length <= old.length + 52;
        outcomes.add(isOld ? "old" : "new");
        const restarted = await diskOf(DISK, files);
        const again = await reopened(restarted, clock);
        expect({ crashAt, survival, ...shown(again) }).toEqual({ crashAt, survival, ...expected });
        expect(again.report.lastSequence).toBeGreaterThanOrEqual(reference.report.lastSequence);
        expect((await restarted.list(DISK)).filter((name) => name.includes("compacting"))).toEqual([]);
        await put(again, clock, "after", "crash");
        await again.close();
      }
      if (!disk.isCrashed) break;
      crashes += 1;
    }
    expect([...outcomes].sort()).toEqual(["new", "old"]);
    expect(crashes).toBeGreaterThan(8);
  });

  test("loses no write that was acknowledged meanwhile, whichever step it crashes at", async () => {
    const source = new Memory([DISK]);
    await (await variedNode(source, new ManualClock())).close();
    let acknowledged = 0;
    for (let crashAt = 0; crashAt < 80; crashAt += 1) {
      const [disk, clock] = [new CrashDisk(DISK), new ManualClock(1_800_000_000_000)];
      await disk.seed(WAL, source.contentOf(WAL));
      const node = await openNode(disk, clock);
      disk.crashIn(crashAt);
      const written: number[] = [];
      const compacting = node.compact().catch(() => undefined);
      for (let i = 0; i < 30 && !disk.isCrashed; i += 1) {
        await put(node, clock, "during", `${i}`).then(
          () => written.push(i),
          () => undefined,
        );
      }
      await compacting;
      acknowledged += written.length;
      for (const survival of SURVIVALS) {
        const again = await reopened(await diskOf(DISK, disk.survivors(survival)), clock);
        const found = shown(again).entries.find(([key]) => key === "during")?.[1];
        // The one that was under way may be there as well.
        expect({ crashAt, survival, last: Number(found ?? -1) >= (written.at(-1) ?? -1) }).toEqual({
          crashAt,
          survival,
          last: true,
        });
        const versions = shown(again).outbox.map(([, , , version]) => version);
        expect(new Set(versions).size).toBe(versions.length);
        await again.close();
      }
    }
    expect(acknowledged).toBeGreaterThan(100);
  });

  test("because the disk refuses at any step is an io_error, and the node goes on", async () => {
    const source = new Memory([DISK]);
    await (await variedNode(source, new ManualClock())).close();
    const old = source.contentOf(WAL);
    for (const code of ["ENOSPC", "EIO"]) {
      let failures = 0;
      for (let at = 0; ; at += 1) {
        const [disk, clock] = [new CrashDisk(DISK), new ManualClock(1_800_000_000_000)];
        await disk.seed(WAL, old);
        const node = await openNode(disk, clock);
        const before = shown(node);
        disk.failIn(at, code);
        const failed = await node.compact().then(
          () => null,
          (error: unknown) => error,
        );
        if (failed !== null) {
          failures += 1;
          expect(failed).toMatchObject({ code: "io_error", context: { systemCode: code } });
        }
        expect(shown(node)).toEqual(before);
        disk.failIn(Number.POSITIVE_INFINITY, code);
        await put(node, clock, "after", "refusal");
        const after = shown(node);
        await node.close();
        const restarted = await diskOf(DISK, disk.survivors("nothing"));
        const again = await reopened(restarted, clock);
        expect(shown(again)).toEqual(after);
        await again.close();
        if (failed === null) break;
      }
      expect(failures).toBeGreaterThan(8);
    }
  });

  test("because the copy does not read back is refused, and the log is as it was", async () => {
    const [memory, clock] = [new Memory([DISK]), new ManualClock()];
    await (await variedNode(memory, clock)).close();
    const rotten = slowReads(memory, () => undefined);
    const open = rotten.open.bind(rotten);
    rotten.open = async (path, mode) => {
      const handle = await open(path, mode);
      if (!path.endsWith(".compacting")) return handle;
      const read = handle.read.bind(handle);
      handle.read = async (into, at, length, position) => {
        const count = await read(into, at, length, position);
        if (position <= 100 && count > 100) into[at + 100 - position] = (into[at + 100 - position] ?? 0) ^ 1;
        return count;
      };
      return handle;
    };
    const node = await openNode(rotten, clock);
    const before = shown(node);
    await expect(node.compact()).rejects.toMatchObject({ code: "io_error" });
    expect(shown(node)).toEqual(before);
    expect((await memory.list(DISK)).filter((name) => !name.includes(".lock-"))).toEqual(["node.wal"]);
    await node.close();
  });

  test("because the disk gives the log back differently while it is copied is refused", async () => {
    const [memory, clock] = [new Memory([DISK]), new ManualClock()];
    await (await variedNode(memory, clock)).close();
    const rotten = slowReads(memory, () => undefined);
    const open = rotten.open.bind(rotten);
    let readings = 0;
    rotten.open = async (path, mode) => {
      const handle = await open(path, mode);
      if (path !== WAL) return handle;
      const read = handle.read.bind(handle);
      handle.read = async (into, at, length, position) => {
        const count = await read(into, at, length, position);
        // Opening, choosing, copying. The sequence of the first record, which no checksum protects.
        if (position === 0) readings += 1;
        if (position === 0 && readings === 3) into[at + 8] = 99;
        return count;
      };
      return handle;
    };
    const node = await openNode(rotten, clock);
    const before = shown(node);
    await expect(node.compact()).rejects.toMatchObject({ code: "store_error" });
    expect(readings).toBe(3);
    expect(shown(node)).toEqual(before);
    expect((await memory.list(DISK)).filter((name) => !name.includes(".lock-"))).toEqual(["node.wal"]);
    await node.close();
  });

  test("because another program wrote to the log is refused", async () => {
    const [disk, clock] = [new Memory([DISK]), new ManualClock()];
    const node = await variedNode(disk, clock);
    const stranger = await disk.open(WAL, "write");
    await stranger.write(utf8("x"), 0, 1, disk.contentOf(WAL).length);
    await expect(node.compact()).rejects.toMatchObject({ code: "store_error" });
    expect((await disk.list(DISK)).filter((name) => !name.includes(".lock-"))).toEqual(["node.wal"]);
  });
});

/** Seeds that failed once stay here. */
const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, ...Array.from({ length: 30 }, (_, i) => 1000 + i)];

test.each(SEEDS)(
  "random work with compactions and restarts shows what it would without them (seed %i)",
  async (seed) => {
    const random = seededRandom(seed);
    const [disk, clock] = [new Memory([DISK]), new ManualClock()];
    const [plain, plainClock] = [new Memory([DISK]), new ManualClock()];
    let node = await openNode(disk, clock);
    let twin = await openNode(plain, plainClock);
    /** The same operation by its place among all of them: versions differ, because a compaction takes a number. */
    const versions: { ours: number; twins: number }[] = [];
    const both = async (work: (node: OpenNode, clock: ManualClock) => Promise<unknown>) => {
      await work(node, clock);
      await work(twin, plainClock);
    };
    for (let step = 0; step < 120; step += 1) {
      const kind = random.below(20);
      const key = `k${random.below(6)}`;
      if (kind < 9) await both((on, time) => put(on, time, key, "v".repeat(step % 40)));
      else if (kind < 12) await both((on, time) => remove(on, time, key));
      else if (kind < 16 && versions.length > 0) {
        const { ours, twins } = random.pick(versions);
        await acknowledge(node, clock, ours);
        await acknowledge(twin, plainClock, twins);
      } else if (kind === 16) for (const on of [node, twin]) on.tick(clock.nowMs, true);
      else if (kind === 17) {
        const before = shown(node);
        await node.compact();
        expect(shown(node)).toEqual(before);
      } else if (kind === 18) {
        await both((on) => on.close());
        node = await reopened(disk, clock);
        twin = await reopened(plain, plainClock);
      }
      if (kind < 12) {
        versions.push({ ours: node.pipeline.lastSubmittedVersion, twins: twin.pipeline.lastSubmittedVersion });
      }
    }
    await both((on) => on.close());
    node = await reopened(disk, clock);
    twin = await reopened(plain, plainClock);
    const place = new Map<string, number>(
      versions.flatMap(({ ours, twins }, i) => [[`o${ours}`, i] as const, [`t${twins}`, i] as const]),
    );
    const essence = (on: OpenNode, whose: string) => ({
      entries: shown(on).entries.map(([key, value, version]) => [key, value, place.get(`${whose}${version}`)]),
      deleted: shown(on).deleted.map(([key, version]) => [key, place.get(`${whose}${version}`)]),
      outbox: shown(on).outbox.map(([, key, kind, version]) => [key, kind, place.get(`${whose}${version}`)]),
    });
    expect(essence(node, "o")).toEqual(essence(twin, "t"));
    expect(new Set(versions.map(({ ours }) => ours)).size).toBe(versions.length);
    await both((on) => on.close());
  },
);
