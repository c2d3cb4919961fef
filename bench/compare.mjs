/** What the benches share: contenders run in turns, medians of their figures, ratios against goals. */
import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import { join } from "node:path";

export const ROUNDS = Number(process.env.BENCH_RUNS ?? 5);

/** The value that this share of the others lies below. */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

export const median = (values) => quantile(values, 0.5);

/** A directory on the disk that is measured, removed afterwards. `BENCH_DIRECTORY` chooses another disk. */
export async function inDirectory(work) {
  const directory = fs.mkdtempSync(join(process.env.BENCH_DIRECTORY ?? os.tmpdir(), "softadastra-bench-"));
  try {
    return await work(directory);
  } finally {
    fs.rmSync(directory, { recursive: true, force: true });
  }
}

/**
 * Runs every contender once per round, each round beginning with another one, so that a slow moment of the machine hits
 * all of them. Answers each one's median.
 * @param {Record<string, () => Promise<number>>} contenders
 */
export async function inTurns(contenders, rounds = ROUNDS) {
  const names = Object.keys(contenders);
  const figures = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (let i = 0; i < names.length; i += 1) {
      const name = names[(i + round) % names.length];
      figures[name].push(await contenders[name]());
    }
    console.log(
      `  round ${round + 1} of ${rounds}: ${names.map((name) => `${name} ${short(figures[name].at(-1))}`).join(", ")}`,
    );
  }
  return Object.fromEntries(names.map((name) => [name, median(figures[name])]));
}

export function short(value) {
  return value >= 100 ? Math.round(value).toLocaleString("en-US") : value.toPrecision(3);
}

/** Runs `bench/child.mjs task ...` in a process of its own and answers what it measured. */
export function inChild(task, ...args) {
  const child = spawn(
    process.execPath,
    ["--expose-gc", new URL("./child.mjs", import.meta.url).pathname, task, ...args],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  return new Promise((resolve, reject) => {
    let text = "";
    child.stdout.on("data", (chunk) => (text += chunk));
    child.on("close", (code) => {
      if (code === 0) resolve(JSON.parse(text));
      else reject(new Error(`${task} ended with ${code}`));
    });
  });
}

/**
 * Rows of a table of goals.
 * @param {{ what: string, ours: string, theirs: string, value: number, goal: number, floor: number, unit?: string, isLess?: boolean }[]} rows
 */
export function goalTable(rows) {
  const reaches = ({ value, isLess }, limit) => (isLess ? value <= limit : value >= limit);
  const word = (row) => (reaches(row, row.goal) ? "goal met" : reaches(row, row.floor) ? "floor met" : "**missed**");
  const show = ({ unit = "x" }, value) => `${value >= 10 ? value.toFixed(1) : value.toPrecision(3)}${unit}`;
  const limit = ({ unit = "x" }, value) => `${value}${unit}`;
  return {
    lines: [
      "| what | ours | against | measured | goal | floor | |",
      "|---|---:|---:|---:|---:|---:|---|",
      ...rows.map(
        (row) =>
          `| ${row.what} | ${row.ours} | ${row.theirs} | ${show(row, row.value)} | ${limit(row, row.goal)} | ${limit(row, row.floor)} | ${word(row)} |`,
      ),
    ],
    isMet: rows.every((row) => reaches(row, row.floor)),
    verdict: `${rows.filter((row) => reaches(row, row.goal)).length} of ${rows.length} goals met, ${rows.filter((row) => reaches(row, row.floor)).length} floors.`,
  };
}
