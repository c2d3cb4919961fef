/** How the editor looks: the tokens' colours, the amber bar of changed lines, the box under a faulty one. */
import { HighlightStyle, syntaxHighlighting, syntaxTree } from "@codemirror/language";
import { type EditorState, type Extension, type Range, StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, ViewPlugin, type ViewUpdate, WidgetType } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { isLossyInteger } from "../lib/json-tree.ts";

export type LineMark = "same" | "changed" | "added";

export interface EditorFault {
  /** Offset in the text. */
  readonly at: number;
  readonly title: string;
  readonly detail: string;
  /** Label of the button that goes there. */
  readonly goTo: string;
}

const look = EditorView.theme({
  "&": { height: "100%", color: "var(--text-2)", backgroundColor: "transparent", fontSize: "var(--text-data)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--font-mono)", lineHeight: "21px", overflow: "auto" },
  ".cm-content": { padding: "8px 0", caretColor: "var(--text-1)", color: "var(--text-1)" },
  ".cm-line": { padding: "0 12px 0 6px" },
  ".cm-gutters": { backgroundColor: "transparent", border: "none", color: "var(--text-3)" },
  ".cm-lineNumbers .cm-gutterElement": {
    minWidth: "40px",
    padding: "0 10px 0 8px",
    fontSize: "11.5px",
    lineHeight: "22px",
  },
  ".cm-cursor": { borderLeftColor: "var(--text-1)" },
  ".cm-specialChar": { color: "var(--delete-fg)" },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--bg-active)", color: "inherit" },
  "&.cm-focused .cm-nonmatchingBracket": { backgroundColor: "transparent", color: "var(--damaged-fg)" },
  ".cm-edited": {
    backgroundColor: "color-mix(in srgb, var(--dirty-bg) 60%, transparent)",
    boxShadow: "inset 3px 0 0 var(--dirty-solid)",
  },
  ".cm-faulty": { textDecoration: "underline wavy var(--damaged-solid) 1px", textUnderlineOffset: "3px" },
  ".cm-note": {
    marginInlineStart: "16px",
    color: "var(--text-3)",
    fontFamily: "var(--font-ui)",
    fontSize: "var(--text-small)",
  },
  ".cm-fault": {
    display: "flex",
    alignItems: "flex-start",
    gap: "8px",
    margin: "4px 12px 6px 6px",
    padding: "7px 10px",
    border: "1px solid var(--damaged-line)",
    borderRadius: "var(--radius-2)",
    backgroundColor: "var(--damaged-bg)",
    color: "var(--text-2)",
    fontFamily: "var(--font-ui)",
    fontSize: "var(--text-small)",
    lineHeight: "1.4",
    whiteSpace: "normal",
  },
  ".cm-fault b": { color: "var(--damaged-fg)", fontWeight: "600" },
  ".cm-fault div": { flex: "1" },
  ".cm-fault button": {
    border: "0",
    background: "none",
    padding: "0 4px",
    font: "inherit",
    color: "var(--text-1)",
    whiteSpace: "nowrap",
    textDecoration: "underline",
    textUnderlineOffset: "2px",
  },
});

const colours = HighlightStyle.define([
  { tag: tags.propertyName, color: "var(--syntax-key)" },
  { tag: tags.string, color: "var(--syntax-string)" },
  { tag: tags.number, color: "var(--syntax-number)" },
  { tag: [tags.bool, tags.null], color: "var(--syntax-keyword)" },
]);

export const editorLook: Extension = [look, syntaxHighlighting(colours)];

// ---- marks beside lines that differ from the saved value

export const setMarks = StateEffect.define<readonly LineMark[]>();

const editedLine = Decoration.line({ class: "cm-edited" });

function marksToDecorations(state: EditorState, marks: readonly LineMark[]): DecorationSet {
  const ranges: Range<Decoration>[] = [];
  for (const [i, mark] of marks.entries()) {
    if (mark !== "same" && i < state.doc.lines) ranges.push(editedLine.range(state.doc.line(i + 1).from));
  }
  return Decoration.set(ranges);
}

