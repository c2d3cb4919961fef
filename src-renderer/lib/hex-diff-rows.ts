/** Rows in which a difference of bytes is shown: cells that stand beside each other, gaps where one side has none. */
import type { Run } from "./sequence-diff.ts";

/** A stretch of rows, or of rows that are folded. */
interface Block {
  readonly isFold: boolean;
  /** Rows of cells it stands for. */
  readonly from: number;
  readonly count: number;
  /** First row on the screen; a fold takes one. */
  readonly row: number;
}

export type HexCell = number | null;

export interface HexRow {
  /** Offsets of the cells; null for a gap. */
  readonly a: readonly HexCell[];
  readonly b: readonly HexCell[];
}

/** Unchanged rows kept beside a change. */
const CONTEXT = 2;
/** Fewer are not worth folding. */
const FOLD_MIN = 4;

export class HexLayout {
  readonly #runs: readonly Run[];
  /** First cell of each run, and the number of all. */
  readonly #starts: readonly number[];
  readonly #perRow: number;
  readonly #blocks: readonly Block[];
  readonly rowCount: number;
  /** Rows where a difference begins. */
  readonly anchors: readonly number[];

  constructor(runs: readonly Run[], perRow: number, opened: ReadonlySet<number>) {
    this.#runs = runs;
    this.#perRow = perRow;
    const starts = [0];
    for (const run of runs) starts.push((starts.at(-1) as number) + lengthOf(run));
    this.#starts = starts;
    this.#blocks = this.#layOut(opened);
    const last = this.#blocks.at(-1);
    this.rowCount = last === undefined ? 0 : last.row + (last.isFold ? 1 : last.count);
    const anchors = runs.flatMap((run, i) => (run.isSame ? [] : [this.#rowOf(starts[i] as number)]));
    this.anchors = [...new Set(anchors)];
  }

  #layOut(opened: ReadonlySet<number>): Block[] {
    const blocks: Block[] = [];
    const total = Math.ceil((this.#starts.at(-1) as number) / this.#perRow);
    let row = 0;
    let at = 0;
    const add = (isFold: boolean, to: number) => {
      if (to <= at) return;
      blocks.push({ isFold, from: at, count: to - at, row });
      row += isFold ? 1 : to - at;
      at = to;
    };
    for (const [i, run] of this.#runs.entries()) {
      if (!run.isSame) continue;
      const first = Math.ceil((this.#starts[i] as number) / this.#perRow) + (i === 0 ? 0 : CONTEXT);
      const end = this.#starts[i + 1] as number;
      const isLast = i === this.#runs.length - 1;
      const last = isLast ? total : Math.floor(end / this.#perRow) - CONTEXT;
      if (last - first < FOLD_MIN || opened.has(first)) continue;
      add(false, first);
      add(true, last);
    }
    add(false, total);
    return blocks;
  }

  #rowOf(cell: number): number {
    const wanted = Math.floor(cell / this.#perRow);
    const block = this.#blocks[last(this.#blocks, ({ from }) => from <= wanted)];
    return block === undefined ? 0 : block.row + (block.isFold ? 0 : wanted - block.from);
  }

  #blockAt(row: number): Block {
    return this.#blocks[last(this.#blocks, (block) => block.row <= row)] as Block;
  }

  /** What is folded in a row; null for a row of cells. `id` is what opens it. */
  foldAt(row: number): { readonly id: number; readonly rowCount: number } | null {
    const block = this.#blockAt(row);
    return block.isFold ? { id: block.from, rowCount: block.count } : null;
  }

  cellsAt(row: number): HexRow {
    const block = this.#blockAt(row);
    const first = (block.from + row - block.row) * this.#perRow;
    const end = Math.min(first + this.#perRow, this.#starts.at(-1) as number);
    const a: HexCell[] = [];
    const b: HexCell[] = [];
    let i = last(this.#starts, (start) => start <= first);
    for (let cell = first; cell < end; cell += 1) {
      while (cell >= (this.#starts[i + 1] as number)) i += 1;
      const run = this.#runs[i] as Run;
      const into = cell - (this.#starts[i] as number);
      a.push(run.aFrom + into < run.aTo ? run.aFrom + into : null);
      b.push(run.bFrom + into < run.bTo ? run.bFrom + into : null);
    }
    return { a, b };
  }
}

function lengthOf(run: Run): number {
  return Math.max(run.aTo - run.aFrom, run.bTo - run.bFrom);
}

/** Place of the last item of a sorted list for which it holds. */
function last<T>(items: readonly T[], holds: (item: T) => boolean): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(items[middle] as T)) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}

const PER_LINE = 16;

/** The difference as text: lines of sixteen bytes, what was there and what is there now. */
export function hexDiffText(a: Uint8Array, b: Uint8Array, runs: readonly Run[]): string {
  const out: string[] = [];
  for (const run of runs) {
    if (run.isSame) continue;
    out.push(`@@ -${hex(run.aFrom)},${run.aTo - run.aFrom} +${hex(run.bFrom)},${run.bTo - run.bFrom} @@\n`);
    out.push(...dump("-", a, run.aFrom, run.aTo), ...dump("+", b, run.bFrom, run.bTo));
  }
  return out.join("");
}

function dump(mark: string, bytes: Uint8Array, from: number, to: number): string[] {
  const lines: string[] = [];
  for (let at = from; at < to; at += PER_LINE) {
    const row = Array.from(bytes.subarray(at, Math.min(to, at + PER_LINE)), (byte) =>
      byte.toString(16).toUpperCase().padStart(2, "0"),
    );
    lines.push(`${mark}${at.toString(16).toUpperCase().padStart(8, "0")}  ${row.join(" ")}\n`);
  }
  return lines;
}

const hex = (offset: number) => `0x${offset.toString(16).toUpperCase()}`;
