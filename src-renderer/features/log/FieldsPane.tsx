/** The record under the cursor, field by field. Pointing at a field marks its bytes, and the other way round. */
import type { RecordDetail, RecordField } from "@softadastra/inspector-contract";
import { useShallow } from "zustand/react/shallow";
import { countOf, formatCount, formatOffset, formatTime } from "../../lib/format.ts";
import { stepRecord } from "../../lib/records.ts";
import { travelTo } from "../../lib/travel.ts";
import { IconButton } from "../../ui/Button.tsx";
import { classes } from "../../ui/classes.ts";
import { FixedRows } from "../../ui/FixedRows.tsx";
import tints from "../../ui/field-tints.module.css";
import { Icon } from "../../ui/icons.tsx";
import { EmptyState } from "../../ui/Notice.tsx";
import styles from "./FieldsPane.module.css";
import { hoverField, selectField, useLog } from "./log-store.ts";

type Line =
  | { readonly kind: "group"; readonly name: string; readonly note: string; readonly place: string }
  | { readonly kind: "field"; readonly field: RecordField }
  | { readonly kind: "computed"; readonly field: RecordField };

const GROUPS = [
  ["header", "Header"],
  ["payload", "Payload"],
] as const;

/** The lines of the tree: a head for each part, its fields, and under the checksum what it should be. */
function linesOf(detail: RecordDetail): Line[] {
  const lines: Line[] = [];
  for (const [group, name] of GROUPS) {
    const fields = detail.fields.filter((field) => field.group === group);
    const [first] = fields;
    const last = fields.at(-1);
    if (first === undefined || last === undefined) continue;
    const bytes = last.at + last.bytes - first.at;
    lines.push({ kind: "group", name, note: countOf(bytes, "byte"), place: `${first.at}+${bytes}` });
    lines.push(...fields.map((field): Line => ({ kind: "field", field })));
  }
  for (const field of detail.fields.filter(({ group }) => group === "checksum")) {
    lines.push({ kind: "field", field });
    if (field.raw !== "") lines.push({ kind: "computed", field });
  }
  return lines;
}

export function FieldsPane() {
  const { detail, selectedField, hoveredField } = useLog(
    useShallow(({ detail, selectedField, hoveredField }) => ({ detail, selectedField, hoveredField })),
  );
  const lines = detail === null ? [] : linesOf(detail);
  const activeIndex = lines.findIndex((line) => line.kind === "field" && line.field.id === selectedField);
  const fieldOf = (index: number) => {
    const line = lines[index];
    return line === undefined || line.kind === "group" ? null : line.field;
  };
  return (
    <section className={styles.pane} aria-label="Fields">
      <div className={styles.head}>
        <h2>Fields</h2>
        <span className={styles.quiet}>{detail !== null && nameOf(detail)}</span>
        <span className={styles.grow} />
        {detail?.kind === "record" && (
          <IconButton
            icon="clock"
            label="State as of here"
            shortcut="Mod+J"
            onClick={() => void travelTo({ offset: detail.offset })}
          />
        )}
        <IconButton icon="left" label="Previous record" shortcut="[" onClick={() => void stepRecord(-1)} />
        <IconButton icon="right" label="Next record" shortcut="]" onClick={() => void stepRecord(1)} />
      </div>
      {detail === null ? (
        <EmptyState title="No record selected">Choose a record to see what each of its bytes means.</EmptyState>
      ) : lines.length === 0 ? (
        <EmptyState title="No record begins here">
          {countOf(detail.bytes, "byte")} from {formatOffset(detail.offset)} on do not begin with <code>1LAW</code>.
        </EmptyState>
      ) : (
        <FixedRows
          contentId={detail.offset}
          label="Fields of the record"
          role="listbox"
          rowRole="option"
          rowHeight={22}
          rowCount={lines.length}
          activeIndex={activeIndex}
          onActivate={(index) => {
            const field = fieldOf(index);
            if (field !== null) selectField(field.id);
          }}
          rowAttributes={(index) => {
            const field = fieldOf(index);
            return {
              "aria-label": field === null ? undefined : `${field.name}, ${field.text}`,
              className: classes(
                field !== null && field.id === hoveredField && styles.hovered,
                field?.fault != null && styles.fault,
              ),
              onPointerEnter: () => hoverField(field?.id ?? null),
              onPointerLeave: () => hoverField(null),
            };
          }}
          renderRow={(index) => <FieldLine line={lines[index]} />}
        />
      )}
    </section>
  );
}

function nameOf({ kind, index, offset }: RecordDetail): string {
  if (index !== null) return `record ${formatCount(index + 1)}`;
  return `${kind === "unreachable" ? "unreachable record" : kind === "torn" ? "torn record" : "damaged bytes"} at ${formatOffset(offset)}`;
}

/** Times as people here read them; the rest as the host says it. */
function meaningOf({ id, text, raw }: RecordField): string {
  return id === "recordTime" || id === "operationTime" ? formatTime(Number(raw)) : text;
}

function FieldLine({ line }: { line: Line | undefined }) {
  if (line === undefined) return null;
  if (line.kind === "group") {
    return (
      <span className={classes(styles.line, styles.group)}>
        <b>{line.name}</b>
        <span className={styles.quiet}>{line.note}</span>
        <span />
        <code>{line.place}</code>
      </span>
    );
  }
  const { field } = line;
  if (line.kind === "computed") {
    return (
      <span className={styles.line}>
        <span className={styles.name}>computed</span>
        <span className={styles.meaning}>{field.raw}</span>
        <span className={styles.says}>
          <Icon name={field.fault === null ? "check" : "close"} size={13} />
          {field.fault ?? "the same"}
        </span>
        <span />
      </span>
    );
  }
  const isChecksum = field.group === "checksum";
  return (
    <span className={styles.line}>
      <span className={classes(styles.name, isChecksum && styles.strong)}>
        <i className={classes(styles.swatch, tints.tint)} data-field={field.id} aria-hidden="true" />
        {field.name}
      </span>
      <span className={styles.meaning}>
        <bdi title={field.text}>{meaningOf(field)}</bdi>{" "}
        {!isChecksum && field.raw !== "" && <span className={styles.quiet}>{field.raw}</span>}
      </span>
      <span className={styles.says}>
        {isChecksum
          ? ""
          : (field.fault ??
            (field.isProtected ? "" : <span title="The checksum covers the payload only">not protected</span>))}
      </span>
      <code>
        {field.at}+{field.bytes}
      </code>
    </span>
  );
}
