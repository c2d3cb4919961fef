/** Restart recovery for real: a writing process is killed at random moments, and the inspector opens what it left. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { inspectWal, readWalRecords } from "@softadastra/sdk/wal";
import { expect, test } from "vitest";
import { startInspector, tempDirectory } from "../testing.ts";

const SDK = join(import.meta.dirname, "../../../src-sdk/dist/index.js");
const ROUNDS = 50;
/** Writes that are not awaited at a time: with one, with a few, with a crowd sharing each flush. */
const OUTSTANDING = [1, 8, 64];

/** The last lives write values so large that a kill can hit the middle of one write. Last, or all of them would read a large log. */
const LARGE_FROM = ROUNDS - 6;
const LARGE_BYTES = 2_000_000;
const paddingOf = (round: number, n: number) => (round >= LARGE_FROM && n % 3 === 0 ? LARGE_BYTES : n % 300);

/** Writes `w<round>/<n>` for ever and prints each n once its promise resolved: then it is promised to be on the disk. */
const WRITER = `
  const { Client, ClientOptions } = await import(${JSON.stringify(SDK)});
  const { writeSync } = await import("node:fs");
  const LARGE_FROM = ${LARGE_FROM}, LARGE_BYTES = ${LARGE_BYTES};
  const paddingOf = ${String(paddingOf)};
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
        : await client.put("w" + round + "/" + n, "value " + n + " " + "x".repeat(paddingOf(Number(round), n)));
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

/** Everything the log holds, by life: which writes, and whether each has the value it was given. */
async function historyOf(path: string): Promise<Map<string, Set<string>>> {
  const history = new Map<string, Set<string>>();
  for await (const { operation } of readWalRecords(path)) {
    if (operation === null) throw new Error("a record nobody wrote");
    const [round, n] = operation.key.slice(1).split("/").map(Number) as [number, number];
    const value = operation.value.toString();
    if (operation.kind === "put" && value !== `value ${n} ${"x".repeat(paddingOf(round, n))}`) {
      throw new Error(`${operation.key} has a value nobody wrote`);
    }
    const writes = history.get(operation.kind) ?? new Set();
    history.set(operation.kind, writes.add(operation.key));
  }
  return history;
}

test(`every acknowledged write is there after each of ${ROUNDS} kills`, { timeout: 240_000 }, async () => {
  const inspector = startInspector();
  // One log that goes through fifty lives.
  const path = join(tempDirectory(), "writer.wal");
  const verdicts = new Map<string, number>();
  const promised: { kind: "put" | "delete"; key: string }[] = [];
  const seed = Number(process.env.SOFTADASTRA_SEED ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`seed ${seed}`);
  let state = seed;
  const random = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state / 0x80000000;
  };

  for (let round = 0; round < ROUNDS; round += 1) {
    const confirmed = await runAndKill(path, round, Math.floor(random() * 60));
    const opened = await inspector.open(path);
    verdicts.set(String(opened.verdict), (verdicts.get(String(opened.verdict)) ?? 0) + 1);
    expect(opened.verdict === "clean" || opened.verdict === "torn-tail").toBe(true);
    for (const n of confirmed) {
      const name = `w${round}/${n % 7 === 6 ? n - 3 : n}`;
      promised.push({ kind: n % 7 === 6 ? "delete" : "put", key: name });
      const key = Buffer.from(name).toString("base64");
      // A later delete may have taken a value away; the write itself is in the history all the same.
      const described = await inspector.call("keys.describe", { session: opened.session, key, separator: "/" });
      const kinds = described.history.map((version) => version.kind);
      if (n % 7 === 6) expect([round, n, kinds[0]]).toEqual([round, n, "delete"]);
      else expect([round, n, kinds.includes("put")]).toEqual([round, n, true]);
    }
    await inspector.call("session.close", { session: opened.session });
  }
  expect(promised.length).toBeGreaterThan(ROUNDS);
  // And what earlier lives were promised is still there after all the later ones.
  const history = await historyOf(path);
  expect(promised.filter(({ kind, key }) => history.get(kind)?.has(key) !== true)).toEqual([]);
  const report = (await inspectWal(path)).value();
  expect(report.verdict === "clean" || report.verdict === "torn-tail").toBe(true);
  console.log(`${promised.length} acknowledged writes over ${ROUNDS} kills, verdicts ${JSON.stringify([...verdicts])}`);
});
