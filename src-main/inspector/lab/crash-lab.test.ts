/** The lab's answer at every byte of a write is what a real node finds that opens the file the crash would leave. */
import type { LabCase, LabFault } from "@softadastra/inspector-contract";
import { Client, ClientOptions, Value } from "@softadastra/sdk";
import { arraySource, scanRecords } from "@softadastra/sdk/tools";
import { describe, expect, test, vi } from "vitest";
import { MemoryFileSystem } from "../../../src-sdk/src/testing/memory-file-system.ts";
import { encodeSampleRecord } from "../../../src-sdk/src/testing/sample-log.ts";
import { LogModel } from "../log-view/log-model.ts";
import { CrashLab } from "./crash-lab.ts";

/** A test here is hundreds of recoveries: a second or two, and more while other suites share the processors. */
vi.setConfig({ testTimeout: 120_000 });

const WAL = "/disk/n.wal";

async function nodeOn(disk: MemoryFileSystem): Promise<Client> {
  return new Client(ClientOptions.persistent("n", WAL), { fileSystem: disk });
}

/** A log that the SDK wrote. */
async function written(work: (client: Client) => Promise<unknown>): Promise<Buffer> {
  const disk = new MemoryFileSystem(["/disk"]);
  const client = await nodeOn(disk);
  expect((await client.open()).isOk()).toBe(true);
  await work(client);
  await client.close();
  return Buffer.from(disk.contentOf(WAL));
}

/** The same log for every test that asks for it: a copy, to do with as one likes. */
function once(make: () => Promise<Buffer>): () => Promise<Buffer> {
  let made: Promise<Buffer> | null = null;
  return async () => {
    made ??= make();
    return Buffer.from(await made);
  };
}

/** Twenty writes, each confirmed before the next: keys that are overwritten and deleted among them. */
const oneByOne = once(() =>
  written(async (client) => {
    for (let i = 0; i < 20; i += 1) {
      if (i % 6 === 5) await client.remove(`k${(i + 1) % 4}`);
      else await client.put(`k${i % 4}`, `value ${i} ${"x".repeat(i)}`);
    }
    await client.put("k1", "the last write");
  }),
);

/** Writes that wait for each other and so are flushed together: one write of several records. */
const inGroups = once(() =>
  written(async (client) => {
    for (let i = 0; i < 4; i += 1) await client.put(`early/${i}`, `value ${i}`);
    await Promise.all(
      Array.from({ length: 7 }, (_, i) =>
        i === 4 ? client.remove("early/1") : client.put(`group/${i % 3}`, `${i}${"y".repeat(i * 40)}`),
      ),
    );
  }),
);

/** The lab on bytes in memory. */
async function labOn(bytes: Buffer) {
  const model = new LogModel();
  const { validBytes } = await scanRecords(arraySource(bytes), { onRecord: (record) => model.add(record) });
  const lab = new CrashLab(() => ({
    model,
    isDone: true,
    validBytes,
    read: (offset, length) => bytes.subarray(offset, offset + length),
  }));
  const write = async (records: number | null) => {
    const answer = await lab.write(records);
    if ("refused" in answer || answer.write === null) throw new Error("there is no write");
    return answer.write;
  };
  return { lab, model, write };
}

interface Extent {
  readonly start: number;
  readonly end: number;
}

/** What the crash leaves, worked out by the test: null where the fault has no such place. */
function left(bytes: Buffer, writes: readonly Extent[], fault: LabFault, cut: number): Buffer | null {
  const start = (writes[0] as Extent).start;
  const file = Buffer.from(bytes);
  if (fault.kind === "kill") return file.subarray(0, start + cut);
  if (cut === 0) return null;
  const byteAt = start + cut - 1;
  const write = writes.find((each) => byteAt < each.end) as Extent;
  if (fault.kind === "flush") return file.subarray(0, write.end);
  if (fault.kind === "flip") {
    file.writeUInt8(file.readUInt8(byteAt) ^ (1 << fault.bit), byteAt);
    return file;
  }
  const sectorBytes = fault.kind === "sector" ? fault.sectorBytes : 512;
  const sector = Math.floor(byteAt / sectorBytes) * sectorBytes;
  if (fault.kind === "sector") return file.fill(0, sector, Math.min(file.length, sector + sectorBytes));
  const from = Math.max(sector, write.start);
  if (fault.loss === "short") return file.subarray(0, from);
  const after = file.subarray(0, write.end);
  return after.fill(0, from, fault.loss === "tail" ? write.end : Math.min(write.end, sector + 512));
}

