import fs from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tempDirectory } from "../testing.ts";
import { Drops } from "./drops.ts";

function setUp() {
  const root = tempDirectory();
  const clock = { nowMs: 1_000 };
  let made = 0;
  const drops = new Drops(
    async () => {
      const path = join(root, String(++made));
      fs.mkdirSync(path);
      return path;
    },
    () => clock.nowMs,
  );
  return { root, clock, drops, left: () => fs.readdirSync(root) };
}

const bytes = (...list: number[]) => Uint8Array.from(list);

test("a drop in pieces, in any order, is the file", async () => {
  const { drops } = setUp();
  const id = await drops.begin("field.wal", 5);
  await drops.write(id, 3, bytes(4, 5));
  await drops.write(id, 0, bytes(1, 2, 3));
  const { path } = await drops.finish(id);
  expect([...fs.readFileSync(path)]).toEqual([1, 2, 3, 4, 5]);
  expect(path.endsWith("/field.wal")).toBe(true);
  await expect(drops.finish(id)).rejects.toThrow("This drop has ended");
});

test("whatever its name, a drop is a file within its own directory", async () => {
  const { root, drops } = setUp();
  for (const name of ["..", ".", "/", "a/..", "../../up.wal", "", "/etc/passwd", "a b"]) {
    const { path, directory } = await drops.finish(await drops.begin(name, 0));
    expect([name, fs.statSync(path).isFile()]).toEqual([name, true]);
    expect(fs.realpathSync(path)).toBe(join(directory, path.slice(directory.length + 1)));
    expect(directory.startsWith(root)).toBe(true);
  }
});

test("a name the disk refuses leaves nothing behind and takes no place", async () => {
  const { drops, left } = setUp();
  for (let i = 0; i < 9; i += 1) await expect(drops.begin("x".repeat(300), 1)).rejects.toThrow("ENAMETOOLONG");
  expect(left()).toEqual([]);
  expect(await drops.begin("fine.wal", 1)).toBeGreaterThan(0);
});

test("more bytes than were announced end the drop", async () => {
  const { drops, left } = setUp();
  for (const [start, piece] of [
    [0, bytes(1, 2, 3, 4, 5, 6)],
    [5, bytes(1)],
    [2 ** 40, bytes(1)],
  ] as const) {
    const id = await drops.begin("field.wal", 5);
    await expect(drops.write(id, start, piece)).rejects.toThrow("said to have 5 bytes");
    await expect(drops.finish(id)).rejects.toThrow("This drop has ended");
  }
  expect(left()).toEqual([]);
});

test("four drops come in at once, and one that is silent for a minute makes room", async () => {
  const { clock, drops } = setUp();
  const begun = await Promise.allSettled(Array.from({ length: 7 }, (_, i) => drops.begin(`${i}.wal`, 10)));
  expect(begun.map(({ status }) => status === "fulfilled")).toEqual([true, true, true, true, false, false, false]);
  clock.nowMs += 59_000;
  await drops.write(2, 0, bytes(1));
  clock.nowMs += 2_000;
  expect(await drops.begin("next.wal", 10)).toBe(5);
  await expect(drops.write(1, 0, bytes(1))).rejects.toThrow("This drop has ended");
  await drops.write(2, 1, bytes(2));
});

test("at the end nothing is left of what was on its way", async () => {
  const { drops, left } = setUp();
  await drops.begin("a.wal", 10);
  await drops.begin("b.wal", 10);
  await drops.end();
  expect(left()).toEqual([]);
});
