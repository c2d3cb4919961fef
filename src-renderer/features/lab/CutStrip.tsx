/** One cell for each place of the write, in lanes that answer one question each; a slider over all of them. */
import type { LabCell, LabFault, LabField } from "@softadastra/inspector-contract";
import { type CSSProperties, type KeyboardEvent, type PointerEvent, useMemo, useRef } from "react";
import { countOf, formatCount } from "../../lib/format.ts";
import { useWidth } from "../../lib/use-width.ts";
import { classes } from "../../ui/classes.ts";
import tints from "../../ui/field-tints.module.css";
import styles from "./CutStrip.module.css";
import { type Cells, faultOf, firstCut, lengthOf, placesInSight, setCut, useLab, WINDOW } from "./lab-store.ts";
import { cellText, placeText } from "./lab-words.ts";

/** What a cell looks like, and what it means: the legend is made from those in sight. */
interface Look {
  readonly id: string;
  readonly word: string;
}

const look = (id: string, word: string): Look => ({ id, word });
const LOOKS = {
  present: look("ok", "clean and present"),
  clean: look("kept", "clean"),
  torn1: look("torn1", "torn in header (T1)"),
  torn2: look("torn2", "torn in payload (T2)"),
  torn3: look("torn3", "torn in checksum (T3)"),
  torn: look("torn2", "torn tail"),
  damaged: look("bad", "damaged"),
  stranger: look("stranger", "not a WAL"),
  kept: look("kept", "kept"),
  part: look("part", "partly there"),
  absent: look("absent", "absent as allowed"),
  lost: look("bad", "lost"),
  unseen: look("unseen", "not noticed"),
  noticed: look("kept", "noticed"),
} as const;

interface Lane {
  readonly name: string;
  readonly question: string;
  readonly isTall?: boolean;
  readonly cells: Cells;
  readonly lookOf: (cell: LabCell) => Look | null;
}

function verdictLook({ verdict, code, write }: LabCell): Look {
  if (verdict === "clean") return write === "whole" ? LOOKS.present : LOOKS.clean;
  if (verdict === "damaged") return LOOKS.damaged;
  if (verdict === "not-a-wal") return LOOKS.stranger;
  return code === "T1" ? LOOKS.torn1 : code === "T2" ? LOOKS.torn2 : code === "T3" ? LOOKS.torn3 : LOOKS.torn;
}

function writeLook({ write }: LabCell, isConfirmed: boolean): Look {
  if (write === "changed") return LOOKS.unseen;
  if (write === "whole") return isConfirmed ? LOOKS.kept : LOOKS.present;
  if (isConfirmed) return LOOKS.lost;
  return write === "part" ? LOOKS.part : LOOKS.absent;
}

function earlierLook({ earlierLost, earlierChanged }: LabCell): Look {
  return earlierLost > 0 ? LOOKS.lost : earlierChanged > 0 ? LOOKS.unseen : LOOKS.kept;
}

function noticedLook({ isNoticed }: LabCell): Look | null {
  return isNoticed === null ? null : isNoticed ? LOOKS.noticed : LOOKS.unseen;
}

function lanesOf(fault: LabFault, cells: Cells, flips: Cells, earlierCount: number): Lane[] {
  const isAtRest = fault.kind === "flip" || fault.kind === "sector";
  const isCut = fault.kind === "kill" || fault.kind === "flush";
  return [
    { name: "Verdict on reopen", question: "Softadastra SDK", isTall: true, cells, lookOf: verdictLook },
    {
      name: "This write",
      question: isAtRest ? "was confirmed" : "not confirmed before its flush",
      cells,
      lookOf: (cell) => writeLook(cell, isAtRest),
    },
    {
      name: "Earlier confirmed writes",
      question: earlierCount === 0 ? "none in front of these" : `${countOf(earlierCount, "record")} in front`,
      cells,
      lookOf: earlierLook,
    },
    {
      name: "C++ engine’s next write",
      question: "appends without repair",
      cells,
      lookOf: ({ isNextKept }) => (isNextKept ? LOOKS.kept : LOOKS.lost),
    },
    isCut
      ? { name: "One flipped bit here", question: "is it noticed?", cells: flips, lookOf: noticedLook }
      : { name: "Missing or wrong bytes", question: "are they noticed?", cells, lookOf: noticedLook },
  ];
}

