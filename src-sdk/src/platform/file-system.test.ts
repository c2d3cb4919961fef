import fs from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { FaultyFileSystem } from "../testing/faulty-file-system.js";
import { fileSystemSuite } from "../testing/file-system-suite.js";
import { MemoryFileSystem } from "../testing/memory-file-system.js";
import { PowerLossDisk } from "../testing/power-loss-disk.js";
import { seededRandom } from "../testing/random.js";
import { tempDirectory } from "../testing/temp-directory.js";
import { retryInterrupted, retryInterruptedSync } from "./interrupted.js";
import { nodeFileSystem } from "./node-file-system.js";

const powerLossDisk = (sectorBytes: number) =>
  new PowerLossDisk({ directory: "/d", sectorBytes, random: seededRandom(1), now: Date.now });

fileSystemSuite("the real disk", () => ({ fs: nodeFileSystem, dir: tempDirectory() }));
fileSystemSuite("memory", () => ({ fs: new MemoryFileSystem(["/d"]), dir: "/d" }));
fileSystemSuite("a faulty disk without a fault", () => ({
  fs: new FaultyFileSystem(new MemoryFileSystem(["/d"])),
  dir: "/d",
}));
fileSystemSuite("a faulty disk without a fault over the real one", () => ({
  fs: new FaultyFileSystem(nodeFileSystem),
  dir: tempDirectory(),
}));
fileSystemSuite("a disk that loses power, while it has power", () => ({
  fs: powerLossDisk(512).fileSystem(),
  dir: "/d",
}));

test("the real disk writes and syncs with one call, to the file that was opened, whatever has its name now", async () => {
  const dir = tempDirectory();
  const handle = await nodeFileSystem.open(join(dir, "f"), "create");
  const writeSynced = handle.writeSynced?.bind(handle);
  if (writeSynced === undefined) throw new Error("there is no such call");
  expect(await writeSynced(Buffer.from("hello world"), 6, 5, 2)).toBe(5);
  await handle.write(Buffer.from("<<"), 0, 2, 0);
  await nodeFileSystem.rename(join(dir, "f"), join(dir, "g"));
  fs.writeFileSync(join(dir, "f"), "other");
  await handle.truncate(4);
  expect(await writeSynced(Buffer.from("!"), 0, 1, 4)).toBe(1);
  expect([fs.readFileSync(join(dir, "f"), "utf8"), fs.readFileSync(join(dir, "g"), "utf8")]).toEqual([
    "other",
    "<<wo!",
  ]);
  await handle.close();
  await expect(writeSynced(Buffer.from("x"), 0, 1, 0)).rejects.toMatchObject({ code: "EBADF" });
  // Nothing is left open.
  if (process.platform === "linux") {
    const open = fs.readdirSync("/proc/self/fd").map((fd) => {
      try {
        return fs.readlinkSync(`/proc/self/fd/${fd}`);
      } catch {
        return "";
      }
    });
    expect(open.filter((path) => path.startsWith(dir))).toEqual([]);
  }
});

describe("the disk that loses power", () => {
  test("keeps what was synced, and any sectors of what was not", async () => {
    const images = new Set<string>();
    for (let seed = 0; seed < 200; seed += 1) {
      const disk = new PowerLossDisk({ directory: "/d", sectorBytes: 4, random: seededRandom(seed), now: Date.now });
      const fs = disk.fileSystem();
      const handle = await fs.open("/d/f", "create");
      await handle.write(Buffer.from("synced"), 0, 6, 0);
      await handle.datasync();
      await fs.syncDirectory("/d");
      await handle.write(Buffer.from("+unsynced"), 0, 9, 6);
      await (await fs.open("/d/g", "create")).close();
      disk.reboot();
      const image = disk.contentOf("/d/f")?.toString("latin1") ?? "";
      expect(image.startsWith("synced")).toBe(true);
      images.add(`${image} ${disk.paths().length}`);
      await expect(handle.datasync()).rejects.toThrow("power is off");
    }
    for (const image of ["synced 1", "synced+unsynced 2", "synced+unsynced 1", "synced+un\0\0\0\0ed 1"]) {
      expect([...images].some((seen) => seen.startsWith(image.slice(0, 6)))).toBe(true);
    }
    expect(images.has("synced+unsynced 2")).toBe(true);
    expect(images.has("synced 1")).toBe(true);
    expect([...images].some((image) => image.includes("\0"))).toBe(true);
  });
});

describe("a call that a signal interrupts", () => {
  const interrupted = Object.assign(new Error("interrupted"), { code: "EINTR" });

  test("is made again until it is not; other failures pass", async () => {
    let calls = 0;
    const work = async () => {
      calls += 1;
      if (calls < 4) throw interrupted;
      return "done";
    };
    expect(await retryInterrupted(work)).toBe("done");
    expect(calls).toBe(4);
    await expect(retryInterrupted(() => Promise.reject(new Error("other")))).rejects.toThrow("other");
    calls = 0;
    const workSync = () => {
      calls += 1;
      if (calls < 3) throw interrupted;
      return calls;
    };
    expect(retryInterruptedSync(workSync, interrupted)).toBe(3);
    expect(() => retryInterruptedSync(workSync, new Error("other"))).toThrow("other");
    expect(calls).toBe(3);
  });

  test("and that is interrupted without end fails at the bound", async () => {
    let calls = 0;
    await expect(
      retryInterrupted(() => {
        calls += 1;
        return Promise.reject(interrupted);
      }),
    ).rejects.toBe(interrupted);
    expect(calls).toBeLessThan(1000);
    calls = 0;
    const workSync = () => {
      calls += 1;
      throw interrupted;
    };
    expect(() => retryInterruptedSync(workSync, interrupted)).toThrow(interrupted);
    expect(calls).toBeLessThan(1000);
  });
});
