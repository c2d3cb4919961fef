/** Export: what, how it is written with the first rows as they will be, where, how far, and what was made. */
import { useEffect, useState } from "react";
import { useShallow } from "zustand/react/shallow";
import { copyText } from "../../lib/clipboard.ts";
import { countOf, formatBytes } from "../../lib/format.ts";
import { useInspector } from "../../lib/inspector.ts";
import { closeTransfer, type ExportScope, startingRows, useTransfer } from "../../lib/transfer.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { Icon } from "../../ui/icons.tsx";
import { Segmented } from "../../ui/Segmented.tsx";
import { Progress } from "./Progress.tsx";
import styles from "./Transfer.module.css";
import { type ExportChoice, exportTo, loadSample, resetExport, stopExport, useExport } from "./transfer-store.ts";

const ROWS = [
  { value: "keys", label: "Keys" },
  { value: "records", label: "Records" },
] as const;
const FORMATS = [
  { value: "ndjson", label: "NDJSON" },
  { value: "json", label: "JSON" },
  { value: "csv", label: "CSV" },
] as const;
const VALUES = [
  { value: "text", label: "As text" },
  { value: "base64", label: "Base64" },
  { value: "none", label: "Left out" },
] as const;

const NOTES: Record<ExportChoice["values"], string> = {
  text: "Values that are not UTF-8 become base64; each row says which.",
  base64: "Keys and values are base64, whatever they are.",
  none: "Keys and facts without values. Such rows cannot be imported.",
};

function close(): void {
  resetExport();
  closeTransfer();
}

export function ExportDialog() {
  const phase = useExport((state) => state.phase);
  if (phase === "done") return <Made />;
  return <Form isWorking={phase === "working"} />;
}

function Form({ isWorking }: { isWorking: boolean }) {
  const name = useInspector((state) => state.session?.name ?? "");
  const isRead = useInspector((state) => state.session?.indexing.phase === "done");
  const startedMs = useExport((state) => state.startedMs);
  const shown = useTransfer((state) => state.scope);
  const [choice, setChoice] = useState<ExportChoice>({
    rows: startingRows(),
    isNarrowed: true,
    withDeleted: false,
    format: "ndjson",
    values: "text",
  });
  const change = (next: Partial<ExportChoice>) => setChoice({ ...choice, ...next });
  const { sample, problem } = useExport(useShallow(({ sample, problem }) => ({ sample, problem })));
  // biome-ignore lint/correctness/useExhaustiveDependencies: another list has other rows.
  useEffect(() => void loadSample(choice), [choice, shown]);
  return (
    <Dialog
      title={`Export from ${name}?`}
      onCancel={isWorking ? stopExport : close}
      onSubmit={() => void (isWorking || exportTo(choice))}
      actions={
        isWorking ? (
          <Button data-autofocus onClick={stopExport}>
            Stop
          </Button>
        ) : (
          <>
            <Button onClick={close}>Cancel</Button>
            <Button kind="primary" type="submit" data-autofocus disabled={!isRead || sample === null}>
              {sample === null ? "Export…" : `Export ${countOf(sample.rowCount, "row")}…`}
            </Button>
          </>
        )
      }
    >
      {isWorking ? (
        <Progress label="Exporting" startedMs={startedMs} />
      ) : (
        <>
          <Choices choice={choice} shown={shown} change={change} />
          <Sample choice={choice} />
          {!isRead && <p className={styles.note}>The file is not read to its end yet: wait until it is.</p>}
          {problem !== null && (
            <p className={styles.refusal} role="alert">
              <Icon name="stop" size={16} />
              <span>{problem.message}</span>
            </p>
          )}
        </>
      )}
    </Dialog>
  );
}

interface ChoicesProps {
  readonly choice: ExportChoice;
  readonly shown: ExportScope | null;
  readonly change: (next: Partial<ExportChoice>) => void;
}

function Choices({ choice, shown, change }: ChoicesProps) {
  const { rows, format, values, withDeleted } = choice;
  const canNarrow = shown?.rows === rows;
  const isNarrowed = canNarrow && choice.isNarrowed;
  return (
    <div className={styles.choices}>
      <span>What</span>
      <Segmented label="What" options={ROWS} value={rows} onChange={(next) => change({ rows: next })} />
      <span />
      <div className={styles.checks}>
        {canNarrow && (
          <label>
            <input
              type="checkbox"
              checked={isNarrowed}
              onChange={(event) => change({ isNarrowed: event.target.checked })}
            />
            <span>
              Only <bdi>{shown.words}</bdi>
            </span>
          </label>
        )}
        {rows === "keys" && !isNarrowed && (
          <label>
            <input
              type="checkbox"
              checked={withDeleted}
              onChange={(event) => change({ withDeleted: event.target.checked })}
            />
            <span>Deleted keys too</span>
          </label>
        )}
        {rows === "records" && !isNarrowed && (
          <span className={styles.note}>Every record, and what stands behind the place where reading stops.</span>
        )}
      </div>
      <span>Format</span>
      <Segmented label="Format" options={FORMATS} value={format} onChange={(next) => change({ format: next })} />
      <span>Values</span>
      <div className={styles.checks}>
        <Segmented label="Values" options={VALUES} value={values} onChange={(next) => change({ values: next })} />
        <span className={styles.note}>{NOTES[values]}</span>
      </div>
    </div>
  );
}

/** The first rows of the result, each on a line of its own. */
function Sample({ choice }: { choice: ExportChoice }) {
  const sample = useExport((state) => state.sample);
  const { format } = choice;
  if (sample === null) return <div className={styles.sample} />;
  const { head, lines, rowCount, isExact } = sample;
  const rest = rowCount - lines.length;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard.
    <section className={styles.sample} aria-label="The first rows as they will be written" tabIndex={0}>
      {head !== "" && <code className={styles.head}>{head}</code>}
      {lines.map((line, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows of a sample have no identity but their place.
        <code key={i}>
          <bdi>{format === "json" && (rest > 0 || i < lines.length - 1) ? `${line},` : line}</bdi>
        </code>
      ))}
      <span className={styles.more}>
        {rowCount === 0 ? "No rows" : rest > 0 ? `and ${countOf(rest, "more row")}` : "That is all of it"}
        {isExact ? "" : " so far"}
      </span>
    </section>
  );
}

function Made() {
  const made = useExport((state) => state.made);
  const [isCopied, setCopied] = useState(false);
  if (made === null) return null;
  return (
    <Dialog
      title={`Exported ${countOf(made.rowCount, "row")}`}
      onCancel={close}
      onSubmit={close}
      actions={
        <>
          <Button onClick={() => setCopied(copyText(made.path))}>{isCopied ? "Path copied" : "Copy path"}</Button>
          <Button kind="primary" type="submit" data-autofocus>
            Close
          </Button>
        </>
      }
    >
      <p className={styles.safe}>
        <Icon name="ok" size={16} />
        <span>
          {formatBytes(made.fileBytes)} in <code>{made.path}</code>. The log is as it was.
        </span>
      </p>
    </Dialog>
  );
}
