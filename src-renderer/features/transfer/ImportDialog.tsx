/** Import: what a file of rows would do, which of its lines are wrong, how far the writing is, and what is written. */
import { useEffect, useState } from "react";
import { countOf, formatBytes, formatCount } from "../../lib/format.ts";
import { useInspector } from "../../lib/inspector.ts";
import { closeTransfer, openImport, useTransfer } from "../../lib/transfer.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { Icon } from "../../ui/icons.tsx";
import { Progress } from "./Progress.tsx";
import styles from "./Transfer.module.css";
import { type CheckedImport, forgetImport, importRows, lookAt, stopImport, useImport } from "./transfer-store.ts";

function close(): void {
  forgetImport();
  closeTransfer();
}

export function ImportDialog() {
  const path = useTransfer((state) => state.importPath);
  const phase = useImport((state) => state.phase);
  const checked = useImport((state) => state.checked);
  useEffect(() => {
    if (path !== null) void lookAt(path);
  }, [path]);
  const name = path?.split(/[/\\]/).pop() ?? "";
  if (phase === "asking" && checked !== null) return <Question checked={checked} />;
  if (phase === "done") return <Done name={name} />;
  if (phase === "failed") return <Failed name={name} />;
  return <Working name={name} isWriting={phase === "working"} />;
}

function Working({ name, isWriting }: { name: string; isWriting: boolean }) {
  const startedMs = useImport((state) => state.startedMs);
  const stop = isWriting ? stopImport : close;
  return (
    <Dialog
      key={isWriting ? "writing" : "looking"}
      title={isWriting ? `Importing ${name}` : `Looking at ${name}`}
      onCancel={stop}
      actions={
        <Button data-autofocus onClick={stop}>
          {isWriting ? "Stop" : "Cancel"}
        </Button>
      }
    >
      <Progress label={isWriting ? "Importing" : "Looking at rows"} startedMs={startedMs} />
      <p className={styles.note}>
        {isWriting
          ? "Rows are written in their order. Stopped, the rows so far stay in the log."
          : "Every line is looked at before anything is written."}
      </p>
    </Dialog>
  );
}

function Question({ checked }: { checked: CheckedImport }) {
  const session = useInspector((state) => state.session);
  const [skipBad, setSkipBad] = useState(false);
  const { plan, name } = checked;
  const recordCount = plan.putCount + plan.deleteCount;
  const canImport = recordCount > 0 && (plan.badCount === 0 || skipBad);
  return (
    <Dialog
      title={`Import ${countOf(plan.keyCount, "key")} into ${session?.name ?? ""}?`}
      onCancel={close}
      onSubmit={() => void (canImport && importRows(skipBad))}
      actions={
        <>
          <Button data-autofocus={canImport ? undefined : true} onClick={close}>
            Cancel
          </Button>
          <Button kind="primary" type="submit" disabled={!canImport} data-autofocus={canImport ? true : undefined}>
            Import {countOf(recordCount, "row")}
          </Button>
        </>
      }
    >
      {recordCount === 0 ? (
        <p>
          <bdi>{name}</bdi> has no row to write.
        </p>
      ) : (
        <p>
          {sayKeys(plan)} {countOf(recordCount, "record")} will be appended, {formatBytes(plan.recordBytes)}.
        </p>
      )}
      {plan.repeatedCount > 0 && (
        <p>{countOf(plan.repeatedCount, "row")} come again to a key of an earlier row: the last one counts.</p>
      )}
      {plan.leftOutCount > 0 && (
        <p>
          {countOf(plan.leftOutCount, "row")} {plan.leftOutCount === 1 ? "is" : "are"} left out: bookkeeping, or bytes
          behind the place where reading stopped.
        </p>
      )}
      {plan.badCount > 0 && <BadLines checked={checked} skipBad={skipBad} setSkipBad={setSkipBad} />}
      <p className={styles.safe}>
        <Icon name="ok" size={16} />
        <span>
          {session?.mode === "sandbox"
            ? "The sandbox is written to. The file you opened stays as it is."
            : "Nothing is written until you choose Import. Earlier values stay in the history."}
        </span>
      </p>
    </Dialog>
  );
}

