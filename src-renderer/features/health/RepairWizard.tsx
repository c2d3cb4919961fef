/** Repair, step by step: what will be kept, where the result goes, doing it, and what was done. */
import type { PolicyName, RepairDone, RepairPlan } from "@softadastra/inspector-contract";
import { type ReactNode, useId } from "react";
import { copyText } from "../../lib/clipboard.ts";
import { countOf, formatBytes, formatCount, formatOffset } from "../../lib/format.ts";
import { useInspector } from "../../lib/inspector.ts";
import { Button } from "../../ui/Button.tsx";
import { classes } from "../../ui/classes.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { Field } from "../../ui/Field.tsx";
import { Icon } from "../../ui/icons.tsx";
import { ProgressBar } from "../../ui/Notice.tsx";
import { usePolicies } from "./policies-store.ts";
import { PlanDetails } from "./RepairPlanDetails.tsx";
import styles from "./RepairWizard.module.css";
import {
  choosePolicy,
  copyRepairReport,
  leaveRepair,
  openRepaired,
  planAgain,
  type RepairStep,
  runRepair,
  saveRepairReport,
  setPlace,
  setTarget,
  showStep,
  stopRepair,
  useRepair,
  type Wizard,
} from "./repair-store.ts";

export function RepairWizard() {
  const wizard = useRepair((state) => state.wizard);
  return wizard === null ? null : <Shown wizard={wizard} />;
}

const STEPS: readonly { step: RepairStep; name: string }[] = [
  { step: "plan", name: "Plan" },
  { step: "place", name: "Where to" },
  { step: "doing", name: "Repair" },
  { step: "done", name: "Checked" },
];

function Shown({ wizard }: { wizard: Wizard }) {
  const { step, session, plan, failure } = wizard;
  const at = STEPS.findIndex(({ step: name }) => name === step);
  const submit = () => {
    if (step === "plan" && plan !== null) showStep("place");
    else if (step === "place") void runRepair();
  };
  return (
    <Dialog
      size="wide"
      title={
        step !== "done"
          ? `Repair ${session.name}?`
          : wizard.target === "in-place"
            ? `${session.name} is repaired`
            : "The repaired log is written"
      }
      onCancel={leaveRepair}
      onSubmit={submit}
      actions={<Actions wizard={wizard} />}
    >
      <ol className={styles.steps} aria-label="Steps">
        {STEPS.map(({ step: name, name: text }, i) => (
          <li key={name} className={classes(i === at && styles.now)} aria-current={i === at ? "step" : undefined}>
            {i < at ? <Icon name="check" size={14} /> : <span>{i + 1}</span>}
            {text}
          </li>
        ))}
      </ol>
      {failure !== null && <Failure failure={failure} />}
      {step === "plan" && <Plan wizard={wizard} />}
      {step === "place" && <Place wizard={wizard} />}
      {step === "doing" && <Doing isStopping={wizard.isStopping} />}
      {step === "done" && wizard.done !== null && <Done wizard={wizard} done={wizard.done} />}
    </Dialog>
  );
}

function Actions({ wizard }: { wizard: Wizard }) {
  const { step, plan, target, failure, outputPath, backupPath } = wizard;
  const hasPlace = (target === "new-file" ? outputPath : backupPath).trim() !== "";
  if (step === "doing") {
    return (
      <Button onClick={stopRepair} disabled={wizard.isStopping} data-autofocus>
        {wizard.isStopping ? "Stopping" : "Stop"}
      </Button>
    );
  }
  if (step === "done") {
    return (
      <>
        {target === "new-file" && <Button onClick={() => void openRepaired()}>Open the repaired log</Button>}
        <Button kind="primary" onClick={leaveRepair} data-autofocus>
          Close
        </Button>
      </>
    );
  }
  return (
    <>
      <Button onClick={leaveRepair}>Cancel</Button>
      <span className={styles.grow} />
      {step === "plan" && failure !== null && <Button onClick={planAgain}>Plan again</Button>}
      {step === "place" && <Button onClick={() => showStep("plan")}>Back</Button>}
      {step === "plan" ? (
        <Button kind="primary" type="submit" disabled={plan === null} data-autofocus>
          Choose where to
        </Button>
      ) : (
        <Button kind={target === "new-file" ? "primary" : "danger"} type="submit" disabled={!hasPlace}>
          {target === "new-file" ? "Write the repaired log" : "Replace the log"}
        </Button>
      )}
    </>
  );
}

