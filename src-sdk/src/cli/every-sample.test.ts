/** Every command of the terminal on every sample, for people and for programs: its status, and that both say the same. */
import fs from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { tempDirectory } from "../testing/temp-directory.js";
import { inspectWal } from "../wal/inspect.js";
import { planRepair, REPAIR_POLICIES } from "../wal/repair-plan.js";
import { printable } from "./listings.js";
import { runCli } from "./main.js";

const SAMPLES = join(import.meta.dirname, "../../../resources/samples");

async function run(...args: string[]) {
  const out: Buffer[] = [];
  const errors: string[] = [];
  const status = await runCli(args, {
    stdout: { write: (text) => out.push(Buffer.from(text)) },
    stderr: { write: (text) => errors.push(text) },
  });
  const text = Buffer.concat(out).toString();
  return { status, bytes: Buffer.concat(out), text, lines: text.trimEnd().split("\n"), errors: errors.join("") };
}

const json = (line: string | undefined) => JSON.parse(line ?? "");
const count = (n: number) => n.toLocaleString("en-US");

describe.each(["demo", "torn", "damaged", "continued"])("the %s sample", (name) => {
  const path = join(SAMPLES, `${name}.wal`);
  const broken = name === "demo" ? 0 : 1;

  test("inspect: the same facts, the verdict in words, and every finding with its offset", async () => {
    const report = (await inspectWal(path)).value();
    const asJson = await run("inspect", path, "--json");
    const { durationMs: _, ...facts } = json(asJson.lines[0]);
    const { durationMs: __, ...wanted } = JSON.parse(JSON.stringify(report));
    expect([asJson.status, facts]).toEqual([broken, wanted]);
    const asText = await run("inspect", path);
    expect(asText.status).toBe(broken);
    expect(asText.text).toContain(`${count(report.recordCount)} recovered`);
    expect(asText.text).toMatch(/The C\+\+ engine recovers the same [\d,]+ records/);
    expect(asText.text.includes("The C++ engine’s next write would be lost")).toBe(broken === 1);
    for (const { code, offset, meaning } of report.findings) {
      expect(asText.text).toContain(` ${code}  `);
      expect(asText.text).toContain(`0x${offset.toString(16).toUpperCase().padStart(5, "0")}  ${meaning}`);
    }
  });

  test("verify: one line each", async () => {
    const { verdict, recordCount, stop } = (await inspectWal(path)).value();
    const asText = await run("verify", path);
    const where = stop === null ? "" : `, stops at offset ${stop.offset}`;
    expect([asText.status, asText.text]).toEqual([broken, `${verdict}: ${path}, ${recordCount} records${where}\n`]);
    const asJson = await run("verify", path, "--json");
    expect([asJson.status, json(asJson.text)]).toEqual([broken, { path, verdict, recordCount, stop }]);
  });

  test("records: a line each, with the same offsets", async () => {
    const asJson = await run("records", path, "--json");
    const asText = await run("records", path);
    expect([asJson.status, asText.status]).toEqual([broken, broken]);
    const offsets = asJson.lines.map((line) => json(line).offset);
    expect(asText.lines.map((line) => Number(/0x[0-9A-F]+/.exec(line)?.[0]))).toEqual(offsets);
  });

  test("keys: a line each, in the same order; a prefix and a limit narrow both", async () => {
    const asJson = await run("keys", path, "--json");
    const asText = await run("keys", path);
    expect([asJson.status, asText.status]).toEqual([broken, broken]);
    const names: string[] = asJson.lines.map((line) => json(line).key);
    expect(asText.lines).toEqual(names.map(printable));
    const users = names.filter((key) => key.startsWith("user/"));
    for (const options of [[], ["--json"]]) {
      expect((await run("keys", path, "--prefix", "user/", ...options)).lines).toHaveLength(users.length);
      expect((await run("keys", path, "--limit", "2", ...options)).lines).toHaveLength(2);
    }
  });

  test("get: the same bytes as they are, as base64 and as JSON", async () => {
    const keys = (await run("keys", path, "--json")).lines.map(json).filter((_, i) => i % 60 === 0);
    for (const { key, version, valueBytes, keyBase64 } of keys) {
      if (keyBase64 !== undefined) continue;
      const plain = await run("get", path, key);
      const base64 = await run("get", path, key, "--base64");
      const asJson = await run("get", path, key, "--json");
      expect([plain.status, base64.status, asJson.status]).toEqual([broken, broken, broken]);
      const value = plain.bytes.toString("base64");
      expect([plain.bytes.length, base64.text]).toEqual([valueBytes, `${value}\n`]);
      expect(json(asJson.text)).toMatchObject({ key, version, valueBytes, valueBase64: value });
      for (const options of [[], ["--json"]])
        expect(await run("get", path, "never/written", ...options)).toMatchObject({ status: 2, text: "" });
    }
  });

  test.each(REPAIR_POLICIES)(
    "repair by %s: the plan, then the doing, both ways; the sample stays as it is",
    async (policy) => {
      const before = fs.readFileSync(path);
      const plan = JSON.parse(JSON.stringify((await planRepair(path, { policy })).value()));
      const planned = await run("repair", path, "--policy", policy, "--json");
      expect([planned.status, json(planned.text)]).toEqual([broken, plan]);
      const shown = await run("repair", path, "--policy", policy);
      expect(shown.status).toBe(broken);
      expect(shown.text).toContain(
        plan.isNeeded ? `keeps      ${count(plan.keptRecordCount)} record` : "nothing to repair",
      );

      const directory = tempDirectory();
      const output = join(directory, "new.wal");
      const done = await run("repair", path, "--policy", policy, "--output", output, "--yes", "--json");
      expect([done.status, json(done.text)]).toMatchObject([0, { outputPath: output, result: { verdict: "clean" } }]);
      const again = await run("repair", path, "--policy", policy, "--output", join(directory, "other.wal"), "--yes");
      expect([again.status, again.text]).toEqual([0, expect.stringContaining("other.wal")]);
      for (const options of [[], ["--json"]]) {
        const refused = await run("repair", path, "--output", output, "--yes", ...options);
        expect([refused.status, refused.errors]).toEqual([2, expect.stringContaining("already")]);
      }
      expect((await run("diff", path, output, "--policy", policy)).status).toBe(0);
      expect(fs.readFileSync(path).equals(before)).toBe(true);
    },
  );
});
