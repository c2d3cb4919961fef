/** Export then import: the same live keys, byte for byte; and what each format says, read by readers of its own. */
import fs from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Client, ClientOptions } from "../index.js";
import { nodeFileSystem } from "../platform/node-file-system.js";
import { tempDirectory } from "../testing/temp-directory.js";
import { readWalRecords } from "../wal/inspect.js";
import { type ExportOptions, exportPieces } from "./export-rows.js";
import { CSV_BASE64, isCsvText } from "./export-text.js";
import { ImportCheck } from "./import-check.js";
import { importBatches } from "./import-lines.js";
import { nothingWritten, writeBatch } from "./import-write.js";
import { LogPlaces } from "./log-places.js";

type Pair = readonly [key: Uint8Array, value: Uint8Array | null];
const bytes = (text: string) => new Uint8Array(Buffer.from(text, "utf8"));
const SAMPLES = join(import.meta.dirname, "../../../resources/samples");

async function withStore<T>(path: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client(ClientOptions.persistent("node", path));
  (await client.open()).value();
  try {
    return await work(client);
  } finally {
    (await client.close()).value();
  }
}

async function makeLog(pairs: readonly Pair[]): Promise<string> {
  const path = join(tempDirectory(), "log.wal");
  await withStore(path, async (client) => {
    const calls = pairs.map(([key, value]) => (value === null ? client.remove(key) : client.put(key, value)));
    for (const result of await Promise.all(calls)) result.value();
  });
  if (!fs.existsSync(path)) fs.writeFileSync(path, "");
  return path;
}

async function exported(path: string, options: ExportOptions, withDeleted = false): Promise<string> {
  const handle = await nodeFileSystem.open(path, "read");
  try {
    const { size } = await handle.stat();
    const log = await LogPlaces.read(handle, size);
    const places = options.rows === "keys" ? log.keyPlaces(withDeleted) : log.recordPlaces();
    const pieces: Uint8Array[] = [];
    for await (const piece of exportPieces({ handle, size, path }, places, options)) pieces.push(piece);
    return Buffer.concat(pieces).toString("utf8");
  } finally {
    await handle.close();
  }
}

async function imported(rows: string, into: string): Promise<number> {
  const path = join(tempDirectory(), "rows.ndjson");
  fs.writeFileSync(path, rows);
  const handle = await nodeFileSystem.open(path, "read");
  const written = nothingWritten();
  await withStore(into, async (client) => {
    for await (const batch of importBatches(handle, (await handle.stat()).size, path)) {
      await writeBatch(client, batch, written, { skipBad: false });
    }
  });
  await handle.close();
  return written.recordCount;
}

/** Live keys as the node itself lists them. */
async function liveKeys(path: string): Promise<[string, string][]> {
  return withStore(path, async (client) =>
    [...client.entries()].map(({ keyBytes, value }) => [
      Buffer.from(keyBytes).toString("hex"),
      Buffer.from(value.toBytes()).toString("hex"),
    ]),
  );
}

