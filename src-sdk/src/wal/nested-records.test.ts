/** A log kept as a value of another log: its records are bytes of a value and belong to nobody else. */
import { describe, expect, test } from "vitest";
import {
  encodeSampleRecord,
  SAMPLE_EPOCH_MS,
  type SampleRecord,
  sampleLog,
  sampleOperations,
} from "../testing/sample-log.js";
import { arraySource } from "./byte-source.js";
import { surveyLog } from "./recovery.js";

const timestampMs = SAMPLE_EPOCH_MS;
const inner = sampleLog(sampleOperations(4)).bytes;
const put = (sequence: number, key: string, value: string | Uint8Array): SampleRecord => ({
  sequence,
  operation: { kind: "put", key, value, timestampMs },
});
const log = sampleLog([put(1, "before", "1"), put(2, "backup.wal", inner), put(3, "behind", "3"), put(4, "last", "4")]);
const holderAt = log.offsets[1] as number;
const holderEnd = log.offsets[2] as number;

const survey = async (bytes: Uint8Array) => {
  const behind: number[] = [];
  const found = await surveyLog(arraySource(bytes), { onUnreachable: ({ offset }) => behind.push(offset) });
  return { verdict: found.verdict, recordCount: found.recordCount, behind };
};

describe("a damaged record whose value holds whole records", () => {
  // All but the magic's own search is unaffected; the payload size and the lengths inside say where the record ends.
  const insideValue = 30 + 6 + "backup.wal".length + 4 + 40;
  test.each([
    ["a bit of its value", insideValue],
    ["its checksum", holderEnd - holderAt - 1],
    ["its key", 30 + 7],
    ["its magic", 0],
    ["its version", 4],
    ["its record type", 16],
  ])("with %s changed: exactly the records behind it follow", async (_, at) => {
    const bytes = Buffer.from(log.bytes);
    bytes[holderAt + at] = (bytes[holderAt + at] as number) ^ 0x10;
    expect(await survey(bytes)).toEqual({
      verdict: "damaged",
      recordCount: 1,
      behind: [holderEnd, log.offsets[3] as number],
    });
  });

  test("as the last record of the log is a torn tail: nothing follows it", async () => {
    const bytes = Buffer.from(log.bytes.subarray(0, holderEnd));
    bytes[bytes.length - 1] = (bytes[bytes.length - 1] as number) ^ 1;
    expect(await survey(bytes)).toEqual({ verdict: "torn-tail", recordCount: 1, behind: [] });
  });
});

test("records appended behind a torn one are found, even where the torn one claims to end at their end", async () => {
  const first = encodeSampleRecord(put(1, "before", "1"));
  const appended = encodeSampleRecord(put(2, "appended", "2"));
  const torn = encodeSampleRecord(put(2, "torn", "x".repeat(500)));
  // The torn record's claim ends exactly where the appended one does: the worst that can happen.
  const bytes = Buffer.concat([first, torn.subarray(0, torn.length - appended.length), appended]);
  expect(await survey(bytes)).toEqual({
    verdict: "damaged",
    recordCount: 1,
    behind: [first.length + torn.length - appended.length],
  });
});
