/** What each policy gives: totals first, then a row for each key they do not agree on. */
import type {
  PolicyCell,
  PolicyComparison,
  PolicyFilter,
  PolicyRow,
  PolicyTotals,
} from "@softadastra/inspector-contract";
import type { CSSProperties, ReactNode } from "react";
import { useShallow } from "zustand/react/shallow";
import { countOf, formatBytes, formatCount, formatOffset } from "../../lib/format.ts";
import { goToRecord } from "../../lib/navigation.ts";
import { FilterChip } from "../../ui/Chips.tsx";
import { classes } from "../../ui/classes.ts";
import { FixedRows } from "../../ui/FixedRows.tsx";
import { Cell } from "../../ui/Grid.tsx";
import { Icon } from "../../ui/icons.tsx";
import styles from "./PoliciesTable.module.css";
import {
  ensureRows,
  countOf as keysOf,
  policyRow,
  setActiveRow,
  setPolicyFilter,
  usePolicies,
} from "./policies-store.ts";

const FILTERS: readonly { filter: PolicyFilter; label: string; title: string }[] = [
  { filter: "all", label: "Differences", title: "Every key that the policies do not agree on" },
  { filter: "gained", label: "Gained", title: "Keys that only the records behind the stop have" },
  { filter: "other", label: "Other value", title: "Keys with a newer value behind the stop" },
  { filter: "comes-back", label: "Comes back", title: "Keys deleted in one view and there in another" },
];

export function PoliciesTable() {
  const comparison = usePolicies((state) => state.comparison);
  const filter = usePolicies((state) => state.filter);
  if (comparison === null) return null;
  const { engine, skipDamaged, isExact, allCount } = comparison;
  const hasRescued = (skipDamaged?.recordCount ?? 0) > (engine?.recordCount ?? 0);
  const soFar = isExact ? "" : " so far";
  const summary = `${countOf(allCount, "key")} differ${allCount === 1 ? "s" : ""}${soFar}`;
  return (
    <section className={styles.section} aria-label="What each policy gives">
      <div className={styles.head}>
        <h2>What each policy gives</h2>
        <span className={styles.quiet}>
          {allCount > 0 ? summary : isExact ? "no key differs" : "compared at the end of reading"}
        </span>
        <span className={styles.grow} />
        {allCount > 0 &&
          FILTERS.map(({ filter: name, label, title }) => (
            <FilterChip
              key={name}
              label={label}
              title={title}
              count={keysOf(comparison, name)}
              isOn={filter === name}
              onToggle={() => setPolicyFilter(name)}
            />
          ))}
      </div>
      {engine !== null && <Totals comparison={comparison} />}
      {allCount > 0 ? (
        <Rows />
      ) : (
        isExact && (
          <p className={styles.none}>
            {engine?.nextWriteSurvives
              ? "The log is clean: every policy gives the same."
              : hasRescued
                ? "Whole records stand behind the stop; they change the value of no key."
                : "No whole record stands behind the stop."}
          </p>
        )
      )}
    </section>
  );
}

const COLUMNS = [
  { of: "engine", name: "C++ engine", note: "stops at the first bad record" },
  { of: "validPrefix", name: "Valid prefix", note: "keeps what the engine sees" },
  { of: "skipDamaged", name: "Skip damaged", note: "keeps every whole record" },
] as const;

