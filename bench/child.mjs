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

const GETS = 20_000;
const ROUNDS = 30;
const WARM_ROUNDS = 5;
const KEY_END = 29;

/**
 * Nanoseconds of one get of a key that nobody asked for before, in random order. The stores are open side by side and
 * take turns of 20,000 gets; each get looks at a byte of the value. Keys are made beforehand: what is measured is the get.
 */
async function gets(logPath, lmdbPath, count, valueBytes, readBytes) {
  const { open } = await import("lmdb");
  const { valueMaker } = await import("./data.mjs");
  const numbers = [...shuffled(Number(count))].slice(0, GETS * (WARM_ROUNDS + ROUNDS));
  const keys = numbers.map(wholeKeyOf);

  const { client: memory } = await openClient("", (ClientOptions) => ClientOptions.memoryOnly("bench"));
  const valueAt = valueMaker(Number(valueBytes));
  for (let start = 0; start < Number(count); start += 10_000) {
    await Promise.all(Array.from({ length: 10_000 }, (_, i) => memory.put(keyOf(start + i), valueAt(start + i))));
  }
  const { client: lazy } = await openClient(logPath);
  const db = open({ path: lmdbPath, encoding: "binary", readOnly: true });
  const file = fs.openSync(logPath, fs.constants.O_RDONLY | (fs.constants.O_NOATIME ?? 0));
  const recordBytes = Math.floor(fs.fstatSync(file).size / Number(count));
  const into = new Uint8Array(Number(readBytes));

  // Each has a loop of its own: one for all would be slower for the later ones.
  let sum = 0;
  const contenders = {
    memory: (from, to) => {
      for (let i = from; i < to; i += 1) sum += memory.getSync(keys[i]).value().at(0);
    },
    lazy: (from, to) => {
      for (let i = from; i < to; i += 1) sum += lazy.getSync(keys[i]).value().at(0);
    },
    awaited: async (from, to) => {
      for (let i = from; i < to; i += 1) sum += (await lazy.get(keys[i])).value().at(0);
    },
    lmdb: (from, to) => {
      for (let i = from; i < to; i += 1) sum += db.get(keys[i])[0];
    },
    /** One small read of the file at a random place, and nothing else: what a value read lazily cannot beat. */
    bare: (from, to) => {
      for (let i = from; i < to; i += 1) {
        fs.readSync(file, into, 0, into.length, numbers[i] * recordBytes + 36);
        sum += into[0];
      }
    },
  };
  const figures = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
  const names = Object.keys(contenders);
  for (let round = 0; round < WARM_ROUNDS + ROUNDS; round += 1) {
    for (let turn = 0; turn < names.length; turn += 1) {
      // Each round begins with another one. A program that asks has its key at hand: so has every turn.
      const name = names[(turn + round) % names.length];
      const run = contenders[name];
      for (let i = round * GETS; i < (round + 1) * GETS; i += 1) sum += keys[i].charCodeAt(KEY_END);
      const started = process.hrtime.bigint();
      await run(round * GETS, (round + 1) * GETS);
      if (round >= WARM_ROUNDS) figures[name].push((elapsedMs(started) / GETS) * 1e6);
    }
  }
  for (const store of [memory, lazy, db]) await store.close();
  if (sum === 0) throw new Error("values are empty");
  return figures;
}

const PAGE = 100;
/** Enough that most of them come after the language was compiled. */
const LATER_PAGES = 2_000;

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
  gets,
  listing,
};
process.stdout.write(JSON.stringify(await TASKS[task](...args)));
