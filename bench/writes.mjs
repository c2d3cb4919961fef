/** Writing: durable puts alone and many at once, and accepted ones, against other stores on the same disk. */
import fs from "node:fs";
import fsp from "node:fs/promises";
import { join } from "node:path";
import { Client, ClientOptions } from "@softadastra/sdk";
import Database from "better-sqlite3";
import { ClassicLevel } from "classic-level";
import { open as openLmdb } from "lmdb";
import { WriteBatch } from "../src-sdk/dist/wal/write-batch.js";
import { goalTable, inDirectory, inTurns, ROUNDS, short } from "./compare.mjs";
import { keyOf, valueMaker } from "./data.mjs";

const VALUE_BYTES = 100;
const valueAt = valueMaker(VALUE_BYTES);
const GROUP = 256;

/** Operations a second. */
async function rate(count, work) {
  const started = process.hrtime.bigint();
  await work();
  return (count / Number(process.hrtime.bigint() - started)) * 1e9;
}

let serial = 0;
const freshPath = (directory, name) => join(directory, `${name}-${serial++}`);

async function withClient(directory, autoFlush, work) {
  const path = freshPath(directory, "sdk");
  const client = new Client(Object.assign(ClientOptions.persistent("bench", path), { autoFlush }));
  const opened = await client.open();
  if (opened.isErr()) throw opened.error();
  try {
    return await work(client);
  } finally {
    await client.close();
    fs.rmSync(path);
  }
}

const check = (result) => {
  if (result.isErr()) throw result.error();
};

/** Keeps `outstanding` puts under way. */
function sdkOutstanding(directory, outstanding, count) {
  return withClient(directory, true, (client) =>
    rate(count, async () => {
      let next = 0;
      const worker = async () => {
        while (next < count) {
          const i = next++;
          check(await client.put(keyOf(i), valueAt(i)));
        }
      };
      await Promise.all(Array.from({ length: outstanding }, worker));
    }),
  );
}

function sqlite(directory, synchronous, count, perTransaction) {
  const path = freshPath(directory, "sqlite");
  const db = new Database(path);
  db.pragma("journal_mode = WAL");
  db.pragma(`synchronous = ${synchronous}`);
  db.exec("CREATE TABLE entries (key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID");
  const put = db.prepare("INSERT OR REPLACE INTO entries VALUES (?, ?)");
  const group = db.transaction((start, end) => {
    for (let i = start; i < end; i += 1) put.run(keyOf(i), valueAt(i));
  });
  return rate(count, async () => {
    if (perTransaction === 1) for (let i = 0; i < count; i += 1) put.run(keyOf(i), valueAt(i));
    else for (let start = 0; start < count; start += perTransaction) group(start, start + perTransaction);
  }).finally(() => {
    db.close();
    for (const end of ["", "-wal", "-shm"]) fs.rmSync(path + end, { force: true });
  });
}

async function lmdb(directory, count) {
  const path = freshPath(directory, "lmdb");
  // Not deferred to the system: a commit is on the disk when it resolves.
  const db = openLmdb({ path, encoding: "binary", overlappingSync: false });
  const result = await rate(count, async () => {
    for (let start = 0; start < count; start += GROUP) {
      const puts = [];
      for (let i = start; i < start + GROUP; i += 1) puts.push(db.put(keyOf(i), valueAt(i)));
      await Promise.all(puts);
    }
  });
  await db.close();
  fs.rmSync(path, { recursive: true, force: true });
  return result;
}

async function level(directory, count) {
  const path = freshPath(directory, "level");
  const db = new ClassicLevel(path, { valueEncoding: "buffer" });
  await db.open();
  const result = await rate(count, async () => {
    for (let start = 0; start < count; start += GROUP) {
      const batch = [];
      for (let i = start; i < start + GROUP; i += 1) batch.push({ type: "put", key: keyOf(i), value: valueAt(i) });
      await db.batch(batch, { sync: true });
    }
  });
  await db.close();
  fs.rmSync(path, { recursive: true, force: true });
  return result;
}

/** One record appended and synced after the other, without anything around it. */
async function rawSerial(directory, count) {
  const handle = await fsp.open(freshPath(directory, "raw"), "w");
  const record = Buffer.alloc(34 + 18 + 30 + VALUE_BYTES, 1);
  const result = await rate(count, async () => {
    for (let i = 0; i < count; i += 1) {
      await handle.write(record, 0, record.length, i * record.length);
      await handle.datasync();
    }
  });
  await handle.close();
  return result;
}

