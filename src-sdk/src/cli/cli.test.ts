/** The terminal command over logs of every verdict: what it prints, and its exit status. */
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { tempDirectory } from "../testing/temp-directory.js";
import { runCli } from "./main.js";

const SAMPLES = join(import.meta.dirname, "../../../resources/samples");

async function run(...args: string[]) {
  const out: Buffer[] = [];
  const errors: string[] = [];
  const status = await runCli(args, {
    stdout: { write: (text) => out.push(Buffer.from(text)) },
    stderr: { write: (text) => errors.push(text) },
  });
  const bytes = Buffer.concat(out);
  return { status, bytes, out: bytes.toString(), errors: errors.join("") };
}

const json = (text: string): unknown => JSON.parse(text);
const jsonLines = (text: string) =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

function copy(name: string): string {
  const path = join(tempDirectory(), `${name}.wal`);
  fs.copyFileSync(join(SAMPLES, `${name}.wal`), path);
  return path;
}

describe.each([
  ["demo", 0, "clean", 1_618, 398],
  ["torn", 1, "torn-tail", 40, 5],
  ["damaged", 1, "damaged", 40, 5],
  ["continued", 1, "damaged", 28, 5],
] as const)("the %s sample", (name, status, verdict, recordCount, keyCount) => {
  test("is inspected and verified with its verdict and status, and is not touched", async () => {
    const path = copy(name);
    const before = fs.readFileSync(path);
    const inspected = await run("inspect", path, "--json");
    expect(inspected.status).toBe(status);
    expect(json(inspected.out)).toMatchObject({ verdict, recordCount, keyCount });
    const text = await run("inspect", path);
    expect(text.status).toBe(status);
    expect(text.out).toContain(`records    ${recordCount.toLocaleString("en-US")} recovered`);
    const verified = await run("verify", path, "--json");
    expect([verified.status, json(verified.out)]).toMatchObject([status, { verdict, recordCount }]);
    expect((await run("verify", path)).out).toMatch(new RegExp(`^${verdict}: .*${recordCount} records`));
    expect(fs.readFileSync(path).equals(before)).toBe(true);
    expect(fs.readdirSync(join(path, ".."))).toEqual([`${name}.wal`]);
  });

  test("lists its records and keys, one a line, and every value is there byte for byte", async () => {
    const path = copy(name);
    const records = jsonLines((await run("records", path, "--json")).out);
    expect(records).toHaveLength(recordCount);
    expect(records.map(({ index }) => index)).toEqual(records.map((_, i) => i));
    expect((await run("records", path)).out.trimEnd().split("\n")).toHaveLength(recordCount);
    expect((await run("records", path, "--limit", "3")).out.trimEnd().split("\n")).toHaveLength(3);

    const keys = jsonLines((await run("keys", path, "--json")).out);
    expect(keys).toHaveLength(keyCount);
    for (const { key, keyBase64, version } of keys.filter((_, i) => i % 40 === 0)) {
      if (keyBase64 !== undefined) continue;
      const record = records.find(({ sequence }) => sequence === version);
      const got = await run("get", path, key);
      expect([key, got.status]).toEqual([key, status]);
      expect(got.bytes.toString("base64")).toBe(record.operation.valueBase64);
    }
  });
});

describe("what cannot be answered", () => {
  test("has status 2 and says what to do", async () => {
    const path = copy("demo");
    const notALog = join(tempDirectory(), "notes.txt");
    fs.writeFileSync(notALog, "no log at all");
    const cases: [string[], RegExp][] = [
      [["inspect", "/no/such/file.wal"], /does not exist/],
      [["get", path, "no/such/key"], /was never written/],
      [["nonsense", path], /There is no command nonsense/],
      [["inspect"], /needs the path/],
      [["get", path], /get needs the key/],
      [["keys", path, "more.wal"], /one log at a time/],
      [["keys", path, "--limit", "x"], /--limit must be a whole number/],
      [["inspect", path, "--nonsense"], /nonsense/],
      [["repair", path, "--policy", "hope"], /--policy must be valid-prefix or skip-damaged/],
    ];
    for (const [args, message] of cases) {
      const { status, errors, out } = await run(...args);
      expect([args, status, out]).toEqual([args, 2, ""]);
      expect(errors).toMatch(message);
    }
    expect((await run("verify", notALog)).status).toBe(2);
    expect((await run()).out).toContain("Usage: softadastra-wal");
  });

  test("a key that was deleted says by which record", async () => {
    const path = copy("demo");
    const records = jsonLines((await run("records", path, "--json")).out);
    const keys = new Set(jsonLines((await run("keys", path, "--json")).out).map(({ key }) => key));
    const gone = records.findLast(({ operation }) => operation?.kind === "delete" && !keys.has(operation.key));
    const { status, errors } = await run("get", path, gone.operation.key);
    expect([status, errors]).toEqual([
      2,
      expect.stringContaining(`was deleted by the record at offset ${gone.offset}`),
    ]);
  });
});

test("control characters of a key do not reach the terminal", async () => {
  const { Client, ClientOptions } = await import("../index.js");
  const path = join(tempDirectory(), "hostile.wal");
  const client = new Client(ClientOptions.persistent("node", path));
  await client.open();
  await client.put("\u001b[31mred\u202e\n", "v");
  await client.close();
  for (const command of ["keys", "records"]) {
    const { out } = await run(command, path);
    expect(out).toContain("\\u{1b}[31mred\\u{202e}\\u{a}");
    for (const character of ["\u001b", "\u202e"]) expect(out.includes(character)).toBe(false);
  }
});

