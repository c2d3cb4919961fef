/** What the writer promises of order and bounds. */

import { expect, test } from "vitest";
import { Client } from "../client.js";
import { ClientOptions } from "../options.js";
import type { FileSystem } from "../platform/file-system.js";
import { FaultyFileSystem } from "../testing/faulty-file-system.js";
import { ManualClock } from "../testing/manual-clock.js";
import { MemoryFileSystem } from "../testing/memory-file-system.js";
import { orThrow } from "../testing/or-throw.js";
import { encodeSampleRecord, SAMPLE_EPOCH_MS, sampleLog, sampleOperations } from "../testing/sample-log.js";
import { OPERATION_PUT } from "./operation.js";
import { WalLog } from "./wal-log.js";

const WAL = "/disk/node.wal";

async function diskWith(bytes: Uint8Array): Promise<MemoryFileSystem> {
  const memory = new MemoryFileSystem(["/disk"]);
  const handle = await memory.open(WAL, "create");
  await handle.write(bytes, 0, bytes.length, 0);
  await handle.close();
  return memory;
}

test("a torn tail is on the disk in its own file, name and all, before the log is cut", async () => {
  const { bytes } = sampleLog(sampleOperations(5));
  const fileSystem = new FaultyFileSystem(await diskWith(bytes.subarray(0, bytes.length - 3)));
  const client = new Client(ClientOptions.persistent("n", WAL), { fileSystem, clock: new ManualClock() });
  (await client.open()).value();
  const steps = fileSystem.calls.filter((call) => !["open", "read", "close"].includes(call));
  const [copyEnds, logIsCut] = ["truncate", "truncate"];
  expect(steps).toEqual(["write", copyEnds, "datasync", "syncDirectory", logIsCut, "datasync"]);
  (await client.close()).value();
});

test("a caller that never awaits is refused at the bound, and may go on once the disk has caught up", async () => {
  const fileSystem = new MemoryFileSystem(["/disk"]);
  const log = new WalLog({
    path: WAL,
    handle: null,
    length: 0,
    nextSequence: 1,
    isDurable: true,
    sink: { recorded: () => undefined, backgroundFailed: () => undefined },
    fileSystem,
    clock: new ManualClock(),
    waitingBytesMax: 1_000,
  });
  const append = (valueBytes: number) =>
    log
      .append({
        type: OPERATION_PUT,
        key: Buffer.from("k"),
        value: Buffer.alloc(valueBytes),
        timestampMs: SAMPLE_EPOCH_MS,
      })
      .then(orThrow);
  // 53 bytes besides the value: two fill the bound exactly, the third is one too many.
  const waiting = [append(447), append(447)];
  await expect(append(0)).rejects.toMatchObject({ code: "store_error" });
  await Promise.all(waiting);
  // One that is larger than the bound is written when nothing else waits.
  await append(5_000);
  await log.close();
  expect(fileSystem.contentOf(WAL).length).toBe(500 + 500 + 5_053);
});

/** Without autoFlush, with room for four of the groups that are written in the background. */
function acceptingLog(fileSystem: FileSystem, failures: Error[] = []): WalLog {
  return new WalLog({
    path: WAL,
    handle: null,
    length: 0,
    nextSequence: 1,
    isDurable: false,
    sink: { recorded: () => undefined, backgroundFailed: (error) => failures.push(error) },
    fileSystem,
    clock: new ManualClock(),
    waitingBytesMax: 1024 * 1024,
  });
}

const appendKilobytes = (log: WalLog, kilobytes: number) =>
  log
    .append({
      type: OPERATION_PUT,
      key: Buffer.from("k"),
      value: Buffer.alloc(kilobytes * 1024),
      timestampMs: SAMPLE_EPOCH_MS,
    })
    .then(orThrow);

test("without autoFlush, a caller that awaits each write is never refused, however much it writes", async () => {
  const fileSystem = new MemoryFileSystem(["/disk"]);
  const log = acceptingLog(fileSystem);
  const recordBytes = 64 * 1024 + 53;
  for (let i = 0; i < 200; i += 1) {
    await appendKilobytes(log, 64);
  }
  await log.close();
  expect(fileSystem.contentOf(WAL).length).toBe(200 * recordBytes);
});

test("without autoFlush, nobody waits for a disk that fails: accepted is accepted, and the failure is told", async () => {
  const fileSystem = new FaultyFileSystem(new MemoryFileSystem(["/disk"]));
  const failures: Error[] = [];
  const log = acceptingLog(fileSystem, failures);
  fileSystem.inject({ operation: "datasync", code: "EIO", times: Number.POSITIVE_INFINITY });
  const write = async () => {
    for (let i = 0; i < 10; i += 1) await appendKilobytes(log, 64);
  };
  await write();
  expect(failures[0]).toMatchObject({ code: "io_error" });
  fileSystem.heal();
  await write();
  await log.close();
});

test("sequences end where a number stops being exact: the last one is written, the next is a store_error", async () => {
  const operation = { kind: "put" as const, key: "k", value: "v", timestampMs: SAMPLE_EPOCH_MS };
  const fileSystem = await diskWith(encodeSampleRecord({ sequence: 2 ** 53 - 3, timestampMs: 1, operation }));
  const client = new Client(ClientOptions.persistent("n", WAL), { fileSystem, clock: new ManualClock() });
  (await client.open()).value();
  (await client.put("last", "v")).value();
  expect([...client.entries({ prefix: "last" })][0]?.version).toBe(2 ** 53 - 2);
  expect((await client.put("k", "w")).error().code).toBe("store_error");
  expect((await client.get("k")).value().toString()).toBe("v");
  (await client.close()).value();
});
