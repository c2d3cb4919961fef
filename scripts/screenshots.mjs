/** `npm run screenshots`: pictures of each screen of the running app in light and dark, into docs/screenshots. */
import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "@playwright/test";
import { startHost } from "./browser-host.mjs";
import { findChromium } from "./chromium.mjs";
import { sandboxSwitches } from "./electron.mjs";
import { buildIfStale, ROOT, say, stop } from "./setup.mjs";

const TARGET = join(ROOT, "docs/screenshots");
const SIZE = { width: 1440, height: 900 };

/** A place with a name a reader may see: the pictures show paths. */
const PLACE = join(tmpdir(), "projects");

/** The screens, in the order in which one leads to the next. Each step ends where its picture is taken. */
const SCREENS = [
  ["welcome-empty", async () => undefined],
  [
    "keys",
    async (page) => {
      await page.getByRole("button", { name: /^Demo store/ }).click();
      await isRead(page);
      await goToKey(page, "user/12/profile");
    },
  ],
  [
    "keys-compare",
    async (page) => {
      await goToKey(page, "user/19/profile");
      await page.keyboard.press("Control+D");
      await page.getByRole("listbox", { name: "Paths that differ" }).waitFor();
    },
  ],
  [
    "keys-msgpack",
    async (page) => {
      await page.keyboard.press("Escape");
      await goToKey(page, "user/12/quota");
      await page.getByRole("tree", { name: "msgpack tree" }).waitFor();
    },
  ],
  [
    "keys-draft",
    async (page) => {
      await goToKey(page, "user/12/profile");
      await page.getByRole("tab", { name: "Text", exact: true }).click();
      await page.getByRole("textbox", { name: /^Value of / }).click();
      await page.keyboard.press("Control+Home");
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("End");
      await page.keyboard.press("Enter");
      await page.keyboard.type('"reviewed": true,');
    },
  ],
  [
    "keys-search",
    async (page) => {
      await page.getByRole("button", { name: "Discard draft" }).click();
      await page.keyboard.press("Control+F");
      await page.keyboard.type("profile value:team");
      await page.getByText(/found$/).waitFor();
      await page
        .getByRole("treeitem", { name: /^profile, / })
        .nth(2)
        .click();
    },
  ],
  [
    "palette",
    async (page) => {
      await page.keyboard.press("Control+F");
      await page.keyboard.press("Escape");
      await page.keyboard.press("Control+K");
      await page.keyboard.type("tick");
    },
  ],
  [
    "export",
    async (page) => {
      await page.keyboard.press("Escape");
      await page.keyboard.press("Control+E");
      await page.getByRole("button", { name: /^Export [\d,]+ rows…$/ }).waitFor();
    },
  ],
  [
    "sync",
    async (page) => {
      await page.keyboard.press("Escape");
      await page.keyboard.press("Control+3");
      await page.keyboard.press("F10");
      await page.waitForTimeout(3_000);
      await page.keyboard.press("F10");
      // Nobody acknowledges: what is in flight times out, and some of it is retried.
      await page.waitForTimeout(8_000);
      await page.keyboard.press("F10");
      await page.waitForTimeout(1_000);
    },
  ],
  [
    "log",
    async (page) => {
      await page.keyboard.press("Control+2");
      await page.getByRole("option", { name: /^value, / }).click();
    },
  ],
  [
    "lab",
    async (page) => {
      await page.keyboard.press("Control+5");
      await page.getByRole("button", { name: "Reopen" }).click();
      await page.getByRole("button", { name: "Kill the node now" }).click();
      await page.getByRole("tab", { name: /^Runs/ }).click();
      await page.getByText(/^SIGKILL of process/).waitFor();
      await page.getByRole("button", { name: "Try every cut" }).click();
      await page.getByText("Kill at every byte").waitFor();
    },
  ],
  [
    "keys-travel",
    async (page) => {
      await page.getByRole("button", { name: "Dismiss" }).click();
      await page.keyboard.press("Control+1");
      await goToKey(page, "settings/theme");
      const box = await page.getByRole("slider").boundingBox();
      await page.mouse.click(box.x + box.width * 0.93, box.y + box.height / 2);
      await page.getByText(/^State as of record/).waitFor();
    },
  ],
  [
    "log-travel",
    async (page) => {
      await page.keyboard.press("Control+2");
      await page.keyboard.press("Control+[");
    },
  ],
  [
    "health-clean",
    async (page) => {
      await page.keyboard.press("Control+Shift+J");
      await showHealth(page);
    },
  ],
  [
    "health-torn",
    async (page) => {
      await open(page, join(PLACE, "notes/torn.wal"));
      await showHealth(page);
    },
  ],
  [
    "edit",
    async (page) => {
      await page.getByRole("button", { name: "Edit…" }).click();
    },
  ],
  [
    "health-damaged",
    async (page) => {
      await page.keyboard.press("Escape");
      await open(page, join(PLACE, "notes/damaged.wal"));
      await showHealth(page);
    },
  ],
  [
    "repair-plan",
    async (page) => {
      await page.getByRole("button", { name: "Repair…" }).click();
      await page.getByRole("region", { name: "Keys that change" }).waitFor();
    },
  ],
  [
    "repair-done",
    async (page) => {
      await page.getByRole("button", { name: "Choose where to" }).click();
      const output = join(PLACE, "notes/damaged-repaired.wal");
      fs.rmSync(output, { force: true });
      await page.getByRole("textbox", { name: "Path of the repaired log" }).fill(output);
      await page.getByRole("button", { name: "Write the repaired log" }).click();
      await page.getByRole("heading", { name: "The repaired log is written" }).waitFor();
    },
  ],
  [
    "log-damaged",
    async (page) => {
      await page.keyboard.press("Escape");
      await page.getByRole("region", { name: "Findings" }).getByRole("button", { name: /^0x/ }).first().click();
    },
  ],
  [
    "log-following",
    async (page) => {
      const [file, demo] = [
        join(PLACE, "field/desk-02.wal"),
        fs.readFileSync(join(ROOT, "resources/samples/demo.wal")),
      ];
      const behind = endOfRecords(demo, 1_200);
      fs.writeFileSync(file, demo.subarray(0, behind));
      await open(page, file);
      await page.keyboard.press("Control+2");
      await page.getByRole("row").nth(4).click();
      fs.appendFileSync(file, demo.subarray(behind, endOfRecords(demo, 1_300)));
      await page.getByRole("button", { name: / new$/ }).waitFor();
    },
  ],
  [
    "health-continued",
    async (page) => {
      await open(page, join(PLACE, "field/continued.wal"));
      await showHealth(page);
    },
  ],
  [
    "welcome",
    async (page) => {
      await page.keyboard.press("Control+W");
      await page.getByRole("region", { name: "Recent files" }).waitFor();
    },
  ],
];

