/** `export` and `import` in a terminal: on every sample, into files and pipes, and what is refused. */
import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Client, ClientOptions } from "../index.js";
import { tempDirectory } from "../testing/temp-directory.js";
import { runCli } from "./main.js";

const SAMPLES = join(import.meta.dirname, "../../../resources/samples");
const PROGRAM = join(import.meta.dirname, "../../bin/softadastra-wal.js");

async function run(...args: string[]) {
  const out: Buffer[] = [];
  const errors: string[] = [];
  const status = await runCli(args, {
    stdout: {
      write(text, done) {
        out.push(Buffer.from(text));
        // Later, as a pipe answers.
        if (done !== undefined) setImmediate(done);
      },
    },
    stderr: { write: (text) => errors.push(text) },
  });
  return { status, out: Buffer.concat(out).toString(), errors: errors.join("") };
}

function copy(name: string): string {
  const path = join(tempDirectory(), `${name}.wal`);
  fs.copyFileSync(join(SAMPLES, `${name}.wal`), path);
  return path;
}

const lines = (text: string) => (text === "" ? [] : text.trimEnd().split("\n"));

describe.each([
  ["demo", 0, 398, 1_618],
  ["torn", 1, 5, 41],
  ["damaged", 1, 5, 48],
  ["continued", 1, 5, 33],
] as const)("the %s sample", (name, status, keyCount, rowCount) => {
  test("is exported with its status in every format, and imported into a new log it has the same keys", async () => {
    const path = copy(name);
    const before = fs.readFileSync(path);
    const keys = await run("export", path);
    expect([keys.status, lines(keys.out).length, keys.errors]).toEqual([status, keyCount, ""]);
    expect(JSON.parse((await run("export", path, "--format", "json", "--keys")).out)).toHaveLength(keyCount);
    const records = await run("export", path, "--records");
    expect([records.status, lines(records.out).length]).toEqual([status, rowCount]);
    expect((await run("export", path, "--format", "csv", "--values", "none")).out.split("\r\n")).toHaveLength(
      keyCount + 2,
    );

    const rows = join(path, "../rows.ndjson");
    expect(await run("export", path, "-o", rows)).toMatchObject({
      status,
      out: expect.stringMatching(/rows\.ndjson\n$/),
    });
    expect(fs.readFileSync(rows, "utf8")).toBe(keys.out);
    expect(fs.readFileSync(path).equals(before)).toBe(true);
    const made = join(path, "../made.wal");
    const imported = await run("import", made, rows, "--create", "--json");
    expect([imported.status, JSON.parse(imported.out)]).toEqual([
      0,
      { path: made, recordCount: keyCount, lastLine: keyCount, skippedCount: 0 },
    ]);
    // Sequences, times and places are those of the new log; keys and values are what they were.
    const content = (text: string) =>
      lines(text).map((line) => {
        const { sequence, operationMs, offset, ...rest } = JSON.parse(line);
        return [rest, sequence > 0, operationMs > 0, offset >= 0];
      });
    expect(content((await run("export", made)).out)).toEqual(content(keys.out));
    expect(fs.readdirSync(join(path, "..")).sort()).toEqual([`${name}.wal`, "made.wal", "rows.ndjson"].sort());
  });
});

