import { spawn } from "node:child_process";
import fs from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Client, type ClientDependencies } from "./client.js";
import { ClientOptions } from "./options.js";
import { Peer } from "./peer.js";
import type { SoftadastraError } from "./result.js";
import { FaultyFileSystem } from "./testing/faulty-file-system.js";
import { ManualClock } from "./testing/manual-clock.js";
import { MemoryFileSystem } from "./testing/memory-file-system.js";
import { encodeSampleRecord, sampleLog, sampleOperations } from "./testing/sample-log.js";
import { tempDirectory } from "./testing/temp-directory.js";
import { Value } from "./value.js";
import { inspectWal } from "./wal/inspect.js";

const DISK = "/disk";
const WAL = `${DISK}/node.wal`;

async function openNode(deps: ClientDependencies = {}, change: (options: ClientOptions) => void = () => undefined) {
  const options = ClientOptions.persistent("node-a", WAL);
  change(options);
  const client = new Client(options, { fileSystem: new MemoryFileSystem([DISK]), clock: new ManualClock(), ...deps });
  (await client.open()).value();
  return client;
}

async function openMemory() {
  const client = new Client(ClientOptions.local("node-a"));
  (await client.open()).value();
  return client;
}

const failure = (result: { error(): SoftadastraError }) => {
  const error = result.error();
  return { code: error.codeString(), message: error.message };
};

describe("what callers get wrong comes back as a Result", () => {
  test("every method before open and after close is invalid_state, and the sync ones say nothing is there", async () => {
    const client = new Client(ClientOptions.local("node-a"));
    const peer = new Peer("node-b", "127.0.0.1", 4041);
    for (const state of ["before open", "after close"]) {
      const calls = {
        put: client.put("k", "v"),
        get: client.get("k"),
        remove: client.remove("k"),
        flush: client.flush(),
        syncStateInfo: client.syncStateInfo(),
        outbox: client.outbox(),
        tick: client.tick(),
        retryFailed: client.retryFailed(),
        pruneFailed: client.pruneFailed(),
        startTransport: client.startTransport(),
        connect: client.connect(peer),
        connectedPeers: client.connectedPeers(),
        startDiscovery: client.startDiscovery(),
        peers: client.peers(),
        nodeInfo: client.nodeInfo(),
        sync_state_info: client.sync_state_info(),
      };
      for (const [name, call] of Object.entries(calls)) {
        expect([state, name, (await call).error().code]).toEqual([state, name, "invalid_state"]);
      }
      expect([client.contains("k"), client.size(), client.empty(), [...client.entries()]]).toEqual([
        false,
        0,
        true,
        [],
      ]);
      await client.open();
      await client.put("k", "v");
      await client.close();
    }
  });

  test.each([
    ["an empty key", "", "the key is empty; a key has 1 byte to 1 MiB"],
    ["an empty key of bytes", new Uint8Array(), "the key is empty; a key has 1 byte to 1 MiB"],
    ["a key over 1 MiB", "k".repeat(1_048_577), "the key has 1048577 bytes; the limit is 1048576 (1 MiB)"],
    ["a number", 5, "the key must be a string or a Uint8Array, not number"],
    ["null", null, "the key must be a string or a Uint8Array, not null"],
    ["an array", ["k"], "the key must be a string or a Uint8Array, not an array"],
    ["a lone surrogate", "a\ud800", "lone surrogate"],
  ])("%s as key is invalid_argument", async (_, key, message) => {
    const client = await openMemory();
    for (const call of [client.put(key as string, "v"), client.get(key as string), client.remove(key as string)]) {
      const error = failure(await call);
      expect(error.code).toBe("invalid_argument");
      expect(error.message).toContain(message);
    }
    expect(client.contains(key as string)).toBe(false);
  });

  test.each([
    ["undefined", undefined],
    ["a number", 1],
    ["an object", { a: 1 }],
  ])("%s as value is invalid_argument", async (_, value) => {
    const client = await openMemory();
    expect(failure(await client.put("k", value as never)).code).toBe("invalid_argument");
    expect(client.size()).toBe(0);
  });

  test("the largest value fits and one byte more does not", async () => {
    const client = await openNode();
    const max = 67_108_864 - 18 - 1;
    (await client.put("k", Buffer.alloc(max, 7))).value();
    expect((await client.get("k")).value().size).toBe(max);
    const error = failure(await client.put("k", Buffer.alloc(max + 1)));
    expect(error).toMatchObject({ code: "invalid_argument" });
    expect(error.message).toContain(String(max));
    await client.close();
  });

  test("a missing key is not_found", async () => {
    const client = await openMemory();
    expect(failure(await client.get("absent"))).toEqual({ code: "not_found", message: "key not found" });
    (await client.remove("absent")).value();
  });

  test.each([
    ["nodeId", "", "options.nodeId is empty"],
    ["batchSize", 0, "options.batchSize must be a whole number from 1"],
    ["batchSize", Number.NaN, "options.batchSize"],
    ["maxRetries", 1.5, "options.maxRetries"],
    ["retryIntervalMs", -1, "options.retryIntervalMs"],
    ["transportPort", 65_536, "options.transportPort must be a port"],
    ["autoFlush", "yes", "options.autoFlush must be true or false"],
    ["walPath", 7, "options.walPath must be a string"],
    ["walPath", "", "options.walPath is empty while enableWal is true"],
    ["walPath", "a\0b", "NUL"],
    ["conflictPolicy", "coin", "options.conflictPolicy must be one of"],
  ])("options.%s = %j is invalid_argument, by name", async (name, value, message) => {
    const options = ClientOptions.persistent("node-a", "x.wal");
    Object.assign(options, { [name]: value });
    const error = failure(await new Client(options).open());
    expect(error.code).toBe("invalid_argument");
    expect(error.message).toContain(message);
  });

  test("transport and discovery say which option to set", async () => {
    const client = await openMemory();
    expect(failure(await client.startTransport())).toMatchObject({ code: "transport_error" });
    expect((await client.connectedPeers()).error().message).toContain("options.enableTransport = true");
    expect(failure(await client.start_discovery())).toMatchObject({ code: "discovery_error" });
    expect((await client.peers()).error().message).toContain("options.enableDiscovery = true");
    expect([client.transportRunning(), client.discovery_running()]).toEqual([false, false]);
  });

  test("value() of an error and error() of a success throw: that is a bug", async () => {
    const client = await openMemory();
    const missing = await client.get("absent");
    expect(() => missing.value()).toThrow("not_found: key not found");
    const put = await client.put("k", "v");
    expect(() => put.error()).toThrow("called on a success");
  });
});

