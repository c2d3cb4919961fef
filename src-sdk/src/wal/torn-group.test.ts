/** A group of writes that lost power before it was synced: the store opens, with everything acknowledged. */
import { describe, expect, test } from "vitest";
import { Client } from "../client.js";
import { ClientOptions } from "../options.js";
import { ManualClock } from "../testing/manual-clock.js";
import { MemoryFileSystem } from "../testing/memory-file-system.js";
import { encodeSampleRecord, SAMPLE_EPOCH_MS } from "../testing/sample-log.js";
import { arraySource } from "./byte-source.js";
import { FindingCollector } from "./findings.js";
import { GROUP_BYTES_MAX, SECTOR_BYTES } from "./group.js";
import { surveyLog } from "./recovery.js";

const WAL = "/disk/n.wal";
const ACKNOWLEDGED = ["a", "b", "c"];
/** Lengths of the values of the group: records within a sector, across a border, and over several sectors. */
const GROUP_VALUE_BYTES = [30, 700, 10, 300, 1_000, 5, 0];

async function openOn(bytes: Uint8Array, clock = new ManualClock()) {
  const fileSystem = new MemoryFileSystem(["/disk"]);
  const handle = await fileSystem.open(WAL, "create");
  await handle.write(bytes, 0, bytes.length, 0);
  await handle.close();
  const client = new Client(ClientOptions.persistent("n", WAL), { fileSystem, clock });
  return { client, fileSystem, opened: await client.open() };
}

/** Three acknowledged writes, then a group of seven; as bytes, and where the group begins. */
async function logWithGroup(): Promise<{ bytes: Buffer; groupAt: number }> {
  const { client, fileSystem } = await openOn(new Uint8Array(0));
  for (const key of ACKNOWLEDGED) (await client.put(key, "acknowledged")).value();
  const groupAt = fileSystem.contentOf(WAL).length;
  const writes = GROUP_VALUE_BYTES.map((length, i) => client.put(`g${i}`, Buffer.alloc(length, 0x41 + i)));
  for (const write of await Promise.all(writes)) write.value();
  (await client.close()).value();
  return { bytes: fileSystem.contentOf(WAL), groupAt };
}

/** The log as a disk leaves it that kept only these sectors of the group. */
function withoutSectors(bytes: Buffer, groupAt: number, isLost: (sector: number) => boolean): Buffer {
  const torn = Buffer.from(bytes);
  for (let at = groupAt; at < torn.length; at += 1) if (isLost(Math.floor(at / SECTOR_BYTES))) torn[at] = 0;
  return torn;
}

const survey = (bytes: Uint8Array) => surveyLog(arraySource(bytes));

describe("a group that lost power before it was synced", () => {
  test("is opened whichever of its sectors were lost: all that was acknowledged, and a prefix of the group", async () => {
    const { bytes, groupAt } = await logWithGroup();
    const firstSector = Math.floor(groupAt / SECTOR_BYTES);
    const sectors = Math.ceil(bytes.length / SECTOR_BYTES) - firstSector;
    const keys = [...ACKNOWLEDGED, ...GROUP_VALUE_BYTES.map((_, i) => `g${i}`)];
    let withWholeBehind = 0;
    for (let lost = 0; lost < 2 ** sectors; lost += 1) {
      for (let cutSectors = 0; cutSectors < sectors; cutSectors += 1) {
        const end = cutSectors === 0 ? bytes.length : (firstSector + sectors - cutSectors) * SECTOR_BYTES;
        const torn = withoutSectors(bytes, groupAt, (sector) => ((lost >> (sector - firstSector)) & 1) === 1);
        const image = torn.subarray(0, end);
        if ((await survey(image)).behind.recordCount > 0) withWholeBehind += 1;
        const { client, fileSystem, opened } = await openOn(image);
        if (opened.isErr()) throw new Error(`lost ${lost.toString(2)}, cut ${cutSectors}: ${opened.error().message}`);
        const recovered = [...client.entries()].map((entry) => entry.key);
        expect(recovered).toEqual(keys.slice(0, recovered.length));
        expect(recovered.length).toBeGreaterThanOrEqual(ACKNOWLEDGED.length);
        const aside = client.recovery()?.repaired?.setAsidePath;
        const kept = [fileSystem.contentOf(WAL), ...(aside === undefined ? [] : [fileSystem.contentOf(aside)])];
        expect(Buffer.concat(kept).equals(image)).toBe(true);
        (await client.close()).value();
      }
    }
    expect(sectors).toBeGreaterThan(4);
    expect(withWholeBehind).toBeGreaterThan(50);
  }, 30_000);

  test("says how many whole records were set aside with it, and is no damage to the inspector", async () => {
    const { bytes, groupAt } = await logWithGroup();
    const torn = withoutSectors(bytes, groupAt, (sector) => sector === Math.floor(groupAt / SECTOR_BYTES) + 1);
    const { client } = await openOn(torn);
    const collector = new FindingCollector();
    const result = await surveyLog(arraySource(torn), { onRecord: (record) => collector.observe(record) });
    expect(result).toMatchObject({ verdict: "torn-tail", isUnfinishedGroup: true });
    expect(result.behind.recordCount).toBeGreaterThan(0);
    expect(client.recovery()).toMatchObject({
      verdict: "torn-tail",
      repaired: { setAsideRecordCount: result.behind.recordCount },
    });
    const findings = collector.findings(result);
    expect(findings.filter((finding) => finding.severity === "error")).toEqual([]);
    expect(findings.find((finding) => finding.code === "S5")?.meaning).toContain("unfinished");
    (await client.close()).value();
  });
});

