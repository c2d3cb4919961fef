/** What became of each record the place concerns; and the runs made so far, to compare. */
import type { LabRow } from "@softadastra/inspector-contract";
import { useState } from "react";
import { countOf, formatCount, formatOffset } from "../../lib/format.ts";
import { Button } from "../../ui/Button.tsx";
import { classes } from "../../ui/classes.ts";
import { Icon, type IconName } from "../../ui/icons.tsx";
import { EmptyState } from "../../ui/Notice.tsx";
import { Tabs } from "../../ui/Tabs.tsx";
import { EVERY_CUT_MAX, type Run, selectRun, tryEveryCut, useRuns } from "./lab-runs.ts";
import { lengthOf, useLab } from "./lab-store.ts";
import { VerdictMark } from "./OutcomePane.tsx";
import styles from "./RecordsAndRuns.module.css";

type Shown = "records" | "runs";

export function RecordsAndRuns() {
  const [chosen, setChosen] = useState<Shown>("records");
  const write = useLab((state) => state.write);
  const runs = useRuns((state) => state.runs);
  const isBusy = useRuns((state) => state.busy !== null);
  const shown = write === null ? "runs" : chosen;
  const isTooLong = write !== null && lengthOf(write) > EVERY_CUT_MAX;
  const everyCut = async () => {
    setChosen("runs");
    await tryEveryCut();
  };
  return (
    <section className={styles.pane} aria-label="Records and runs">
      <Tabs<Shown>
        label="Records and runs"
        panelId="lab-list"
        tabs={[
          ...(write === null ? [] : [{ value: "records" as const, label: "Records" }]),
          { value: "runs", label: "Runs", hint: String(runs.length) },
        ]}
        value={shown}
        onChange={setChosen}
      >
        {write !== null && (
          <Button
            kind="ghost"
            size="small"
            disabled={isBusy || isTooLong}
            title={
              isTooLong
                ? `Only up to ${formatCount(EVERY_CUT_MAX)} places: this write has ${formatCount(lengthOf(write))}`
                : "Tries the fault at every place of the write"
            }
            onClick={() => void everyCut()}
          >
            Try every cut
          </Button>
        )}
      </Tabs>
      <div id="lab-list" className={styles.panel} role="tabpanel" aria-label={shown === "records" ? "Records" : "Runs"}>
        {shown === "records" ? <Records /> : <RunList runs={runs} />}
      </div>
    </section>
  );
}

const FATES: Record<LabRow["fate"], { word: string; icon: IconName; tone: string | undefined }> = {
  kept: { word: "kept", icon: "check", tone: styles.isOk },
  absent: { word: "absent as allowed", icon: "dot", tone: styles.isQuiet },
  lost: { word: "lost", icon: "close", tone: styles.isBad },
  behind: { word: "behind the damage", icon: "unlink", tone: styles.isUnreachable },
  changed: { word: "changed, not noticed", icon: "warn", tone: styles.isUnreachable },
};

const PROMISES: Record<LabRow["promise"], string> = {
  confirmed: "confirmed",
  "under-way": "under way",
  "not-begun": "not begun",
};

function Records() {
  const found = useLab((state) => state.found);
  if (found === null) return null;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard.
    <section className={styles.scroll} tabIndex={0} aria-label="Records of the place">
      <table className={styles.table}>
        <thead>
          <tr>
            <th className={styles.right}>Sequence</th>
            <th>Key</th>
            <th>Was</th>
            <th>Now</th>
            <th>The key holds</th>
          </tr>
        </thead>
        <tbody>
          {found.rows.toReversed().map((row) => (
            <tr key={row.offset}>
              <td className={styles.right} title={`At ${formatOffset(row.offset)}`}>
                {formatCount(row.sequence)}
              </td>
              <td className={styles.key}>
                <span data-operation={row.operation}>{row.operation === "other" ? "" : row.operation}</span>{" "}
                <bdi>{row.name}</bdi>
              </td>
              <td className={styles.quiet}>{PROMISES[row.promise]}</td>
              <td>
                <Fate fate={row.fate} />
              </td>
              <td className={styles.value}>
                {row.after === null ? (
                  <span className={styles.quiet}>{row.key === null ? "" : "nothing"}</span>
                ) : row.after.isDeleted ? (
                  <span className={styles.quiet}>deleted</span>
                ) : (
                  <bdi>{row.after.text}</bdi>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {found.rowCount > found.rows.length && (
        <p className={styles.more}>
          {formatCount(found.rows.length)} of {countOf(found.rowCount, "record")} are listed; all are counted.
        </p>
      )}
    </section>
  );
}

function Fate({ fate }: { fate: LabRow["fate"] }) {
  const { word, icon, tone } = FATES[fate];
  return (
    <span className={classes(styles.fate, tone)}>
      <Icon name={icon} size={13} />
      {word}
    </span>
  );
}

function RunList({ runs }: { runs: readonly Run[] }) {
  const selected = useRuns((state) => state.selected);
  const shown = runs.find(({ id }) => id === selected);
  if (runs.length === 0) {
    return (
      <EmptyState title="No run yet">
        Reopen a place, try every cut, or kill the node: each becomes a line here, to compare.
      </EmptyState>
    );
  }
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard. */}
      <section className={styles.scroll} tabIndex={0} aria-label="Runs so far">
        <table className={styles.table}>
          <thead>
            <tr>
              <th className={styles.right}>#</th>
              <th>Fault</th>
              <th>Verdict</th>
              <th className={styles.right}>Kept</th>
              <th className={styles.right}>Lost</th>
              <th>Promise</th>
            </tr>
          </thead>
          <tbody>
            {runs.map((run) => (
              <RunRow key={run.id} run={run} isSelected={run.id === selected} />
            ))}
          </tbody>
        </table>
      </section>
      {shown !== undefined && <p className={styles.about}>{shown.text}</p>}
    </>
  );
}

const RUN_PROMISES: Record<Run["promise"], { icon: IconName; tone: string | undefined }> = {
  kept: { icon: "check", tone: styles.isOk },
  broken: { icon: "close", tone: styles.isBad },
  "not noticed": { icon: "warn", tone: styles.isUnreachable },
};

function RunRow({ run, isSelected }: { run: Run; isSelected: boolean }) {
  const { icon, tone } = RUN_PROMISES[run.promise];
  return (
    <tr className={isSelected ? styles.selected : undefined} aria-current={isSelected || undefined}>
      <td className={classes(styles.right, styles.quiet)}>{run.id}</td>
      <td className={styles.title}>
        <button type="button" title={run.text} onClick={() => selectRun(run.id)}>
          {run.title}
        </button>
      </td>
      <td>
        <VerdictMark verdict={run.verdict} />
      </td>
      <td className={styles.right}>{formatCount(run.kept)}</td>
      <td className={classes(styles.right, run.lost > 0 ? styles.isBad : styles.quiet)}>{formatCount(run.lost)}</td>
      <td>
        <span className={classes(styles.fate, tone)}>
          <Icon name={icon} size={13} />
          {run.promise}
        </span>
      </td>
    </tr>
  );
}
