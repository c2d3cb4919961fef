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
import { inspectWal } from "./inspect.js";
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

  test("of ten openers at once exactly one gets it, and nothing is left of the others", async () => {
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
      expect(winners.length).toBe(1);
      expect(lockFiles(dir).length).toBe(1);
      for (const winner of winners) await winner.value.release();
    }
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

/** Opens the log at a moment all contenders share, keeps it for a while, and prints when it had it. */
const CONTENDER = `
  const { Client, ClientOptions } = await import(process.env.DIST);
  const client = new Client(ClientOptions.persistent("n", process.env.WAL));
  const until = Number(process.env.UNTIL_MS);
  let wins = 0;
  let refusals = 0;
  while (Date.now() < Number(process.env.FROM_MS)) await new Promise((resolve) => setTimeout(resolve, 1));
  do {
    const opened = await client.open();
    if (opened.isOk()) {
      wins += 1;
      const key = process.pid + "/" + wins;
      (await client.put(key, "v")).value();
      await new Promise((resolve) => setTimeout(resolve, 5));
      (await client.close()).value();
    } else {
      if (opened.error().code !== "already_exists" || !(opened.error().context.pid > 0)) throw opened.error();
      refusals += 1;
    }
  } while (Date.now() < until);
  console.log(wins + " " + refusals);
`;

async function contend(path: string, count: number, forMs: number): Promise<{ wins: number; refusals: number }[]> {
  const fromMs = Date.now() + 1_500;
  const env = { ...process.env, DIST, WAL: path, FROM_MS: `${fromMs}`, UNTIL_MS: `${fromMs + forMs}` };
  return Promise.all(
    Array.from({ length: count }, async () => {
      const child = spawn(process.execPath, ["--input-type=module", "-e", CONTENDER], {
        env,
        stdio: ["ignore", "pipe", "inherit"],
      });
      onTestFinished(() => void child.kill("SIGKILL"));
      let out = "";
      child.stdout.on("data", (chunk) => {
        out += String(chunk);
      });
      const status = await new Promise((resolve) => child.once("close", resolve));
      expect(status).toBe(0);
      const [wins = 0, refusals = 0] = out.trim().split(" ").map(Number);
      return { wins, refusals };
    }),
  );
}

describe("races of processes", () => {
  test("of many that open at once, and never again, one gets it", async () => {
    const dir = tempDirectory();
    const path = join(dir, "n.wal");
    const results = await contend(path, 8, 0);
    const wins = results.reduce((sum, result) => sum + result.wins, 0);
    // Those that came after the first had closed may have got it too; never two at once, or the log would be damaged.
    expect(wins).toBeGreaterThanOrEqual(1);
    expect(lockFiles(dir)).toEqual([]);
    const report = (await inspectWal(path)).value();
    expect(report).toMatchObject({ verdict: "clean", operationCount: wins, keyCount: wins, lastSequence: wins });
  }, 30_000);

  test("that go on and on: each write of each owner is there, once, in one sequence", async () => {
    const dir = tempDirectory();
    const path = join(dir, "n.wal");
    const results = await contend(path, 4, 3_000);
    const wins = results.reduce((sum, result) => sum + result.wins, 0);
    expect(wins).toBeGreaterThan(5);
    const report = (await inspectWal(path)).value();
    expect(report).toMatchObject({ verdict: "clean", operationCount: wins, keyCount: wins, lastSequence: wins });
    expect(lockFiles(dir)).toEqual([]);
  }, 30_000);

  test("of openers that all stay, exactly one gets it, in every round", async () => {
    for (let round = 0; round < 10; round += 1) {
      const dir = tempDirectory();
      const path = join(dir, "n.wal");
      const openers = await Promise.allSettled(Array.from({ length: 6 }, () => WalLock.acquire(path, deps)));
      const winners = openers.filter((result) => result.status === "fulfilled");
      expect(winners.length).toBe(1);
      expect(lockFiles(dir).length).toBe(1);
      for (const winner of winners) await winner.value.release();
    }
  }, 30_000);
});

describe("a lock of this machine", () => {
  const nameOf = (holder: { pid: number; startTicks: string; scope: string }) =>
    `n.wal.lock-${holder.pid}-${holder.startTicks}-${holder.scope}-00000000`;

  test("does not depend on any clock: set to the past or the future, it is held while its process runs", async () => {
    for (const yearMs of [-365 * 86_400_000, 365 * 86_400_000]) {
      const dir = tempDirectory();
      const path = join(dir, "n.wal");
      const lock = await WalLock.acquire(path, deps);
      const name = join(dir, lockFiles(dir)[0] ?? "");
      const when = new Date(Date.now() + yearMs);
      fs.utimesSync(name, when, when);
      await expect(WalLock.acquire(path, deps)).rejects.toMatchObject({ code: "already_exists" });
      expect(lockFiles(dir).length).toBe(1);
      await lock.release();
    }
  });

  test.runIf(process.platform === "linux")(
    "whose process number was given to another process is gone, and is removed",
    async () => {
      const dir = tempDirectory();
      const path = join(dir, "n.wal");
      fs.writeFileSync(join(dir, nameOf({ ...ownIdentity(), startTicks: "1" })), ".");
      const lock = await WalLock.acquire(path, deps);
      expect(lockFiles(dir).length).toBe(1);
      await lock.release();
    },
  );

  test("of a process that has ended is removed, whatever its time says", async () => {
    const dir = tempDirectory();
    const path = join(dir, "n.wal");
    const name = join(dir, nameOf({ ...ownIdentity(), pid: 4_194_304, startTicks: "5" }));
    fs.writeFileSync(name, ".");
    const future = new Date(Date.now() + 365 * 86_400_000);
    fs.utimesSync(name, future, future);
    const lock = await WalLock.acquire(path, deps);
    expect(fs.existsSync(name)).toBe(false);
    await lock.release();
  });
});

describe("a lock of elsewhere", () => {
  test("whose time lies ahead, as after a clock was set back, counts as held: never is another's lock taken for that", async () => {
    const dir = tempDirectory();
    const path = join(dir, "n.wal");
    const foreign = join(dir, "n.wal.lock-7-123-0123456789ab-00000000");
    fs.writeFileSync(foreign, ".");
    const future = new Date(Date.now() + 3_600_000);
    fs.utimesSync(foreign, future, future);
    await expect(WalLock.acquire(path, deps)).rejects.toMatchObject({ code: "already_exists", context: { pid: 7 } });
    expect(fs.existsSync(foreign)).toBe(true);
  });

  test("is not taken away by an opener whose own file is gone", async () => {
    const memory = new MemoryFileSystem(["/d"], () => 1_000_000);
    const theirs = "/d/n.wal.lock-7-123-0123456789ab-00000000";
    await (await memory.open(theirs, "create")).close();
    const fileSystem = Object.assign(Object.create(memory) as MemoryFileSystem, {
      open: memory.open.bind(memory),
      list: memory.list.bind(memory),
      remove: memory.remove.bind(memory),
      touch: memory.touch.bind(memory),
      stat: async (path: string) => (path === theirs ? memory.stat(path) : null),
    });
    await expect(WalLock.acquire("/d/n.wal", { fileSystem, clock: new ManualClock() })).rejects.toMatchObject({
      code: "already_exists",
    });
    expect(await memory.stat(theirs)).not.toBeNull();
  });
});
