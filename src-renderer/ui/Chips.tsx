/** Small marks: filters that can be switched, verdicts, operations, statuses. Each says what it is in a word. */
import type { SyncStatus, Verdict } from "@softadastra/inspector-contract";
import type { ReactNode } from "react";
import { formatCount } from "../lib/format.ts";
import styles from "./Chips.module.css";
import { classes } from "./classes.ts";
import { Icon, type IconName } from "./icons.tsx";

export function FilterChip(props: {
  label: string;
  count?: number | undefined;
  isOn: boolean;
  onToggle: () => void;
  title?: string;
}) {
  return (
    <button
      type="button"
      className={classes(styles.filter, props.isOn && styles.on)}
      aria-pressed={props.isOn}
      title={props.title}
      onClick={props.onToggle}
    >
      {props.label}
      {props.count !== undefined && <b>{formatCount(props.count)}</b>}
    </button>
  );
}

const VERDICTS: Record<Verdict, { icon: IconName; word: string; tone: string | undefined }> = {
  clean: { icon: "ok", word: "Clean", tone: styles.ok },
  "torn-tail": { icon: "cut", word: "Torn tail", tone: styles.torn },
  damaged: { icon: "stop", word: "Damaged", tone: styles.damaged },
  "not-a-wal": { icon: "info", word: "Not a log", tone: styles.quiet },
};

export function VerdictMark({ verdict }: { verdict: Verdict }) {
  const { icon, word, tone } = VERDICTS[verdict];
  return (
    <span className={classes(styles.verdict, tone)}>
      <Icon name={icon} size={14} />
      {word}
    </span>
  );
}

export function OperationWord({ kind }: { kind: "put" | "delete" | "draft" }) {
  return <span className={classes(styles.operation, styles[kind])}>{kind}</span>;
}

export const STATUS_WORDS: Record<SyncStatus, string> = {
  pending: "Pending",
  queued: "Queued",
  in_flight: "In flight",
  acknowledged: "Acknowledged",
  failed: "Failed",
};

export function StatusDot({ status }: { status: SyncStatus }) {
  return <i className={classes(styles.dot, styles[`dot_${status}`])} aria-hidden="true" />;
}

export function StatusMark({ status }: { status: SyncStatus }) {
  return (
    <span className={classes(styles.status, styles[`status_${status}`])}>
      <StatusDot status={status} />
      {STATUS_WORDS[status]}
    </span>
  );
}

export function StatusChip({ status }: { status: SyncStatus }) {
  return <span className={classes(styles.chip, styles[`chip_${status}`])}>{STATUS_WORDS[status]}</span>;
}

export function DirtyDot({ label }: { label?: string }) {
  return label ? (
    <i className={styles.dirty} role="img" aria-label={label} title={label} />
  ) : (
    <i className={styles.dirty} aria-hidden="true" />
  );
}

export function DirtyChip({ children }: { children: ReactNode }) {
  return (
    <span className={classes(styles.chip, styles.chipDirty)}>
      <DirtyDot />
      {children}
    </span>
  );
}