describe("verify --expect", () => {
  /** As the inspector writes it, from the log itself. */
  async function expectationOf(path: string) {
    const { report } = { report: json((await run("inspect", path, "--json")).out) as Record<string, unknown> };
    const { fileBytes, findings, stop, ...facts } = report as {
      fileBytes: number;
      findings: Record<string, unknown>[];
      stop: Record<string, unknown> | null;
    };
    const pick = (from: Record<string, unknown>, names: string[]) =>
      Object.fromEntries(names.map((name) => [name, from[name]]));
    return {
      format: "softadastra-crash-case",
      formatVersion: 1,
      fileBytes,
      sha256: createHash("sha256").update(fs.readFileSync(path)).digest("hex"),
      expect: {
        ...pick(facts, ["verdict", "recordCount", "operationCount", "keyCount", "deletedKeyCount"]),
        ...pick(facts, ["lastSequence", "validBytes", "unreachableRecordCount"]),
        stop: stop === null ? null : pick(stop, ["restBytes", "reason", "offset"]),
        findings: findings.map((finding) => pick(finding, ["code", "severity", "offset", "length", "count"])),
      },
    };
  }

  test.each(["demo", "torn", "damaged", "continued"])("the %s sample is as it is, and no other", async (name) => {
    const path = copy(name);
    const expected = await expectationOf(path);
    const file = join(path, "../case.expected.json");
    fs.writeFileSync(file, JSON.stringify(expected));
    expect(await run("verify", path, "--expect", file)).toMatchObject({
      status: 0,
      out: expect.stringMatching(/^as /),
    });
    // Each fact by itself, changed: it is noticed, and named.
    for (const what of Object.keys(expected.expect)) {
      const changed = { ...expected, expect: { ...expected.expect, [what]: "other" } };
      fs.writeFileSync(file, JSON.stringify(changed));
      const { status, out } = await run("verify", path, "--expect", file, "--json");
      expect([what, status, json(out)]).toMatchObject([what, 1, { isExpected: false, differences: [{ what }] }]);
    }
    fs.writeFileSync(file, JSON.stringify(expected));
    const bytes = fs.readFileSync(path);
    bytes[20] = (bytes[20] as number) ^ 1;
    fs.writeFileSync(path, bytes);
    const { status, out } = await run("verify", path, "--expect", file);
    expect([status, out]).toEqual([1, expect.stringContaining("sha256: expected")]);
  });

  test("an expectation that is none is not usable, and says why", async () => {
    const path = copy("demo");
    const file = join(path, "../case.expected.json");
    for (const [text, why] of [
      ["{", /cannot be read as JSON/],
      ["[]", /is no expectation/],
      ['{"format":"softadastra-crash-case","formatVersion":1}', /is no expectation/],
      ['{"format":"softadastra-crash-case","formatVersion":2,"expect":{}}', /has format version 2/],
    ] as const) {
      fs.writeFileSync(file, text);
      const { status, errors } = await run("verify", path, "--expect", file);
      expect([text, status]).toEqual([text, 2]);
      expect(errors).toMatch(why);
    }
    expect((await run("verify", path, "--expect", `${file}.not`)).status).toBe(2);
  });
});

describe("repair", () => {
  test("says what it would do and changes nothing, until told --yes", async () => {
    const path = copy("continued");
    const before = fs.readFileSync(path);
    const plan = await run("repair", path, "--policy", "skip-damaged");
    expect(plan.status).toBe(1);
    expect(plan.out).toContain("keeps      32 records");
    expect(plan.out).toContain("Nothing was changed. Add --yes to do it.");
    expect(fs.readFileSync(path).equals(before)).toBe(true);

    const done = await run("repair", path, "--policy", "skip-damaged", "--yes", "--json");
    expect(done.status).toBe(0);
    const report = json(done.out);
    expect(report).toMatchObject({ isChanged: true, result: { verdict: "clean" } });
    expect((await run("verify", path)).status).toBe(0);
    const backup = (report as { backupPath: string }).backupPath;
    expect(fs.readFileSync(backup).equals(before)).toBe(true);
    expect((await run("repair", path)).out).toContain("nothing to repair");
  });

  test("into a new file leaves the log as it was", async () => {
    const path = copy("damaged");
    const before = fs.readFileSync(path);
    const output = join(path, "../new.wal");
    expect((await run("repair", path, "--output", output, "--yes")).status).toBe(0);
    expect(fs.readFileSync(path).equals(before)).toBe(true);
    expect((await run("verify", output)).status).toBe(0);
  });
});

test("the installed program answers with the same status", () => {
  const program = join(import.meta.dirname, "../../bin/softadastra-wal.js");
  expect(execFileSync(process.execPath, [program, "verify", join(SAMPLES, "demo.wal")]).toString()).toMatch(/^clean: /);
  expect(spawnSync(process.execPath, [program, "verify", join(SAMPLES, "torn.wal")]).status).toBe(1);
  expect(spawnSync(process.execPath, [program, "verify", "/no/such.wal"]).status).toBe(2);
});
