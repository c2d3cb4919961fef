/** The left pane of Keys: tree or list, filters, the search's progress, and exact counts or "so far". */
import type { KeyRow } from "@softadastra/inspector-contract";
import { type KeyboardEvent, useEffect, useRef } from "react";
import { countOf, formatBytes, formatCount, shortBytes } from "../../lib/format.ts";
import { useInspector } from "../../lib/inspector.ts";
import { useNavigation } from "../../lib/navigation.ts";
import { transferItems } from "../../lib/transfer.ts";
import { useCounts, useEditObstacle, useTravel } from "../../lib/travel.ts";
import { Button, IconButton } from "../../ui/Button.tsx";
import { DirtyDot, FilterChip } from "../../ui/Chips.tsx";
import { classes } from "../../ui/classes.ts";
import { FixedRows, type FixedRowsHandle } from "../../ui/FixedRows.tsx";
import { Icon } from "../../ui/icons.tsx";
import { Menu } from "../../ui/Menu.tsx";
import { NoMatch } from "../../ui/NoMatch.tsx";
import { EmptyState, Notice } from "../../ui/Notice.tsx";
import { Segmented } from "../../ui/Segmented.tsx";
import { useDrafts } from "./drafts.ts";
import { openDialog } from "./key-actions.ts";
import { activate, ensureRange, expand, rowOf, type Separator, setOptions, stopSearch, useKeys } from "./keys-store.ts";
import styles from "./TreePane.module.css";

const SHAPES = [
  { value: "tree", label: "Tree" },
  { value: "list", label: "List" },
] as const;
const SEPARATORS: readonly Separator[] = ["/", ":", ".", ""];

export function TreePane() {
  const session = useInspector((state) => state.session);
  const { options, badSearch, facts } = useKeys();
  const { liveKeyCount, deletedKeyCount } = useCounts();
  const obstacle = useEditObstacle();
  return (
    <section className={styles.pane} aria-label="Keys">
      <div className={styles.head}>
        <Segmented
          label="Show keys as"
          options={SHAPES}
          value={options.shape}
          onChange={(shape) => setOptions({ shape })}
        />
        <span className={styles.grow} />
        <SeparatorMenu />
        <IconButton
          icon="plus"
          label={obstacle === null ? "Add a key" : `Add a key: ${inner(obstacle)}`}
          shortcut="Mod+N"
          disabled={obstacle !== null}
          onClick={() => openDialog("add")}
        />
        <Menu label="Export or import" align="end" buttonClass={styles.separator} items={transferItems()}>
          <Icon name="more" size={15} />
        </Menu>
      </div>
      <div className={styles.chips}>
        <FilterChip
          label="Live"
          count={session === null ? undefined : liveKeyCount}
          isOn={options.showLive}
          onToggle={() => setOptions({ showLive: !options.showLive })}
        />
        <FilterChip
          label="Deleted"
          count={session === null ? undefined : deletedKeyCount}
          isOn={options.showDeleted}
          onToggle={() => setOptions({ showDeleted: !options.showDeleted })}
        />
      </div>
      {badSearch && (
        <Notice tone="torn" role="status">
          {badSearch}. The list still shows the search before.
        </Notice>
      )}
      {facts.searchFailure && (
        <Notice tone="torn" role="status">
          The search ended early: {facts.searchFailure}.
        </Notice>
      )}
      <KeyRows />
      <Footer />
    </section>
  );
}

const inner = (sentence: string) => sentence.charAt(0).toLowerCase() + sentence.slice(1);

function SeparatorMenu() {
  const separator = useKeys((state) => state.options.separator);
  return (
    <Menu
      label="Split keys by"
      align="end"
      buttonClass={styles.separator}
      items={SEPARATORS.map((value) => ({
        id: value || "none",
        label: value === "" ? "Do not split" : `Split by ${value}`,
        isChecked: value === separator,
        onChoose: () => setOptions({ separator: value }),
      }))}
    >
      <span>{separator === "" ? "Not split" : "Split by"}</span>
      {separator !== "" && <code>{separator}</code>}
      <Icon name="down" size={12} />
    </Menu>
  );
}

