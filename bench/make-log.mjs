/** Writes a log of many keys with the SDK itself, for benches and for trying the inspector on a large file. */
import fs from "node:fs";
import { Client, ClientOptions, Value } from "@softadastra/sdk";

const BATCH = 4_096;

/** Keys in three levels: 500 tenants, each with as many users as it takes. */
export function keyAt(i) {
  return `tenant/${String(i % 500).padStart(3, "0")}/user/${String(Math.floor(i / 500)).padStart(6, "0")}`;
}

export function valueAt(i) {
  return JSON.stringify({
    id: i,
    name: `User number ${i}`,
    plan: i % 3 === 0 ? "team" : "pro",
    seats: i % 40,
    note: "x".repeat(20 + (i % 30)),
  });
}

async function writeLog(path, operations) {
  fs.rmSync(path, { force: true });
  const client = new Client({ ...ClientOptions.persistent("bench", path), autoFlush: false });
  const opened = await client.open();
  if (opened.isErr()) throw new Error(opened.error().message);
  const write = async (batch) => {
    const results = await Promise.all(
      batch.map(([key, value]) => (value === null ? client.remove(key) : client.put(key, Value.fromString(value)))),
    );
    for (const result of results) if (result.isErr()) throw new Error(result.error().message);
  };
  let batch = [];
  for (const operation of operations) {
    batch.push(operation);
    if (batch.length < BATCH) continue;
    await write(batch);
    batch = [];
  }
  await write(batch);
  await client.close();
}

/** @param {string} path @param {number} keys */
export async function makeLog(path, keys) {
  function* puts() {
    for (let i = 0; i < keys; i += 1) yield [keyAt(i), valueAt(i)];
  }
  await writeLog(path, puts());
}

/**
 * A log in which keys are written again and again, and one record in ten deletes: `liveAt[i]` keys have a value after
 * record i.
 * @param {string} path @param {number} records @param {number} keys
 */
export async function makeHistory(path, records, keys) {
  const isLive = new Uint8Array(keys);
  const liveAt = new Uint32Array(records);
  let live = 0;
  function* operations() {
    for (let i = 0; i < records; i += 1) {
      // New keys for half of the log and longer, old ones among them.
      const key = i % 2 === 0 ? (i / 2) % keys : Math.imul(i, 2_654_435_761) >>> 0;
      const id = key % keys;
      const isDelete = i % 10 === 9 && isLive[id] === 1;
      live += Number(!isDelete) - isLive[id];
      isLive[id] = Number(!isDelete);
      liveAt[i] = live;
      yield [keyAt(id), isDelete ? null : valueAt(i)];
    }
  }
  await writeLog(path, operations());
  return { liveAt, fileBytes: fs.statSync(path).size };
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const [path, keys] = process.argv.slice(2);
  if (path === undefined || !(Number(keys) > 0)) {
    console.error("Usage: node bench/make-log.mjs path/to/file.wal keys");
    process.exit(2);
  }
  await makeLog(path, Number(keys));
  console.log(`${path}: ${fs.statSync(path).size} bytes, ${keys} keys`);
}
