/** Logs no writer should make but some do: sequences that repeat, and headers with values beyond all measure. */
import fs from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startInspector, type TestInspector, tempDirectory } from "../testing.ts";

const SAMPLE = join(import.meta.dirname, "../../../resources/samples/torn.wal");
/** The whole records of the sample. */
const WHOLE = fs.readFileSync(SAMPLE).subarray(0, 3_604);
const AT_SEQUENCE = 8;
const AT_TIMESTAMP = 18;

function write(name: string, bytes: Uint8Array): string {
  const path = join(tempDirectory(), name);
  fs.writeFileSync(path, bytes);
  return path;
}

async function outboxOf(inspector: TestInspector, session: number) {
  const { rows } = await inspector.call("sync.outbox", { session, filter: "all", search: "", start: 0, count: 200 });
  return rows.map(({ syncId, name, offset }) => ({ syncId, name, offset }));
}

test("operations with one sequence have sync ids of their own, the same in Inspect as in a sandbox", async () => {
  const path = write("field.wal", Buffer.concat([WHOLE, WHOLE, WHOLE]));
  const inspector = startInspector();
  const inspected = await inspector.open(path);
  const rows = await outboxOf(inspector, inspected.session);
  expect(rows).toHaveLength(120);
  expect(new Set(rows.map(({ syncId }) => syncId)).size).toBe(120);
  expect(new Set(rows.map(({ offset }) => offset)).size).toBe(120);
  expect(rows.slice(0, 3).map(({ syncId }) => syncId)).toEqual(["field-1", "field-1.2", "field-1.3"]);

  const { session } = await inspector.call("session.setMode", { session: inspected.session, mode: "sandbox" });
  await inspector.indexed();
  expect(await outboxOf(inspector, session)).toEqual(rows);
  const key = Buffer.from(rows[0]?.name ?? "").toString("base64");
  const described = await inspector.call("keys.describe", { session, key, separator: "/" });
  const newest = rows.find(({ offset }) => offset === described.current.offset);
  expect(described.delivery?.syncId).toBe(newest?.syncId);
});

test("a sequence or a time beyond all measure is shown, in every view", async () => {
  for (const [at, high] of [
    [AT_SEQUENCE, 0xff],
    [AT_SEQUENCE, 0x80],
    [AT_SEQUENCE, 0x01],
    [AT_TIMESTAMP, 0x7f],
    [AT_TIMESTAMP, 0x01],
  ] as const) {
    const bytes = Uint8Array.from(WHOLE);
    bytes[at + 7] = high;
    const inspector = startInspector();
    const { session, recordCount, verdict } = await inspector.open(write("odd.wal", bytes));
    expect([recordCount, verdict]).toEqual([40, "clean"]);
    const { record } = await inspector.call("log.recordAt", { session, offset: 0 });
    if (at === AT_SEQUENCE) {
      expect(record?.sequence).toBe(Number(new DataView(bytes.buffer).getBigUint64(AT_SEQUENCE, true)));
      const found = await inspector.call("log.recordOfSequence", { session, sequence: record?.sequence ?? 0 });
      expect(found.record?.offset).toBe(0);
    }
    const key = record?.key ?? "";
    const described = await inspector.call("keys.describe", { session, key, separator: "/" });
    expect(described.history.at(-1)?.offset).toBe(0);
    expect(await outboxOf(inspector, session)).toHaveLength(40);
    const { findings } = await inspector.call("health.report", { session });
    expect(findings.map(({ code }) => code)).toContain(at === AT_SEQUENCE ? "S1" : "S3");
    for (const mode of ["sandbox", "inspect"] as const) {
      const { state } = await inspector.call("session.current", {});
      await inspector.call("session.setMode", { session: state?.session ?? -1, mode });
      await inspector.indexed();
    }
  }
});
