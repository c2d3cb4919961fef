/** Two rows of bytes beside each other, or one over the other where that is too wide: bytes that differ are marked. */
import { type CSSProperties, useMemo, useRef, useState } from "react";
import type { ByteDiff } from "../../lib/byte-diff.ts";
import { printable } from "../../lib/bytes.ts";
import { countOf } from "../../lib/format.ts";
import { type HexCell, HexLayout } from "../../lib/hex-diff-rows.ts";
import { useWidth } from "../../lib/use-width.ts";
import { classes } from "../../ui/classes.ts";
import { DiffRows } from "./DiffRows.tsx";
import styles from "./DiffViews.module.css";
import { type DiffViewProps, FoldRow } from "./TextDiffView.tsx";

const NOTHING = new Uint8Array();
/** Widths from which two columns of eight, or of sixteen, stand beside each other; and one of sixteen, alone. */
const BESIDE_MIN = 690;
const BESIDE_WIDE_MIN = 1_300;
const STACKED_WIDE_MIN = 640;

export function HexDiffView({ diff, a, b, contentId }: DiffViewProps<ByteDiff>) {
  const host = useRef<HTMLDivElement>(null);
  const width = useWidth(host);
  const isBeside = width >= BESIDE_MIN;
  const perRow = width >= BESIDE_WIDE_MIN || (!isBeside && width >= STACKED_WIDE_MIN) ? 16 : 8;
  const [opened, setOpened] = useState<ReadonlySet<number>>(new Set());
  const layout = useMemo(() => new HexLayout(diff.runs, perRow, opened), [diff, perRow, opened]);
  const [before, after] = [a ?? NOTHING, b ?? NOTHING];
  const digits = Math.max(5, Math.max(before.length, after.length).toString(16).length);
  const open = (row: number) => {
    const fold = layout.foldAt(row);
    if (fold !== null) setOpened(new Set(opened).add(fold.id));
    return fold !== null;
  };
  const renderRow = (row: number) => {
    const fold = layout.foldAt(row);
    if (fold !== null) return <FoldRow>{countOf(fold.rowCount * perRow, "unchanged byte")}</FoldRow>;
    const cells = layout.cellsAt(row);
    const side = { perRow, digits };
    const isSame = (i: number) => {
      const [x, y] = [cells.a[i] ?? null, cells.b[i] ?? null];
      return x !== null && y !== null && before[x] === after[y];
    };
    return (
      <span className={isBeside ? styles.beside : styles.stacked}>
        <HexSide kind="removed" bytes={before} cells={cells.a} isSame={isSame} {...side} />
        <HexSide kind="added" bytes={after} cells={cells.b} isSame={isSame} {...side} />
      </span>
    );
  };
  return (
    <div ref={host} className={styles.host} style={{ "--digits": `${digits + 1}ch` } as CSSProperties}>
      <DiffRows
        label="Bytes that differ"
        rowCount={layout.rowCount}
        rowHeight={isBeside ? 22 : 44}
        anchors={layout.anchors}
        contentId={contentId}
        rowClass={(row) => (layout.foldAt(row) === null ? undefined : styles.fold)}
        onOpen={open}
        renderRow={renderRow}
      />
    </div>
  );
}

interface HexSideProps {
  readonly kind: "removed" | "added";
  readonly bytes: Uint8Array;
  readonly cells: readonly HexCell[];
  readonly isSame: (i: number) => boolean;
  readonly perRow: number;
  readonly digits: number;
}

function HexSide({ kind, bytes, cells, isSame, perRow, digits }: HexSideProps) {
  const first = cells.find((cell) => cell !== null);
  const places = Array.from({ length: perRow }, (_, i) => i);
  const byteAt = (i: number) => {
    const cell = cells[i];
    return cell === null || cell === undefined ? null : (bytes[cell] as number);
  };
  const look = (i: number) => (byteAt(i) === null || isSame(i) ? undefined : styles[`byte_${kind}`]);
  return (
    <span className={styles.hexSide}>
      <span className={styles.hexOffset}>
        {first === undefined ? "" : first.toString(16).toUpperCase().padStart(digits, "0")}
      </span>
      <span className={styles.hexBytes}>
        {places.map((i) => (
          <i key={i} className={classes(look(i), i < cells.length && byteAt(i) === null && styles.gap)}>
            {byteAt(i)?.toString(16).toUpperCase().padStart(2, "0") ?? ""}
          </i>
        ))}
      </span>
      <span className={styles.hexText}>
        {places.map((i) => {
          const byte = byteAt(i);
          return (
            <i key={i} className={look(i)}>
              {byte === null ? " " : printable(byte)}
            </i>
          );
        })}
      </span>
    </span>
  );
}
