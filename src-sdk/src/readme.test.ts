/** The README of the package is read and held to what it says. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { Client } from "./client.js";
import { ERROR_CODES } from "./result.js";
import { SYNC_STATUSES } from "./sync/outbox.js";
import { tempDirectory } from "./testing/temp-directory.js";

const PACKAGE = resolve(import.meta.dirname, "..");
const README = fs.readFileSync(join(PACKAGE, "README.md"), "utf8");
const blocks = (language: string) =>
  [...README.matchAll(new RegExp(`\`\`\`${language}\\n([^\`]*(?:\`[^\`]+\`[^\`]*)*?)\`\`\``, "g"))].map(
    (match) => match[1] as string,
  );

test("its programs run in a project that has the package, and the first prints what it shows", () => {
  const dir = tempDirectory();
  fs.mkdirSync(join(dir, "data"));
  fs.mkdirSync(join(dir, "node_modules/@softadastra"), { recursive: true });
  fs.symlinkSync(PACKAGE, join(dir, "node_modules/@softadastra/sdk"));
  fs.writeFileSync(join(dir, "package.json"), '{"type":"module"}');
  const [first, second, third, ...others] = blocks("js");
  expect(others).toEqual([]);
  const run = (program: string | undefined) => {
    fs.writeFileSync(join(dir, "program.js"), program ?? "");
    return execFileSync(process.execPath, ["program.js"], { cwd: dir, encoding: "utf8" });
  };
  expect(run(first)).toBe(blocks("text")[0]);
  expect(run(first)).toContain("outbox size : 2");
  expect(run(second)).toBe("clean 2 []\n0 1 put settings/theme\n70 2 put settings/theme\n");
  const log = join(dir, "data/sdk-persistent-store.wal");
  const bytes = fs.readFileSync(log);
  // A bit of the first value: the second record is readable behind the damage.
  bytes[55] = (bytes[55] as number) ^ 1;
  fs.writeFileSync(log, bytes);
  const repaired = run(third);
  expect(repaired).toMatch(/^damaged 1 70 \{\n {2}kept: 1,\n {2}added: 1,/);
  expect(repaired).toMatch(/settings\/theme added\nclean \S+\.bak-\d{8}T\d{6}Z\n$/);
  expect(fs.readFileSync(log).equals(bytes.subarray(70))).toBe(true);
});

test("every error code has its place in the table of errors, and every state in that of sync", () => {
  const rows = README.split("\n").filter((line) => line.startsWith("| `"));
  const firstCells = rows.map((line) => line.split("|")[1] ?? "");
  const named = firstCells.flatMap((cell) => [...cell.matchAll(/`([a-z_]+)`/g)].map((match) => match[1] as string));
  for (const code of ERROR_CODES) expect(named).toContain(code);
  for (const status of SYNC_STATUSES) expect(named).toContain(status);
});

test("every method of a client is named", () => {
  const methods = Object.getOwnPropertyNames(Client.prototype).filter((name) => name !== "constructor");
  const inCamelCase = methods.filter((name) => !name.includes("_"));
  expect(inCamelCase.length).toBeGreaterThan(25);
  expect(inCamelCase.filter((name) => !README.includes(`\`${name}(`))).toEqual([]);
  // The names in snake case are the same ones, for more than one word.
  for (const name of methods.filter((method) => method.includes("_"))) {
    expect(methods).toContain(name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()));
  }
});
