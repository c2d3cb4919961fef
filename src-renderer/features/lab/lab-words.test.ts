/** The crash lab's sentences: where a place is, and whether a promise was kept, to the number. */
import type { LabCase, LabField, LabWrite } from "@softadastra/inspector-contract";
import { describe, expect, test } from "vitest";
import { killText } from "./lab-runs.ts";
import { cellText, placeText, promiseText, runTitle } from "./lab-words.ts";

const WRITE: LabWrite = {
  range: { start: 0x22e00, end: 0x22e46 },
  recordCount: 1,
  writeCount: 1,
  earlierCount: 1_284,
  operation: "put",
  name: "settings/theme",
  valueText: "dark",
};
const field = (id: string, from: number, to: number): LabField => ({ id, name: id, from, to, record: 0 });
const FIELDS = [field("magic", 0, 4), field("key", 32, 50), field("checksum", 66, 70)];

const CELL: LabCase["cell"] = {
  verdict: "torn-tail",
  code: "T2",
  write: "absent",
  earlierLost: 0,
  earlierChanged: 0,
  isNextKept: false,
  isNoticed: true,
};
const CASE: LabCase = {
  cell: CELL,
  damage: { fileBytes: 0x22e29, zeros: null, flip: null },
  recordCount: 1_284,
  liveKeyCount: 412,
  validBytes: 0x22e00,
  unreachableCount: 0,
  stopReason: "past-end",
  findings: [],
  confirmedCount: 1_284,
  lostCount: 0,
  changedCount: 0,
  behindCount: 0,
  underWayCount: 1,
  underWayKept: 0,
  notBegunCount: 0,
  rowCount: 1,
  rows: [],
  unnoticedBits: null,
};

describe("a place", () => {
  const at = (cut: number) => placeText(WRITE, { kind: "kill" }, cut, FIELDS);

  test("is named by the field that holds the byte in front of it", () => {
    expect([0, 1, 4, 33, 41, 50, 69, 70].map(at)).toEqual([
      "byte 0, before the append",
      "byte 1, inside the magic",
      "byte 4, behind the magic",
      "byte 33, inside the key",
      "byte 41, inside the key",
      "byte 50, behind the key",
      "byte 69, inside the checksum",
      "byte 70, all of it, before the flush",
    ]);
    expect(at(20)).toBe("byte 20");
  });

  test("of several records says in which", () => {
    const group = { ...WRITE, recordCount: 7, range: { start: 0, end: 700 } };
    const fields = [
      { ...field("key", 32, 50), record: 2 },
      { ...field("checksum", 66, 70), record: 2 },
    ];
    expect(placeText(group, { kind: "kill" }, 41, fields)).toBe("byte 41, inside the key of record 3 of 7");
    expect(placeText(group, { kind: "kill" }, 70, fields)).toBe("byte 70, behind record 3 of 7");
  });

  test("of a sector is the sector's own offset in the file", () => {
    expect(placeText(WRITE, { kind: "power", loss: "hole" }, 1, FIELDS)).toBe("byte 1, in the sector at 0x22E00");
    expect(runTitle(WRITE, { kind: "sector", sectorBytes: 4096 }, 70)).toBe("Zero the sector at 0x22000");
    expect(runTitle(WRITE, { kind: "flip", bit: 6 }, 52)).toBe("Flip bit 6 of byte 52");
    expect(runTitle(WRITE, { kind: "kill" }, 0)).toBe("Kill before the append");
  });
});

describe("a promise", () => {
  test("is kept when only what was not confirmed is absent", () => {
    expect(promiseText(CASE)).toEqual({
      tone: "ok",
      title: "Promise kept",
      text: "Every confirmed write is there. This one was not confirmed yet, and may be absent.",
    });
    expect(promiseText({ ...CASE, underWayCount: 7, underWayKept: 2 }).text).toBe(
      "Every confirmed write is there. Of this write 2 of 7 records are there; none was confirmed yet.",
    );
    expect(promiseText({ ...CASE, confirmedCount: 0 }).text).toMatch(/^No write was confirmed before\./);
  });

  test("is broken by a lost record, and says what a repair finds", () => {
    expect(promiseText({ ...CASE, lostCount: 12, behindCount: 11, underWayCount: 0 })).toEqual({
      tone: "broken",
      title: "Promise broken",
      text: "12 confirmed records of 1,284 are not recovered, and the verdict says so. 11 of them stand whole behind the damage: a repair finds them.",
    });
  });

  test("that is broken without a word is worse, and says so first", () => {
    const cell = { ...CELL, verdict: "clean" as const, code: "", isNoticed: false };
    expect(promiseText({ ...CASE, cell, changedCount: 1, underWayCount: 0 })).toEqual({
      tone: "unnoticed",
      title: "Not noticed",
      text: "1 confirmed record comes back changed, and the verdict is clean: the checksum covers the payload, not the header.",
    });
  });
});

test("a cell is told in one line", () => {
  expect(cellText(undefined)).toBe("not worked out yet");
  expect(cellText(CELL)).toBe(
    "Torn tail (T2), this write absent, earlier writes kept, the C++ engine's next write lost",
  );
  expect(cellText({ ...CELL, verdict: "damaged", code: "C1", earlierLost: 3 })).toContain("3 earlier records lost");
});

test("a kill says how many confirmed writes are kept, and how many that were in flight", () => {
  const run = {
    pid: 7,
    signal: "SIGKILL",
    earlierCount: 1_618,
    confirmedCount: 104,
    confirmedKept: 104,
    inFlightCount: 8,
    inFlightKept: 3,
    isFrontKept: true,
    verdict: "torn-tail" as const,
    recordCount: 1_725,
    setAsideBytes: 41,
    writingMs: 90,
  };
  expect(killText(run)).toBe(
    "104 confirmed, all 104 kept; 8 in flight, 3 of them kept. The 1,618 records before are as they were. 41 bytes of a torn write moved aside.",
  );
  expect(killText({ ...run, confirmedKept: 100, isFrontKept: false, setAsideBytes: 0 })).toBe(
    "104 confirmed, 100 kept; 8 in flight, 3 of them kept. The bytes before them are not what they were.",
  );
});
