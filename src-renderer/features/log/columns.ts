/** The columns of the record list: which there are, which are shown, and how wide they are. */
import { create } from "zustand";
import { readSetting, writeSetting } from "../../lib/inspector.ts";

interface ColumnFacts {
  readonly name: string;
  /** In pixels, in a roomy window and in a narrow one. */
  readonly width: readonly [number, number];
  readonly isRight?: boolean;
  /** A narrow window goes without it. */
  readonly isRoomy?: boolean;
}

const FACTS = {
  number: { name: "#", width: [62, 54], isRight: true },
  offset: { name: "Offset", width: [76, 72] },
  length: { name: "Length", width: [70, 62], isRight: true },
  sequence: { name: "Sequence", width: [84, 76], isRight: true },
  type: { name: "Type", width: [86, 86], isRoomy: true },
  operation: { name: "Operation", width: [84, 80] },
  key: { name: "Key", width: [120, 120] },
  value: { name: "Value", width: [68, 68], isRight: true, isRoomy: true },
  status: { name: "Status", width: [76, 76], isRoomy: true },
  time: { name: "Record time", width: [96, 92] },
  verdict: { name: "Verdict", width: [112, 108] },
} as const satisfies Record<string, ColumnFacts>;

export type ColumnId = keyof typeof FACTS;
export const COLUMN_IDS = Object.keys(FACTS) as readonly ColumnId[];
/** What a row is about stands here: without it a row of bytes that are no record would say nothing. */
export const FIXED_COLUMN: ColumnId = "key";

export const columnFacts = (id: ColumnId): ColumnFacts => FACTS[id];

const SETTING = "log.hiddenColumns";
/** Between two columns, and behind the last. */
const GAP = 10;
const MARGIN = 12;

interface Columns {
  readonly hidden: readonly ColumnId[];
}

export const useColumns = create<Columns>(() => ({ hidden: [] }));

export function toggleColumn(id: ColumnId): void {
  if (id === FIXED_COLUMN) return;
  const { hidden } = useColumns.getState();
  keep(hidden.includes(id) ? hidden.filter((other) => other !== id) : [...hidden, id]);
}

export function showAllColumns(): void {
  keep([]);
}

function keep(hidden: readonly ColumnId[]): void {
  useColumns.setState({ hidden });
  writeSetting(SETTING, hidden.join(" "));
}

/** As they were left. Called once, when the settings are here. */
export function startColumns(): void {
  const kept = (readSetting(SETTING) ?? "").split(" ");
  useColumns.setState({ hidden: COLUMN_IDS.filter((id) => id !== FIXED_COLUMN && kept.includes(id)) });
}

/** The columns that are shown, in their order. */
export function shownColumns(hidden: readonly ColumnId[], isNarrow: boolean): readonly ColumnId[] {
  return COLUMN_IDS.filter((id) => !hidden.includes(id) && !(isNarrow && columnFacts(id).isRoomy));
}

/** Tracks of the grid, and the width below which it scrolls sideways. */
export function columnTracks(shown: readonly ColumnId[], isNarrow: boolean): { tracks: string; minWidth: number } {
  const widths = shown.map((id) => columnFacts(id).width[isNarrow ? 1 : 0]);
  return {
    tracks: shown.map((id, i) => (id === FIXED_COLUMN ? `minmax(${widths[i]}px, 1fr)` : `${widths[i]}px`)).join(" "),
    minWidth: widths.reduce((sum, width) => sum + width, 0) + GAP * (shown.length - 1) + MARGIN,
  };
}
