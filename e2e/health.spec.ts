/** Health: the verdict in words, findings, what each policy gives, a repair in steps, and the report as a document. */
import fs from "node:fs";
import { join } from "node:path";
import { expect, type Inspector, ROOT, test } from "./inspector.ts";
import { fingerprint, withClient } from "./logs.ts";

const SAMPLES = join(ROOT, "resources/samples");
const LOST = (what: string) =>
  `The C++ engine’s next write would be lost: it lands behind ${what}, where no reader gets to.`;

const SAYS = {
  torn: {
    title: "Torn tail: recovers all 40 whole records",
    body: `The record at 0x00E14 is cut inside its payload: a writer died before it was written. 39 bytes of it are left. No write that was confirmed is missing because of it. The C++ engine recovers the same 40 records with 5 live keys: it stops at 0x00E14 without an error. Opening for writing moves these bytes into a file of their own and cuts the log there. ${LOST("the torn bytes")}`,
    safe: "The first 3,604 bytes are whole. This file is open read-only; nothing has been changed.",
    findings: [
      ["Warning", "T2", "0x00E14", "39", "41"],
      ["Note", "S6", "throughout", "–", "3 records"],
    ],
    keys: [],
    kept: ["40", "40", "40"],
  },
  damaged: {
    title: "Damaged: recovers 40 of 47 whole records",
    body: `The record at 0x00E14 fails its checksum. 7 whole records behind it would be skipped. The C++ engine recovers the same 40 records with 5 live keys: it stops at 0x00E14 without an error. Opening for writing is refused; a repair makes a clean log of it. ${LOST("the damage")}`,
    safe: "The first 3,604 bytes are whole. This file is open read-only; nothing has been changed.",
    findings: [
      ["Error", "C4", "0x00E14", "108", "41"],
      ["Error", "S5", "0x00E80", "582", "7 records"],
      ["Note", "S6", "throughout", "–", "3 records"],
    ],
    keys: ["notes/hose", "settings/theme", "user/42/profile", "user/42/email", "notes/today"],
    kept: ["40", "40", "477 rescued"],
  },
  continued: {
    title: "Damaged: recovers 28 of 32 whole records",
    body: `The record at 0x009BA was cut by a crash, and a writer then appended 4 whole records behind it without cutting it off. They would be skipped. The C++ engine recovers the same 28 records with 5 live keys: it stops at 0x009BA without an error. Opening for writing is refused; a repair makes a clean log of it. ${LOST("the damage")}`,
    safe: "The first 2,490 bytes are whole. This file is open read-only; nothing has been changed.",
    findings: [
      ["Error", "T1", "0x009BA", "17", "29"],
      ["Error", "S5", "0x009CB", "389", "4 records"],
      ["Note", "S6", "throughout", "–", "2 records"],
    ],
    keys: ["notes/hose", "notes/today", "user/42/email", "user/42/profile"],
    kept: ["28", "28", "324 rescued"],
  },
} as const;

type Launch = (options: { file: string }) => Promise<Inspector>;

async function openSample(launch: Launch, directory: string, name: string) {
  const folder = join(directory, "data");
  fs.mkdirSync(folder);
  const file = join(folder, `${name}.wal`);
  fs.copyFileSync(join(SAMPLES, `${name}.wal`), file);
  const inspector = await launch({ file });
  await inspector.isRead(`${name}.wal`);
  await inspector.show("Health");
  return { inspector, file, folder, page: inspector.page };
}

const verdict = (inspector: Inspector) => inspector.page.getByRole("region", { name: "Verdict" });
const findings = (inspector: Inspector) => inspector.page.getByRole("region", { name: "Findings" });
const policies = (inspector: Inspector) => inspector.page.getByRole("region", { name: "What each policy gives" });
const differing = (inspector: Inspector) => inspector.page.getByRole("grid", { name: "Keys that differ" });

/** A sentence is one line to a reader, however it is broken on the screen. */
const wordsOf = async (inspector: Inspector) =>
  (await verdict(inspector).getByRole("paragraph").allTextContents()).map((text) => text.replace(/\s+/g, " ").trim());

