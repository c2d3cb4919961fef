/** What only a window has: a menu, a title, a close button, a second launch. */
import { join } from "node:path";
import { _electron } from "@playwright/test";
import { sandboxSwitches } from "../scripts/electron.mjs";
import { uiCommands } from "../src-contract/command-table.ts";
import { expect, type Inspector, ROOT, test } from "./inspector.ts";
import { hundredOperations, writeLog } from "./logs.ts";

const closeWindow = (inspector: Inspector) =>
  inspector.app?.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());

const titleOf = (inspector: Inspector) =>
  inspector.app?.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getTitle());

const clickMenu = (inspector: Inspector, id: string) =>
  inspector.app?.evaluate(({ Menu }, item) => Menu.getApplicationMenu()?.getMenuItemById(item)?.click(), id);

test("closing the window asks about drafts: cancel keeps it open, discard lets it go", async ({
  launch,
  directory,
}) => {
  const file = join(directory, "ops.wal");
  await writeLog(file, hundredOperations());
  const inspector = await launch({ file });
  const { page } = inspector;
  await inspector.isRead("ops.wal");
  await expect.poll(() => titleOf(inspector)).toBe("ops.wal – Softadastra Inspector");
  await inspector.workOnCopy();
  await inspector.asList();
  await inspector.showKey("app/name");
  await inspector.typeValue("unsaved");
  await expect.poll(() => titleOf(inspector)).toBe("● ops.wal – Softadastra Inspector");

  const question = page.getByRole("dialog", { name: "Save the draft before closing the window?" });
  await closeWindow(inspector);
  await expect(question).toContainText("app/name");
  await question.getByRole("button", { name: "Cancel" }).click();
  await expect(question).toBeHidden();
  await expect(inspector.editor).toHaveText("unsaved");

  await closeWindow(inspector);
  const gone = page.waitForEvent("close");
  await question.getByRole("button", { name: "Discard draft" }).click();
  await gone;
});

test("the menu has every command of the table, and does what the palette does", async ({ launch }) => {
  const inspector = await launch();
  const found = await inspector.app?.evaluate(
    ({ Menu }, ids) => ids.filter((id) => Menu.getApplicationMenu()?.getMenuItemById(id) != null),
    uiCommands.map(({ id }) => id),
  );
  expect(found).toEqual(uiCommands.map(({ id }) => id));
  await clickMenu(inspector, "file.demo");
  await inspector.isRead("demo.wal");
  await clickMenu(inspector, "view.health");
  await expect(inspector.page.getByRole("region", { name: "Verdict" })).toBeVisible();
  await clickMenu(inspector, "help.shortcuts");
  await expect(inspector.page.getByRole("dialog", { name: "Keyboard shortcuts" })).toBeVisible();
});

test("a second launch hands its file to the first, and ends", async ({ launch, directory }) => {
  const file = join(directory, "ops.wal");
  const dataDirectory = join(directory, "inspector-data");
  await writeLog(file, hundredOperations());
  const inspector = await launch({ dataDirectory });
  const second = _electron.launch({
    args: [...sandboxSwitches(), ROOT, `--user-data-dir=${dataDirectory}`, `--file=${file}`],
    cwd: ROOT,
  });
  // It ends before it has a window; the tests' tool may call that a failure to launch.
  await second.then((app) => app.waitForEvent("close").catch(() => undefined)).catch(() => undefined);
  await inspector.isRead("ops.wal");
});

test("the window comes back where it was", async ({ launch }) => {
  const first = await launch();
  const bounds = { x: 120, y: 80, width: 1_100, height: 720 };
  await first.app?.evaluate(({ BrowserWindow }, to) => BrowserWindow.getAllWindows()[0]?.setBounds(to), bounds);
  await first.quit();
  const second = await launch();
  // The launch of a test sets the size of the page; the place is the app's own.
  const place = await second.app?.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getBounds());
  expect([place?.x, place?.y]).toEqual([bounds.x, bounds.y]);
});
