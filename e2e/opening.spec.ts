/** Ways to open a file, and what is said when it is none. */
import fs from "node:fs";
import { join } from "node:path";
import { expect, ROOT, test } from "./inspector.ts";
import { hundredOperations, writeLog } from "./logs.ts";

const sample = (name: string) => join(ROOT, "resources/samples", name);

test("a dropped file opens read-only", async ({ launch, directory }) => {
  const file = join(directory, "dropped.wal");
  await writeLog(file, hundredOperations());
  const inspector = await launch();
  const data = fs.readFileSync(file).toString("base64");
  await inspector.page.evaluate((base64) => {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([bytes], "dropped.wal"));
    for (const type of ["dragenter", "dragover", "drop"]) {
      window.dispatchEvent(new DragEvent(type, { dataTransfer, cancelable: true }));
    }
  }, data);
  await inspector.isRead("dropped.wal");
  await expect(inspector.modeChip("Inspect")).toBeVisible();
  await expect(inspector.status).toContainText("100 records");
});

test("a file that was open is among the recent ones, with its verdict, and says when it is gone", async ({
  launch,
  directory,
}) => {
  const file = join(directory, "torn.wal");
  fs.copyFileSync(sample("torn.wal"), file);
  const first = await launch({ file });
  await first.isRead("torn.wal");
  await first.quit();

  const second = await launch();
  const recent = second.page.getByRole("region", { name: "Recent files" });
  await expect(recent.getByRole("button", { name: /torn\.wal/ }).first()).toContainText("Torn");
  await recent
    .getByRole("button", { name: /torn\.wal/ })
    .first()
    .click();
  await second.isRead("torn.wal");
  await second.quit();

  fs.rmSync(file);
  const third = await launch();
  await expect(third.page.getByRole("region", { name: "Recent files" })).toContainText("Missing");
});

for (const [name, verdict] of [
  ["Demo store", "Clean"],
  ["Torn-write sample", "Torn tail"],
] as const) {
  test(`${name} opens from the welcome screen in a sandbox`, async ({ launch }) => {
    const inspector = await launch();
    await inspector.page.getByRole("button", { name: new RegExp(`^${name}`) }).click();
    await inspector.isRead(".wal");
    if (name === "Demo store") await expect(inspector.modeChip("Sandbox")).toBeVisible();
    await expect(inspector.status).toContainText(verdict);
  });
}

test("a new store is made, takes its first key, and is found again", async ({ launch, directory }) => {
  const file = join(directory, "node-1.wal");
  const inspector = await launch();
  await inspector.choosePath(file, () => inspector.page.getByRole("button", { name: /^New store/ }).click());
  await inspector.isRead("node-1.wal");
  // The file is shown a moment before the dialog that asked for its path goes; until then keys are the dialog's.
  await expect(inspector.page.getByRole("dialog")).toHaveCount(0);
  await inspector.page.keyboard.press("Control+N");
  const add = inspector.page.getByRole("dialog", { name: "Add a key" });
  await add.getByRole("textbox", { name: "Key" }).fill("first");
  await add.getByRole("textbox", { name: "Value" }).fill("value");
  await add.getByRole("button", { name: "Add key" }).click();
  await expect(inspector.status).toContainText("1 record");
  await expect(inspector.status).toContainText("Outbox 1");
  await inspector.quit();
  const again = await launch({ file });
  await again.isRead("node-1.wal");
  await expect(again.status).toContainText("1 live key");
});

test("what is no log is said to be none, with its first bytes; a folder lists its logs", async ({
  launch,
  directory,
}) => {
  const picture = join(directory, "picture.png");
  fs.writeFileSync(picture, Buffer.from("89504e470d0a1a0a0000000d49484452", "hex"));
  const folder = join(directory, "logs");
  fs.mkdirSync(folder);
  fs.copyFileSync(sample("demo.wal"), join(folder, "demo.wal"));
  const inspector = await launch();
  const { page } = inspector;

  await inspector.open(picture);
  const card = page.getByRole("region", { name: "Not a log" });
  await expect(card).toContainText("picture.png is not a Softadastra WAL");
  await expect(card).toContainText("89 50 4E 47");

  await inspector.open(join(directory, "missing.wal"));
  await expect(page.getByRole("alert")).toContainText("missing.wal is not there");

  await inspector.open(folder);
  const listed = page.getByRole("region", { name: "Logs in the folder" });
  await expect(listed).toContainText("1 log in this folder");
  await listed.getByRole("button", { name: /demo\.wal/ }).click();
  await inspector.isRead("demo.wal");
});

test("an empty file is valid and says so", async ({ launch, directory }) => {
  const file = join(directory, "empty.wal");
  fs.writeFileSync(file, "");
  const inspector = await launch({ file });
  await inspector.isRead("empty.wal");
  await expect(inspector.page.getByText("Empty log")).toBeVisible();
  await inspector.show("Health");
  await expect(inspector.page.getByRole("heading", { name: "Clean: an empty log" })).toBeVisible();
});

test("a damaged file cannot be written to, and its copy holds what is readable", async ({ launch, directory }) => {
  const file = join(directory, "damaged.wal");
  fs.copyFileSync(sample("damaged.wal"), file);
  const before = fs.readFileSync(file);
  const inspector = await launch({ file });
  await inspector.isRead("damaged.wal");
  await inspector.page.getByRole("button", { name: "Edit…" }).click();
  const question = inspector.page.getByRole("dialog");
  await expect(question).toContainText("damaged.wal cannot be written to.");
  await expect(question.getByRole("button", { name: "Write to this file" })).toHaveCount(0);
  await question.getByRole("button", { name: "Work on a copy" }).click();
  await expect(inspector.modeChip("Sandbox")).toBeVisible();
  await inspector.end();
  expect(fs.readFileSync(file).equals(before)).toBe(true);
});

test("another program's appends are noticed, and read when asked", async ({ launch, directory }) => {
  const file = join(directory, "shared.wal");
  await writeLog(file, [["a", "1"]]);
  const inspector = await launch({ file });
  await inspector.isRead("shared.wal");
  await inspector.page.keyboard.press("Control+Shift+F");
  await expect(inspector.status.getByRole("button", { name: "Not following" })).toBeVisible();
  await writeLog(file, [["b", "2"]]);
  await expect(inspector.page.getByText("Another program has appended to this file")).toBeVisible();
  await inspector.page.getByRole("button", { name: "Follow the file" }).click();
  await expect(inspector.status).toContainText("2 records");
});
