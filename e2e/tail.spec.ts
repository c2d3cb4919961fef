/** Following a file that another process writes: what it appends appears, what else it does to the file is said. */
import { spawn } from "node:child_process";
import fs from "node:fs";
import { join } from "node:path";
import { expect, type Inspector, test } from "./inspector.ts";
import { writeLog } from "./logs.ts";

const records = (inspector: Inspector) => inspector.page.getByRole("grid", { name: "Records" });
const newRows = (inspector: Inspector) => inspector.page.getByRole("button", { name: / new$/ });
const many = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => [`key/${from + i}`, `value ${from + i}`] as const);

/** Appends keys in a process of its own, as another program would. */
async function append(file: string, from: number, to: number): Promise<void> {
  const script = `
    import { Client, ClientOptions } from "@softadastra/sdk";
    const [file, from, to] = process.argv.slice(1);
    const client = new Client(ClientOptions.persistent("other", file));
    if ((await client.open()).isErr()) process.exit(1);
    for (let i = Number(from); i < Number(to); i += 1) await client.put("key/" + i, "value " + i);
    await client.close();
  `;
  const writer = spawn(process.execPath, ["--input-type=module", "-e", script, file, String(from), String(to)], {
    cwd: import.meta.dirname,
    stdio: "inherit",
  });
  expect(await new Promise((resolve) => writer.once("exit", resolve))).toBe(0);
}

async function openLive(launch: (options: { file: string }) => Promise<Inspector>, directory: string, count: number) {
  const file = join(directory, "live.wal");
  await writeLog(file, many(0, count));
  const inspector = await launch({ file });
  await inspector.isRead("live.wal");
  await expect(inspector.status).toContainText(`${count} records`);
  await inspector.asList();
  return { file, inspector };
}

test("records of another process appear; the list and its cursor stay until the end is asked for, and then it sticks", async ({
  launch,
  directory,
}) => {
  const { file, inspector } = await openLive(launch, directory, 100);
  const { page } = inspector;
  await inspector.show("Log");
  const grid = records(inspector);
  const third = grid.getByRole("row").nth(3);
  await third.click();
  await expect(grid.getByRole("row", { selected: true })).toContainText("key/2");
  await append(file, 100, 250);
  await expect(newRows(inspector)).toHaveText("150 new");
  await expect(inspector.status).toContainText("250 records");
  await expect(inspector.status).toContainText("Clean");
  await expect(grid.getByRole("row", { selected: true })).toContainText("key/2");
  expect(await grid.evaluate((element) => element.scrollTop)).toBe(0);

  await newRows(inspector).click();
  await expect(grid.getByRole("row").last()).toContainText("key/249");
  await expect(newRows(inspector)).toHaveCount(0);
  await append(file, 250, 300);
  await expect(grid.getByRole("row").last()).toContainText("key/299");
  await expect(newRows(inspector)).toHaveCount(0);

  // Scrolled up, it stays where it is again.
  await grid.hover();
  await page.mouse.wheel(0, -800);
  await expect(grid.getByRole("row").last()).not.toContainText("key/299");
  const top = await grid.evaluate((element) => element.scrollTop);
  await append(file, 300, 310);
  await expect(newRows(inspector)).toHaveText("10 new");
  expect(await grid.evaluate((element) => element.scrollTop)).toBe(top);

  await inspector.show("Keys");
  await expect(inspector.keys.getByRole("treeitem").first()).toHaveAttribute("aria-setsize", "310");
  await expect(page.getByRole("slider", { name: "Records along the file" })).toHaveAttribute("aria-valuemax", "310");
});

test("the value of a key that another process writes is the new one; following is switched off, and stays off", async ({
  launch,
  directory,
}) => {
  const { file, inspector } = await openLive(launch, directory, 5);
  const { page } = inspector;
  await inspector.showKey("key/3");
  await expect(inspector.editor).toContainText("value 3");
  await writeLog(file, [["key/3", "of another process"]]);
  await expect(inspector.editor).toContainText("of another process");

  await page.keyboard.press("Control+Shift+F");
  await expect(inspector.status.getByRole("button", { name: "Not following" })).toBeVisible();
  await writeLog(file, [["key/3", "not seen"]]);
  const notice = page.getByRole("status").filter({ hasText: "Another program has appended to this file" });
  await expect(notice).toBeVisible();
  await expect(inspector.editor).toContainText("of another process");
  await page.reload();
  await expect(inspector.status.getByRole("button", { name: "Not following" })).toBeVisible();
  await notice.getByRole("button", { name: "Follow the file" }).click();
  await expect(notice).toHaveCount(0);
  await expect(inspector.status).toContainText("7 records");
});

test("a file that is cut says so, and is read again when asked", async ({ launch, directory }) => {
  const { file, inspector } = await openLive(launch, directory, 20);
  const { page } = inspector;
  fs.truncateSync(file, 700);
  const notice = page.getByRole("status").filter({ hasText: "Another program cut this file" });
  await expect(notice).toContainText("Nothing was changed from here");
  await expect(inspector.status).toContainText("20 records");
  await notice.getByRole("button", { name: "Read the file again" }).click();
  await expect(notice).toHaveCount(0);
  await expect(inspector.status).toContainText("Torn tail");
  await expect(inspector.status).toContainText("10 records");

  // The next writer cuts the torn end off and goes on: every record is there, and the cut is said.
  await append(file, 50, 52);
  await expect(page.getByRole("status").filter({ hasText: "cut the torn end off" })).toBeVisible();
  await expect(inspector.status).toContainText("12 records");
  await expect(inspector.status).toContainText("Clean");
});

test("a file that is replaced says so, what was read stays, and the new one is read when asked", async ({
  launch,
  directory,
}) => {
  const { file, inspector } = await openLive(launch, directory, 20);
  const { page } = inspector;
  await inspector.showKey("key/3");
  await writeLog(`${file}.other`, [["only/one", "new"]]);
  fs.renameSync(`${file}.other`, file);
  const notice = page.getByRole("status").filter({ hasText: "Another file is in the place of this one" });
  await expect(notice).toBeVisible();
  await expect(inspector.editor).toContainText("value 3");
  await inspector.showKey("key/7");
  await expect(inspector.editor).toContainText("value 7");

  await notice.getByRole("button", { name: "Keep looking at what was read" }).click();
  await expect(notice).toHaveCount(0);
  await inspector.status.getByRole("button", { name: "Replaced on the disk" }).click();
  await notice.getByRole("button", { name: "Read the new file" }).click();
  await expect(inspector.status).toContainText("1 live key");
  await expect(notice).toHaveCount(0);
});

test("a file that is removed says so; what was read stays", async ({ launch, directory }) => {
  const { file, inspector } = await openLive(launch, directory, 20);
  const { page } = inspector;
  fs.rmSync(file);
  await expect(page.getByRole("status").filter({ hasText: "not at its place any more" })).toBeVisible();
  await inspector.showKey("key/7");
  await expect(inspector.editor).toContainText("value 7");
  await expect(inspector.status).toContainText("Not on the disk");
});