for (const name of ["torn", "damaged", "continued"] as const) {
  const says = SAYS[name];
  test(`the ${name} sample: every word of the verdict, each finding and offset, F8, and the policies`, async ({
    launch,
    directory,
  }) => {
    const { inspector, file, page } = await openSample(launch, directory, name);
    const before = fingerprint(file);
    await expect(verdict(inspector).getByRole("heading")).toHaveText(says.title);
    expect(await wordsOf(inspector)).toEqual([says.body, says.safe]);

    const rows = findings(inspector).locator("tbody tr");
    await expect(rows).toHaveCount(says.findings.length);
    for (const [i, cells] of says.findings.entries()) {
      await expect(rows.nth(i).getByRole("cell")).toContainText([...cells]);
    }
    for (const i of [...says.findings.keys(), 0]) {
      await page.keyboard.press("F8");
      await expect(rows.nth(i)).toHaveAttribute("aria-current", "true");
    }

    const kept = policies(inspector).getByRole("row", { name: /^Records kept/ });
    await expect(kept.getByRole("cell")).toHaveText([...says.kept]);
    await expect(
      policies(inspector)
        .getByRole("row", { name: /^Next write survives/ })
        .getByRole("cell"),
    ).toHaveText(["No", "Yes", "Yes"]);
    await expect(differing(inspector).getByRole("row")).toHaveCount(says.keys.length);
    for (const key of says.keys) await expect(differing(inspector)).toContainText(key);

    // An offset of the sentence leads to its bytes.
    await verdict(inspector).getByRole("button", { name: /^0x/ }).first().click();
    await expect(page.getByRole("region", { name: "Fields" })).toContainText(`at ${says.findings[0][2]}`);
    await inspector.quit();
    expect(fingerprint(file)).toEqual(before);
  });
}

test("what the policies give: gained, other values and deletes that come back, filtered, each leading to its record", async ({
  launch,
  directory,
}) => {
  const { inspector, page } = await openSample(launch, directory, "damaged");
  const row = (key: string) => differing(inspector).getByRole("row").filter({ hasText: key });
  await expect(policies(inspector)).toContainText("5 keys differ");
  await expect(row("user/42/profile")).toContainText("delete skipped");
  await expect(row("user/42/profile")).toContainText("comes back");
  await expect(row("user/42/profile")).toContainText("deleted#44");
  await expect(row("settings/theme").getByRole("gridcell").nth(3)).toContainText("dark (47)#489 bytes");
  await policies(inspector).getByRole("button", { name: "Comes back 1" }).click();
  await expect(differing(inspector).getByRole("row")).toHaveCount(1);
  await policies(inspector).getByRole("button", { name: "Differences 5" }).click();
  await expect(differing(inspector).getByRole("row")).toHaveCount(5);
  await row("settings/theme").getByRole("button", { name: "#48" }).click();
  await expect(page.getByRole("region", { name: "Fields" })).toContainText("unreachable record at 0x0107B");
});

