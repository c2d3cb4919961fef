/** A document as a tree of any size: JSON, msgpack, CBOR. Only the rows in sight exist. */
import { type CSSProperties, type KeyboardEvent, useMemo, useState } from "react";
import type { ItemText } from "../../lib/byte-tree.ts";
import { FixedRows } from "../../ui/FixedRows.tsx";
import { Icon } from "../../ui/icons.tsx";
import styles from "./ValueTree.module.css";

export interface TreeRow extends ItemText {
  /** Name or place in what holds it; null where it has none. */
  readonly label: string | null;
  /** Where its bytes stand, and all that is known of it; for documents that are read from bytes. */
  readonly place?: string;
  readonly title?: string;
}

/** Items in the order in which they stand, each one before those it holds. */
export interface TreeSource {
  readonly label: string;
  readonly count: number;
  depthOf(index: number): number;
  /** Place behind the last item it holds. */
  endOf(index: number): number;
  rowAt(index: number): TreeRow;
}

/** Levels that are open at first. */
const OPEN_DEPTH = 2;
const INDENT = 14;

export function ValueTree({ source }: { source: TreeSource }) {
  const [toggled, setToggled] = useState<ReadonlySet<number>>(new Set());
  const [active, setActive] = useState(-1);
  const rows = useMemo(() => openItems(source, toggled), [source, toggled]);

  const toggle = (index: number) => {
    const next = new Set(toggled);
    if (!next.delete(index)) next.add(index);
    setToggled(next);
  };
  const onKey = (event: KeyboardEvent) => {
    const index = rows[active];
    if (index === undefined || !isBranch(source, index)) return false;
    const open = isOpen(source, index, toggled);
    const toggles =
      event.key === "Enter" ||
      event.key === " " ||
      (event.key === "ArrowRight" && !open) ||
      (event.key === "ArrowLeft" && open);
    if (toggles) toggle(index);
    return toggles;
  };
  return (
    <FixedRows
      className={styles.tree}
      label={source.label}
      role="tree"
      rowRole="treeitem"
      rowCount={rows.length}
      rowHeight={22}
      activeIndex={active}
      onActivate={setActive}
      onKey={onKey}
      rowAttributes={(row) => {
        const index = rows[row] as number;
        const branch = isBranch(source, index);
        return {
          "aria-level": source.depthOf(index) + 1,
          ...(branch ? { "aria-expanded": isOpen(source, index, toggled) } : {}),
          onPointerDown: () => {
            if (branch) toggle(index);
          },
        };
      }}
      renderRow={(row) => {
        const index = rows[row] as number;
        return <RowContent source={source} index={index} isOpen={isOpen(source, index, toggled)} />;
      }}
    />
  );
}

function isBranch(source: TreeSource, index: number): boolean {
  return source.endOf(index) > index + 1;
}

function isOpen(source: TreeSource, index: number, toggled: ReadonlySet<number>): boolean {
  return source.depthOf(index) < OPEN_DEPTH !== toggled.has(index);
}

/** Items with nothing closed above them. */
function openItems(source: TreeSource, toggled: ReadonlySet<number>): number[] {
  const items: number[] = [];
  for (let index = 0; index < source.count; ) {
    items.push(index);
    index = isOpen(source, index, toggled) ? index + 1 : source.endOf(index);
  }
  return items;
}

function RowContent({ source, index, isOpen: open }: { source: TreeSource; index: number; isOpen: boolean }) {
  const { label, tone, text, note, place, title } = source.rowAt(index);
  const indent = { "--indent-px": `${8 + source.depthOf(index) * INDENT}px` } as CSSProperties;
  return (
    <span className={styles.row} style={indent} title={title}>
      <span className={styles.twist}>
        {isBranch(source, index) && <Icon name={open ? "down" : "right"} size={12} />}
      </span>
      {label !== null && (
        <>
          <bdi className={styles.key}>{label}</bdi>
          <span className={styles.colon}>:</span>
        </>
      )}
      {tone === "string" ? <bdi className={styles.string}>{text}</bdi> : <span className={styles[tone]}>{text}</span>}
      {note !== null && <span className={styles.note}>{note}</span>}
      {place !== undefined && <span className={styles.place}>{place}</span>}
    </span>
  );
}