export const markField = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update: (value, transaction) => {
    const effect = transaction.effects.find((candidate) => candidate.is(setMarks));
    return effect ? marksToDecorations(transaction.state, effect.value) : value.map(transaction.changes);
  },
  provide: (field) => EditorView.decorations.from(field),
});

// ---- the fault, said under its line

export const setFault = StateEffect.define<EditorFault | null>();

class FaultBox extends WidgetType {
  readonly #fault: EditorFault;

  constructor(fault: EditorFault) {
    super();
    this.#fault = fault;
  }

  override eq(other: FaultBox): boolean {
    return other.#fault.title === this.#fault.title && other.#fault.at === this.#fault.at;
  }

  override toDOM(view: EditorView): HTMLElement {
    const box = document.createElement("div");
    box.className = "cm-fault";
    box.setAttribute("role", "alert");
    const words = document.createElement("div");
    const title = document.createElement("b");
    title.textContent = this.#fault.title;
    words.append(title, ` ${this.#fault.detail}`);
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = this.#fault.goTo;
    button.addEventListener("click", () => {
      view.dispatch({ selection: { anchor: Math.min(this.#fault.at, view.state.doc.length) }, scrollIntoView: true });
      view.focus();
    });
    box.append(words, button);
    return box;
  }

  override ignoreEvent(): boolean {
    return true;
  }
}

function faultDecorations(state: EditorState, fault: EditorFault): DecorationSet {
  const at = Math.min(fault.at, state.doc.length);
  const line = state.doc.lineAt(at);
  const ranges: Range<Decoration>[] = [
    Decoration.widget({ widget: new FaultBox(fault), block: true, side: 1 }).range(line.to),
  ];
  // The word before the place, or the character at it.
  const from = Math.max(
    line.from,
    at - Math.max(1, (/\S+\s*$/.exec(line.text.slice(0, at - line.from))?.[0] ?? "").length),
  );
  const to = Math.max(at, Math.min(line.to, from + 1));
  if (to > from) ranges.unshift(Decoration.mark({ class: "cm-faulty" }).range(from, to));
  return Decoration.set(ranges, true);
}

export const faultField = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update: (value, transaction) => {
    const effect = transaction.effects.find((candidate) => candidate.is(setFault));
    if (effect === undefined) return value.map(transaction.changes);
    return effect.value === null ? Decoration.none : faultDecorations(transaction.state, effect.value);
  },
  provide: (field) => EditorView.decorations.from(field),
});

// ---- integers that other programs would round

class Note extends WidgetType {
  override eq(): boolean {
    return true;
  }
  override toDOM(): HTMLElement {
    const note = document.createElement("span");
    note.className = "cm-note";
    note.textContent = "exact 64-bit integer";
    return note;
  }
}

const note = Decoration.widget({ widget: new Note(), side: 1 });

function notesIn(view: EditorView): DecorationSet {
  const lines = new Set<number>();
  for (const { from, to } of view.visibleRanges) {
    syntaxTree(view.state).iterate({
      from,
      to,
      enter: (node) => {
        if (node.name === "Number" && isLossyInteger(view.state.sliceDoc(node.from, node.to))) {
          lines.add(view.state.doc.lineAt(node.to).to);
        }
      },
    });
  }
  return Decoration.set([...lines].sort((a, b) => a - b).map((at) => note.range(at)));
}

export const wideIntegers = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;
    constructor(view: EditorView) {
      this.decorations = notesIn(view);
    }
    update(update: ViewUpdate) {
      if (update.docChanged || update.viewportChanged || syntaxTree(update.startState) !== syntaxTree(update.state)) {
        this.decorations = notesIn(update.view);
      }
    }
  },
  { decorations: (plugin) => plugin.decorations },
);
