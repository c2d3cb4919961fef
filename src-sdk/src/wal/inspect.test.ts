/** Reading a log without opening a node: what it answers, what it refuses, and that it leaves no trace. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import type { FileSystem } from "../platform/file-system.js";
import { nodeFileSystem } from "../platform/node-file-system.js";
import { SoftadastraError } from "../result.js";
import { SAMPLE_EPOCH_MS, sampleLog, sampleOperations } from "../testing/sample-log.js";
import { tempDirectory } from "../testing/temp-directory.js";
import { inspectWal, readWalRecords, type WalRecord } from "./inspect.js";

const log = sampleLog(sampleOperations(20));

function write(bytes: Uint8Array): string {
  const path = join(tempDirectory(), "n.wal");
  fs.writeFileSync(path, bytes);
  return path;
}

async function recordsOf(path: string, options: Parameters<typeof readWalRecords>[1] = {}): Promise<WalRecord[]> {
  const records: WalRecord[] = [];
  for await (const record of readWalRecords(path, options)) records.push(record);
  return records;
}

async function errorOf(path: string, options: Parameters<typeof readWalRecords>[1] = {}) {
  const error = await recordsOf(path, options).then(
    () => null,
    (cause: unknown) => cause,
  );
  if (!(error instanceof SoftadastraError)) throw new Error(`no SoftadastraError: ${String(error)}`);
  return error;
}

const descriptorsOn = (path: string) =>
  fs.readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return fs.readlinkSync(`/proc/self/fd/${fd}`) === path;
    } catch {
      return false;
    }
  }).length;

describe("readWalRecords", () => {
  test("yields each record with every field, and an operation where the payload is one", async () => {
    const operation = { kind: "put" as const, key: "k", value: "value", timestampMs: SAMPLE_EPOCH_MS };
    const mixed = sampleLog([
      { sequence: 1, timestampMs: 1, operation },
      { sequence: 2, type: 3, status: 2, operation: { kind: "delete", key: "k", timestampMs: SAMPLE_EPOCH_MS + 1 } },
      { sequence: 3, type: 4, status: 0 },
      { sequence: 4, type: 5, status: 3, payload: Uint8Array.of(0xa1, 9) },
    ]);
    const records = await recordsOf(write(mixed.bytes));
    expect(
      records.map(({ offset, length, sequence, type, status, timestampMs }) => [
        offset,
        length,
        sequence,
        type,
        status,
        timestampMs,
      ]),
    ).toEqual([
      [0, 58, 1, 1, 1, 1],
      [58, 53, 2, 3, 2, SAMPLE_EPOCH_MS + 2000],
      [111, 34, 3, 4, 0, SAMPLE_EPOCH_MS + 3000],
      [145, 36, 4, 5, 3, SAMPLE_EPOCH_MS + 4000],
    ]);
    for (const [i, record] of records.entries()) {
      const bytes = mixed.bytes.subarray(mixed.offsets[i], mixed.offsets[i + 1]);
      expect(Buffer.from(record.payload).equals(bytes.subarray(30, -4))).toBe(true);
      expect(record.checksum).toBe(bytes.readUInt32LE(bytes.length - 4));
      expect(record.checksumOk).toBe(true);
    }
    expect(records.map((record) => record.operation?.kind ?? null)).toEqual(["put", "delete", null, null]);
    const [put, removed] = records.map((record) => record.operation);
    expect(put).toMatchObject({ key: "k", timestampMs: SAMPLE_EPOCH_MS });
    expect([put?.value.toString(), removed?.value.size]).toEqual(["value", 0]);
    expect([...(put?.keyBytes ?? [])]).toEqual([0x6b]);
  });

  test("starts at the record whose offset it is given, and yields nothing at a place that is none", async () => {
    const path = write(log.bytes);
    for (let i = 0; i <= log.records.length; i += 1) {
      const offsets = (await recordsOf(path, { from: log.offsets[i] as number })).map((record) => record.offset);
      expect(offsets).toEqual(log.offsets.slice(i, -1));
    }
    expect(await recordsOf(path, { from: 1 })).toEqual([]);
    expect(await recordsOf(path, { from: log.bytes.length + 1000 })).toEqual([]);
    for (const from of [-1, 0.5, Number.NaN]) expect((await errorOf(path, { from })).code).toBe("invalid_argument");
  });

  test("yields large records whole, and those around them", async () => {
    const value = Buffer.alloc(1_300_000, "x");
    const big = { sequence: 21, operation: { kind: "put" as const, key: "big", value, timestampMs: SAMPLE_EPOCH_MS } };
    const large = sampleLog([...log.records, big, { ...big, sequence: 22 }, ...sampleOperations(2)]);
    const records = await recordsOf(write(large.bytes));
    expect(records.map((record) => record.offset)).toEqual(large.offsets.slice(0, -1));
    for (const record of records.slice(20, 22)) {
      expect(Buffer.from(record.operation?.value.toBytes() ?? []).equals(value)).toBe(true);
      expect([record.operation?.key, record.operation?.timestampMs]).toEqual(["big", SAMPLE_EPOCH_MS]);
      expect(record.payload.length).toBe(record.length - 34);
    }
  });

  test("never yields a large record whose bytes changed between its check and its reading", async () => {
    const value = Buffer.alloc(1_300_000, "x");
    const big = sampleLog([
      { sequence: 1, operation: { kind: "put", key: "big", value, timestampMs: SAMPLE_EPOCH_MS } },
    ]);
    const path = write(big.bytes);
    /** Another program writes into the file, or cuts it, once its checksum was found right. */
    const meddling = (meddle: () => void): FileSystem => ({
      ...nodeFileSystem,
      async open(name, mode) {
        const handle = await nodeFileSystem.open(name, mode);
        return Object.assign(Object.create(handle) as typeof handle, {
          stat: () => handle.stat(),
          close: () => handle.close(),
          async read(into: Uint8Array, at: number, length: number, position: number) {
            if (length > 1_000_000) meddle();
            return handle.read(into, at, length, position);
          },
        });
      },
    });
    const flip = () => {
      const fd = fs.openSync(path, "r+");
      fs.writeSync(fd, "y", 700_000);
      fs.closeSync(fd);
    };
    for (const meddle of [flip, () => fs.truncateSync(path, 900_000)]) {
      fs.writeFileSync(path, big.bytes);
      const error = await errorOf(path, { fileSystem: meddling(meddle) });
      expect(error).toMatchObject({ code: "io_error", context: { path, offset: 0 } });
      expect(error.message).toContain("changed while it was read");
    }
  });

  test("lets go of the file when the consumer stops early, and at the end", async () => {
    const path = write(log.bytes);
    for await (const record of readWalRecords(path)) {
      expect(descriptorsOn(path)).toBe(1);
      if (record.sequence === 3) break;
    }
    expect(descriptorsOn(path)).toBe(0);
    await recordsOf(path);
    expect(descriptorsOn(path)).toBe(0);
  });
});