function Failure({ failure }: { failure: NonNullable<Wizard["failure"]> }) {
  return (
    <div className={styles.failure} role="alert">
      <Icon name="stop" size={16} />
      <span>{failure.message}</span>
      <Button size="small" onClick={() => void copyText(`${failure.code}: ${failure.message}`)}>
        Copy details
      </Button>
    </div>
  );
}

const POLICIES: readonly { policy: PolicyName; name: string; note: string }[] = [
  {
    policy: "skip-damaged",
    name: "Skip damaged",
    note: "Keeps every whole record with the right checksum; leaves out the bad bytes between them.",
  },
  {
    policy: "valid-prefix",
    name: "Valid prefix",
    note: "Keeps what the C++ engine recovers: the records before the first bad byte.",
  },
];

function Plan({ wizard }: { wizard: Wizard }) {
  const { policy, plan, failure } = wizard;
  const comparison = usePolicies((state) => state.comparison);
  const name = useId();
  const totals = { "valid-prefix": comparison?.validPrefix, "skip-damaged": comparison?.skipDamaged };
  return (
    <>
      <fieldset className={styles.choices}>
        <legend>What to keep</legend>
        {POLICIES.map(({ policy: value, name: title, note }) => {
          const total = totals[value];
          return (
            <label key={value} className={classes(styles.choice, policy === value && styles.chosen)}>
              <input
                type="radio"
                name={name}
                value={value}
                checked={policy === value}
                onChange={() => choosePolicy(value)}
              />
              <span>
                <b>{title}</b>
                {total && (
                  <span className={styles.effect}>
                    {countOf(total.recordCount, "record")}, {countOf(total.liveKeyCount, "live key")},{" "}
                    {formatBytes(total.leftOutBytes)} left out
                  </span>
                )}
                <small>{note}</small>
              </span>
            </label>
          );
        })}
      </fieldset>
      {plan !== null ? (
        <PlanDetails plan={plan} />
      ) : (
        failure === null && <Progress label="Reading the log" note="The plan is made from the file as it is now." />
      )}
    </>
  );
}

function Place({ wizard }: { wizard: Wizard }) {
  const { target, outputPath, backupPath, places, session, plan } = wizard;
  const name = useId();
  const obstacle = places?.inPlaceObstacle ?? null;
  if (plan === null) return null;
  return (
    <>
      <fieldset className={styles.choices}>
        <legend>Where the result goes</legend>
        <label className={classes(styles.choice, target === "new-file" && styles.chosen)}>
          <input type="radio" name={name} checked={target === "new-file"} onChange={() => setTarget("new-file")} />
          <span>
            <b>A new file (recommended)</b>
            <small>{session.name} is only read and stays as it is.</small>
          </span>
        </label>
        <label className={classes(styles.choice, target === "in-place" && styles.chosen)}>
          <input
            type="radio"
            name={name}
            checked={target === "in-place"}
            disabled={obstacle !== null}
            onChange={() => setTarget("in-place")}
          />
          <span>
            <b>In place of {session.name}</b>
            <small>
              {obstacle ??
                "First the whole log is copied and the copy compared; then the result takes its name in one step."}
            </small>
          </span>
        </label>
      </fieldset>
      {target === "new-file" ? (
        <Field
          label="Path of the repaired log"
          isMono
          data-autofocus
          value={outputPath}
          onChange={(event) => setPlace({ outputPath: event.target.value })}
        />
      ) : (
        <Field
          label="Path of the backup"
          isMono
          value={backupPath}
          hint="It stays. Its SHA-256 is compared with that of the log."
          onChange={(event) => setPlace({ backupPath: event.target.value })}
        />
      )}
      <p className={styles.safe}>
        <Icon name="ok" size={16} />
        <span>
          {target === "new-file"
            ? `${formatBytes(plan.resultBytes)} are written, read back and compared key by key with the plan.`
            : `Every one of the ${formatBytes(plan.fileBytes)} stays in the backup. At any moment ${session.name} is the old log or the repaired one, whole.`}
        </span>
      </p>
    </>
  );
}

