/** One measurement in a process of its own, so that its memory is its own too. Prints JSON. */
import fs from "node:fs";
import { keyOf, shuffled } from "./data.mjs";

const [task, ...args] = process.argv.slice(2);

const elapsedMs = (started) => Number(process.hrtime.bigint() - started) / 1e6;
const peakBytes = () => process.resourceUsage().maxRSS * 1024;

async function openClient(path, makeOptions = undefined) {
  const { Client, ClientOptions } = await import("@softadastra/sdk");
  const client = new Client(makeOptions?.(ClientOptions) ?? ClientOptions.persistent("bench", path));
  const started = process.hrtime.bigint();
  const opened = await client.open();
  if (opened.isErr()) throw opened.error();
  return { client, ms: elapsedMs(started) };
}

/** Every byte of the file, in pieces, and nothing done with it. */
function readRaw(path) {
  const piece = Buffer.alloc(256 * 1024);
  const file = fs.openSync(path, "r");
  const started = process.hrtime.bigint();
  for (let at = 0; ; ) {
    const count = fs.readSync(file, piece, 0, piece.length, at);
    if (count === 0) break;
    at += count;
  }
  return { ms: elapsedMs(started), peakBytes: peakBytes() };
}

async function recover(path) {
  const { client, ms } = await openClient(path);
  const size = client.size();
  const peak = peakBytes();
  await client.close();
  return { ms, size, peakBytes: peak };
}

/** Resident memory that opening adds, after a garbage collection. */
async function residentGrowth(path) {
  const { client: warm } = await openClient("", (ClientOptions) => ClientOptions.memoryOnly("warm"));
  await warm.close();
  globalThis.gc();
  const before = process.memoryUsage().rss;
  const { client } = await openClient(path);
  globalThis.gc();
  globalThis.gc();
  const { rss } = process.memoryUsage();
  const size = client.size();
  await client.close();
  return { bytes: rss - before, size };
}

async function scanLmdb(path) {
  const { open } = await import("lmdb");
  const db = open({ path, encoding: "binary", readOnly: true });
  const started = process.hrtime.bigint();
  let size = 0;
  let bytes = 0;
  for (const { key, value } of db.getRange()) {
    size += 1;
    bytes += key.length + value.length;
  }
  const ms = elapsedMs(started);
  await db.close();
  return { ms, size, bytes };
}

async function scanSqlite(path) {
  const { default: Database } = await import("better-sqlite3");
  const db = new Database(path, { readonly: true });
  const started = process.hrtime.bigint();
  let size = 0;
  let bytes = 0;
  for (const { key, value } of db.prepare("SELECT * FROM entries").iterate()) {
    size += 1;
    bytes += key.length + value.length;
  }
  const ms = elapsedMs(started);
  db.close();
  return { ms, size, bytes };
}

const GETS = 200_000;

/** Nanoseconds for one get, awaited, of keys in random order. */
async function getOurs(count, client) {
  let bytes = 0;
  const run = async (gets) => {
    const started = process.hrtime.bigint();
    let left = gets;
    for (const i of shuffled(count)) {
      const value = await client.get(keyOf(i));
      bytes += value.value().size;
      left -= 1;
      if (left === 0) break;
    }
    return (elapsedMs(started) / gets) * 1e6;
  };
  await run(20_000);
  const ns = await run(GETS);
  await client.close();
  return { ns, bytes };
}

async function getLazy(path, count) {
  return getOurs(Number(count), (await openClient(path)).client);
}

async function getMemory(count, valueBytes) {
  const { valueMaker } = await import("./data.mjs");
  const valueAt = valueMaker(Number(valueBytes));
  const { client } = await openClient("", (ClientOptions) => ClientOptions.memoryOnly("bench"));
  for (let start = 0; start < Number(count); start += 10_000) {
    await Promise.all(Array.from({ length: 10_000 }, (_, i) => client.put(keyOf(start + i), valueAt(start + i))));
  }
  return getOurs(Number(count), client);
}

async function getLmdb(path, count) {
  const { open } = await import("lmdb");
  const db = open({ path, encoding: "binary", readOnly: true });
  let bytes = 0;
  const run = (gets) => {
    const started = process.hrtime.bigint();
    let left = gets;
    for (const i of shuffled(Number(count))) {
      bytes += db.get(keyOf(i)).length;
      left -= 1;
      if (left === 0) break;
    }
    return (elapsedMs(started) / gets) * 1e6;
  };
  run(20_000);
  const ns = run(GETS);
  await db.close();
  return { ns, bytes };
}

/** Milliseconds of the first page of a prefix, and of one page later on, median of many. */
async function listing(path) {
  const { client } = await openClient(path);
  const page = (after) => [
    ...client.entries({ prefix: "bench/key/", limit: 100, ...(after === undefined ? {} : { after }) }),
  ];
  let started = process.hrtime.bigint();
  let last = page().at(-1).keyBytes;
  const firstMs = elapsedMs(started);
  const later = [];
  for (let i = 0; i < 500; i += 1) {
    started = process.hrtime.bigint();
    last = page(last).at(-1).keyBytes;
    later.push(elapsedMs(started));
  }
  later.sort((a, b) => a - b);
  await client.close();
  return { firstMs, laterMs: later[250] };
}

const TASKS = {
  readRaw,
  recover,
  residentGrowth,
  scanLmdb,
  scanSqlite,
  getLazy,
  getMemory,
  getLmdb,
  listing,
};
process.stdout.write(JSON.stringify(await TASKS[task](...args)));
