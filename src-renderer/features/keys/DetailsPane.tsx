/** The right pane of Keys: facts about a key, its delivery, and its history with every version in the log. */
import type { ReactNode } from "react";
import {
  formatAge,
  formatBytes,
  formatCount,
  formatOffset,
  formatTime,
  formatZone,
  timeTooltip,
} from "../../lib/format.ts";
import { useInspector } from "../../lib/inspector.ts";
import { useLayout } from "../../lib/layout.ts";
import { useTravel } from "../../lib/travel.ts";
import { useNow } from "../../lib/use-now.ts";
import { IconButton } from "../../ui/Button.tsx";
import { StatusChip } from "../../ui/Chips.tsx";
import styles from "./DetailsPane.module.css";
import { HistoryList } from "./HistoryList.tsx";
import { type DescribedKey, useValue } from "./value-store.ts";

export function DetailsPane() {
  const described = useValue((state) => state.described);
  const { isNarrow, toggleDetails } = useLayout();
  return (
    <section className={styles.pane} aria-label="Details">
      <div className={styles.head}>
        <h2>Details</h2>
        <span className={styles.grow} />
        {isNarrow && <IconButton icon="close" label="Close details" shortcut="Mod+I" onClick={toggleDetails} />}
      </div>
      {described === null ? (
        <p className={styles.none}>Size, version, times and history of the selected key.</p>
      ) : (
        <Facts described={described} />
      )}
    </section>
  );
}

function Facts({ described }: { described: DescribedKey }) {
  const { origin, isOwnOrigin } = described;
  const place = useValue((state) => state.place);
  const shown = place?.version ?? described.current;
  const isNone = described.isUnwritten && place === null;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a pane that scrolls must be reachable by the keyboard.
    <section className={styles.scroll} tabIndex={0} aria-label="Facts, delivery and history">
      <dl className={styles.facts}>
        <Fact name="Size">
          {isNone ? "none: not written yet" : shown.kind === "delete" ? "none: deleted" : formatBytes(shown.valueBytes)}
        </Fact>
        <Fact name={isNone ? "First version" : "Version"}>
          <code>{formatCount(shown.sequence)}</code> at{" "}
          <code className={styles.offset}>{formatOffset(shown.offset)}</code>
        </Fact>
        <Fact name="Written" title={timeTooltip(shown.recordMs)}>
          {formatTime(shown.recordMs)} <span className={styles.quiet}>{formatZone(shown.recordMs)}</span>
        </Fact>
        <Fact name="Operation" title={timeTooltip(shown.operationMs)}>
          {formatTime(shown.operationMs)}
        </Fact>
        <Fact name="Origin">
          {origin} {isOwnOrigin && <span className={styles.quiet}>this node</span>}
        </Fact>
      </dl>
      <Delivery described={described} />
      <HistoryList described={described} />
    </section>
  );
}

function Fact({ name, title, children }: { name: string; title?: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd title={title}>{children}</dd>
    </>
  );
}

function Delivery({ described }: { described: DescribedKey }) {
  const mode = useInspector((state) => state.session?.mode);
  const isTravelling = useTravel((state) => state.moment !== null);
  const { delivery } = described;
  const nowMs = useNow(delivery?.status === "in_flight" ? 500 : null);
  // Delivery is as it is now: it says nothing about an earlier moment.
  if (mode === "inspect" || isTravelling) return null;
  return (
    <>
      <h3 className={styles.section}>Delivery</h3>
      {delivery === null ? (
        <p className={styles.quiet}>Not in the outbox: acknowledged by a peer, or given up.</p>
      ) : (
        <p className={styles.delivery}>
          <StatusChip status={delivery.status} />
          <span>{sayDelivery(delivery, nowMs)}</span>
        </p>
      )}
    </>
  );
}

function sayDelivery(delivery: NonNullable<DescribedKey["delivery"]>, nowMs: number): string {
  const { status, attempts, attemptsMax, nextRetryMs } = delivery;
  if (status === "pending") return "recovered from the log, queued by the next tick";
  if (status === "queued")
    return attempts === 0 ? "sent by the next tick" : `attempt ${attempts + 1} of ${attemptsMax} by the next tick`;
  if (status === "failed") return `no answer after ${attempts} attempts; the value is safe`;
  if (status === "acknowledged") return "delivered";
  const left = (nextRetryMs ?? 0) - nowMs;
  return `attempt ${attempts} of ${attemptsMax}, ${left > 0 ? `times out in ${formatAge(left)}` : "timed out, retried by the next tick"}`;
}
