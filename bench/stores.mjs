/** Fills a log, and the stores it is compared with, with the same data. */
import fs from "node:fs";
import { join } from "node:path";
import { Client, ClientOptions } from "@softadastra/sdk";
import { keyOf, valueMaker } from "./data.mjs";

const BATCH = 8_192;

/** `operations` puts over `keys` keys. */
export async function fillLog(path, { operations, keys, valueBytes }) {
  const valueAt = valueMaker(valueBytes);
  const client = new Client(Object.assign(ClientOptions.persistent("bench", path), { autoFlush: false }));
  const opened = await client.open();
  if (opened.isErr()) throw opened.error();
  for (let start = 0; start < operations; start += BATCH) {
    const puts = [];
    for (let i = start; i < Math.min(operations, start + BATCH); i += 1)
      puts.push(client.put(keyOf((i * 7_919) % keys), valueAt(i)));
    for (const put of await Promise.all(puts)) if (put.isErr()) throw put.error();
    if ((start / BATCH) % 16 === 15) await client.flush();
  }
  const closed = await client.close();
  if (closed.isErr()) throw closed.error();
  return fs.statSync(path).size;
}

export async function fillLmdb(path, { keys, valueBytes }) {
  const { open } = await import("lmdb");
  const valueAt = valueMaker(valueBytes);
  const db = open({ path, encoding: "binary", noSync: true });
  for (let start = 0; start < keys; start += BATCH) {
    await db.transaction(() => {
      for (let i = start; i < Math.min(keys, start + BATCH); i += 1) db.put(keyOf(i), valueAt(i));
    });
  }
  await db.close();
}

export async function fillSqlite(path, { keys, valueBytes }) {
  const { default: Database } = await import("better-sqlite3");
  const valueAt = valueMaker(valueBytes);
  const db = new Database(path);
  db.pragma("synchronous = OFF");
  db.exec("CREATE TABLE entries (key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID");
  const put = db.prepare("INSERT INTO entries VALUES (?, ?)");
  db.transaction(() => {
    for (let i = 0; i < keys; i += 1) put.run(keyOf(i), valueAt(i));
  })();
  db.close();
}

/** One log and its two peers, with the same keys and values. */
export async function fillAll(directory, shape) {
  const [log, lmdb, sqlite] = ["store.wal", "store.lmdb", "store.sqlite"].map((name) => join(directory, name));
  await fillLog(log, { operations: shape.keys, ...shape });
  await fillLmdb(lmdb, shape);
  await fillSqlite(sqlite, shape);
  return { log, lmdb, sqlite };
}
