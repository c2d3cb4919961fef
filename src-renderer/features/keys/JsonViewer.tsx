/** JSON as a tree: numbers exactly as they are written, duplicate keys shown as they stand. */
import { type KeyboardEvent, useMemo, useState } from "react";
import { countOf } from "../../lib/format.ts";
import { isLossyInteger, type JsonNode, parseJson, quoted } from "../../lib/json-tree.ts";
import { FixedRows } from "../../ui/FixedRows.tsx";
import { Icon } from "../../ui/icons.tsx";
import { EmptyState } from "../../ui/Notice.tsx";
import styles from "./JsonViewer.module.css";

interface TreeRow {
  /** Path of places from the root: a node's identity. */
  readonly id: string;
  readonly depth: number;
  readonly label: string | null;
  readonly node: JsonNode;
}

type Branch = Extract<JsonNode, { kind: "object" | "array" }>;

/** Has something to open. */
function isBranch(node: JsonNode): node is Branch {
  return (node.kind === "object" && node.members.length > 0) || (node.kind === "array" && node.items.length > 0);
}

function childrenOf(node: Branch): { label: string; node: JsonNode }[] {
  if (node.kind === "object")
    return node.members.map(({ key, value }) => ({ label: quoted(key).slice(1, -1), node: value }));
  return node.items.map((item, i) => ({ label: String(i), node: item }));
}

/** Levels that are open at first, unless there are very many nodes. */
const OPEN_DEPTH = 2;

function layOut(root: JsonNode, toggled: ReadonlySet<string>): TreeRow[] {
  const rows: TreeRow[] = [];
  const walk = (node: JsonNode, id: string, depth: number, label: string | null) => {
    rows.push({ id, depth, label, node });
    if (!isBranch(node) || !isOpen(id, depth, toggled)) return;
    for (const [i, child] of childrenOf(node).entries()) walk(child.node, `${id}.${i}`, depth + 1, child.label);
  };
  walk(root, "$", 0, null);
  return rows;
}

function isOpen(id: string, depth: number, toggled: ReadonlySet<string>): boolean {
  return depth < OPEN_DEPTH !== toggled.has(id);
}

export function JsonViewer({ text }: { text: string }) {
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const [active, setActive] = useState(-1);
  const parsed = useMemo(() => parseJson(text), [text]);
  const rows = useMemo(() => (parsed.ok ? layOut(parsed.root, toggled) : []), [parsed, toggled]);
  if (!parsed.ok) return <EmptyState title="Not valid JSON">See Source for the place and the reason.</EmptyState>;

  const toggle = (row: TreeRow) => {
    const next = new Set(toggled);
    if (!next.delete(row.id)) next.add(row.id);
    setToggled(next);
  };
  const onKey = (event: KeyboardEvent) => {
    const row = rows[active];
    if (row === undefined || !isBranch(row.node)) return false;
    const open = isOpen(row.id, row.depth, toggled);
    if (
      event.key === "Enter" ||
      event.key === " " ||
      (event.key === "ArrowRight" && !open) ||
      (event.key === "ArrowLeft" && open)
    ) {
      toggle(row);
      return true;
    }
    return false;
  };
  return (
    <FixedRows
      className={styles.tree}
      label="JSON tree"
      role="tree"
      rowRole="treeitem"
      rowCount={rows.length}
      rowHeight={22}
      activeIndex={active}
      onActivate={setActive}
      onKey={onKey}
      rowAttributes={(index) => {
        const row = rows[index] as TreeRow;
        const branch = isBranch(row.node);
        return {
          "aria-level": row.depth + 1,
          ...(branch ? { "aria-expanded": isOpen(row.id, row.depth, toggled) } : {}),
          onPointerDown: () => {
            if (branch) toggle(row);
          },
        };
      }}
      renderRow={(index) => (
        <RowContent
          row={rows[index] as TreeRow}
          isOpen={isOpen((rows[index] as TreeRow).id, (rows[index] as TreeRow).depth, toggled)}
        />
      )}
    />
  );
}

function RowContent({ row, isOpen }: { row: TreeRow; isOpen: boolean }) {
  const { node } = row;
  return (
    <span className={styles.row} style={{ paddingInlineStart: 8 + row.depth * 14 }}>
      <span className={styles.twist}>{isBranch(node) && <Icon name={isOpen ? "down" : "right"} size={12} />}</span>
      {row.label !== null && (
        <>
          <bdi className={styles.key}>{row.label}</bdi>
          <span className={styles.colon}>:</span>
        </>
      )}
      <Leaf node={node} />
    </span>
  );
}

function Leaf({ node }: { node: JsonNode }) {
  if (node.kind === "object")
    return <span className={styles.count}>{`{ ${countOf(node.members.length, "member")} }`}</span>;
  if (node.kind === "array") return <span className={styles.count}>{`[ ${countOf(node.items.length, "item")} ]`}</span>;
  if (node.kind === "string") return <bdi className={styles.string}>{quoted(node.value)}</bdi>;
  if (node.kind === "keyword") return <span className={styles.keyword}>{node.raw}</span>;
  return (
    <>
      <span className={styles.number}>{node.raw}</span>
      {isLossyInteger(node.raw) && <span className={styles.note}>exact 64-bit integer</span>}
    </>
  );
}