describe("damage stays damage", () => {
  test("a flipped bit in any record of the last group but its last is refused, and nothing is changed", async () => {
    const { bytes, groupAt } = await logWithGroup();
    const lastAt = bytes.length - (34 + 18 + 2);
    for (let at = groupAt; at < lastAt; at += 1) {
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] as number) ^ 0x10;
      const { verdict } = await survey(flipped);
      // The unprotected fields of a header: a legal value is not detectable.
      expect([at, verdict]).toEqual([at, verdict === "clean" ? "clean" : "damaged"]);
    }
  });

  test("a lost sector before the last group is refused", async () => {
    const { bytes, groupAt } = await logWithGroup();
    const { client, fileSystem } = await openOn(bytes);
    (await client.put("next", "v")).value();
    (await client.close()).value();
    const torn = withoutSectors(fileSystem.contentOf(WAL), groupAt, (sector) => sector === 2);
    expect((await survey(torn)).verdict).toBe("damaged");
    const again = await openOn(torn);
    expect(again.opened.error()).toMatchObject({ code: "store_error" });
    expect(again.fileSystem.contentOf(WAL).equals(torn)).toBe(true);
  });

  test("a lost sector in a log that was written record by record, as the C++ engine does, is refused", async () => {
    const records = Array.from({ length: 20 }, (_, i) =>
      encodeSampleRecord({
        sequence: i + 1,
        operation: { kind: "put", key: `k${i}`, value: Buffer.alloc(200, 0x41), timestampMs: SAMPLE_EPOCH_MS },
      }),
    );
    const bytes = Buffer.concat(records);
    for (let sector = 0; sector < Math.floor(bytes.length / SECTOR_BYTES); sector += 1) {
      expect((await survey(withoutSectors(bytes, 0, (each) => each === sector))).verdict).not.toBe("clean");
      if (sector > 0) {
        expect((await survey(withoutSectors(bytes, 0, (each) => each === sector))).verdict).toBe("damaged");
      }
    }
  });

  test("what lies further from the end than a group may span is refused", async () => {
    const operation = {
      kind: "put",
      key: "k",
      value: Buffer.alloc(60_000, 0x41),
      timestampMs: SAMPLE_EPOCH_MS,
    } as const;
    const count = Math.ceil(GROUP_BYTES_MAX / 60_000) + 2;
    const bytes = Buffer.concat(
      Array.from({ length: count }, (_, i) =>
        encodeSampleRecord({ sequence: i + 1, type: i === 0 ? 1 : 2, operation }),
      ),
    );
    const near = Math.floor((bytes.length - GROUP_BYTES_MAX / 2) / SECTOR_BYTES);
    expect((await survey(withoutSectors(bytes, 0, (sector) => sector === near))).verdict).toBe("torn-tail");
    expect((await survey(withoutSectors(bytes, 0, (sector) => sector === 3))).verdict).toBe("damaged");
  });
});

describe("the writer", () => {
  test("begins each group with an ordinary record, and marks the others as written together with it", async () => {
    const { bytes } = await logWithGroup();
    const types: number[] = [];
    await surveyLog(arraySource(bytes), { onRecord: (record) => types.push(record.type) });
    expect(types).toEqual([1, 1, 1, 1, 2, 2, 2, 2, 2, 2]);
  });

  test("lets no group of several records span more than the bound", async () => {
    const { client, fileSystem } = await openOn(new Uint8Array(0));
    const value = Buffer.alloc(600_000, 0x41);
    const writes = Array.from({ length: 12 }, (_, i) => client.put(`k${i}`, i === 6 ? Buffer.alloc(5_000_000) : value));
    for (const write of await Promise.all(writes)) write.value();
    (await client.close()).value();
    let startedAt = 0;
    const groups: { bytes: number; count: number }[] = [];
    await surveyLog(arraySource(fileSystem.contentOf(WAL)), {
      onRecord: (record) => {
        if (record.type === 1) {
          startedAt = record.offset;
          groups.push({ bytes: 0, count: 0 });
        }
        const group = groups.at(-1);
        if (group === undefined) throw new Error("the first record begins a group");
        group.bytes = record.offset + record.length - startedAt;
        group.count += 1;
      },
    });
    expect(groups.map((group) => group.count)).toEqual([6, 1, 5]);
    for (const group of groups) if (group.count > 1) expect(group.bytes).toBeLessThanOrEqual(GROUP_BYTES_MAX);
  });
});
