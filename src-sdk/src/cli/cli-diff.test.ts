/** `softadastra-wal diff` and the library call under it, against what the SDK's own reader finds in each log. */
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { encodeSampleRecord, sampleLog, sampleOperations } from "../testing/sample-log.js";
import { tempDirectory } from "../testing/temp-directory.js";
import { diffWal, type WalDifference, type WalDiffSummary } from "../wal/diff.js";
import { readWalRecords } from "../wal/inspect.js";
import { repairWal } from "../wal/repair.js";
import { runCli } from "./main.js";

const SAMPLES = join(import.meta.dirname, "../../../resources/samples");
const SHARED = join(import.meta.dirname, "../../../../shared/fixtures/wal");
const sample = (name: string) => join(SAMPLES, `${name}.wal`);
const NAMES = ["demo", "torn", "damaged", "continued"];

async function run(...args: string[]) {
  const out: string[] = [];
  const errors: string[] = [];
  const status = await runCli(args, {
    stdout: { write: (text) => out.push(String(text)) },
    stderr: { write: (text) => errors.push(text) },
  });
  return { status, out: out.join(""), errors: errors.join("") };
}

const lines = (text: string) => text.trimEnd().split("\n");

/** What is recovered, the plain way: a map from key bytes to value bytes. */
async function valuesIn(path: string): Promise<Map<string, string>> {
  const values = new Map<string, string>();
  for await (const { operation } of readWalRecords(path)) {
    if (operation === null) continue;
    const key = Buffer.from(operation.keyBytes).toString("base64");
    if (operation.kind === "delete") values.delete(key);
    else values.set(key, Buffer.from(operation.value.toBytes()).toString("base64"));
  }
  return values;
}

async function expected(before: string, after: string): Promise<string[]> {
  const [a, b] = [await valuesIn(before), await valuesIn(after)];
  const keys = [...new Set([...a.keys(), ...b.keys()])].sort((x, y) =>
    Buffer.compare(Buffer.from(x, "base64"), Buffer.from(y, "base64")),
  );
  return keys.flatMap((key) => {
    const [was, is] = [a.get(key), b.get(key)];
    if (was === is) return [];
    return [`${was === undefined ? "added" : is === undefined ? "removed" : "changed"} ${key}`];
  });
}

async function collect(differences: AsyncGenerator<WalDifference, WalDiffSummary>) {
  const found: WalDifference[] = [];
  for (;;) {
    const step = await differences.next();
    if (step.done) return { found, summary: step.value };
    found.push(step.value);
  }
}

function writeTemporary(name: string, bytes: Uint8Array): string {
  const path = join(tempDirectory(), name);
  fs.writeFileSync(path, bytes);
  return path;
}

describe.each(NAMES.flatMap((a) => NAMES.map((b) => [a, b] as const)))("diff of the samples %s and %s", (a, b) => {
  test("lists the keys whose values differ, in the order of their bytes, and no other; as text and as JSON", async () => {
    const wanted = await expected(sample(a), sample(b));
    const status = wanted.length === 0 ? 0 : 1;
    const json = await run("diff", sample(a), sample(b), "--json");
    expect(json.status).toBe(status);
    const rows = lines(json.out).map((line) => JSON.parse(line));
    const { summary } = rows.pop();
    expect(
      rows.map(({ kind, key, keyBase64 }) => `${kind} ${keyBase64 ?? Buffer.from(key).toString("base64")}`),
    ).toEqual(wanted);
    const count = (kind: string) => wanted.filter((row) => row.startsWith(kind)).length;
    const same = (await valuesIn(sample(a))).size - count("removed") - count("changed");
    expect(summary).toMatchObject({
      addedCount: count("added"),
      removedCount: count("removed"),
      changedCount: count("changed"),
      sameCount: same,
    });
    const text = await run("diff", sample(a), sample(b));
    expect([text.status, lines(text.out)]).toEqual([status, expect.any(Array)]);
    expect(lines(text.out)).toHaveLength(wanted.length + 1);
    // What a comparison of broken logs rests on is said, and not in the midst of the answer.
    expect(text.errors === "").toBe(a === "demo" && b === "demo");
  });
});

describe.skipIf(!fs.existsSync(SHARED))("diff of the C++ engine's logs", () => {
  test("finds, for each against the whole one, what the engine recovers of neither or one", async () => {
    const whole = join(SHARED, "ops-100.wal");
    for (const name of fs.readdirSync(SHARED).filter((file) => file.endsWith(".wal"))) {
      const path = join(SHARED, name);
      const { found } = await collect(diffWal(whole, path));
      const rows = found.map(({ kind, keyBytes }) => `${kind} ${Buffer.from(keyBytes).toString("base64")}`);
      expect([name, rows]).toEqual([name, await expected(whole, path)]);
    }
  });
});

describe("one log by two policies", () => {
  test.each(["damaged", "continued"])("of the %s sample is what a repair then makes of it", async (name) => {
    const repaired = join(tempDirectory(), "repaired.wal");
    (await repairWal(sample(name), { policy: "skip-damaged", output: repaired })).value();
    const byPolicy = await collect(diffWal(sample(name), sample(name), { afterPolicy: "skip-damaged" }));
    expect(byPolicy.found.length).toBeGreaterThan(0);
    const kinds = ({ kind, key, before, after }: WalDifference) => [
      kind,
      key,
      before?.version,
      after?.version,
      after?.valueBytes,
    ];
    const byFile = await collect(diffWal(sample(name), repaired));
    expect(byPolicy.found.map(kinds)).toEqual(byFile.found.map(kinds));
    // And the repaired log, against the damaged one read by the same policy, is the same key for key.
    const same = await collect(diffWal(sample(name), repaired, { beforePolicy: "skip-damaged" }));
    expect([same.found, same.summary.sameCount]).toEqual([[], byPolicy.summary.after.keyCount]);
    expect(await run("diff", sample(name), repaired, "--policy", "skip-damaged")).toMatchObject({ status: 0 });
    expect(await run("diff", sample(name), "--policy", "skip-damaged")).toMatchObject({ status: 1 });
    expect(await run("diff", sample(name), "--policy", "valid-prefix")).toMatchObject({ status: 0 });
  });

  test("of a clean log there is none", async () => {
    const { out, status, errors } = await run("diff", sample("demo"), "--policy", "skip-damaged");
    expect([status, out, errors]).toEqual([0, "The same: 398 keys with the same values.\n", ""]);
  });
});

