import { describe, expect, test } from "vitest";
import {
  encodeSampleRecord,
  referenceFnv1a,
  SAMPLE_EPOCH_MS,
  sampleLog,
  sampleOperations,
} from "../testing/sample-log.js";
import { arraySource } from "./byte-source.js";
import { CHUNK_BYTES } from "./chunk-reader.js";
import { FindingCollector } from "./findings.js";
import { surveyLog, type Verdict } from "./recovery.js";

interface Read {
  offset: number;
  sequence: number;
  payload: string;
}

async function survey(bytes: Uint8Array) {
  const records: Read[] = [];
  const collector = new FindingCollector();
  const result = await surveyLog(arraySource(bytes), {
    onRecord: (record) => {
      collector.observe(record);
      const from = record.at + 30;
      const payload = Buffer.from(record.bytes.subarray(from, from + record.payloadSize)).toString("hex");
      records.push({ offset: record.offset, sequence: record.sequence, payload });
    },
  });
  return { ...result, records, findings: collector.findings(result) };
}

/** Spec 2 read literally and slowly, sharing no code with the reader under test. */
function referenceVerdict(file: Buffer): { verdict: Verdict; recordCount: number; validBytes: number } {
  const wholeRecordAt = (at: number): number => {
    if (file.length - at < 34 || file.toString("latin1", at, at + 4) !== "1LAW") return 0;
    if (file.readUInt32LE(at + 4) !== 1 || file.readBigUInt64LE(at + 8) === 0n) return 0;
    const type = file.readUInt8(at + 16);
    const size = file.readUInt32LE(at + 26);
    if (type < 1 || type > 5 || file.readUInt8(at + 17) > 3 || file.readBigInt64LE(at + 18) <= 0n) return 0;
    if (size > 67_108_864 || (size === 0 && type < 4) || at + 34 + size > file.length) return 0;
    const payload = file.subarray(at + 30, at + 30 + size);
    return referenceFnv1a(payload) === file.readUInt32LE(at + 30 + size) ? 34 + size : 0;
  };
  let end = 0;
  let recordCount = 0;
  for (let length = wholeRecordAt(end); length > 0; length = wholeRecordAt(end)) {
    end += length;
    recordCount += 1;
  }
  const found = { recordCount, validBytes: end };
  if (end === file.length) return { ...found, verdict: "clean" };
  if (file.subarray(end).every((byte) => byte === 0)) return { ...found, verdict: "torn-tail" };
  for (let at = end + 1; at < file.length; at += 1) {
    if (wholeRecordAt(at) > 0) return { ...found, verdict: "damaged" };
  }
  const beginsAsOne = "1LAW".startsWith(file.toString("latin1", 0, Math.min(4, file.length)));
  return { ...found, verdict: recordCount > 0 || beginsAsOne ? "torn-tail" : "not-a-wal" };
}

const log = sampleLog(sampleOperations(20));
const written = new Set(
  log.records.map((_, i) => {
    const from = log.offsets[i] as number;
    return `${from}:${log.bytes.toString("hex", from + 30, (log.offsets[i + 1] as number) - 4)}`;
  }),
);

describe("a log of 20 records", () => {
  test("is read whole, and is clean", async () => {
    const read = await survey(log.bytes);
    expect(read.verdict).toBe("clean");
    expect(read.stop).toBeNull();
    expect(read.records.map((record) => record.offset)).toEqual(log.offsets.slice(0, -1));
    expect(read.records.map((record) => record.sequence)).toEqual(log.records.map((record) => record.sequence));
  });

  test("cut at any byte yields exactly the whole records before the cut, and the verdict of the format", async () => {
    for (let cut = 0; cut <= log.bytes.length; cut += 1) {
      const bytes = log.bytes.subarray(0, cut);
      const read = await survey(bytes);
      const whole = log.offsets.filter((offset) => offset <= cut).length - 1;
      expect({ cut, verdict: read.verdict, count: read.records.length, end: read.validBytes }).toEqual({
        cut,
        verdict: log.offsets.includes(cut) ? "clean" : "torn-tail",
        count: whole,
        end: log.offsets[whole],
      });
      expect(referenceVerdict(bytes)).toMatchObject({ verdict: read.verdict, recordCount: whole });
      const stop = read.findings.filter((finding) => finding.code.startsWith("T"));
      expect(stop.length).toBe(log.offsets.includes(cut) ? 0 : 1);
    }
  });

  test("with any single bit flipped never throws, never yields a payload that was not written, and has the verdict of the format", async () => {
    const verdicts = new Map<string, number>();
    for (let bit = 0; bit < log.bytes.length * 8; bit += 1) {
      const bytes = Buffer.from(log.bytes);
      bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
      const read = await survey(bytes);
      const expected = referenceVerdict(bytes);
      expect({ bit, verdict: read.verdict, count: read.recordCount, end: read.validBytes }).toEqual({
        bit,
        verdict: expected.verdict,
        count: expected.recordCount,
        end: expected.validBytes,
      });
      for (const record of read.records) {
        if (!written.has(`${record.offset}:${record.payload}`)) throw new Error(`bit ${bit}: a record nobody wrote`);
      }
      verdicts.set(read.verdict, (verdicts.get(read.verdict) ?? 0) + 1);
    }
    // Every kind of verdict was met: flips in unprotected fields, in the middle, in the last record.
    expect([...verdicts.keys()].sort()).toEqual(["clean", "damaged", "torn-tail"]);
  });
});

