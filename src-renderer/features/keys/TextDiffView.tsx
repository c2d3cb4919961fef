/** Two texts as lines: what was removed, what was added, and the words that differ in them. */
import { type ReactNode, useMemo, useRef, useState } from "react";
import { decodeLossy } from "../../lib/bytes.ts";
import { countOf, formatCount } from "../../lib/format.ts";
import { escapeUnseen } from "../../lib/json-tree.ts";
import { linesOf, type Span, type TextDiff } from "../../lib/text-diff.ts";
import { ADDED, FOLD, layOutText, REMOVED, SAME } from "../../lib/text-diff-rows.ts";
import { useWidth } from "../../lib/use-width.ts";
import { DiffRows } from "./DiffRows.tsx";
import styles from "./DiffViews.module.css";

const NOTHING = new Uint8Array();
/** Width of a character of the data type, and of what stands before the text. */
const CHARACTER_PX = 7.6;
const GUTTER_PX = 132;
const COLUMNS_MIN = 20;

export interface DiffViewProps<Diff> {
  readonly diff: Diff;
  readonly a: Uint8Array | null;
  readonly b: Uint8Array | null;
  readonly contentId: string;
}

export function TextDiffView({ diff, a, b, contentId }: DiffViewProps<TextDiff>) {
  const host = useRef<HTMLDivElement>(null);
  const width = useWidth(host);
  const columns = Math.max(COLUMNS_MIN, Math.floor((width - GUTTER_PX) / CHARACTER_PX));
  const [opened, setOpened] = useState<ReadonlySet<number>>(new Set());
  const before = useMemo(() => linesOf(decodeLossy(a ?? NOTHING)), [a]);
  const after = useMemo(() => linesOf(decodeLossy(b ?? NOTHING)), [b]);
  const rows = useMemo(
    () => layOutText(before, after, diff.runs, opened, columns),
    [before, after, diff, opened, columns],
  );
  const marks = useMemo(() => marksByLine(diff), [diff]);
  const kindOf = (row: number) => rows.kind[row] ?? SAME;
  const open = (row: number) => {
    if (kindOf(row) !== FOLD) return false;
    setOpened(new Set(opened).add(rows.from[row] as number));
    return true;
  };
  const renderRow = (row: number) => {
    const kind = kindOf(row);
    const [aLine, bLine, from, to] = [rows.aLine, rows.bLine, rows.from, rows.to].map((column) => column[row] ?? 0) as [
      number,
      number,
      number,
      number,
    ];
    if (kind === FOLD) return <FoldRow>{countOf(to, "unchanged line")}</FoldRow>;
    const line = (kind === ADDED ? after[bLine] : before[aLine]) ?? "";
    const spans = kind === REMOVED ? marks.a.get(aLine) : kind === ADDED ? marks.b.get(bLine) : undefined;
    return (
      <span className={styles.line}>
        <LineNumber line={from === 0 ? aLine : -1} />
        <LineNumber line={from === 0 ? bLine : -1} />
        <Sign kind={kind} />
        <bdi className={styles.text}>{marked(line, from, to, spans ?? [])}</bdi>
        {kind !== SAME && to >= line.trimEnd().length && <LineEnd line={line} />}
      </span>
    );
  };
  return (
    <div ref={host} className={styles.host}>
      <DiffRows
        label="Lines that differ"
        rowCount={rows.kind.length}
        rowHeight={20}
        anchors={rows.anchors}
        contentId={contentId}
        rowClass={(row) => [undefined, styles.removed, styles.added, styles.fold][kindOf(row)]}
        onOpen={open}
        renderRow={renderRow}
      />
    </div>
  );
}

export function FoldRow({ children }: { children: ReactNode }) {
  return (
    <span className={styles.foldText}>
      ⋯ {children}
      <span className={styles.foldHint}>show</span>
    </span>
  );
}

function LineNumber({ line }: { line: number }) {
  return <span className={styles.number}>{line < 0 ? "" : formatCount(line + 1)}</span>;
}

function Sign({ kind }: { kind: number }) {
  return (
    <>
      <span className={styles.sign} aria-hidden="true">
        {kind === REMOVED ? "−" : kind === ADDED ? "+" : " "}
      </span>
      {kind !== SAME && <span className="visually-hidden">{kind === REMOVED ? "removed: " : "added: "}</span>}
    </>
  );
}

/** Line breaks cannot be seen, and may be all that differs. */
function LineEnd({ line }: { line: string }) {
  if (line.endsWith("\r\n")) return <span className={styles.note}>CR LF</span>;
  return line.endsWith("\n") ? null : <span className={styles.note}>no line break at the end</span>;
}

function marksByLine({ words }: TextDiff) {
  return {
    a: new Map(words.map(({ aLine, aMarks }) => [aLine, aMarks])),
    b: new Map(words.map(({ bLine, bMarks }) => [bLine, bMarks])),
  };
}

/** The piece of a line with the words that differ marked. */
function marked(line: string, from: number, to: number, spans: readonly Span[]): ReactNode[] {
  const parts: ReactNode[] = [];
  const end = line.startsWith("\r", to - 1) ? to - 1 : to;
  let at = from;
  for (const [start, stop] of spans) {
    const [first, last] = [Math.max(start, from), Math.min(stop, end)];
    if (first >= last) continue;
    parts.push(escapeUnseen(line.slice(at, first)));
    parts.push(
      <mark key={first} className={styles.mark}>
        {escapeUnseen(line.slice(first, last))}
      </mark>,
    );
    at = last;
  }
  parts.push(escapeUnseen(line.slice(at, end)));
  return parts;
}
