/** Logs for the tests, written by the SDK itself. */
import { createHash } from "node:crypto";
import fs from "node:fs";
import { dirname } from "node:path";
import { Client, ClientOptions, type StoreEntry, Value } from "@softadastra/sdk";
import { fnv1a, HEADER_BYTES } from "@softadastra/sdk/tools";

export type Operation = readonly [key: string, value: string | Uint8Array | null];

/** Applies the operations, a delete where the value is null, and answers what the store then holds. */
export async function writeLog(path: string, operations: readonly Operation[]): Promise<StoreEntry[]> {
  return withClient(path, async (client) => {
    for (const [key, value] of operations) {
      const result =
        value === null
          ? await client.remove(key)
          : await client.put(key, typeof value === "string" ? Value.fromString(value) : Value.fromBytes(value));
      if (result.isErr()) throw new Error(result.error().message);
    }
    return [...client.entries()];
  });
}

export async function withClient<T>(path: string, work: (client: Client) => Promise<T> | T): Promise<T> {
  fs.mkdirSync(dirname(path), { recursive: true });
  const client = new Client(ClientOptions.persistent("field-7", path));
  const opened = await client.open();
  if (opened.isErr()) throw new Error(opened.error().message);
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

/** A hundred operations over some sixty keys: overwritten, deleted, written again, of every kind of value. */
export function hundredOperations(): Operation[] {
  const binary = Uint8Array.from({ length: 256 }, (_, i) => i);
  const special: Operation[] = [
    ["settings/theme", '{"name":"dark","contrast":9007199254740993}'],
    ["unicode/日本語", "値 🚀"],
    ["binary/all", binary],
    ["empty", ""],
    ["<b>bold</b>", "<script>document.title = 'never'</script>"],
    ["app/name", "Softadastra"],
    ["app/name", "Softadastra Drive"],
    ["gone/for-good", "x"],
    ["gone/for-good", null],
    ["gone/and-back", "x"],
    ["gone/and-back", null],
    ["gone/and-back", "again"],
  ];
  const users = Array.from({ length: 100 - special.length }, (_, i): Operation => {
    const user = `user/${String(i % 50).padStart(3, "0")}`;
    return [user, JSON.stringify({ id: i % 50, name: `User ${i % 50}`, revision: Math.floor(i / 50) })];
  });
  return [...special, ...users];
}

/** What must not change while a file is inspected. */
export function fingerprint(path: string) {
  const { size, mtimeNs, ino } = fs.statSync(path, { bigint: true });
  return {
    sha256: createHash("sha256").update(fs.readFileSync(path)).digest("hex"),
    size,
    mtimeNs,
    ino,
    folder: fs.readdirSync(dirname(path)).sort(),
  };
}

/** Puts of the big log: each a key of its own, in three levels. */
export const bigKeyAt = (i: number) =>
  `tenant/${String(i % 500).padStart(3, "0")}/user/${String(Math.floor(i / 500)).padStart(6, "0")}`;

/** Records encoded at once and written together: a client takes several times as long for a million of them. */
const BIG_BATCH = 20_000;

/** A log of `count` records, all of them operations nobody acknowledged; the last hundredth overwrites or deletes keys of before. */
export function writeBigLog(path: string, count: number): void {
  const file = fs.openSync(path, "w");
  const fresh = Math.floor(count * 0.99);
  for (let from = 0; from < count; from += BIG_BATCH) {
    const records: Buffer[] = [];
    for (let i = from; i < Math.min(count, from + BIG_BATCH); i += 1) {
      const isFresh = i < fresh;
      const key = bigKeyAt(isFresh ? i : (i - fresh) * 7);
      const value = !isFresh && i % 3 === 1 ? null : `{"id":${i},"name":"User number ${i}"}`;
      records.push(encodeRecord(i + 1, key, value));
    }
    fs.writeSync(file, Buffer.concat(records));
  }
  fs.closeSync(file);
}

function encodeRecord(sequence: number, key: string, value: string | null): Buffer {
  const timeMs = BigInt(1_795_333_472_345 + sequence);
  const [keyBytes, valueBytes] = [Buffer.byteLength(key), Buffer.byteLength(value ?? "")];
  const payloadBytes = 18 + keyBytes + valueBytes;
  const record = Buffer.allocUnsafe(HEADER_BYTES + payloadBytes + 4);
  record.write("1LAW", 0, "latin1");
  record.writeUInt32LE(1, 4);
  record.writeBigUInt64LE(BigInt(sequence), 8);
  record.writeUInt16LE(0x0101, 16);
  record.writeBigInt64LE(timeMs, 18);
  record.writeUInt32LE(payloadBytes, 26);
  record[30] = 1;
  record[31] = value === null ? 2 : 1;
  record.writeUInt32LE(keyBytes, 32);
  record.write(key, 36);
  record.writeUInt32LE(valueBytes, 36 + keyBytes);
  record.write(value ?? "", 40 + keyBytes);
  record.writeBigInt64LE(timeMs, 40 + keyBytes + valueBytes);
  record.writeUInt32LE(fnv1a(record, HEADER_BYTES, HEADER_BYTES + payloadBytes), HEADER_BYTES + payloadBytes);
  return record;
}