describe("lifecycle", () => {
  test("open and close are idempotent, safe in the same turn, and a closed client opens again", async () => {
    const fileSystem = new MemoryFileSystem([DISK]);
    const client = new Client(ClientOptions.persistent("node-a", WAL), { fileSystem });
    const results = await Promise.all([client.open(), client.open(), client.close(), client.close(), client.open()]);
    expect(results.map((result) => result.isOk())).toEqual([true, true, true, true, true]);
    (await client.put("k", "v")).value();
    const [closed, late] = await Promise.all([client.close(), client.put("k", "late")]);
    closed.value();
    expect(late.error().code).toBe("invalid_state");
    (await client.open()).value();
    expect((await client.get("k")).value().toString()).toBe("v");
    (await client.close()).value();
    expect(await fileSystem.list(DISK)).toEqual(["node.wal"]);
  });

  test("options are read once at open", async () => {
    const options = ClientOptions.memoryOnly("node-a");
    const client = new Client(options);
    await client.open();
    options.nodeId = "other";
    expect((await client.node_info()).value()).toMatchObject({ nodeId: "node-a", displayName: "node-a" });
    expect((await client.nodeInfo()).value().capabilities).toEqual(["store", "sync"]);
  });

  test("close waits for writes that are under way, and they are there", async () => {
    const fileSystem = new MemoryFileSystem([DISK]);
    const client = await openNode({ fileSystem });
    const writes = Array.from({ length: 20 }, (_, i) => client.put(`k${i}`, "v"));
    (await client.close()).value();
    for (const write of await Promise.all(writes)) write.value();
    (await client.open()).value();
    expect(client.size()).toBe(20);
  });

  test("the file is created by the first append, not by open", async () => {
    const fileSystem = new MemoryFileSystem([DISK]);
    const client = await openNode({ fileSystem });
    expect(await fileSystem.stat(WAL)).toBeNull();
    (await client.put("k", "v")).value();
    expect((await fileSystem.stat(WAL))?.size).toBe(34 + 18 + 2);
    await client.close();
  });
});

