/** Where in the file things are: by offset and by sequence. */
import fs from "node:fs";
import { join } from "node:path";
import { readWalRecords } from "@softadastra/sdk/wal";
import { describe, expect, test } from "vitest";
import { sampleLog, sampleOperations } from "../../../src-sdk/src/testing/sample-log.ts";
import { startInspector, tempDirectory } from "../testing.ts";

const SAMPLES = join(import.meta.dirname, "../../../resources/samples");

const operation = { kind: "put", key: "k", value: "v", timestampMs: 1_767_225_600_000 } as const;

async function openBytes(bytes: Uint8Array) {
  const path = join(tempDirectory(), "n.wal");
  fs.writeFileSync(path, bytes);
  const inspector = startInspector();
  const { session } = await inspector.open(path);
  const find = async (sequence: number) =>
    (await inspector.call("log.recordOfSequence", { session, sequence })).record?.index ?? null;
  return { inspector, session, find };
}

describe("log.recordOfSequence", () => {
  test("finds each record of a log by its sequence, as log.recordAt finds it by its offset", async () => {
    const inspector = startInspector();
    const { session, recordCount } = await inspector.open(join(SAMPLES, "demo.wal"));
    let index = 0;
    for await (const record of readWalRecords(join(SAMPLES, "demo.wal"))) {
      const found = await inspector.call("log.recordOfSequence", { session, sequence: record.sequence });
      expect(found.record).toEqual({
        index,
        offset: record.offset,
        bytes: record.length,
        sequence: record.sequence,
        key: record.operation === null ? null : Buffer.from(record.operation.keyBytes).toString("base64"),
      });
      expect(await inspector.call("log.recordAt", { session, offset: record.offset })).toEqual(found);
      index += 1;
    }
    expect(index).toBe(recordCount);
  });

  test("answers null for a sequence that no record has", async () => {
    const { find } = await openBytes(
      sampleLog([
        { sequence: 3, operation },
        { sequence: 7, operation },
      ]).bytes,
    );
    expect(await Promise.all([0, 1, 2, 3, 4, 6, 7, 8, 1e15].map(find))).toEqual([
      null,
      null,
      null,
      0,
      null,
      null,
      1,
      null,
      null,
    ]);
  });

  test("answers the first of several, also where sequences fall", async () => {
    const sequences = [5, 6, 5, 6, 2, 7, 2];
    const { find } = await openBytes(sampleLog(sequences.map((sequence) => ({ sequence, operation }))).bytes);
    for (let sequence = 0; sequence < 9; sequence += 1) {
      const first = sequences.indexOf(sequence);
      expect([sequence, await find(sequence)]).toEqual([sequence, first === -1 ? null : first]);
    }
  });

  test("finds records that a write just added, and nothing in an empty log", async () => {
    const { inspector, session, find } = await openBytes(sampleLog(sampleOperations(3)).bytes);
    expect(await find(4)).toBeNull();
    const sandbox = await inspector.call("session.setMode", { session, mode: "sandbox" });
    await inspector.indexed();
    const put = await inspector.call("store.put", { session: sandbox.session, key: "aw==", value: "dg==" });
    const found = await inspector.call("log.recordOfSequence", { session: sandbox.session, sequence: put.sequence });
    expect(found.record).toMatchObject({ index: 3, offset: put.offset, key: "aw==" });
    const empty = await openBytes(Buffer.alloc(0));
    expect(await empty.find(1)).toBeNull();
  });

  test("does not find records behind damage, and refuses a closed session and no sequence", async () => {
    const log = sampleLog(sampleOperations(20));
    log.bytes[(log.offsets[9] as number) + 31] = 0xee;
    const { inspector, session, find } = await openBytes(log.bytes);
    expect([await find(9), await find(10), await find(11)]).toEqual([8, null, null]);
    expect(await inspector.codeOf("log.recordOfSequence", { session, sequence: -1 })).toBe("InvalidInput");
    expect(await inspector.codeOf("log.recordOfSequence", { session, sequence: 1.5 })).toBe("InvalidInput");
    await inspector.call("session.close", { session });
    expect(await inspector.codeOf("log.recordOfSequence", { session, sequence: 1 })).toBe("SessionClosed");
  });
});

test("log.recordAt answers the record that holds an offset, the last one behind the end, and null in an empty log", async () => {
  const log = sampleLog(sampleOperations(5));
  const { inspector, session } = await openBytes(log.bytes);
  for (let offset = 0; offset < log.bytes.length + 3; offset += 1) {
    const expected = Math.min(4, log.offsets.filter((start) => start <= offset).length - 1);
    const found = await inspector.call("log.recordAt", { session, offset });
    expect([offset, found.record?.index]).toEqual([offset, expected]);
  }
  const empty = await openBytes(Buffer.alloc(0));
  expect(await empty.inspector.call("log.recordAt", { session: empty.session, offset: 0 })).toEqual({ record: null });
});