describe("import", () => {
  const good = '{"key":"a","value":"1"}\n{"key":"b","value":"2"}\n';

  test("looks first: a dry run and bad lines write nothing, --skip-bad leaves the bad ones out", async () => {
    const path = copy("demo");
    const before = fs.readFileSync(path);
    const rows = join(path, "../rows.ndjson");
    fs.writeFileSync(rows, `${good}{"key":"c","value":}\n{"key":"d","value":"4"}\n`);
    const refused = await run("import", path, rows);
    expect([refused.status, refused.errors]).toEqual([
      2,
      `${rows}: line 3, column 20: a value must stand here\nNothing was written. Correct the lines, or leave them out with --skip-bad.\n`,
    ]);
    const dry = await run("import", path, rows, "--dry-run", "--skip-bad");
    expect([dry.status, dry.out]).toEqual([0, expect.stringContaining("keys       3: 3 new, 0 get another value")]);
    expect(fs.readFileSync(path).equals(before)).toBe(true);
    expect((await run("import", path, rows, "--skip-bad")).out).toContain("Wrote 3 records");
    expect((await run("get", path, "d")).out).toBe("4");
  });

  test("respects the lock of a log that is open, and says who has it", async () => {
    const path = copy("demo");
    const rows = join(path, "../rows.ndjson");
    fs.writeFileSync(rows, good);
    const client = new Client(ClientOptions.persistent("demo", path));
    await client.open();
    const { status, errors } = await run("import", path, rows);
    expect([status, errors]).toEqual([2, expect.stringContaining(`process id ${process.pid}`)]);
    await client.close();
  });

  test("a damaged log is not written to", async () => {
    const path = copy("damaged");
    const before = fs.readFileSync(path);
    const rows = join(path, "../rows.ndjson");
    fs.writeFileSync(rows, good);
    expect((await run("import", path, rows)).status).toBe(2);
    expect(fs.readFileSync(path).equals(before)).toBe(true);
  });
});

test("what cannot be done has status 2 and says why", async () => {
  const path = copy("demo");
  const rows = join(path, "../rows.json");
  fs.writeFileSync(rows, "[]");
  const cases: [string[], RegExp][] = [
    [["export", path, "--keys", "--records"], /not both/],
    [["export", path, "--records", "--deleted"], /belongs to --keys/],
    [["export", path, "--format", "xml"], /--format must be json or ndjson or csv, not xml/],
    [["export", path, "--values", "hex"], /--values must be/],
    [["export", path, "-o", path, "--force"], /is the log itself/],
    [["export", path, "-o", rows], /exists already/],
    [["export", "/no/such.wal"], /does not exist/],
    [["import", path], /import needs the file of rows/],
    [["import", path, "/no/such.ndjson"], /does not exist/],
    [["import", path, rows], /one JSON array/],
    [["import", join(path, "../absent.wal"), rows], /absent\.wal does not exist/],
  ];
  for (const [args, message] of cases) {
    const { status, errors } = await run(...args);
    expect([args, status, errors]).toEqual([args, 2, expect.stringMatching(message)]);
  }
});

test("a reader that goes away early ends the program without a complaint", async () => {
  const child = spawn(process.execPath, [PROGRAM, "export", join(SAMPLES, "demo.wal"), "--records"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let errors = "";
  child.stderr.on("data", (text) => (errors += text));
  child.stdout.once("data", () => child.stdout.destroy());
  const status = await new Promise((resolve) => child.once("exit", resolve));
  // What a shell says of a program whose reader went away.
  expect([status, errors]).toEqual([141, ""]);
});

test("through a pipe every byte arrives", () => {
  const piped = spawnSync(process.execPath, [PROGRAM, "export", join(SAMPLES, "demo.wal"), "--records"], {
    maxBuffer: 64 * 1024 * 1024,
  });
  expect(piped.status).toBe(0);
  expect(lines(piped.stdout.toString())).toHaveLength(1_618);
});

test("values of 64 MiB pass through in pieces: memory stays far below one of them as text", async () => {
  const path = join(tempDirectory(), "large.wal");
  const client = new Client(ClientOptions.persistent("large", path));
  await client.open();
  const value = Buffer.alloc(67_108_864 - 32, "é\n");
  (await client.put("text", value)).value();
  value[value.length - 1] = 255;
  (await client.put("bytes", value)).value();
  (await client.put("more bytes", value)).value();
  await client.close();
  const peakKb = (...args: string[]) => {
    const main = JSON.stringify(new URL("../../dist/cli/main.js", import.meta.url).href);
    const code = `const { runCli } = await import(${main});
      const out = { write: (text, done) => { done?.(); return true; } };
      await runCli(${JSON.stringify(args)}, { stdout: out, stderr: process.stderr });
      console.log(process.resourceUsage().maxRSS);`;
    return Number(spawnSync(process.execPath, ["--input-type=module", "-e", code]).stdout.toString());
  };
  const usual = peakKb("verify", path);
  expect(usual).toBeGreaterThan(10_000);
  expect(peakKb("export", path, "--format", "json")).toBeLessThan(usual + 80_000);
}, 60_000);
