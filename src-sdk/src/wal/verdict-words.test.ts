/** The verdict in words, exactly, for every sample and for logs of the C++ engine, with the findings and their offsets. */
import fs from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { sampleLog, sampleOperations } from "../testing/sample-log.js";
import { tempDirectory } from "../testing/temp-directory.js";
import { inspectWal } from "./inspect.js";
import { stopCode, verdictWords } from "./verdict-words.js";

const SAMPLES = join(import.meta.dirname, "../../../resources/samples");
const SHARED = join(import.meta.dirname, "../../../../shared/fixtures/wal");

async function reportOf(path: string) {
  return (await inspectWal(path)).value();
}

function temporary(bytes: Uint8Array): string {
  const path = join(tempDirectory(), "n.wal");
  fs.writeFileSync(path, bytes);
  return path;
}

const LOST = (what: string) =>
  `The C++ engine’s next write would be lost: it lands behind ${what}, where no reader gets to.`;
const SET_ASIDE = "Opening for writing moves these bytes into a file of their own and cuts the log there.";
const REFUSED = "Opening for writing is refused; a repair makes a clean log of it.";

const EXPECTED = {
  demo: {
    title: "Clean: recovers all 1,618 records",
    body: [
      "Every one of the 195,387 bytes belongs to a whole record with the right checksum. The C++ engine recovers the same 1,618 records with 398 live keys, and its next write would be found again.",
    ],
    warning: null,
    safe: "Everything is readable.",
    findings: ["note S6 at 0x2e3d3, 64 bytes"],
  },
  torn: {
    title: "Torn tail: recovers all 40 whole records",
    body: [
      "The record at 0x00E14 is cut inside its payload: a writer died before it was written. 39 bytes of it are left.",
      "No write that was confirmed is missing because of it.",
      "The C++ engine recovers the same 40 records with 5 live keys: it stops at 0x00E14 without an error.",
      SET_ASIDE,
    ],
    warning: LOST("the torn bytes"),
    safe: "The first 3,604 bytes are whole.",
    findings: ["warning T2 at 0xe14, 39 bytes", "note S6 at 0x382, 63 bytes"],
  },
  damaged: {
    title: "Damaged: recovers 40 of 47 whole records",
    body: [
      "The record at 0x00E14 fails its checksum. 7 whole records behind it would be skipped.",
      "The C++ engine recovers the same 40 records with 5 live keys: it stops at 0x00E14 without an error.",
      REFUSED,
    ],
    warning: LOST("the damage"),
    safe: "The first 3,604 bytes are whole.",
    findings: ["error C4 at 0xe14, 108 bytes", "error S5 at 0xe80, 582 bytes", "note S6 at 0x382, 63 bytes"],
  },
  continued: {
    title: "Damaged: recovers 28 of 32 whole records",
    body: [
      "The record at 0x009BA was cut by a crash, and a writer then appended 4 whole records behind it without cutting it off. They would be skipped.",
      "The C++ engine recovers the same 28 records with 5 live keys: it stops at 0x009BA without an error.",
      REFUSED,
    ],
    warning: LOST("the damage"),
    safe: "The first 2,490 bytes are whole.",
    findings: ["error T1 at 0x9ba, 17 bytes", "error S5 at 0x9cb, 389 bytes", "note S6 at 0x382, 63 bytes"],
  },
};

test.each(Object.entries(EXPECTED))("the %s sample: every word, finding and offset", async (name, expected) => {
  const report = await reportOf(join(SAMPLES, `${name}.wal`));
  const findings = report.findings.map(
    ({ severity, code, offset, length }) => `${severity} ${code} at 0x${offset.toString(16)}, ${length} bytes`,
  );
  expect({ ...verdictWords(report), findings }).toEqual(expected);
});

/** Cause of the stop in each of the engine's fixtures, with the offset; null for a clean one. */
const FIXTURES: Record<string, readonly [cause: string, whole: string] | null> = {
  "corrupt-checksum": ["The record at 0x19F16 fails its checksum.", "49 of 99"],
  "corrupt-magic": ["The record at 0x19F16 does not begin with the magic.", "49 of 99"],
  "corrupt-payload-size-huge": ["The record at 0x19F16 claims a size that cannot be.", "49 of 99"],
  "corrupt-payload": ["The record at 0x19F16 fails its checksum.", "49 of 99"],
  "corrupt-type-zero": ["The record at 0x19F16 has a header that cannot be.", "49 of 99"],
  empty: null,
  "mixed-types": null,
  "ops-100": null,
  "reopened-clean": null,
  "reopened-torn-header": ["The record at 0x1AFED was cut by a crash", "99 of 102"],
  seed: null,
  "torn-checksum-2": ["The record at 0x1AFED is cut inside its checksum", "all 99"],
  "torn-clean-99": null,
  "torn-first-record": ["The record at 0x00000 is cut inside its header", "no"],
  "torn-header-1": ["The record at 0x1AFED is cut inside its header", "all 99"],
  "torn-header-29": ["The record at 0x1AFED is cut inside its header", "all 99"],
  "torn-header-4": ["The record at 0x1AFED is cut inside its header", "all 99"],
  "torn-payload-0": ["The record at 0x1AFED is cut inside its payload", "all 99"],
  "torn-payload-last": ["The record at 0x1AFED is cut inside its payload", "all 99"],
  "torn-record-98": ["The record at 0x1AF67 is cut inside its payload", "all 97"],
};

