import { expect, test } from "vitest";
import { healthReport, sessionState } from "../../testing/facts.ts";
import { cutAtOffsets, repairObstacle, verdictText } from "./verdict-text.ts";

const words = { title: "T", body: ["One.", "Two."], warning: "W", safe: "S." };

test("the host's words are said as they are; only a file that is open read-only is said to be unchanged", () => {
  const report = healthReport({ words });
  expect(verdictText(report, sessionState({ mode: "write" }))).toEqual({
    title: "T",
    body: "One. Two.",
    warning: "W",
    safe: "S.",
  });
  expect(verdictText(report, sessionState({ mode: "inspect" }))?.safe).toBe(
    "S. This file is open read-only; nothing has been changed.",
  );
  expect(verdictText(healthReport({ words: null }), sessionState())).toBeNull();
});

test("a repair is for a read-only file that is read to its end and is not clean, and the reason is said", () => {
  const inspected = { mode: "inspect", verdict: "damaged" } as const;
  const reading = { phase: "reading", doneBytes: 0, totalBytes: 1 } as const;
  expect(repairObstacle(sessionState(inspected))).toBeNull();
  expect(repairObstacle(sessionState({ ...inspected, verdict: "torn-tail" }))).toBeNull();
  expect(repairObstacle(sessionState({ ...inspected, verdict: "clean" }))).toContain("is clean");
  expect(repairObstacle(sessionState({ ...inspected, mode: "sandbox" }))).toContain("read-only");
  expect(repairObstacle(sessionState({ ...inspected, indexing: reading }))).toContain("not read to its end");
});

test("a sentence is cut at its offsets and is whole again when joined", () => {
  const text = "The record at 0x00E14 fails; it stops at 0x1AFED.";
  expect(cutAtOffsets(text)).toEqual(["The record at ", "0x00E14", " fails; it stops at ", "0x1AFED", "."]);
  expect(cutAtOffsets("none here, not even 0xe1")).toEqual(["none here, not even 0xe1"]);
});