const FAULTS: LabFault[] = [
  { kind: "kill" },
  { kind: "flush" },
  ...(["tail", "short", "hole"] as const).map((loss) => ({ kind: "power", loss }) as const),
  ...Array.from({ length: 8 }, (_, bit) => ({ kind: "flip", bit }) as const),
  { kind: "sector", sectorBytes: 512 },
  { kind: "sector", sectorBytes: 4096 },
];

/** What a node finds that opens these bytes. */
async function reopened(file: Buffer) {
  const disk = new MemoryFileSystem(["/disk"]);
  const handle = await disk.open(WAL, "create");
  await handle.write(file, 0, file.length, 0);
  await handle.close();
  const client = await nodeOn(disk);
  const opened = await client.open();
  if (opened.isErr()) return { refusal: opened.error().context?.verdict ?? "?", report: null, entries: new Map() };
  const report = client.recovery();
  const entries = new Map([...client.entries()].map((entry) => [entry.key, entry.value.toString()]));
  await client.close();
  return { refusal: null, report, entries };
}

/** The engine appends to the file as it is; its next opening reads up to the first bad record. */
async function isFoundBehind(file: Buffer): Promise<boolean> {
  const next = encodeSampleRecord({ sequence: 9_999, operation: { kind: "put", key: "next", timestampMs: 5 } });
  let last = -1;
  await scanRecords(arraySource(Buffer.concat([file, next])), {
    onRecord: ({ offset }) => {
      last = offset;
    },
  });
  return last === file.length;
}

async function agrees(found: LabCase, file: Buffer, what: string): Promise<void> {
  const { refusal, report, entries } = await reopened(file);
  expect([what, found.damage.fileBytes]).toEqual([what, file.length]);
  expect([what, found.cell.isNextKept]).toEqual([what, await isFoundBehind(file)]);
  if (report === null) {
    expect([what, found.cell.verdict]).toEqual([what, refusal]);
    return;
  }
  expect([what, found.cell.verdict, found.recordCount, found.validBytes, found.liveKeyCount]).toEqual([
    what,
    report.verdict,
    report.recordCount,
    report.validBytes,
    report.keyCount,
  ]);
  expect([what, file.length - found.validBytes]).toEqual([what, report.repaired?.setAsideBytes ?? 0]);
  for (const { name, operation, after } of found.rows) {
    if (operation === "other") continue;
    const shown = after === null || after.isDeleted ? undefined : after.text;
    const there = entries.get(name);
    const text = there !== undefined && there.length > 60 ? `${there.slice(0, 60)}…` : there;
    expect([what, name, shown]).toEqual([what, name, text]);
  }
}

/** Of the bits one: the others are tried on the writes themselves. */
const FEWER = FAULTS.filter((fault) => fault.kind !== "flip" || fault.bit === 5);

describe.each([
  ["the last of twenty writes", oneByOne, null, 1, FAULTS],
  ["the last three of twenty writes", oneByOne, 3, 3, FEWER],
  ["a write of several records", inGroups, null, 1, FAULTS],
  ["a write of several records, and three before it", inGroups, 10, 4, FEWER],
  ["a whole log, from its first byte", inGroups, 1_000, null, FEWER],
] as const)("%s", (_, make, records, writeCount, faults) => {
  test.each(faults.map((fault) => [Object.values(fault).join(" "), fault] as const))(
    "%s: at every place as a node that opens the file",
    async (__, fault) => {
      const bytes = await make();
      const { lab, model, write } = await labOn(bytes);
      const { range, ...shown } = await write(records);
      if (writeCount !== null) expect(shown.writeCount).toBe(writeCount);
      const writes = writesOf(model, bytes, range.start);
      expect(writes).toHaveLength(shown.writeCount);
      const length = range.end - range.start;
      for (let cut = 0; cut <= length; cut += 1) {
        const file = left(bytes, writes, fault, cut);
        const found = await lab.case({ range, fault }, cut);
        const cells = await lab.cuts({ range, fault }, cut, 1);
        if ("refused" in cells) throw new Error("refused");
        if (file === null) {
          expect([cut, found, cells.cells]).toEqual([cut, { refused: "other-range" }, [null]]);
          continue;
        }
        if ("refused" in found) throw new Error(`refused at ${cut}`);
        expect(cells.cells).toEqual([found.cell]);
        // The first sector of a new log is on the disk before its second is begun: the test's crash is none of ours.
        const isNewLog = fault.kind === "power" && range.start === 0 && cut <= Math.min(512, writes[0]?.end ?? 0);
        if (!isNewLog) await agrees(found, file, `${Object.values(fault).join(" ")} at ${cut}`);
      }
    },
  );
});

