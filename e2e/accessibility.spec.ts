/** axe finds nothing on any screen, in light and dark; and the keyboard alone is enough. */
import fs from "node:fs";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { desktopHost } from "./desktop-host.ts";
import { expect, type Inspector, ROOT, test } from "./inspector.ts";
import { hundredOperations, writeLog } from "./logs.ts";

async function hasNoViolation(inspector: Inspector, screen: string): Promise<void> {
  // Legacy mode: a desktop app has no second page for axe to finish in.
  const { violations, passes } = await new AxeBuilder({ page: inspector.page }).setLegacyMode().analyze();
  const found = violations.map(({ id, nodes }) => ({ screen, id, at: nodes.map(({ target }) => target.join(" ")) }));
  expect(found).toEqual([]);
  expect(passes.length, `${screen}: rules that axe applied`).toBeGreaterThan(10);
}

for (const theme of ["Light", "Dark"] as const) {
  test(`axe finds no violation on any screen in ${theme.toLowerCase()}`, async ({ launch, directory, host }) => {
    test.skip(host === "desktop" && desktopHost.isStandIn, "the stand-in shows the very page of the browser host");
    const file = join(directory, "ops.wal");
    await writeLog(file, hundredOperations());
    const damaged = join(directory, "damaged.wal");
    fs.copyFileSync(join(ROOT, "resources/samples/damaged.wal"), damaged);
    const inspector = await launch();
    const { page } = inspector;
    await inspector.setTheme(theme);
    await hasNoViolation(inspector, "Welcome, empty");

    await inspector.open(damaged);
    await inspector.isRead("damaged.wal");
    await inspector.show("Health");
    await expect(page.getByRole("region", { name: "Verdict" })).toBeVisible();
    await hasNoViolation(inspector, "Health, damaged");
    await inspector.show("Log");
    await page.getByRole("grid", { name: "Records" }).getByRole("row").nth(1).click();
    await expect(page.getByRole("region", { name: "Fields" })).toContainText("record 1");
    await hasNoViolation(inspector, "Log");
    await inspector.show("Lab");
    await expect(page.getByRole("region", { name: "After reopening" })).toContainText("Promise kept");
    await hasNoViolation(inspector, "Lab, damaged");
    await page.keyboard.press("Control+W");
    await expect(page.getByRole("region", { name: "Recent files" })).toBeVisible();
    await hasNoViolation(inspector, "Welcome, with recent files");

    await inspector.open(file);
    await inspector.isRead("ops.wal");
    await hasNoViolation(inspector, "Keys, nothing selected");
    await inspector.show("Health");
    await expect(page.getByRole("heading", { name: "Clean: recovers all 100 records" })).toBeVisible();
    await hasNoViolation(inspector, "Health, clean");
    await inspector.show("Lab");
    await page.getByRole("radio", { name: /Flip a bit/ }).click();
    await expect(page.getByRole("region", { name: "After reopening" })).toContainText("Bits of it");
    await page.getByRole("region", { name: "After reopening" }).getByRole("button", { name: "Reopen" }).click();
    await page.getByRole("tab", { name: /^Runs/ }).click();
    await expect(page.getByRole("region", { name: "Runs so far" })).toContainText("Flip bit 0");
    await hasNoViolation(inspector, "Lab, with a run");
    await inspector.show("Keys");
    await inspector.workOnCopy();
    await inspector.asList();
    await inspector.showKey("settings/theme");
    await hasNoViolation(inspector, "Keys, JSON tree");
    await inspector.showKey("app/name");
    await inspector.typeValue("draft");
    await hasNoViolation(inspector, "Keys, with a draft");
    await inspector.showKey("binary/all");
    await page.getByRole("tab", { name: "Hex", exact: true }).click();
    await hasNoViolation(inspector, "Keys, hex");
    await page.getByRole("slider").focus();
    await page.keyboard.press("PageDown");
    await expect(page.getByText(/^State as of record/)).toBeVisible();
    await hasNoViolation(inspector, "Keys, travelling");
    await inspector.show("Log");
    await expect(page.getByRole("row", { selected: true })).toBeVisible();
    await hasNoViolation(inspector, "Log, travelling");
    await page.keyboard.press("Control+Shift+J");

    await inspector.show("Sync");
    await page.keyboard.press("F10");
    await expect(page.getByRole("grid", { name: "Outbox" })).toContainText("In flight");
    await hasNoViolation(inspector, "Sync");
    await page.keyboard.press("Control+K");
    await expect(page.getByRole("dialog")).toBeVisible();
    await hasNoViolation(inspector, "Palette");
  });
}

test("with the keyboard alone: find a command, walk the tree, read a value, change it", async ({
  launch,
  directory,
}) => {
  const file = join(directory, "ops.wal");
  await writeLog(file, hundredOperations());
  const inspector = await launch({ file });
  const { page } = inspector;
  const { keyboard } = page;
  await inspector.isRead("ops.wal");

  await keyboard.press("Control+K");
  await keyboard.type("work on a copy");
  await keyboard.press("Enter");
  await expect(inspector.modeChip("Sandbox")).toBeVisible();

  await keyboard.press("Control+P");
  await keyboard.type("user/00");
  await expect(page.getByRole("dialog").getByRole("option", { name: /user\/000/ })).toBeVisible();
  await keyboard.press("Enter");
  await expect(page.getByRole("region", { name: "Value" }).getByRole("heading")).toHaveAttribute("title", "user/000");

  await inspector.keys.focus();
  await keyboard.press("ArrowDown");
  await expect(page.getByRole("region", { name: "Value" }).getByRole("heading")).toHaveAttribute("title", "user/001");
  await keyboard.press("ArrowLeft");
  await keyboard.press("ArrowLeft");
  await expect(inspector.keys.getByRole("treeitem", { name: /^user, / })).toHaveAttribute("aria-expanded", "false");

  await keyboard.press("Control+F");
  await keyboard.type("app/name");
  await expect(page.getByRole("treeitem", { name: /^name, |^app\/name, / })).toBeVisible();
  await keyboard.press("Escape");
  await keyboard.press("Control+4");
  await expect(page.getByRole("region", { name: "Verdict" })).toBeVisible();
  await keyboard.press("Control+/");
  await expect(page.getByRole("dialog", { name: "Keyboard shortcuts" })).toBeVisible();
  await keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
});
