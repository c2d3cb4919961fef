/** When a repair is refused, why, and that nothing was done. */
import fs from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Client } from "../client.js";
import { ClientOptions } from "../options.js";
import type { FileSystem } from "../platform/file-system.js";
import { nodeFileSystem } from "../platform/node-file-system.js";
import { sampleLog, sampleOperations } from "../testing/sample-log.js";
import { tempDirectory } from "../testing/temp-directory.js";
import { repairWal } from "./repair.js";
import { planRepair, type RepairPolicy } from "./repair-plan.js";

const policy = "skip-damaged" as const;
const log = sampleLog(sampleOperations(20));
const damaged = Buffer.from(log.bytes);
damaged[(log.offsets[9] as number) + 35] = 0xee;

/** A folder with a damaged log, and a check that the log and its folder are as they were. */
function folder(bytes: Uint8Array = damaged) {
  const dir = tempDirectory();
  const path = join(dir, "node.wal");
  fs.writeFileSync(path, bytes);
  const isAsBefore = () => fs.readFileSync(path).equals(bytes) && fs.readdirSync(dir).join() === "node.wal";
  return { dir, path, isAsBefore };
}

describe("a repair is refused", () => {
  test("while a client has the log open, with its process id; in place and into a new file", async () => {
    const { path, dir } = folder(log.bytes);
    const client = new Client(ClientOptions.persistent("n", path));
    (await client.open()).value();
    for (const output of [undefined, join(dir, "new.wal")]) {
      const refused = (await repairWal(path, { policy, ...(output === undefined ? {} : { output }) })).error();
      expect(refused).toMatchObject({ code: "already_exists", context: { pid: process.pid } });
    }
    (await client.close()).value();
    expect(fs.readdirSync(dir)).toEqual(["node.wal"]);
    expect((await repairWal(path, { policy })).value().isChanged).toBe(false);
  });

  test("for a file that is not a log", async () => {
    const { path, isAsBefore, dir } = folder(Buffer.from("SQLite format 3\0, and more that is no log"));
    for (const options of [{ policy }, { policy, output: join(dir, "new.wal") }]) {
      const refused = (await repairWal(path, options)).error();
      expect(refused).toMatchObject({ code: "store_error", context: { verdict: "not-a-wal" } });
      expect(refused.message).toContain("is not a Softadastra write-ahead log");
      expect(isAsBefore()).toBe(true);
    }
  });

  test("for a directory, a missing file, a pipe's place, and no path at all", async () => {
    const { dir } = folder();
    expect((await repairWal(dir, { policy })).error()).toMatchObject({
      code: "io_error",
      context: { systemCode: "EISDIR" },
    });
    expect((await repairWal(join(dir, "absent"), { policy })).error()).toMatchObject({
      code: "io_error",
      context: { systemCode: "ENOENT" },
    });
    expect((await repairWal(join(dir, "absent", "x.wal"), { policy })).error().code).toBe("io_error");
    expect((await repairWal("", { policy })).error().code).toBe("invalid_argument");
    expect((await planRepair(dir, { policy })).error().code).toBe("io_error");
    expect(fs.readdirSync(dir)).toEqual(["node.wal"]);
  });

  test("for a policy that is none, and for an output that is none", async () => {
    const { path, isAsBefore } = folder();
    for (const wrong of ["", "both", undefined, null, 1]) {
      const options = { policy: wrong } as unknown as { policy: RepairPolicy };
      expect((await repairWal(path, options)).error().message).toContain("valid-prefix, skip-damaged");
      expect((await planRepair(path, options)).error().code).toBe("invalid_argument");
    }
    for (const output of ["", path, join(path, "..", "node.wal")]) {
      expect((await repairWal(path, { policy, output })).error()).toMatchObject({
        code: "invalid_argument",
        context: { option: "output" },
      });
    }
    expect(isAsBefore()).toBe(true);
  });

  test("when there is a file at the output, or no folder for it", async () => {
    const { path, dir } = folder();
    fs.writeFileSync(join(dir, "mine.txt"), "mine");
    const refused = (await repairWal(path, { policy, output: join(dir, "mine.txt") })).error();
    expect(refused).toMatchObject({ code: "already_exists", context: { path: join(dir, "mine.txt") } });
    expect(fs.readFileSync(join(dir, "mine.txt"), "utf8")).toBe("mine");
    const noFolder = (await repairWal(path, { policy, output: join(dir, "absent", "new.wal") })).error();
    expect(noFolder.message).toContain("mkdir -p");
    expect(fs.readdirSync(dir).sort()).toEqual(["mine.txt", "node.wal"]);
  });

  test("when the folder or the log allows nothing", async () => {
    const { path, isAsBefore } = folder();
    const refusing = (mode: string): FileSystem => ({
      ...nodeFileSystem,
      open: (name, wanted) =>
        wanted === mode
          ? Promise.reject(Object.assign(new Error("injected"), { code: "EACCES" }))
          : nodeFileSystem.open(name, wanted),
    });
    for (const mode of ["create", "read"]) {
      const refused = (await repairWal(path, { policy, fileSystem: refusing(mode) })).error();
      expect(refused).toMatchObject({ code: "io_error", context: { systemCode: "EACCES" } });
      expect(refused.message).toContain("check the permissions");
      expect(isAsBefore()).toBe(true);
    }
  });

  test("when another program writes to the log or replaces it meanwhile; it stays, with what was written", async () => {
    const changes: [string, (path: string) => void][] = [
      ["grows", (path) => fs.appendFileSync(path, "more")],
      ["is cut", (path) => fs.truncateSync(path, damaged.length - 5)],
      [
        "is replaced",
        (path) => {
          fs.writeFileSync(`${path}.other`, damaged);
          fs.renameSync(`${path}.other`, path);
        },
      ],
    ];
    for (const output of [undefined, "new.wal"]) {
      for (const [what, change] of changes) {
        const { path, dir } = folder();
        let isDone = false;
        const fileSystem: FileSystem = {
          ...nodeFileSystem,
          open: async (name, mode) => {
            const handle = await nodeFileSystem.open(name, mode);
            if (name.endsWith(".repairing") && !isDone) {
              isDone = true;
              change(path);
            }
            return handle;
          },
        };
        const where = output === undefined ? {} : { output: join(dir, output) };
        const refused = (await repairWal(path, { policy, fileSystem, ...where })).error();
        expect([what, ["store_error", "io_error"].includes(refused.code)]).toEqual([what, true]);
        expect(fs.readdirSync(dir)).toEqual(["node.wal"]);
      }
    }
  });

  test("when it is stopped: the promise rejects with the reason, and the log is as it was", async () => {
    const { path, isAsBefore } = folder();
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(repairWal(path, { policy, signal })).rejects.toThrow("enough");
    expect(isAsBefore()).toBe(true);
  });
});