/** RFC 4180, and nothing else. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  for (let at = 0; at < text.length; ) {
    const row: string[] = [];
    for (;;) {
      let cell = "";
      if (text[at] === '"') {
        for (at += 1; text[at] !== '"' || text[at + 1] === '"'; at += 1) {
          if (text[at] === '"') at += 1;
          cell += text[at];
        }
        at += 1;
      } else while (text[at] !== "," && text[at] !== "\r") cell += text[at++];
      row.push(cell);
      if (text[at++] !== ",") break;
    }
    at += 1;
    rows.push(row);
  }
  return rows;
}

const NASTY = [
  "__proto__",
  "constructor",
  "toString",
  "a\nb",
  "a\r\nb",
  '"quoted"',
  "\\",
  "\u202edangerous\u202c",
  "\u2028\u2029\u0085\ufeff",
  "=1+1",
  "+A1",
  "-2",
  "-2+3",
  "@SUM(A1)",
  " =1",
  "\t=1",
  "\uff1d1",
  "base64:AAAA",
  "nul\0nul",
  "日本語🚀",
  "007",
  "1e5",
];

const someBytes = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.string({ unit: "binary", maxLength: 20 }).map((text) => bytes(text.toWellFormed())),
  fc.constantFrom(...NASTY).map(bytes),
);
const somePairs = fc.array(
  fc.tuple(
    someBytes.filter((key) => key.length > 0),
    fc.option(someBytes, { freq: 8, nil: null }),
  ),
  { maxLength: 40 },
);

describe("keys exported as NDJSON and imported", () => {
  test("are the same live keys, byte for byte, whatever bytes they are", { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(somePairs, fc.constantFrom("text" as const, "base64" as const), async (pairs, values) => {
        const from = await makeLog(pairs);
        const before = await liveKeys(from);
        const rows = await exported(from, { rows: "keys", format: "ndjson", values });
        const into = join(tempDirectory(), "copy.wal");
        expect(await imported(rows, into)).toBe(before.length);
        expect(await liveKeys(into)).toEqual(before);
      }),
      { numRuns: 60 },
    );
  });

  test("nasty texts, as keys and as values, survive every format", async () => {
    const pairs: Pair[] = NASTY.flatMap((text, i) => [
      [bytes(text), bytes(NASTY[(i * 7) % NASTY.length] as string)],
      [Uint8Array.of(255, i + 1), new Uint8Array(0)],
    ]);
    const path = await makeLog(pairs);
    const before = await liveKeys(path);
    const ndjson = await exported(path, { rows: "keys", format: "ndjson", values: "text" });
    const json = JSON.parse(await exported(path, { rows: "keys", format: "json", values: "text" }));
    expect(json).toEqual(
      ndjson
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line)),
    );
    const hex = (text: string | undefined, base64: string | undefined) =>
      Buffer.from(text ?? base64 ?? "", text === undefined ? "base64" : "utf8").toString("hex");
    expect(
      json.map((row: Record<string, string>) => [hex(row.key, row.keyBase64), hex(row.value, row.valueBase64)]),
    ).toEqual(before);
    // Lines are lines for every program: no other line end stands in them, nor anything that turns the text around.
    expect(ndjson).not.toMatch(/[\u0085\u2028\u2029\u202e\ufeff]/);
    const [head = [], ...rows] = parseCsv(await exported(path, { rows: "keys", format: "csv", values: "text" }));
    const cell = (row: string[], name: string) => {
      const text = row[head.indexOf(name)] ?? "";
      return text.startsWith(CSV_BASE64) ? hex(undefined, text.slice(CSV_BASE64.length)) : hex(text, undefined);
    };
    expect(rows.map((row) => [cell(row, "key"), cell(row, "value")])).toEqual(before);
    for (const row of rows) expect(row).toHaveLength(head.length);
    for (const text of rows.flat()) if (!/^-?\d+$/.test(text)) expect(text).not.toMatch(/^\s*[=+\-@\uff1d]/);
  });

  test("of a log with history: deletes are exported when asked for, and imported they delete", async () => {
    const path = await makeLog([
      [bytes("a"), bytes("1")],
      [bytes("b"), bytes("2")],
      [bytes("a"), null],
    ]);
    const live = await exported(path, { rows: "keys", format: "ndjson", values: "text" });
    expect(
      live
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line).key),
    ).toEqual(["b"]);
    const all = await exported(path, { rows: "keys", format: "ndjson", values: "text" }, true);
    expect(
      all
        .split("\n")
        .slice(0, 2)
        .map((line) => JSON.parse(line)),
    ).toMatchObject([
      { row: "key/1", key: "a", operation: "delete", sequence: 3 },
      { row: "key/1", key: "b", operation: "put", value: "2", valueBytes: 1 },
    ]);
    const into = await makeLog([[bytes("a"), bytes("old")]]);
    expect(await imported(all, into)).toBe(2);
    expect(await liveKeys(into)).toEqual([[Buffer.from("b").toString("hex"), Buffer.from("2").toString("hex")]]);
  });
});

describe("values larger than the window", () => {
  const large = 700_001;
  test.each([
    ["text of wide characters across every edge", bytes("é日🚀".repeat(large / 9)), "value"],
    ["text that needs an escape at each character", bytes("\u0001\n".repeat(large / 2)), "value"],
    [
      "bytes that cease to be text at the very end",
      Buffer.concat([bytes("x".repeat(large)), Uint8Array.of(0xe2)]),
      "valueBase64",
    ],
    ["bytes", new Uint8Array(2_000_003).fill(255), "valueBase64"],
  ])("%s", async (_, value, name) => {
    const path = await makeLog([[bytes("k"), value]]);
    const rows = await exported(path, { rows: "keys", format: "ndjson", values: "text" });
    expect(Object.keys(JSON.parse(rows))).toContain(name);
    const into = join(tempDirectory(), "copy.wal");
    await imported(rows, into);
    expect(await liveKeys(into)).toEqual(await liveKeys(path));
    const [, row = []] = parseCsv(await exported(path, { rows: "keys", format: "csv", values: "text" }));
    const cell = row.at(-1) ?? "";
    const read = cell.startsWith(CSV_BASE64) ? Buffer.from(cell.slice(7), "base64") : Buffer.from(cell, "utf8");
    expect(read.equals(value)).toBe(true);
    const none = await exported(path, { rows: "keys", format: "ndjson", values: "none" });
    expect(JSON.parse(none)).toEqual({ ...JSON.parse(none), valueBytes: value.length });
    expect(none.length).toBeLessThan(200);
  });
});

describe("records", () => {
  test.each(["demo", "torn", "damaged", "continued"])(
    "of %s: every readable one, as the reader of the SDK tells it, and the rest",
    async (name) => {
      const path = join(SAMPLES, `${name}.wal`);
      const rows = JSON.parse(await exported(path, { rows: "records", format: "json", values: "base64" }));
      const readable = rows.filter(({ state }: { state: string }) => state === "readable");
      let at = 0;
      for await (const record of readWalRecords(path)) {
        const { offset, length, sequence, timestampMs, operation, payload } = record;
        const row = readable[at];
        const coded = (some: Uint8Array) => Buffer.from(some).toString("base64");
        expect(row).toMatchObject({
          index: at,
          offset,
          bytes: length,
          sequence,
          recordMs: timestampMs,
          checksum: "ok",
        });
        if (operation === null) expect(row.payloadBase64).toBe(coded(payload));
        else {
          const value = operation.kind === "put" ? coded(operation.value.toBytes()) : undefined;
          expect([row.operation, row.operationMs, row.keyBase64, row.valueBase64]).toEqual([
            operation.kind,
            operation.timestampMs,
            coded(operation.keyBytes),
            value,
          ]);
        }
        at += 1;
      }
      expect(readable).toHaveLength(at);
      // Every byte of the file is in one row.
      let end = 0;
      for (const { offset, bytes: length } of rows) {
        expect(offset).toBe(end);
        end += length;
      }
      expect(end).toBe(fs.statSync(path).size);
    },
  );

  test("replayed into a new log give the keys of the old one", async () => {
    for (const name of ["demo", "torn", "damaged", "continued"]) {
      const path = join(tempDirectory(), "log.wal");
      fs.copyFileSync(join(SAMPLES, `${name}.wal`), path);
      const rows = await exported(path, { rows: "records", format: "ndjson", values: "text" });
      const keys = await exported(path, { rows: "keys", format: "ndjson", values: "text" });
      const [replayed, copied] = [join(tempDirectory(), "a.wal"), join(tempDirectory(), "b.wal")];
      await imported(rows, replayed);
      await imported(keys, copied);
      expect(await liveKeys(replayed)).toEqual(await liveKeys(copied));
    }
  });

  test("64-bit numbers of a header are exact, also those that no JavaScript number holds", async () => {
    const path = await makeLog([[bytes("a"), bytes("1")]]);
    const log = fs.readFileSync(path);
    log.writeBigUInt64LE(18_446_744_073_709_551_615n, 8);
    log.writeBigInt64LE(9_007_199_254_740_993n, 18);
    fs.writeFileSync(path, log);
    const options = { rows: "records", values: "text" } as const;
    expect(await exported(path, { ...options, format: "ndjson" })).toContain(
      '"sequence":"18446744073709551615","type":"put","status":"persisted","recordMs":"9007199254740993"',
    );
    expect(await exported(path, { ...options, format: "csv" })).toContain(
      ",18446744073709551615,put,persisted,9007199254740993,",
    );
  });

  test("a log that changes while it is exported is refused with the place", async () => {
    const path = await makeLog([[bytes("a"), bytes("1")]]);
    const handle = await nodeFileSystem.open(path, "read");
    const { size } = await handle.stat();
    const places = (await LogPlaces.read(handle, size)).keyPlaces(false);
    const log = fs.readFileSync(path);
    log[40] = (log[40] as number) ^ 1;
    fs.writeFileSync(path, log);
    const pieces = exportPieces({ handle, size, path }, places, { rows: "keys", format: "json", values: "text" });
    await expect(pieces.next()).rejects.toThrow(/changed while it was exported: the record at offset 0/);
    await handle.close();
  });
});

test("an empty log is a whole file in every format", async () => {
  const path = await makeLog([]);
  const of = (format: ExportOptions["format"]) => exported(path, { rows: "keys", format, values: "text" });
  expect(JSON.parse(await of("json"))).toEqual([]);
  expect(await of("ndjson")).toBe("");
  expect(parseCsv(await of("csv"))).toHaveLength(1);
});

test("a cell that a spreadsheet would compute is never text", () => {
  for (const text of ["=1", "+1+1", "-1+1", "@A", "\t1", "\r=1", "\n=1", "  =1", "＝1", "base64:", "a\0"]) {
    expect([text, isCsvText(text, true)]).toEqual([text, false]);
  }
  for (const text of ["", "a=1", "-5", "-5.25", "12", "a-b", " a"])
    expect([text, isCsvText(text, true)]).toEqual([text, true]);
});

test("the check counts keys once and rows each, against what is live", async () => {
  const check = new ImportCheck((key) => ["old", "gone"].includes(Buffer.from(key).toString()));
  const rows = [
    '{"key":"old","value":"1"}',
    '{"key":"new","value":"1"}',
    '{"key":"new","value":"22"}',
    '{"key":"gone","operation":"delete"}',
    '{"row":"record/1","state":"torn"}',
    "{",
  ].join("\n");
  const path = join(tempDirectory(), "rows.ndjson");
  fs.writeFileSync(path, rows);
  const handle = await nodeFileSystem.open(path, "read");
  for await (const batch of importBatches(handle, rows.length, path)) check.add(batch);
  await handle.close();
  expect(check.plan()).toMatchObject({
    rowCount: 5,
    putCount: 3,
    deleteCount: 1,
    leftOutCount: 1,
    keyCount: 3,
    newKeyCount: 1,
    replacedKeyCount: 1,
    deletedKeyCount: 1,
    repeatedCount: 1,
    badCount: 1,
    badLines: [{ line: 6, column: 2 }],
  });
  const into = await makeLog([]);
  const good = rows.split("\n").slice(0, 5).join("\n");
  await imported(good, into);
  expect(fs.statSync(into).size).toBe(check.plan().recordBytes);
});
