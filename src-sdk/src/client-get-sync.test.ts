/** `getSync` answers what `get` answers, whatever is asked and whatever fails. */
import { expect, test } from "vitest";
import { Client } from "./client.js";
import { ClientOptions } from "./options.js";
import { FaultyFileSystem } from "./testing/faulty-file-system.js";
import { ManualClock } from "./testing/manual-clock.js";
import { MemoryFileSystem } from "./testing/memory-file-system.js";
import { SYNC_READ_BYTES_MAX } from "./wal/operation-log.js";

const KEYS: readonly unknown[] = ["text", "empty", "long", "deleted", "absent", Uint8Array.of(0xff), "", "\ud800", 7];

/** What an answer says, also when it says no. */
function told(answer: ReturnType<Client["getSync"]>): unknown {
  if (answer.isOk()) return answer.value().toBytes();
  const error = answer.error();
  return [error.codeString(), error.message, error.context];
}

async function both(client: Client, key: unknown): Promise<[unknown, unknown]> {
  return [told(await client.get(key as string)), told(client.getSync(key as string))];
}

async function fill(client: Client): Promise<void> {
  (await client.put("text", "wörd")).value();
  (await client.put("empty", "")).value();
  (await client.put("long", new Uint8Array(SYNC_READ_BYTES_MAX + 1).fill(3))).value();
  (await client.put("deleted", "x")).value();
  (await client.remove("deleted")).value();
  (await client.put(Uint8Array.of(0xff), "bytes")).value();
}

test("with a log, in memory, before the client is open and after it is closed", async () => {
  const deps = { fileSystem: new MemoryFileSystem(["/disk"]), clock: new ManualClock() };
  for (const options of [ClientOptions.persistent("n", "/disk/n.wal"), ClientOptions.memoryOnly("n")]) {
    const client = new Client(options, deps);
    const allAgree = async () => {
      for (const key of KEYS) {
        const [slow, quick] = await both(client, key);
        expect(quick).toEqual(slow);
      }
    };
    await allAgree();
    (await client.open()).value();
    await fill(client);
    await allAgree();
    expect(client.getSync("text").value().toString()).toBe("wörd");
    expect(client.getSync("long").value().size).toBe(SYNC_READ_BYTES_MAX + 1);
    (await client.close()).value();
    await allAgree();
  }
});

test("when the disk does not give a value back", async () => {
  const fileSystem = new FaultyFileSystem(new MemoryFileSystem(["/disk"]));
  const client = new Client(ClientOptions.persistent("n", "/disk/n.wal"), { fileSystem, clock: new ManualClock() });
  (await client.open()).value();
  await fill(client);
  fileSystem.inject({ operation: "read", code: "EIO", times: Number.POSITIVE_INFINITY });
  for (const key of ["text", "long"]) {
    const [slow, quick] = await both(client, key);
    expect(slow).toEqual(["io_error", expect.any(String), expect.objectContaining({ systemCode: "EIO" })]);
    expect(quick).toEqual(slow);
  }
  fileSystem.heal();
  (await client.close()).value();
});
