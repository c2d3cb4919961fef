/** The records in file order, and behind the stop what no reader gets to: one row each. */
import type { LogRow, SessionState } from "@softadastra/inspector-contract";
import { useEffect, useRef } from "react";
import { useShallow } from "zustand/react/shallow";
import { countOf, formatClock, formatCount, formatOffset, timeTooltip } from "../../lib/format.ts";
import { useInspector } from "../../lib/inspector.ts";
import { goToKey, useNavigation } from "../../lib/navigation.ts";
import { useTravel } from "../../lib/travel.ts";
import { Button } from "../../ui/Button.tsx";
import { FilterChip, OperationWord } from "../../ui/Chips.tsx";
import { classes } from "../../ui/classes.ts";
import { FixedRows, type FixedRowsHandle } from "../../ui/FixedRows.tsx";
import { Cell, ColumnHead } from "../../ui/Grid.tsx";
import { Icon, type IconName } from "../../ui/icons.tsx";
import { NoMatch } from "../../ui/NoMatch.tsx";
import { EmptyState, Notice } from "../../ui/Notice.tsx";
import { activate, ensureRange, logRow, setFilter, useLog } from "./log-store.ts";
import styles from "./RecordsTable.module.css";

const COLUMNS = [
  "#",
  "Offset",
  "Length",
  "Sequence",
  "Type",
  "Operation",
  "Key",
  "Value",
  "Status",
  "Record time",
  "Verdict",
] as const;
const RIGHT = new Set<string>(["#", "Length", "Sequence", "Value"]);
/** Columns that a narrow window goes without. */
const ROOMY = new Set<string>(["Type", "Value", "Status"]);

const VERDICTS: Record<LogRow["kind"], { icon: IconName; word: string; tone: string | undefined }> = {
  record: { icon: "check", word: "Whole", tone: undefined },
  unreachable: { icon: "unlink", word: "Unreachable", tone: styles.unreachable },
  torn: { icon: "cut", word: "Torn", tone: styles.torn },
  damaged: { icon: "stop", word: "Damaged", tone: styles.damaged },
};

export function RecordsTable() {
  const session = useInspector((state) => state.session);
  const { filter, problemCount, badSearch, rowCount } = useLog(
    useShallow(({ filter, problemCount, badSearch, rowCount }) => ({ filter, problemCount, badSearch, rowCount })),
  );
  if (session === null) return null;
  return (
    <section className={styles.pane} aria-label="Records">
      <div className={styles.head}>
        <h2>Records</h2>
        <span className={styles.summary}>{summary(session)}</span>
        <span className={styles.grow} />
        <FilterChip label="All" isOn={filter === "all"} onToggle={() => setFilter("all")} />
        <FilterChip
          label="Problems"
          count={problemCount}
          isOn={filter === "problems"}
          title="Only what stands behind the place where reading stops"
          onToggle={() => setFilter(filter === "problems" ? "all" : "problems")}
        />
      </div>
      {badSearch && (
        <Notice tone="torn" role="status">
          {badSearch}. The list is the one before.
        </Notice>
      )}
      {rowCount === 0 ? <NoRecords /> : <Rows />}
    </section>
  );
}

function summary({ recordCount, unreachableRecordCount, verdict, validBytes, indexing }: SessionState): string {
  if (indexing.phase !== "done") return `${countOf(recordCount, "record")} so far`;
  const parts = [`${formatCount(recordCount)} recovered`];
  if (unreachableRecordCount > 0) parts.push(`${formatCount(unreachableRecordCount)} unreachable`);
  if (verdict === "torn-tail" || verdict === "damaged") parts.push(`reading stops at ${formatOffset(validBytes)}`);
  return parts.join(", ");
}

