/** Rows in which a difference of JSON is shown: the path, then what was there and what is there now. */
import { type JsonChange, pathText } from "./json-diff.ts";
import { formatJson, parseJson } from "./json-tree.ts";

export type JsonDiffRow =
  | { readonly kind: "path"; readonly change: JsonChange["kind"]; readonly text: string; readonly note: string | null }
  | { readonly kind: "removed" | "added"; readonly text: string }
  /** Characters that are not shown. */
  | { readonly kind: "cut"; readonly side: "removed" | "added"; readonly characters: number };

export interface JsonRows {
  readonly rows: readonly JsonDiffRow[];
  /** Rows where a difference begins. */
  readonly anchors: readonly number[];
}

/** Of one value; whoever wants more of it looks at the text. */
const LINES_MAX = 40;
const CHARS_MAX = 4_000;
const LINE_CHARS_MAX = 400;

export function layOutJson(before: string, after: string, changes: readonly JsonChange[]): JsonRows {
  const rows: JsonDiffRow[] = [];
  const anchors: number[] = [];
  for (const change of changes) {
    anchors.push(rows.length);
    const path = pathText(change.kind === "removed" ? change.aPath : change.bPath);
    const old = pathText(change.aPath);
    const note = change.kind === "changed" && old !== path ? `was ${old}` : null;
    rows.push({ kind: "path", change: change.kind, text: path, note });
    if (change.a !== null) rows.push(...valueRows("removed", before.slice(...change.a)));
    if (change.b !== null) rows.push(...valueRows("added", after.slice(...change.b)));
  }
  return { rows, anchors };
}

/** The value as it is written; one that is not too long with a line for each member. */
function valueRows(kind: "removed" | "added", text: string): JsonDiffRow[] {
  const shown = text.length <= CHARS_MAX ? formatted(text) : text.slice(0, CHARS_MAX);
  const lines = shown.split("\n").flatMap((line) => line.match(new RegExp(`.{1,${LINE_CHARS_MAX}}`, "gsu")) ?? []);
  const rows = lines.slice(0, LINES_MAX).map((line): JsonDiffRow => ({ kind, text: line }));
  const cut = lines.slice(LINES_MAX).reduce((sum, line) => sum + line.length, Math.max(0, text.length - CHARS_MAX));
  return cut === 0 ? rows : [...rows, { kind: "cut", side: kind, characters: cut }];
}

function formatted(text: string): string {
  const parsed = parseJson(text);
  return parsed.ok ? formatJson(text, parsed.root) : text;
}

/** The difference as text, a path a time. */
export function jsonDiffText(before: string, after: string, changes: readonly JsonChange[]): string {
  const out: string[] = [];
  for (const change of changes) {
    out.push(`@@ ${pathText(change.kind === "removed" ? change.aPath : change.bPath)} @@\n`);
    if (change.a !== null) out.push(...lines("-", before.slice(...change.a)));
    if (change.b !== null) out.push(...lines("+", after.slice(...change.b)));
  }
  return out.join("");
}

function lines(mark: string, text: string): string[] {
  return text.split("\n").map((line) => `${mark}${line}\n`);
}
