/** A disk that refuses while a client opens or closes: an io_error, and a client that can go on. */
import { describe, expect, test } from "vitest";
import { Client } from "./client.js";
import { ClientOptions } from "./options.js";
import type { FileSystem } from "./platform/file-system.js";
import { FaultyFileSystem } from "./testing/faulty-file-system.js";
import { ManualClock } from "./testing/manual-clock.js";
import { MemoryFileSystem } from "./testing/memory-file-system.js";

const DISK = "/disk";
const WAL = `${DISK}/node.wal`;

/** Refuses to remove a name, as a folder does whose permissions were changed meanwhile. */
function withoutRemove(inner: MemoryFileSystem): FileSystem & { isRefusing: boolean } {
  return Object.assign(Object.create(inner) as FileSystem, {
    isRefusing: true,
    async remove(this: { isRefusing: boolean }, path: string) {
      if (this.isRefusing) throw Object.assign(new Error("injected EACCES"), { code: "EACCES" });
      await inner.remove(path);
    },
    open: inner.open.bind(inner),
    stat: inner.stat.bind(inner),
    list: inner.list.bind(inner),
    rename: inner.rename.bind(inner),
    touch: inner.touch.bind(inner),
    realPath: inner.realPath.bind(inner),
    syncDirectory: inner.syncDirectory.bind(inner),
  });
}

const client = (fileSystem: FileSystem) =>
  new Client(ClientOptions.persistent("node-a", WAL), { fileSystem, clock: new ManualClock() });

describe("a client", () => {
  test("whose file does not close is closed all the same: everything is on the disk, and the lock is gone", async () => {
    const memory = new MemoryFileSystem([DISK]);
    const fileSystem = new FaultyFileSystem(memory);
    const first = client(fileSystem);
    (await first.open()).value();
    (await first.put("k", "v")).value();
    fileSystem.inject({ operation: "close", code: "EIO" });
    expect((await first.close()).error()).toMatchObject({ code: "io_error", context: { systemCode: "EIO" } });
    expect((await first.get("k")).error().code).toBe("invalid_state");
    (await first.close()).value();
    expect(await memory.list(DISK)).toEqual(["node.wal"]);
    (await first.open()).value();
    expect((await first.get("k")).value().toString()).toBe("v");
    (await first.close()).value();
  });

  test("whose lock cannot be removed says so as an io_error", async () => {
    const fileSystem = withoutRemove(new MemoryFileSystem([DISK]));
    const first = client(fileSystem);
    (await first.open()).value();
    (await first.put("k", "v")).value();
    expect((await first.close()).error()).toMatchObject({ code: "io_error", context: { systemCode: "EACCES" } });
    expect((await first.get("k")).error().code).toBe("invalid_state");
  });

  test("that is refused the log, and cannot take its own lock away, gets a code, and can try again", async () => {
    const fileSystem = withoutRemove(new MemoryFileSystem([DISK]));
    const holder = client(fileSystem);
    (await holder.open()).value();
    const second = client(fileSystem);
    expect((await second.open()).error().code).toBe("io_error");
    fileSystem.isRefusing = false;
    expect((await second.open()).error().code).toBe("already_exists");
    (await holder.close()).value();
  });

  test("that met a bug while opening is not stuck: the next call has a turn of its own", async () => {
    const memory = new MemoryFileSystem([DISK]);
    let isBroken = true;
    const clock = {
      now: () => {
        if (isBroken) throw new TypeError("a bug in an injected clock");
        return 1_767_225_600_000;
      },
      schedule: () => () => undefined,
    };
    const first = new Client(ClientOptions.memoryOnly("node-a"), { fileSystem: memory, clock });
    await expect(first.open()).rejects.toThrow("a bug in an injected clock");
    isBroken = false;
    (await first.open()).value();
    (await first.close()).value();
  });
});

test("the first write after opening syncs the folder too: an earlier process may have died before it did", async () => {
  const memory = new MemoryFileSystem([DISK]);
  const first = client(memory);
  (await first.open()).value();
  (await first.put("k", "1")).value();
  (await first.close()).value();
  const fileSystem = new FaultyFileSystem(memory);
  const second = client(fileSystem);
  (await second.open()).value();
  fileSystem.calls.length = 0;
  (await second.put("k", "2")).value();
  expect(fileSystem.calls).toEqual(["write", "datasync", "syncDirectory"]);
  fileSystem.calls.length = 0;
  (await second.put("k", "3")).value();
  expect(fileSystem.calls).toEqual(["write", "datasync"]);
  (await second.close()).value();
});

test("without autoFlush a failed background write is tried again by itself", async () => {
  const memory = new MemoryFileSystem([DISK]);
  const fileSystem = new FaultyFileSystem(memory);
  const clock = new ManualClock();
  const options = ClientOptions.persistent("node-a", WAL);
  options.autoFlush = false;
  const first = new Client(options, { fileSystem, clock });
  (await first.open()).value();
  const errors: string[] = [];
  first.on("error", (error) => errors.push(error.message));
  (await first.put("k", "v")).value();
  const settled = async () => {
    for (let i = 0; i < 5; i += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  fileSystem.inject({ operation: "write", code: "ENOSPC" });
  clock.advance(50);
  await settled();
  expect(errors.length).toBe(1);
  expect((await memory.stat(WAL))?.size).toBe(0);
  clock.advance(1_000);
  await settled();
  expect((await memory.stat(WAL))?.size).toBe(54);
  expect(errors.length).toBe(1);
  (await first.close()).value();
});
