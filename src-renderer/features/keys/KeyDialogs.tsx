/** The forms of Keys: add a key, rename one, see what a draft changes. */
import { useState } from "react";
import { decodeText, encodeText, parseHex, toBase64 } from "../../lib/bytes.ts";
import { formatBytes, formatCount } from "../../lib/format.ts";
import { diffLines } from "../../lib/line-diff.ts";
import { Button } from "../../ui/Button.tsx";
import { classes } from "../../ui/classes.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { Field } from "../../ui/Field.tsx";
import { Segmented } from "../../ui/Segmented.tsx";
import { useDrafts } from "./drafts.ts";
import styles from "./KeyDialogs.module.css";
import { addKey, openDialog, renameKey, useKeyDialog } from "./key-actions.ts";
import { useValue } from "./value-store.ts";

const KEY_BYTES_MAX = 1_048_576;

export function KeyDialogs() {
  const dialog = useKeyDialog((state) => state.dialog);
  if (dialog === "add") return <AddDialog />;
  if (dialog === "rename") return <RenameDialog />;
  return dialog === "changes" ? <ChangesDialog /> : null;
}

type Writing = "text" | "hex";

/** Bytes of a key as typed, or what is wrong with it. */
function readKey(typed: string, writing: Writing): Uint8Array | string {
  const bytes = writing === "text" ? encodeText(typed) : parseHex(typed);
  if (bytes === null) return "Type two hex digits a byte.";
  if (!typed.isWellFormed()) return "This text has half a character in it.";
  if (bytes.length > KEY_BYTES_MAX) return `A key has at most ${formatBytes(KEY_BYTES_MAX)}.`;
  return bytes;
}

const WRITINGS = [
  { value: "text", label: "Text" },
  { value: "hex", label: "Hex" },
] as const;

function AddDialog() {
  const [key, setKey] = useState("");
  const [writing, setWriting] = useState<Writing>("text");
  const [value, setValue] = useState("");
  const [failure, setFailure] = useState<string | null>(null);
  const bytes = readKey(key, writing);
  const problem = failure ?? (typeof bytes === "string" ? bytes : null);
  const canAdd = typeof bytes !== "string" && bytes.length > 0;
  const add = async () => {
    if (!canAdd) return;
    const failed = await addKey(toBase64(bytes), toBase64(encodeText(value)));
    if (failed === null) openDialog(null);
    else setFailure(failed);
  };
  return (
    <Dialog
      title="Add a key"
      onCancel={() => openDialog(null)}
      onSubmit={() => void add()}
      actions={
        <>
          <Button onClick={() => openDialog(null)}>Cancel</Button>
          <Button kind="primary" type="submit" disabled={!canAdd}>
            Add key
          </Button>
        </>
      }
    >
      <div className={styles.keyLine}>
        <Field
          label="Key"
          isMono
          data-autofocus
          placeholder={writing === "text" ? "settings/theme" : "73 65 74"}
          value={key}
          error={key === "" ? null : problem}
          onChange={(event) => {
            setFailure(null);
            setKey(event.target.value);
          }}
        />
        <Segmented label="Type the key as" options={WRITINGS} value={writing} onChange={setWriting} />
      </div>
      <label className={styles.valueLabel}>
        Value
        <textarea rows={5} spellCheck={false} value={value} onChange={(event) => setValue(event.target.value)} />
      </label>
      <p className={styles.note}>One record is appended: a put of {formatBytes(encodeText(value).length)}.</p>
    </Dialog>
  );
}

function RenameDialog() {
  const described = useValue((state) => state.described);
  const isText = described?.name.isText ?? true;
  const writing: Writing = isText ? "text" : "hex";
  const keyBytes = Uint8Array.from(atob(useValue.getState().key ?? ""), (character) => character.charCodeAt(0));
  const [to, setTo] = useState(
    isText
      ? (described?.name.text ?? "")
      : Array.from(keyBytes, (byte) => byte.toString(16).padStart(2, "0")).join(" "),
  );
  const [failure, setFailure] = useState<string | null>(null);
  if (described === null) return null;
  const bytes = readKey(to, writing);
  const problem = failure ?? (typeof bytes === "string" ? bytes : null);
  const canRename = typeof bytes !== "string" && bytes.length > 0 && toBase64(bytes) !== useValue.getState().key;
  const rename = async () => {
    if (!canRename) return;
    const failed = await renameKey(toBase64(bytes));
    if (failed === null) openDialog(null);
    else setFailure(failed);
  };
  return (
    <Dialog
      title={`Rename ${described.name.text}?`}
      onCancel={() => openDialog(null)}
      onSubmit={() => void rename()}
      actions={
        <>
          <Button onClick={() => openDialog(null)}>Cancel</Button>
          <Button kind="primary" type="submit" disabled={!canRename}>
            Rename
          </Button>
        </>
      }
    >
      <Field
        label={isText ? "New key" : "New key, as hex"}
        isMono
        data-autofocus
        value={to}
        error={problem}
        onChange={(event) => {
          setFailure(null);
          setTo(event.target.value);
        }}
      />
      <p className={styles.note}>
        Two records are appended: a put of the new key, then a delete of the old one. The old one keeps its history.
      </p>
    </Dialog>
  );
}

/** Lines of unchanged text shown around a change. */
const CONTEXT = 3;

function ChangesDialog() {
  const key = useValue((state) => state.key);
  const draft = useDrafts((state) => state.draftsByKey.get(key ?? ""));
  if (draft === undefined) return null;
  const [before, after] = [decodeText(draft.baseBytes), decodeText(draft.bytes)];
  return (
    <Dialog
      size="wide"
      title={`Changes to ${draft.name}`}
      onCancel={() => openDialog(null)}
      onSubmit={() => openDialog(null)}
      actions={
        <Button type="submit" data-autofocus>
          Close
        </Button>
      }
    >
      <p className={styles.note}>
        Against version #{formatCount(draft.baseSequence)}: {formatBytes(draft.baseBytes.length)} become{" "}
        {formatBytes(draft.bytes.length)}.
      </p>
      {before.isText && after.isText ? (
        <DiffLines before={before.text} after={after.text} />
      ) : (
        <p className={styles.note}>One of the two is not text: compare them under Hex.</p>
      )}
    </Dialog>
  );
}

function DiffLines({ before, after }: { before: string; after: string }) {
  const { hunks } = diffLines(before, after);
  const isNear = (i: number) =>
    hunks.slice(Math.max(0, i - CONTEXT), i + CONTEXT + 1).some((line) => line.kind !== "same");
  const shown = hunks.map((line, i) => ({ ...line, i })).filter(({ i }) => isNear(i));
  return (
    <ol className={styles.diff} aria-label="Changed lines">
      {shown.map(({ kind, text, i }, at) => (
        <li key={i} className={classes(styles[kind], at > 0 && shown[at - 1]?.i !== i - 1 && styles.gap)}>
          <span aria-hidden="true">{kind === "added" ? "+" : kind === "removed" ? "−" : " "}</span>
          {kind !== "same" && <span className="visually-hidden">{kind}: </span>}
          <bdi>{text}</bdi>
        </li>
      ))}
    </ol>
  );
}