function KeyRows() {
  const { shownShape, facts, pages, activeIndex, view, revealCount } = useKeys();
  const drafts = useDrafts((state) => state.draftsByKey);
  const shownKey = useNavigation((state) => state.key);
  const rows = useRef<FixedRowsHandle>(null);

  useEffect(() => {
    const { activeIndex: wanted } = useKeys.getState();
    if (revealCount > 0 && wanted >= 0) rows.current?.reveal(wanted);
  }, [revealCount]);

  if (view !== null && facts.rowCount === 0 && facts.isExact) return <NoKeys />;

  const onKey = (event: KeyboardEvent) => {
    const row = rowOf(activeIndex);
    if (row?.kind !== "folder") return event.key === "ArrowLeft" && toParent(activeIndex, row);
    const toggles = event.key === "Enter" || event.key === " ";
    if (toggles || (event.key === "ArrowRight" && !row.isOpen) || (event.key === "ArrowLeft" && row.isOpen)) {
      void expand(row, !row.isOpen);
      return true;
    }
    return event.key === "ArrowLeft" && toParent(activeIndex, row);
  };

  const active = rowOf(activeIndex);
  return (
    <FixedRows
      contentId={view}
      ref={rows}
      label={shownShape === "tree" ? "Keys by prefix" : "Keys"}
      role="tree"
      rowRole="treeitem"
      rowCount={facts.rowCount}
      activeIndex={activeIndex}
      isSelected={active?.kind !== "key" || active.key === shownKey}
      onActivate={activate}
      onRange={ensureRange}
      onKey={onKey}
      rowAttributes={(index) => {
        const row = pages.size > 0 ? rowOf(index) : undefined;
        return {
          "aria-level": (row?.depth ?? 0) + 1,
          ...(row?.kind === "folder" ? { "aria-expanded": row.isOpen } : {}),
          "aria-label": row === undefined ? "Loading" : nameOf(row, row.kind === "key" && drafts.has(row.key)),
          onPointerDown: () => {
            if (row?.kind === "folder") void expand(row, !row.isOpen);
          },
        };
      }}
      renderRow={(index) => {
        const row = rowOf(index);
        return row === undefined ? (
          <span className={styles.skeleton} />
        ) : (
          <RowContent row={row} isDirty={row.kind === "key" && drafts.has(row.key)} />
        );
      }}
    />
  );
}

/** Value first, then what it is. */
function nameOf(row: KeyRow, isDirty: boolean): string {
  if (row.kind === "folder") return `${row.label}, ${countOf(row.keyCount, "key")}`;
  const draft = isDirty ? ", unsaved draft" : "";
  return row.isDeleted
    ? `${row.label}, deleted${draft}`
    : `${row.label}, ${row.valueKind}, ${formatBytes(row.valueBytes)}${draft}`;
}

/** Left on a key or a closed folder goes to the folder it is in. */
function toParent(index: number, row: KeyRow | undefined): boolean {
  if (row === undefined || row.depth === 0) return false;
  for (let at = index - 1; at >= 0; at -= 1) {
    const above = rowOf(at);
    if (above === undefined) return false;
    if (above.kind === "folder" && above.depth < row.depth) {
      activate(at);
      return true;
    }
  }
  return false;
}

