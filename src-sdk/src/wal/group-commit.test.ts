/** Group commit, on a disk whose calls end when the test says so. */
import { describe, expect, test } from "vitest";
import { Client } from "../client.js";
import { ClientOptions } from "../options.js";
import type { FileHandle, OpenMode } from "../platform/file-system.js";
import { FaultyFileSystem } from "../testing/faulty-file-system.js";
import { ManualClock } from "../testing/manual-clock.js";
import { MemoryFileSystem } from "../testing/memory-file-system.js";
import { decodeSampleLog } from "../testing/sample-decoder.js";

const WAL = "/disk/n.wal";

/** Holds every fdatasync of the log back until `release`. */
class GatedFileSystem extends MemoryFileSystem {
  isGated = false;
  readonly #waiting: { go: () => void; fail: (error: Error) => void }[] = [];
  syncCount = 0;

  override async open(path: string, mode: OpenMode): Promise<FileHandle> {
    const handle = await super.open(path, mode);
    const datasync = handle.datasync.bind(handle);
    handle.datasync = async () => {
      this.syncCount += 1;
      if (this.isGated && path === WAL) {
        await new Promise<void>((go, fail) => this.#waiting.push({ go, fail }));
      }
      await datasync();
    };
    return handle;
  }

  get waitingCount(): number {
    return this.#waiting.length;
  }

  release(error?: Error): void {
    const sync = this.#waiting.shift();
    if (sync === undefined) throw new Error("no fdatasync is under way");
    if (error === undefined) sync.go();
    else sync.fail(error);
  }
}

const turns = async (count = 5) => {
  for (let i = 0; i < count; i += 1) await new Promise((resolve) => setImmediate(resolve));
};

async function openGated() {
  const fileSystem = new GatedFileSystem(["/disk"]);
  const client = new Client(ClientOptions.persistent("n", WAL), { fileSystem, clock: new ManualClock() });
  (await client.open()).value();
  (await client.put("first", "v")).value();
  fileSystem.isGated = true;
  fileSystem.syncCount = 0;
  return { fileSystem, client };
}

const recordsOf = (fileSystem: MemoryFileSystem) => {
  const bytes = fileSystem.contentOf(WAL);
  const { operations, end } = decodeSampleLog(bytes);
  return {
    keys: operations.map(({ key }) => key),
    sequences: operations.map(({ sequence }) => sequence),
    isWhole: end === bytes.length,
  };
};

describe("group commit", () => {
  test("no promise resolves before the fdatasync that follows its bytes, and none waits for a later one", async () => {
    const { fileSystem, client } = await openGated();
    const done: string[] = [];
    const put = (key: string) => client.put(key, "v").then((result) => done.push(`${key} ${result.isOk()}`));
    const first = put("a");
    await turns();
    expect(fileSystem.waitingCount).toBe(1);
    // While the flush of a is under way: these are not in the file yet, and share the next flush.
    const shared = [put("b"), put("c"), put("d")];
    await turns();
    expect(done).toEqual([]);
    expect(recordsOf(fileSystem).keys).toEqual(["first", "a"]);
    expect(client.contains("a")).toBe(false);
    fileSystem.release();
    await first;
    expect(done).toEqual(["a true"]);
    await turns();
    // Written, not synced.
    expect(recordsOf(fileSystem).keys).toEqual(["first", "a", "b", "c", "d"]);
    expect(done).toEqual(["a true"]);
    expect(client.contains("b")).toBe(false);
    fileSystem.release();
    await Promise.all(shared);
    expect(done).toEqual(["a true", "b true", "c true", "d true"]);
    expect(fileSystem.syncCount).toBe(2);
    fileSystem.isGated = false;
    (await client.close()).value();
  });

  test("who writes alone does not wait for the end of the turn", async () => {
    const { fileSystem, client } = await openGated();
    fileSystem.isGated = false;
    (await client.put("a", "v")).value();
    let hasTurned = false;
    setImmediate(() => {
      hasTurned = true;
    });
    for (const key of ["b", "c", "d"]) (await client.put(key, "v")).value();
    expect(hasTurned).toBe(false);
    expect(fileSystem.syncCount).toBe(4);
    (await client.close()).value();
  });

  test("after a write alone, writes made in one step share a flush, and so do those of several who wait for each of theirs", async () => {
    const { fileSystem, client } = await openGated();
    fileSystem.isGated = false;
    (await client.put("a", "v")).value();
    (await client.put("b", "v")).value();
    fileSystem.syncCount = 0;
    await Promise.all(Array.from({ length: 20 }, (_, i) => client.put(`k${i}`, "v")));
    expect(fileSystem.syncCount).toBe(1);
    for (const writers of [2, 3, 10]) {
      (await client.put("b", "v")).value();
      (await client.put("b", "v")).value();
      fileSystem.syncCount = 0;
      const write = async (name: number) => {
        for (let i = 0; i < 50; i += 1) (await client.put(`w${name}/${i}`, "v")).value();
      };
      await Promise.all(Array.from({ length: writers }, (_, name) => write(name)));
      // Each in turn would be 50 times their number.
      expect(fileSystem.syncCount).toBeLessThanOrEqual(52);
    }
    (await client.close()).value();
  });

  test("any number of writes during a flush is one more flush, in the order they were made", async () => {
    for (const count of [1, 2, 7, 64, 500]) {
      const { fileSystem, client } = await openGated();
      const first = client.put("a", "v");
      await turns();
      const keys = Array.from({ length: count }, (_, i) => `k${i}`);
      const order: string[] = [];
      const writes = keys.map((key) => client.put(key, "v").then(() => order.push(key)));
      const flush = client.flush();
      fileSystem.release();
      await first;
      await turns();
      fileSystem.release();
      await Promise.all(writes);
      (await flush).value();
      expect(order).toEqual(keys);
      expect(recordsOf(fileSystem)).toEqual({
        keys: ["first", "a", ...keys],
        sequences: Array.from({ length: count + 2 }, (_, i) => i + 1),
        isWhole: true,
      });
      expect(fileSystem.syncCount).toBe(2);
      fileSystem.isGated = false;
      (await client.close()).value();
    }
  });

  test("a flush that fails fails the writes it carried; those that came meanwhile succeed with the next", async () => {
    const { fileSystem, client } = await openGated();
    const before = fileSystem.contentOf(WAL);
    const events: string[] = [];
    client.on("change", ({ key, version }) => events.push(`${key} ${version}`));
    const carried = [client.put("a", "1"), client.remove("first"), client.put("b", "1")];
    await turns();
    const later = [client.put("a", "2"), client.put("c", "2")];
    fileSystem.release(Object.assign(new Error("injected"), { code: "EIO" }));
    await turns();
    // The cut is synced too.
    expect(fileSystem.contentOf(WAL).equals(before)).toBe(true);
    fileSystem.release();
    for (const result of await Promise.all(carried)) {
      expect(result.error()).toMatchObject({ code: "io_error", context: { systemCode: "EIO" } });
      expect(result.error().message).toContain("the log is as it was");
    }
    expect([client.size(), client.contains("first"), client.contains("a"), events]).toEqual([1, true, false, []]);
    expect((await client.syncStateInfo()).value()).toMatchObject({ outboxSize: 1, lastSubmittedVersion: 1 });
    await turns();
    fileSystem.release();
    for (const result of await Promise.all(later)) result.value();
    expect(events).toEqual(["a 2", "c 3"]);
    expect(recordsOf(fileSystem)).toEqual({ keys: ["first", "a", "c"], sequences: [1, 2, 3], isWhole: true });
    fileSystem.isGated = false;
    (await client.close()).value();
  });

  test("fails exactly what it carried at every call that can fail, and the next write succeeds", async () => {
    const calls = ["open", "write", "datasync", "syncDirectory", "truncate"] as const;
    for (const isNew of [true, false]) {
      for (const call of calls) {
        for (const code of ["ENOSPC", "EIO", "EDQUOT", "EFBIG", "EBADF", "EINTR"]) {
          const memory = new MemoryFileSystem(["/disk"]);
          const fileSystem = new FaultyFileSystem(memory);
          const client = new Client(ClientOptions.persistent("n", WAL), { fileSystem, clock: new ManualClock() });
          (await client.open()).value();
          if (!isNew) (await client.put("first", "v")).value();
          const known = isNew ? [] : ["first"];
          if (call === "truncate") fileSystem.inject({ operation: "write", shortTo: 7 });
          if (call === "truncate") fileSystem.inject({ operation: "write", code });
          fileSystem.inject({ operation: call, code });
          const results = await Promise.all([client.put("a", "1"), client.put("b", "1"), client.remove("first")]);
          // What is opened once, and a folder that is synced once, cannot fail a later write.
          const isHit = isNew || (call !== "open" && call !== "syncDirectory");
          expect([isNew, call, code, ...results.map((result) => result.isErr())]).toEqual([
            isNew,
            call,
            code,
            isHit,
            isHit,
            isHit,
          ]);
          fileSystem.heal();
          if (!isHit) continue;
          expect([...client.entries()].map((entry) => entry.key)).toEqual(known);
          expect((await client.syncStateInfo()).value().outboxSize).toBe(known.length);
          (await client.put("next", "2")).value();
          expect(recordsOf(memory)).toEqual({
            keys: [...known, "next"],
            sequences: known.length === 0 ? [1] : [1, 2],
            isWhole: true,
          });
          (await client.close()).value();
        }
      }
    }
  });

  test("a failed sync is never just tried again: the bytes are cut, and written anew", async () => {
    const memory = new MemoryFileSystem(["/disk"]);
    const fileSystem = new FaultyFileSystem(memory);
    for (const autoFlush of [true, false]) {
      const options = ClientOptions.persistent("n", WAL);
      options.autoFlush = autoFlush;
      const client = new Client(options, { fileSystem, clock: new ManualClock() });
      (await client.open()).value();
      (await client.put("k", "0")).value();
      (await client.flush()).value();
      fileSystem.calls.length = 0;
      fileSystem.inject({ operation: "datasync", code: "EIO" });
      if (autoFlush) expect((await client.put("k", "1")).isErr()).toBe(true);
      else (await client.put("k", "1")).value();
      if (!autoFlush) expect((await client.flush()).isErr()).toBe(true);
      expect(fileSystem.calls).toEqual(["write", "datasync", "truncate", "datasync"]);
      fileSystem.calls.length = 0;
      if (autoFlush) (await client.put("k", "2")).value();
      (await client.flush()).value();
      expect(fileSystem.calls).toEqual(["write", "datasync"]);
      (await client.close()).value();
    }
  });
});
