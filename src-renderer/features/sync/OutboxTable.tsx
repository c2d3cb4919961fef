/** The outbox row by row: what waits, how often it was sent, when it is sent again, and what is stuck. */
import type { OutboxRow } from "@softadastra/inspector-contract";
import { useEffect, useRef } from "react";
import { formatAge, formatCount, formatOffset, timeTooltip } from "../../lib/format.ts";
import { goToKey, useNavigation } from "../../lib/navigation.ts";
import { Button } from "../../ui/Button.tsx";
import { OperationWord, STATUS_WORDS, StatusMark } from "../../ui/Chips.tsx";
import { classes } from "../../ui/classes.ts";
import { FixedRows, type FixedRowsHandle } from "../../ui/FixedRows.tsx";
import { Cell, ColumnHead } from "../../ui/Grid.tsx";
import { Icon } from "../../ui/icons.tsx";
import { NoMatch } from "../../ui/NoMatch.tsx";
import { EmptyState } from "../../ui/Notice.tsx";
import styles from "./OutboxTable.module.css";
import { ensureRange, type OutboxFilter, outboxRow, setActive, setFilter, useSync } from "./sync-store.ts";
import { useHostNow } from "./use-host-now.ts";

const COLUMNS = [
  "Sync id",
  "Key",
  "Operation",
  "Version",
  "Status",
  "Attempts",
  "Age",
  "Next retry",
  "Record",
  "Stuck",
] as const;
const RIGHT = new Set(["Version", "Age", "Next retry"]);
/** Columns that a narrow window goes without. */
const ROOMY = new Set(["Sync id", "Version", "Record"]);

export function OutboxTable({ ackTimeoutMs }: { ackTimeoutMs: number }) {
  const { rowCount, activeIndex, filter, pages, listId, revealCount } = useSync();
  const rows = useRef<FixedRowsHandle>(null);
  useEffect(() => {
    const { activeIndex: wanted } = useSync.getState();
    if (revealCount > 0 && wanted >= 0) rows.current?.reveal(wanted);
  }, [revealCount]);
  const nowMs = useHostNow(500);
  if (rowCount === 0 && pages.size > 0) return <NoRows filter={filter} />;
  const open = (index: number) => {
    const row = outboxRow(index);
    if (row !== undefined) goToKey(row.key, row.offset);
  };
  return (
    <div className={styles.table}>
      <FixedRows
        ref={rows}
        head={
          <div className={styles.row} role="presentation">
            {COLUMNS.map((name) => (
              <ColumnHead
                key={name}
                className={classes(RIGHT.has(name) && styles.right, ROOMY.has(name) && styles.roomy)}
              >
                {name}
              </ColumnHead>
            ))}
          </div>
        }
        label="Outbox"
        role="grid"
        rowRole="row"
        columnCount={COLUMNS.length}
        rowCount={rowCount}
        contentId={listId}
        activeIndex={activeIndex}
        onActivate={setActive}
        onRange={ensureRange}
        onKey={(event) => {
          if (event.key !== "Enter") return false;
          open(activeIndex);
          return true;
        }}
        rowAttributes={(index) => ({ onDoubleClick: () => open(index) })}
        renderRow={(index) => {
          const row = outboxRow(index);
          return row === undefined ? (
            <Cell className={styles.loading}>Loading</Cell>
          ) : (
            <Row row={row} nowMs={nowMs} ackTimeoutMs={ackTimeoutMs} />
          );
        }}
      />
    </div>
  );
}

function Row({ row, nowMs, ackTimeoutMs }: { row: OutboxRow; nowMs: number; ackTimeoutMs: number }) {
  const { attempts, attemptsMax } = row;
  const isLate = row.status === "in_flight" && row.nextRetryMs !== null && nowMs >= row.nextRetryMs;
  return (
    <div className={styles.row} role="presentation">
      <Cell className={classes(styles.data, styles.quiet, styles.roomy)} title={row.syncId}>
        <bdi>{row.syncId}</bdi>
      </Cell>
      <Cell className={styles.data} title={row.name}>
        <bdi>{row.name}</bdi>
      </Cell>
      <Cell>
        <OperationWord kind={row.kind} />
      </Cell>
      <Cell className={classes(styles.data, styles.right, styles.roomy)}>{formatCount(row.version)}</Cell>
      <Cell>
        <StatusMark status={row.status} />
      </Cell>
      <Cell className={styles.attempts}>
        {attempts}/{attemptsMax}
        <Meter row={row} />
      </Cell>
      <Cell className={styles.right} title={timeTooltip(row.createdMs)}>
        {formatAge(nowMs - row.createdMs)}
      </Cell>
      <Cell className={classes(styles.right, (isLate || row.status === "failed") && styles.late)}>
        {sayNext(row, nowMs, isLate)}
      </Cell>
      <Cell className={styles.roomy}>
        {row.offset !== null && (
          <button
            type="button"
            className={styles.record}
            tabIndex={-1}
            title="Show the key"
            onClick={() => goToKey(row.key, row.offset)}
          >
            {formatOffset(row.offset)}
          </button>
        )}
      </Cell>
      <Cell>
        {row.stuck !== null && (
          <span className={styles.stuck}>
            <Icon name="warn" size={13} />
            {row.stuck === "at-maximum" ? "at maximum" : `past ${ackTimeoutMs / 1000} s timeout`}
          </span>
        )}
      </Cell>
    </div>
  );
}

/** Steps of the attempts, one box each, while they are few. */
function Meter({ row }: { row: OutboxRow }) {
  if (row.attemptsMax > 8) return null;
  const look = row.status === "failed" ? styles.full : row.status === "acknowledged" ? styles.done : styles.on;
  return (
    <span className={styles.meter} aria-hidden="true">
      {Array.from({ length: row.attemptsMax }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a step is known by its place alone.
        <i key={i} className={i < row.attempts ? look : undefined} />
      ))}
    </span>
  );
}

function sayNext(row: OutboxRow, nowMs: number, isLate: boolean): string {
  if (row.status === "failed") return "stopped";
  if (row.status === "acknowledged") return "–";
  if (row.status === "pending" || row.status === "queued") {
    return row.nextRetryMs === null || row.nextRetryMs <= nowMs ? "next tick" : formatAge(row.nextRetryMs - nowMs);
  }
  return isLate || row.nextRetryMs === null ? "overdue" : formatAge(row.nextRetryMs - nowMs);
}

function NoRows({ filter }: { filter: OutboxFilter }) {
  const search = useNavigation((state) => state.search);
  if (search !== "") {
    return (
      <NoMatch what="operation" search={search}>
        Keys, sync ids and versions were searched.
      </NoMatch>
    );
  }
  if (filter === "all")
    return (
      <EmptyState title="The outbox is empty">
        Every write adds one operation; it leaves when it is acknowledged and pruned.
      </EmptyState>
    );
  const word = filter === "open" || filter === "stuck" ? filter : STATUS_WORDS[filter].toLowerCase();
  return (
    <EmptyState title={`No operation is ${word}`} action={<Button onClick={() => setFilter("all")}>Show all</Button>} />
  );
}
