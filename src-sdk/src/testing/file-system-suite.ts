/** What every file system must do: the real one, the one in memory, the faulty ones while they have no fault. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { FileSystem } from "../platform/file-system.js";
import { systemCodeOf } from "../platform/io-error.js";

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "resolved",
    (error: unknown) => systemCodeOf(error),
  );
const codeOfSync = (work: () => unknown) => {
  try {
    work();
    return "returned";
  } catch (error) {
    return systemCodeOf(error);
  }
};

export function fileSystemSuite(name: string, setup: () => { fs: FileSystem; dir: string }): void {
  describe(name, () => {
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

    test("a closed descriptor is EBADF for every call, and harms nothing", async () => {
      const { fs, dir } = setup();
      const handle = await fs.open(join(dir, "f"), "create");
      await handle.write(Buffer.from("kept"), 0, 4, 0);
      await handle.close();
      const bytes = new Uint8Array(4);
      expect(await codeOf(handle.write(bytes, 0, 1, 0))).toBe("EBADF");
      expect(await codeOf(handle.read(bytes, 0, 1, 0))).toBe("EBADF");
      expect(codeOfSync(() => handle.readSync(bytes, 0, 1, 0))).toBe("EBADF");
      expect(await codeOf(handle.datasync())).toBe("EBADF");
      expect(await codeOf(handle.truncate(0))).toBe("EBADF");
      expect(await codeOf(handle.stat())).toBe("EBADF");
      expect(codeOfSync(() => handle.statSync())).toBe("EBADF");
      expect(await codeOf(handle.close())).toBe("EBADF");
      expect((await fs.stat(join(dir, "f")))?.size).toBe(4);
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

    test("two handles of one file see each other's bytes", async () => {
      const { fs, dir } = setup();
      const writer = await fs.open(join(dir, "f"), "create");
      const reader = await fs.open(join(dir, "f"), "read");
      await writer.write(Buffer.from("seen"), 0, 4, 0);
      const into = new Uint8Array(4);
      expect(reader.readSync(into, 0, 4, 0)).toBe(4);
      expect(text(into)).toBe("seen");
      await writer.close();
      await reader.close();
    });

    test("touch makes the modification time later", async () => {
      const { fs, dir } = setup();
      const handle = await fs.open(join(dir, "f"), "create");
      await handle.close();
      const before = (await fs.stat(join(dir, "f")))?.mtimeMs ?? Number.NaN;
      await new Promise((resolve) => setTimeout(resolve, 20));
      await fs.touch(join(dir, "f"));
      expect((await fs.stat(join(dir, "f")))?.mtimeMs).toBeGreaterThan(before);
    });
  });
}