export function CutStrip() {
  const slice = useLab();
  const { write, cut, windowFrom, cells, flips, fields } = slice;
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const fault = faultOf(slice);
  if (write === null) return null;
  const length = lengthOf(write);
  const count = placesInSight(slice, write);
  const lanes = lanesOf(fault, cells, flips, write.earlierCount);

  const point = (event: PointerEvent) => {
    const area = box.current?.getBoundingClientRect();
    if (area === undefined || area.width === 0) return;
    const share = (event.clientX - area.left) / area.width;
    setCut(windowFrom + Math.max(0, Math.min(count - 1, Math.floor(share * count))));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const to = {
      ArrowRight: cut + 1,
      ArrowUp: cut + 1,
      ArrowLeft: cut - 1,
      ArrowDown: cut - 1,
      PageDown: cut + (length > WINDOW ? WINDOW : 8),
      PageUp: cut - (length > WINDOW ? WINDOW : 8),
      Home: 0,
      End: length,
    }[event.key];
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    setCut(to);
  };
  const place = placeText(write, fault, cut, fields);
  const shape = { "--count": count, "--at": cut - windowFrom } as CSSProperties;
  return (
    <div className={styles.strip} style={shape}>
      <div className={styles.labels} aria-hidden="true">
        {lanes.map(({ name, question, isTall }) => (
          <div key={name} className={classes(styles.label, isTall && styles.tall)}>
            <b>{name}</b>
            <span>{question}</span>
          </div>
        ))}
      </div>
      <div
        ref={box}
        className={styles.slider}
        role="slider"
        tabIndex={0}
        aria-label="Cut"
        aria-valuemin={firstCut(fault.kind)}
        aria-valuemax={length}
        aria-valuenow={cut}
        aria-valuetext={`${place}: ${cellText(cells.get(cut))}`}
        onKeyDown={onKeyDown}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          point(event);
        }}
        onPointerMove={(event) => {
          if (event.currentTarget.hasPointerCapture(event.pointerId)) point(event);
        }}
      >
        <FieldGroups fields={fields} from={windowFrom} count={count} cellWidth={width / count} />
        {lanes.map((lane) => (
          <div key={lane.name} className={classes(styles.lane, lane.isTall && styles.tall)}>
            <span className={styles.narrowLabel}>
              {lane.name} <i>{lane.question}</i>
            </span>
            <LaneCells lane={lane} from={windowFrom} count={count} />
          </div>
        ))}
        <span className={styles.cursor} />
        <Ruler from={windowFrom} count={count} />
        <b className={classes(styles.flag, (cut - windowFrom) / count < 0.5 ? styles.flagStart : styles.flagEnd)}>
          {place}
        </b>
      </div>
      <Legend lanes={lanes} from={windowFrom} count={count} />
    </div>
  );
}

function LaneCells({ lane, from, count }: { lane: Lane; from: number; count: number }) {
  const { cells, lookOf } = lane;
  return (
    <span className={styles.cells}>
      {Array.from({ length: count }, (_, i) => {
        const cell = cells.get(from + i);
        const shown = cell === undefined ? "pending" : cell === null ? "blank" : (lookOf(cell)?.id ?? "blank");
        // biome-ignore lint/suspicious/noArrayIndexKey: a cell is known by its place alone.
        return <i key={i} className={styles[shown]} data-look={shown} />;
      })}
    </span>
  );
}

/** Where the name of the format is too long for four bytes. */
const SHORT_NAMES: Readonly<Record<string, string>> = {
  payloadSize: "size",
  format: "op",
  operationTime: "op time",
  recordTime: "time",
  checksum: "sum",
};
/** Width of a letter of the caption, and room at both ends. */
const LETTER_WIDTH = 5.6;
const NAME_PADDING = 4;

function nameThatFits({ id, name }: LabField, width: number): string {
  const fits = (text: string) => text.length * LETTER_WIDTH + NAME_PADDING <= width;
  const short = SHORT_NAMES[id];
  if (fits(name)) return name.toLowerCase();
  return short !== undefined && fits(short) ? short : "";
}

/** The fields over the cells of their bytes: a cell stands for the byte in front of its place. */
function FieldGroups(props: { fields: readonly LabField[]; from: number; count: number; cellWidth: number }) {
  const { fields, from, count, cellWidth } = props;
  const groups = fields
    .map((field) => ({ field, start: Math.max(field.from + 1, from), end: Math.min(field.to + 1, from + count) }))
    .filter(({ start, end }) => end > start);
  return (
    <span className={styles.groups}>
      {groups.map(({ field, start, end }) => (
        <span
          key={`${field.record}:${field.id}:${field.from}`}
          className={tints.tint}
          data-field={field.id}
          title={field.name}
          style={{ gridColumn: `${start - from + 1} / ${end - from + 1}` }}
        >
          {nameThatFits(field, (end - start) * cellWidth)}
        </span>
      ))}
    </span>
  );
}

/** A number every ten places, and at the ends. */
function Ruler({ from, count }: { from: number; count: number }) {
  const step = count > 60 ? 10 : count > 24 ? 5 : 2;
  const places = Array.from({ length: count }, (_, i) => from + i).filter(
    (place, i) => (place % step === 0 && count - 1 - i >= step / 2) || i === count - 1,
  );
  return (
    <span className={styles.ruler}>
      {places.map((place) => (
        <span key={place} style={{ "--place": place - from } as CSSProperties}>
          {formatCount(place)}
        </span>
      ))}
    </span>
  );
}

function Legend({ lanes, from, count }: { lanes: readonly Lane[]; from: number; count: number }) {
  const looks = useMemo(() => {
    const seen = new Map<string, Look>();
    for (const { cells, lookOf } of lanes) {
      for (let place = from; place < from + count; place += 1) {
        const cell = cells.get(place);
        const shown = cell == null ? null : lookOf(cell);
        if (shown === null) continue;
        // One swatch a colour, however many questions it answers.
        const known = seen.get(shown.id);
        if (known === undefined) seen.set(shown.id, shown);
        else if (!known.word.split(", ").includes(shown.word)) {
          seen.set(shown.id, { id: shown.id, word: `${known.word}, ${shown.word}` });
        }
      }
    }
    return [...seen.values()];
  }, [lanes, from, count]);
  return (
    <ul className={styles.legend} aria-label="Legend">
      {looks.map(({ id, word }) => (
        <li key={word}>
          <i className={styles[id]} aria-hidden="true" />
          {word}
        </li>
      ))}
    </ul>
  );
}
