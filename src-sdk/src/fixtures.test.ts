/** Files and records made by the C++ engine, where they are present: byte for byte, both ways. */
import fs from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { Client } from "./client.js";
import { ClientOptions } from "./options.js";
import { ManualClock } from "./testing/manual-clock.js";
import { encodeSampleRecord } from "./testing/sample-log.js";
import { tempDirectory } from "./testing/temp-directory.js";
import { inspectWal, readWalRecords, type WalRecord } from "./wal/inspect.js";

const FIXTURES = resolve(import.meta.dirname, "../../../shared/fixtures/wal");
const isPresent = fs.existsSync(FIXTURES);
const names = isPresent ? fs.readdirSync(FIXTURES).filter((name) => name.endsWith(".wal")) : [];

interface ExpectedEntry {
  key?: string;
  key_b64?: string;
  value_b64: string;
  version: number;
  timestamp_ms: number;
}

interface Expected {
  file_size: number;
  record_count: number;
  valid_bytes: number;
  entry_count: number;
  next_put_sequence: number;
  next_put_survives_reopen: boolean;
  entries: ExpectedEntry[];
  records?: {
    offset: number;
    sequence: number;
    type: number;
    status: number;
    timestamp_ms: number;
    payload_size: number;
    op: { type: number; key?: string; key_b64?: string; value_size: number; timestamp_ms: number } | null;
  }[];
}

const expectedOf = (name: string): Expected =>
  JSON.parse(fs.readFileSync(join(FIXTURES, name.replace(/\.wal$/, ".expected.json")), "utf8"));
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
const keyBase64 = (entry: { key?: string; key_b64?: string }) => entry.key_b64 ?? base64(Buffer.from(entry.key ?? ""));

/** What our verdict must be, from the name the fixture's description gives. */
const verdictOf = (name: string) =>
  name.startsWith("corrupt") || name === "reopened-torn-header.wal"
    ? "damaged"
    : name.startsWith("torn-") && name !== "torn-clean-99.wal"
      ? "torn-tail"
      : "clean";

const behindOf = (name: string) => (name.startsWith("corrupt") ? 50 : name === "reopened-torn-header.wal" ? 3 : 0);

