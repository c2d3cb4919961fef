import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { Client } from "../client.js";
import { ClientOptions } from "../options.js";
import { systemClock } from "../platform/clock.js";
import { nodeFileSystem } from "../platform/node-file-system.js";
import { ManualClock } from "../testing/manual-clock.js";
import { MemoryFileSystem } from "../testing/memory-file-system.js";
import { tempDirectory } from "../testing/temp-directory.js";
import { findLockHolder, isRunning, LOCK_TOUCH_MS, ownIdentity, WalLock } from "./lock.js";

const deps = { fileSystem: nodeFileSystem, clock: systemClock };
const DIST = join(import.meta.dirname, "../../dist/index.js");

/** A process that opens the log and says so; lives until it is killed. */
async function holder(path: string): Promise<ChildProcess> {
  const script = `
    const { Client, ClientOptions } = await import(${JSON.stringify(DIST)});
    const result = await new Client(ClientOptions.persistent("other", ${JSON.stringify(path)})).open();
    console.log(result.isOk() ? "open" : result.error().message);
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const line = await new Promise<string>((resolve) =>
    child.stdout.once("data", (chunk) => resolve(String(chunk).trim())),
  );
  expect(line).toBe("open");
  return child;
}

const lockFiles = (dir: string) => fs.readdirSync(dir).filter((name) => name.includes(".lock-"));

describe("the lock of a log", () => {
  test("a second opener in another process gets already_exists with the holder's pid, until SIGKILL; then at once", async () => {
    const dir = tempDirectory();
    const path = join(dir, "n.wal");
    const child = await holder(path);
    expect(await findLockHolder(nodeFileSystem, path)).toEqual({ pid: child.pid });
    await expect(WalLock.acquire(path, deps)).rejects.toMatchObject({
      code: "already_exists",
      context: { pid: child.pid },
    });
    expect(lockFiles(dir).length).toBe(1);
    child.kill("SIGKILL");
    // Not even the exit is waited for.
    const lock = await WalLock.acquire(path, deps);
    expect(lockFiles(dir).length).toBe(1);
    await lock.release();
    expect(lockFiles(dir)).toEqual([]);
    expect(await findLockHolder(nodeFileSystem, path)).toBeNull();
  });

  test("a second opener in this process is refused with our own pid", async () => {
    const path = join(tempDirectory(), "n.wal");
    const lock = await WalLock.acquire(path, deps);
    await expect(WalLock.acquire(path, deps)).rejects.toMatchObject({
      code: "already_exists",
      context: { pid: process.pid },
    });
    await lock.release();
    await (await WalLock.acquire(path, deps)).release();
  });

  test("of two clients of this process that open at once exactly one gets it", async () => {
    for (let round = 0; round < 5; round += 1) {
      const path = join(tempDirectory(), "n.wal");
      const clients = [0, 1].map(() => new Client(ClientOptions.persistent("n", path)));
      const results = await Promise.all(clients.map((client) => client.open()));
      expect(results.filter((result) => result.isOk()).length).toBe(1);
      const refused = results.find((result) => result.isErr());
      expect(refused?.error()).toMatchObject({ code: "already_exists", context: { pid: process.pid } });
      for (const client of clients) (await client.close()).value();
    }
  });

  test("of ten openers at once at most one gets it, and nothing is left of the others", async () => {
    let wins = 0;
    for (let round = 0; round < 5; round += 1) {
      const dir = tempDirectory();
      const path = join(dir, "n.wal");
      // Each with a process number of its own, so that none is refused for being this very process.
      const openers = await Promise.allSettled(
        Array.from({ length: 10 }, (_, i) =>
          WalLock.acquire(path, {
            ...deps,
            identity: { ...ownIdentity(), pid: process.pid, startTicks: "0", scope: `${i}`.padStart(12, "0") },
          }),
        ),
      );
      const winners = openers.filter((result) => result.status === "fulfilled");
      expect(winners.length).toBeLessThanOrEqual(1);
      expect(lockFiles(dir).length).toBe(winners.length);
      for (const winner of winners) await winner.value.release();
      wins += winners.length;
    }
    expect(wins).toBeGreaterThan(0);
  }, 20_000);

  test("a lock of another host counts while it is touched, and ends when it is not", async () => {
    const dir = tempDirectory();
    const path = join(dir, "n.wal");
    const foreign = join(dir, "n.wal.lock-7-123-0123456789ab-00000000");
    fs.writeFileSync(foreign, ".");
    await expect(WalLock.acquire(path, deps)).rejects.toMatchObject({ code: "already_exists", context: { pid: 7 } });
    expect(fs.existsSync(foreign)).toBe(true);
    const past = new Date(Date.now() - 21_000);
    fs.utimesSync(foreign, past, past);
    const lock = await WalLock.acquire(path, deps);
    expect(fs.existsSync(foreign)).toBe(false);
    await lock.release();
  });

  test("is touched every five seconds while it is held, and not after", async () => {
    const clock = new ManualClock();
    const memory = new MemoryFileSystem(["/d"], () => clock.nowMs);
    const lock = await WalLock.acquire("/d/n.wal", { fileSystem: memory, clock });
    const path = join("/d", (await memory.list("/d"))[0] as string);
    for (let i = 0; i < 3; i += 1) {
      clock.advance(LOCK_TOUCH_MS);
      await Promise.resolve();
      expect((await memory.stat(path))?.mtimeMs).toBe(clock.nowMs);
    }
    await lock.release();
    clock.advance(LOCK_TOUCH_MS);
    expect(await memory.list("/d")).toEqual([]);
  });

  test("a process number that was given to a new process is not the holder", () => {
    expect(isRunning({ pid: process.pid, startTicks: ownIdentity().startTicks })).toBe(true);
    if (process.platform === "linux") expect(isRunning({ pid: process.pid, startTicks: "1" })).toBe(false);
  });

  test("files beside the log that only look like locks are left alone", async () => {
    const dir = tempDirectory();
    const path = join(dir, "n.wal");
    const names = ["n.wal.lock-mine", "n.wal.lock-1-2-3-4", "other.wal.lock-1-1-0123456789ab-00000000"];
    for (const name of names) fs.writeFileSync(join(dir, name), "keep");
    const lock = await WalLock.acquire(path, deps);
    await lock.release();
    expect(fs.readdirSync(dir).sort()).toEqual([...names].sort());
  });
});
