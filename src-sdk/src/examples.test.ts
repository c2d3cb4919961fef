/** The examples, run as a user runs them: plain `node`, the built package, exact output. */
import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
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

test("the two-client restart script recovers its value under plain node", () => {
  const dir = workplace();
  // A project of its own that has the package, as after `npm install`.
  fs.mkdirSync(join(dir, "node_modules/@softadastra"), { recursive: true });
  fs.symlinkSync(resolve(EXAMPLES, ".."), join(dir, "node_modules/@softadastra/sdk"));
  fs.writeFileSync(join(dir, "package.json"), '{"type":"module"}');
  const half = (body: string) => `{
const client = new Client(options);
const opened = await client.open();
if (opened.isErr()) {
console.error(opened.error().message);
process.exit(1);
}
${body}
await client.close();
}
`;
  fs.writeFileSync(
    join(dir, "persistent-test.js"),
    `import { Client, ClientOptions } from "@softadastra/sdk";
const options = ClientOptions.local("node-persistent-test");
options.enableTransport = false;
options.enableDiscovery = false;
options.enableWal = true;
options.walPath = "data/persistent-test.wal";
options.autoFlush = true;
${half('await client.put("app/name", "Softadastra");\nconsole.log("first run value written");')}
${half('const value = await client.get("app/name");\nconsole.log("recovered value: " + value.value().toString());')}`,
  );
  expect(run("persistent-test.js", dir)).toEqual(["first run value written", "recovered value: Softadastra"]);
});
