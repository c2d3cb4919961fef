/** Time travel: what was in the file at any record, with editing off, and back to the latest state. */
import { join } from "node:path";
import { expect, type Inspector, test } from "./inspector.ts";
import { type Operation, writeLog } from "./logs.ts";

/** Forty records, so that a pixel of the strip says which record it is of. */
const OPERATIONS: Operation[] = [
  ["app/name", "first"],
  ["app/name", "second"],
  ["app/name", null],
  ["app/name", "third"],
  ...Array.from({ length: 36 }, (_, i): Operation => [`user/${String(i).padStart(2, "0")}`, `value of user ${i}`]),
];

const slider = ({ page }: Inspector) => page.getByRole("slider", { name: "Time: records along the file" });
const value = ({ page }: Inspector) => page.getByRole("region", { name: "Value" });
const details = ({ page }: Inspector) => page.getByRole("region", { name: "Details" });
const tree = ({ page }: Inspector) => page.getByRole("tree");
const banner = ({ page }: Inspector) =>
  page.getByRole("region", { name: "Time strip and notices" }).getByRole("status");

async function open(launch: (options: { file: string }) => Promise<Inspector>, directory: string) {
  const file = join(directory, "short.wal");
  await writeLog(file, OPERATIONS);
  const inspector = await launch({ file });
  await inspector.isRead("short.wal");
  return inspector;
}

async function dragTo(inspector: Inspector, share: number): Promise<void> {
  const box = await slider(inspector).boundingBox();
  if (box === null) throw new Error("there is no strip");
  const { mouse } = inspector.page;
  await mouse.move(box.x + box.width - 1, box.y + box.height / 2);
  await mouse.down();
  await mouse.move(box.x + box.width * share, box.y + box.height / 2, { steps: 20 });
  await mouse.up();
}

test("dragging the cursor shows keys, counts and values as of then, and Latest goes back", async ({
  launch,
  directory,
}) => {
  const inspector = await open(launch, directory);
  const { page } = inspector;
  await expect(slider(inspector)).toHaveAttribute("aria-valuetext", "Latest, 40 records");
  await expect(inspector.status).toContainText("37 live keys");
  await expect(page.getByRole("button", { name: "Latest" })).toBeDisabled();

  // The strip is drawn up to what was read, and again a moment later: without its end, or itself, a drag leads nowhere.
  await expect(async () => {
    await dragTo(inspector, 0.5);
    const said = /State as of record #\d+ \(offset 0x[0-9A-F]+\)\. Editing is off\./;
    await expect(banner(inspector)).toContainText(said, { timeout: 3_000 });
  }).toPass();
  // The last of the moves may still be on its way: all of it is asked again until it agrees.
  await expect(async () => {
    const at = Number(await slider(inspector).getAttribute("aria-valuenow"));
    expect(at).toBeGreaterThan(10);
    expect(at).toBeLessThan(30);
    const soon = { timeout: 1_000 };
    await expect(inspector.status).toContainText(`${at} of 40 records`, soon);
    await expect(inspector.status).toContainText(`${at - 3} live keys`, soon);
    await expect(page.getByRole("button", { name: `Live ${at - 3}` })).toBeVisible(soon);
    await expect(tree(inspector).getByRole("treeitem", { name: `user, ${at - 4} keys` })).toBeVisible(soon);
  }).toPass();

  await page.getByRole("button", { name: "Latest" }).first().click();
  await expect(banner(inspector)).toHaveCount(0);
  await expect(inspector.status).toContainText("37 live keys");
});

test("arrow keys travel by one record: the selected key is followed through its values, its delete and its absence", async ({
  launch,
  directory,
}) => {
  const inspector = await open(launch, directory);
  const { page } = inspector;
  await tree(inspector)
    .getByRole("treeitem", { name: /^name, / })
    .click();
  await expect(value(inspector)).toContainText("third");
  await slider(inspector).focus();
  await page.keyboard.press("Home");
  await expect(slider(inspector)).toHaveAttribute("aria-valuetext", "State as of record 1 of 40, offset 0x00000");
  await expect(value(inspector)).toContainText("first");
  await expect(tree(inspector).getByRole("treeitem")).toHaveCount(2);
  await expect(details(inspector)).toContainText("4 versions, 3 later");

  await page.keyboard.press("ArrowRight");
  await expect(value(inspector)).toContainText("second");
  await page.keyboard.press("ArrowRight");
  await expect(value(inspector)).toContainText("This key is deleted");
  await expect(inspector.status).toContainText("0 live keys");
  await page.keyboard.press("ArrowRight");
  await expect(value(inspector)).toContainText("third");
  await expect(details(inspector)).not.toContainText("later");
  await page.keyboard.press("PageUp");
  await expect(slider(inspector)).toHaveAttribute("aria-valuenow", "14");
  await page.keyboard.press("End");
  await expect(slider(inspector)).toHaveAttribute("aria-valuetext", "Latest, 40 records");

  // A key that was first written later says so, and leads to where it was.
  await inspector.asList();
  await inspector.showKey("user/35");
  await slider(inspector).focus();
  await page.keyboard.press("Home");
  await expect(value(inspector)).toContainText("user/35 did not exist yet");
  await value(inspector).getByRole("button", { name: "Go to #40" }).click();
  await expect(value(inspector)).toContainText("value of user 35");
});

