/** Shows and edits text: numbered lines, JSON in colours, marks beside changed lines, and a fault said under its line. */
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { bracketMatching } from "@codemirror/language";
import { Annotation, Compartment, EditorState, type Extension } from "@codemirror/state";
import { EditorView, highlightSpecialChars, keymap, lineNumbers, placeholder } from "@codemirror/view";
import { useEffect, useEffectEvent, useRef } from "react";
import styles from "./CodeEditor.module.css";
import {
  type EditorFault,
  editorLook,
  faultField,
  type LineMark,
  markField,
  setFault,
  setMarks,
  wideIntegers,
} from "./code-editor-look.ts";

export interface CodeEditorProps {
  readonly label: string;
  /** Another text altogether: the undo history starts anew. */
  readonly documentId: string;
  readonly text: string;
  readonly language: "json" | "text";
  readonly isReadOnly: boolean;
  readonly marks: readonly LineMark[];
  readonly fault: EditorFault | null;
  readonly onChange: (text: string) => void;
}

/** A text keeps its line breaks as they are: only where all of them are CRLF are lines split there. */
function lineBreakOf(text: string): string {
  const feeds = text.split("\n").length - 1;
  return feeds > 0 && text.split("\r\n").length - 1 === feeds ? "\r\n" : "\n";
}

export function CodeEditor(props: CodeEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const { documentId, text, language, isReadOnly, marks, fault } = props;
  const changed = useEffectEvent((next: string) => props.onChange(next));
  const startState = useEffectEvent((onChange: (next: string) => void) =>
    EditorState.create({ doc: text, extensions: extensionsFor(props, onChange) }),
  );

  // A new document is a new editor state; everything else is told to the one that is there.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the document's name says when to begin anew, not its text.
  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    // In a shadow root the editor's styles are adopted sheets, which the page's policy allows; a style element it would not.
    const root = element.shadowRoot ?? element.attachShadow({ mode: "open" });
    const created = new EditorView({ root, parent: root, state: startState((next) => changed(next)) });
    view.current = created;
    return () => {
      view.current = null;
      created.destroy();
    };
  }, [documentId, language]);

  useEffect(() => {
    const editor = view.current;
    if (editor === null) return;
    const shown = editor.state.sliceDoc();
    if (shown === text) return;
    const changes = { from: 0, to: editor.state.doc.length, insert: text };
    editor.dispatch({ changes, annotations: isShown.of(true) });
  }, [text]);

  useEffect(() => {
    view.current?.dispatch({ effects: readOnly.reconfigure(readOnlyExtension(isReadOnly)) });
  }, [isReadOnly]);

  useEffect(() => {
    view.current?.dispatch({ effects: [setMarks.of(marks), setFault.of(fault)] });
  }, [marks, fault]);

  return <div ref={host} className={styles.host} data-testid="editor" />;
}

const readOnly = new Compartment();
/** The change is what the caller shows, and nothing that anybody typed. */
const isShown = Annotation.define<boolean>();

function readOnlyExtension(isReadOnly: boolean): Extension {
  return [EditorState.readOnly.of(isReadOnly), EditorView.editable.of(true)];
}

function extensionsFor(
  { text, language, isReadOnly, label }: CodeEditorProps,
  onChange: (text: string) => void,
): Extension {
  return [
    EditorState.lineSeparator.of(lineBreakOf(text)),
    lineNumbers(),
    highlightSpecialChars(),
    placeholder("Empty: 0 bytes"),
    history(),
    EditorView.lineWrapping,
    keymap.of([...defaultKeymap, ...historyKeymap]),
    EditorView.contentAttributes.of({
      "aria-label": label,
      spellcheck: "false",
      autocorrect: "off",
      autocapitalize: "off",
    }),
    readOnly.of(readOnlyExtension(isReadOnly)),
    markField,
    faultField,
    editorLook,
    language === "json" ? [json(), bracketMatching(), wideIntegers] : [],
    EditorView.updateListener.of((update) => {
      // The text as it is, with its own line breaks.
      const isTyped = update.transactions.some((each) => each.docChanged && each.annotation(isShown) !== true);
      if (isTyped && !update.state.readOnly) onChange(update.state.sliceDoc());
    }),
  ];
}
