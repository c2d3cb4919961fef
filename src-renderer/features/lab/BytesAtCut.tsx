/** The bytes around the place as the disk holds them afterwards: kept ones tinted by field, lost ones grey, zeroed ones red, a flipped one inverted. */
import type { LabDamage } from "@softadastra/inspector-contract";
import { useEffect, useRef } from "react";
import { printable } from "../../lib/bytes.ts";
import { formatBytes, formatCount, formatOffset } from "../../lib/format.ts";
import { classes } from "../../ui/classes.ts";
import tints from "../../ui/field-tints.module.css";
import styles from "./BytesAtCut.module.css";
import { type FaultKind, type LabSlice, lengthOf, useLab } from "./lab-store.ts";

const PER_ROW = 8;

interface ShownByte {
  /** Place of the byte in the write, from 0. */
  readonly at: number;
  readonly byte: number;
  readonly fate: "kept" | "gone" | "zeroed" | "wrong";
  readonly field: string | undefined;
}

const hex = (value: number, width: number) => value.toString(16).toUpperCase().padStart(width, "0");

function shownBytes({ bytes, fields }: LabSlice, start: number, damage: LabDamage | undefined): ShownByte[] {
  return Array.from(bytes.bytes, (byte, i): ShownByte => {
    const at = bytes.from + i;
    const offset = start + at;
    const field = fields.find(({ from, to }) => at >= from && at < to)?.id;
    if (damage === undefined) return { at, byte, fate: "kept", field };
    if (offset >= damage.fileBytes) return { at, byte, fate: "gone", field };
    const isZeroed = damage.zeros !== null && offset >= damage.zeros.from && offset < damage.zeros.to;
    const isFlipped = damage.flip?.offset === offset;
    if (isZeroed) return { at, byte: 0, fate: "zeroed", field };
    return isFlipped
      ? { at, byte: byte ^ (damage.flip?.mask ?? 0), fate: "wrong", field }
      : { at, byte, fate: "kept", field };
  });
}

const TITLES: Record<FaultKind, string> = {
  kill: "On disk after the cut",
  flush: "On disk before the flush",
  power: "On disk after the loss",
  flip: "On disk after the flip",
  sector: "On disk, a sector zeroed",
};

export function BytesAtCut() {
  const slice = useLab();
  const { write, found, cut } = slice;
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.querySelector(`[data-at="${cut - 1}"]`)?.scrollIntoView({ block: "nearest" });
  }, [cut]);
  if (write === null) return null;
  const shown = shownBytes(slice, write.range.start, found?.damage);
  const rows = Array.from({ length: Math.ceil(shown.length / PER_ROW) }, (_, i) =>
    shown.slice(i * PER_ROW, (i + 1) * PER_ROW),
  );
  return (
    <section className={styles.pane} aria-label="On disk">
      <div className={styles.head}>
        <h2>{TITLES[slice.kind]}</h2>
        <span className={styles.grow} />
        <span className={styles.quiet}>
          {found === null ? "" : summary(found.damage, write.range.start, lengthOf(write))}
        </span>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard. */}
      <section ref={list} className={styles.rows} tabIndex={0} aria-label="Bytes around the place">
        {rows.map((row) => (
          <div key={row[0]?.at} className={styles.row}>
            <span className={styles.offset}>{hex(write.range.start + (row[0]?.at ?? 0), 5)}</span>
            <span className={styles.bytes}>{row.map((each) => cell(each, hex(each.byte, 2), cut))}</span>
            <span className={styles.text}>{row.map((each) => cell(each, printable(each.byte), cut))}</span>
          </div>
        ))}
      </section>
      <p className={styles.foot}>
        From {formatOffset(write.range.start)} to {formatOffset(write.range.end)}
      </p>
    </section>
  );
}

function cell({ at, fate, field }: ShownByte, text: string, cut: number) {
  return (
    <i
      key={at}
      data-at={at}
      data-field={fate === "kept" ? field : undefined}
      className={classes(fate === "kept" && tints.tint, styles[fate], at === cut - 1 && styles.cut)}
    >
      {text}
    </i>
  );
}

/** `41 kept, 29 never written` */
function summary({ fileBytes, zeros, flip }: LabDamage, start: number, length: number): string {
  const there = Math.max(0, fileBytes - start);
  if (flip !== null) return `bit ${Math.log2(flip.mask)} of ${formatOffset(flip.offset)} flipped`;
  if (zeros !== null) return `${formatBytes(zeros.to - zeros.from)} zeroed at ${formatOffset(zeros.from)}`;
  const missing = length - there;
  return missing === 0 ? `all ${formatBytes(length)}` : `${formatCount(there)} kept, ${formatCount(missing)} not there`;
}
