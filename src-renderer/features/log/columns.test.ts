import { expect, test } from "vitest";
import { COLUMN_IDS, columnTracks, shownColumns, toggleColumn, useColumns } from "./columns.ts";

test("a narrow window goes without the roomy columns, and any column but the key can be hidden", () => {
  expect(shownColumns([], false)).toEqual(COLUMN_IDS);
  expect(shownColumns([], true)).toEqual([
    "number",
    "offset",
    "length",
    "sequence",
    "operation",
    "key",
    "time",
    "verdict",
  ]);
  expect(shownColumns(["number", "time"], true)).toEqual([
    "offset",
    "length",
    "sequence",
    "operation",
    "key",
    "verdict",
  ]);
});

test("the key takes what is left, however few columns there are", () => {
  for (let count = 0; count < COLUMN_IDS.length; count += 1) {
    const shown = shownColumns(COLUMN_IDS.filter((id) => id !== "key").slice(0, count), false);
    const { tracks, minWidth } = columnTracks(shown, false);
    expect(tracks.match(/1fr/g)).toHaveLength(1);
    expect(minWidth).toBeGreaterThanOrEqual(120);
    expect(minWidth).toBeLessThanOrEqual(1_100);
  }
});

test("the key stays", () => {
  toggleColumn("key");
  expect(useColumns.getState().hidden).toEqual([]);
});
