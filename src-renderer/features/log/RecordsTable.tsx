/** The records in file order, and behind the stop what no reader gets to: one row each. */
import type { LogRow, SessionState } from "@softadastra/inspector-contract";
import { type CSSProperties, type ReactNode, useEffect, useRef } from "react";
import { useShallow } from "zustand/react/shallow";
import { toggleFollowing } from "../../lib/following.ts";
import { countOf, formatClock, formatCount, formatOffset, timeTooltip } from "../../lib/format.ts";
import { useInspector } from "../../lib/inspector.ts";
import { useLayout } from "../../lib/layout.ts";
import { goToKey, useNavigation } from "../../lib/navigation.ts";
import { transferItems } from "../../lib/transfer.ts";
import { useTravel } from "../../lib/travel.ts";
import { Button } from "../../ui/Button.tsx";
import { FilterChip, OperationWord } from "../../ui/Chips.tsx";
import { classes } from "../../ui/classes.ts";
import { FixedRows, type FixedRowsHandle } from "../../ui/FixedRows.tsx";
import { Cell, ColumnHead } from "../../ui/Grid.tsx";
import { Icon, type IconName } from "../../ui/icons.tsx";
import { Menu } from "../../ui/Menu.tsx";
import { NoMatch } from "../../ui/NoMatch.tsx";
import { EmptyState, Notice } from "../../ui/Notice.tsx";
import {
  COLUMN_IDS,
  type ColumnId,
  columnFacts,
  columnTracks,
  FIXED_COLUMN,
  showAllColumns,
  shownColumns,
  toggleColumn,
  useColumns,
} from "./columns.ts";
import { activate, ensureRange, logRow, setAtEnd, setFilter, stopSearch, useLog } from "./log-store.ts";
import styles from "./RecordsTable.module.css";

const VERDICTS: Record<LogRow["kind"], { icon: IconName; word: string; tone: string | undefined }> = {
  record: { icon: "check", word: "Whole", tone: undefined },
  unreachable: { icon: "unlink", word: "Unreachable", tone: styles.unreachable },
  torn: { icon: "cut", word: "Torn", tone: styles.torn },
  damaged: { icon: "stop", word: "Damaged", tone: styles.damaged },
};

const LOOKS: Partial<Record<ColumnId, string | undefined>> = {
  number: styles.quiet,
  offset: styles.data,
  type: styles.quiet,
  status: styles.quiet,
  time: styles.time,
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
        {session.mode === "inspect" && (
          <FilterChip
            label="Follow"
            isOn={session.isFollowing}
            title="Records that other programs append appear as they come"
            onToggle={() => void toggleFollowing()}
          />
        )}
        <span className={styles.grow} />
        <FilterChip label="All" isOn={filter === "all"} onToggle={() => setFilter("all")} />
        <FilterChip
          label="Problems"
          count={problemCount}
          isOn={filter === "problems"}
          title="Only what stands behind the place where reading stops"
          onToggle={() => setFilter(filter === "problems" ? "all" : "problems")}
        />
        <ColumnsMenu />
        <Menu label="Export or import" align="end" buttonClass={styles.more} items={transferItems()}>
          <Icon name="more" size={15} />
        </Menu>
      </div>
      <Searching />
      {badSearch && (
        <Notice tone="torn" role="status">
          {badSearch}. The list is the one before.
        </Notice>
      )}
      {rowCount === 0 ? <NoRecords /> : <Rows isFollowing={session.isFollowing || session.mode !== "inspect"} />}
    </section>
  );
}

function ColumnsMenu() {
  const hidden = useColumns((state) => state.hidden);
  const isNarrow = useLayout((state) => state.isNarrow);
  const ids = COLUMN_IDS.filter((id) => id !== FIXED_COLUMN);
  return (
    <Menu
      label="Columns"
      align="end"
      buttonClass={styles.columns}
      items={[
        ...ids.map((id) => ({
          id,
          label: id === "number" ? "# (place in the file)" : columnFacts(id).name,
          isChecked: !hidden.includes(id),
          isSwitch: true,
          disabledReason: isNarrow && columnFacts(id).isRoomy ? "Shown in a wider window" : null,
          onChoose: () => toggleColumn(id),
        })),
        {
          id: "all",
          label: "Show all",
          disabledReason: hidden.length === 0 ? "All are shown" : null,
          onChoose: showAllColumns,
        },
      ]}
    >
      <span>Columns</span>
      <Icon name="down" size={12} />
    </Menu>
  );
}

