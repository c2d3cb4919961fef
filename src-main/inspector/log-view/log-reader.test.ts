/** Following a file: every way an append can be seen, and everything else that can become of a file that is open. */
import fs from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { encodeSampleRecord, sampleLog, sampleOperations } from "../../../src-sdk/src/testing/sample-log.ts";
import { tempDirectory } from "../testing.ts";
import { LogView } from "./log-view.ts";

const SAMPLES = join(import.meta.dirname, "../../../resources/samples");
const LOG = sampleLog(sampleOperations(12));
const startOf = (record: number) => LOG.offsets[record] as number;
const bytesOf = (from: number, to: number) => LOG.bytes.subarray(startOf(from), startOf(to));

/** Time passes only when a test says so: what is being written stays that until then. */
function stopTheClock(): { pass: (ms: number) => void } {
  vi.useFakeTimers({ toFake: ["Date"] });
  onTestFinished(() => void vi.useRealTimers());
  return { pass: (ms) => vi.setSystemTime(Date.now() + ms) };
}

async function follow(bytes: Uint8Array, follows = true) {
  const path = join(tempDirectory(), "live.wal");
  fs.writeFileSync(path, bytes);
  const view = new LogView(path, () => undefined);
  onTestFinished(() => view.close());
  await view.open({ watches: true, follows });
  /** What is so once the file was looked at. */
  const look = () => view.setFollowing(follows);
  await look();
  return { view, path, look, append: (more: Uint8Array) => fs.appendFileSync(path, more) };
}

const stopCodes = (view: LogView) =>
  view
    .health()
    .findings.map(({ code }) => code)
    .filter((code) => /^[TC]|^S[457]/.test(code));

async function sequencesOf(view: LogView): Promise<(number | null)[]> {
  const page = await view.recordRows({ filter: "all", search: "" }, 0, 500);
  if ("badSearch" in page) throw new Error(page.badSearch);
  return page.rows.map(({ kind, sequence }) => (kind === "record" ? sequence : -1));
}
const firstSequences = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