/** By the types in the headers: 2 continues the record before. */
function writesOf(model: LogModel, bytes: Buffer, from: number): Extent[] {
  const starts: number[] = [];
  for (let i = model.recordAt(from); i < model.recordCount; i += 1) {
    const offset = model.offsetOf(i);
    if (bytes[offset + 16] !== 2) starts.push(offset);
  }
  return starts.map((start, i) => ({ start, end: starts[i + 1] ?? bytes.length }));
}

describe("promises", () => {
  test("no kill and no power loss before the flush takes a confirmed write, at any place of any write", async () => {
    for (const make of [oneByOne, inGroups]) {
      const { lab, model, write } = await labOn(await make());
      const { range } = await write(1_000);
      for (const fault of FAULTS.filter(({ kind }) => kind === "kill" || kind === "flush" || kind === "power")) {
        for (let cut = 0; cut <= range.end - range.start; cut += 1) {
          const found = await lab.case({ range, fault }, cut);
          if ("refused" in found) continue;
          expect([fault, cut, found.lostCount, found.changedCount, found.cell.earlierLost]).toEqual([
            fault,
            cut,
            0,
            0,
            0,
          ]);
          expect([fault, cut, found.confirmedCount + found.underWayCount + found.notBegunCount]).toEqual([
            fault,
            cut,
            model.recordCount,
          ]);
        }
      }
    }
  });

  test("a flipped bit is not noticed in the sequence, the record time and the status, and in the payload it always is", async () => {
    const { lab, write } = await labOn(await oneByOne());
    const { range } = await write(null);
    const length = range.end - range.start;
    const unnoticed: string[] = [];
    for (let cut = 1; cut <= length; cut += 1) {
      const found = await lab.case({ range, fault: { kind: "flip", bit: 0 } }, cut);
      if ("refused" in found) throw new Error("refused");
      for (const bit of found.unnoticedBits ?? []) unnoticed.push(`${cut - 1}.${bit}`);
      if (cut > 30) expect([cut, found.unnoticedBits, found.cell.write]).toEqual([cut, [], "absent"]);
    }
    const all = (bytes: number[], bits: number[]) => bytes.flatMap((byte) => bits.map((bit) => `${byte}.${bit}`));
    const eight = [0, 1, 2, 3, 4, 5, 6, 7];
    expect(unnoticed).toEqual([
      // Sequence: any value but 0.
      ...all([8, 9, 10, 11, 12, 13, 14, 15], eight),
      // Record type 1 becomes 3, 5; status 1 becomes 0, 3.
      "16.1",
      "16.2",
      "17.0",
      "17.1",
      // Record time: any value above 0; its highest bit is the sign.
      ...all([18, 19, 20, 21, 22, 23, 24], eight),
      ...all([25], [0, 1, 2, 3, 4, 5, 6]),
    ]);
  });

  test("zeros that stand where zeros stood change nothing, and are no damage", async () => {
    const bytes = await written((client) => client.put("zeros", Value.fromBytes(new Uint8Array(2_000))));
    const { lab, write } = await labOn(bytes);
    const { range } = await write(null);
    const inside = await lab.case({ range, fault: { kind: "sector", sectorBytes: 512 } }, 700);
    expect(inside).toMatchObject({ cell: { verdict: "clean", write: "whole", isNoticed: null }, changedCount: 0 });
    const front = await lab.case({ range, fault: { kind: "sector", sectorBytes: 512 } }, 100);
    expect(front).toMatchObject({ cell: { verdict: "not-a-wal", write: "absent", isNoticed: true }, lostCount: 1 });
  });

  test("damage in front of whole records: those behind are lost to every reader, and a repair finds them", async () => {
    const { lab, model, write } = await labOn(await oneByOne());
    const { range } = await write(1_000);
    const cut = model.offsetOf(9) + 40;
    const found = await lab.case({ range, fault: { kind: "flip", bit: 3 } }, cut);
    expect(found).toMatchObject({
      cell: { verdict: "damaged", code: "C4", write: "absent", earlierLost: 0, isNextKept: false, isNoticed: true },
      recordCount: 9,
      confirmedCount: 21,
      lostCount: 12,
      behindCount: 11,
    });
    if ("refused" in found) throw new Error("refused");
    expect(found.rows.map(({ fate }) => fate)).toEqual([
      ...Array<string>(9).fill("kept"),
      "lost",
      ...Array<string>(11).fill("behind"),
    ]);
  });
});

