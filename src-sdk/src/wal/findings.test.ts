/** Every finding code, provoked: what is told, where, and how severe it is. */
import { describe, expect, test } from "vitest";
import { SAMPLE_EPOCH_MS, type SampleRecord, sampleLog, sampleOperations } from "../testing/sample-log.js";
import { arraySource } from "./byte-source.js";
import { FINDING_CODES, type FindingCode, FindingCollector, type WalFinding } from "./findings.js";
import { surveyLog } from "./recovery.js";

const log = sampleLog(sampleOperations(20));
const at = (record: number) => log.offsets[record] as number;
const lastAt = at(19);
const end = log.bytes.length;

async function findingsOf(bytes: Uint8Array): Promise<readonly WalFinding[]> {
  const collector = new FindingCollector();
  const survey = await surveyLog(arraySource(bytes), { onRecord: (record) => collector.observe(record) });
  return collector.findings(survey);
}

/** The log with bytes of one record replaced. */
function altered(record: number, field: number, bytes: readonly number[]): Buffer {
  const copy = Buffer.from(log.bytes);
  copy.set(bytes, at(record) + field);
  return copy;
}

const cut = (bytes: number) => log.bytes.subarray(0, bytes);
const followedBy = (bytes: Uint8Array) => Buffer.concat([log.bytes, bytes]);
const put = { kind: "put", key: "k", value: "v", timestampMs: SAMPLE_EPOCH_MS } as const;
const records = (...list: SampleRecord[]) => sampleLog(list).bytes;
const RECORD_BYTES = 54;

const inTheMiddle = { offset: at(9), length: at(10) - at(9), sequence: 10, severity: "error" } as const;
const atTheEnd = { offset: lastAt, length: end - lastAt, sequence: 20, severity: "warning" } as const;

const cases: [code: FindingCode, name: string, bytes: Uint8Array, expected: Partial<WalFinding>][] = [
  ["T1", "a header cut after its magic", cut(lastAt + 4), { offset: lastAt, length: 4, sequence: null }],
  ["T1", "a header cut one byte short", cut(lastAt + 29), { offset: lastAt, length: 29, sequence: 20 }],
  ["T2", "a header without its payload", cut(lastAt + 30), { offset: lastAt, length: 30, severity: "warning" }],
  ["T2", "a payload cut one byte short", cut(end - 5), { offset: lastAt, length: end - 5 - lastAt }],
  ["T3", "a payload without its checksum", cut(end - 4), { offset: lastAt, length: end - 4 - lastAt }],
  ["T3", "a checksum cut one byte short", cut(end - 1), { offset: lastAt, severity: "warning" }],
  ["C1", "a magic changed in the middle", altered(9, 0, [0x32]), { ...inTheMiddle, sequence: null }],
  ["C1", "a file of text", Buffer.from("dear diary"), { offset: 0, length: 10, severity: "warning" }],
  ["C2", "another version in the middle", altered(9, 4, [2]), inTheMiddle],
  ["C2", "another version at the end", altered(19, 4, [2]), atTheEnd],
  ["C3", "a size over the limit in the middle", altered(9, 29, [0x80]), inTheMiddle],
  ["C3", "a size past the end in the middle", altered(9, 28, [0x01]), inTheMiddle],
  ["C3", "a size of 0 where a payload is needed", altered(9, 26, [0, 0, 0, 0]), inTheMiddle],
  ["C4", "a payload byte changed in the middle", altered(9, 31, [9]), inTheMiddle],
  ["C4", "a checksum changed at the end", altered(19, end - 1 - lastAt, [0xee]), atTheEnd],
  ["C5", "type 0", altered(9, 16, [0]), inTheMiddle],
  ["C5", "type 6", altered(9, 16, [6]), inTheMiddle],
  ["C5", "status 4", altered(9, 17, [4]), inTheMiddle],
  ["C5", "sequence 0", altered(9, 8, [0, 0, 0, 0, 0, 0, 0, 0]), { ...inTheMiddle, sequence: 0 }],
  ["C5", "a time of 0", altered(9, 18, [0, 0, 0, 0, 0, 0, 0, 0]), inTheMiddle],
  ["C5", "a time before 1970", altered(9, 25, [0x80]), inTheMiddle],
  [
    "C6",
    "a payload that is no operation",
    records({ sequence: 1, payload: Buffer.from("foreign") }),
    { offset: 0, length: 41, sequence: 1, severity: "warning" },
  ],
  [
    "S1",
    "a gap",
    records({ sequence: 5, operation: put }, { sequence: 9, operation: put }),
    { offset: RECORD_BYTES, sequence: 9, severity: "note" },
  ],
  ["S1", "an impossible sequence", altered(19, 14, [0xff, 0xff]), { offset: lastAt, severity: "warning" }],
  [
    "S2",
    "a repeat",
    records({ sequence: 5, operation: put }, { sequence: 5, operation: put }),
    { offset: RECORD_BYTES, length: RECORD_BYTES, sequence: 5, severity: "warning" },
  ],
  [
    "S2",
    "a restart",
    records({ sequence: 5, operation: put }, { sequence: 1, operation: put }),
    { offset: RECORD_BYTES, sequence: 1 },
  ],
  [
    "S3",
    "a time that goes back",
    records({ sequence: 1, operation: put, timestampMs: 5000 }, { sequence: 2, operation: put, timestampMs: 4000 }),
    { offset: RECORD_BYTES, sequence: 2, severity: "note" },
  ],
  ["S4", "a tail of zeros", followedBy(Buffer.alloc(4096)), { offset: end, length: 4096, severity: "warning" }],
  ["S4", "a file of zeros", Buffer.alloc(100), { offset: 0, length: 100 }],
  [
    "S5",
    "records behind damage",
    altered(9, 31, [9]),
    { offset: at(10), length: end - at(10), sequence: 11, count: 10, severity: "error" },
  ],
  [
    "S6",
    "deletes in records of type put",
    log.bytes,
    { offset: at(5), sequence: 6, count: 3, severity: "note", engine: "Normal: it goes by the operation" },
  ],
  ["S7", "a newline at the end", followedBy(Buffer.from("\n")), { offset: end, length: 1, severity: "warning" }],
  ["S7", "a magic changed in the last record", altered(19, 0, [0x32]), { ...atTheEnd, sequence: null }],
];

describe("a finding", () => {
  test.each(cases)("%s: %s", async (code, _, bytes, expected) => {
    const findings = await findingsOf(bytes);
    const found = findings.filter((finding) => finding.code === code);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject(expected);
    for (const sentence of [found[0]?.meaning, found[0]?.engine, found[0]?.action]) {
      expect(sentence?.length).toBeGreaterThan(5);
    }
  });

  test("of every code is provoked above", () => {
    expect([...new Set(cases.map(([code]) => code))].sort()).toEqual([...FINDING_CODES].sort());
  });

  test("is told errors first, then in the order of the file", async () => {
    const findings = await findingsOf(altered(9, 31, [9]));
    expect(findings.map(({ code, severity }) => [code, severity])).toEqual([
      ["C4", "error"],
      ["S5", "error"],
      ["S6", "note"],
    ]);
    const offsets = findings.filter(({ severity }) => severity === "error").map(({ offset }) => offset);
    expect(offsets).toEqual([at(9), at(10)]);
  });

  test("a log without a delete has none at all", async () => {
    expect(await findingsOf(cut(at(5)))).toEqual([]);
    expect(await findingsOf(Buffer.alloc(0))).toEqual([]);
  });
});
