/** `npm run bench -- name`: runs one bench, or all, and writes what it measured to bench/results. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import { join } from "node:path";

const HERE = new URL(".", import.meta.url).pathname;
const BENCHES = {
  open: { module: "./open.mjs", hasPeers: false },
  tail: { module: "./tail.mjs", hasPeers: false },
  travel: { module: "./travel.mjs", hasPeers: false },
  writes: { module: "./writes.mjs", hasPeers: true },
  recovery: { module: "./recovery.mjs", hasPeers: false },
  reading: { module: "./reading.mjs", hasPeers: true },
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
  console.error(`No bench is called ${unknown.join(", ")}. There are: ${Object.keys(BENCHES).join(", ")}.`);
  process.exit(2);
}

const names = wanted.length > 0 ? wanted : Object.keys(BENCHES);
if (names.some((name) => BENCHES[name].hasPeers) && !fs.existsSync(join(HERE, "node_modules/lmdb"))) {
  console.log("Installing the stores to compare with (npm ci in bench; one of them is compiled, which takes minutes)");
  execFileSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd: HERE, stdio: "inherit" });
}
console.log("Building the SDK and the inspector");
for (const script of ["prepare", "build"])
  execFileSync("npm", ["run", script], { cwd: join(HERE, ".."), stdio: "ignore" });

const machine = `${os.cpus().length} × ${os.cpus()[0].model}, ${Math.round(os.totalmem() / 2 ** 30)} GiB, Node ${process.version}, ${os.type()} ${os.release()}`;
let isMet = true;
for (const name of names) {
  const { bench } = await import(BENCHES[name].module);
  const result = await bench();
  const text = [
    `# ${result.title}`,
    "",
    ...result.lines,
    "",
    ...(result.verdict === "" ? [] : [result.verdict, ""]),
    `${result.runs === 1 ? "" : `Medians of ${result.runs} runs. `}${machine}.`,
    "",
  ].join("\n");
  fs.mkdirSync(join(HERE, "results"), { recursive: true });
  const file = join(HERE, "results", `${name}${process.env.BENCH_KEYS ? `-${process.env.BENCH_KEYS}` : ""}.md`);
  fs.writeFileSync(file, text);
  console.log(`\n${text}\nWritten to ${file}`);
  isMet &&= result.isMet;
}
process.exit(isMet ? 0 : 1);
