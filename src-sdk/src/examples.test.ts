/** The examples, run as a user runs them: plain `node`, the built package, exact output. */
import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { tempDirectory } from "./testing/temp-directory.js";

const EXAMPLES = resolve(import.meta.dirname, "../examples");

function run(file: string, cwd: string): string[] {
  return execFileSync(process.execPath, [file], { cwd, encoding: "utf8" }).trimEnd().split("\n");
}

function workplace(): string {
  const dir = tempDirectory();
  fs.mkdirSync(join(dir, "data"));
  return dir;
}

test("01-local-store", () => {
  expect(run(join(EXAMPLES, "01-local-store.js"), workplace())).toEqual([
    "key : settings/theme",
    "value : dark",
    "contains settings/locale : yes",
    "store size : 2",
    "entry : settings/locale = en (version 2)",
    "entry : settings/theme = dark (version 1)",
  ]);
});

test("02-persistent-store prints exactly what its documentation shows", () => {
  expect(run(join(EXAMPLES, "02-persistent-store.js"), workplace())).toEqual([
    "key : settings/theme",
    "value : dark",
    "wal path : data/sdk-persistent-store.wal",
    "store size : 1",
    "outbox size : 1",
  ]);
});

test("02-persistent-store without a data directory says how to make one", () => {
  const ended = spawnSync(process.execPath, [join(EXAMPLES, "02-persistent-store.js")], {
    cwd: tempDirectory(),
    encoding: "utf8",
  });
  expect(ended.status).toBe(1);
  expect(ended.stderr).toContain("mkdir -p data");
});

test("03-remove-value", () => {
  expect(run(join(EXAMPLES, "03-remove-value.js"), workplace())).toEqual([
    "stored : draft/1, store size 1",
    "removed : draft/1, store size 0",
    "read result: not_found",
  ]);
});

test("04-basic-sync", () => {
  expect(run(join(EXAMPLES, "04-basic-sync.js"), workplace())).toEqual([
    "before tick: outbox 1, queued 1, in flight 0, failed 0",
    "tick: retried 0, pruned 0, batch 1",
    "after tick: outbox 1, queued 0, in flight 1, failed 0",
  ]);
});

/** `persistent-test.js`, word for word as the user's own description of the persistent store has it. */
const RESTART_SCRIPT = `import { Client, ClientOptions } from "@softadastra/sdk";
const options = ClientOptions.local("node-persistent-test");
options.enableTransport = false;
options.enableDiscovery = false;
options.enableWal = true;
options.walPath = "data/persistent-test.wal";
options.autoFlush = true;
{
const client = new Client(options);
const opened = await client.open();
if (opened.isErr()) {
console.error(opened.error().message);
process.exit(1);
}
await client.put("app/name", "Softadastra");
console.log("first run value written");
await client.close();
}
{
const client = new Client(options);
const opened = await client.open();
if (opened.isErr()) {
console.error(opened.error().message);
process.exit(1);
}
const value = await client.get("app/name");
if (value.isErr()) {
console.error(\`recovery failed: \${value.error().message}\`);
await client.close();
process.exit(1);
}
console.log(\`recovered value: \${value.value().toString()}\`);
await client.close();
}
`;

const SEED = resolve(import.meta.dirname, "../../../shared/spec/seed-persistent-store.txt");
const seedText = fs.existsSync(SEED) ? fs.readFileSync(SEED, "utf8") : null;

/** A directory with the package beside it, as after `npm install`. */
function project(manifest: string | null): string {
  const dir = workplace();
  fs.mkdirSync(join(dir, "node_modules/@softadastra"), { recursive: true });
  fs.symlinkSync(resolve(EXAMPLES, ".."), join(dir, "node_modules/@softadastra/sdk"));
  if (manifest !== null) fs.writeFileSync(join(dir, "package.json"), manifest);
  return dir;
}

describe("the two-client restart script", () => {
  test.skipIf(seedText === null)("is the one of the description, unchanged", () => {
    const from = seedText?.indexOf("Create persistent-test.js:\n") ?? -1;
    const to = seedText?.indexOf("Before running:", from) ?? -1;
    expect(seedText?.slice(from, to)).toBe(`Create persistent-test.js:\n${RESTART_SCRIPT.trimEnd()}`);
  });

  test("recovers its value under plain node, on the first run and on the next", () => {
    const dir = project('{"type":"module"}');
    fs.writeFileSync(join(dir, "persistent-test.js"), RESTART_SCRIPT);
    for (const _ of ["first", "second"]) {
      expect(run("persistent-test.js", dir)).toEqual(["first run value written", "recovered value: Softadastra"]);
    }
  });
});

test.skipIf(seedText === null)("the first program of the description prints what it says", () => {
  const text = seedText as string;
  const from = text.indexOf('import { Client, ClientOptions } from "@softadastra/sdk";');
  const [program, rest] = text.slice(from).split("Expected output:\n") as [string, string];
  const dir = project('{"type":"module"}');
  fs.writeFileSync(join(dir, "first.js"), program);
  const expected = rest.split("\n").slice(0, 5);
  expect(expected[4]).toContain("outbox size : 1");
  // The description runs its last line into the next heading.
  expect(run("first.js", dir)).toEqual([...expected.slice(0, 4), "outbox size : 1"]);
});

test("each example has the npm script that the specification names", () => {
  const manifest = JSON.parse(fs.readFileSync(resolve(EXAMPLES, "../../package.json"), "utf8"));
  for (const [name, file] of [
    ["local-store", "01-local-store.js"],
    ["persistent-store", "02-persistent-store.js"],
    ["remove-value", "03-remove-value.js"],
    ["basic-sync", "04-basic-sync.js"],
  ] as const) {
    expect(manifest.scripts[`examples:${name}`]).toBe(`node src-sdk/examples/${file}`);
    expect(fs.existsSync(join(EXAMPLES, file))).toBe(true);
  }
});