describe("the verdict of", () => {
  const cases: [string, Uint8Array, Verdict][] = [
    ["an empty file", Buffer.alloc(0), "clean"],
    ["a file of zeros", Buffer.alloc(5000), "torn-tail"],
    ["a log with a preallocated tail of zeros", Buffer.concat([log.bytes, Buffer.alloc(4096)]), "torn-tail"],
    ["a log with a newline behind it", Buffer.concat([log.bytes, Buffer.from("\n")]), "torn-tail"],
    ["the first three bytes of a log", log.bytes.subarray(0, 3), "torn-tail"],
    ["a text file", Buffer.from("hello, this is no log at all"), "not-a-wal"],
    ["a single byte", Buffer.from("x"), "not-a-wal"],
    [
      "a text file with a record in it",
      Buffer.concat([Buffer.from("junk "), encodeSampleRecord(sampleOperations(1)[0] as never)]),
      "damaged",
    ],
    ["the magic alone", Buffer.from("1LAW"), "torn-tail"],
    ["a record whose claimed length passes the end", log.bytes.subarray(0, log.bytes.length - 1), "torn-tail"],
  ];
  test.each(cases)("%s", async (_, bytes, verdict) => {
    expect((await survey(bytes)).verdict).toBe(verdict);
    expect(referenceVerdict(Buffer.from(bytes)).verdict).toBe(verdict);
  });
});

describe("records larger than the reading window", () => {
  const big = (sequence: number, bytes: number) => ({
    sequence,
    operation: {
      kind: "put" as const,
      key: `big/${sequence}`,
      value: Buffer.alloc(bytes, sequence),
      timestampMs: SAMPLE_EPOCH_MS,
    },
  });
  const bigLog = sampleLog([
    ...sampleOperations(3),
    big(4, 600_000),
    big(5, 524_288),
    big(6, 1_500_000),
    ...sampleOperations(2),
  ]);

  test("are checked and read like others", async () => {
    const seen: { key: string; valueLength: number; timestampMs: number }[] = [];
    const result = await surveyLog(arraySource(bigLog.bytes), {
      onRecord: ({ bytes, at, operation }) => {
        const from = at + 30 + operation.keyAt;
        const key = Buffer.from(bytes.subarray(from, from + operation.keyLength)).toString();
        seen.push({ key, valueLength: operation.valueLength, timestampMs: operation.timestampMs });
      },
    });
    expect(result.verdict).toBe("clean");
    expect(seen.slice(3, 6)).toEqual([
      { key: "big/4", valueLength: 600_000, timestampMs: SAMPLE_EPOCH_MS },
      { key: "big/5", valueLength: 524_288, timestampMs: SAMPLE_EPOCH_MS },
      { key: "big/6", valueLength: 1_500_000, timestampMs: SAMPLE_EPOCH_MS },
    ]);
  });

  test("a flipped bit at either end of a large payload, or in its checksum, is noticed", async () => {
    for (const at of [bigLog.offsets[4] as number, bigLog.offsets[6] as number]) {
      for (const back of [5, 1]) {
        const bytes = Buffer.from(bigLog.bytes);
        bytes[at - back] = (bytes[at - back] as number) ^ 1;
        expect((await survey(bytes)).verdict).toBe("damaged");
      }
    }
  });

  test("a cut inside a large record is a torn tail", async () => {
    const read = await survey(bigLog.bytes.subarray(0, (bigLog.offsets[6] as number) - 700_000));
    expect(read).toMatchObject({ verdict: "torn-tail", recordCount: 5, validBytes: bigLog.offsets[5] });
  });
});