describe("the disk", () => {
  test("a missing directory is named, with the command that makes it", async () => {
    const dir = join(tempDirectory(), "absent");
    const error = (await new Client(ClientOptions.persistent("n", join(dir, "n.wal"))).open()).error();
    expect(error.code).toBe("io_error");
    expect(error.message).toContain(`mkdir -p ${dir}`);
    expect(fs.existsSync(dir)).toBe(false);
  });

  test("a directory instead of a file, and a file instead of a directory, are told", async () => {
    const dir = tempDirectory();
    const asFile = (await new Client(ClientOptions.persistent("n", dir)).open()).error();
    expect(asFile).toMatchObject({ code: "io_error" });
    expect(asFile.message).toContain("is a directory");
    fs.writeFileSync(join(dir, "f"), "");
    const under = (await new Client(ClientOptions.persistent("n", join(dir, "f", "n.wal"))).open()).error();
    expect(under.code).toBe("io_error");
    expect(under.message).toContain("not a directory");
    expect(fs.readdirSync(dir)).toEqual(["f"]);
  });

  test("a file that is no log is refused and not touched", async () => {
    const path = join(tempDirectory(), "notes.txt");
    fs.writeFileSync(path, "dear diary");
    const error = (await new Client(ClientOptions.persistent("n", path)).open()).error();
    expect(error).toMatchObject({ code: "store_error", context: { verdict: "not-a-wal" } });
    expect(error.message).toContain("is not a Softadastra write-ahead log");
    expect(fs.readFileSync(path, "utf8")).toBe("dear diary");
  });

  test("two names of one log are one log: a symbolic link meets the same lock", async () => {
    const dir = tempDirectory();
    const path = join(dir, "n.wal");
    const first = new Client(ClientOptions.persistent("n", path));
    (await first.open()).value();
    (await first.put("k", "v")).value();
    fs.symlinkSync(path, join(dir, "alias.wal"));
    const second = await new Client(ClientOptions.persistent("n", join(dir, "alias.wal"))).open();
    expect(second.error()).toMatchObject({ code: "already_exists", context: { pid: process.pid } });
    await first.close();
  });

  test("no permission is an io_error that names the path", async () => {
    const dir = tempDirectory();
    fs.writeFileSync(join(dir, "n.wal"), "");
    fs.chmodSync(dir, 0o555);
    const script = `
      const { Client, ClientOptions } = await import(${JSON.stringify(join(import.meta.dirname, "../dist/index.js"))});
      const result = await new Client(ClientOptions.persistent("n", ${JSON.stringify(join(dir, "n.wal"))})).open();
      console.log(result.isErr() ? result.error().code + " " + result.error().message : "opened");`;
    // Root may do anything: the attempt is made as nobody.
    const asNobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
      ...asNobody,
      stdio: "pipe",
      cwd: "/",
    });
    let out = "";
    child.stdout.on("data", (chunk) => {
      out += chunk;
    });
    await new Promise((done) => child.once("close", done));
    expect(out).toContain("io_error");
    expect(out).toContain(join(dir, "n.wal"));
    expect(out).toContain("EACCES");
    fs.chmodSync(dir, 0o755);
  });
});

