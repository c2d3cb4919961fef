/** Editors of a value: as text, or as bytes in hex. What is typed becomes a draft at once. */
import { useMemo, useState } from "react";
import { decodeLossy, encodeText, hexBytes, parseHex } from "../../lib/bytes.ts";
import { formatBytes, formatCount } from "../../lib/format.ts";
import { parseJson, placeOf } from "../../lib/json-tree.ts";
import { diffLines } from "../../lib/line-diff.ts";
import { Button } from "../../ui/Button.tsx";
import { CodeEditor } from "../../ui/CodeEditor.tsx";
import type { EditorFault } from "../../ui/code-editor-look.ts";
import { HexView } from "../../ui/HexView.tsx";
import { type Draft, edit } from "./drafts.ts";
import styles from "./editors.module.css";

type Base = Omit<Draft, "bytes">;

export interface TextEditorProps {
  readonly documentId: string;
  readonly base: Base;
  readonly bytes: Uint8Array;
  readonly language: "json" | "text";
  /** Says where the text is not JSON. */
  readonly checksJson: boolean;
  readonly isWhole: boolean;
  readonly isReadOnly: boolean;
}

export function TextEditor({ documentId, base, bytes, language, checksJson, isWhole, isReadOnly }: TextEditorProps) {
  const text = useMemo(() => decodeLossy(bytes), [bytes]);
  const savedText = useMemo(() => decodeLossy(base.baseBytes), [base.baseBytes]);
  const marks = useMemo(() => (text === savedText ? [] : diffLines(savedText, text).kinds), [text, savedText]);
  const fault = useMemo(
    () => (checksJson && isWhole ? jsonFault(text, isReadOnly) : null),
    [checksJson, isWhole, text, isReadOnly],
  );
  return (
    <CodeEditor
      label={`Value of ${base.name}`}
      documentId={documentId}
      text={text}
      language={language}
      isReadOnly={isReadOnly}
      marks={marks}
      fault={fault}
      onChange={(next) => edit({ ...base, bytes: encodeText(next) })}
    />
  );
}

function jsonFault(text: string, isReadOnly: boolean): EditorFault | null {
  const result = parseJson(text);
  if (result.ok) return null;
  const { at, expected } = result.fault;
  const { line, column, byte } = placeOf(text, at);
  return {
    at,
    title: `Expected ${expected} at line ${formatCount(line)}, column ${formatCount(column)} (byte ${formatCount(byte)}).`,
    detail: isReadOnly
      ? "This is not valid JSON; it is shown as it is stored."
      : "This is not valid JSON yet. Saving stores the text exactly as typed.",
    goTo: `Go to byte ${formatCount(byte)}`,
  };
}

const HEX_PER_LINE = 16;

function hexLines(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += HEX_PER_LINE) lines.push(hexBytes(bytes.subarray(at, at + HEX_PER_LINE)));
  return lines.join("\n");
}

/** Bytes to look at; and, when asked for, to type as hex. Hex that is not complete yet is kept and changes nothing. */
export function HexEditor({ documentId, base, bytes }: { documentId: string; base: Base; bytes: Uint8Array }) {
  const [typed, setTyped] = useState<string | null>(null);
  const isComplete = typed === null || parseHex(typed) !== null;
  return (
    <div className={styles.hexEditor}>
      <div className={styles.bar}>
        <span>
          {typed === null
            ? `${formatBytes(bytes.length)}, ${bytes === base.baseBytes ? "as stored" : "as in the draft"}`
            : "Type bytes as hex; spaces and line breaks are free."}
        </span>
        <Button
          size="small"
          kind="ghost"
          icon={typed === null ? "pencil" : "check"}
          disabled={!isComplete}
          onClick={() => setTyped(typed === null ? hexLines(bytes) : null)}
        >
          {typed === null ? "Edit bytes" : "Done"}
        </Button>
      </div>
      {typed === null ? (
        <HexView label={`Bytes of ${base.name}`} bytes={bytes} />
      ) : (
        <CodeEditor
          label={`Bytes of ${base.name} as hex`}
          documentId={`${documentId}:typed`}
          text={typed}
          language="text"
          isReadOnly={false}
          marks={[]}
          fault={hexFault(typed)}
          onChange={(next) => {
            setTyped(next);
            const parsed = parseHex(next);
            if (parsed !== null) edit({ ...base, bytes: parsed });
          }}
        />
      )}
    </div>
  );
}

function hexFault(text: string): EditorFault | null {
  const at = text.search(/[^0-9a-fA-F\s]/);
  if (at !== -1) {
    return {
      at: at + 1,
      title: `“${text[at]}” is not a hex digit.`,
      detail: "Digits are 0 to 9 and A to F.",
      goTo: "Go there",
    };
  }
  if (parseHex(text) !== null) return null;
  return { at: text.length, title: "The last byte is half.", detail: "A byte takes two digits.", goTo: "Go there" };
}
