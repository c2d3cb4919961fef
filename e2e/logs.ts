/** Logs for the tests, written by the SDK itself. */
import { createHash } from "node:crypto";
import fs from "node:fs";
import { dirname } from "node:path";
import { Client, ClientOptions, type StoreEntry, Value } from "@softadastra/sdk";

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
