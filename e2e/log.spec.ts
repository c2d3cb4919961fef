/** Log: every record of a file, taken apart, with its bytes; one cursor for list, fields, bytes, strip and keys. */
import fs from "node:fs";
import { join } from "node:path";
import { expect, type Inspector, ROOT, test } from "./inspector.ts";
import { hundredOperations, writeLog } from "./logs.ts";

const records = (inspector: Inspector) => inspector.page.getByRole("grid", { name: "Records" });
const fields = (inspector: Inspector) => inspector.page.getByRole("region", { name: "Fields" });
const bytes = (inspector: Inspector) => inspector.page.getByRole("region", { name: "Bytes" });

async function openSample(
  launch: (options: { file: string }) => Promise<Inspector>,
  directory: string,
  name: string,
): Promise<Inspector> {
  const file = join(directory, `${name}.wal`);
  fs.copyFileSync(join(ROOT, "resources/samples", `${name}.wal`), file);
  const inspector = await launch({ file });
  await inspector.isRead(`${name}.wal`);
  await inspector.show("Log");
  return inspector;
}

test("a damaged file: the records before the stop, the bad one, and those no reader gets to, each by its bytes", async ({
  launch,
  directory,
}) => {
  const inspector = await openSample(launch, directory, "damaged");
  const { page } = inspector;
  await expect(page.getByRole("region", { name: "Records" })).toContainText(
    "40 recovered, 7 unreachable, reading stops at 0x00E14",
  );
  await records(inspector).focus();
  await page.keyboard.press("End");
  await expect(records(inspector).getByRole("row").last()).toContainText("Unreachable");

  const bad = records(inspector).getByRole("row").filter({ hasText: "0x00E14" });
  await expect(bad).toContainText("Damaged");
  await bad.click();
  await expect(fields(inspector)).toContainText("damaged bytes at 0x00E14");
  await expect(fields(inspector)).toContainText("differs");
  await expect(page.getByRole("img", { name: "0x00E14 is selected, behind the stop" })).toBeVisible();
  await page.keyboard.press("]");
  await expect(fields(inspector)).toContainText("unreachable record at 0x00E80");
  await page.keyboard.press("[");
  await page.keyboard.press("[");
  await expect(fields(inspector)).toContainText("record 40");

  await page.getByRole("button", { name: "Problems 8" }).click();
  await expect(records(inspector).getByRole("row")).toHaveCount(9);
});

test("a field, its bytes and what they mean are marked together", async ({ launch, directory }) => {
  const inspector = await openSample(launch, directory, "torn");
  const { page } = inspector;
  await records(inspector).getByRole("row").nth(1).click();
  await expect(fields(inspector)).toContainText("record 1");
  await fields(inspector)
    .getByRole("option", { name: /^sequence, / })
    .click();
  await expect(bytes(inspector)).toContainText("0x00008 to 0x0000F, 8 bytes");
  const inspected = page.getByRole("region", { name: "The byte under the cursor" });
  await expect(inspected).toContainText("At 0x00008");
  await expect(inspected.locator('[data-reading="u32"] dd')).toHaveText("1");

  // A byte of the magic, in the hex columns: its field is chosen.
  await bytes(inspector).locator('[data-field="magic"]').nth(1).click();
  await expect(fields(inspector).getByRole("option", { selected: true })).toContainText("magic");
  await expect(inspected).toContainText("At 0x00001");
  await bytes(inspector).getByRole("listbox").focus();
  await page.keyboard.press("ArrowRight");
  await expect(inspected).toContainText("At 0x00002");
});

