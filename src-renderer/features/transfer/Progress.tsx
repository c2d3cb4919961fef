/** How far an export or import is: exact rows and bytes, and how many rows a second. */
import { formatBytes, formatCount } from "../../lib/format.ts";
import { useInspector } from "../../lib/inspector.ts";
import { useNow } from "../../lib/use-now.ts";
import { ProgressBar } from "../../ui/Notice.tsx";
import styles from "./Transfer.module.css";

/** A rate over less than this says nothing. */
const RATE_AFTER_MS = 1_000;

export function Progress({ label, startedMs }: { label: string; startedMs: number }) {
  const task = useInspector((state) => state.progress);
  const nowMs = useNow(500);
  const rows = task?.rows ?? null;
  const elapsedMs = nowMs - startedMs;
  const rate = rows !== null && elapsedMs > RATE_AFTER_MS ? Math.round(rows.done / (elapsedMs / 1000)) : null;
  return (
    <div className={styles.progress} role="status">
      <ProgressBar done={task?.doneBytes ?? 0} total={task?.totalBytes ?? 0} label={label} />
      <p>
        {rows === null
          ? `${formatCount(task?.doneBytes ?? 0)} of ${formatBytes(task?.totalBytes ?? 0)} read`
          : `${formatCount(rows.done)}${rows.total === null ? "" : ` of ${formatCount(rows.total)}`} rows`}
        {rows !== null && rows.writtenBytes > 0 && `, ${formatBytes(rows.writtenBytes)} written`}
        {rate !== null && rate > 0 && `, ${formatCount(rate)} a second`}
      </p>
    </div>
  );
}