describe.skipIf(!isPresent)("files of the C++ engine", () => {
  test("there are the twenty we know", () => expect(names.length).toBe(20));

  test.each(names)("%s: the reader yields exactly its records", async (name) => {
    const expected = expectedOf(name);
    const records: WalRecord[] = [];
    for await (const record of readWalRecords(join(FIXTURES, name))) records.push(record);
    expect(records.length).toBe(expected.record_count);
    if (expected.records === undefined) return;
    expect(
      records.map(({ offset, sequence, type, status, timestampMs, payload, operation }) => ({
        offset,
        sequence,
        type,
        status,
        timestamp_ms: timestampMs,
        payload_size: payload.length,
        op: operation && {
          type: operation.kind === "put" ? 1 : 2,
          key: base64(operation.keyBytes),
          value_size: operation.value.size,
          timestamp_ms: operation.timestampMs,
        },
      })),
    ).toEqual(
      expected.records.map((record) => ({
        ...record,
        op: record.op && {
          type: record.op.type,
          key: keyBase64(record.op),
          value_size: record.op.value_size,
          timestamp_ms: record.op.timestamp_ms,
        },
      })),
    );
  });

  test.each(names)("%s: its records, encoded again, are its bytes up to the stop", async (name) => {
    const file = fs.readFileSync(join(FIXTURES, name));
    const encoded: Buffer[] = [];
    for await (const { sequence, type, status, timestampMs, payload } of readWalRecords(join(FIXTURES, name))) {
      encoded.push(encodeSampleRecord({ sequence, type, status, timestampMs, payload }));
    }
    expect(Buffer.concat(encoded).equals(file.subarray(0, expectedOf(name).valid_bytes))).toBe(true);
  });

  test.each(names)("%s: its records, applied in file order, leave the entries the engine recovers", async (name) => {
    const entries = new Map<string, ExpectedEntry & { key: string }>();
    for await (const { sequence, operation } of readWalRecords(join(FIXTURES, name))) {
      if (operation === null) continue;
      const key = Buffer.from(operation.keyBytes).toString("hex");
      if (operation.kind === "delete") entries.delete(key);
      else {
        const value_b64 = base64(operation.value.toBytes());
        entries.set(key, { key, value_b64, version: sequence, timestamp_ms: operation.timestampMs });
      }
    }
    const byKey = (a: { key: string }, b: { key: string }) => (a.key < b.key ? -1 : 1);
    expect([...entries.values()].sort(byKey)).toEqual(
      expectedOf(name)
        .entries.map(({ value_b64, version, timestamp_ms, ...named }) => ({
          key: Buffer.from(keyBase64(named), "base64").toString("hex"),
          value_b64,
          version,
          timestamp_ms,
        }))
        .sort(byKey),
    );
  });

  test.each(names)("%s: the report has its verdict and counts, and the file is left as it is", async (name) => {
    const expected = expectedOf(name);
    const report = (await inspectWal(join(FIXTURES, name))).value();
    expect(report).toMatchObject({
      verdict: verdictOf(name),
      recordCount: expected.record_count,
      validBytes: expected.valid_bytes,
      fileBytes: expected.file_size,
      keyCount: expected.entry_count,
      unreachableRecordCount: behindOf(name),
      isAppendedBehindTornTail: name === "reopened-torn-header.wal",
    });
    expect(report.stop?.offset ?? null).toBe(verdictOf(name) === "clean" ? null : expected.valid_bytes);
  });

  test.each(names)("%s: the client recovers exactly its entries, or refuses", async (name) => {
    const expected = expectedOf(name);
    const path = join(tempDirectory(), name);
    fs.copyFileSync(join(FIXTURES, name), path);
    fs.chmodSync(path, 0o644);
    const client = new Client(ClientOptions.persistent("node", path));
    const opened = await client.open();
    if (verdictOf(name) === "damaged") {
      expect(opened.error()).toMatchObject({ code: "store_error", context: { offset: expected.valid_bytes } });
      expect(opened.error().message).toContain(`${expected.record_count} records are readable before it`);
      expect(opened.error().message).toContain(`${behindOf(name)} behind it`);
      expect(fs.readFileSync(path).equals(fs.readFileSync(join(FIXTURES, name)))).toBe(true);
      return;
    }
    opened.value();
    expect(
      [...client.entries()].map((entry) => ({
        key: base64(entry.keyBytes),
        value_b64: base64(entry.value.toBytes()),
        version: entry.version,
        timestamp_ms: entry.timestampMs,
      })),
    ).toEqual(
      expected.entries.map((entry) => ({
        key: keyBase64(entry),
        value_b64: entry.value_b64,
        version: entry.version,
        timestamp_ms: entry.timestamp_ms,
      })),
    );
    const torn = fs.readFileSync(join(FIXTURES, name)).subarray(expected.valid_bytes);
    const aside = client.recovery()?.repaired?.setAsidePath;
    expect(aside ? fs.readFileSync(aside) : Buffer.alloc(0)).toEqual(torn);
    // Unlike the engine that wrote it, what we append is found again.
    (await client.put("added/after", "recovery")).value();
    const [added] = client.entries({ prefix: "added/after" });
    expect(added?.version).toBe((client.recovery()?.lastSequence as number) + 1);
    if (name !== "mixed-types.wal") expect(added?.version).toBe(expected.next_put_sequence);
    (await client.close()).value();
    (await client.open()).value();
    expect((await client.get("added/after")).value().toString()).toBe("recovery");
    expect(client.size()).toBe(expected.entry_count + 1);
    (await client.close()).value();
  });

  test("writing the operations behind ops-100.wal gives its payloads, record by record", async () => {
    const path = join(tempDirectory(), "ops.wal");
    const clock = new ManualClock();
    const client = new Client(ClientOptions.persistent("node", path), { clock });
    (await client.open()).value();
    const script = fs.readFileSync(join(FIXTURES, "ops-100.script.jsonl"), "utf8").trim().split("\n");
    for (const line of script) {
      const step = JSON.parse(line) as {
        op: "put" | "delete";
        key?: string;
        key_b64?: string;
        value_b64: string;
        timestamp_ms: number;
        result: { version: number };
      };
      clock.nowMs = step.timestamp_ms;
      const key = Buffer.from(keyBase64(step), "base64");
      if (step.op === "put") (await client.put(key, Buffer.from(step.value_b64, "base64"))).value();
      else (await client.remove(key)).value();
    }
    (await client.close()).value();
    const ours: WalRecord[] = [];
    for await (const record of readWalRecords(path)) ours.push(record);
    const theirs: WalRecord[] = [];
    for await (const record of readWalRecords(join(FIXTURES, "ops-100.wal"))) theirs.push(record);
    const essence = (record: WalRecord) => [
      record.offset,
      record.sequence,
      record.type,
      record.status,
      base64(record.payload),
      record.checksum,
    ];
    expect(ours.map(essence)).toEqual(theirs.map(essence));
  });
});
