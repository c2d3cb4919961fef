/** Which lines of a text differ from another: for the marks beside an edited value and for "Show changes". */

import { diffSequences } from "./sequence-diff.ts";

export interface LineDiff {
  /** For each new line: it was there, replaces one, or was added. */
  readonly kinds: readonly ("same" | "changed" | "added")[];
  readonly changedCount: number;
  readonly addedCount: number;
  readonly removedCount: number;
  readonly hunks: readonly DiffLine[];
}

export interface DiffLine {
  readonly kind: "same" | "removed" | "added";
  readonly text: string;
}

/** Edits beyond which the lines count as replaced: it is asked with every key press, and marks that come late help nobody. */
const EDITS_MAX = 1_000;

export function diffLines(before: string, after: string): LineDiff {
  const a = before.split("\n");
  const b = after.split("\n");
  const runs = diffSequences(a, b, EDITS_MAX) ?? [{ isSame: false, aFrom: 0, aTo: a.length, bFrom: 0, bTo: b.length }];
  return summarize(
    runs.flatMap(({ isSame, aFrom, aTo, bFrom, bTo }) =>
      isSame
        ? a.slice(aFrom, aTo).map((text): DiffLine => ({ kind: "same", text }))
        : replaced(a.slice(aFrom, aTo), b.slice(bFrom, bTo)),
    ),
  );
}

function replaced(a: readonly string[], b: readonly string[]): DiffLine[] {
  return [
    ...a.map((text): DiffLine => ({ kind: "removed", text })),
    ...b.map((text): DiffLine => ({ kind: "added", text })),
  ];
}

/** An added line right behind a removed one replaces it. */
function summarize(hunks: readonly DiffLine[]): LineDiff {
  const kinds: ("same" | "changed" | "added")[] = [];
  let changedCount = 0;
  let addedCount = 0;
  let removedCount = 0;
  let removedBefore = 0;
  for (const { kind } of hunks) {
    if (kind === "removed") removedBefore += 1;
    else if (kind === "same") {
      removedCount += removedBefore;
      removedBefore = 0;
      kinds.push("same");
    } else if (removedBefore > 0) {
      removedBefore -= 1;
      changedCount += 1;
      kinds.push("changed");
    } else {
      addedCount += 1;
      kinds.push("added");
    }
  }
  return { kinds, changedCount, addedCount, removedCount: removedCount + removedBefore, hunks };
}