test("one cursor: a record of the list is the version of its key, and back", async ({ launch, directory }) => {
  const file = join(directory, "ops.wal");
  await writeLog(file, hundredOperations());
  const inspector = await launch({ file });
  const { page } = inspector;
  await inspector.isRead("ops.wal");
  await inspector.show("Log");
  await page.getByRole("textbox", { name: /^Search records/ }).fill("app/name");
  await expect(records(inspector).getByRole("row")).toHaveCount(3);
  await records(inspector).getByRole("row").nth(1).click();
  await expect(fields(inspector)).toContainText("record 6");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("region", { name: "Value" }).getByRole("heading")).toHaveAttribute("title", "app/name");
  await expect(page.getByRole("img", { name: /^Record 6 is selected/ })).toBeVisible();

  await page.keyboard.press("Control+2");
  await expect(fields(inspector)).toContainText("record 6");
  await expect(records(inspector).getByRole("row", { selected: true })).toContainText("app/name");
});

test("values are searched, and what is found is in the list with what stands behind the stop", async ({
  launch,
  directory,
}) => {
  const file = join(directory, "ops.wal");
  await writeLog(file, hundredOperations());
  const inspector = await launch({ file });
  const { page } = inspector;
  await inspector.isRead("ops.wal");
  await inspector.show("Log");
  await page.getByRole("textbox", { name: /^Search records/ }).fill("value:softadastra");
  await expect(records(inspector).getByRole("row")).toHaveCount(3);
  await page.getByRole("textbox", { name: /^Search records/ }).fill("value:softadastra seq>6");
  await expect(records(inspector).getByRole("row")).toHaveCount(2);
  await page.getByRole("textbox", { name: /^Search records/ }).fill("value:nowhere");
  await expect(page.getByText("Every record was searched.")).toBeVisible();
});

test("columns are hidden and shown, by keyboard too, and stay as they were left", async ({ launch, directory }) => {
  const inspector = await openSample(launch, directory, "torn");
  const { page } = inspector;
  const head = records(inspector).getByRole("columnheader");
  await expect(head).toHaveCount(11);
  await page.getByRole("button", { name: "Columns" }).click();
  await page.getByRole("menuitemcheckbox", { name: "Type" }).click();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("menuitemcheckbox", { name: "Operation" })).toHaveAttribute("aria-checked", "false");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("button", { name: "Columns" })).toBeFocused();
  await expect(head).toHaveCount(9);
  await page.reload();
  await inspector.isRead("torn.wal");
  await inspector.show("Log");
  await expect(head).toHaveCount(9);
  await page.getByRole("button", { name: "Columns" }).click();
  await page.getByRole("menuitem", { name: "Show all" }).click();
  await expect(head).toHaveCount(11);
});

test("a finding leads to its bytes", async ({ launch, directory }) => {
  const inspector = await openSample(launch, directory, "torn");
  const { page } = inspector;
  await inspector.show("Health");
  await page.getByRole("region", { name: "Findings" }).getByRole("button", { name: "0x00E14" }).click();
  await expect(fields(inspector)).toContainText("torn record at 0x00E14");
  await expect(fields(inspector)).toContainText("cut");
});

test("what is written appears at the end of the list", async ({ launch, directory }) => {
  const file = join(directory, "ops.wal");
  await writeLog(file, hundredOperations());
  const inspector = await launch({ file });
  const { page } = inspector;
  await inspector.isRead("ops.wal");
  await inspector.workOnCopy();
  await inspector.show("Log");
  await page.keyboard.press("Control+N");
  const add = page.getByRole("dialog", { name: "Add a key" });
  await add.getByRole("textbox", { name: "Key" }).fill("written/now");
  await add.getByRole("textbox", { name: "Value" }).fill("value");
  await add.getByRole("button", { name: "Add key" }).click();
  await inspector.show("Log");
  // The list knows of it by now, so that its end is the new record: a row for each, and the head.
  await expect(records(inspector)).toHaveAttribute("aria-rowcount", "102");
  await records(inspector).focus();
  await page.keyboard.press("End");
  await expect(records(inspector).getByRole("row").last()).toContainText("written/now");
  await expect(fields(inspector)).toContainText("record 101");
});