describe("an append", () => {
  test("seen at any byte is a record being written, and the record is there with its last byte", async () => {
    stopTheClock();
    const { view, look, append } = await follow(bytesOf(0, 2));
    for (let record = 2; record < 12; record += 1) {
      const bytes = bytesOf(record, record + 1);
      for (let at = 0; at < bytes.length; at += 1) {
        append(bytes.subarray(at, at + 1));
        const isWhole = at === bytes.length - 1;
        expect(await look()).toMatchObject({
          recordCount: record + Number(isWhole),
          verdict: "clean",
          growingBytes: isWhole ? 0 : at + 1,
          tailBytes: 0,
          disk: "same",
          tailCut: null,
        });
        expect(view.health()).toMatchObject({ stop: null, regions: [] });
        expect(stopCodes(view)).toEqual([]);
      }
    }
    expect(await sequencesOf(view)).toEqual(firstSequences(12));
  });

  test("of a group, cut in two at any byte, gives the whole records before the cut and then all of them", async () => {
    stopTheClock();
    const group = bytesOf(4, 8);
    for (let cut = 1; cut < group.length; cut += 1) {
      const { view, look, append } = await follow(bytesOf(0, 4));
      append(group.subarray(0, cut));
      const whole = LOG.offsets.findLastIndex((offset) => offset <= startOf(4) + cut);
      expect(await look()).toMatchObject({
        recordCount: whole,
        verdict: "clean",
        growingBytes: startOf(4) + cut - startOf(whole),
      });
      append(group.subarray(cut));
      expect(await look()).toMatchObject({ recordCount: 8, verdict: "clean", growingBytes: 0 });
      expect(await sequencesOf(view)).toEqual(firstSequences(8));
      await view.close();
    }
  });

  test("to an empty file begins a log", async () => {
    stopTheClock();
    const { view, look, append } = await follow(new Uint8Array());
    for (let at = 0; at < startOf(2); at += 1) {
      append(LOG.bytes.subarray(at, at + 1));
      expect((await look()).verdict).toBe("clean");
    }
    expect(await sequencesOf(view)).toEqual([1, 2]);
  });

  test("that does not go on is a torn tail after a while, and a record again when it does", async () => {
    const clock = stopTheClock();
    const { view, look, append } = await follow(bytesOf(0, 3));
    append(bytesOf(3, 4).subarray(0, 40));
    expect(await look()).toMatchObject({ verdict: "clean", growingBytes: 40 });
    clock.pass(1_900);
    expect(await look()).toMatchObject({ verdict: "clean", growingBytes: 40 });
    clock.pass(200);
    expect(await look()).toMatchObject({ verdict: "torn-tail", growingBytes: 0, tailBytes: 40 });
    expect(stopCodes(view)).toEqual(["T2"]);
    append(bytesOf(3, 4).subarray(40));
    expect(await look()).toMatchObject({ verdict: "clean", recordCount: 4, tailCut: null });
  });

  test("behind a torn tail is told from the torn record being completed", async () => {
    stopTheClock();
    const { view, look, append } = await follow(fs.readFileSync(join(SAMPLES, "torn.wal")));
    const before = await look();
    expect(before.verdict).toBe("torn-tail");
    append(encodeSampleRecord({ ...LOG.records[0], sequence: before.recordCount + 1 }));
    expect(await look()).toMatchObject({ verdict: "damaged", unreachableRecordCount: 1 });
    expect(view.health()).toMatchObject({ isAppendedBehindTornTail: true });
    append(encodeSampleRecord({ ...LOG.records[0], sequence: before.recordCount + 2 }));
    expect(await look()).toMatchObject({ verdict: "damaged", unreachableRecordCount: 2, disk: "same" });
    const rows = view.recordRows({ filter: "problems", search: "" }, 0, 10);
    expect(await rows).toMatchObject({ rowCount: 3 });
  });

  test("to a damaged log is found behind the damage, and what was found before stays", async () => {
    stopTheClock();
    const { view, look, append } = await follow(fs.readFileSync(join(SAMPLES, "damaged.wal")));
    const before = await look();
    append(encodeSampleRecord({ ...LOG.records[0], sequence: 900 }));
    expect(await look()).toMatchObject({
      verdict: "damaged",
      recordCount: before.recordCount,
      unreachableRecordCount: before.unreachableRecordCount + 1,
    });
    const { regions, validBytes, fileBytes } = view.health();
    expect(validBytes + regions.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(fileBytes);
  });

  test("is only said, not taken up, where the file is not followed", async () => {
    const { view, look, append } = await follow(bytesOf(0, 3), false);
    append(bytesOf(3, 4));
    expect(await look()).toMatchObject({ recordCount: 3, verdict: "clean", disk: "grown" });
    expect(await view.setFollowing(true)).toMatchObject({ recordCount: 4, disk: "same" });
  });

  test("and a cut behind the records change nothing that is shown where the file is not followed", async () => {
    const torn = Buffer.concat([bytesOf(0, 3), bytesOf(3, 4).subarray(0, 33)]);
    const { view, path, look } = await follow(torn, false);
    fs.truncateSync(path, startOf(3));
    expect(await look()).toMatchObject({ recordCount: 3, verdict: "torn-tail", tailBytes: 33, disk: "changed" });
    expect(await view.setFollowing(true)).toMatchObject({
      verdict: "clean",
      disk: "same",
      tailCut: { offset: startOf(3), bytes: 33 },
    });
  });

  test("is taken up by itself, soon", async () => {
    const { view, append } = await follow(bytesOf(0, 3));
    append(bytesOf(3, 4));
    const startedMs = performance.now();
    await vi.waitUntil(() => view.status().recordCount === 4, { interval: 10, timeout: 5_000 });
    expect(performance.now() - startedMs).toBeLessThan(1_000);
  });
});

describe("a file that is cut", () => {
  test("at any byte of what was read says so, and what stands before the cut is still there", async () => {
    for (let size = 0; size < startOf(4); size += 1) {
      const { view, path, look } = await follow(bytesOf(0, 4));
      fs.truncateSync(path, size);
      expect(await look()).toMatchObject({ disk: "truncated", recordCount: 4 });
      await view.close();
    }
  });

  test("answers what is gone with a failure, and what is not with the bytes", async () => {
    const { view, path, look, append } = await follow(bytesOf(0, 5));
    const keyOf = async (row: number) => {
      const page = await view.recordRows({ filter: "all", search: "" }, row, 1);
      return "rows" in page ? (page.rows[0]?.key ?? "") : "";
    };
    const [first, last] = [await keyOf(0), await keyOf(4)];
    fs.truncateSync(path, startOf(4) + 5);
    expect(await look()).toMatchObject({ disk: "truncated" });
    expect(view.describe(first, "/", null)?.current.offset).toBe(0);
    expect(() => view.describe(last, "/", null)).toThrow(/gone: the file was cut/);
    await expect(view.readValue(last, null, 0, 10)).rejects.toThrow(/gone: the file was cut/);
    expect(await sequencesOf(view)).toHaveLength(5);
    // What comes next is no continuation of what was read.
    append(bytesOf(5, 9));
    expect(await look()).toMatchObject({ disk: "truncated", recordCount: 5 });
  });

  test("and grows again past its old length with other bytes says that it changed", async () => {
    const other = sampleLog(sampleOperations(12).map((record) => ({ ...record, sequence: record.sequence + 100 })));
    // Up to where the last record differs.
    for (let size = 0; size <= startOf(3) + 8; size += 1) {
      const { view, path, look } = await follow(bytesOf(0, 4));
      fs.truncateSync(path, size);
      fs.appendFileSync(path, other.bytes.subarray(size));
      expect(await look()).toMatchObject({ disk: "changed", recordCount: 4 });
      await view.close();
    }
  });

  test("behind its records, as a writer does with a torn tail, goes on from there", async () => {
    stopTheClock();
    const torn = Buffer.concat([bytesOf(0, 3), bytesOf(3, 4).subarray(0, 33)]);
    for (let left = 0; left < 33; left += 1) {
      const { view, path, look, append } = await follow(torn);
      expect((await look()).verdict).toBe("torn-tail");
      fs.truncateSync(path, startOf(3) + left);
      const cut = { offset: startOf(3), bytes: 33 };
      expect(await look()).toMatchObject({ disk: "same", verdict: "clean", tailCut: cut });
      fs.truncateSync(path, startOf(3));
      append(bytesOf(3, 6));
      expect(await look()).toMatchObject({ disk: "same", recordCount: 6, verdict: "clean", tailCut: cut });
      expect(await sequencesOf(view)).toEqual(firstSequences(6));
      await view.close();
    }
  });

  test("and written on between two looks, so that it only seems to have grown, says that the tail is gone", async () => {
    const torn = Buffer.concat([bytesOf(0, 3), bytesOf(3, 4).subarray(0, 33)]);
    const { path, look, append } = await follow(torn);
    fs.truncateSync(path, startOf(3));
    append(encodeSampleRecord({ ...LOG.records[6], sequence: 77 }));
    expect(await look()).toMatchObject({
      disk: "same",
      recordCount: 4,
      verdict: "clean",
      tailCut: { offset: startOf(3), bytes: 33 },
    });
  });
});

describe("a file that is changed in place", () => {
  test("near its end says so", async () => {
    for (let back = 1; back <= 200; back += 9) {
      const { view, path, look } = await follow(bytesOf(0, 6));
      const bytes = fs.readFileSync(path);
      bytes[bytes.length - back] = (bytes[bytes.length - back] ?? 0) ^ 1;
      fs.writeFileSync(path, bytes.subarray(0, bytes.length), { flag: "r+" });
      fs.utimesSync(path, new Date(), new Date(Date.now() + 60_000));
      expect(await look()).toMatchObject({ disk: "changed" });
      await view.close();
    }
  });

  test("anywhere else says so by its time, once it is certain that no append is under way", async () => {
    const { path, look } = await follow(bytesOf(0, 12));
    fs.utimesSync(path, new Date(), new Date(Date.now() + 60_000));
    expect(await look()).toMatchObject({ disk: "same" });
    expect(await look()).toMatchObject({ disk: "changed" });
  });
});

describe("a name that leads elsewhere", () => {
  test("to another file, also one of the same bytes, says that the file was replaced; the one that is open stays readable", async () => {
    const { view, path, look } = await follow(bytesOf(0, 4));
    fs.writeFileSync(`${path}.new`, bytesOf(0, 4));
    fs.renameSync(`${path}.new`, path);
    expect(await look()).toMatchObject({ disk: "replaced", recordCount: 4, verdict: "clean" });
    expect(view.bytesAt(0, 4).bytes).toBe(Buffer.from("1LAW").toString("base64"));
    expect(await sequencesOf(view)).toEqual(firstSequences(4));
  });

  test("nowhere says that it is missing; back at its place it is followed again", async () => {
    const { path, look, append } = await follow(bytesOf(0, 4));
    fs.renameSync(path, `${path}.away`);
    fs.appendFileSync(`${path}.away`, bytesOf(4, 5));
    expect(await look()).toMatchObject({ disk: "missing", recordCount: 5 });
    fs.renameSync(`${path}.away`, path);
    append(bytesOf(5, 6));
    expect(await look()).toMatchObject({ disk: "same", recordCount: 6 });
    fs.rmSync(path);
    expect(await look()).toMatchObject({ disk: "missing", recordCount: 6 });
    fs.mkdirSync(path);
    expect(await look()).toMatchObject({ disk: "replaced", recordCount: 6 });
  });
});