/** The same groups encoded and written by a loop that waits for the disk on its own thread. */
async function blockingGroups(directory, count) {
  const file = fs.openSync(freshPath(directory, "blocking"), "w");
  const batch = new WriteBatch();
  const ignore = () => undefined;
  let length = 0;
  const result = await rate(count, async () => {
    for (let start = 0; start < count; start += GROUP) {
      for (let i = start; i < start + GROUP; i += 1) {
        const write = { type: 1, key: Buffer.from(keyOf(i)), value: valueAt(i), timestampMs: 1 };
        batch.addOperation(write, ignore, ignore);
        batch.number(i - start, i + 1);
      }
      length += fs.writeSync(file, batch.bytes, 0, batch.used, length);
      fs.fdatasyncSync(file);
      batch.clear();
    }
  });
  fs.closeSync(file);
  return result;
}

function sdkAccepted(directory, count) {
  return withClient(directory, false, (client) =>
    rate(count, async () => {
      for (let i = 0; i < count; i += 1) check(await client.put(keyOf(i), valueAt(i)));
    }),
  );
}

async function measure(directory) {
  const serialCount = 400;
  const groupCount = 100 * GROUP;
  console.log("Puts each awaited");
  const alone = await inTurns({
    "raw loop": () => rawSerial(directory, serialCount),
    ours: () =>
      withClient(directory, true, async (client) => {
        // The first write creates the file and syncs its folder, which a loop on an open file does not.
        check(await client.put(keyOf(0), valueAt(0)));
        return rate(serialCount, async () => {
          for (let i = 0; i < serialCount; i += 1) check(await client.put(keyOf(i), valueAt(i)));
        });
      }),
  });
  console.log("Many puts at once");
  const many = await inTurns({
    "ours, 64": () => sdkOutstanding(directory, 64, groupCount),
    "ours, 256": () => sdkOutstanding(directory, 256, groupCount),
    "sqlite FULL, 1": () => sqlite(directory, "FULL", serialCount, 1),
    "sqlite FULL, 256": () => sqlite(directory, "FULL", groupCount, GROUP),
    lmdb: () => lmdb(directory, groupCount),
    level: () => level(directory, groupCount),
    blocking: () => blockingGroups(directory, groupCount),
  });
  console.log("Puts accepted, not waited for on the disk");
  const accepted = await inTurns({
    ours: () => sdkAccepted(directory, 200_000),
    "sqlite NORMAL, 1": () => sqlite(directory, "NORMAL", 20_000, 1),
  });
  return { alone, many, accepted };
}

export async function bench() {
  const { alone, many, accepted } = await inDirectory(measure);
  const row = (what, ours, theirs, goal, floor) => ({
    what,
    ours: `${short(ours)}/s`,
    theirs: `${short(theirs)}/s`,
    value: ours / theirs,
    goal,
    floor,
  });
  const ours = many["ours, 256"];
  const { lines, verdict, isMet } = goalTable([
    row("each awaited, against a loop of write and fdatasync", alone.ours, alone["raw loop"], 1.1, 0.9),
    row("64 outstanding, against SQLite FULL, one a transaction", many["ours, 64"], many["sqlite FULL, 1"], 13, 8),
    row("256 outstanding, against the same", ours, many["sqlite FULL, 1"], 25, 15),
    row("256 outstanding, against SQLite FULL, 256 a transaction", ours, many["sqlite FULL, 256"], 5, 3),
    row("256 outstanding, against LMDB, durable", ours, many.lmdb, 5, 3),
    row("256 outstanding, against LevelDB, synced batches of 256", ours, many.level, 5, 3),
    row("256 outstanding, against a blocking loop of the same groups", ours, many.blocking, 0.7, 0.5),
    row("autoFlush off, against SQLite NORMAL, one a transaction", accepted.ours, accepted["sqlite NORMAL, 1"], 14, 10),
  ]);
  const against = (name) => short(many.blocking / many[name]);
  const notes = [
    `What bounds a group of 256: the disk. The blocking loop, which only encodes, writes and syncs, is ${against("sqlite FULL, 256")}x SQLite, ${against("lmdb")}x LMDB and ${against("level")}x LevelDB with the same groups; it makes ${short(many.blocking / GROUP)} groups a second, the loop of single records ${short(alone["raw loop"])}.`,
  ];
  return { title: "Writing values of 100 bytes", lines: [...lines, "", ...notes], verdict, isMet, runs: ROUNDS };
}
