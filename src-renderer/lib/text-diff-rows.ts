/** Rows in which a difference of lines is shown: long lines in pieces, long unchanged stretches folded. */
import type { Run } from "./sequence-diff.ts";

export const SAME = 0;
export const REMOVED = 1;
export const ADDED = 2;
export const FOLD = 3;

/** Columns of numbers, one entry a row: a text of a million lines is laid out at once. */
export interface TextRows {
  readonly kind: readonly number[];
  /** Lines, from 0; of a fold the first one in it. -1 where the side has none. */
  readonly aLine: readonly number[];
  readonly bLine: readonly number[];
  /** Piece of the line; of a fold, its place among the runs and how many lines it holds. */
  readonly from: readonly number[];
  readonly to: readonly number[];
  /** Rows where a difference begins. */
  readonly anchors: readonly number[];
}

/** Unchanged lines kept beside a change. */
const CONTEXT = 3;
/** Fewer are not worth folding. */
const FOLD_MIN = 4;

export function layOutText(
  a: readonly string[],
  b: readonly string[],
  runs: readonly Run[],
  opened: ReadonlySet<number>,
  columns: number,
): TextRows {
  const rows = {
    kind: [] as number[],
    aLine: [] as number[],
    bLine: [] as number[],
    from: [] as number[],
    to: [] as number[],
  };
  const anchors: number[] = [];
  const add = (kind: number, aLine: number, bLine: number, from: number, to: number) => {
    rows.kind.push(kind);
    rows.aLine.push(aLine);
    rows.bLine.push(bLine);
    rows.from.push(from);
    rows.to.push(to);
  };
  const addLine = (kind: number, aLine: number, bLine: number) => {
    const text = kind === ADDED ? b[bLine] : a[aLine];
    for (const [from, to] of piecesOf(text ?? "", columns)) add(kind, aLine, bLine, from, to);
  };
  const addSame = (aFrom: number, bFrom: number, count: number) => {
    for (let i = 0; i < count; i += 1) addLine(SAME, aFrom + i, bFrom + i);
  };
  for (const [i, { isSame, aFrom, aTo, bFrom, bTo }] of runs.entries()) {
    if (!isSame) {
      anchors.push(rows.kind.length);
      for (let line = aFrom; line < aTo; line += 1) addLine(REMOVED, line, -1);
      for (let line = bFrom; line < bTo; line += 1) addLine(ADDED, -1, line);
      continue;
    }
    const count = aTo - aFrom;
    const head = i === 0 ? 0 : CONTEXT;
    const tail = i === runs.length - 1 ? 0 : CONTEXT;
    const folded = count - head - tail;
    if (folded < FOLD_MIN || opened.has(i)) {
      addSame(aFrom, bFrom, count);
      continue;
    }
    addSame(aFrom, bFrom, head);
    add(FOLD, aFrom + head, bFrom + head, i, folded);
    addSame(aTo - tail, bTo - tail, tail);
  }
  return { ...rows, anchors };
}

/** Wide characters take two columns; a line of letters is not looked at one by one. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\ud800-\udbff][\udc00-\udfff]/;
const TAB_COLUMNS = 4;

/** A line in pieces of as many columns as there are, without its line break; one empty piece for an empty line. */
export function piecesOf(line: string, columns: number): [number, number][] {
  const end = line.endsWith("\n") ? line.length - 1 : line.length;
  if (end * TAB_COLUMNS <= columns) return [[0, end]];
  const pieces: [number, number][] = [];
  let from = 0;
  let width = 0;
  for (let at = 0; at < end; ) {
    const character = String.fromCodePoint(line.codePointAt(at) as number);
    const takes = character === "\t" ? TAB_COLUMNS : WIDE.test(character) ? 2 : 1;
    if (width + takes > columns && at > from) {
      pieces.push([from, at]);
      from = at;
      width = 0;
    }
    width += takes;
    at += character.length;
  }
  pieces.push([from, end]);
  return pieces;
}