/** How far a search of the records has come, and why one ended. */
function Searching() {
  const { searching, searchFailure, rowCount, problemCount } = useLog(
    useShallow(({ searching, searchFailure, rowCount, problemCount }) => ({
      searching,
      searchFailure,
      rowCount,
      problemCount,
    })),
  );
  if (searchFailure !== null) {
    return (
      <Notice tone="torn" role="status">
        The search ended early: {searchFailure}.
      </Notice>
    );
  }
  if (searching === null) return null;
  const { done, total, isStopped } = searching;
  return (
    <div className={styles.searching} role="status">
      <span>
        {countOf(rowCount - problemCount, "record")} found so far, {formatCount(done)} of {formatCount(total)} searched
        {isStopped && ", stopped"}
      </span>
      <span className={styles.grow} />
      {!isStopped && (
        <Button kind="ghost" size="small" onClick={() => void stopSearch()}>
          Stop
        </Button>
      )}
    </div>
  );
}

function summary({ recordCount, unreachableRecordCount, verdict, validBytes, indexing }: SessionState): string {
  if (indexing.phase !== "done") return `${countOf(recordCount, "record")} so far`;
  const parts = [`${formatCount(recordCount)} recovered`];
  if (unreachableRecordCount > 0) parts.push(`${formatCount(unreachableRecordCount)} unreachable`);
  if (verdict === "torn-tail" || verdict === "damaged") parts.push(`reading stops at ${formatOffset(validBytes)}`);
  return parts.join(", ");
}

function Rows({ isFollowing }: { isFollowing: boolean }) {
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
  const isNarrow = useLayout((state) => state.isNarrow);
  const shown = shownColumns(
    useColumns((state) => state.hidden),
    isNarrow,
  );
  const { tracks, minWidth } = columnTracks(shown, isNarrow);
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
    <div className={styles.table} style={{ "--columns": tracks, "--row-min-width": `${minWidth}px` } as CSSProperties}>
      <FixedRows
        ref={rows}
        label="Records"
        role="grid"
        rowRole="row"
        columnCount={shown.length}
        rowCount={rowCount}
        contentId={listId}
        activeIndex={activeIndex}
        onActivate={activate}
        onRange={ensureRange}
        sticksToEnd={isFollowing}
        onEnd={setAtEnd}
        head={
          <div className={styles.row} role="presentation">
            {shown.map((id) => (
              <ColumnHead key={id} className={classes(columnFacts(id).isRight && styles.right)}>
                {columnFacts(id).name}
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
          return row === undefined ? <Cell className={styles.loading}>Loading</Cell> : <Row row={row} shown={shown} />;
        }}
      />
      <NewRows showEnd={() => rows.current?.showEnd()} />
    </div>
  );
}

/** Says how many rows came since the end was last in sight, and leads there. */
function NewRows({ showEnd }: { showEnd: () => void }) {
  const count = useLog(({ isAtEnd, isExact, rowCount, seenCount }) => (isAtEnd || !isExact ? 0 : rowCount - seenCount));
  if (count <= 0) return null;
  return (
    <button type="button" className={styles.newRows} title="Go to the newest record" onClick={showEnd}>
      <Icon name="down" size={13} />
      {formatCount(count)} new
    </button>
  );
}

function Row({ row, shown }: { row: LogRow; shown: readonly ColumnId[] }) {
  const { icon, word, tone } = VERDICTS[row.kind];
  const isBytes = (row.kind === "torn" || row.kind === "damaged") && row.key === null;
  const content: Record<ColumnId, ReactNode> = {
    number: row.index === null ? "–" : formatCount(row.index + 1),
    offset: formatOffset(row.offset),
    length: formatCount(row.bytes),
    sequence: isBytes || row.sequence === null ? "–" : formatCount(row.sequence),
    type: isBytes ? "" : row.recordType,
    operation: isBytes ? "" : <Operation row={row} />,
    key: isBytes ? <b>{sayBytes(row)}</b> : <bdi>{row.name}</bdi>,
    value: row.valueBytes === null ? "" : formatCount(row.valueBytes),
    status: isBytes ? "" : row.status,
    time: isBytes || row.recordMs === null ? "" : formatClockMs(row.recordMs),
    verdict: (
      <span className={classes(styles.verdict, tone)}>
        <Icon name={icon} size={14} />
        {word}
      </span>
    ),
  };
  return (
    <div className={styles.row} role="presentation">
      {shown.map((id) => (
        <Cell
          key={id}
          className={classes(
            columnFacts(id).isRight && styles.right,
            id === "key" ? (row.key === null ? styles.quiet : styles.data) : LOOKS[id],
          )}
          title={
            id === "key" ? row.name : id === "time" && row.recordMs !== null ? timeTooltip(row.recordMs) : undefined
          }
        >
          {content[id]}
        </Cell>
      ))}
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
    if (!isExact) return <EmptyState title="Nothing found so far">The search goes on.</EmptyState>;
    return (
      <NoMatch what="record" search={search}>
        Every record was searched. A text is looked for in keys; value:text looks into values.
      </NoMatch>
    );
  }
  return <EmptyState title="Empty log">It is valid: the next record will stand at offset 0.</EmptyState>;
}
