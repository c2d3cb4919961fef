/** The file as bytes, tinted by the fields of the record under the cursor; and what the byte under the cursor is. */
import type { RecordDetail } from "@softadastra/inspector-contract";
import { type CSSProperties, useEffect, useRef, useState } from "react";
import { useShallow } from "zustand/react/shallow";
import { printable } from "../../lib/bytes.ts";
import { copyText } from "../../lib/clipboard.ts";
import { countOf, formatOffset } from "../../lib/format.ts";
import { useInspector } from "../../lib/inspector.ts";
import { useLayout } from "../../lib/layout.ts";
import { classes } from "../../ui/classes.ts";
import { FixedRows, type FixedRowsHandle } from "../../ui/FixedRows.tsx";
import tints from "../../ui/field-tints.module.css";
import { Icon } from "../../ui/icons.tsx";
import { Menu } from "../../ui/Menu.tsx";
import { Segmented } from "../../ui/Segmented.tsx";
import styles from "./BytesPane.module.css";
import { type CopyFormat, copyForm, READING_BYTES_MAX, readingsOf } from "./inspect-bytes.ts";
import { bytesAt, ensureBytes, fieldAt, hoverField, selectByte, useLog } from "./log-store.ts";

const hex = (value: number, width: number) => value.toString(16).toUpperCase().padStart(width, "0");

const COPIES: readonly [CopyFormat, string][] = [
  ["hex", "Copy as hex"],
  ["base64", "Copy as base64"],
  ["c", "Copy as a C array"],
  ["text", "Copy as text"],
];

export function BytesPane() {
  const { detail, selectedField, byteAt } = useLog(useShallow(pickPlace));
  const isNarrow = useLayout((state) => state.isNarrow);
  const perRow = isNarrow ? 8 : 16;
  const range = selectedRange(detail, selectedField);
  return (
    <section
      className={styles.pane}
      aria-label="Bytes"
      style={{ "--per-row": perRow, "--gap": perRow === 16 ? "8px" : "0px" } as CSSProperties}
    >
      <div className={styles.head}>
        <h2>Bytes</h2>
        <span className={styles.quiet}>
          {range !== null &&
            `${formatOffset(range.start)} to ${formatOffset(range.end - 1)}, ${countOf(range.end - range.start, "byte")}`}
        </span>
        <span className={styles.grow} />
        {range !== null && (
          <Menu
            label="Copy the bytes"
            align="end"
            buttonClass={styles.copy}
            items={COPIES.map(([format, label]) => ({
              id: format,
              label,
              onChoose: () =>
                copyText(copyForm(bytesAt(useLog.getState().chunks, range.start, range.end - range.start), format)),
            }))}
          >
            <Icon name="copy" size={14} />
            <span>Copy as</span>
            <Icon name="down" size={12} />
          </Menu>
        )}
      </div>
      <HexRows perRow={perRow} range={range} />
      {byteAt !== null && <DataInspector at={byteAt} />}
    </section>
  );
}

/** What the pane is about; the pointer's place is told to the rows alone. */
const pickPlace = ({ detail, selectedField, byteAt }: ReturnType<typeof useLog.getState>) => ({
  detail,
  selectedField,
  byteAt,
});

interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** The chosen field, or the whole record. */
function selectedRange(detail: RecordDetail | null, fieldId: string | null): ByteRange | null {
  if (detail === null) return null;
  const field = detail.fields.find(({ id }) => id === fieldId);
  const start = detail.offset + (field?.at ?? 0);
  return { start, end: start + (field?.bytes ?? detail.bytes) };
}

