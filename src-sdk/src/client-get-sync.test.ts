/** `getSync` answers what `get` answers, whatever is asked and whatever fails. */
import { expect, test } from "vitest";
import { Client } from "./client.js";
import { ClientOptions } from "./options.js";
import { KeyProbe } from "./store/key-probe.js";
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

test("when another program changed the file, instead of a value of something else", async () => {
  const fileSystem = new MemoryFileSystem(["/disk"]);
  const client = new Client(ClientOptions.persistent("n", "/disk/n.wal"), { fileSystem, clock: new ManualClock() });
  (await client.open()).value();
  await fill(client);
  const file = await fileSystem.open("/disk/n.wal", "write");
  const log = Buffer.alloc((await file.stat()).size);
  await file.read(log, 0, log.length, 0);
  for (const key of ["text", "long"]) {
    const at = log.indexOf(key);
    const told = ["store_error", expect.stringMatching(/another program/), { path: "/disk/n.wal", offset: at }];
    // Another key, the same key with a value of another length, and as it was.
    for (const [bytes, place, answer] of [
      ["T", at, told],
      ["\0", at + key.length, told],
      [log.subarray(at, at + key.length + 4), at, null],
    ] as const) {
      await file.write(Buffer.from(bytes), 0, bytes.length, place);
      const [slow, quick] = await both(client, key);
      if (answer === null) expect(slow).toBeInstanceOf(Uint8Array);
      else expect(slow).toEqual(answer);
      expect(quick).toEqual(slow);
      if (answer !== null) expect(() => [...client.entries()]).toThrow("another program");
    }
  }
  expect(() => [...client.entries()]).not.toThrow();
  await file.close();
  (await client.close()).value();
});

test("of two keys with one hash, each has its own value", async () => {
  // The seed of the hash differs with every run: among so many keys there are about ten such pairs.
  const keyByHash = new Map<number, string>();
  const pairs: [string, string][] = [];
  const probe = new KeyProbe();
  for (let i = 0; pairs.length < 3; i += 1) {
    const key = `key/${i}`;
    probe.takeText(key);
    const namesake = keyByHash.get(probe.hash);
    if (namesake !== undefined) pairs.push([namesake, key]);
    keyByHash.set(probe.hash, key);
  }
  for (const options of [ClientOptions.persistent("n", "/disk/n.wal"), ClientOptions.memoryOnly("n")]) {
    const deps = { fileSystem: new MemoryFileSystem(["/disk"]), clock: new ManualClock() };
    const client = new Client(options, deps);
    (await client.open()).value();
    for (const [first, second] of pairs) {
      const ask = async (key: string) => {
        const [slow, quick] = await both(client, key);
        expect(quick).toEqual(slow);
        return slow instanceof Uint8Array ? Buffer.from(slow).toString() : (slow as string[])[0];
      };
      (await client.put(first, `of ${first}`)).value();
      expect([await ask(first), await ask(second)]).toEqual([`of ${first}`, "not_found"]);
      (await client.put(second, `of ${second}`)).value();
      expect([await ask(first), await ask(second)]).toEqual([`of ${first}`, `of ${second}`]);
      (await client.remove(first)).value();
      expect([await ask(first), await ask(second)]).toEqual(["not_found", `of ${second}`]);
    }
    (await client.close()).value();
  }
});
