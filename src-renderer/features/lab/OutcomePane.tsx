/** What reopening finds at the chosen place, in facts; whether the promises hold; and what can be done with the case. */
import type { LabCase, LabCell } from "@softadastra/inspector-contract";
import type { ReactNode } from "react";
import { countOf, formatBytes, formatCount, formatOffset } from "../../lib/format.ts";
import { useInspector } from "../../lib/inspector.ts";
import { Button } from "../../ui/Button.tsx";
import { classes } from "../../ui/classes.ts";
import { Icon, type IconName } from "../../ui/icons.tsx";
import { askWhereToSave, reopen, useRuns } from "./lab-runs.ts";
import { useLab } from "./lab-store.ts";
import { promiseText, VERDICT_WORDS } from "./lab-words.ts";
import styles from "./OutcomePane.module.css";

const ICONS: Record<LabCell["verdict"], IconName> = {
  clean: "ok",
  "torn-tail": "cut",
  damaged: "stop",
  "not-a-wal": "info",
};

export function VerdictMark({ verdict }: { verdict: LabCell["verdict"] }) {
  return (
    <span className={styles.verdict} data-verdict={verdict}>
      <Icon name={ICONS[verdict]} size={14} />
      {VERDICT_WORDS[verdict]}
    </span>
  );
}

export function OutcomePane() {
  const found = useLab((state) => state.found);
  const isBusy = useRuns((state) => state.busy !== null);
  const name = useInspector((state) => state.session?.name ?? "");
  return (
    <section className={styles.pane} aria-label="After reopening">
      <div className={styles.head}>
        <h2>After reopening</h2>
        <span className={styles.grow} />
        {found !== null && <VerdictMark verdict={found.cell.verdict} />}
      </div>
      {found !== null && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard.
        <section className={styles.body} tabIndex={0} aria-label="What reopening finds">
          <Facts found={found} name={name} />
          <Promises found={found} />
          <div className={styles.actions}>
            <Button kind="primary" icon="play" disabled={isBusy} onClick={() => void reopen()}>
              Reopen
            </Button>
            <Button icon="drop" disabled={isBusy} onClick={() => void askWhereToSave()}>
              Save as fixture…
            </Button>
          </div>
        </section>
      )}
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function Facts({ found, name }: { found: LabCase; name: string }) {
  const { recordCount, liveKeyCount, damage, validBytes, cell, findings, unnoticedBits, unreachableCount } = found;
  const rest = damage.fileBytes - validBytes;
  const stop = findings.find(({ offset, code }) => code === cell.code && offset === validBytes);
  return (
    <dl className={styles.facts}>
      <Fact name="Recovered">
        {countOf(recordCount, "record")}, {countOf(liveKeyCount, "live key")}
      </Fact>
      {cell.verdict === "torn-tail" && (
        <Fact name="Moved aside">
          {formatBytes(rest)} to <code>{name}.torn-…</code>
          {unreachableCount > 0 && `, ${countOf(unreachableCount, "whole record")} among them`}
        </Fact>
      )}
      {(cell.verdict === "damaged" || cell.verdict === "not-a-wal") && (
        <Fact name="Opened">
          refused for writing; nothing is changed
          {unreachableCount > 0 && `. ${countOf(unreachableCount, "whole record")} behind the damage`}
        </Fact>
      )}
      {stop !== undefined && (
        <Fact name={`At ${formatOffset(stop.offset)}`}>
          <b>{stop.code}</b> {stop.meaning}
        </Fact>
      )}
      <Fact name="C++ engine">
        {cell.isNextKept
          ? "reads the same records, and its next write is kept"
          : "reads the same records, reports success, and its next write is lost"}
      </Fact>
      <LastKey found={found} />
      {unnoticedBits !== null && (
        <Fact name="Bits of it">
          {unnoticedBits.length === 0
            ? "all 8 are noticed"
            : unnoticedBits.length === 8
              ? "none of the 8 is noticed"
              : `${unnoticedBits.length} of 8 are not noticed: ${unnoticedBits.map(formatCount).join(", ")}`}
        </Fact>
      )}
    </dl>
  );
}

/** What the key of the last record holds now. */
function LastKey({ found }: { found: LabCase }) {
  const row = found.rows.at(-1);
  if (row === undefined || row.key === null) return null;
  return (
    <Fact name={row.name}>
      {row.after === null ? (
        "was never written"
      ) : row.after.isDeleted ? (
        <>
          deleted <span className={styles.quiet}>version {formatCount(row.after.version)}</span>
        </>
      ) : (
        <>
          <code>
            <bdi>{row.after.text}</bdi>
          </code>{" "}
          <span className={styles.quiet}>version {formatCount(row.after.version)}</span>
        </>
      )}
    </Fact>
  );
}

const PROMISE_ICONS = { ok: "ok", unnoticed: "warn", broken: "stop" } as const;

function Promises({ found }: { found: LabCase }) {
  const { tone, title, text } = promiseText(found);
  return (
    <div className={classes(styles.promise, styles[tone])} role="status">
      <Icon name={PROMISE_ICONS[tone]} size={16} />
      <div>
        <b>{title}</b>
        <span>{text}</span>
      </div>
    </div>
  );
}
