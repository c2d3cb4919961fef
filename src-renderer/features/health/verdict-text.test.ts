import type { HealthReport } from "@softadastra/inspector-contract";
import { describe, expect, test } from "vitest";
import { healthReport, sessionState } from "../../testing/facts.ts";
import { reportMarkdown, verdictText } from "./verdict-text.ts";

const stop = (code: string): HealthReport["stop"] => ({
  offset: 0x7a10,
  reason: "",
  code,
  sequence: null,
  restBytes: 37,
});
const writable = sessionState({ mode: "write" });
const readOnly = sessionState({ mode: "inspect" });
const LOST = "next write would be lost";

describe("a clean log", () => {
  test("recovers everything, and nothing is threatened", () => {
    const text = verdictText(healthReport({ recordCount: 1848, fileBytes: 143_686 }), writable);
    expect(text.title).toBe("Clean: recovers all 1,848 records");
    expect(text.body.join(" ")).toContain("143,686 bytes");
    expect(text.warning).toBeNull();
  });

  test("may be empty, which is valid", () => {
    const text = verdictText(healthReport({ recordCount: 0, fileBytes: 0, validBytes: 0 }), writable);
    expect(text.title).toBe("Clean: an empty log");
    expect(text.warning).toBeNull();
  });
});

describe("a torn tail", () => {
  const torn = healthReport({ verdict: "torn-tail", recordCount: 841, validBytes: 0x7a10, stop: stop("T2") });

  test("says what is cut and where, that nothing confirmed is missing, and what the engine would lose", () => {
    const text = verdictText(torn, writable);
    expect(text.title).toBe("Torn tail: recovers all 841 whole records");
    expect(text.body.join(" ")).toContain("The record at 0x07A10 is cut inside its payload");
    expect(text.body.join(" ")).toContain("37 bytes of it are left. No write that was confirmed is missing");
    expect(text.warning).toContain(LOST);
  });

  test("of zeros is not called a cut record", () => {
    const zeros = {
      code: "S4",
      severity: "note",
      offset: 0x7a10,
      length: 37,
      sequence: null,
      count: 1,
      meaning: "",
      engine: "",
      action: "",
    } as const;
    const body = verdictText({ ...torn, findings: [zeros] }, writable).body.join(" ");
    expect(body).toContain("37 bytes of zeros");
    expect(body).not.toContain("is cut");
  });
});

describe("a damaged log", () => {
  const damaged = healthReport({
    verdict: "damaged",
    recordCount: 841,
    unreachableRecordCount: 7,
    validBytes: 0x7a10,
    stop: stop("C4"),
  });

  test("says how many of how many are recovered, why it stops, and what is behind", () => {
    const text = verdictText(damaged, writable);
    expect(text.title).toBe("Damaged: recovers 841 of 848 whole records");
    expect(text.body[0]).toContain("The record at 0x07A10 fails its checksum.");
    expect(text.body[0]).toContain("7 whole records behind it are never read.");
    expect(text.warning).toContain(LOST);
  });

  test("written on behind a torn tail says how that came to be", () => {
    const text = verdictText({ ...damaged, isAppendedBehindTornTail: true, unreachableRecordCount: 1 }, writable);
    expect(text.body[0]).toContain("was cut by a crash, and a writer then appended 1 whole record behind it");
    expect(text.body[0]).toContain("1 whole record behind it is never read.");
  });

  test.each(["T1", "T2", "T3", "C1", "C2", "C3", "C4", "C5"])("code %s at the stop has words of its own", (code) => {
    const said = verdictText({ ...damaged, stop: stop(code) }, writable).body[0];
    expect(said).not.toContain("is damaged.");
    expect(said).not.toContain("undefined");
  });

  test("a code that is not known here is still a sentence", () => {
    expect(verdictText({ ...damaged, stop: stop("Z9") }, writable).body[0]).toContain(
      "The record at 0x07A10 is damaged.",
    );
  });
});

test("only a file that is open read-only is said to be unchanged", () => {
  for (const verdict of ["clean", "torn-tail", "damaged"] as const) {
    const report = healthReport({ verdict, stop: verdict === "clean" ? null : stop("T1") });
    expect(verdictText(report, readOnly).safe).toContain("nothing has been changed");
    expect(verdictText(report, writable).safe).not.toContain("nothing has been changed");
  }
});

test("the report as Markdown has the verdict, the facts and a row for each finding", () => {
  const finding = {
    code: "C4",
    severity: "error",
    offset: 0x7a10,
    length: 88,
    sequence: 842,
    count: 1,
    meaning: "the checksum does not fit",
    engine: "stops here",
    action: "",
  } as const;
  const report = healthReport({ verdict: "damaged", unreachableRecordCount: 7, stop: stop("C4"), findings: [finding] });
  const lines = reportMarkdown(report, sessionState({ name: "node.wal", originPath: "/data/node.wal" })).split("\n");
  expect(lines[0]).toBe("# node.wal: Damaged: recovers 10 of 17 whole records");
  expect(lines).toContain("- file: /data/node.wal, 1,000 bytes");
  const table = lines.slice(lines.findIndex((line) => line.startsWith("| severity"))).filter((line) => line !== "");
  expect(table).toHaveLength(3);
  expect(table[2]).toBe("| error | C4 | 0x07A10 | 88 | 842 | 1 | the checksum does not fit | stops here |");
  expect(new Set(table.map((line) => line.split("|").length)).size).toBe(1);
});
