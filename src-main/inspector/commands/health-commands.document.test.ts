/** The health report as a document: the shape docs/health-report.md promises, and where it may be written. */
import fs from "node:fs";
import { join } from "node:path";
import { inspectWal } from "@softadastra/sdk/wal";
import { describe, expect, test } from "vitest";
import { startInspector, tempDirectory } from "../testing.ts";

const SAMPLES = join(import.meta.dirname, "../../../resources/samples");
const DOCUMENT = fs.readFileSync(join(import.meta.dirname, "../../../docs/health-report.md"), "utf8");

async function openSample(name: string, fileName = `${name}.wal`) {
  const directory = tempDirectory();
  const path = join(directory, fileName);
  fs.copyFileSync(join(SAMPLES, `${name}.wal`), path);
  const inspector = startInspector();
  const { session } = await inspector.open(path);
  return { inspector, session, path, directory };
}

describe.each(["demo", "torn", "damaged", "continued"])("the report of the %s sample", (name) => {
  test("as JSON has the documented fields, and under `report` what the terminal prints", async () => {
    const { inspector, session, path } = await openSample(name);
    const { text, suggestedPath } = await inspector.call("health.document", { session, format: "json" });
    expect(suggestedPath).toBe(path.replace(/\.wal$/, "-health.json"));
    const report = JSON.parse(text);
    const table = DOCUMENT.slice(0, DOCUMENT.indexOf("## The report of a repair"));
    const documented = [...table.matchAll(/^\| `(\w+)` \|/gm)].map(([, field]) => field);
    expect(Object.keys(report)).toEqual(documented);
    const { durationMs: _, ...inspected } = JSON.parse(JSON.stringify((await inspectWal(path)).value()));
    const { durationMs: __, ...told } = report.report;
    expect(told).toEqual(inspected);
    expect(report.words).toEqual((await inspector.call("health.report", { session })).words);
    expect(report.policies).toEqual(await inspector.call("health.policies", { session }));
  });

  test("as Markdown names each finding and part of the file with its offset, in tables that hold together", async () => {
    const { inspector, session } = await openSample(name);
    const { text } = await inspector.call("health.document", { session, format: "markdown" });
    const { findings, regions, words } = await inspector.call("health.report", { session });
    expect(text.split("\n")[0]).toBe(`# ${name}.wal: ${words?.title}`);
    const at = (offset: number) => `0x${offset.toString(16).toUpperCase().padStart(5, "0")}`;
    for (const { code, offset } of findings) expect(text).toContain(`| ${code} | ${at(offset)} |`);
    for (const { kind, offset, bytes } of regions) expect(text).toContain(`| ${at(offset)} | ${bytes} | ${kind} |`);
    for (const table of text.split(/\n{2,}/).filter((part) => part.startsWith("|"))) {
      const columns = table
        .trimEnd()
        .split("\n")
        .map((line) => line.split(/(?<!\\)\|/).length);
      expect(new Set(columns).size).toBe(1);
    }
  });
});

test("a name with bars, backticks and line breaks stays a name", async () => {
  const { inspector, session } = await openSample("torn", "a`b|c.wal");
  const { text } = await inspector.call("health.document", { session, format: "markdown" });
  expect(text).toContain("a`b|c.wal``");
});

describe("a report is written", () => {
  test("to a new file, over an older one when told so, and with nothing left beside it", async () => {
    const { inspector, session, directory } = await openSample("damaged");
    const path = join(directory, "report.md");
    const input = { session, format: "markdown", path, overwrite: false } as const;
    const saved = await inspector.call("health.export", input);
    expect(saved).toEqual({ path, fileBytes: fs.statSync(path).size });
    expect(await inspector.codeOf("health.export", input)).toBe("Exists");
    fs.writeFileSync(path, "older");
    await inspector.call("health.export", { ...input, overwrite: true });
    expect(fs.readFileSync(path, "utf8")).toContain("# damaged.wal");
    expect(fs.readdirSync(directory).sort()).toEqual(["damaged.wal", "report.md"]);
  });

  test("never over a log, whatever its name, nor to a folder or into one that is not there", async () => {
    const { inspector, session, path, directory } = await openSample("damaged");
    const renamed = join(directory, "renamed.md");
    fs.copyFileSync(path, renamed);
    const before = fs.readFileSync(path);
    const codeAt = (at: string) =>
      inspector.codeOf("health.export", { session, format: "json", path: at, overwrite: true });
    expect([await codeAt(path), await codeAt(renamed)]).toEqual(["Refused", "Refused"]);
    expect([fs.readFileSync(path).equals(before), fs.readFileSync(renamed).equals(before)]).toEqual([true, true]);
    expect([await codeAt(directory), await codeAt(join(directory, "no/such/r.md"))]).toEqual(["NotAFile", "NotFound"]);
    await inspector.call("session.close", { session });
    expect(await codeAt(join(directory, "r.md"))).toBe("SessionClosed");
  });
});
