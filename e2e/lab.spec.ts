/** Lab: the last write cut at every byte, in words and as files; a node killed for real. The open file stays as it is. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { join } from "node:path";
import { expect, type Inspector, ROOT, test } from "./inspector.ts";
import { fingerprint, hundredOperations, withClient, writeLog } from "./logs.ts";

const slider = (inspector: Inspector) => inspector.page.getByRole("slider", { name: "Cut" });
const outcome = (inspector: Inspector) => inspector.page.getByRole("region", { name: "After reopening" });
const fault = (inspector: Inspector, name: RegExp) =>
  inspector.page.getByRole("radiogroup", { name: "Fault" }).getByRole("radio", { name });
const place = (inspector: Inspector) => inspector.page.getByRole("spinbutton", { name: /^(Cut after byte|Byte)/ });

/** Another file is shown in Keys first. */
async function isInKeys(inspector: Inspector): Promise<void> {
  const views = inspector.page.getByRole("navigation", { name: "Views" });
  await expect(views.getByRole("button", { name: "Keys" })).toHaveAttribute("aria-current", "page");
}

async function openLab(inspector: Inspector): Promise<void> {
  await inspector.page.keyboard.press("Control+5");
  await expect(slider(inspector)).toBeVisible();
  await expect(slider(inspector)).not.toHaveAttribute("aria-valuetext", /not worked out/);
}

async function openDemo(launch: () => Promise<Inspector>): Promise<Inspector> {
  const inspector = await launch();
  await inspector.page.getByRole("button", { name: /^Demo store/ }).click();
  await inspector.isRead("demo.wal");
  await openLab(inspector);
  return inspector;
}

test("the demo store: every part of the last write by keyboard, number and pointer, and what each fault would do", async ({
  launch,
}) => {
  const inspector = await openDemo(launch);
  const { page } = inspector;
  const strip = slider(inspector);
  await expect(strip).toHaveAttribute("aria-valuemax", "96");

  await strip.focus();
  await page.keyboard.press("Home");
  await expect(strip).toHaveAttribute("aria-valuetext", /^byte 0, before the append: Clean, this write absent, /);
  await expect(outcome(inspector)).toContainText("1,617 records");
  await expect(outcome(inspector)).toContainText("Promise kept");
  await page.keyboard.press("ArrowRight");
  await expect(strip).toHaveAttribute(
    "aria-valuetext",
    /^byte 1, inside the magic: Torn tail \(T1\), this write absent/,
  );
  await page.keyboard.press("End");
  await expect(strip).toHaveAttribute("aria-valuetext", /^byte 96, all of it, before the flush: Clean, .* present/);
  await page.keyboard.press("PageUp");
  await expect(strip).toHaveAttribute("aria-valuenow", "88");

  await place(inspector).fill("95");
  await expect(outcome(inspector)).toContainText("T3");
  await expect(outcome(inspector)).toContainText("95 bytes to demo.wal.torn-");
  await expect(page.getByRole("region", { name: "On disk" })).toContainText("95 kept, 1 not there");

  const box = await strip.boundingBox();
  if (box === null) throw new Error("the strip has no place");
  await page.mouse.move(box.x + 2, box.y + 40);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.5, box.y + 90, { steps: 6 });
  await page.mouse.up();
  await expect(strip).toHaveAttribute("aria-valuenow", "48");
  await expect(outcome(inspector)).toContainText("its next write is lost");

  await fault(inspector, /Flip a bit/).click();
  await place(inspector).fill("12");
  await expect(outcome(inspector)).toContainText("Not noticed");
  await expect(outcome(inspector)).toContainText("none of the 8 is noticed");
  await place(inspector).fill("60");
  await expect(outcome(inspector)).toContainText("Promise broken");
  await expect(outcome(inspector)).toContainText("all 8 are noticed");

  await fault(inspector, /Flip a bit/).press("ArrowRight");
  await expect(fault(inspector, /Zero a sector/)).toHaveAttribute("aria-checked", "true");
  await expect(outcome(inspector)).toContainText("Promise broken");
  await fault(inspector, /Kill before flush/).click();
  await expect(outcome(inspector)).toContainText("although it was not confirmed yet");
  await page.getByRole("button", { name: "Try every cut" }).click();
  await expect(page.getByRole("region", { name: "Runs so far" })).toContainText("Kill before the flush at every byte");
  await expect(page.getByRole("tabpanel", { name: "Runs" })).toContainText("the promise is kept at 96");
});

