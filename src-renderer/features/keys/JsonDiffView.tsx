/** Two JSON documents by the paths that differ: what was there, what is there now. */
import { useMemo } from "react";
import { decodeLossy } from "../../lib/bytes.ts";
import { formatCount } from "../../lib/format.ts";
import type { JsonDiff } from "../../lib/json-diff.ts";
import { type JsonDiffRow, layOutJson } from "../../lib/json-diff-rows.ts";
import { escapeUnseen } from "../../lib/json-tree.ts";
import { classes } from "../../ui/classes.ts";
import { DiffRows } from "./DiffRows.tsx";
import styles from "./DiffViews.module.css";
import type { DiffViewProps } from "./TextDiffView.tsx";

const NOTHING = new Uint8Array();

export function JsonDiffView({ diff, a, b, contentId }: DiffViewProps<JsonDiff>) {
  const { rows, anchors } = useMemo(
    () => layOutJson(decodeLossy(a ?? NOTHING), decodeLossy(b ?? NOTHING), diff.changes),
    [a, b, diff],
  );
  const classOf = (row: number) => {
    const shown = rows[row];
    if (shown === undefined || shown.kind === "path") return styles.path;
    return (shown.kind === "cut" ? shown.side : shown.kind) === "removed" ? styles.removed : styles.added;
  };
  return (
    <div className={styles.host}>
      <DiffRows
        label="Paths that differ"
        rowCount={rows.length}
        rowHeight={20}
        anchors={anchors}
        contentId={contentId}
        rowClass={classOf}
        onOpen={() => false}
        renderRow={(row) => <JsonRow row={rows[row]} />}
      />
    </div>
  );
}

function JsonRow({ row }: { row: JsonDiffRow | undefined }) {
  if (row === undefined) return null;
  if (row.kind === "path") {
    return (
      <span className={styles.line}>
        <span className={classes(styles.change, styles[`change_${row.change}`])}>{row.change}</span>
        <bdi className={styles.pathText}>{row.text}</bdi>
        {row.note !== null && <span className={styles.note}>{row.note}</span>}
      </span>
    );
  }
  const side = row.kind === "cut" ? row.side : row.kind;
  return (
    <span className={styles.line}>
      <span className={styles.sign} aria-hidden="true">
        {side === "removed" ? "−" : "+"}
      </span>
      <span className="visually-hidden">{side}: </span>
      {row.kind === "cut" ? (
        <span className={styles.note}>{formatCount(row.characters)} more characters: see Text</span>
      ) : (
        <bdi className={styles.text}>{escapeUnseen(row.text)}</bdi>
      )}
    </span>
  );
}
