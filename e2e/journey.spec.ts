/** The whole path: a log opened, browsed, edited, ticked, saved, closed, opened again. */
import fs from "node:fs";
import { join } from "node:path";
import { expect, type Inspector, ROOT, test } from "./inspector.ts";
import { fingerprint, hundredOperations, withClient, writeLog } from "./logs.ts";

const count = (n: number) => n.toLocaleString("en-US");

/** The one row of the outbox for a key, found as a person finds it. */
async function outboxRow(inspector: Inspector, key: string) {
  const { page } = inspector;
  await inspector.show("Sync");
  await page.getByRole("textbox", { name: "Search outbox" }).fill(key);
  return page.getByRole("grid", { name: "Outbox" }).getByRole("row").filter({ hasText: key });
}

test("a log opened by argument shows every key the SDK recovers, with its value", async ({ launch, directory }) => {
  const file = join(directory, "data", "ops.wal");
  const entries = await writeLog(file, hundredOperations());
  const before = fingerprint(file);

  const inspector = await launch({ file });
  await inspector.isRead("ops.wal");
  await expect(inspector.modeChip("Inspect")).toBeVisible();
  await expect(inspector.status).toContainText("100 records");
  await expect(inspector.status).toContainText(`${entries.length} live keys`);

  await inspector.asList();
  const names = await inspector.allKeyNames(entries.length);
  expect(names.map((label) => label.split(", ")[0])).toEqual(
    entries.map((entry) => new TextDecoder().decode(entry.keyBytes)),
  );

  await inspector.showKey("settings/theme");
  await inspector.page.getByRole("tab", { name: "Text", exact: true }).click();
  await expect(inspector.editor).toContainText('{"name":"dark","contrast":9007199254740993}');
  await inspector.showKey("binary/all");
  await inspector.page.getByRole("tab", { name: "Hex", exact: true }).click();
  await expect(inspector.page.getByRole("tabpanel")).toContainText("0102030405060708090A0B0C0D0E0F");

  await inspector.quit();
  expect(fingerprint(file)).toEqual(before);
});

test("a torn file: its verdict, what is safe, and that looking changes nothing", async ({ launch, directory }) => {
  const file = join(directory, "data", "torn.wal");
  fs.mkdirSync(join(directory, "data"));
  fs.copyFileSync(join(ROOT, "resources/samples/torn.wal"), file);
  const before = fingerprint(file);

  const inspector = await launch();
  await inspector.open(file);
  await inspector.isRead("torn.wal");
  await inspector.status.getByRole("button", { name: "Torn tail" }).click();
  const verdict = inspector.page.getByRole("region", { name: "Verdict" });
  await expect(verdict.getByRole("heading")).toHaveText("Torn tail: recovers all 40 whole records");
  await expect(verdict).toContainText("The record at 0x00E14 is cut inside its payload");
  await expect(verdict).toContainText("39 bytes of it are left");
  await expect(verdict).toContainText("The C++ engine’s next write would be lost");
  await expect(inspector.page.getByRole("region", { name: "Findings" })).toContainText("T2");

  await inspector.quit();
  expect(fingerprint(file)).toEqual(before);
});

test("edit in a sandbox, save, tick, save as, quit, open again: the value and its operation are there", async ({
  launch,
  directory,
}) => {
  const file = join(directory, "data", "ops.wal");
  const kept = join(directory, "data", "kept.wal");
  await writeLog(file, hundredOperations());
  const before = fingerprint(file);
  const inspector = await launch({ file });
  const { page } = inspector;
  await inspector.isRead("ops.wal");
  await inspector.workOnCopy();
  await expect(inspector.status).toContainText("Outbox 100");

  await test.step("the first keystroke makes a draft, and saving it a record", async () => {
    await inspector.asList();
    await inspector.showKey("app/name");
    await inspector.typeValue("Softadastra Inspector");
    await expect(inspector.status).toContainText("1 unsaved draft");
    await page.keyboard.press("Control+S");
    await expect(page.getByText("Unsaved draft", { exact: true })).toBeHidden();
    await expect(inspector.status).toContainText("Outbox 101");
    await expect(inspector.status).toContainText("101 records");
    await expect(page.getByRole("region", { name: "Details" })).toContainText("101 at 0x");
  });

  await test.step("ticks put it in flight", async () => {
    const row = await outboxRow(inspector, "app/name");
    await expect(row).toHaveCount(3);
    await expect(row.filter({ hasText: "101" })).toContainText("Queued");
    await page.keyboard.press("F10");
    await page.keyboard.press("F10");
    await expect(row.filter({ hasText: "101" })).toContainText("In flight");
    await expect(row.filter({ hasText: "101" })).toContainText("1/");
    await expect(page.getByRole("region", { name: "Tick log" }).getByRole("listitem")).toHaveCount(2);
    await expect(inspector.status).toContainText("Tick 2");
  });

  await test.step("the copy is saved to a file of its own", async () => {
    await inspector.choosePath(kept, () => page.getByRole("button", { name: "Save as…" }).click());
    await expect.poll(() => fs.existsSync(kept)).toBe(true);
    await inspector.quit();
  });

  const again = await launch({ file: kept });
  await again.isRead("kept.wal");
  await expect(again.status).toContainText("101 records");
  await expect(again.status).toContainText("Outbox 101");
  await again.asList();
  await again.showKey("app/name");
  await expect(again.editor).toHaveText("Softadastra Inspector");
  const row = await outboxRow(again, "app/name");
  await expect(row.filter({ hasText: "101" })).toContainText("Pending");
  expect(fingerprint(file)).toEqual({ ...before, folder: ["kept.wal", "ops.wal"] });
});

test("written to the file itself, a value survives quitting, and the SDK reads it", async ({ launch, directory }) => {
  const file = join(directory, "data", "ops.wal");
  await writeLog(file, hundredOperations());
  const wholeBefore = fs.readFileSync(file);
  const inspector = await launch({ file });
  await inspector.isRead("ops.wal");
  await inspector.page.getByRole("button", { name: "Edit…" }).click();
  await inspector.page.getByRole("dialog").getByRole("button", { name: "Write to this file" }).click();
  await expect(inspector.modeChip("Write")).toBeVisible();
  await inspector.asList();
  await inspector.showKey("user/007");
  await inspector.typeValue("licensed");
  await inspector.page.getByRole("button", { name: /^Save\b(?! as)/ }).click();
  await expect(inspector.status).toContainText("101 records");
  // Before quitting: what the screen calls saved is on the disk.
  expect(fs.readFileSync(file).length).toBeGreaterThan(wholeBefore.length);
  await inspector.quit();

  expect(fs.readFileSync(file).subarray(0, wholeBefore.length).equals(wholeBefore)).toBe(true);
  await withClient(file, async (client) => {
    const value = await client.get("user/007");
    expect(value.value().toString()).toBe("licensed");
    expect((await client.outbox()).value()).toHaveLength(101);
  });
  const again = await launch({ file });
  await again.isRead("ops.wal");
  await again.asList();
  await again.showKey("user/007");
  await expect(again.editor).toHaveText("licensed");
  await expect(again.status).toContainText(`Outbox ${count(101)}`);
});