describe("the search behind a stop", () => {
  test("finds a record wherever its magic lies to the borders of what is read at once", async () => {
    const [first, second] = sampleOperations(2).map(encodeSampleRecord) as [Buffer, Buffer];
    for (let before = -1; before <= 5; before += 1) {
      const junk = Buffer.alloc(CHUNK_BYTES + 1 - before, 0xee);
      const read = await survey(Buffer.concat([first, junk, second]));
      expect([before, read.verdict, read.behind.regions.map((region) => region.offset)]).toEqual([
        before,
        "damaged",
        [first.length + junk.length],
      ]);
    }
  });

  test("that was given up for too many false headers leaves the log damaged, and says how far it came", async () => {
    const [first, second] = sampleOperations(2).map(encodeSampleRecord) as [Buffer, Buffer];
    second[31] = 0xee;
    const bytes = Buffer.concat([first, ...Array.from({ length: 9 }, () => second)]);
    expect((await survey(bytes)).verdict).toBe("torn-tail");
    const collector = new FindingCollector();
    const result = await surveyLog(arraySource(bytes), {
      wastedBytesMax: 1_000_000,
      onRecord: (record) => collector.observe(record),
    });
    const searchedBytes = first.length + 3 * second.length;
    expect(result.verdict).toBe("damaged");
    expect(result.behind).toMatchObject({ isComplete: false, recordCount: 0, searchedBytes });
    const unsearched = collector.findings(result).find((finding) => finding.code === "S7");
    expect(unsearched).toMatchObject({ offset: searchedBytes, length: bytes.length - searchedBytes });
  });
});

describe("findings", () => {
  test("a writer that appended behind a torn tail is recognised, at every cut of the torn record", async () => {
    const torn = encodeSampleRecord({ ...sampleOperations(21)[20], sequence: 21 });
    const behind = [21, 22].map((sequence) => encodeSampleRecord({ ...sampleOperations(1)[0], sequence }));
    for (let cut = 1; cut < torn.length; cut += 1) {
      const bytes = Buffer.concat([log.bytes, torn.subarray(0, cut), ...behind]);
      const read = await survey(bytes);
      const s5 = read.findings.find((finding) => finding.code === "S5");
      expect({ cut, verdict: read.verdict, offset: s5?.offset, count: s5?.count }).toEqual({
        cut,
        verdict: "damaged",
        offset: log.bytes.length + cut,
        count: 2,
      });
      expect(s5?.meaning).toContain("behind a torn tail");
      const stop = read.findings.find((finding) => finding.offset === log.bytes.length);
      expect(stop?.code).toBe(cut < 30 ? "T1" : cut >= torn.length - 4 ? "T3" : "T2");
    }
  });

  test("a damaged record with others behind it is not taken for one", async () => {
    for (const at of [0, 4, 16, 29, 33]) {
      const bytes = Buffer.from(log.bytes);
      bytes[(log.offsets[9] as number) + at] = 0xee;
      const s5 = (await survey(bytes)).findings.find((finding) => finding.code === "S5");
      expect(s5?.meaning).toBe("10 whole records stand behind the stop.");
    }
  });

  test("sequences and times that go back, gaps and foreign payloads are told with their offsets", async () => {
    const operation = { kind: "put" as const, key: "k", value: "v", timestampMs: SAMPLE_EPOCH_MS };
    const odd = sampleLog([
      { sequence: 5, operation },
      { sequence: 9, operation },
      { sequence: 9, operation },
      { sequence: 3, operation, timestampMs: SAMPLE_EPOCH_MS + 1 },
      { sequence: 10, payload: Buffer.from("foreign") },
      { sequence: 11, operation: { kind: "delete", key: "k", timestampMs: SAMPLE_EPOCH_MS } },
      { sequence: 12, type: 4 },
      { sequence: 13, type: 5, payload: Uint8Array.of(0xa1) },
    ]);
    const { findings } = await survey(odd.bytes);
    expect(findings.map(({ code, offset, sequence }) => [code, offset, sequence])).toEqual([
      ["S2", odd.offsets[2], 9],
      ["S2", odd.offsets[3], 3],
      ["C6", odd.offsets[4], 10],
      ["S1", odd.offsets[1], 9],
      ["S3", odd.offsets[3], 3],
      ["S6", odd.offsets[5], 11],
    ]);
  });

  test("a thousand places of one kind are listed up to a bound and counted beyond it", async () => {
    const operation = { kind: "put" as const, key: "k", value: "v", timestampMs: SAMPLE_EPOCH_MS };
    const { findings } = await survey(
      sampleLog(Array.from({ length: 1001 }, (_, i) => ({ sequence: i + 1, operation, timestampMs: 10_000 - i })))
        .bytes,
    );
    expect(findings.length).toBe(51);
    expect(findings.reduce((sum, finding) => sum + finding.count, 0)).toBe(1000);
  });
});
