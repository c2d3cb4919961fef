/** Disks that really refuse: a file-size limit, a full file system, a descriptor that is closed. In processes of their own. */
import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Client } from "./client.js";
import { ClientOptions } from "./options.js";
import type { FileHandle, FileSystem } from "./platform/file-system.js";
import { nodeFileSystem } from "./platform/node-file-system.js";
import { decodeSampleLog } from "./testing/sample-decoder.js";
import { tempDirectory } from "./testing/temp-directory.js";
import { inspectWal } from "./wal/inspect.js";

const DIST = join(import.meta.dirname, "../dist/index.js");

interface Outcome {
  readonly acknowledged: string[];
  readonly refused: {
    readonly key: string;
    readonly code: string;
    readonly systemCode: string;
    readonly message: string;
  }[];
  readonly isWhole: boolean;
  readonly afterRoom: string;
}

/** Puts records, alone and in groups, until the disk is full; then makes room and puts one more. */
const FILL = `
  const { Client, ClientOptions } = await import(process.env.DIST);
  const fs = await import("node:fs");
  const path = process.env.WAL;
  const client = new Client(ClientOptions.persistent("n", path));
  (await client.open()).value();
  const acknowledged = [], refused = [];
  for (let round = 0; round < 400 && refused.length < 12; round += 1) {
    const keys = Array.from({ length: 1 + (round % 5) }, (_, i) => "k" + round + "." + i);
    const results = await Promise.all(keys.map((key) => client.put(key, "v".repeat(300))));
    results.forEach((result, i) => {
      if (result.isOk()) acknowledged.push(keys[i]);
      else refused.push({ key: keys[i], code: result.error().code, systemCode: result.error().context.systemCode, message: result.error().message });
    });
  }
  const present = [...client.entries()].map((entry) => entry.key);
  const isWhole = acknowledged.length === client.size() && refused.every(({ key }) => !present.includes(key));
  if (process.env.ROOM) fs.rmSync(process.env.ROOM);
  const room = await client.put("room", process.env.ROOM ? "v".repeat(300) : "");
  const afterRoom = room.isOk() ? "ok" : room.error().context.systemCode;
  (await client.close()).value();
  console.log(JSON.stringify({ acknowledged, refused, isWhole, afterRoom }));
`;

function isOutcome(value: unknown): value is Outcome {
  return typeof value === "object" && value !== null && "acknowledged" in value && "refused" in value;
}

function fill(command: string, env: Record<string, string>): Outcome {
  const { stdout, stderr, status } = spawnSync("bash", ["-c", command], {
    env: { ...process.env, ...env, DIST, SCRIPT: FILL, NODE: process.execPath },
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${command}: ${stderr}`);
  const outcome: unknown = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
  if (!isOutcome(outcome)) throw new Error(stdout);
  return outcome;
}

async function checkOutcome(outcome: Outcome, path: string, systemCode: string): Promise<void> {
  expect(outcome.acknowledged.length).toBeGreaterThan(20);
  expect(outcome.refused.length).toBeGreaterThan(5);
  for (const refused of outcome.refused) {
    expect(refused).toMatchObject({ code: "io_error", systemCode });
    expect(refused.message).toContain("the log is as it was");
  }
  expect(outcome.isWhole).toBe(true);
  // Every process that reads it finds whole records, and exactly those that were acknowledged.
  const bytes = fs.readFileSync(path);
  const { operations, end } = decodeSampleLog(bytes);
  expect(end).toBe(bytes.length);
  const keys = operations.map(({ key }) => key);
  expect(keys.filter((key) => key !== "room")).toEqual(outcome.acknowledged);
  expect((await inspectWal(path)).value().verdict).toBe("clean");
}

test.skipIf(process.platform === "win32")(
  "a file-size limit refuses exactly the writes that would pass it",
  async () => {
    const path = join(tempDirectory(), "n.wal");
    // 40 blocks of 1 KiB.
    const outcome = fill('ulimit -f 40; exec "$NODE" --input-type=module -e "$SCRIPT"', { WAL: path });
    await checkOutcome(outcome, path, "EFBIG");
    expect(fs.statSync(path).size).toBeLessThanOrEqual(40 * 1024);
  },
);

test.skipIf(process.platform !== "linux")("a full file system is recovered from without reopening", async (context) => {
  const dir = tempDirectory();
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=128k", "tmpfs", dir], { stdio: "ignore" });
  } catch {
    return context.skip("no file system may be mounted here");
  }
  onTestFinished(() => void execFileSync("umount", ["-l", dir]));
  const room = join(dir, "room");
  fs.writeFileSync(room, Buffer.alloc(64 * 1024));
  const path = join(dir, "n.wal");
  const outcome = fill('exec "$NODE" --input-type=module -e "$SCRIPT"', { WAL: path, ROOM: room });
  await checkOutcome(outcome, path, "ENOSPC");
  expect(outcome.afterRoom).toBe("ok");
});

test("a descriptor that somebody else closed: every write fails and says so, nothing is lost, and it opens again", async () => {
  const path = join(tempDirectory(), "n.wal");
  const handles: FileHandle[] = [];
  const fileSystem: FileSystem = {
    ...nodeFileSystem,
    async open(name, mode) {
      const handle = await nodeFileSystem.open(name, mode);
      if (name === path) handles.push(handle);
      return handle;
    },
  };
  const client = new Client(ClientOptions.persistent("n", path), { fileSystem });
  (await client.open()).value();
  (await client.put("kept", "v")).value();
  await handles.at(-1)?.close();
  for (const key of ["a", "b"]) {
    expect((await client.put(key, "v")).error()).toMatchObject({ code: "io_error", context: { systemCode: "EBADF" } });
  }
  expect((await client.get("kept")).error()).toMatchObject({ code: "io_error", context: { systemCode: "EBADF" } });
  expect(client.size()).toBe(1);
  // The file does not close a second time; the client is closed, and its lock is gone.
  expect((await client.close()).error()).toMatchObject({ code: "io_error" });
  (await client.open()).value();
  expect((await client.get("kept")).value().toString()).toBe("v");
  (await client.put("a", "v")).value();
  (await client.close()).value();
  expect(fs.readdirSync(join(path, ".."))).toEqual(["n.wal"]);
});
