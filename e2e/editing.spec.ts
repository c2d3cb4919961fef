/** Keys edited: drafts that are never lost, adding, renaming, deleting and taking it back, older versions. */
import { join } from "node:path";
import { expect, type Inspector, test } from "./inspector.ts";
import { hundredOperations, withClient, writeLog } from "./logs.ts";

/** A sandbox of the hundred operations. */
async function sandbox(launch: (options: { file: string }) => Promise<Inspector>, directory: string) {
  const file = join(directory, "data", "ops.wal");
  await writeLog(file, hundredOperations());
  const inspector = await launch({ file });
  await inspector.isRead("ops.wal");
  await inspector.workOnCopy();
  await inspector.asList();
  return inspector;
}

const toast = (inspector: Inspector, text: string) => inspector.page.getByRole("status").filter({ hasText: text });

test("a draft stays when another key is selected, and is told from the saved value", async ({ launch, directory }) => {
  const inspector = await sandbox(launch, directory);
  await inspector.showKey("user/001");
  await inspector.typeValue("first draft");
  await inspector.showKey("user/002");
  await inspector.typeValue("second draft");
  await expect(inspector.status).toContainText("2 unsaved drafts");
  await inspector.showKey("user/001");
  await expect(inspector.editor).toHaveText("first draft");
  await expect(inspector.page.getByRole("treeitem", { name: /^user\/002, .*unsaved draft/ })).toBeVisible();

  await inspector.page.getByRole("button", { name: "Discard draft" }).click();
  await expect(inspector.editor).toContainText('"name":"User 1"');
  await expect(inspector.status).toContainText("1 unsaved draft");
  await expect(inspector.status).toContainText("Outbox 100");
});

test("opening another file asks about drafts: cancel keeps them, save writes them", async ({ launch, directory }) => {
  const inspector = await sandbox(launch, directory);
  const other = join(directory, "data", "other.wal");
  await writeLog(other, [["only", "key"]]);
  await inspector.showKey("user/001");
  await inspector.typeValue("kept");
  const question = inspector.page.getByRole("dialog", { name: "Save the draft before opening other.wal?" });

  await inspector.open(other);
  await expect(question).toBeVisible();
  await inspector.page.keyboard.press("Escape");
  await expect(question).toBeHidden();
  await expect(inspector.editor).toHaveText("kept");

  await inspector.open(other);
  await question.getByRole("button", { name: "Save", exact: true }).click();
  // The sandbox itself now holds an operation that is in no other file.
  const discard = inspector.page.getByRole("dialog", { name: "Discard the sandbox of ops.wal?" });
  await expect(discard).toContainText("1 operation");
  await discard.getByRole("button", { name: "Discard sandbox" }).click();
  await inspector.isRead("other.wal");
});

test("a key is added, renamed as a put and a delete, deleted, and brought back by undo", async ({
  launch,
  directory,
}) => {
  const inspector = await sandbox(launch, directory);
  const { page } = inspector;
  const heading = page.getByRole("region", { name: "Value" }).getByRole("heading");

  await page.keyboard.press("Control+N");
  const add = page.getByRole("dialog", { name: "Add a key" });
  await add.getByRole("textbox", { name: "Key" }).fill("user/001");
  await add.getByRole("button", { name: "Add key" }).click();
  await expect(add).toContainText("user/001 has a value already.");
  await add.getByRole("textbox", { name: "Key" }).fill("added/key");
  await add.getByRole("textbox", { name: "Value" }).fill("new value");
  await add.getByRole("button", { name: "Add key" }).click();
  await expect(heading).toHaveAttribute("title", "added/key");
  await expect(toast(inspector, "Record #101, persisted and waiting to sync.")).toBeVisible();

  await page.keyboard.press("F2");
  const rename = page.getByRole("dialog", { name: "Rename added/key?" });
  await rename.getByRole("textbox", { name: "New key" }).fill("renamed/key");
  await rename.getByRole("button", { name: "Rename" }).click();
  await expect(toast(inspector, "Two records: put #102, delete #103.")).toBeVisible();
  await expect(heading).toHaveAttribute("title", "renamed/key");
  await expect(inspector.status).toContainText("Outbox 103");

  await page.getByRole("button", { name: "More about this key" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await expect(toast(inspector, "Deleted renamed/key")).toBeVisible();
  await expect(inspector.status).toContainText("104 records");
  await toast(inspector, "Deleted renamed/key").getByRole("button", { name: /Undo/ }).click();
  await expect(toast(inspector, "Brought back renamed/key")).toBeVisible();
  await expect(heading).toHaveAttribute("title", "renamed/key");
  await expect(inspector.editor).toHaveText("new value");
  await expect(inspector.status).toContainText("105 records");
});

test("an older version is looked at, told from the newest, and restored as a new put", async ({
  launch,
  directory,
}) => {
  const inspector = await sandbox(launch, directory);
  const { page } = inspector;
  await inspector.showKey("app/name");
  await expect(inspector.editor).toHaveText("Softadastra Drive");
  const history = page.getByRole("grid", { name: "History" });
  await history.getByRole("row", { name: /#6/ }).click();
  await expect(page.getByText("Value as of record #6. Older versions are read-only.")).toBeVisible();
  await expect(inspector.editor).toHaveText("Softadastra");
  await page.getByRole("button", { name: "Restore this version" }).click();
  await expect(inspector.status).toContainText("101 records");
  await expect(history.getByRole("row")).toHaveCount(3);
});

test("binary is edited as hex; bytes that were not touched stay", async ({ launch, directory }) => {
  const inspector = await sandbox(launch, directory);
  const { page } = inspector;
  const kept = join(directory, "data", "kept.wal");
  await inspector.showKey("binary/all");
  await page.getByRole("tab", { name: "Hex", exact: true }).click();
  await page.getByRole("button", { name: "Edit bytes" }).click();
  await page.getByRole("textbox", { name: /as hex$/ }).click();
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("Delete");
  await expect(page.getByText("The last byte is half.")).toBeVisible();
  await page.keyboard.press("Delete");
  await page.keyboard.type("ff");
  await page.keyboard.press("Control+S");
  await expect(inspector.status).toContainText("101 records");
  await inspector.choosePath(kept, () => page.getByRole("button", { name: "Save as…" }).click());
  await expect(toast(inspector, "kept.wal")).toBeVisible();
  await inspector.end();

  const bytes = await withClient(kept, async (client) => (await client.get("binary/all")).value().toBytes());
  expect([...bytes]).toEqual([0xff, ...Array.from({ length: 255 }, (_, i) => i + 1)]);
});

test("while a file is open read-only nothing can be changed", async ({ launch, directory }) => {
  const file = join(directory, "data", "ops.wal");
  await writeLog(file, hundredOperations());
  const inspector = await launch({ file });
  const { page } = inspector;
  await inspector.isRead("ops.wal");
  await inspector.asList();
  await inspector.showKey("user/001");
  await inspector.editor.click();
  await page.keyboard.type("nothing");
  await page.keyboard.press("Delete");
  await page.keyboard.press("Control+N");
  await page.keyboard.press("F10");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(inspector.editor).toContainText('"name":"User 1"');
  await expect(inspector.status).toContainText("Not ticking");
  await expect(inspector.status).not.toContainText("draft");
  await inspector.show("Sync");
  await expect(page.getByRole("button", { name: /^Tick( F10)?$/ })).toBeDisabled();
});