function HexRows({ perRow, range }: { perRow: number; range: ByteRange | null }) {
  const fileBytes = useInspector((state) => state.session?.fileBytes ?? 0);
  const { detail, byteAt, selectedField } = useLog(useShallow(pickPlace));
  const rows = useRef<FixedRowsHandle>(null);
  const rowCount = Math.ceil(fileBytes / perRow);
  const start = range?.start ?? null;

  const recordAt = detail?.offset ?? null;

  // Another record begins below the first line in sight; a field of it is only brought into sight.
  useEffect(() => {
    if (recordAt !== null) rows.current?.show(Math.max(0, Math.floor(recordAt / perRow) - 1));
  }, [recordAt, perRow]);
  useEffect(() => {
    if (start !== null && start !== recordAt) rows.current?.reveal(Math.floor(start / perRow));
  }, [start, recordAt, perRow]);

  const active = byteAt === null ? -1 : Math.floor(byteAt / perRow);
  return (
    <FixedRows
      ref={rows}
      label="Bytes of the file"
      role="listbox"
      rowRole="option"
      rowHeight={22}
      rowCount={rowCount}
      activeIndex={active}
      onActivate={(index) => {
        if (index !== active) selectByte(index * perRow + (byteAt === null ? 0 : byteAt % perRow));
      }}
      onRange={(from, to) => ensureBytes(from * perRow, Math.min(fileBytes, to * perRow))}
      onKey={(event) => {
        const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
        if (step === 0 || byteAt === null) return false;
        selectByte(Math.max(0, Math.min(fileBytes - 1, byteAt + step)));
        return true;
      }}
      rowAttributes={(index) => ({
        "aria-label": `Bytes from ${formatOffset(index * perRow)}`,
        className: styles.hexRow,
        onPointerLeave: () => hoverField(null),
      })}
      renderRow={(index) => (
        <HexRow from={index * perRow} perRow={perRow} detail={detail} range={selectedField === null ? null : range} />
      )}
    />
  );
}

function HexRow(props: { from: number; perRow: number; detail: RecordDetail | null; range: ByteRange | null }) {
  const { from, perRow, detail, range } = props;
  const chunks = useLog((state) => state.chunks);
  const byteAt = useLog((state) => state.byteAt);
  // A row with none of the record's bytes stays as it is while the pointer moves.
  const hasFields = detail !== null && from < detail.offset + detail.bytes && from + perRow > detail.offset;
  const hovered = useLog((state) => (hasFields ? state.hoveredField : null));
  const bytes = Array.from(bytesAt(chunks, from, perRow));
  const looks = bytes.map((_, i) => {
    const at = from + i;
    const field = fieldAt(detail, at);
    const isIn = (offset: number) => range !== null && offset >= range.start && offset < range.end;
    return {
      field: field?.id,
      className: classes(
        field === null ? styles.outside : tints.tint,
        field !== null && field.id === hovered && styles.hovered,
        at === byteAt && styles.cursor,
        isIn(at) && styles.chosen,
        isIn(at) && !isIn(at - perRow) && styles.top,
        isIn(at) && !isIn(at + perRow) && styles.bottom,
        isIn(at) && (i === 0 || !isIn(at - 1)) && styles.start,
        isIn(at) && (i === perRow - 1 || !isIn(at + 1)) && styles.end,
      ),
    };
  });
  const cell = (i: number, content: string) => (
    <i
      key={i}
      data-field={looks[i]?.field}
      className={looks[i]?.className}
      onPointerEnter={() => hoverField(looks[i]?.field ?? null)}
      onPointerDown={(event) => {
        event.stopPropagation();
        if (event.button === 0) selectByte(from + i);
      }}
    >
      {content}
    </i>
  );
  return (
    <span className={styles.row}>
      <span className={styles.offset}>{hex(from, 5)}</span>
      <span className={styles.bytes}>{bytes.map((byte, i) => cell(i, hex(byte, 2)))}</span>
      <span className={styles.text}>{bytes.map((byte, i) => cell(i, printable(byte)))}</span>
    </span>
  );
}

function DataInspector({ at }: { at: number }) {
  const [order, setOrder] = useState<"le" | "be">("le");
  const chunks = useLog((state) => state.chunks);
  const readings = readingsOf(bytesAt(chunks, at, READING_BYTES_MAX), 0, order === "le");
  return (
    <section className={styles.inspector} aria-label="The byte under the cursor">
      <div className={styles.inspectorHead}>
        <span className={styles.quiet}>At {formatOffset(at)}</span>
        <span className={styles.grow} />
        <Segmented
          label="Byte order"
          options={[
            { value: "le", label: "LE" },
            { value: "be", label: "BE" },
          ]}
          value={order}
          onChange={setOrder}
        />
      </div>
      <dl className={styles.readings}>
        {readings.map(({ name, text }) => (
          <div key={name} data-reading={name}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
