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

/** @param {string} path @param {number} keys */
export async function makeLog(path, keys) {
  fs.rmSync(path, { force: true });
  const client = new Client({ ...ClientOptions.persistent("bench", path), autoFlush: false });
  const opened = await client.open();
  if (opened.isErr()) throw new Error(opened.error().message);
  for (let start = 0; start < keys; start += BATCH) {
    const puts = [];
    for (let i = start; i < Math.min(keys, start + BATCH); i += 1)
      puts.push(client.put(keyAt(i), Value.fromString(valueAt(i))));
    for (const put of await Promise.all(puts)) if (put.isErr()) throw new Error(put.error().message);
  }
  await client.close();
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
