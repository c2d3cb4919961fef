/** Open, New store and Save as on hosts without the system's dialogs: a path, completed as it is typed. */
import type { Output } from "@softadastra/inspector-contract";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { formatBytes } from "../../lib/format.ts";
import { call } from "../../lib/inspector.ts";
import { saveSandboxTo } from "../../lib/modes.ts";
import { createStore, openPath, useOpening } from "../../lib/opening.ts";
import { answerExportPlace, cancelExportPlace, importFrom } from "../../lib/transfer.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { Field } from "../../ui/Field.tsx";
import { Icon } from "../../ui/icons.tsx";
import styles from "./PathDialog.module.css";

type Completion = Output<"files.complete">;

const WORDS = {
  open: { title: "Open a write-ahead log", label: "Path of a .wal file or a folder", verb: "Open read-only" },
  create: { title: "New store", label: "Path of the new file, for example data/my-node.wal", verb: "Create store" },
  save: { title: "Save the sandbox as", label: "Path of the new file", verb: "Save" },
  export: { title: "Export where?", label: "Path of the new file", verb: "Export" },
  import: {
    title: "Import which rows?",
    label: "Path of a file with one JSON object a line",
    verb: "Look at the rows",
  },
} as const;

export function PathDialog() {
  const request = useOpening((state) => state.pathDialog);
  return request === null ? null : <Form request={request} />;
}

type Request = NonNullable<ReturnType<typeof useOpening.getState>["pathDialog"]>;

function close(): void {
  cancelExportPlace();
  useOpening.setState({ pathDialog: null });
}

function Form({ request }: { request: Request }) {
  const { purpose, suggestion } = request;
  const words = purpose === "other" ? request : WORDS[purpose];
  // A new file has a name already; where it goes is for the user to say.
  const [text, setText] = useState(purpose === "other" ? suggestion : purpose === "export" ? `~/${suggestion}` : "");
  const [problem, setProblem] = useState<string | null>(null);
  const [mustConfirm, setMustConfirm] = useState(false);
  const { completion, failure } = useCompletion(text);
  const input = useRef<HTMLInputElement>(null);

  const choose = (path: string) => {
    setText(path);
    setProblem(null);
    setMustConfirm(false);
    input.current?.focus();
  };

  const submit = async () => {
    const path = text.trim();
    if (path === "") return;
    if (purpose === "open") {
      close();
      await openPath(path);
    } else if (purpose === "create") {
      const failed = await createStore(path);
      if (failed === null) close();
      else setProblem(failed);
    } else if (purpose === "import") {
      close();
      importFrom(path);
    } else {
      const save = purpose === "other" ? request.save : purpose === "save" ? saveSandboxTo : answerExportPlace;
      const failed = await save(path, mustConfirm);
      if (failed === null) close();
      else {
        setMustConfirm(failed.code === "Exists");
        setProblem(failed.code === "Exists" ? `${failed.message} ${words.verb} again to replace it.` : failed.message);
      }
    }
  };

  return (
    <Dialog
      size="wide"
      title={words.title}
      onCancel={close}
      onSubmit={() => void submit()}
      actions={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button kind={mustConfirm ? "danger" : "primary"} type="submit" disabled={text.trim() === ""}>
            {mustConfirm ? "Replace the file" : words.verb}
          </Button>
        </>
      }
    >
      <Field
        ref={input}
        label={words.label}
        isMono
        data-autofocus
        value={text}
        placeholder={suggestion === "" ? "~/projects/notes/data/notes.wal" : suggestion}
        error={problem}
        onChange={(event) => {
          setText(event.target.value);
          setProblem(null);
          setMustConfirm(false);
        }}
      />
      {failure === null ? (
        <Entries completion={completion} onChoose={choose} />
      ) : (
        <p className={styles.note}>{failure}</p>
      )}
    </Dialog>
  );
}

/** Names under what is typed, asked for when typing pauses. */
function useCompletion(text: string): { completion: Completion | null; failure: string | null } {
  const [state, setState] = useState<{ completion: Completion | null; failure: string | null }>({
    completion: null,
    failure: null,
  });
  useEffect(() => {
    const controller = new AbortController();
    const timer = setTimeout(async () => {
      const answer = await call("files.complete", { text }, controller.signal);
      if (controller.signal.aborted) return;
      if (answer.ok) setState({ completion: answer.value, failure: null });
      else
        setState({
          completion: null,
          failure: answer.error.code === "NotFound" ? "No such folder yet." : answer.error.message,
        });
    }, 80);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [text]);
  return state;
}

function Entries({ completion, onChoose }: { completion: Completion | null; onChoose: (path: string) => void }) {
  const list = useRef<HTMLElement>(null);
  if (completion === null) return <div className={styles.list} />;
  const move = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const entries = [...(list.current?.querySelectorAll<HTMLElement>("button") ?? [])];
    const at = entries.indexOf(document.activeElement as HTMLElement);
    entries[Math.max(0, Math.min(entries.length - 1, at + step))]?.focus();
  };
  const { entries, directory, hasMore } = completion;
  return (
    <>
      <p className={styles.note}>
        In <code>{directory}</code>
      </p>
      <section ref={list} className={styles.list} aria-label={`Entries of ${directory}`} onKeyDown={move}>
        {entries.map((entry) => (
          <button
            key={entry.path}
            type="button"
            className={styles.entry}
            onClick={() => onChoose(entry.isDirectory ? `${entry.path}/` : entry.path)}
          >
            <Icon name={entry.isDirectory ? "folder" : "file"} size={14} />
            <bdi>{entry.name}</bdi>
            <span className={styles.size}>{entry.isDirectory ? "" : formatBytes(entry.fileBytes)}</span>
          </button>
        ))}
        {entries.length === 0 && <p className={styles.note}>Nothing here begins like that.</p>}
        {hasMore && <p className={styles.note}>There are more: go on typing.</p>}
      </section>
    </>
  );
}