function RowContent({ row, isDirty }: { row: KeyRow; isDirty: boolean }) {
  const separator = useKeys((state) => state.options.separator);
  return (
    <span
      className={classes(styles.content, row.kind === "key" && row.isDeleted && styles.gone)}
      style={{ paddingInlineStart: 6 + row.depth * 14 }}
    >
      <span className={styles.twist}>
        {row.kind === "folder" && <Icon name={row.isOpen ? "down" : "right"} size={12} />}
      </span>
      <span className={styles.name}>
        {row.kind === "key" && row.label.trim() === "" ? (
          <i className={styles.blank}>{row.label === "" ? "empty" : countOf(row.label.length, "space")}</i>
        ) : (
          <bdi>{row.kind === "key" ? <Marked text={row.label} ranges={row.matches} /> : row.label}</bdi>
        )}
        {row.kind === "folder" && <span className={styles.slash}>{separator}</span>}
      </span>
      {isDirty && <DirtyDot />}
      <span className={styles.grow} />
      {row.kind === "key" ? (
        <>
          <span className={styles.kind}>{row.isDeleted ? "deleted" : row.valueKind}</span>
          <span className={styles.size}>{row.isDeleted ? "" : shortBytes(row.valueBytes)}</span>
        </>
      ) : (
        <span className={styles.size}>{formatCount(row.keyCount)}</span>
      )}
    </span>
  );
}

/** The text with what the search matched in it marked. */
function Marked({ text, ranges }: { text: string; ranges: readonly (readonly [number, number])[] }) {
  if (ranges.length === 0) return <>{text}</>;
  const sorted = [...ranges].sort((a, b) => a[0] - b[0]);
  const parts = [];
  let at = 0;
  for (const [from, to] of sorted) {
    if (from < at) continue;
    parts.push(text.slice(at, from), <mark key={from}>{text.slice(from, to)}</mark>);
    at = to;
  }
  return (
    <>
      {parts}
      {text.slice(at)}
    </>
  );
}

function NoKeys() {
  const session = useInspector((state) => state.session);
  const { options, shownSearch: search } = useKeys();
  const { liveKeyCount, deletedKeyCount } = useCounts();
  const moment = useTravel((state) => state.moment);
  if (session === null) return null;
  const recordCount = moment === null ? session.recordCount : moment.index + 1;
  if (search !== "") {
    const searched = [
      options.showLive && countOf(liveKeyCount, "live key"),
      options.showDeleted && countOf(deletedKeyCount, "deleted key"),
    ].filter(Boolean);
    return (
      <NoMatch what="key" search={search}>
        Searched {searched.join(" and ")}.
      </NoMatch>
    );
  }
  if (session.recordCount === 0) {
    return (
      <EmptyState title="Empty log">
        {session.mode === "inspect"
          ? "It is valid: the next record will stand at offset 0."
          : "The first key you add becomes the first record, at offset 0."}
      </EmptyState>
    );
  }
  if (deletedKeyCount > 0) {
    return (
      <EmptyState
        title="No live keys"
        action={<Button onClick={() => setOptions({ showDeleted: true })}>Show deleted keys</Button>}
      >
        {moment === null ? "This log has" : "As of then the log has"} {countOf(recordCount, "record")};{" "}
        {countOf(deletedKeyCount, "key")}, all deleted.
      </EmptyState>
    );
  }
  return (
    <EmptyState title="No keys">
      {moment === null ? "This log has" : "As of then the log has"} {countOf(recordCount, "record")}, none of them a
      store operation.
    </EmptyState>
  );
}

function Footer() {
  const { facts, options, shownSearch } = useKeys();
  const parts = [
    options.showLive && `${formatCount(facts.liveCount)} live`,
    options.showDeleted && `${formatCount(facts.deletedCount)} deleted`,
  ].filter(Boolean);
  const { searching } = facts;
  return (
    <div className={styles.foot} role="status">
      <span>
        {parts.join(", ")}
        {shownSearch !== "" && " found"}
      </span>
      <span className={styles.grow} />
      {searching !== null ? (
        <>
          <span>
            {formatCount(searching.done)} of {countOf(searching.total, searching.what.slice(0, -1))}
            {searching.isStopped && ", stopped"}
          </span>
          {!searching.isStopped && (
            <Button kind="ghost" size="small" onClick={() => void stopSearch()}>
              Stop
            </Button>
          )}
        </>
      ) : (
        <span>{facts.isExact ? "counts are exact" : "so far"}</span>
      )}
    </div>
  );
}
