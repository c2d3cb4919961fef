/** Bytes as rows of hex and text; read only. Text can be selected and copied. */
import { type CSSProperties, useMemo, useRef, useState } from "react";
import { printable } from "../lib/bytes.ts";
import { useWidth } from "../lib/use-width.ts";
import { FixedRows } from "./FixedRows.tsx";
import styles from "./HexView.module.css";

const hex = (value: number, width: number) => value.toString(16).toUpperCase().padStart(width, "0");

export interface HexViewProps {
  readonly label: string;
  readonly bytes: Uint8Array;
  /** Index of the first byte that is marked, and how many. */
  readonly mark?: { readonly at: number; readonly length: number } | undefined;
}

/** Narrower, sixteen bytes, their offset and their text do not stand beside each other. */
const WIDE_MIN = 620;

export function HexView({ label, bytes, mark }: HexViewProps) {
  const host = useRef<HTMLDivElement>(null);
  const available = useWidth(host);
  const perRow = available >= WIDE_MIN ? 16 : 8;
  const [active, setActive] = useState(-1);
  const rowCount = Math.ceil(bytes.length / perRow);
  const width = Math.max(5, hex(bytes.length, 1).length);
  const look = useMemo(
    () => ({ "--offset-width": `${width + 2}ch`, "--bytes": perRow }) as CSSProperties,
    [width, perRow],
  );
  return (
    <div ref={host} className={styles.hex} style={look}>
      <FixedRows
        label={label}
        role="listbox"
        rowRole="option"
        rowCount={rowCount}
        rowHeight={22}
        activeIndex={active}
        onActivate={setActive}
        renderRow={(index) => <HexRow bytes={bytes} from={index * perRow} perRow={perRow} width={width} mark={mark} />}
      />
    </div>
  );
}

function HexRow(props: { bytes: Uint8Array; from: number; perRow: number; width: number; mark: HexViewProps["mark"] }) {
  const { bytes, from, perRow, mark } = props;
  const row = Array.from(bytes.subarray(from, from + perRow));
  const isMarked = (i: number) => mark !== undefined && from + i >= mark.at && from + i < mark.at + mark.length;
  return (
    <span className={styles.row}>
      <span className={styles.offset}>{hex(from, props.width)}</span>
      <span className={styles.bytes}>
        {row.map((byte, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a byte is known by its place alone.
          <i key={i} className={isMarked(i) ? styles.marked : undefined}>
            {hex(byte, 2)}
          </i>
        ))}
      </span>
      <span className={styles.text}>{row.map(printable).join("")}</span>
    </span>
  );
}