/** Offset behind the first records of a log. */
function endOfRecords(bytes, count) {
  let at = 0;
  for (let i = 0; i < count; i += 1) at += 34 + bytes.readUInt32LE(at + 26);
  return at;
}

async function isRead(page) {
  await page
    .locator("footer")
    .getByText(/Clean|Torn tail|Damaged/)
    .waitFor();
}

async function open(page, path) {
  await page.keyboard.press("Control+O");
  await page.getByRole("dialog").getByRole("textbox").fill(path);
  await page.keyboard.press("Enter");
  const discard = page.getByRole("button", { name: "Discard sandbox" });
  await Promise.race([discard.click({ timeout: 2_000 }).catch(() => undefined), page.waitForTimeout(600)]);
  await page.getByRole("banner").getByText(path.split("/").at(-1)).waitFor();
  await isRead(page);
}

async function goToKey(page, key) {
  await page.keyboard.press("Control+P");
  await page.keyboard.type(key);
  await page.getByRole("dialog").getByRole("option").first().waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("tabpanel").waitFor();
}

async function showHealth(page) {
  await page.keyboard.press("Control+4");
  await page.getByRole("region", { name: "Verdict" }).waitFor();
}

/** The same files with the same times every day. */
function placeFiles() {
  fs.rmSync(PLACE, { recursive: true, force: true });
  for (const [name, folder] of [
    ["torn", "notes"],
    ["damaged", "notes"],
    ["continued", "field"],
  ]) {
    fs.mkdirSync(join(PLACE, folder), { recursive: true });
    fs.copyFileSync(join(ROOT, "resources/samples", `${name}.wal`), join(PLACE, folder, `${name}.wal`));
  }
}

async function takeAll(theme, browser) {
  const dataDirectory = fs.mkdtempSync(join(tmpdir(), "inspector-screenshots-"));
  const host = await startHost(dataDirectory);
  const page = await browser.newPage({ viewport: SIZE, colorScheme: theme, timezoneId: "UTC", locale: "en-GB" });
  try {
    await page.goto(host.address);
    await page.getByRole("navigation", { name: "Views" }).waitFor();
    for (const [name, lead] of SCREENS) {
      await lead(page);
      await page.waitForTimeout(500);
      await page.screenshot({ path: join(TARGET, `${name}-${theme}.png`) });
      console.log(`  ${name}-${theme}.png`);
    }
  } finally {
    await page.close();
    await host.end();
    fs.rmSync(dataDirectory, { recursive: true, force: true });
  }
}

const executablePath = findChromium() ?? stop("No Chromium is installed: run npm test once, it gets one.");
await buildIfStale();
say(`Taking pictures of ${SCREENS.length} screens, light and dark`);
fs.mkdirSync(TARGET, { recursive: true });
placeFiles();
const browser = await chromium.launch({ executablePath, args: sandboxSwitches() });
try {
  for (const theme of ["light", "dark"]) await takeAll(theme, browser);
} finally {
  await browser.close();
  fs.rmSync(PLACE, { recursive: true, force: true });
}
