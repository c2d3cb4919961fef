/** `docs/wal-format.md` is read and held to what it says. */
import fs from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { tempDirectory } from "../testing/temp-directory.js";
import { arraySource } from "./byte-source.js";
import { FINDING_CODES } from "./findings.js";
import { AT, HEADER_BYTES, PAYLOAD_BYTES_MAX } from "./format.js";
import { inspectWal, readWalRecords } from "./inspect.js";
import { decodeMark, encodeMark, MARK_ABANDONED, MARK_ACKNOWLEDGED, MARK_REFERENCES_MAX } from "./marks.js";
import { KEY_BYTES_MAX } from "./operation.js";
import {
  encodeCompacted,
  encodeNumbering,
  ownRecord,
  RECORD_COMPACTED,
  RECORD_NUMBERING,
  readCompacted,
  readNumbering,
} from "./own-records.js";
import { VERDICTS } from "./recovery.js";
import { REPAIR_POLICIES } from "./repair-plan.js";
import { scanRecords, WINDOW_RECORD_BYTES_MAX } from "./scan.js";

const DOCUMENT = fs.readFileSync(resolve(import.meta.dirname, "../../../docs/wal-format.md"), "utf8");
const SEED = resolve(import.meta.dirname, "../../../../shared/fixtures/wal/seed.wal");

/** The text between a heading and the next of the same level. */
function section(heading: string): string {
  const from = DOCUMENT.indexOf(`\n## ${heading}`);
  if (from === -1) throw new Error(`there is no section ${heading}`);
  const to = DOCUMENT.indexOf("\n## ", from + 1);
  return DOCUMENT.slice(from, to === -1 ? undefined : to);
}

function hexBlock(text: string): Buffer {
  const block = /```hex\n([^`]*)```/.exec(text)?.[1];
  if (block === undefined) throw new Error("there is no hex block");
  return Buffer.from(block.replace(/\s/g, ""), "hex");
}

/** Cells of the table rows, without the two lines of the head. */
function rows(text: string): string[][] {
  const lines = text.split("\n").filter((line) => line.startsWith("| "));
  return lines.slice(1).map((line) =>
    line
      .slice(1, -1)
      .split("|")
      .map((cell) => cell.trim()),
  );
}

describe("the worked example", () => {
  const text = section("Worked example");
  const bytes = hexBlock(text);
  const fields = rows(text).map(([offset, hex, field, value]) => ({
    offset: Number(offset),
    bytes: Buffer.from((hex ?? "").replace(/[` ]/g, ""), "hex"),
    field: field ?? "",
    value: value ?? "",
  }));
  const shown = (field: string) => fields.find((each) => each.field === field)?.value;

  test("explains every byte, each once, in order", () => {
    let end = 0;
    for (const field of fields) {
      expect([field.field, field.offset]).toEqual([field.field, end]);
      end += field.bytes.length;
    }
    expect(Buffer.concat(fields.map((field) => field.bytes)).equals(bytes)).toBe(true);
    expect(bytes.length).toBe(70);
  });

  test("decodes to what it says", async () => {
    const path = join(tempDirectory(), "example.wal");
    fs.writeFileSync(path, bytes);
    expect((await inspectWal(path)).value()).toMatchObject({ verdict: "clean", recordCount: 1, findings: [] });
    for await (const record of readWalRecords(path)) {
      expect({
        magic: bytes.toString("latin1", 0, 4),
        "format version": String(bytes.readUInt32LE(4)),
        sequence: String(record.sequence),
        "record type": `${record.type} (put)`,
        status: `${record.status} (persisted)`,
        "record timestamp": String(record.timestampMs),
        "payload size": String(record.payload.length),
        "operation format": String(record.payload[0]),
        "operation type": `${record.payload[1]} (${record.operation?.kind})`,
        "key length": String(record.operation?.keyBytes.length),
        key: record.operation?.key,
        "value length": String(record.operation?.value.size),
        value: record.operation?.value.toString(),
        "operation timestamp": String(record.operation?.timestampMs),
        checksum: `0x${record.checksum.toString(16).toUpperCase()}`,
      }).toEqual(Object.fromEntries(fields.map(({ field, value }) => [field, value])));
    }
    expect(shown("value")).toBe("dark");
  });

  test.skipIf(!fs.existsSync(SEED))("is the file the C++ engine wrote", () => {
    expect(bytes.equals(fs.readFileSync(SEED))).toBe(true);
  });
});

