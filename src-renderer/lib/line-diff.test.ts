import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seeded } from "../testing/seed.ts";
import { diffLines } from "./line-diff.ts";

/** Few different lines: texts that have much in common, in other places. */
const text = fc.array(fc.constantFrom("", "{", "}", "a", "b", "c"), { maxLength: 12 }).map((lines) => lines.join("\n"));

const side = (before: string, after: string, left: "removed" | "added") =>
  diffLines(before, after)
    .hunks.filter(({ kind }) => kind === "same" || kind === left)
    .map((line) => line.text)
    .join("\n");

describe("any two texts", () => {
  test("can both be read off their difference, line by line", () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        expect(side(before, after, "removed")).toBe(before);
        expect(side(before, after, "added")).toBe(after);
      }),
      seeded,
    );
  });

  test("have one mark for each new line, and counts that add up", () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        const { kinds, changedCount, addedCount, removedCount } = diffLines(before, after);
        const newCount = after.split("\n").length;
        expect(kinds).toHaveLength(newCount);
        expect(kinds.filter((kind) => kind === "changed")).toHaveLength(changedCount);
        expect(kinds.filter((kind) => kind === "added")).toHaveLength(addedCount);
        expect(newCount - before.split("\n").length).toBe(addedCount - removedCount);
      }),
      seeded,
    );
  });

  test("differ in no line exactly when they are the same", () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        const { changedCount, addedCount, removedCount } = diffLines(before, after);
        expect(changedCount + addedCount + removedCount === 0).toBe(before === after);
      }),
      seeded,
    );
  });
});

test("one line typed over in the middle is one changed line", () => {
  const { kinds, changedCount, addedCount, removedCount } = diffLines("a\nb\nc", "a\nB\nc");
  expect(kinds).toEqual(["same", "changed", "same"]);
  expect([changedCount, addedCount, removedCount]).toEqual([1, 0, 0]);
});

test("a line moved is found as removed here and added there, the rest stays", () => {
  const { hunks } = diffLines("1\n2\n3\n4", "2\n3\n4\n1");
  expect(hunks.map(({ kind, text: line }) => `${kind} ${line}`)).toEqual([
    "removed 1",
    "same 2",
    "same 3",
    "same 4",
    "added 1",
  ]);
});

test("texts too long to compare every pair still give both texts back", () => {
  const before = Array.from({ length: 1500 }, (_, i) => `before ${i}`).join("\n");
  const after = Array.from({ length: 1400 }, (_, i) => `after ${i}`).join("\n");
  expect(side(before, after, "removed")).toBe(before);
  expect(side(before, after, "added")).toBe(after);
  expect(diffLines(before, after)).toMatchObject({ changedCount: 1400, addedCount: 0, removedCount: 100 });
});
