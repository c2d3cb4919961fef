/** Export and import: every format read back by the test, what is asked before a row is written, stopping, and bad lines. */
import fs from "node:fs";
import { join } from "node:path";
import { expect, type Inspector, test } from "./inspector.ts";
import { withClient } from "./logs.ts";

const dialog = (inspector: Inspector, name: string | RegExp) => inspector.page.getByRole("dialog", { name });

async function openDemo(launch: () => Promise<Inspector>): Promise<Inspector> {
  const inspector = await launch();
  await inspector.page.getByRole("button", { name: /^Demo store/ }).click();
  await inspector.isRead("demo.wal");
  return inspector;
}

/** Opens the dialog by its key, and answers it. */
async function openExport(inspector: Inspector): Promise<void> {
  await inspector.page.keyboard.press("Control+E");
  await expect(dialog(inspector, /^Export from/)).toBeVisible();
}

async function exportTo(inspector: Inspector, path: string): Promise<void> {
  const form = dialog(inspector, /^Export from/);
  await inspector.choosePath(path, () => form.getByRole("button", { name: /^Export [\d,]+ rows…$/ }).click());
  await expect(dialog(inspector, /^Exported /)).toContainText(path, { timeout: 20_000 });
}

/** From the palette, as there is no key for it. */
async function importFrom(inspector: Inspector, path: string): Promise<void> {
  await inspector.page.keyboard.press("Control+K");
  await inspector.page.keyboard.type("import");
  await inspector.choosePath(path, () => inspector.page.keyboard.press("Enter"));
}

test("the demo store in each format: the sample shows the rows that come, and the file holds them all", async ({
  launch,
  directory,
}) => {
  const inspector = await openDemo(launch);
  const { page } = inspector;
  for (const [format, read] of [
    [
      "NDJSON",
      (text: string) =>
        text
          .trimEnd()
          .split("\n")
          .map((line) => JSON.parse(line) as unknown),
    ],
    ["JSON", (text: string) => JSON.parse(text) as unknown[]],
    [
      "CSV",
      (text: string) =>
        text
          .trimEnd()
          .split(/\r\n(?=key\/1,)/)
          .slice(1),
    ],
  ] as const) {
    const path = join(directory, `keys.${format.toLowerCase()}`);
    await openExport(inspector);
    const form = dialog(inspector, /^Export from demo\.wal\?$/);
    await form.getByRole("radio", { name: format, exact: true }).click();
    await form.getByRole("radio", { name: "Base64" }).click();
    const sample = form.getByRole("region", { name: "The first rows as they will be written" });
    await expect(sample).toContainText("and 395 more rows");
    // The third key, as it is written now and not as it was before the last choice.
    await expect(sample.locator("code").last()).toContainText(Buffer.from("blob/avatar/10").toString("base64"));
    const shown = (await sample.locator("code").last().textContent()) ?? "";
    await exportTo(inspector, path);
    await expect(dialog(inspector, "Exported 398 rows")).toContainText(
      `${fs.statSync(path).size.toLocaleString("en-US")} bytes`,
    );
    await page.keyboard.press("Enter");
    const text = fs.readFileSync(path, "utf8");
    expect(read(text)).toHaveLength(398);
    expect(text).toContain(shown.replace(/[…,]+$/, ""));
  }
});