describe("durability", () => {
  test("a put resolves after write and fdatasync, and reads see it only then", async () => {
    const fileSystem = new FaultyFileSystem(new MemoryFileSystem([DISK]));
    const client = await openNode({ fileSystem });
    fileSystem.calls.length = 0;
    const put = client.put("k", "v");
    expect((await client.get("k")).isErr()).toBe(true);
    (await put).value();
    expect(fileSystem.calls).toEqual(["open", "write", "datasync", "syncDirectory"]);
    expect((await client.get("k")).value().toString()).toBe("v");
    await client.close();
  });

  test("writes that arrive during a flush share the next one, in order", async () => {
    const fileSystem = new FaultyFileSystem(new MemoryFileSystem([DISK]));
    const client = await openNode({ fileSystem });
    const order: number[] = [];
    const first = client.put("k", "0").then(() => order.push(0));
    await new Promise((resolve) => setImmediate(resolve));
    const rest = Array.from({ length: 50 }, (_, i) => client.put("k", String(i + 1)).then(() => order.push(i + 1)));
    await Promise.all([first, ...rest]);
    expect(order).toEqual(Array.from({ length: 51 }, (_, i) => i));
    expect(fileSystem.calls.filter((call) => call === "datasync").length).toBe(2);
    expect((await client.get("k")).value().toString()).toBe("50");
    await client.close();
  });

  test("those who are answered together write again together: one flush for all of them", async () => {
    const fileSystem = new FaultyFileSystem(new MemoryFileSystem([DISK]));
    const client = await openNode({ fileSystem });
    // The first write of a new log is synced in two steps.
    (await client.put("first", "v")).value();
    fileSystem.calls.length = 0;
    const writer = async (name: number) => {
      for (let i = 0; i < 5; i += 1) (await client.put(`${name}/${i}`, "v")).value();
    };
    await Promise.all(Array.from({ length: 20 }, (_, name) => writer(name)));
    expect(fileSystem.calls.filter((call) => call === "datasync").length).toBe(5);
    await client.close();
  });

  test.each(["write", "datasync"] as const)(
    "a failed %s fails exactly the writes it carried and leaves the log as it was",
    async (operation) => {
      const memory = new MemoryFileSystem([DISK]);
      const fileSystem = new FaultyFileSystem(memory);
      const client = await openNode({ fileSystem });
      (await client.put("before", "1")).value();
      const before = memory.contentOf(WAL);
      fileSystem.inject({ operation, code: "ENOSPC" });
      const failed = await Promise.all([client.put("a", "1"), client.put("before", "2")]);
      for (const result of failed) {
        expect(result.error()).toMatchObject({ code: "io_error", context: { systemCode: "ENOSPC" } });
        expect(result.error().message).toContain("the disk is full; free some space and try again");
        expect(result.error().message).toContain("the log is as it was");
      }
      expect(memory.contentOf(WAL).equals(before)).toBe(true);
      expect((await client.get("before")).value().toString()).toBe("1");
      expect(client.contains("a")).toBe(false);
      expect((await client.syncStateInfo()).value().outboxSize).toBe(1);
      // Recovered from without reopening, and no sequence is missing.
      (await client.put("a", "3")).value();
      await client.close();
      await client.open();
      expect([...client.entries()].map((entry) => [entry.key, entry.value.toString(), entry.version])).toEqual([
        ["a", "3", 2],
        ["before", "1", 1],
      ]);
      await client.close();
    },
  );

  test("short writes are completed", async () => {
    const fileSystem = new FaultyFileSystem(new MemoryFileSystem([DISK]));
    const client = await openNode({ fileSystem });
    fileSystem.inject({ operation: "write", shortTo: 3, times: 40 });
    (await client.put("key", "a value of some length")).value();
    await client.close();
    (await client.open()).value();
    expect((await client.get("key")).value().toString()).toBe("a value of some length");
    expect(client.recovery()?.verdict).toBe("clean");
    await client.close();
  });

  test("bytes that could not be cut after a failed write are cut before the next one", async () => {
    const memory = new MemoryFileSystem([DISK]);
    const fileSystem = new FaultyFileSystem(memory);
    const client = await openNode({ fileSystem });
    (await client.put("k", "1")).value();
    fileSystem.inject({ operation: "write", shortTo: 10 });
    fileSystem.inject({ operation: "write", code: "EIO" });
    fileSystem.inject({ operation: "truncate", code: "EIO" });
    const error = (await client.put("k", "2")).error();
    expect(error.message).toContain("unwritten bytes may be left at its end");
    expect(memory.contentOf(WAL).length).toBe(54 + 10);
    (await client.put("k", "3")).value();
    expect(memory.contentOf(WAL).length).toBe(108);
    await client.close();
  });

  test("a log that another program appends to or replaces is not written to", async () => {
    const dir = tempDirectory();
    const path = join(dir, "n.wal");
    const client = new Client(ClientOptions.persistent("n", path));
    (await client.open()).value();
    (await client.put("k", "1")).value();
    const foreign = encodeSampleRecord({
      sequence: 2,
      operation: { kind: "put", key: "f", value: "x", timestampMs: 1 },
    });
    fs.appendFileSync(path, foreign);
    const appended = (await client.put("k", "2")).error();
    expect(appended.code).toBe("store_error");
    expect(appended.message).toContain("another program writes to it");
    expect(fs.readFileSync(path).subarray(54).equals(foreign)).toBe(true);
    fs.rmSync(path);
    const removed = (await client.put("k", "2")).error();
    expect(removed.message).toContain("deleted or replaced");
    await client.close();
  });

  test("without autoFlush writes are visible at once, flush puts them on the disk, and close too", async () => {
    const memory = new MemoryFileSystem([DISK]);
    const clock = new ManualClock();
    const client = await openNode({ fileSystem: memory, clock }, (options) => {
      options.autoFlush = false;
    });
    (await client.put("a", "1")).value();
    (await client.put("a", "2")).value();
    expect(await memory.stat(WAL)).toBeNull();
    expect((await client.get("a")).value().toString()).toBe("2");
    (await client.flush()).value();
    expect(memory.contentOf(WAL).length).toBe(108);
    (await client.put("b", "3")).value();
    clock.advance(50);
    (await client.flush()).value();
    expect(memory.contentOf(WAL).length).toBe(162);
    (await client.put("c", "4")).value();
    expect((await client.get("c")).value().toString()).toBe("4");
    (await client.close()).value();
    expect(memory.contentOf(WAL).length).toBe(216);
  });

  test("without autoFlush a failed background write is reported, kept, and tried again", async () => {
    const memory = new MemoryFileSystem([DISK]);
    const fileSystem = new FaultyFileSystem(memory);
    const client = await openNode({ fileSystem }, (options) => {
      options.autoFlush = false;
    });
    const errors: string[] = [];
    client.on("error", (error) => errors.push(error.message));
    (await client.put("a", "1")).value();
    fileSystem.inject({ operation: "datasync", code: "EIO", times: 4 });
    expect((await client.flush()).error().code).toBe("io_error");
    expect((await client.close()).error().code).toBe("io_error");
    expect(errors.length).toBe(2);
    // Still open, nothing lost.
    (await client.put("b", "2")).value();
    (await client.close()).value();
    (await client.open()).value();
    expect([...client.entries()].map((entry) => entry.key)).toEqual(["a", "b"]);
    await client.close();
  });

  test("a caller may reuse its arrays as soon as put returns", async () => {
    const client = await openNode();
    const key = Buffer.from("key1");
    const value = Buffer.from("value1");
    const put = client.put(key, value);
    key.fill(0x78);
    value.fill(0x79);
    (await put).value();
    expect((await client.get("key1")).value().toString()).toBe("value1");
    await client.close();
  });
});