describe("what a caller may ask of a repair", () => {
  test("a backup of its own name, which must be new; it cannot be asked for beside an output", async () => {
    const { path, dir } = folder();
    const backup = join(dir, "kept.wal");
    fs.writeFileSync(backup, "here already");
    expect((await repairWal(path, { policy, backup })).error().code).toBe("already_exists");
    expect((await repairWal(path, { policy, backup: path })).error().code).toBe("already_exists");
    expect(fs.readFileSync(backup, "utf8")).toBe("here already");
    expect(fs.readFileSync(path).equals(damaged)).toBe(true);
    for (const wrong of [{ backup: "" }, { backup: join(dir, "b"), output: join(dir, "o") }]) {
      expect((await repairWal(path, { policy, ...wrong })).error().code).toBe("invalid_argument");
    }
    fs.rmSync(backup);
    const report = (await repairWal(path, { policy, backup })).value();
    expect([report.backupPath, fs.readFileSync(backup).equals(damaged)]).toEqual([backup, true]);
    expect(fs.readdirSync(dir).sort()).toEqual(["kept.wal", "node.wal"]);
  });

  test("to see the plan and say no: then nothing was changed", async () => {
    const { path, dir, isAsBefore } = folder();
    for (const output of [undefined, join(dir, "new.wal")]) {
      const plans: unknown[] = [];
      const options = { policy, ...(output === undefined ? {} : { output }) };
      const approve = (plan: unknown) => plans.push(plan) === 0;
      const refused = (await repairWal(path, { ...options, approve })).error();
      expect(refused).toMatchObject({ code: "store_error", context: { verdict: "damaged" } });
      expect(plans).toEqual([(await planRepair(path, { policy })).value()]);
      expect(isAsBefore()).toBe(true);
    }
  });

  test("to be told each part of the work, in its order, and how far the reading has come", async () => {
    const { path, dir } = folder();
    const steps: string[] = [];
    const done: number[] = [];
    const told = { onStep: (step: string) => steps.push(step), onProgress: (at: number) => done.push(at) };
    (await repairWal(path, { policy, output: join(dir, "new.wal"), ...told })).value();
    expect(steps.splice(0)).toEqual(["reading", "writing", "checking"]);
    (await repairWal(path, { policy, ...told })).value();
    expect(steps).toEqual(["reading", "backup", "writing", "checking"]);
    expect(done.length).toBeGreaterThan(0);
    expect(Math.max(...done)).toBeLessThanOrEqual(damaged.length);
  });
});