test("what Keys and Log show is exported when that is wanted, and a file that is there is asked about", async ({
  launch,
  directory,
  host,
}) => {
  const inspector = await openDemo(launch);
  const { page } = inspector;
  await page.keyboard.press("Control+F");
  await page.keyboard.type("user/12/");
  await expect(page.getByText(/live found$/)).toBeVisible();
  await openExport(inspector);
  const form = dialog(inspector, /^Export from/);
  await expect(form.getByRole("checkbox", { name: "Only what Keys shows" })).toBeChecked();
  // Also where the dialog came before the last letter was searched for.
  await expect(form.getByRole("button", { name: "Export 4 rows…" })).toBeVisible();
  const path = join(directory, "some.ndjson");
  await exportTo(inspector, path);
  const rows = fs
    .readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(rows.length).toBeGreaterThan(0);
  for (const { key } of rows) expect(key).toContain("user/12/");
  await page.keyboard.press("Escape");

  await inspector.show("Log");
  await page.getByRole("button", { name: "Export or import" }).click();
  await page.getByRole("menuitem", { name: "Export…" }).click();
  await expect(form.getByRole("radio", { name: "Records" })).toBeChecked();
  if (host === "browser") {
    await form.getByRole("button", { name: "Export 1,618 rows…" }).click();
    const where = dialog(inspector, "Export where?");
    await expect(where.getByRole("textbox")).toHaveValue("~/demo-records.ndjson");
    await where.getByRole("textbox").fill(path);
    await where.getByRole("button", { name: "Export" }).click();
    await expect(where.getByRole("alert")).toContainText("exists already");
    await where.getByRole("button", { name: "Replace the file" }).click();
    await expect(dialog(inspector, "Exported 1,618 rows")).toBeVisible();
  } else await exportTo(inspector, path);
  expect(fs.readFileSync(path, "utf8").trimEnd().split("\n")).toHaveLength(1_618);
});

test("the log itself is no place for an export", async ({ launch, directory }) => {
  const file = join(directory, "own.wal");
  await withClient(file, async (client) => void (await client.put("a", "b")));
  const before = fs.readFileSync(file);
  const inspector = await launch({ file });
  await inspector.isRead("own.wal");
  await openExport(inspector);
  const form = dialog(inspector, /^Export from/);
  await inspector.choosePath(file, () => form.getByRole("button", { name: "Export 1 row…" }).click());
  await expect(inspector.page.getByRole("alert").filter({ hasText: "is the log itself" })).toBeVisible();
  expect(fs.readFileSync(file).equals(before)).toBe(true);
  expect(fs.readdirSync(directory).filter((name) => name.includes("partial"))).toEqual([]);
});

test("rows are looked at, asked about, and then they are there; read-only nothing is imported", async ({
  launch,
  directory,
}) => {
  const rows = join(directory, "rows.ndjson");
  fs.writeFileSync(
    rows,
    ['{"key":"new/a","value":"1"}', '{"key":"new/b","value":"two"}', '{"key":"settings/theme","value":"blue"}'].join(
      "\n",
    ),
  );
  const inspector = await openDemo(launch);
  const { page } = inspector;
  await importFrom(inspector, rows);
  const question = dialog(inspector, "Import 3 keys into demo.wal?");
  await expect(question).toContainText(/2 new, 1 gets another value; 3 records will be appended, \d+ bytes\./);
  await question.getByRole("button", { name: "Import 3 rows" }).click();
  const done = dialog(inspector, "Imported 3 rows");
  await expect(done).toContainText("3 records are appended and on the disk");
  await done.getByRole("button", { name: "Close" }).click();
  await expect(inspector.status).toContainText("400 live keys");
  await page.keyboard.press("Control+F");
  await page.keyboard.type("new/b");
  await inspector.keyRow("b").click();
  await expect(page.getByRole("region", { name: "Value" })).toContainText("two");

  const file = join(directory, "own.wal");
  await withClient(file, async (client) => void (await client.put("a", "b")));
  await page.keyboard.press("Escape");
  await inspector.choosePath(file, () => page.keyboard.press("Control+O"));
  const leave = page.getByRole("button", { name: "Discard sandbox" });
  await leave.click();
  await inspector.isRead("own.wal");
  await page.getByRole("button", { name: "Export or import" }).click();
  await expect(page.getByRole("menuitem", { name: /^Import…/ })).toHaveAttribute("aria-disabled", "true");
  await expect(page.getByRole("menuitem", { name: /^Import…/ })).toContainText("The file is open read-only");
});

