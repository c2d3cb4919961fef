/**
 * Time travel in a long log, as its user meets it: a press on the time strip, until keys, counts and banner of that record
 * are on the screen. And the reading thread by itself: the same question without the way to the page.
 */
import fs from "node:fs";
import os from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { chromium } from "@playwright/test";
import { startHost } from "../scripts/browser-host.mjs";
import { findChromium } from "../scripts/chromium.mjs";
import { quantile } from "./compare.mjs";
import { makeHistory } from "./make-log.mjs";

const ROOT = new URL("..", import.meta.url).pathname;
const RECORDS = Number(process.env.BENCH_RECORDS ?? 1_000_000);
const KEYS = Number(process.env.BENCH_TRAVEL_KEYS ?? RECORDS / 5);
const JUMPS = 120;
const JUMPS_NEAR = 50;
const GOAL_MS = 100;

/** In the page: from each press on the strip, the time until one frame shows banner, counts and rows of one record. */
function watchJumps() {
  const slider = document.querySelector('[role="slider"]');
  window.longTasks = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.longTasks.push(entry.duration);
  }).observe({ type: "longtask", buffered: false });
  const isShown = (before) => {
    const now = slider.getAttribute("aria-valuetext");
    if (now === before || !now.startsWith("State as of")) return false;
    const record = Number(slider.getAttribute("aria-valuenow")).toLocaleString("en-US");
    const banner = document.querySelector('section[aria-label="Time strip and notices"] [role="status"]');
    const rows = [...document.querySelectorAll('[role="treeitem"]')];
    return (
      banner?.textContent.includes(`#${record} `) === true &&
      document.querySelector("footer").textContent.includes(`${record} of `) &&
      rows.length > 0 &&
      rows.every((row) => row.getAttribute("aria-label") !== "Loading")
    );
  };
  slider.addEventListener(
    "pointerdown",
    () => {
      const startedMs = performance.now();
      const before = slider.getAttribute("aria-valuetext");
      window.jump = null;
      const look = () => {
        if (!isShown(before)) {
          requestAnimationFrame(look);
          return;
        }
        // Behind the frame that paints it.
        setTimeout(() => {
          window.jump = {
            ms: performance.now() - startedMs,
            record: Number(slider.getAttribute("aria-valuenow")),
            live: Number(
              /([\d,]+) live keys?/.exec(document.querySelector("footer").textContent)[1].replaceAll(",", ""),
            ),
          };
        });
      };
      requestAnimationFrame(look);
    },
    true,
  );
}

/** Presses the strip at these shares of its length. */
async function jumpAll(page, shares, liveAt) {
  const box = await page.getByRole("slider").boundingBox();
  const times = [];
  for (const share of shares) {
    await page.mouse.click(box.x + 1 + share * (box.width - 6), box.y + box.height / 2);
    await page.waitForFunction(() => window.jump !== null, undefined, { polling: 5, timeout: 30_000 });
    const { ms, record, live } = await page.evaluate(() => window.jump);
    if (live !== liveAt[record - 1])
      throw new Error(`record ${record}: ${live} live keys shown, ${liveAt[record - 1]} are`);
    times.push(ms);
  }
  return times;
}

async function measurePage(file, liveAt, random) {
  const directory = fs.mkdtempSync(join(os.tmpdir(), "inspector-bench-"));
  const host = await startHost(directory);
  const browser = await chromium.launch({ executablePath: findChromium(), args: ["--no-sandbox"] });
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(host.address);
    await page.getByRole("button", { name: /^Open…/ }).waitFor();
    await page.keyboard.press("Control+O");
    await page.getByRole("textbox").fill(file);
    await page.keyboard.press("Enter");
    await page.waitForFunction(
      () => /Tail clean/.test(document.querySelector("footer")?.textContent ?? ""),
      undefined,
      {
        timeout: 120_000,
      },
    );
    await page.evaluate(watchJumps);
    const near = () => Array.from({ length: JUMPS_NEAR }, (_, i) => (i % 3) * 0.001);
    const figures = {};
    for (const shape of ["tree", "list"]) {
      if (shape === "list") await page.getByText("List", { exact: true }).click();
      await page.waitForTimeout(500);
      await page.evaluate(() => window.longTasks.splice(0));
      const first = await jumpAll(page, [0.37], liveAt);
      const anywhere = await jumpAll(page, Array.from({ length: JUMPS }, random), liveAt);
      // From near the end to near the beginning and back: each jump goes over all of the log.
      const ends = await jumpAll(
        page,
        near().flatMap((share) => [share, 1 - share]),
        liveAt,
      );
      figures[shape] = {
        first: first[0],
        anywhere,
        nearStart: ends.filter((_, i) => i % 2 === 0),
        nearEnd: ends.filter((_, i) => i % 2 === 1),
        longTask: await page.evaluate(() => Math.max(0, ...window.longTasks)),
      };
    }
    return figures;
  } finally {
    await browser.close();
    await host.end();
    fs.rmSync(directory, { recursive: true, force: true });
  }
}

