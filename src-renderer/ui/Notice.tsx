/** A line across a pane that says what is so: information, a warning, an error, or how far long work has come. */
import type { ReactNode } from "react";
import { classes } from "./classes.ts";
import { Icon, type IconName } from "./icons.tsx";
import styles from "./Notice.module.css";

export type NoticeTone = "info" | "torn" | "damaged" | "accent";
const ICONS: Record<NoticeTone, IconName> = { info: "info", torn: "warn", damaged: "stop", accent: "clock" };

export function Notice(props: {
  tone: NoticeTone;
  children: ReactNode;
  actions?: ReactNode;
  role?: "alert" | "status";
}) {
  return (
    <div className={classes(styles.notice, styles[props.tone])} role={props.role}>
      <Icon name={ICONS[props.tone]} size={15} />
      <div className={styles.words}>{props.children}</div>
      {props.actions}
    </div>
  );
}

export function ProgressBar({ done, total, label }: { done: number; total: number; label: string }) {
  return <progress className={styles.progress} value={total === 0 ? 0 : done / total} max={1} aria-label={label} />;
}

/** What is true, why, and one action: for a pane with nothing to show. */
export function EmptyState({
  title,
  children,
  action,
}: {
  title: ReactNode;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className={styles.empty}>
      <b>{title}</b>
      {children && <p>{children}</p>}
      {action}
    </div>
  );
}