describe("a torn tail", () => {
  const log = sampleLog(sampleOperations(5));

  test.each([1, 29, 40])(
    "of %i bytes is set aside, cut and reported, and the next write is found again",
    async (tornBytes) => {
      const dir = tempDirectory();
      const path = join(dir, "n.wal");
      const torn = encodeSampleRecord({ ...sampleOperations(6)[0], sequence: 6 }).subarray(0, tornBytes);
      fs.writeFileSync(path, Buffer.concat([log.bytes, torn]));
      const clock = new ManualClock(Date.UTC(2026, 10, 22, 9, 14, 2));
      const client = new Client(ClientOptions.persistent("n", path), { clock });
      (await client.open()).value();
      expect(client.recovery()).toMatchObject({
        verdict: "torn-tail",
        recordCount: 5,
        fileBytes: log.bytes.length + tornBytes,
        validBytes: log.bytes.length,
        repaired: { setAsidePath: `${path}.torn-20261122T091402Z`, setAsideBytes: tornBytes, cutAt: log.bytes.length },
      });
      expect(fs.readFileSync(`${path}.torn-20261122T091402Z`).equals(torn)).toBe(true);
      (await client.put("after", "v")).value();
      await client.close();
      (await client.open()).value();
      expect(client.recovery()).toMatchObject({ verdict: "clean", recordCount: 6, lastSequence: 6 });
      expect((await client.get("after")).value().toString()).toBe("v");
      await client.close();
    },
  );

  test("a second one in the same second gets a name of its own", async () => {
    const dir = tempDirectory();
    const path = join(dir, "n.wal");
    const clock = new ManualClock(Date.UTC(2026, 10, 22, 9, 14, 2));
    const client = new Client(ClientOptions.persistent("n", path), { clock });
    for (const content of ["1LAW\x01", "1LAW\x01\x00"]) {
      fs.writeFileSync(path, content);
      (await client.open()).value();
      await client.close();
    }
    expect(fs.readdirSync(dir).sort()).toEqual([
      "n.wal",
      "n.wal.torn-20261122T091402Z",
      "n.wal.torn-20261122T091402Z-2",
    ]);
  });

  test("a long tail of zeros is set aside with its length, and as a hole", async () => {
    const dir = tempDirectory();
    const path = join(dir, "n.wal");
    fs.writeFileSync(path, log.bytes);
    fs.truncateSync(path, log.bytes.length + 20_000_000);
    const client = new Client(ClientOptions.persistent("n", path));
    (await client.open()).value();
    const aside = client.recovery()?.repaired?.setAsidePath as string;
    expect(fs.statSync(aside)).toMatchObject({ size: 20_000_000 });
    expect(fs.statSync(aside).blocks * 512).toBeLessThan(100_000);
    expect(fs.statSync(path).size).toBe(log.bytes.length);
    await client.close();
  });

  test("when it cannot be set aside the log stays as it was", async () => {
    const memory = new MemoryFileSystem([DISK]);
    const fileSystem = new FaultyFileSystem(memory);
    const handle = await memory.open(WAL, "create");
    await handle.write(log.bytes, 0, log.bytes.length - 3, 0);
    const before = memory.contentOf(WAL);
    fileSystem.inject({ operation: "write", code: "ENOSPC" });
    const client = new Client(ClientOptions.persistent("n", WAL), { fileSystem });
    expect((await client.open()).error().code).toBe("io_error");
    expect(memory.contentOf(WAL).equals(before)).toBe(true);
    expect((await memory.list(DISK)).filter((name) => name.includes("lock"))).toEqual([]);
    (await client.open()).value();
    await client.close();
  });
});