function Totals({ comparison }: { comparison: PolicyComparison }) {
  const { engine } = comparison;
  const rescued = (comparison.skipDamaged?.recordCount ?? 0) - (engine?.recordCount ?? 0);
  const row = (name: string, show: (totals: PolicyTotals, column: string) => ReactNode) => (
    <tr>
      <th scope="row">{name}</th>
      {COLUMNS.map(({ of }) => {
        const totals = comparison[of];
        return <td key={of}>{totals === null ? "–" : show(totals, of)}</td>;
      })}
    </tr>
  );
  return (
    <table className={styles.totals}>
      <thead>
        <tr>
          <td />
          {COLUMNS.map(({ of, name, note }) => (
            <th key={of} scope="col">
              {name}
              <small>{note}</small>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {row("Records kept", ({ recordCount }, of) => (
          <>
            <b>{formatCount(recordCount)}</b>
            {of === "skipDamaged" && rescued > 0 && <small>{formatCount(rescued)} rescued</small>}
          </>
        ))}
        {row("Live keys", ({ liveKeyCount }) => (
          <b>{formatCount(liveKeyCount)}</b>
        ))}
        {row("Bytes kept", ({ keptBytes, leftOutBytes }) => (
          <>
            <b>{formatCount(keptBytes)}</b>
            {leftOutBytes > 0 && <small>{formatCount(leftOutBytes)} left out</small>}
          </>
        ))}
        {row("Next write survives", ({ nextWriteSurvives }) => (
          <span className={nextWriteSurvives ? styles.yes : styles.no}>
            <Icon name={nextWriteSurvives ? "check" : "close"} size={14} />
            {nextWriteSurvives ? "Yes" : "No"}
          </span>
        ))}
      </tbody>
    </table>
  );
}

/** Rows that are shown without scrolling within the table. */
const ROWS_IN_SIGHT_MAX = 18;

/** Where a row leads: the newest record it is about. */
function offsetOf(row: PolicyRow | undefined): number | null {
  return row === undefined ? null : (row.skipDamaged?.offset ?? row.engine?.offset ?? null);
}

function Rows() {
  const { rowCount, listId, activeRow } = usePolicies(
    useShallow(({ rowCount, listId, activeRow, pages }) => ({ rowCount, listId, activeRow, pages })),
  );
  const open = (index: number) => {
    const offset = offsetOf(policyRow(index));
    if (offset !== null) goToRecord(offset);
  };
  const size = { "--rows": Math.min(rowCount, ROWS_IN_SIGHT_MAX) } as CSSProperties;
  return (
    <div className={styles.rows} style={size}>
      <FixedRows
        label="Keys that differ"
        role="grid"
        rowRole="row"
        columnCount={4}
        rowCount={rowCount}
        contentId={listId}
        activeIndex={activeRow}
        onActivate={setActiveRow}
        onRange={ensureRows}
        onKey={(event) => {
          if (event.key !== "Enter") return false;
          open(activeRow);
          return true;
        }}
        rowAttributes={(index) => ({ onDoubleClick: () => open(index) })}
        renderRow={(index) => {
          const row = policyRow(index);
          return row === undefined ? <Cell className={styles.loading}>Loading</Cell> : <Row row={row} />;
        }}
      />
    </div>
  );
}

function Row({ row }: { row: PolicyRow }) {
  const { name, engine, skipDamaged, validPrefixChange, skipDamagedChange, damagedDeleteOffset } = row;
  const deleted =
    damagedDeleteOffset === null ? "" : `A damaged record at ${formatOffset(damagedDeleteOffset)} deleted it`;
  return (
    <div className={styles.row} role="presentation">
      <Cell className={styles.name} title={name}>
        <bdi>{name}</bdi>
      </Cell>
      <View cell={engine} change={validPrefixChange} back="delete skipped" title={deleted} />
      <View cell={engine} change={validPrefixChange} back="comes back" title={deleted} />
      <View cell={skipDamaged} change={skipDamagedChange} back="comes back" title={deleted} />
    </div>
  );
}

/** One policy's view of a key. */
function View(props: { cell: PolicyCell | null; change: PolicyRow["skipDamagedChange"]; back: string; title: string }) {
  const { cell, change, back, title } = props;
  const isGained = change === "added" || change === "changed";
  const isBack = change === "comes-back";
  const tone = classes(styles.view, isGained && styles.gained, isBack && styles.back);
  if (cell === null) {
    return (
      <Cell className={tone}>
        <span className={styles.no}>{change === "lost" ? "absent, lost" : "absent"}</span>
      </Cell>
    );
  }
  const word = isBack ? back : change === "outdated" ? "older value" : change === "lost" ? "newer value lost" : "";
  return (
    <Cell className={tone} title={title === "" || !isBack ? undefined : title}>
      {cell.kind === "delete" ? (
        <span className={styles.quiet}>deleted</span>
      ) : cell.preview !== "" ? (
        <bdi className={styles.value}>{cell.preview}</bdi>
      ) : (
        <span className={styles.quiet}>{cell.isText ? "empty" : "binary"}</span>
      )}
      <button
        type="button"
        className={styles.place}
        tabIndex={-1}
        title={`Show the record at ${formatOffset(cell.offset)}`}
        onClick={() => goToRecord(cell.offset)}
      >
        #{formatCount(cell.sequence)}
      </button>
      {cell.kind === "put" && <span className={styles.size}>{formatBytes(cell.valueBytes)}</span>}
      {word !== "" && (
        <span className={change === "lost" ? styles.no : isBack ? styles.backWord : styles.quiet}>{word}</span>
      )}
    </Cell>
  );
}
