/** The file of an export: whole under its name, or not there at all, whatever fails and whenever. */
import fs from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Client, ClientOptions } from "../index.js";
import { nodeFileSystem } from "../platform/node-file-system.js";
import { FaultyFileSystem, type Operation } from "../testing/faulty-file-system.js";
import { tempDirectory } from "../testing/temp-directory.js";
import { ExportTarget } from "./export-target.js";

const TEXT = Buffer.from("row\n".repeat(1000));

describe("a failure at any step leaves what was there, and nothing beside it", () => {
  const steps: Operation[] = ["open", "write", "datasync", "close"];
  test.each(steps.flatMap((step) => [false, true].map((isThere) => [step, isThere] as const)))(
    "%s, target there: %s",
    async (operation, isThere) => {
      const directory = tempDirectory();
      const path = join(directory, "rows.ndjson");
      if (isThere) fs.writeFileSync(path, "before");
      const disk = new FaultyFileSystem(nodeFileSystem);
      disk.inject({ operation, code: "ENOSPC" });
      const work = async () => {
        const target = await ExportTarget.open(path, { fileSystem: disk, overwrite: true, logs: [] });
        try {
          await target.write(TEXT);
          await target.finish();
        } catch (error) {
          await target.discard();
          throw error;
        }
      };
      await expect(work()).rejects.toThrow(/cannot write to .*the disk is full/);
      expect(fs.readdirSync(directory)).toEqual(isThere ? ["rows.ndjson"] : []);
      if (isThere) expect(fs.readFileSync(path, "utf8")).toBe("before");
    },
  );

  test("short writes are completed", async () => {
    const path = join(tempDirectory(), "rows.ndjson");
    const disk = new FaultyFileSystem(nodeFileSystem);
    disk.inject({ operation: "write", shortTo: 7, times: 5 });
    const target = await ExportTarget.open(path, { fileSystem: disk, overwrite: false, logs: [] });
    await target.write(TEXT);
    expect(fs.existsSync(path)).toBe(false);
    expect(await target.finish()).toEqual({ path, fileBytes: TEXT.length });
    expect(fs.readFileSync(path).equals(TEXT)).toBe(true);
  });

  test("given up at any time, nothing is left", async () => {
    const directory = tempDirectory();
    for (let writes = 0; writes < 3; writes += 1) {
      const target = await ExportTarget.open(join(directory, "a"), {
        fileSystem: nodeFileSystem,
        overwrite: false,
        logs: [],
      });
      for (let i = 0; i < writes; i += 1) await target.write(TEXT);
      await target.discard();
      expect(fs.readdirSync(directory)).toEqual([]);
    }
  });
});

describe("never a target", () => {
  const open = (path: string, logs: string[], overwrite = true) =>
    ExportTarget.open(path, { fileSystem: nodeFileSystem, overwrite, logs });

  test("the log, by any name it has, and its lock", async () => {
    const directory = tempDirectory();
    const log = join(directory, "app.wal");
    const client = new Client(ClientOptions.persistent("app", log));
    await client.open();
    await client.put("a", "b");
    fs.symlinkSync(log, join(directory, "soft"));
    fs.linkSync(log, join(directory, "hard"));
    const lock = fs.readdirSync(directory).find((name) => name.includes(".lock-")) ?? "";
    for (const name of ["app.wal", "soft", "hard", lock]) {
      await expect(open(join(directory, name), [log])).rejects.toMatchObject({ code: "invalid_argument" });
    }
    // Nor a log that somebody has open, although it is not the one that is exported.
    await expect(open(log, [])).rejects.toThrow(/has open for writing/);
    await client.close();
  });

  test("a file that is there, unless it may be replaced; a folder; what is no file", async () => {
    const directory = tempDirectory();
    const path = join(directory, "rows.csv");
    fs.writeFileSync(path, "before", { mode: 0o640 });
    await expect(open(path, [], false)).rejects.toMatchObject({ code: "already_exists" });
    await expect(open(directory, [])).rejects.toThrow(/is a folder/);
    await expect(open("/dev/null", [])).rejects.toThrow(/no regular file/);
    await expect(open(join(directory, "none/rows.csv"), [])).rejects.toThrow(/does not exist/);
    const target = await open(path, []);
    await target.write(TEXT);
    await target.finish();
    expect(fs.statSync(path).mode & 0o777).toBe(0o640);
    expect(fs.readdirSync(directory)).toEqual(["rows.csv"]);
  });

  test("what came to be there meanwhile", async () => {
    const directory = tempDirectory();
    const path = join(directory, "rows.csv");
    const target = await open(path, [], false);
    fs.writeFileSync(path, "somebody else's");
    await expect(target.finish()).rejects.toMatchObject({ code: "already_exists" });
    expect(fs.readFileSync(path, "utf8")).toBe("somebody else's");
    expect(fs.readdirSync(directory)).toEqual(["rows.csv"]);
  });
});