describe.skipIf(!fs.existsSync(SHARED))("a log of the C++ engine", () => {
  const names = fs.existsSync(SHARED) ? fs.readdirSync(SHARED).filter((file) => file.endsWith(".wal")) : [];
  test.each(names)("%s says what stops reading, and how many keys the engine itself recovered", async (file) => {
    const name = file.replace(".wal", "");
    const report = await reportOf(join(SHARED, file));
    const { title, body, warning } = verdictWords(report);
    const expected = FIXTURES[name];
    expect(expected).toBeDefined();
    // What the engine itself did with the file, written down when it was made.
    const engine = JSON.parse(fs.readFileSync(join(SHARED, `${name}.expected.json`), "utf8"));
    const count = (n: number, one: string) => `${n} ${one}${n === 1 ? "" : "s"}`;
    if (engine.record_count > 0) {
      expect(body.join(" ")).toContain(
        `The C++ engine recovers the same ${count(engine.record_count, "record")} with ${count(engine.entry_count, "live key")}`,
      );
    }
    expect(warning === null).toBe(engine.next_put_survives_reopen);
    if (expected) {
      expect(body[0]).toContain(expected[0]);
      expect(title).toContain(`${expected[1]} `);
    } else expect(title).toMatch(/^Clean: /);
  });
});

describe("a torn tail", () => {
  const log = sampleLog(sampleOperations(10));
  const last = log.offsets[9] as number;
  const cut = (to: number) => log.bytes.subarray(0, to);

  test("cut at any byte of the last record says where, and promises nothing it cannot know", async () => {
    for (let to = last + 1; to < log.bytes.length; to += 1) {
      const { title, body } = verdictWords(await reportOf(temporary(cut(to))));
      const place = to - last < 30 ? "header" : to < log.bytes.length - 4 ? "payload" : "checksum";
      const left = to - last;
      expect([to, title, body[0]]).toEqual([
        to,
        "Torn tail: recovers all 9 whole records",
        `The record at 0x${last.toString(16).toUpperCase().padStart(5, "0")} is cut inside its ${place}: a writer died before it was written. ${left} ${left === 1 ? "byte of it is" : "bytes of it are"} left.`,
      ]);
    }
  });

  test("of zeros, of other bytes, and a whole record with a wrong checksum are not called cut, and not unconfirmed", async () => {
    const zeros = verdictWords(await reportOf(temporary(Buffer.concat([log.bytes, new Uint8Array(37)]))));
    expect(zeros.body[0]).toMatch(/^From 0x\w+ on the file holds 37 bytes of zeros: preallocated/);
    const other = verdictWords(await reportOf(temporary(Buffer.concat([log.bytes, Buffer.from("no record")]))));
    expect(other.body[0]).toMatch(/^From 0x\w+ on stand 9 bytes that do not begin as a record\.$/);
    const flipped = Buffer.from(log.bytes);
    flipped[flipped.length - 1] = (flipped[flipped.length - 1] as number) ^ 1;
    const wrong = verdictWords(await reportOf(temporary(flipped)));
    expect(wrong.body[0]).toMatch(
      /^The last record, at 0x\w+, has its full length of \d+ bytes and fails its checksum/,
    );
    for (const words of [zeros, other, wrong]) {
      expect(words.body.join(" ")).not.toMatch(/is cut|confirmed/);
      expect(words.warning).toBe(LOST("the torn bytes"));
    }
  });
});

test("damage in the very first record, one record, an empty log and a stranger's file have words that fit", async () => {
  const log = sampleLog(sampleOperations(3));
  const broken = Buffer.from(log.bytes);
  broken[0] = 0x32;
  const words = verdictWords(await reportOf(temporary(broken)));
  expect(words.title).toBe("Damaged: recovers 0 of 2 whole records");
  expect(words.body[1]).toBe("The C++ engine recovers nothing: it stops at 0x00000 without an error.");
  expect(words.safe).toBe("The records behind the damage can still be read from this file.");
  expect(verdictWords(await reportOf(temporary(sampleLog(sampleOperations(1)).bytes))).title).toBe(
    "Clean: recovers its 1 record",
  );
  expect(verdictWords(await reportOf(temporary(new Uint8Array(0)))).title).toBe("Clean: an empty log");
  const stranger = verdictWords(await reportOf(temporary(Buffer.from("no log at all"))));
  expect([stranger.title, stranger.safe]).toEqual(["Not a log: nothing is recovered", "The file is never written to."]);
});

test("a search that gave up is said: there may be more records than were counted", async () => {
  const report = await reportOf(join(SAMPLES, "damaged.wal"));
  const given = { code: "S7", severity: "warning", offset: 4_200, length: 94, sequence: null, count: 1 } as const;
  const unsure = { ...report, findings: [...report.findings, { ...given, meaning: "", engine: "", action: "" }] };
  const { title, body } = verdictWords(unsure);
  expect(title).toBe("Damaged: recovers 40 of at least 47 whole records");
  expect(body[0]).toContain("would be skipped. The rest was not searched: there may be more.");
});

test("the code at the stop is that of the finding there", async () => {
  for (const [name, code] of [
    ["demo", ""],
    ["torn", "T2"],
    ["damaged", "C4"],
    ["continued", "T1"],
  ] as const) {
    expect([name, stopCode(await reportOf(join(SAMPLES, `${name}.wal`)))]).toEqual([name, code]);
  }
});
