/** One measurement in a process of its own, so that its memory is its own too. Prints JSON. */
import fs from "node:fs";
import { keyOf, shuffled, wholeKeyOf } from "./data.mjs";

const [task, ...args] = process.argv.slice(2);

const elapsedMs = (started) => Number(process.hrtime.bigint() - started) / 1e6;
/** Peak resident memory of this process; what the system calls maxRSS begins with the memory of the process it came from. */
function peakBytes() {
  const status = process.platform === "linux" ? fs.readFileSync("/proc/self/status", "utf8") : "";
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return (kilobytes === undefined ? process.resourceUsage().maxRSS : Number(kilobytes)) * 1024;
}

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
const WARM_GETS = 100_000;

/** Keys in random order, each once, made beforehand: what is measured is the get. */
function randomKeys(count) {
  const keys = [];
  for (const i of shuffled(count)) {
    keys.push(wholeKeyOf(i));
    if (keys.length === GETS + WARM_GETS) return keys;
  }
  return keys;
}

/** Nanoseconds of one get, which answers the bytes of a value. */
function timeGets(keys, get) {
  let sum = 0;
  for (let i = 0; i < WARM_GETS; i += 1) sum += get(keys[i])[0];
  const started = process.hrtime.bigint();
  for (let i = WARM_GETS; i < keys.length; i += 1) sum += get(keys[i])[0];
  const ns = (elapsedMs(started) / GETS) * 1e6;
  if (sum === 0) throw new Error("values are empty");
  return ns;
}

/** Nanoseconds for one get of keys in random order: without a promise, as the peers' are, and awaited. */
async function getOurs(count, client) {
  const { Value } = await import("../src-sdk/dist/value.js");
  const keys = randomKeys(count);
  const ns = timeGets(keys, (key) => Value.bytesOf(client.getSync(key).value()));
  let sum = 0;
  const started = process.hrtime.bigint();
  for (let i = WARM_GETS; i < keys.length; i += 1) sum += (await client.get(keys[i])).value().size;
  const awaitedNs = (elapsedMs(started) / GETS) * 1e6;
  await client.close();
  return { ns, awaitedNs, sum };
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
  const ns = timeGets(randomKeys(Number(count)), (key) => db.get(key));
  await db.close();
  return { ns };
}

/** Nanoseconds of one small read of the file at a random place, and nothing else: what a value read lazily cannot beat. */
function readBare(path) {
  const file = fs.openSync(path, "r");
  const { size } = fs.fstatSync(file);
  const into = new Uint8Array(100);
  const run = (reads) => {
    const started = process.hrtime.bigint();
    let left = reads;
    for (const i of shuffled(Math.floor(size / 182))) {
      fs.readSync(file, into, 0, 100, i * 182 + 70);
      left -= 1;
      if (left === 0) break;
    }
    return (elapsedMs(started) / reads) * 1e6;
  };
  run(20_000);
  return { ns: run(GETS) };
}

const PAGE = 100;
const LATER_PAGES = 500;

const medianOf = (values) => values.sort((a, b) => a - b)[values.length >> 1];

/**
 * Milliseconds of the first page of a prefix and of a later one: the keys, as a list on the screen needs them, with the
 * order of the keys made. And what making that order takes, once; and the same pages with every value read.
 */
async function listing(path) {
  const { KeyTable, OrderedKeys, fileSource, nodeFileSystem, surveyLog } = await import("@softadastra/sdk/tools");
  const keys = new KeyTable();
  const file = await nodeFileSystem.open(path, "read");
  await surveyLog(fileSource(file, (await file.stat()).size), {
    onRecord: ({ bytes, at, operation }) => keys.add(bytes, at + 36, at + 36 + operation.keyLength),
  });
  await file.close();
  const order = new OrderedKeys(keys);
  let started = process.hrtime.bigint();
  if (order.size !== keys.size) throw new Error("not every key is in order");
  const orderMs = elapsedMs(started);

  const prefix = Buffer.from("bench/key/");
  /** Answers where the next page begins. */
  const keyPage = (place) => {
    const ids = order.page(prefix, place, PAGE, false, () => true);
    return Buffer.concat([keys.view(ids[PAGE - 1]), Uint8Array.of(0)]);
  };
  const timePages = (page, start) => {
    started = process.hrtime.bigint();
    let place = page(start);
    const firstMs = elapsedMs(started);
    const later = [];
    for (let i = 0; i < LATER_PAGES; i += 1) {
      started = process.hrtime.bigint();
      place = page(place);
      later.push(elapsedMs(started));
    }
    return { firstMs, laterMs: medianOf(later) };
  };
  const { firstMs, laterMs } = timePages(keyPage, prefix);

  const { client } = await openClient(path);
  const entryPage = (after) =>
    [...client.entries({ prefix, limit: PAGE, ...(after === undefined ? {} : { after }) })].at(-1).keyBytes;
  const entries = timePages(entryPage, undefined);
  await client.close();
  return { orderMs, firstMs, laterMs, entriesMs: entries.laterMs };
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
  readBare,
  listing,
};
process.stdout.write(JSON.stringify(await TASKS[task](...args)));
