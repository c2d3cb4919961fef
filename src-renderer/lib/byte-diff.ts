/** Where two rows of bytes differ, with what was put in or taken out told from what is another byte. */
import { diffSequences, type Run, RunList } from "./sequence-diff.ts";

export interface ByteDiff {
  readonly runs: readonly Run[];
  /** False when they are too different to line up: then each byte stands beside the one at its own offset. */
  readonly isAligned: boolean;
}

/** Fewer equal bytes than this between two differences are an accident: shown as equal they only tear it apart. */
const SAME_BYTES_MIN = 3;

export function diffBytes(a: Uint8Array, b: Uint8Array): ByteDiff {
  const runs = diffSequences(a, b);
  return runs === null ? { runs: byOffset(a, b), isAligned: false } : { runs: withoutAccidents(runs), isAligned: true };
}

function withoutAccidents(runs: readonly Run[]): Run[] {
  const kept = new RunList();
  for (const [i, run] of runs.entries()) {
    const isAccident = run.isSame && i > 0 && i < runs.length - 1 && run.aTo - run.aFrom < SAME_BYTES_MIN;
    kept.add(run.isSame && !isAccident, run.aTo - run.aFrom, run.bTo - run.bFrom);
  }
  return kept.runs;
}

function byOffset(a: Uint8Array, b: Uint8Array): Run[] {
  const runs = new RunList();
  const both = Math.min(a.length, b.length);
  for (let at = 0; at < both; ) {
    const from = at;
    const isSame = a[at] === b[at];
    while (at < both && (a[at] === b[at]) === isSame) at += 1;
    runs.add(isSame, at - from, at - from);
  }
  runs.add(false, a.length - both, b.length - both);
  return runs.runs;
}