test("a damaged copy is repaired to a new file, which opens clean with exactly the planned keys", async ({
  launch,
  directory,
}) => {
  const { inspector, file, folder, page } = await openSample(launch, directory, "damaged");
  const before = fingerprint(file);
  await page.getByRole("button", { name: "Repair…" }).click();
  const wizard = page.getByRole("dialog");
  await expect(wizard.getByRole("heading", { name: "Repair damaged.wal?" })).toBeVisible();
  await expect(wizard.getByRole("radio", { name: /^Skip damaged/ })).toBeChecked();
  const parts = wizard.getByRole("region", { name: "Parts of the file" }).locator("tbody tr");
  await expect(parts).toHaveText([
    "0x000003,60440 whole recordskept",
    "0x00E14108no recordleft out",
    "0x00E805827 whole recordskept",
  ]);
  await wizard.getByRole("radio", { name: /^Valid prefix/ }).check();
  await expect(parts).toHaveText([
    "0x000003,60440 whole recordskept",
    "0x00E14108no recordleft out",
    "0x00E805827 whole recordsleft out",
  ]);
  await expect(wizard.getByRole("region", { name: "Keys that change" })).toContainText("older value");
  await wizard.getByRole("radio", { name: /^Skip damaged/ }).check();
  await expect(parts.nth(2)).toContainText("kept");
  await expect(wizard.getByRole("region", { name: "Keys that change" })).toContainText("4 with a value; 5 change");

  await test.step("nothing was changed so far; a name that is taken is refused in the same place", async () => {
    await wizard.getByRole("button", { name: "Choose where to" }).click();
    await wizard.getByRole("textbox", { name: "Path of the repaired log" }).fill(file);
    await wizard.getByRole("button", { name: "Write the repaired log" }).click();
    await expect(wizard.getByRole("alert")).toContainText("exists already");
    expect(fingerprint(file)).toEqual(before);
  });

  const output = join(folder, "repaired.wal");
  await wizard.getByRole("textbox", { name: "Path of the repaired log" }).fill(output);
  await wizard.getByRole("button", { name: "Write the repaired log" }).click();
  await expect(wizard.getByRole("heading", { name: "The repaired log is written" })).toBeVisible();
  await expect(wizard).toContainText("Read again: clean, 47 records in 4,186 bytes.");
  await expect(wizard).toContainText("4 keys compared with the plan, value by value: all the same.");
  await expect(wizard).toContainText("108 bytes at 0x00E14");
  await wizard.getByRole("button", { name: "Save as Markdown" }).click();
  await expect(wizard).toContainText(`Report saved in ${output}.repair.md`);
  await wizard.getByRole("button", { name: "Save as JSON" }).click();
  await expect(wizard).toContainText(`${output}.repair.json`);
  expect(JSON.parse(fs.readFileSync(`${output}.repair.json`, "utf8"))).toMatchObject({
    format: "softadastra-wal-repair",
    outputPath: output,
    plan: { policy: "skip-damaged", keptRecordCount: 47 },
  });
  expect(fs.readFileSync(`${output}.repair.md`, "utf8")).toContain("| 0x00E14 | 108 | unreadable | 0 | left out |");
  expect({ ...fingerprint(file), folder: [] }).toEqual({ ...before, folder: [] });

  await wizard.getByRole("button", { name: "Open the repaired log" }).click();
  await inspector.isRead("repaired.wal");
  await expect(inspector.status).toContainText("Clean");
  await inspector.asList();
  const names = await inspector.allKeyNames(4);
  expect(names.map((label) => label.split(", ")[0])).toEqual([
    "notes/hose",
    "notes/today",
    "settings/theme",
    "user/42/email",
  ]);
  await inspector.showKey("settings/theme");
  await expect(inspector.editor).toHaveText("dark (47)");
  await inspector.quit();
  await withClient(output, async (client) => {
    expect([...client.entries()].map(({ key }) => key)).toEqual(names.map((label) => label.split(", ")[0]));
  });
});