describe("what cannot be read", () => {
  test("a missing file, a directory and an empty path are told by code, with the path", async () => {
    const dir = tempDirectory();
    const missing = join(dir, "absent.wal");
    expect((await inspectWal(missing)).error()).toMatchObject({
      code: "io_error",
      context: { path: missing, systemCode: "ENOENT" },
    });
    expect((await inspectWal(dir)).error()).toMatchObject({ code: "io_error", context: { path: dir } });
    expect((await inspectWal("")).error().code).toBe("invalid_argument");
    expect((await inspectWal(5 as never)).error().code).toBe("invalid_argument");
    expect((await inspectWal("a\0b")).error().code).toBe("io_error");
    expect((await errorOf(missing)).code).toBe("io_error");
    expect((await errorOf("")).code).toBe("invalid_argument");
  });

  test("a pipe is refused instead of waited for", { timeout: 5_000 }, async () => {
    const path = join(tempDirectory(), "pipe.wal");
    execFileSync("mkfifo", [path]);
    // A reader that waited would hang here for ever: this lets it go, and the test fails on the code.
    const release = setTimeout(() => fs.closeSync(fs.openSync(path, fs.constants.O_RDWR)), 1_000);
    const result = await inspectWal(path);
    clearTimeout(release);
    expect(result.error()).toMatchObject({ code: "io_error", context: { path } });
    expect(result.error().message).toContain("not a regular file");
  });

  test("a file without permission is an io_error", async () => {
    const path = write(log.bytes);
    const refusing: FileSystem = {
      ...nodeFileSystem,
      open: async () => {
        throw Object.assign(new Error("permission denied"), { code: "EACCES" });
      },
    };
    const error = (await inspectWal(path, { fileSystem: refusing })).error();
    expect(error).toMatchObject({ code: "io_error", context: { path, systemCode: "EACCES" } });
  });

  test("a disk that fails halfway is an io_error, and the file is let go", async () => {
    const path = write(log.bytes);
    const failing: FileSystem = {
      ...nodeFileSystem,
      async open(name, mode) {
        const handle = await nodeFileSystem.open(name, mode);
        return Object.assign(Object.create(handle) as typeof handle, {
          stat: () => handle.stat(),
          close: () => handle.close(),
          async read(): Promise<number> {
            throw Object.assign(new Error("input/output error"), { code: "EIO" });
          },
        });
      },
    };
    expect((await inspectWal(path, { fileSystem: failing })).error()).toMatchObject({ code: "io_error" });
    expect(descriptorsOn(path)).toBe(0);
  });

  test("an aborted signal rejects with its reason", async () => {
    const path = write(log.bytes);
    const reason = new Error("the user went elsewhere");
    await expect(inspectWal(path, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(descriptorsOn(path)).toBe(0);
  });
});

test("inspecting and reading leave SHA-256, size, times and folder listing as they were, for every kind of file", async () => {
  const contents = {
    "clean.wal": log.bytes,
    "torn.wal": log.bytes.subarray(0, log.bytes.length - 3),
    "damaged.wal": Buffer.from(log.bytes).fill(0xee, 40, 60),
    "zeros.wal": Buffer.alloc(5000),
    "notes.txt": Buffer.from("dear diary"),
    "empty.wal": Buffer.alloc(0),
  };
  const dir = tempDirectory();
  const past = new Date("2026-01-01T00:00:00Z");
  const footprint = (path: string) => {
    const { size, mtimeMs, ctimeMs, atimeMs, ino, mode } = fs.statSync(path);
    const listing = fs.readdirSync(dirname(path)).sort();
    return {
      size,
      mtimeMs,
      ctimeMs,
      atimeMs,
      ino,
      mode,
      listing,
      directoryMtimeMs: fs.statSync(dirname(path)).mtimeMs,
    };
  };
  const shaOf = (path: string) => createHash("sha256").update(fs.readFileSync(path)).digest("hex");
  for (const [name, bytes] of Object.entries(contents)) fs.writeFileSync(join(dir, name), bytes);
  for (const name of Object.keys(contents)) {
    const path = join(dir, name);
    const sha = shaOf(path);
    fs.utimesSync(path, past, past);
    const before = footprint(path);
    (await inspectWal(path)).value();
    await recordsOf(path);
    expect({ name, ...footprint(path) }).toEqual({ name, ...before });
    expect(shaOf(path)).toBe(sha);
  }
});

test("the report has the fields of a recovery, and what only an inspection finds", async () => {
  const path = write(Buffer.concat([log.bytes, Buffer.from("1LAW")]));
  const report = (await inspectWal(path)).value();
  expect(Object.keys(report).sort()).toEqual(
    "path recordCount operationCount keyCount deletedKeyCount lastSequence fileBytes validBytes durationMs verdict stop repaired unreachableRecordCount isAppendedBehindTornTail findings"
      .split(" ")
      .sort(),
  );
  expect(report).toMatchObject({
    path,
    verdict: "torn-tail",
    recordCount: 20,
    operationCount: 20,
    lastSequence: 20,
    fileBytes: log.bytes.length + 4,
    validBytes: log.bytes.length,
    stop: { offset: log.bytes.length, reason: "short", sequence: null, restBytes: 4 },
    repaired: null,
    unreachableRecordCount: 0,
  });
});