describe("values", () => {
  const put = (key: string | Uint8Array, value: Uint8Array | string, sequence = 1) =>
    encodeSampleRecord({ sequence, operation: { kind: "put", key, value, timestampMs: 1_767_225_600_000 + sequence } });

  test("that differ in one byte only are found, wherever it is; and equal ones written at other times are the same", async () => {
    const value = new Uint8Array(200_000).fill(7);
    for (const at of [0, 65_535, 65_536, 131_072, 199_999]) {
      const other = value.slice();
      other[at] = 8;
      const before = writeTemporary("a.wal", put("k", value));
      const after = writeTemporary("b.wal", put("k", other));
      expect((await collect(diffWal(before, after))).found).toMatchObject([{ key: "k", kind: "changed" }]);
      const later = writeTemporary("c.wal", Buffer.concat([put("x", "", 1), put("k", value, 9)]));
      expect((await collect(diffWal(before, later))).found.map(({ key }) => key)).toEqual(["x"]);
    }
  });

  test("longer than a reading window are compared to their last byte", async () => {
    const value = new Uint8Array(3 * 1024 * 1024).fill(1);
    const other = value.slice();
    other[other.length - 1] = 2;
    const [a, b] = [writeTemporary("a.wal", put("k", value)), writeTemporary("b.wal", put("k", other))];
    expect((await collect(diffWal(a, b))).summary).toMatchObject({ changedCount: 1, sameCount: 0 });
    expect((await collect(diffWal(a, a))).summary).toMatchObject({ changedCount: 0, sameCount: 1 });
  });

  test("an empty value is a value, and keys that are no UTF-8 are told apart", async () => {
    const a = writeTemporary("a.wal", Buffer.concat([put(Uint8Array.of(0xff), ""), put(Uint8Array.of(0xfe), "v", 2)]));
    const b = writeTemporary("b.wal", put(Uint8Array.of(0xfe), "v"));
    const { out } = await run("diff", a, b, "--json");
    expect(JSON.parse(lines(out)[0] ?? "")).toMatchObject({ kind: "removed", keyBase64: "/w==", after: null });
    expect((await run("diff", a, b)).out).toContain("(not UTF-8)  0 bytes #1 at 0x00000");
    expect(lines(out)).toHaveLength(2);
  });
});

test("an empty log differs from a full one by every key, and from itself by none", async () => {
  const empty = writeTemporary("empty.wal", new Uint8Array(0));
  const full = writeTemporary("full.wal", sampleLog(sampleOperations(30)).bytes);
  const count = (await valuesIn(full)).size;
  expect((await collect(diffWal(empty, full))).summary).toMatchObject({ addedCount: count, sameCount: 0 });
  expect((await collect(diffWal(full, empty))).summary).toMatchObject({ removedCount: count });
  expect((await run("diff", empty, empty)).status).toBe(0);
});

test("can be ended, tells how far it has come, and lets go of its files", async () => {
  const parts: number[] = [];
  await collect(diffWal(sample("demo"), sample("torn"), { onProgress: (part) => parts.push(part) }));
  expect(parts.length).toBeGreaterThan(2);
  expect(parts).toEqual([...parts].sort((a, b) => a - b));
  const stop = new AbortController();
  stop.abort(new Error("enough"));
  await expect(collect(diffWal(sample("demo"), sample("torn"), { signal: stop.signal }))).rejects.toThrow("enough");
  const early = diffWal(sample("demo"), sample("torn"));
  await early.next();
  await early.return(undefined as never);
});

test("what cannot be compared has status 2 and says why", async () => {
  const stranger = writeTemporary("notes.txt", Buffer.from("no log at all"));
  const demo = sample("demo");
  const cases: [string[], RegExp][] = [
    [["diff", demo], /needs a second log/],
    [["diff", demo, demo, demo], /two logs at a time/],
    [["diff", demo, stranger], /not a Softadastra write-ahead log/],
    [["diff", stranger, demo, "--json"], /not a Softadastra write-ahead log/],
    [["diff", demo, "/no/such.wal"], /does not exist/],
    [["diff", demo, SAMPLES], /directory|folder/],
    [["diff", demo, demo, "--policy", "hope"], /--policy must be/],
    [["diff"], /needs the path/],
  ];
  for (const [args, message] of cases) {
    const { status, out, errors } = await run(...args);
    expect([args, status, out]).toEqual([args, 2, ""]);
    expect(errors).toMatch(message);
  }
});

test("a reader that takes a few lines and goes is no error", () => {
  const program = join(import.meta.dirname, "../../bin/softadastra-wal.js");
  const shell = `"${process.execPath}" "${program}" records "${sample("demo")}" | head -n 1`;
  const { stderr, stdout } = spawnSync("sh", ["-c", shell], { encoding: "utf8" });
  expect([stderr, lines(stdout).length]).toEqual(["", 1]);
});
