/** The package as others get it: what is in the tarball, and that a project of its own can use and type-check it. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { join, resolve } from "node:path";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { tempDirectory } from "./testing/temp-directory.js";

const ROOT = resolve(import.meta.dirname, "../..");

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

/** Packs the SDK and unpacks it where `npm install <tarball>` would put it: it has no dependencies to fetch. */
function installedProject(): { dir: string; files: string[] } {
  const dir = tempDirectory();
  const args = ["pack", "-w", "@softadastra/sdk", "--json", "--ignore-scripts", "--pack-destination", dir];
  const output = execFileSync("npm", args, { cwd: ROOT, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  const [packed] = JSON.parse(output) as Packed[];
  if (packed === undefined) throw new Error("npm packed nothing");
  const target = join(dir, "node_modules/@softadastra/sdk");
  fs.mkdirSync(target, { recursive: true });
  execFileSync("tar", ["-xzf", join(dir, packed.filename), "-C", target, "--strip-components=1"]);
  fs.writeFileSync(join(dir, "package.json"), '{"name":"app","type":"module"}');
  return { dir, files: packed.files.map((file) => file.path) };
}

const APP = `
import { Client, ClientOptions, Peer, Value, type Result, type StoreEntry } from "@softadastra/sdk";
import { inspectWal, readWalRecords, type WalReport } from "@softadastra/sdk/wal";

const client = new Client(ClientOptions.persistent("node-a", "app.wal"));
const opened: Result<void> = await client.open();
if (opened.isErr()) throw opened.error();
(await client.put("k", Value.fromString("v"))).value();
const entries: StoreEntry[] = [...client.entries()];
const off: () => void = client.on("change", ({ key, version }) => console.log(key.length + version));
off();
(await client.close()).value();
const report: WalReport = (await inspectWal("app.wal")).value();
let records = 0;
for await (const record of readWalRecords("app.wal")) records += record.operation === null ? 0 : 1;
console.log(entries.length, report.verdict, records, new Peer("b", "::1", 1).port);
`;

test("the tarball holds the built package and nothing else, runs in a project of its own, and type-checks there", {
  timeout: 60_000,
}, () => {
  const { dir, files } = installedProject();
  expect(files).toEqual(expect.arrayContaining(["package.json", "README.md", "LICENSE", "dist/index.js"]));
  expect(files).toEqual(expect.arrayContaining(["dist/index.d.ts", "dist/wal.js", "dist/wal.d.ts"]));
  expect(
    files.filter(
      (path) => !/^(dist\/.*\.(js|d\.ts)|bin\/softadastra-wal\.js|package\.json|README\.md|LICENSE)$/.test(path),
    ),
  ).toEqual([]);
  expect(files.filter((path) => path.includes("test"))).toEqual([]);
  const manifest = JSON.parse(fs.readFileSync(join(dir, "node_modules/@softadastra/sdk/package.json"), "utf8"));
  expect(manifest.dependencies ?? {}).toEqual({});

  fs.writeFileSync(join(dir, "app.ts"), APP);
  fs.symlinkSync(join(ROOT, "node_modules/@types"), join(dir, "node_modules/@types"));
  const options = ["--strict", "--module", "nodenext", "--target", "es2022", "--types", "node", "app.ts"];
  execFileSync(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), ...options], {
    cwd: dir,
    stdio: "inherit",
  });
  expect(execFileSync(process.execPath, ["app.js"], { cwd: dir, encoding: "utf8" })).toBe("1 clean 1 1\n");
});

test("a client works in a worker thread", async () => {
  const dir = tempDirectory();
  const code = `
    const { parentPort } = require("node:worker_threads");
    import(${JSON.stringify(join(ROOT, "src-sdk/dist/index.js"))}).then(async ({ Client, ClientOptions }) => {
      const client = new Client(ClientOptions.persistent("n", ${JSON.stringify(join(dir, "n.wal"))}));
      (await client.open()).value();
      (await client.put("k", "from a thread")).value();
      parentPort.postMessage((await client.get("k")).value().toString());
      (await client.close()).value();
    });`;
  const worker = new Worker(code, { eval: true });
  const ended = new Promise((done) => worker.once("exit", done));
  expect(await new Promise((done, fail) => worker.once("message", done).once("error", fail))).toBe("from a thread");
  // Nothing of the client keeps the thread alive.
  expect(await ended).toBe(0);
  expect(fs.readdirSync(dir)).toEqual(["n.wal"]);
});

test("a program that only embeds a node does not load the languages of the world: 11 MB and 15 ms", () => {
  const url = (name: string) => JSON.stringify(join(ROOT, `src-sdk/dist/${name}.js`));
  const code = `
    let made = 0;
    const { NumberFormat } = Intl;
    Intl.NumberFormat = function (...args) { made += 1; return new NumberFormat(...args); };
    const { Client, ClientOptions } = await import(${url("index")});
    await import(${url("wal")});
    const client = new Client(ClientOptions.persistent("n", ${JSON.stringify(join(tempDirectory(), "n.wal"))}));
    (await client.open()).value();
    (await client.put("k", "v")).value();
    (await client.close()).value();
    console.log(made);`;
  const args = ["--input-type=module", "--eval", code];
  expect(execFileSync(process.execPath, args, { encoding: "utf8" })).toBe("0\n");
});

/** Where the names that a declaration file exports are declared. */
function exportedDeclarations(entry: string): { name: string; file: string }[] {
  const text = fs.readFileSync(entry, "utf8");
  return [...text.matchAll(/export (?:type )?\{([^}]*)\} from "([^"]+)"/g)].flatMap(([, names = "", from = ""]) =>
    names
      .split(",")
      .map((name) => name.replace(/\btype\b/, "").trim())
      .filter((name) => name !== "")
      .map((name) => ({ name, file: join(entry, "..", from.replace(/\.js$/, ".d.ts")) })),
  );
}

test.each(["index", "wal"])("every name that %s exports is explained where it is declared", (entry) => {
  const declarations = exportedDeclarations(join(ROOT, `src-sdk/dist/${entry}.d.ts`));
  expect(declarations.length).toBeGreaterThan(10);
  const unexplained = declarations.filter(({ name, file }) => {
    const declared = new RegExp(
      `\\*/\\nexport (?:declare )?(?:abstract )?(?:class|interface|type|const|function) ${name}\\b`,
    );
    return !declared.test(fs.readFileSync(file, "utf8"));
  });
  expect(unexplained.map(({ name }) => name)).toEqual([]);
});

test("every method of a client is explained", () => {
  const text = fs.readFileSync(join(ROOT, "src-sdk/dist/client.d.ts"), "utf8");
  const lines = text.slice(text.indexOf("export declare class Client")).split("\n");
  const methods = lines.flatMap((line, i) => {
    const name = /^ {4}(\w+)[(<]/.exec(line)?.[1];
    // The names in snake case are explained by their twins.
    return name === undefined || name.includes("_") ? [] : [{ name, isExplained: lines[i - 1]?.endsWith("*/") }];
  });
  expect(methods.length).toBeGreaterThan(25);
  expect(methods.filter((method) => !method.isExplained)).toEqual([]);
});