describe("what is asked of it", () => {
  test("an empty log has no write; a log that has grown, or is still read, is refused", async () => {
    const empty = await labOn(Buffer.alloc(0));
    expect(await empty.lab.write(null)).toEqual({ write: null });
    const { lab, write } = await labOn(await oneByOne());
    const { range } = await write(null);
    const place = (start: number, end: number) => lab.case({ range: { start, end }, fault: { kind: "kill" } }, 0);
    expect(await place(range.start + 1, range.end)).toEqual({ refused: "other-range" });
    expect(await place(range.start, range.end - 1)).toEqual({ refused: "other-range" });
    expect(await place(range.end, range.end)).toEqual({ refused: "other-range" });
    const reading = new CrashLab(() => ({
      model: new LogModel(),
      isDone: false,
      validBytes: 0,
      read: () => Buffer.of(),
    }));
    expect(await reading.write(null)).toEqual({ refused: "reading" });
  });

  test("fields of every byte are named, once, and a window of them is the same as the whole", async () => {
    const { lab, write } = await labOn(await inGroups());
    const { range } = await write(1_000);
    const length = range.end - range.start;
    const names: string[] = [];
    for (let from = 0; from <= length; from += 50) {
      const answer = await lab.bytes(range, from, 50);
      if ("refused" in answer) throw new Error("refused");
      for (let at = from; at < Math.min(length, from + 50); at += 1) {
        const here = answer.fields.filter((field) => at >= field.from && at < field.to);
        expect([at, here.length]).toEqual([at, 1]);
        names.push(here[0]?.id ?? "");
      }
    }
    expect(names).toHaveLength(length);
    expect(names.slice(0, 18)).toEqual([
      ...Array<string>(4).fill("magic"),
      ...Array<string>(4).fill("version"),
      ...Array<string>(8).fill("sequence"),
      "type",
      "status",
    ]);
  });

  test("a write of 10 MiB answers a window of cuts, and one case, without holding the thread", async () => {
    const bytes = await written(async (client) => {
      await client.put("small", "before");
      await client.put("large", Value.fromBytes(Buffer.alloc(10 * 1024 * 1024, 0x41)));
    });
    const { lab, write } = await labOn(bytes);
    const { range, recordCount } = await write(null);
    expect([recordCount, range.end - range.start]).toEqual([1, 10 * 1024 * 1024 + 34 + 18 + 5]);
    let longestMs = 0;
    let lastMs = performance.now();
    const timer = setInterval(() => {
      longestMs = Math.max(longestMs, performance.now() - lastMs);
      lastMs = performance.now();
    }, 1);
    const startedMs = performance.now();
    const answer = await lab.cuts({ range, fault: { kind: "kill" } }, 5_000_000, 24);
    const tookMs = performance.now() - startedMs;
    clearInterval(timer);
    if ("refused" in answer) throw new Error("refused");
    const named = await lab.bytes(range, 5_000_000, 24);
    if ("refused" in named) throw new Error("refused");
    expect(named.fields.map(({ id }) => id)).toEqual(["value"]);
    expect(new Set(answer.cells.map((cell) => cell?.code))).toEqual(new Set(["T2"]));
    console.log(`24 cuts of a 10 MiB write: ${tookMs.toFixed(0)} ms, longest step ${longestMs.toFixed(0)} ms`);
    expect(longestMs).toBeLessThan(2_000);
    const found = await lab.case({ range, fault: { kind: "flip", bit: 0 } }, 5_000_000);
    expect(found).toMatchObject({ cell: { verdict: "torn-tail", code: "C4", isNoticed: true }, unnoticedBits: null });
  });
});