test("a torn log is repaired in place, with a backup equal byte for byte; then it is clean, and there is nothing to repair", async ({
  launch,
  directory,
}) => {
  const { inspector, file, folder, page } = await openSample(launch, directory, "torn");
  const bytes = fs.readFileSync(file);
  await page.keyboard.press("Control+K");
  await page.keyboard.type("Repair the log");
  await page.keyboard.press("Enter");
  const wizard = page.getByRole("dialog");
  await wizard.getByRole("button", { name: "Choose where to" }).click();
  await wizard.getByRole("radio", { name: /^In place of torn\.wal/ }).check();
  const backup = join(folder, "torn-as-it-was");
  await wizard.getByRole("textbox", { name: "Path of the backup" }).fill(backup);
  await page.keyboard.press("Escape");
  await expect(wizard).toBeHidden();
  expect(fs.readdirSync(folder)).toEqual(["torn.wal"]);

  await page.getByRole("button", { name: "Repair…" }).click();
  await wizard.getByRole("button", { name: "Choose where to" }).click();
  await wizard.getByRole("radio", { name: /^In place of torn\.wal/ }).check();
  await wizard.getByRole("textbox", { name: "Path of the backup" }).fill(backup);
  await wizard.getByRole("button", { name: "Replace the log" }).click();
  await expect(wizard.getByRole("heading", { name: "torn.wal is repaired" })).toBeVisible();
  await expect(wizard).toContainText(`The log as it was is in ${backup}, the same byte for byte.`);
  await wizard.getByRole("button", { name: "Close" }).click();
  await expect(verdict(inspector).getByRole("heading")).toHaveText("Clean: recovers all 40 records");
  await expect(page.getByRole("button", { name: "Repair…" })).toBeDisabled();
  await expect(page.getByRole("button", { name: "Repair…" })).toHaveAttribute("title", /is clean/);
  expect(fs.readFileSync(backup).equals(bytes)).toBe(true);
  expect(fs.readFileSync(file).equals(bytes.subarray(0, 0xe14))).toBe(true);
  expect(fs.readdirSync(folder).sort()).toEqual(["torn-as-it-was", "torn.wal"]);
});

test("while another process holds the log a repair is refused, and says which", async ({ launch, directory }) => {
  const { inspector, file, page } = await openSample(launch, directory, "torn");
  // The writer cuts the torn tail aside when it opens: what the window shows is from before, when nobody follows.
  await page.keyboard.press("Control+Shift+F");
  await expect(inspector.status.getByRole("button", { name: "Not following" })).toBeVisible();
  await withClient(file, async () => {
    await page.getByRole("button", { name: "Repair…" }).click();
    const wizard = page.getByRole("dialog");
    await expect(wizard.getByRole("alert")).toContainText(`is open for writing in process ${process.pid}`);
    await expect(wizard.getByRole("button", { name: "Choose where to" })).toBeDisabled();
    await wizard.getByRole("button", { name: "Cancel" }).click();
  });
  expect(inspector.problems).toEqual([]);
});

test("the report is saved as Markdown and JSON, and says what the screen says", async ({ launch, directory }) => {
  const { inspector, file, folder, page } = await openSample(launch, directory, "continued");
  const before = fingerprint(file);
  const exportAs = async (item: string, path: string) => {
    await inspector.choosePath(path, async () => {
      await page.getByRole("button", { name: "Export report" }).click();
      await page.getByRole("menuitem", { name: item }).click();
      if (inspector.host === "browser") await expect(page.getByRole("dialog").getByRole("textbox")).toBeVisible();
    });
    await expect.poll(() => fs.existsSync(path)).toBe(true);
    await expect(page.getByText("Report saved").last()).toBeVisible();
  };
  const markdown = join(folder, "report.md");
  await exportAs("Save as Markdown…", markdown);
  const text = fs.readFileSync(markdown, "utf8");
  expect(text).toContain(`# continued.wal: ${SAYS.continued.title}`);
  expect(text).toContain("| error | T1 | 0x009BA | 17 | 29 | 1 |");
  expect(text).toContain("| next write survives | no | yes | yes |");

  const json = join(folder, "report.json");
  await exportAs("Save as JSON…", json);
  const report = JSON.parse(fs.readFileSync(json, "utf8"));
  expect(report).toMatchObject({
    format: "softadastra-wal-health",
    version: 1,
    isSoFar: false,
    file: { path: file, bytes: 2_896 },
    words: { title: SAYS.continued.title },
    report: { verdict: "damaged", recordCount: 28, unreachableRecordCount: 4, isAppendedBehindTornTail: true },
    policies: { isExact: true, skipDamaged: { recordCount: 32 } },
  });
  expect(report.findings.map(({ code, offset }: { code: string; offset: number }) => [code, offset])).toEqual([
    ["T1", 0x9ba],
    ["S5", 0x9cb],
    ["S6", 0x382],
  ]);
  fs.rmSync(markdown);
  fs.rmSync(json);
  await inspector.quit();
  expect(fingerprint(file)).toEqual(before);
});
