/** What two rows of things have in common, in their order, by Myers' algorithm. */
import { diffArrays } from "diff";

/** A stretch that both have, or one where they differ: either side of that may have nothing. */
export interface Run {
  readonly isSame: boolean;
  readonly aFrom: number;
  readonly aTo: number;
  readonly bFrom: number;
  readonly bTo: number;
}

/**
 * Things that may be taken out and put in before two rows count as too different: time and memory grow with its square,
 * and a list of more differences helps nobody.
 */
export const EDITS_MAX = 2_000;

/** Runs, same and different in turn, that cover both; null when they are too different. */
export function diffSequences<T>(a: ArrayLike<T>, b: ArrayLike<T>, editsMax = EDITS_MAX): Run[] | null {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  const middle = diffMiddle(slice(a, start, a.length - end), slice(b, start, b.length - end), editsMax);
  if (middle === null) return null;

  const runs = new RunList();
  runs.add(true, start, start);
  for (const { isSame, aCount, bCount } of middle) runs.add(isSame, aCount, bCount);
  runs.add(true, end, end);
  return runs.runs;
}

function slice<T>(items: ArrayLike<T>, from: number, to: number): T[] {
  return Array.from({ length: to - from }, (_, i) => items[from + i] as T);
}

interface Stretch {
  readonly isSame: boolean;
  readonly aCount: number;
  readonly bCount: number;
}

function diffMiddle<T>(a: T[], b: T[], editsMax: number): Stretch[] | null {
  if (a.length === 0 || b.length === 0) return [{ isSame: false, aCount: a.length, bCount: b.length }];
  const changes = diffArrays(a, b, { maxEditLength: editsMax });
  if (changes === undefined) return null;
  return changes.map(({ added, removed, value }) => ({
    isSame: !added && !removed,
    aCount: added ? 0 : value.length,
    bCount: removed ? 0 : value.length,
  }));
}

/** Joins stretches of one kind that follow each other. */
export class RunList {
  readonly runs: Run[] = [];

  add(isSame: boolean, aCount: number, bCount: number): void {
    if (aCount === 0 && bCount === 0) return;
    const last = this.runs.at(-1);
    const [aFrom, bFrom] = [last?.aTo ?? 0, last?.bTo ?? 0];
    if (last?.isSame === isSame)
      this.runs[this.runs.length - 1] = { ...last, aTo: aFrom + aCount, bTo: bFrom + bCount };
    else this.runs.push({ isSame, aFrom, aTo: aFrom + aCount, bFrom, bTo: bFrom + bCount });
  }
}