describe("entries", () => {
  async function filled() {
    const client = await openMemory();
    for (const key of ["a", "a/1", "a/2", "b/1", "b/2", "c", "é", "z"]) await client.put(key, `of ${key}`);
    await client.remove("b/1");
    return client;
  }
  const keysOf = (client: Client, query?: Parameters<Client["entries"]>[0]) =>
    [...client.entries(query)].map((entry) => entry.key);

  test("come in the order of key bytes, by prefix, after a key, limited, in reverse", async () => {
    const client = await filled();
    expect(keysOf(client)).toEqual(["a", "a/1", "a/2", "b/2", "c", "z", "é"]);
    expect(keysOf(client, { reverse: true })).toEqual(["é", "z", "c", "b/2", "a/2", "a/1", "a"]);
    expect(keysOf(client, { prefix: "a/" })).toEqual(["a/1", "a/2"]);
    expect(keysOf(client, { prefix: "a/", reverse: true, limit: 1 })).toEqual(["a/2"]);
    expect(keysOf(client, { after: "a/1", limit: 2 })).toEqual(["a/2", "b/2"]);
    expect(keysOf(client, { after: "a/15" })).toEqual(["a/2", "b/2", "c", "z", "é"]);
    expect(keysOf(client, { after: "c", reverse: true })).toEqual(["b/2", "a/2", "a/1", "a"]);
    expect(keysOf(client, { prefix: "b/", after: "b/9" })).toEqual([]);
    expect(keysOf(client, { prefix: "a/", after: "z", reverse: true })).toEqual(["a/2", "a/1"]);
    expect(keysOf(client, { limit: 0 })).toEqual([]);
    const [entry] = client.entries({ prefix: "z" });
    expect(entry).toMatchObject({ key: "z", version: 8 });
    expect(entry?.value.toString()).toBe("of z");
  });

  test("a prefix of 0xFF bytes has an end too", async () => {
    const client = await openMemory();
    for (const key of [[0xfe], [0xff], [0xff, 0xff], [0xff, 0xff, 1]]) await client.put(Uint8Array.from(key), "v");
    const hex = (query: Parameters<Client["entries"]>[0]) =>
      [...client.entries(query)].map((entry) => Buffer.from(entry.keyBytes).toString("hex"));
    expect(hex({ prefix: Uint8Array.of(0xff) })).toEqual(["ff", "ffff", "ffff01"]);
    expect(hex({ prefix: Uint8Array.of(0xff, 0xff), reverse: true })).toEqual(["ffff01", "ffff"]);
  });

  test("writes made while iterating are seen when they are ahead, and closing ends it", async () => {
    const client = await filled();
    const seen: string[] = [];
    for (const { key } of client.entries()) {
      seen.push(key);
      if (key === "a/1") {
        await client.put("a/15", "new");
        await client.remove("c");
      }
      if (key === "z") await client.close();
    }
    expect(seen).toEqual(["a", "a/1", "a/2", "b/2", "z"]);
  });

  test("keys named like members of Object.prototype are keys", async () => {
    const client = await openMemory();
    for (const key of ["__proto__", "constructor", "toString", "hasOwnProperty"]) await client.put(key, key);
    expect(client.size()).toBe(4);
    expect((await client.get("__proto__")).value().toString()).toBe("__proto__");
    expect(client.contains("valueOf")).toBe(false);
  });
});