test("the layout of a record has the offsets the code uses", () => {
  const offsets = rows(section("Record"));
  expect(offsets.map((row) => row[3])).toEqual(
    "magic,format version,sequence,record type,status,record timestamp,payload size `n`,payload,checksum".split(","),
  );
  expect(offsets.slice(0, 8).map((row) => Number(row[0]))).toEqual([...Object.values(AT), HEADER_BYTES]);
  const sizes = offsets.slice(0, 7).map((row) => Number(row[1]));
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(HEADER_BYTES);
  expect(section("Record")).toContain(`at most ${PAYLOAD_BYTES_MAX.toLocaleString("en-US")}`);
  expect(section("Store operation")).toContain(`1 to ${KEY_BYTES_MAX.toLocaleString("en-US")}`);
});

test("the example of a mark decodes to what it says, and is what the code writes", () => {
  const text = section("Our own records");
  const bytes = hexBlock(text);
  const mark = { kind: MARK_ACKNOWLEDGED, peer: "node-b", operations: [{ sequence: 1, occurrence: 1 }] } as const;
  expect(decodeMark(bytes, 0, bytes.length)).toEqual(mark);
  expect(Buffer.from(encodeMark(mark)).equals(bytes)).toBe(true);
  for (const [kind, name] of [
    [MARK_ACKNOWLEDGED, "acknowledged"],
    [MARK_ABANDONED, "abandoned"],
  ] as const) {
    expect(text).toContain(`0x${kind.toString(16).toUpperCase()} ${name}`);
  }
  expect(text).toContain(`at most ${MARK_REFERENCES_MAX} into one mark`);
  expect(text).toContain(`more than ${WINDOW_RECORD_BYTES_MAX / 1024} KiB`);
});

test("the examples of numbering and compaction decode to what they say, and are what the code writes", async () => {
  const text = section("Our own records: numbering");
  const bytes = hexBlock(text);
  const numbering = { sequence: 5, occurrence: 3 };
  const compacted = { highestSequence: 10, highestVersion: 9 };
  expect(Buffer.concat([encodeNumbering(numbering), encodeCompacted(compacted)]).equals(bytes)).toBe(true);
  const records = [encodeNumbering(numbering), encodeCompacted(compacted)].map((payload) => ownRecord(payload, 1, 1));
  const read: unknown[] = [];
  await scanRecords(arraySource(Buffer.concat(records)), {
    onRecord: (record) => read.push(readNumbering(record), readCompacted(record)),
  });
  expect(read).toEqual([numbering, null, null, compacted]);
  expect(text).toContain(`0x${RECORD_NUMBERING.toString(16).toUpperCase()} numbering`);
  expect(text).toContain(`0x${RECORD_COMPACTED.toString(16).toUpperCase()} compacted`);
});

test("every repair policy has a row", () => {
  const policies = [...section("Repair").matchAll(/\n\| `([a-z-]+)` \|/g)].map((match) => match[1]);
  expect(policies).toEqual([...REPAIR_POLICIES]);
});

test("every finding code and every verdict has a row, and no other does", () => {
  const codes = rows(section("Findings")).map((row) => row[0]);
  expect(codes).toEqual([...FINDING_CODES]);
  const verdicts = section("Reading, and where it stops").matchAll(/\n\| `([a-z-]+)` \| .* \| .* \|/g);
  expect([...verdicts].map((match) => match[1])).toEqual([...VERDICTS]);
});

test("every page that the document refers to is there", () => {
  const links = [...DOCUMENT.matchAll(/\]\(([^)#]+)\)/g)].map((match) => match[1] as string);
  expect(links.length).toBeGreaterThan(3);
  for (const link of links) {
    expect([link, fs.existsSync(resolve(import.meta.dirname, "../../../docs", link))]).toEqual([link, true]);
  }
});
