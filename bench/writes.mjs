/** Writing: durable puts alone and many at once, and accepted ones, against other stores on the same disk. */
import fs from "node:fs";
import fsp from "node:fs/promises";
import { join } from "node:path";
import { Client, ClientOptions } from "@softadastra/sdk";
import Database from "better-sqlite3";
import { ClassicLevel } from "classic-level";
import { open as openLmdb } from "lmdb";
import { WriteBatch } from "../src-sdk/dist/wal/write-batch.js";
import { goalTable, inDirectory, median, quantile, ROUNDS, short } from "./compare.mjs";
import { keyOf, valueMaker, wholeKeyOf } from "./data.mjs";

const VALUE_BYTES = 100;
/** The same for every put: what is measured is not how values are made. */
const VALUE = valueMaker(VALUE_BYTES)(1);
const GROUP = 256;
/** How long each contender writes in each round. */
const SLICE_MS = 120;
/** The disk is a shared one: rounds are short, and there are many. */
const SLICES = 3 * ROUNDS;
const KEYS = 200_000;
const NAMES = Array.from({ length: KEYS }, (_, i) => wholeKeyOf(i));

/** The keys that a store is given: of 200,000 in no order, or ever new ones that grow, which a tree likes best. */
function keyMaker(isGrowing) {
  let at = 0;
  return () => {
    at += 1;
    return isGrowing ? keyOf(at) : NAMES[(at * 7_919) % KEYS];
  };
}

let serial = 0;
const freshPath = (directory, name) => join(directory, `${name}-${serial++}`);

const check = (result) => {
  if (result.isErr()) throw result.error();
};

async function openClient(directory, autoFlush) {
  const path = freshPath(directory, "sdk");
  const client = new Client(Object.assign(ClientOptions.persistent("bench", path), { autoFlush }));
  check(await client.open());
  return client;
}

