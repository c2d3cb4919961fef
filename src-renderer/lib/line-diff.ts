/** Which lines of a text differ from another: for the marks beside an edited value and for "Show changes". */

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

/** Beyond this many pairs of lines the middle counts as replaced: marks that come late help nobody. */
const PAIRS_MAX = 1_000_000;

export function diffLines(before: string, after: string): LineDiff {
  const a = before.split("\n");
  const b = after.split("\n");
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;

  const hunks: DiffLine[] = a.slice(0, start).map((text) => ({ kind: "same", text }));
  hunks.push(...diffMiddle(a.slice(start, a.length - end), b.slice(start, b.length - end)));
  hunks.push(...a.slice(a.length - end).map((text): DiffLine => ({ kind: "same", text })));
  return summarize(hunks);
}

function diffMiddle(a: readonly string[], b: readonly string[]): DiffLine[] {
  if (a.length * b.length > PAIRS_MAX) return replaced(a, b);
  // Longest common subsequence, by the table from the end.
  const width = b.length + 1;
  const lengths = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      lengths[i * width + j] =
        a[i] === b[j]
          ? (lengths[(i + 1) * width + j + 1] as number) + 1
          : Math.max(lengths[(i + 1) * width + j] as number, lengths[i * width + j + 1] as number);
    }
  }
  const hunks: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      hunks.push({ kind: "same", text: a[i] as string });
      i += 1;
      j += 1;
    } else if ((lengths[(i + 1) * width + j] as number) >= (lengths[i * width + j + 1] as number)) {
      hunks.push({ kind: "removed", text: a[i++] as string });
    } else hunks.push({ kind: "added", text: b[j++] as string });
  }
  return [...hunks, ...replaced(a.slice(i), b.slice(j))];
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