test("a bad line is told with its place; nothing is written until it is left out on purpose", async ({
  launch,
  directory,
}) => {
  const rows = join(directory, "rows.ndjson");
  fs.writeFileSync(rows, '{"key":"new/a","value":"1"}\n{"key":"new/b","value":}\n{"key":"new/c","value":"3"}\n');
  const inspector = await openDemo(launch);
  await importFrom(inspector, rows);
  const question = dialog(inspector, /^Import 2 keys into/);
  await expect(question.getByRole("alert")).toContainText("1 line is wrong in rows.ndjson. Nothing was written.");
  await expect(question.getByRole("region", { name: "Bad lines" })).toContainText(
    "Line 2, column 24 a value must stand here",
  );
  await expect(question.getByRole("button", { name: "Import 2 rows" })).toBeDisabled();
  await question.getByRole("button", { name: "Cancel" }).click();
  await expect(inspector.status).toContainText("398 live keys");
  await importFrom(inspector, rows);
  await question.getByRole("checkbox").check();
  await question.getByRole("button", { name: "Import 2 rows" }).click();
  await expect(dialog(inspector, "Imported 2 rows")).toContainText("1 bad line left out");

  fs.writeFileSync(rows, '[{"key":"a"}]');
  await inspector.page.keyboard.press("Enter");
  await importFrom(inspector, rows);
  await expect(dialog(inspector, "rows.ndjson cannot be imported")).toContainText("is one JSON array");
});

test("stopped, an export leaves no file, and an import says what is written", async ({ launch, directory }) => {
  test.setTimeout(120_000);
  const file = join(directory, "many.wal");
  const count = 120_000;
  await withClient(file, async (client) => {
    for (let start = 0; start < count; start += 10_000) {
      const puts = Array.from({ length: 10_000 }, (_, i) => client.put(`key/${start + i}`, "x".repeat(200)));
      for (const put of await Promise.all(puts)) if (put.isErr()) throw put.error();
    }
  });
  const inspector = await launch({ file });
  await inspector.isRead("many.wal");
  const path = join(directory, "many.ndjson");
  await openExport(inspector);
  const form = dialog(inspector, /^Export from/);
  await inspector.choosePath(path, () => form.getByRole("button", { name: "Export 120,000 rows…" }).click());
  await form.getByRole("button", { name: "Stop" }).click();
  await expect(form.getByRole("button", { name: "Export 120,000 rows…" })).toBeVisible();
  await expect.poll(() => fs.readdirSync(directory).filter((name) => name.startsWith("many.ndjson"))).toEqual([]);
  await form.getByRole("button", { name: "Cancel" }).click();

  const rows = join(directory, "rows.ndjson");
  fs.writeFileSync(
    rows,
    Array.from({ length: count }, (_, i) => `{"key":"in/${i}","value":"${"v".repeat(150)}"}`).join("\n"),
  );
  await inspector.workOnCopy();
  await inspector.isRead("many.wal");
  await importFrom(inspector, rows);
  await dialog(inspector, /^Import 120,000 keys into/)
    .getByRole("button", { name: "Import 120,000 rows" })
    .click({ timeout: 60_000 });
  const working = dialog(inspector, "Importing rows.ndjson");
  await expect(working.getByRole("status")).toContainText(/[1-9][\d,]* rows/, { timeout: 20_000 });
  await working.getByRole("button", { name: "Stop" }).click();
  const ended = dialog(inspector, "Import of rows.ndjson ended early");
  const words = (await ended.textContent()) ?? "";
  const [, written = "", line = ""] = /([\d,]+) records are appended .* up to line ([\d,]+)\./.exec(words) ?? [];
  expect(written).not.toBe("");
  expect(line).toBe(written);
  await ended.getByRole("button", { name: "Close" }).click();
  const live = (count + Number(written.replaceAll(",", ""))).toLocaleString("en-US");
  await expect(inspector.status).toContainText(`${live} live keys`);
});

test("one key is copied as a row that import reads", async ({ launch }) => {
  const inspector = await openDemo(launch);
  const { page } = inspector;
  await page.keyboard.press("Control+F");
  await page.keyboard.type("settings/theme");
  await inspector.keyRow("theme").click();
  await expect(page.getByRole("region", { name: "Value" })).toBeVisible();
  await page.getByRole("button", { name: "More about this key" }).click();
  await page.getByRole("menuitem", { name: "Copy as NDJSON row" }).click();
  await page.keyboard.press("Control+F");
  await page.keyboard.press("Control+A");
  await page.keyboard.press("Control+V");
  await expect(page.locator(":focus")).toHaveValue(/^\{"row":"key\/1","key":"settings\/theme","operation":"put"/);
});
