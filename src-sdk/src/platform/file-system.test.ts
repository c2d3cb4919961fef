/** What every file system must do: the real one, the one in memory, and the faulty one while it has no fault. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { FaultyFileSystem } from "../testing/faulty-file-system.js";
import { MemoryFileSystem } from "../testing/memory-file-system.js";
import { tempDirectory } from "../testing/temp-directory.js";
import type { FileSystem } from "./file-system.js";
import { systemCodeOf } from "./io-error.js";
import { nodeFileSystem } from "./node-file-system.js";

const disks: [string, () => { fs: FileSystem; dir: string }][] = [
  ["the real disk", () => ({ fs: nodeFileSystem, dir: tempDirectory() })],
  ["memory", () => ({ fs: new MemoryFileSystem(["/d"]), dir: "/d" })],
  ["a faulty disk without a fault", () => ({ fs: new FaultyFileSystem(new MemoryFileSystem(["/d"])), dir: "/d" })],
];

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "resolved",
    (error: unknown) => systemCodeOf(error),
  );

describe.each(disks)("%s", (_, setup) => {
  test("writes at positions, reads back, and tells the size", async () => {
    const { fs, dir } = setup();
    const handle = await fs.open(join(dir, "f"), "create");
    expect(await handle.write(Buffer.from("hello world"), 6, 5, 0)).toBe(5);
    expect(await handle.write(Buffer.from("!"), 0, 1, 7)).toBe(1);
    const into = new Uint8Array(20).fill(46);
    expect(await handle.read(into, 1, 19, 0)).toBe(8);
    expect(text(into.subarray(0, 10))).toBe(".world\0\0!.");
    expect(handle.readSync(into, 0, 2, 3)).toBe(2);
    expect(handle.readSync(into, 0, 2, 100)).toBe(0);
    expect(handle.statSync()).toEqual({ size: 8, links: 1 });
    expect((await handle.stat()).size).toBe(8);
    await handle.datasync();
    await handle.truncate(2);
    await handle.truncate(4);
    expect(handle.readSync(into, 0, 9, 0)).toBe(4);
    expect(text(into.subarray(0, 4))).toBe("wo\0\0");
    await handle.close();
  });

  test("refuses with the system's codes", async () => {
    const { fs, dir } = setup();
    expect(await codeOf(fs.open(join(dir, "absent"), "read"))).toBe("ENOENT");
    expect(await codeOf(fs.open(join(dir, "absent", "f"), "create"))).toBe("ENOENT");
    await (await fs.open(join(dir, "f"), "create")).close();
    expect(await codeOf(fs.open(join(dir, "f"), "create"))).toBe("EEXIST");
    expect(await codeOf(fs.open(dir, "write"))).toBe("EISDIR");
    const reader = await fs.open(join(dir, "f"), "read");
    expect(await codeOf(reader.write(Buffer.from("x"), 0, 1, 0))).toBe("EBADF");
    await reader.close();
    expect(await codeOf(fs.remove(join(dir, "absent")))).toBe("ENOENT");
    expect(await codeOf(fs.list(join(dir, "absent")))).toBe("ENOENT");
    expect(await fs.stat(join(dir, "absent"))).toBeNull();
    expect((await fs.stat(dir))?.isDirectory).toBe(true);
  });

  test("an open file that is removed or replaced keeps its bytes and has no name left", async () => {
    const { fs, dir } = setup();
    const first = await fs.open(join(dir, "a"), "create");
    await first.write(Buffer.from("first"), 0, 5, 0);
    await (await fs.open(join(dir, "b"), "create")).close();
    const idBefore = (await fs.stat(join(dir, "a")))?.fileId;
    await fs.rename(join(dir, "b"), join(dir, "a"));
    expect(first.statSync()).toEqual({ size: 5, links: 0 });
    expect((await fs.stat(join(dir, "a")))?.fileId).not.toBe(idBefore);
    expect(await fs.list(dir)).toEqual(["a"]);
    await fs.remove(join(dir, "a"));
    expect(await fs.list(dir)).toEqual([]);
    await first.close();
    await fs.syncDirectory(dir);
    expect(await fs.realPath(dir)).toBe(dir);
  });

  test("touch makes the modification time later", async () => {
    const { fs, dir } = setup();
    const handle = await fs.open(join(dir, "f"), "create");
    await handle.close();
    const before = (await fs.stat(join(dir, "f")))?.mtimeMs as number;
    await new Promise((resolve) => setTimeout(resolve, 20));
    await fs.touch(join(dir, "f"));
    expect((await fs.stat(join(dir, "f")))?.mtimeMs).toBeGreaterThan(before);
  });
});
