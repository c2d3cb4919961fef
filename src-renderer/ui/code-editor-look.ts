/** How the editor looks: the tokens' colours, the amber bar of changed lines, the box under a faulty one. */
import { HighlightStyle, syntaxHighlighting, syntaxTree } from "@codemirror/language";
import { type EditorState, type Extension, type Range, RangeSet, StateEffect, StateField } from "@codemirror/state";
import {
  Decoration,
  type DecorationSet,
  EditorView,
  GutterMarker,
  gutterLineClass,
  ViewPlugin,
  type ViewUpdate,
  WidgetType,
} from "@codemirror/view";
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
  ".cm-edited, .cm-editedNumber": { backgroundColor: "color-mix(in srgb, var(--dirty-bg) 60%, transparent)" },
  ".cm-editedNumber": { boxShadow: "inset 3px 0 0 var(--dirty-solid)" },
  ".cm-placeholder": { color: "var(--text-3)", fontFamily: "var(--font-ui)" },
  ".cm-faulty": { textDecoration: "underline wavy var(--damaged-solid) 1px", textUnderlineOffset: "3px" },
  ".cm-note": {
    marginInlineStart: "16px",
    color: "var(--text-3)",
    fontFamily: "var(--font-ui)",
    fontSize: "var(--text-small)",
  },
  // Padding, not a margin: the line numbers follow the height that the editor measures.
  ".cm-faultPlace": { padding: "4px 12px 6px 6px" },
  ".cm-fault": {
    display: "flex",
    alignItems: "flex-start",
    gap: "8px",
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
  ".cm-fault svg": { flex: "none", color: "var(--damaged-fg)" },
  ".cm-fault button": {
    border: "0",
    background: "none",
    padding: "0 4px",
    font: "inherit",
    color: "var(--text-1)",
    whiteSpace: "nowrap",
  },
  ".cm-fault button:hover, .cm-fault button:focus-visible": {
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
  provide: (field) => [EditorView.decorations.from(field), gutterLineClass.from(field, numbersOf)],
});

class EditedNumber extends GutterMarker {
  override readonly elementClass = "cm-editedNumber";
}
const editedNumber = new EditedNumber();

/** The numbers of the marked lines are marked too: the bar stands at the edge of the pane. */
function numbersOf(marks: DecorationSet): RangeSet<GutterMarker> {
  const ranges: Range<GutterMarker>[] = [];
  marks.between(0, Number.MAX_SAFE_INTEGER, (from) => {
    ranges.push(editedNumber.range(from));
  });
  return RangeSet.of(ranges);
}

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
    box.append(warning(), words, button);
    const place = document.createElement("div");
    place.className = "cm-faultPlace";
    place.append(box);
    return place;
  }

  override ignoreEvent(): boolean {
    return true;
  }
}

const SVG = "http://www.w3.org/2000/svg";

/** The triangle that icons.tsx draws for a warning. */
function warning(): SVGElement {
  const icon = document.createElementNS(SVG, "svg");
  const look = { width: "16", height: "16", viewBox: "0 0 24 24", fill: "none", stroke: "currentColor" };
  const stroke = {
    "stroke-width": "1.75",
    "stroke-linecap": "round",
    "stroke-linejoin": "round",
    "aria-hidden": "true",
  };
  for (const [name, value] of Object.entries({ ...look, ...stroke })) icon.setAttribute(name, value);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", "M12 3 2 21h20zM12 9.5v5M12 18h.01");
  icon.append(path);
  return icon;
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
