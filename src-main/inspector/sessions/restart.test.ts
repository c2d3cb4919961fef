/** Restart recovery for real: a writing process is killed at random moments, and the inspector opens what it left. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { inspectWal } from "@softadastra/sdk/wal";
import { expect, test } from "vitest";
import { startInspector, tempDirectory } from "../testing.ts";

const SDK = join(import.meta.dirname, "../../../src-sdk/dist/index.js");
const ROUNDS = 50;
/** Writes that are not awaited at a time: with one, with a few, with a crowd sharing each flush. */
const OUTSTANDING = [1, 8, 64];

/** Writes `w<round>/<n>` for ever and prints each n once its promise resolved: then it is promised to be on the disk. */
const WRITER = `
  const { Client, ClientOptions } = await import(${JSON.stringify(SDK)});
  const { writeSync } = await import("node:fs");
  const [path, round, outstanding] = process.argv.slice(1);
  const client = new Client(ClientOptions.persistent("writer", path));
  const opened = await client.open();
  if (opened.isErr()) { console.error(opened.error().message); process.exit(1); }
  let next = 0;
  const lane = async () => {
    for (;;) {
      const n = next++;
      const put = n % 7 === 6
        ? await client.remove("w" + round + "/" + (n - 3))
        : await client.put("w" + round + "/" + n, "value " + n + " " + "x".repeat(n % 300));
      if (put.isErr()) { console.error(put.error().message); process.exit(1); }
      writeSync(1, n + "\\n");
    }
  };
  await Promise.all(Array.from({ length: Number(outstanding) }, lane));
`;

/** Runs the writer and kills it `delayMs` after its first acknowledged write. Answers what it had acknowledged. */
function runAndKill(path: string, round: number, delayMs: number): Promise<Set<number>> {
  const outstanding = OUTSTANDING[round % OUTSTANDING.length] as number;
  const args = ["--input-type=module", "-e", WRITER, path, String(round), String(outstanding)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("latin1").on("data", (chunk: string) => {
    if (output === "") setTimeout(() => child.kill("SIGKILL"), delayMs);
    output += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (_, signal) => {
      // Only whole lines: the last one may have been cut.
      const lines = output
        .slice(0, output.lastIndexOf("\n") + 1)
        .split("\n")
        .slice(0, -1);
      if (signal === "SIGKILL") resolve(new Set(lines.map(Number)));
      else reject(new Error("the writer ended by itself"));
    });
  });
}

test(`every acknowledged write is there after each of ${ROUNDS} kills`, { timeout: 180_000 }, async () => {
  const inspector = startInspector();
  // One log that goes through fifty lives.
  const path = join(tempDirectory(), "writer.wal");
  const verdicts = new Map<string, number>();
  let acknowledged = 0;
  const seed = Number(process.env.SOFTADASTRA_SEED ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`seed ${seed}`);
  let state = seed;
  const random = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state / 0x80000000;
  };

  for (let round = 0; round < ROUNDS; round += 1) {
    const confirmed = await runAndKill(path, round, Math.floor(random() * 60));
    acknowledged += confirmed.size;
    const opened = await inspector.open(path);
    verdicts.set(String(opened.verdict), (verdicts.get(String(opened.verdict)) ?? 0) + 1);
    expect(opened.verdict === "clean" || opened.verdict === "torn-tail").toBe(true);
    for (const n of confirmed) {
      const key = Buffer.from(`w${round}/${n % 7 === 6 ? n - 3 : n}`).toString("base64");
      // A later delete may have taken a value away; the write itself is in the history all the same.
      const described = await inspector.call("keys.describe", { session: opened.session, key, separator: "/" });
      const kinds = described.history.map((version) => version.kind);
      if (n % 7 === 6) expect([round, n, kinds[0]]).toEqual([round, n, "delete"]);
      else expect([round, n, kinds.includes("put")]).toEqual([round, n, true]);
    }
    await inspector.call("session.close", { session: opened.session });
  }
  expect(acknowledged).toBeGreaterThan(ROUNDS);
  const report = (await inspectWal(path)).value();
  expect(report.verdict === "clean" || report.verdict === "torn-tail").toBe(true);
  console.log(`${acknowledged} acknowledged writes over ${ROUNDS} kills, verdicts ${JSON.stringify([...verdicts])}`);
});