describe("values", () => {
  test("are bytes: empty, binary, text, and copies", async () => {
    const client = await openNode();
    for (const value of ["", "dark", "\0", "ünï", Uint8Array.of(), Uint8Array.of(0, 255, 10), Value.fromString("v")]) {
      (await client.put("k", value)).value();
      const expected =
        typeof value === "string" ? Buffer.from(value) : value instanceof Value ? value.toBytes() : value;
      const read = (await client.get("k")).value();
      expect(Buffer.from(read.toBytes()).equals(Buffer.from(expected))).toBe(true);
      expect(read.size).toBe(expected.length);
    }
    const own = Uint8Array.of(1, 2);
    const value = Value.fromBytes(own);
    own[0] = 9;
    value.toBytes()[1] = 9;
    expect([...value.toBytes()]).toEqual([1, 2]);
    await client.close();
  });
});

describe("events", () => {
  test("change tells key, version and origin after the write; a listener that throws breaks nothing", async () => {
    const client = await openNode();
    const changes: [string, string, number, string][] = [];
    const errors: string[] = [];
    client.on("error", (error) => errors.push(error.message));
    const off = client.on("change", ({ key, kind, version, origin }) => changes.push([key, kind, version, origin]));
    client.on("change", () => {
      throw new Error("listener bug");
    });
    (await client.put("k", "v")).value();
    (await client.remove("k")).value();
    off();
    (await client.put("k", "w")).value();
    expect(changes).toEqual([
      ["k", "put", 1, "node-a"],
      ["k", "delete", 2, "node-a"],
    ]);
    expect(errors).toEqual(["listener bug", "listener bug", "listener bug"]);
    await client.close();
  });
});

test("any sequence of operations, closings and reopenings leaves what a map would hold", async () => {
  const key = fc.oneof(
    fc.constantFrom("a", "b", "a/b", "__proto__"),
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 4 }),
  );
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.record({ do: fc.constant("put"), key, value: fc.uint8Array({ maxLength: 20 }) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("remove"), key, value: fc.constant(new Uint8Array()) }) },
    { weight: 1, arbitrary: fc.constant({ do: "reopen", key: "", value: new Uint8Array() }) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.boolean(), async (steps, autoFlush) => {
      const client = await openNode({}, (options) => {
        options.autoFlush = autoFlush;
      });
      const model = new Map<string, string>();
      let operations = 0;
      for (const { do: action, key: name, value } of steps) {
        if (action === "reopen") {
          (await client.close()).value();
          (await client.open()).value();
          continue;
        }
        operations += 1;
        if (action === "put") {
          (await client.put(name, value)).value();
          model.set(name, Buffer.from(value).toString("hex"));
        } else {
          (await client.remove(name)).value();
          model.delete(name);
        }
      }
      (await client.close()).value();
      (await client.open()).value();
      const entries = [...client.entries()].map((entry) => [
        entry.key,
        Buffer.from(entry.value.toBytes()).toString("hex"),
      ]);
      const expected = [...model].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      expect(entries).toEqual(expected);
      expect(client.size()).toBe(model.size);
      expect((await client.syncStateInfo()).value().outboxSize).toBe(operations);
      expect(client.recovery()?.verdict).toBe("clean");
      await client.close();
    }),
    { numRuns: 200 },
  );
});

test("what the client writes, inspectWal reads", async () => {
  const path = join(tempDirectory(), "n.wal");
  const client = new Client(ClientOptions.persistent("n", path));
  await client.open();
  for (let i = 0; i < 10; i += 1) await client.put(`k${i % 4}`, `v${i}`);
  await client.remove("k0");
  await client.close();
  expect((await inspectWal(path)).value()).toMatchObject({
    verdict: "clean",
    recordCount: 11,
    operationCount: 11,
    keyCount: 3,
    deletedKeyCount: 1,
    lastSequence: 11,
    unreachableRecordCount: 0,
  });
});
