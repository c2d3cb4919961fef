/** Sync: the pipeline's counters, the outbox, ticks by hand or by the clock, and what each tick did. */
import type { SyncState, SyncStatus } from "@softadastra/inspector-contract";
import type { ReactNode } from "react";
import { copyText } from "../../lib/clipboard.ts";
import { countOf, formatAge, formatAgo, formatCount } from "../../lib/format.ts";
import { useInspector } from "../../lib/inspector.ts";
import { Button } from "../../ui/Button.tsx";
import { FilterChip, STATUS_WORDS, StatusDot } from "../../ui/Chips.tsx";
import { classes } from "../../ui/classes.ts";
import { Icon } from "../../ui/icons.tsx";
import { EmptyState } from "../../ui/Notice.tsx";
import { OutboxTable } from "./OutboxTable.tsx";
import styles from "./SyncView.module.css";
import {
  type OutboxFilter,
  retryFailed,
  sayTick,
  setFilter,
  setIntervalMs,
  tick,
  toggleRun,
  useSync,
} from "./sync-store.ts";
import { TickChart } from "./TickChart.tsx";
import { useHostNow } from "./use-host-now.ts";

export function SyncView() {
  const { state } = useSync();
  if (state === null) return null;
  return (
    <div className={styles.view}>
      <div className={styles.main}>
        <TickBar state={state} />
        <Pipeline state={state} />
        <Persisted state={state} />
        <Outbox state={state} />
      </div>
      <aside className={styles.side} aria-label="Ticks and peers">
        <TickChart ticks={state.ticks} openNow={state.outboxSize - state.acknowledgedCount} />
        <Peers />
        <TickLog state={state} />
      </aside>
    </div>
  );
}

function TickBar({ state }: { state: SyncState }) {
  const intervalMs = useSync((slice) => slice.intervalMs);
  const isReadOnly = useInspector((inspector) => inspector.session?.mode === "inspect");
  const nowMs = useHostNow(1_000);
  const last = state.ticks.at(-1);
  const isRunning = state.runningEveryMs !== null;
  const reason = isReadOnly ? "The file is open read-only: choose Edit, then work on a copy" : undefined;
  return (
    <div className={styles.bar}>
      <Button
        kind="primary"
        icon="step"
        shortcut="F10"
        disabled={isReadOnly}
        title={reason}
        onClick={() => void tick(false)}
      >
        Tick
      </Button>
      <Button
        disabled={isReadOnly}
        title={reason ?? "Also takes acknowledged operations out of the outbox"}
        onClick={() => void tick(true)}
      >
        Tick and prune
      </Button>
      <span className={styles.line} />
      <Button
        icon={isRunning ? "pause" : "play"}
        shortcut="F5"
        disabled={isReadOnly}
        title={reason}
        onClick={() => void toggleRun()}
      >
        {isRunning ? "Pause" : "Run"}
      </Button>
      <label className={styles.interval}>
        every
        <input
          type="number"
          min={100}
          max={3_600_000}
          step={100}
          value={intervalMs}
          disabled={isReadOnly || isRunning}
          aria-label="Interval in milliseconds"
          onChange={(event) =>
            setIntervalMs(Math.max(100, Math.min(3_600_000, Math.round(event.target.valueAsNumber || 100))))
          }
        />
        ms
      </label>
      <span className={styles.line} />
      <Button disabled={isReadOnly || state.failedCount === 0} title={reason} onClick={() => void retryFailed()}>
        Retry failed
      </Button>
      <span className={styles.grow} />
      <span className={styles.lastTick}>
        {isReadOnly
          ? "Read-only: work on a copy to tick"
          : last === undefined
            ? "No tick yet"
            : `Tick ${formatCount(last.number)}, ${formatAgo(nowMs - last.atMs)}: ${sayTick(last)}`}
      </span>
    </div>
  );
}

function Pipeline({ state }: { state: SyncState }) {
  const nowMs = useHostNow(1_000);
  const stage = (status: SyncStatus, count: number, note: ReactNode) => (
    <Stage status={status} count={count} note={note} />
  );
  const arrow = <Icon name="right" size={14} className={styles.arrow} />;
  return (
    <fieldset className={styles.pipeline}>
      <legend className="visually-hidden">Pipeline</legend>
      {stage("pending", state.pendingCount, "recovered, not queued")}
      {arrow}
      {stage(
        "queued",
        state.queuedCount,
        state.oldestQueuedMs === null ? "waits for a tick" : `oldest ${formatAge(nowMs - state.oldestQueuedMs)}`,
      )}
      {arrow}
      {stage(
        "in_flight",
        state.inFlightCount,
        state.stuckInFlightCount > 0 ? (
          <>
            <em className={styles.stuck}>{formatCount(state.stuckInFlightCount)} stuck</em> past{" "}
            {state.ackTimeoutMs / 1000} s
          </>
        ) : (
          `times out after ${state.ackTimeoutMs / 1000} s`
        ),
      )}
      {arrow}
      {stage("acknowledged", state.acknowledgedCount, "by a peer, not pruned")}
      <span />
      {stage("failed", state.failedCount, `after ${state.attemptsMax} attempts`)}
    </fieldset>
  );
}