test("editing is off with the reason while travelling, and the draft is there again at Latest", async ({
  launch,
  directory,
}) => {
  const inspector = await open(launch, directory);
  const { page } = inspector;
  await inspector.workOnCopy();
  await tree(inspector)
    .getByRole("treeitem", { name: /^name, / })
    .click();
  const editor = page.getByRole("textbox", { name: /^Value of / });
  await editor.click();
  await page.keyboard.press("Control+End");
  await page.keyboard.type(" draft");
  await expect(value(inspector)).toContainText("Unsaved draft");

  await slider(inspector).focus();
  await page.keyboard.press("Home");
  await expect(value(inspector)).toContainText("first");
  await expect(value(inspector)).toContainText("Your draft of this key is kept for the latest state.");
  await expect(value(inspector).getByRole("button", { name: "Discard draft" })).toHaveCount(0);
  await expect(page.getByRole("button", { name: /^Add a key/ })).toBeDisabled();
  await expect(page.getByRole("button", { name: /^Add a key/ })).toHaveAttribute(
    "title",
    /record #1 is shown as it was: go back to Latest to edit/,
  );
  await expect(page.getByRole("textbox", { name: /^Value of / })).toHaveAttribute("aria-readonly", "true");
  // Neither the key nor the palette gets around it.
  await page.keyboard.press("Control+S");
  await page.keyboard.press("Control+N");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await page.keyboard.press("Control+K");
  await page.keyboard.type("save the draft");
  await expect(page.getByRole("dialog")).toContainText("go back to Latest to edit");
  await page.keyboard.press("Escape");

  await page.keyboard.press("Control+Shift+J");
  await expect(value(inspector)).toContainText("third draft");
  await expect(inspector.status).toContainText("40 records");
  await page.keyboard.press("Control+S");
  await expect(inspector.status).toContainText("41 records");
});

test("selecting a record does not travel; from Log its state is one key away, and later records are greyed", async ({
  launch,
  directory,
}) => {
  const inspector = await open(launch, directory);
  const { page } = inspector;
  await inspector.show("Log");
  const records = page.getByRole("grid", { name: "Records" });
  await records.getByRole("row").nth(2).click();
  await expect(slider(inspector)).toHaveAttribute("aria-valuetext", "Latest, 40 records");
  await expect(page.getByRole("img", { name: /^Record 2 is selected/ })).toBeVisible();
  await page.keyboard.press("Control+J");
  await expect(slider(inspector)).toHaveAttribute("aria-valuenow", "2");
  await expect(records.getByRole("row").nth(2)).toHaveAttribute("aria-current", "time");
  await page.getByRole("region", { name: "Fields" }).getByRole("button", { name: "State as of here" }).waitFor();

  // Travelling in Log takes the list along.
  await page.keyboard.press("Control+]");
  await expect(page.getByRole("region", { name: "Fields" })).toContainText("record 3");
  await inspector.show("Keys");
  await expect(value(inspector)).toContainText("This key is deleted");
});

test("one cursor: a record that is chosen in Log is the version of its key, also an older one", async ({
  launch,
  directory,
}) => {
  const inspector = await open(launch, directory);
  const { page } = inspector;
  await inspector.show("Log");
  const records = page.getByRole("grid", { name: "Records" });
  await records.getByRole("row").nth(1).click();
  await inspector.show("Keys");
  await expect(value(inspector)).toContainText("first");
  await expect(details(inspector).getByRole("row", { selected: true })).toContainText("#1");
  await page.keyboard.press("]");
  await expect(value(inspector)).toContainText("second");
  await page.keyboard.press("]");
  await expect(value(inspector)).toContainText("This key is deleted");
  await value(inspector).getByRole("button", { name: "Show its last value" }).click();
  await expect(page.getByRole("img", { name: /^Record 2 is selected/ })).toBeVisible();
});

test("one cursor: a chosen operation of the outbox is the record in Log and the version in Keys, and back", async ({
  launch,
  directory,
}) => {
  const inspector = await open(launch, directory);
  const { page } = inspector;
  await inspector.show("Sync");
  const outbox = page.getByRole("grid", { name: "Outbox" });
  await outbox.getByRole("row").nth(2).click();
  await expect(page.getByRole("img", { name: /^Record 2 is selected/ })).toBeVisible();
  await inspector.show("Log");
  await expect(page.getByRole("region", { name: "Fields" })).toContainText("record 2");
  await page.keyboard.press("]");
  await page.keyboard.press("]");
  await inspector.show("Sync");
  await expect(outbox.getByRole("row", { selected: true })).toContainText("short-4");
  await inspector.show("Keys");
  await expect(value(inspector)).toContainText("third");
});