function sayKeys({ newKeyCount, replacedKeyCount, deletedKeyCount }: CheckedImport["plan"]): string {
  const parts = [
    newKeyCount > 0 ? `${formatCount(newKeyCount)} new` : "",
    replacedKeyCount > 0
      ? `${formatCount(replacedKeyCount)} ${replacedKeyCount === 1 ? "gets" : "get"} another value`
      : "",
    deletedKeyCount > 0 ? `${formatCount(deletedKeyCount)} deleted` : "",
  ].filter((part) => part !== "");
  return parts.length === 0 ? "No key changes;" : `${parts.join(", ")};`;
}

interface BadLinesProps {
  readonly checked: CheckedImport;
  readonly skipBad: boolean;
  readonly setSkipBad: (skipBad: boolean) => void;
}

function BadLines({ checked, skipBad, setSkipBad }: BadLinesProps) {
  const { badCount, badLines } = checked.plan;
  const rest = badCount - badLines.length;
  return (
    <>
      <p className={styles.refusal} role="alert">
        <Icon name="stop" size={16} />
        <span>
          <b>
            {badCount === 1 ? "1 line is wrong" : `${formatCount(badCount)} lines are wrong`} in{" "}
            <bdi>{checked.name}</bdi>.
          </b>{" "}
          Nothing was written.
        </span>
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard. */}
      <section className={styles.bad} aria-label="Bad lines" tabIndex={0}>
        <ul>
          {badLines.map(({ line, column, reason }) => (
            <li key={line}>
              <span>
                Line {formatCount(line)}, column {formatCount(column)}
              </span>{" "}
              {reason}
            </li>
          ))}
        </ul>
        {rest > 0 && <p>and {countOf(rest, "more line")}</p>}
      </section>
      <label className={styles.check}>
        <input type="checkbox" checked={skipBad} onChange={(event) => setSkipBad(event.target.checked)} />
        <span>{badCount === 1 ? "Leave it out and import the others" : "Leave them out and import the others"}</span>
      </label>
    </>
  );
}

function Done({ name }: { name: string }) {
  const done = useImport((state) => state.done);
  if (done === null) return null;
  const { recordCount, lastLine, skippedCount, isStopped, failure } = done;
  const isEarly = isStopped || failure !== null;
  const title = isEarly ? `Import of ${name} ended early` : `Imported ${countOf(recordCount, "row")}`;
  return (
    <Dialog
      title={title}
      onCancel={close}
      onSubmit={close}
      actions={
        <Button kind="primary" type="submit" data-autofocus>
          Close
        </Button>
      }
    >
      {failure !== null && (
        <p className={styles.refusal} role="alert">
          <Icon name="stop" size={16} />
          <span>{failure}</span>
        </p>
      )}
      <p className={styles.safe}>
        <Icon name="ok" size={16} />
        <span>
          {recordCount === 0
            ? "Nothing was written."
            : `${countOf(recordCount, "record")} ${recordCount === 1 ? "is" : "are"} appended and on the disk, waiting to sync.`}
          {isEarly && recordCount > 0 && ` They are the rows up to line ${formatCount(lastLine)}.`}
          {skippedCount > 0 && ` ${countOf(skippedCount, "bad line")} left out.`}
        </span>
      </p>
    </Dialog>
  );
}

function Failed({ name }: { name: string }) {
  const problem = useImport((state) => state.problem);
  return (
    <Dialog
      title={`${name} cannot be imported`}
      onCancel={close}
      onSubmit={() => {
        close();
        void openImport();
      }}
      actions={
        <>
          <Button onClick={close}>Close</Button>
          <Button kind="primary" type="submit" data-autofocus>
            Choose another file…
          </Button>
        </>
      }
    >
      <p className={styles.refusal} role="alert">
        <Icon name="stop" size={16} />
        <span>{problem?.message}</span>
      </p>
    </Dialog>
  );
}