/** The reading thread alone: a question for the first rows as of a record, until its answer is here. */
async function measureThread(file, offsetAt, random) {
  const worker = new Worker(join(ROOT, "out/main/worker.js"), { workerData: { path: file } });
  const waiting = new Map();
  worker.on("message", (message) => waiting.get(message.id)?.(message));
  let nextId = 1;
  const call = (method, ...args) =>
    new Promise((resolve, reject) => {
      const id = nextId++;
      waiting.set(id, ({ value, error }) => (error ? reject(new Error(error.message)) : resolve(value)));
      worker.postMessage({ id, method, args });
    });
  try {
    await call("open");
    await call("follow");
    const figures = {};
    for (const shape of ["tree", "list"]) {
      const request = { shape, separator: "/", search: "", showLive: true, showDeleted: false };
      const { view } = await call("openView", request);
      await call("rows", view, 0, 100, null);
      const measure = async (records) => {
        const times = [];
        for (const record of records) {
          const startedMs = performance.now();
          await call("rows", view, 0, 100, offsetAt(record));
          times.push(performance.now() - startedMs);
        }
        return times;
      };
      const anywhere = await measure(Array.from({ length: JUMPS }, () => Math.floor(random() * RECORDS)));
      const ends = await measure(
        Array.from({ length: 2 * JUMPS_NEAR }, (_, i) => (i % 2 === 0 ? 1_000 + i : RECORDS - 1_000 - i)),
      );
      figures[shape] = {
        anywhere,
        nearStart: ends.filter((_, i) => i % 2 === 0),
        nearEnd: ends.filter((_, i) => i % 2 === 1),
      };
    }
    return figures;
  } finally {
    await worker.terminate();
  }
}

/** The same numbers in every run. */
function seeded(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export async function bench() {
  const directory = fs.mkdtempSync(join(os.tmpdir(), "inspector-bench-log-"));
  const file = join(directory, "history.wal");
  try {
    console.log(`Writing ${RECORDS} records over ${KEYS} keys`);
    const { liveAt, fileBytes } = await makeHistory(file, RECORDS, KEYS);
    // Records are of nearly one length: near enough to the wanted one.
    const offsetAt = (record) => Math.floor((record / RECORDS) * fileBytes);
    const thread = await measureThread(file, offsetAt, seeded(1));
    const page = await measurePage(file, liveAt, seeded(2));
    const row = (what, values) =>
      `| ${what} | ${quantile(values, 0.5).toFixed(1)} ms | ${quantile(values, 0.95).toFixed(1)} ms | ${Math.max(...values).toFixed(1)} ms |`;
    const lines = [
      "| from a press on the strip until it is on the screen | median | 95th percentile | slowest |",
      "|---|---:|---:|---:|",
    ];
    for (const shape of ["tree", "list"]) {
      lines.push(
        row(`keys as a ${shape}: to anywhere (${JUMPS} jumps)`, page[shape].anywhere),
        row(`keys as a ${shape}: to near record 1,000 (${JUMPS_NEAR})`, page[shape].nearStart),
        row(
          `keys as a ${shape}: to near record ${RECORDS.toLocaleString("en-US")} (${JUMPS_NEAR})`,
          page[shape].nearEnd,
        ),
      );
    }
    lines.push("", "| the reading thread alone | median | 95th percentile | slowest |", "|---|---:|---:|---:|");
    for (const shape of ["tree", "list"]) {
      lines.push(
        row(`${shape}: to anywhere`, thread[shape].anywhere),
        row(`${shape}: to near record 1,000`, thread[shape].nearStart),
        row(`${shape}: to near record ${RECORDS.toLocaleString("en-US")}`, thread[shape].nearEnd),
      );
    }
    const longest = Math.max(page.tree.longTask, page.list.longTask);
    lines.push(
      "",
      `The very first jump took ${page.tree.first.toFixed(1)} ms; the longest task of the page was ${longest === 0 ? "under 50" : longest.toFixed(0)} ms.`,
      "A frame is 16.7 ms, and what is shown is seen at the next one. Counts on the screen are compared with a replay at every jump.",
    );
    const worst = Math.max(...["tree", "list"].map((shape) => quantile(page[shape].anywhere, 0.95)));
    return {
      title: `Time travel over ${RECORDS.toLocaleString("en-US")} records and ${KEYS.toLocaleString("en-US")} keys`,
      lines,
      verdict: `Goal: keys and counts of any record within ${GOAL_MS} ms at the 95th percentile: ${worst <= GOAL_MS ? "met" : "NOT met"} (${worst.toFixed(1)} ms).`,
      isMet: worst <= GOAL_MS,
      runs: 1,
    };
  } finally {
    fs.rmSync(directory, { recursive: true, force: true });
  }
}