test("a case is reopened and saved: two files, which a terminal finds as expected", async ({ launch, directory }) => {
  const file = join(directory, "logs/ops.wal");
  await writeLog(file, hundredOperations());
  const before = fingerprint(file);
  const inspector = await launch({ file });
  const { page } = inspector;
  await inspector.isRead("ops.wal");
  await openLab(inspector);
  await place(inspector).fill("41");
  await expect(outcome(inspector)).toContainText("41 bytes to ops.wal.torn-");
  await outcome(inspector).getByRole("button", { name: "Reopen" }).click();
  await page.getByRole("tab", { name: /^Runs/ }).click();
  const runs = page.getByRole("region", { name: "Runs so far" });
  await expect(runs.getByRole("row").nth(1)).toContainText("Kill at byte 41");
  await expect(page.getByRole("tabpanel", { name: "Runs" })).toContainText(
    /99 records, .* 41 bytes moved to ops\.wal\.torn-/,
  );

  const target = join(directory, "cases.wal");
  await inspector.choosePath(target, () =>
    outcome(inspector).getByRole("button", { name: "Save as fixture…" }).click(),
  );
  await expect(page.getByText("Case saved")).toBeVisible();
  const expected = JSON.parse(fs.readFileSync(join(directory, "cases.expected.json"), "utf8")) as object;
  expect(expected).toMatchObject({
    format: "softadastra-crash-case",
    file: "cases.wal",
    made: { from: "ops.wal", fault: { kind: "kill" }, place: 41 },
    expect: { verdict: "torn-tail", recordCount: 99, stop: { restBytes: 41 } },
    promise: { confirmedRecords: 99, lost: 0, underWay: 1, underWayKept: 0 },
  });
  const program = join(ROOT, "src-sdk/bin/softadastra-wal.js");
  const args = [program, "verify", target, "--expect", join(directory, "cases.expected.json")];
  expect(execFileSync(process.execPath, args).toString()).toMatch(/^as expected: /);
  expect(fingerprint(file)).toEqual(before);
});

test("SIGKILL of a node in a process of its own: every confirmed write is kept", async ({ launch }) => {
  const inspector = await openDemo(launch);
  const { page } = inspector;
  await page.getByRole("spinbutton", { name: /^Kill after/ }).fill("50");
  await page.getByRole("button", { name: "Kill the node now" }).click();
  await expect(page.getByText("The node was killed, and the promise was kept")).toBeVisible({ timeout: 30_000 });
  await page.getByRole("tab", { name: /^Runs/ }).click();
  const panel = page.getByRole("tabpanel", { name: "Runs" });
  await expect(panel).toContainText("SIGKILL of process");
  await expect(panel).toContainText(/(\d+) confirmed, all \1 kept; \d+ in flight, \d+ of them kept\./);
  await expect(panel).toContainText("The 1,618 records before are as they were.");
});

test("a long write is shown in windows; several records at once; an empty and a damaged file say what the lab can do", async ({
  launch,
  directory,
}) => {
  const file = join(directory, "big.wal");
  await withClient(file, async (client) => {
    await client.put("before", "x");
    await client.put("big", "y".repeat(10 * 1024 * 1024));
  });
  const damaged = join(directory, "damaged.wal");
  fs.copyFileSync(join(ROOT, "resources/samples/damaged.wal"), damaged);
  const empty = join(directory, "empty.wal");
  fs.writeFileSync(empty, "");
  const inspector = await launch({ file });
  const { page } = inspector;
  await inspector.isRead("big.wal");
  await openLab(inspector);
  await page.getByRole("button", { name: "To the end" }).click();
  await expect(slider(inspector)).toHaveAttribute("aria-valuetext", /all of it, before the flush: Clean/);
  await slider(inspector).focus();
  await page.keyboard.press("PageUp");
  await expect(slider(inspector)).toHaveAttribute("aria-valuetext", /inside the value: Torn tail \(T2\)/);
  await expect(page.getByText(/^Places 10,485,\d{3} to /)).toBeVisible();

  await inspector.open(damaged);
  await inspector.isRead("damaged.wal");
  await isInKeys(inspector);
  await openLab(inspector);
  await expect(page.getByText("The lab works on the readable part of damaged.wal: 40 records")).toBeVisible();
  await page.getByRole("combobox", { name: "What is cut" }).selectOption("10");
  await expect(page.getByRole("region", { name: "Cut", exact: true })).toContainText("10 records");
  await expect(page.getByRole("region", { name: "Records of the place" }).getByRole("row")).toHaveCount(11);

  await inspector.open(empty);
  await inspector.isRead("empty.wal");
  await isInKeys(inspector);
  await page.keyboard.press("Control+5");
  await expect(page.getByText("There is no write to cut")).toBeVisible();
});
