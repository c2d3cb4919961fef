/** The questions that can stand over the window: how to edit, what to do with unsaved work. */
import { countOf, formatBytes, formatCount, formatOffset } from "../lib/format.ts";
import { useGuard } from "../lib/guard.ts";
import { useInspector } from "../lib/inspector.ts";
import { closeEditQuestion, saveSandboxAs, setMode, useModes, type WritePlan } from "../lib/modes.ts";
import { showView } from "../lib/navigation.ts";
import { useSandboxQuestion } from "../lib/opening.ts";
import { Button } from "../ui/Button.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import { Icon } from "../ui/icons.tsx";
import styles from "./Questions.module.css";

export function Questions() {
  const edit = useModes((state) => state.edit);
  const unsaved = useGuard((state) => state.question);
  const sandbox = useSandboxQuestion((state) => state.question);
  return (
    <>
      {edit !== null && <EditQuestion plan={edit.plan} />}
      {unsaved !== null && <UnsavedQuestion {...unsaved} />}
      {sandbox !== null && (
        <SandboxQuestion name={sandbox.session.name} count={sandbox.session.unsavedCount} answer={sandbox.answer} />
      )}
    </>
  );
}

function EditQuestion({ plan }: { plan: WritePlan }) {
  const session = useInspector((state) => state.session);
  if (session === null) return null;
  const isDamaged = session.verdict === "damaged";
  return (
    <Dialog
      title={`Edit ${session.name}?`}
      onCancel={closeEditQuestion}
      onSubmit={() => void setMode("sandbox")}
      actions={
        <>
          <Button onClick={closeEditQuestion}>Cancel</Button>
          <span className={styles.grow} />
          {plan.canWrite && (
            <Button kind="danger" onClick={() => void setMode("write")}>
              Write to this file
            </Button>
          )}
          {session.mode !== "sandbox" && (
            <Button kind="primary" type="submit" data-autofocus>
              Work on a copy
            </Button>
          )}
        </>
      }
    >
      {plan.canWrite ? (
        <p>
          Work on a copy (recommended) leaves the file as it is: edit, tick and delete at will, then save the copy where
          you like.
          {plan.tornBytes === 0 ? " Writing to this file appends every change to it at once." : ""}
        </p>
      ) : (
        <p className={styles.refusal}>
          <Icon name="stop" size={16} />
          <span>
            <b>{session.name} cannot be written to.</b> {plan.reason}
          </span>
        </p>
      )}
      {plan.canWrite && plan.tornBytes > 0 && (
        <p>
          The file ends with a torn record: {formatBytes(plan.tornBytes)} at{" "}
          <code>{formatOffset(plan.tornOffset)}</code>. Before the first write to this file they are moved to{" "}
          <code>{plan.setAsideName}</code> and the file is cut there.
        </p>
      )}
      <p className={styles.safe}>
        <Icon name="ok" size={16} />
        <span>
          {isDamaged
            ? `The copy holds the ${formatCount(plan.recordCount)} readable records. What stands behind the damage stays in this file.`
            : `The ${countOf(plan.recordCount, "whole record")} stay byte for byte.`}
        </span>
      </p>
      {isDamaged && (
        <Button
          kind="link"
          size="small"
          onClick={() => {
            closeEditQuestion();
            showView("health");
          }}
        >
          Open Health
        </Button>
      )}
    </Dialog>
  );
}

const NAMES_SHOWN = 6;

function UnsavedQuestion(props: {
  action: string;
  drafts: readonly string[];
  answer: (choice: "save" | "discard" | "cancel") => void;
}) {
  const { action, drafts, answer } = props;
  const title =
    drafts.length === 1 ? `Save the draft before ${action}?` : `Save ${drafts.length} drafts before ${action}?`;
  return (
    <Dialog
      title={title}
      onCancel={() => answer("cancel")}
      onSubmit={() => answer("save")}
      actions={
        <>
          <Button kind="ghost" onClick={() => answer("discard")}>
            {drafts.length === 1 ? "Discard draft" : "Discard drafts"}
          </Button>
          <span className={styles.grow} />
          <Button onClick={() => answer("cancel")}>Cancel</Button>
          <Button kind="primary" type="submit" data-autofocus>
            {drafts.length === 1 ? "Save" : "Save all"}
          </Button>
        </>
      }
    >
      <p>{drafts.length === 1 ? "This key has changes" : "These keys have changes"} that are not in the log:</p>
      <ul className={styles.names}>
        {drafts.slice(0, NAMES_SHOWN).map((name) => (
          <li key={name}>
            <code>{name}</code>
          </li>
        ))}
        {drafts.length > NAMES_SHOWN && <li>and {formatCount(drafts.length - NAMES_SHOWN)} more</li>}
      </ul>
    </Dialog>
  );
}

function SandboxQuestion({ name, count, answer }: { name: string; count: number; answer: (goesOn: boolean) => void }) {
  return (
    <Dialog
      title={`Discard the sandbox of ${name}?`}
      onCancel={() => answer(false)}
      actions={
        <>
          <Button kind="danger" onClick={() => answer(true)}>
            Discard sandbox
          </Button>
          <span className={styles.grow} />
          <Button onClick={() => answer(false)}>Cancel</Button>
          <Button
            kind="primary"
            data-autofocus
            onClick={() => {
              answer(false);
              void saveSandboxAs();
            }}
          >
            Save as…
          </Button>
        </>
      }
    >
      <p>
        It holds {countOf(count, "operation")} that {count === 1 ? "is" : "are"} in no other file. The file you opened
        stays as it is.
      </p>
    </Dialog>
  );
}