function Stage({ status, count, note }: { status: SyncStatus; count: number; note: ReactNode }) {
  const isOn = useSync((slice) => slice.filter === status);
  return (
    <button
      type="button"
      className={classes(styles.stage, isOn && styles.stageOn)}
      aria-pressed={isOn}
      title={`Show ${STATUS_WORDS[status].toLowerCase()} operations`}
      onClick={() => setFilter(isOn ? "all" : status)}
    >
      <span className={styles.stageName}>
        <StatusDot status={status} />
        {STATUS_WORDS[status]}
      </span>
      <b>{formatCount(count)}</b>
      <span className={styles.stageNote}>{note}</span>
    </button>
  );
}

/** The distinction that matters most here, in a sentence. */
function Persisted({ state }: { state: SyncState }) {
  const open = state.outboxSize - state.acknowledgedCount;
  return (
    <p className={styles.persisted}>
      <Icon name="info" size={14} />
      <span>
        {open === 0
          ? "No operation waits for delivery."
          : `${open === 1 ? "The one open operation is" : `All ${formatCount(open)} open operations are`} persisted in this log.`}{" "}
        Persisted is not synced: a peer has an operation only once that peer acknowledges it.
      </span>
    </p>
  );
}

function Outbox({ state }: { state: SyncState }) {
  const { filter } = useSync();
  const open = state.outboxSize - state.acknowledgedCount;
  const chips: readonly [OutboxFilter, string, number][] = [
    ["all", "All", state.outboxSize],
    ["open", "Open", open],
    ["stuck", "Stuck", state.stuckCount],
  ];
  return (
    <section className={styles.outbox} aria-label="Outbox">
      <div className={styles.head}>
        <h2>Outbox</h2>
        {chips.map(([value, label, count]) => (
          <FilterChip
            key={value}
            label={label}
            count={count}
            isOn={filter === value}
            onToggle={() => setFilter(value)}
          />
        ))}
        <span className={styles.grow} />
        <span className={styles.hint}>
          {state.acknowledgedCount > 0 ? "acknowledged operations are pruned on request" : ""}
        </span>
      </div>
      <OutboxTable ackTimeoutMs={state.ackTimeoutMs} />
    </section>
  );
}

function Peers() {
  return (
    <section className={styles.card} aria-label="Peers">
      <h2>Peers</h2>
      <p className={styles.quiet}>
        No peer is connected. A tick puts operations in flight; without a peer nobody acknowledges them, so they time
        out, are retried, and count as failed in the end. The values stay in the store.
      </p>
    </section>
  );
}

function TickLog({ state }: { state: SyncState }) {
  const nowMs = useHostNow(1_000);
  const ticks = [...state.ticks].reverse();
  const copy = () =>
    copyText(
      ticks
        .map(
          (report) =>
            `${report.number}\t${new Date(report.atMs).toISOString()}\t${sayTick(report)}\topen ${report.openCount}`,
        )
        .join("\n"),
    );
  return (
    <section className={classes(styles.card, styles.log)} aria-label="Tick log">
      <div className={styles.cardHead}>
        <h2>Tick log</h2>
        <Button kind="ghost" size="small" disabled={ticks.length === 0} onClick={copy}>
          Copy
        </Button>
      </div>
      {ticks.length === 0 ? (
        <EmptyState title="No tick yet">
          Each tick retries what timed out, then puts the next batch of {countOf(state.batchSize, "operation")} in
          flight.
        </EmptyState>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls must be reachable by the keyboard.
        <ol className={styles.ticks} tabIndex={0} aria-label="Ticks, newest first">
          {ticks.map((report) => (
            <li key={report.number} className={styles.tick}>
              <code>{formatCount(report.number)}</code>
              <span>
                {sayTick(report)}
                {report.failedCount > 0 && (
                  <em className={styles.failed}>{countOf(report.failedCount, "operation")} failed</em>
                )}
              </span>
              <span className={styles.when}>{formatAgo(nowMs - report.atMs)}</span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
