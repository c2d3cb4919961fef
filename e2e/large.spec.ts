/** Many keys: on the screen at once, scrolled to any place, searched, and long work stopped and taken up again. */
import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test as base, expect } from "./inspector.ts";
import { withClient } from "./logs.ts";

const KEYS = 200_000;
const BATCH = 4_000;
/** The log many times over, one copy behind the other: long enough to read that a person could stop it. */
const COPIES = 8;

const nameAt = (i: number) =>
  `tenant/${String(i % 500).padStart(3, "0")}/user/${String(Math.floor(i / 500)).padStart(6, "0")}`;

const test = base.extend<object, { many: string }>({
  many: [
    // biome-ignore lint/correctness/noEmptyPattern: a fixture takes its dependencies by destructuring; this one has none.
    async ({}, use) => {
      const directory = fs.mkdtempSync(join(tmpdir(), "inspector-e2e-many-"));
      const file = join(directory, "many.wal");
      await withClient(file, async (client) => {
        for (let start = 0; start < KEYS; start += BATCH) {
          const puts = Array.from({ length: BATCH }, (_, i) => client.put(nameAt(start + i), `value ${start + i}`));
          for (const put of await Promise.all(puts)) if (put.isErr()) throw new Error(put.error().message);
        }
      });
      await use(file);
      fs.rmSync(directory, { recursive: true, force: true });
    },
    { scope: "worker", timeout: 120_000 },
  ],
});

test("200,000 keys: the first are there at once, the last after one jump, and a search finds the one", async ({
  launch,
  many,
}) => {
  const inspector = await launch();
  const { page } = inspector;
  await inspector.open(many);
  await expect(inspector.keys.getByRole("treeitem").first()).toBeVisible({ timeout: 5_000 });
  await inspector.isRead("many.wal");
  await expect(inspector.status).toContainText("200,000 live keys");

  await inspector.asList();
  const first = inspector.keys.getByRole("treeitem").first();
  await expect(first).toHaveAttribute("aria-setsize", "200000");
  await inspector.keys.focus();
  await page.keyboard.press("End");
  await expect(inspector.keyRow("tenant/499/user/000399")).toBeVisible();
  await page.keyboard.press("Home");
  await expect(inspector.keyRow("tenant/000/user/000000")).toBeVisible();

  await page.keyboard.press("Control+F");
  await page.keyboard.type("value:199999");
  await expect(page.getByText("1 live found")).toBeVisible({ timeout: 20_000 });
  await expect(inspector.keyRow("tenant/499/user/000399")).toBeVisible();
});

test("reading is stopped and taken up again, with counts so far in between", async ({ launch, many, directory }) => {
  const long = join(directory, "long.wal");
  for (let i = 0; i < COPIES; i += 1) fs.appendFileSync(long, fs.readFileSync(many));
  const inspector = await launch();
  const { page } = inspector;
  await inspector.open(long);
  const reading = page.getByRole("status").filter({ hasText: "Reading records" });
  await expect(reading.getByRole("progressbar")).toBeVisible();
  await reading.getByRole("button", { name: "Stop" }).click();
  await expect(page.getByText(/^Stopped at .* Counts are so far, and there is no verdict\.$/)).toBeVisible();
  await expect(inspector.status).toContainText("So far");
  const soFar = await inspector.status.textContent();
  await inspector.show("Health");
  await expect(page.getByRole("heading", { name: "Reading was stopped: there is no verdict yet" })).toBeVisible();

  await page.getByRole("button", { name: "Read the rest" }).click();
  await inspector.isRead("long.wal");
  await expect(inspector.status).toContainText(`${(KEYS * COPIES).toLocaleString("en-US")} records`);
  expect(soFar).not.toContain(`${(KEYS * COPIES).toLocaleString("en-US")} records`);
});

test("a search is stopped: what was found stays, and is said to be so far", async ({ launch, many, directory }) => {
  const long = join(directory, "long.wal");
  for (let i = 0; i < COPIES; i += 1) fs.appendFileSync(long, fs.readFileSync(many));
  const inspector = await launch();
  const { page } = inspector;
  await inspector.open(long);
  await inspector.isRead("long.wal");
  await page.keyboard.press("Control+F");
  // A pattern that takes its time on each of the values.
  await page.keyboard.type("value:/(v.l.e .*)+7{3}x?$/");
  const foot = page.getByRole("region", { name: "Keys" }).getByRole("status");
  await foot.getByRole("button", { name: "Stop" }).click();
  await expect(foot).toContainText("stopped");
});
