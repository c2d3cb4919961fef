/** Which lines of two texts differ, and which words in them. */
import { diffWordsWithSpace } from "diff";
import { diffSequences, type Run, RunList } from "./sequence-diff.ts";

export type Span = readonly [from: number, to: number];

/** Words that differ between a line and the one that stands in its place. */
export interface LineWords {
  readonly aLine: number;
  readonly bLine: number;
  readonly aMarks: readonly Span[];
  readonly bMarks: readonly Span[];
}

export interface TextDiff {
  /** Of lines. */
  readonly runs: readonly Run[];
  readonly words: readonly LineWords[];
  /** False when the texts are too different: then what lies between their equal ends counts as replaced. */
  readonly isAligned: boolean;
}

/** Lines with their line breaks; the last one may have none. */
export function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

export function diffText(before: string, after: string): TextDiff {
  const [a, b] = [linesOf(before), linesOf(after)];
  const runs = diffSequences(a, b);
  const shown = runs ?? endsOnly(a, b);
  return { runs: shown, words: wordsIn(shown, a, b), isAligned: runs !== null };
}

function endsOnly(a: readonly string[], b: readonly string[]): Run[] {
  const most = Math.min(a.length, b.length);
  let start = 0;
  while (start < most && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < most - start && a.at(-1 - end) === b.at(-1 - end)) end += 1;
  const runs = new RunList();
  runs.add(true, start, start);
  runs.add(false, a.length - start - end, b.length - start - end);
  runs.add(true, end, end);
  return runs.runs;
}

/** Lines whose words are compared: a person does not read more of them. */
const WORD_LINES_MAX = 2_000;
const WORD_CHARS_MAX = 4_000;
const WORD_EDITS_MAX = 200;
/** Of two lines that have less in common, marks would cover nearly everything and say nothing. */
const COMMON_MIN = 0.3;

function wordsIn(runs: readonly Run[], a: readonly string[], b: readonly string[]): LineWords[] {
  const words: LineWords[] = [];
  for (const { isSame, aFrom, aTo, bFrom, bTo } of runs) {
    if (isSame) continue;
    const pairs = Math.min(aTo - aFrom, bTo - bFrom);
    for (let i = 0; i < pairs && words.length < WORD_LINES_MAX; i += 1) {
      const found = diffWords(a[aFrom + i] as string, b[bFrom + i] as string);
      if (found !== null) words.push({ aLine: aFrom + i, bLine: bFrom + i, ...found });
    }
  }
  return words;
}

function diffWords(a: string, b: string): Pick<LineWords, "aMarks" | "bMarks"> | null {
  if (a.length > WORD_CHARS_MAX || b.length > WORD_CHARS_MAX) return null;
  const changes = diffWordsWithSpace(a, b, { maxEditLength: WORD_EDITS_MAX });
  if (changes === undefined) return null;
  const [aMarks, bMarks]: [Span[], Span[]] = [[], []];
  let [aAt, bAt, common] = [0, 0, 0];
  for (const { value, added, removed } of changes) {
    if (removed) aMarks.push([aAt, aAt + value.length]);
    else if (added) bMarks.push([bAt, bAt + value.length]);
    else common += value.trim().length;
    if (!added) aAt += value.length;
    if (!removed) bAt += value.length;
  }
  const isUseful = common >= COMMON_MIN * Math.max(a.trim().length, b.trim().length);
  return isUseful ? { aMarks, bMarks } : null;
}

/** Unchanged lines around a change in a unified diff, as other programs have it. */
const CONTEXT = 3;

export interface DiffNames {
  readonly before: string;
  readonly after: string;
}

/** The difference as `diff -u` writes it. */
export function unifiedText(names: DiffNames, before: string, after: string, runs: readonly Run[]): string {
  const [a, b] = [linesOf(before), linesOf(after)];
  const out = [`--- ${names.before}\n`, `+++ ${names.after}\n`];
  for (const hunk of hunksOf(runs)) {
    const [first, last] = [hunk[0] as Run, hunk.at(-1) as Run];
    out.push(`@@ -${rangeText(first.aFrom, last.aTo)} +${rangeText(first.bFrom, last.bTo)} @@\n`);
    for (const run of hunk) {
      if (run.isSame) out.push(...a.slice(run.aFrom, run.aTo).map((line) => unifiedLine(" ", line)));
      else {
        out.push(...a.slice(run.aFrom, run.aTo).map((line) => unifiedLine("-", line)));
        out.push(...b.slice(run.bFrom, run.bTo).map((line) => unifiedLine("+", line)));
      }
    }
  }
  return out.join("");
}

function unifiedLine(mark: string, line: string): string {
  return line.endsWith("\n") ? `${mark}${line}` : `${mark}${line}\n\\ No newline at end of file\n`;
}

/** An empty range is said by the line before it. */
function rangeText(from: number, to: number): string {
  return to === from ? `${from},0` : `${from + 1},${to - from}`;
}

/** The runs with what is unchanged cut to its context, in groups that have nothing in common. */
function hunksOf(runs: readonly Run[]): Run[][] {
  const hunks: Run[][] = [];
  let open: Run[] = [];
  for (const [i, run] of runs.entries()) {
    const length = run.aTo - run.aFrom;
    if (!run.isSame) {
      open.push(run);
      continue;
    }
    const head = i === 0 ? 0 : Math.min(CONTEXT, length);
    const tail = i === runs.length - 1 ? 0 : Math.min(CONTEXT, length);
    if (head + tail >= length && i > 0 && i < runs.length - 1) {
      open.push(run);
      continue;
    }
    if (head > 0) open.push({ ...run, aTo: run.aFrom + head, bTo: run.bFrom + head });
    if (i > 0) hunks.push(open);
    open = tail > 0 ? [{ ...run, aFrom: run.aTo - tail, bFrom: run.bTo - tail }] : [];
  }
  if (open.some(({ isSame }) => !isSame)) hunks.push(open);
  return hunks.filter((hunk) => hunk.some(({ isSame }) => !isSame));
}