function Rows() {
  // Drawn again when pages come, and not when the pointer moves over the bytes.
  const { rowCount, listId, activeIndex, revealCount } = useLog(
    useShallow(({ rowCount, listId, activeIndex, revealCount, pages }) => ({
      rowCount,
      listId,
      activeIndex,
      revealCount,
      pages,
    })),
  );
  const now = useTravel((state) => state.moment?.offset ?? Number.POSITIVE_INFINITY);
  const rows = useRef<FixedRowsHandle>(null);
  useEffect(() => {
    const { activeIndex: wanted } = useLog.getState();
    if (revealCount > 0 && wanted >= 0) rows.current?.reveal(wanted);
  }, [revealCount]);
  const open = (index: number) => {
    const row = logRow(index);
    if (row?.kind === "record" && row.key !== null) goToKey(row.key, row.offset);
  };
  return (
    <div className={styles.table}>
      <FixedRows
        ref={rows}
        label="Records"
        role="grid"
        rowRole="row"
        columnCount={COLUMNS.length}
        rowCount={rowCount}
        contentId={listId}
        activeIndex={activeIndex}
        onActivate={activate}
        onRange={ensureRange}
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
        onKey={(event) => {
          if (event.key !== "Enter") return false;
          open(activeIndex);
          return true;
        }}
        rowAttributes={(index) => {
          const row = logRow(index);
          return {
            onDoubleClick: () => open(index),
            className: classes(
              row && row.kind !== "record" && styles[row.kind],
              row && row.offset > now && styles.later,
              row?.offset === now && styles.now,
            ),
            ...(row?.offset === now ? { "aria-current": "time" as const } : {}),
          };
        }}
        renderRow={(index) => {
          const row = logRow(index);
          return row === undefined ? <Cell className={styles.loading}>Loading</Cell> : <Row row={row} />;
        }}
      />
    </div>
  );
}

function Row({ row }: { row: LogRow }) {
  const { icon, word, tone } = VERDICTS[row.kind];
  const number = (n: number | null) => (n === null ? "–" : formatCount(n));
  const isBytes = (row.kind === "torn" || row.kind === "damaged") && row.key === null;
  return (
    <div className={styles.row} role="presentation">
      <Cell className={classes(styles.right, styles.quiet)}>
        {row.index === null ? "–" : formatCount(row.index + 1)}
      </Cell>
      <Cell className={styles.data}>{formatOffset(row.offset)}</Cell>
      <Cell className={styles.right}>{formatCount(row.bytes)}</Cell>
      <Cell className={styles.right}>{isBytes ? "–" : number(row.sequence)}</Cell>
      <Cell className={classes(styles.quiet, styles.roomy)}>{isBytes ? "" : row.recordType}</Cell>
      <Cell>{isBytes ? "" : <Operation row={row} />}</Cell>
      <Cell className={classes(row.key === null ? styles.quiet : styles.data)} title={row.name}>
        {isBytes ? <b>{sayBytes(row)}</b> : <bdi>{row.name}</bdi>}
      </Cell>
      <Cell className={classes(styles.right, styles.roomy)}>
        {row.valueBytes === null ? "" : formatCount(row.valueBytes)}
      </Cell>
      <Cell className={classes(styles.quiet, styles.roomy)}>{isBytes ? "" : row.status}</Cell>
      <Cell className={styles.time} title={row.recordMs === null ? undefined : timeTooltip(row.recordMs)}>
        {isBytes || row.recordMs === null ? "" : formatClockMs(row.recordMs)}
      </Cell>
      <Cell>
        <span className={classes(styles.verdict, tone)}>
          <Icon name={icon} size={14} />
          {word}
        </span>
      </Cell>
    </div>
  );
}

function Operation({ row }: { row: LogRow }) {
  if (row.operation === "put" || row.operation === "delete") return <OperationWord kind={row.operation} />;
  return <span className={styles.quiet}>{row.operation === "other" ? "" : row.operation}</span>;
}

function sayBytes({ kind, bytes }: LogRow): string {
  return kind === "torn"
    ? `Torn record: ${countOf(bytes, "byte")} are left of it`
    : `${countOf(bytes, "byte")} that are no record`;
}

function formatClockMs(ms: number): string {
  return `${formatClock(ms)}.${String(new Date(ms).getMilliseconds()).padStart(3, "0")}`;
}

function NoRecords() {
  const { filter, isExact, generation } = useLog(
    useShallow(({ filter, isExact, generation }) => ({ filter, isExact, generation })),
  );
  const search = useNavigation((state) => state.search);
  if (generation === 0) return null;
  if (filter === "problems") {
    return (
      <EmptyState
        title="Nothing behind the last record"
        action={<Button onClick={() => setFilter("all")}>Show all records</Button>}
      >
        {isExact ? "The file ends with a whole record." : "As far as the file is read."}
      </EmptyState>
    );
  }
  if (search !== "") {
    return (
      <NoMatch what="record" search={search}>
        Keys, sizes and sequences were searched.
      </NoMatch>
    );
  }
  return <EmptyState title="Empty log">It is valid: the next record will stand at offset 0.</EmptyState>;
}
