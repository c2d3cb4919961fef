/** The right pane of Keys: facts about a key, its delivery, and its history with every version in the log. */
import { type KeyVersion, limits } from "@softadastra/inspector-contract";
import type { ReactNode } from "react";
import {
  countOf,
  formatAge,
  formatBytes,
  formatCount,
  formatDelta,
  formatOffset,
  formatTime,
  formatWhen,
  formatZone,
  timeTooltip,
} from "../../lib/format.ts";
import { useInspector } from "../../lib/inspector.ts";
import { useLayout } from "../../lib/layout.ts";
import { travelTo, useEditObstacle, useTravel } from "../../lib/travel.ts";
import { useNow } from "../../lib/use-now.ts";
import { Button, IconButton } from "../../ui/Button.tsx";
import { OperationWord, StatusChip } from "../../ui/Chips.tsx";
import { classes } from "../../ui/classes.ts";
import styles from "./DetailsPane.module.css";
import { useDrafts } from "./drafts.ts";
import { restoreVersion } from "./key-actions.ts";
import { type DescribedKey, showVersion, useValue } from "./value-store.ts";

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
  const versionOffset = useValue((state) => state.versionOffset);
  const chosen = described.history.find((version) => version.offset === versionOffset);
  const shown = chosen ?? described.current;
  const isNone = described.isUnwritten && chosen === undefined;
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
      <History described={described} />
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

function History({ described }: { described: DescribedKey }) {
  const { key, versionOffset } = useValue();
  const hasDraft = useDrafts((state) => state.draftsByKey.get(key ?? ""));
  const obstacle = useEditObstacle();
  const nowMs = useNow(60_000);
  const { history, versionCount, laterCount, isUnwritten } = described;
  // The key as of the moment: what stands above it was written later.
  const current = isUnwritten ? null : described.current.offset;
  const shown = versionOffset ?? current;
  const listed = history.length;
  const isFromNewest = laterCount <= limits.HISTORY_LATER_MAX;
  const chosen = history.find((version) => version.offset === versionOffset);
  return (
    <>
      <h3 className={styles.section}>
        History{" "}
        <span>
          {countOf(versionCount, "version")}
          {laterCount > 0 && `, ${formatCount(laterCount)} later`}
        </span>
      </h3>
      <ul className={styles.history}>
        {hasDraft !== undefined && (
          <li className={styles.version}>
            <OperationWord kind="draft" />
            <span />
            <span className={styles.quiet}>not saved</span>
            <span className={styles.delta}>{formatDelta(hasDraft.bytes.length - hasDraft.baseBytes.length)}</span>
          </li>
        )}
        {history.map((version, i) => (
          <li key={version.offset}>
            <VersionRow
              version={version}
              before={history[i + 1]}
              isShown={version.offset === shown}
              isCurrent={version.offset === current}
              isLater={current === null || version.offset > current}
              nowMs={nowMs}
            />
          </li>
        ))}
      </ul>
      {versionCount > listed && (
        <p className={styles.quiet}>
          {isFromNewest
            ? `The newest ${formatCount(listed)} are listed.`
            : `${formatCount(listed)} around this moment are listed.`}
        </p>
      )}
      {chosen?.kind === "put" && (
        <div className={styles.actions}>
          <Button
            size="small"
            icon="undo"
            disabled={obstacle !== null}
            title={obstacle ?? "Writes this value as a new put"}
            onClick={() => void restoreVersion(chosen.offset)}
          >
            Restore this version
          </Button>
          <Button
            size="small"
            icon="clock"
            title="Shows every key as it stood when this record was the last one"
            onClick={() => void travelTo({ offset: chosen.offset })}
          >
            State as of here
          </Button>
        </div>
      )}
    </>
  );
}

function VersionRow(props: {
  version: KeyVersion;
  before: KeyVersion | undefined;
  isShown: boolean;
  /** What the key holds at the moment that is shown. */
  isCurrent: boolean;
  isLater: boolean;
  nowMs: number;
}) {
  const { version, before, isShown, isCurrent, isLater, nowMs } = props;
  const isDelete = version.kind === "delete";
  return (
    <button
      type="button"
      className={classes(styles.version, isShown && styles.shown, isLater && styles.later)}
      aria-pressed={isShown}
      title={`Record at ${formatOffset(version.offset)}${isLater ? ", later than the state that is shown" : ""}\n${timeTooltip(version.recordMs)}`}
      onClick={() => showVersion(isCurrent ? null : version.offset)}
    >
      <OperationWord kind={version.kind} />
      <code>#{formatCount(version.sequence)}</code>
      <span className={styles.quiet}>{formatWhen(version.recordMs, nowMs)}</span>
      <span className={styles.delta}>
        {isDelete ? "" : formatDelta(version.valueBytes - (before?.valueBytes ?? 0))}
      </span>
    </button>
  );
}