function Progress({ label, note }: { label: string; note: string }) {
  const progress = useInspector((state) => state.progress);
  const { doneBytes = 0, totalBytes = 0 } = progress ?? {};
  return (
    <div className={styles.progress} role="status">
      <span className={styles.line}>
        <span>{progress?.label ?? label}</span>
        {totalBytes > 0 && (
          <span>
            {formatCount(doneBytes)} of {formatBytes(totalBytes)}
          </span>
        )}
      </span>
      <ProgressBar done={doneBytes} total={totalBytes} label={progress?.label ?? label} />
      <small>{note}</small>
    </div>
  );
}

function Doing({ isStopping }: { isStopping: boolean }) {
  return (
    <Progress
      label="Beginning"
      note={
        isStopping
          ? "It ends at the next place where nothing is half done."
          : "Until the result is whole and read back, the log is as it was."
      }
    />
  );
}

function Done({ wizard, done }: { wizard: Wizard; done: RepairDone }) {
  const { plan, savedPaths, saveFailure } = wizard;
  return (
    <>
      <ul className={styles.checks}>
        <Check>
          Read again: clean, {countOf(done.recordCount, "record")} in {formatBytes(done.fileBytes)}.
        </Check>
        <Check>{countOf(done.comparedKeyCount, "key")} compared with the plan, value by value: all the same.</Check>
        <Check>
          {done.backupPath === null ? (
            <>{wizard.session.name} was only read and is as it was.</>
          ) : (
            <>
              The log as it was is in <code>{done.backupPath}</code>, the same byte for byte.
            </>
          )}
        </Check>
      </ul>
      <dl className={styles.facts}>
        <dt>Result</dt>
        <dd>
          <code>{done.outputPath}</code>
        </dd>
        <dt>SHA-256 of the result</dt>
        <dd>
          <code>{done.sha256After}</code>
        </dd>
        <dt>SHA-256 of the log before</dt>
        <dd>
          <code>{done.sha256Before}</code>
        </dd>
        {plan !== null && plan.droppedBytes > 0 && (
          <>
            <dt>Left out</dt>
            <dd>{leftOut(plan)}</dd>
          </>
        )}
      </dl>
      <div className={styles.reportActions}>
        <Button size="small" icon="copy" onClick={copyRepairReport}>
          Copy report
        </Button>
        <Button size="small" onClick={() => void saveRepairReport("markdown")}>
          Save as Markdown
        </Button>
        <Button size="small" onClick={() => void saveRepairReport("json")}>
          Save as JSON
        </Button>
      </div>
      {savedPaths.map((path) => (
        <p key={path} className={styles.saved} role="status">
          Report saved in <code>{path}</code>
        </p>
      ))}
      {saveFailure !== null && (
        <p className={styles.failure} role="alert">
          <Icon name="stop" size={16} />
          <span>The report was not saved: {saveFailure}</span>
        </p>
      )}
    </>
  );
}

const PLACES_NAMED_MAX = 4;

function leftOut({ droppedBytes, ranges }: RepairPlan): string {
  const places = ranges.filter(({ isKept }) => !isKept).map(({ offset }) => formatOffset(offset));
  const more =
    places.length > PLACES_NAMED_MAX ? ` and ${formatCount(places.length - PLACES_NAMED_MAX)} more places` : "";
  return `${formatBytes(droppedBytes)} at ${places.slice(0, PLACES_NAMED_MAX).join(", ")}${more}`;
}

function Check({ children }: { children: ReactNode }) {
  return (
    <li>
      <Icon name="ok" size={16} />
      <span>{children}</span>
    </li>
  );
}