/** Operations a second of so many callers, each of which awaits its put before the next. */
async function closedLoop(put, callers) {
  let isOver = false;
  setTimeout(() => {
    isOver = true;
  }, SLICE_MS);
  const started = performance.now();
  let count = 0;
  const caller = async () => {
    while (!isOver) {
      check(await put());
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return (count / (performance.now() - started)) * 1000;
}

/** Operations a second of calls that each make `size`, and return when they are on the disk. */
async function calls(call, size) {
  const started = performance.now();
  const end = started + SLICE_MS;
  let count = 0;
  while (performance.now() < end) {
    await call();
    count += size;
  }
  return (count / (performance.now() - started)) * 1000;
}

function openSqlite(directory, synchronous) {
  const db = new Database(freshPath(directory, "sqlite"));
  db.pragma("journal_mode = WAL");
  db.pragma(`synchronous = ${synchronous}`);
  db.exec("CREATE TABLE entries (key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID");
  return { db, put: db.prepare("INSERT OR REPLACE INTO entries VALUES (?, ?)") };
}

/*
 * Each contender opens its store once and answers how it writes for a slice of time, and how it ends.
 */

async function sdk(directory, outstanding, nextKey, autoFlush = true) {
  const client = await openClient(directory, autoFlush);
  return { slice: () => closedLoop(() => client.put(nextKey(), VALUE), outstanding), end: () => client.close() };
}

async function sqlite(directory, size, nextKey, synchronous = "FULL") {
  const { db, put } = openSqlite(directory, synchronous);
  const one = () => put.run(nextKey(), VALUE);
  const group = db.transaction(() => {
    for (let left = size; left > 0; left -= 1) one();
  });
  return { slice: () => calls(size === 1 ? one : group, size), end: () => db.close() };
}

async function lmdb(directory, nextKey) {
  // Not deferred to the system: a commit is on the disk when it resolves.
  const db = openLmdb({ path: freshPath(directory, "lmdb"), encoding: "binary", overlappingSync: false });
  const group = () => Promise.all(Array.from({ length: GROUP }, () => db.put(nextKey(), VALUE)));
  return { slice: () => calls(group, GROUP), end: () => db.close() };
}

async function level(directory, nextKey) {
  const db = new ClassicLevel(freshPath(directory, "level"), { valueEncoding: "buffer" });
  await db.open();
  const entry = () => ({ type: "put", key: nextKey(), value: VALUE });
  const group = () => db.batch(Array.from({ length: GROUP }, entry), { sync: true });
  return { slice: () => calls(group, GROUP), end: () => db.close() };
}

/** One record appended and synced after the other, without anything around it. */
async function rawSerial(directory) {
  const handle = await fsp.open(freshPath(directory, "raw"), "w");
  const record = Buffer.alloc(34 + 18 + 30 + VALUE_BYTES, 1);
  let length = 0;
  const append = async () => {
    await handle.write(record, 0, record.length, length);
    await handle.datasync();
    length += record.length;
  };
  return { slice: () => calls(append, 1), end: () => handle.close() };
}

/** The same groups encoded and written by a loop that waits for the disk on its own thread. */
async function blockingGroups(directory, nextKey) {
  const file = fs.openSync(freshPath(directory, "blocking"), "w");
  const batch = new WriteBatch();
  let length = 0;
  let sequence = 0;
  const group = () => {
    for (let i = 0; i < GROUP; i += 1) {
      const write = { type: 1, key: Buffer.from(nextKey()), value: VALUE, timestampMs: 1 };
      batch.addOperation(write);
      sequence += 1;
      batch.number(i, sequence);
    }
    batch.sign();
    length += fs.writeSync(file, batch.bytes, 0, batch.used, length);
    fs.fdatasyncSync(file);
    batch.clear();
  };
  return { slice: () => calls(group, GROUP), end: () => fs.closeSync(file) };
}

/**
 * Contenders write in turns, in one process and with their stores open, so that what is compared ran within a second or
 * two of each other. Answers each one's median, and `ratio(a, b)`: the median over the rounds.
 */
async function inSlices(opening) {
  const contenders = Object.entries(opening).map(async ([name, open]) => ({ name, ...(await open()), figures: [] }));
  const opened = await Promise.all(contenders);
  // The first two rounds are for the compiler of the language.
  for (let round = -2; round < SLICES; round += 1) {
    for (const { slice, figures } of opened) {
      const figure = await slice();
      if (round >= 0) figures.push(figure);
    }
  }
  for (const { end } of opened) await end();
  const figuresOf = (name) => opened.find((contender) => contender.name === name).figures;
  for (const { name, figures } of opened) {
    const [least, most] = [quantile(figures, 0), quantile(figures, 1)].map(short);
    console.log(`  ${name}: ${short(median(figures))} a second, ${least} to ${most}`);
  }
  return {
    rate: (name) => median(figuresOf(name)),
    ratio: (a, b) => median(figuresOf(a).map((figure, i) => figure / figuresOf(b)[i])),
  };
}

function atOnce(directory, isGrowing) {
  const next = () => keyMaker(isGrowing);
  return inSlices({
    "ours, 64": () => sdk(directory, 64, next()),
    "ours, 256": () => sdk(directory, GROUP, next()),
    "SQLite, 1": () => sqlite(directory, 1, next()),
    "SQLite, 256": () => sqlite(directory, GROUP, next()),
    LMDB: () => lmdb(directory, next()),
    LevelDB: () => level(directory, next()),
    blocking: () => blockingGroups(directory, next()),
  });
}

async function measure(directory) {
  console.log("Puts each awaited");
  const alone = await inSlices({
    "raw loop": () => rawSerial(directory),
    ours: () => sdk(directory, 1, keyMaker(false)),
  });
  console.log("Many puts at once, over 200,000 keys in no order");
  const many = await atOnce(directory, false);
  console.log("Many puts at once, of new keys that grow");
  const growing = await atOnce(directory, true);
  console.log("Puts accepted, not waited for on the disk");
  const accepted = await inSlices({
    ours: () => sdk(directory, 1, keyMaker(false), false),
    "SQLite NORMAL": () => sqlite(directory, 1, keyMaker(false), "NORMAL"),
  });
  return { alone, many, growing, accepted };
}

export async function bench() {
  const { alone, many, growing, accepted } = await inDirectory(measure);
  const row = (what, from, ours, theirs, goal, floor) => ({
    what,
    ours: `${short(from.rate(ours))}/s`,
    theirs: `${short(from.rate(theirs))}/s`,
    value: from.ratio(ours, theirs),
    goal,
    floor,
  });
  const { lines, verdict, isMet } = goalTable([
    row("each awaited, against a loop of write and fdatasync", alone, "ours", "raw loop", 1.1, 0.9),
    row("64 outstanding, against SQLite FULL, one a transaction", many, "ours, 64", "SQLite, 1", 13, 8),
    row("256 outstanding, against the same", many, "ours, 256", "SQLite, 1", 25, 15),
    row("256 outstanding, against SQLite FULL, 256 a transaction", many, "ours, 256", "SQLite, 256", 5, 3),
    row("256 outstanding, against LMDB, durable", many, "ours, 256", "LMDB", 5, 3),
    row("256 outstanding, against LevelDB, synced batches of 256", many, "ours, 256", "LevelDB", 5, 3),
    row("256 outstanding, against a blocking loop of the same groups", many, "ours, 256", "blocking", 0.7, 0.5),
    row("autoFlush off, against SQLite NORMAL, one a transaction", accepted, "ours", "SQLite NORMAL", 14, 10),
  ]);
  const peers = ["SQLite, 256", "LMDB", "LevelDB"];
  const against = (from, ours) => peers.map((name) => `${from.ratio(ours, name).toPrecision(2)}x ${name}`).join(", ");
  const notes = [
    `Every store writes ${SLICES} times for ${SLICE_MS} ms, in turns with the others; ratios are medians of the ratios in one round, so they differ a little from those of the medians beside them. Puts go to ${KEYS.toLocaleString("en-US")} keys in no order.`,
    `With new keys that only grow, as a tree likes them best: 256 outstanding are ${against(growing, "ours, 256")}, and ${growing.ratio("ours, 256", "blocking").toPrecision(2)}x the blocking loop.`,
    `What bounds a group of 256: the disk. The blocking loop, which only encodes, writes and syncs, is ${against(many, "blocking")}; with keys that grow ${against(growing, "blocking")}.`,
  ];
  return { title: "Writing values of 100 bytes", lines: [...lines, "", ...notes], verdict, isMet, runs: SLICES };
}
