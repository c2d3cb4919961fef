import { describe, expect, test } from "vitest";
import { PHYSICAL_HEIGHT_MAX, placeAfterScroll, placeAt, type ScrollPlace } from "./virtual-scroll.ts";

const ROW = 26;

describe.each([100, 300_000, 1_000_000, 5_000_000, 50_000_000])("a list of %i rows", (rows) => {
  const space = { totalHeight: rows * ROW, viewHeight: 600 };
  const end = Math.max(0, space.totalHeight - space.viewHeight);

  test("reaches its last row by the scrollbar and its first one back", () => {
    let place: ScrollPlace = { physicalTop: 0, virtualTop: 0 };
    const bottom = Math.min(space.totalHeight, PHYSICAL_HEIGHT_MAX) - space.viewHeight;
    place = placeAfterScroll(bottom, place, space);
    expect(place.virtualTop).toBe(end);
    expect(placeAfterScroll(0, place, space).virtualTop).toBe(0);
  });

  test("moves by what the wheel moves, anywhere", () => {
    for (const share of [0, 0.1, 0.5, 0.9]) {
      const place = placeAt(end * share, space);
      const moved = placeAfterScroll(place.physicalTop + 52, place, space);
      expect(moved.virtualTop - place.virtualTop).toBeCloseTo(52, 5);
    }
  });

  test("a place that is asked for is there, to the row", () => {
    for (const row of [0, 1, 57, Math.floor(rows / 3), rows - 30]) {
      const wanted = Math.max(0, Math.min(row * ROW, end));
      expect(placeAt(row * ROW, space).virtualTop).toBe(wanted);
    }
  });

  test("every row can be met by dragging and then wheeling: no gap between two places of the thumb", () => {
    const bottom = Math.min(space.totalHeight, PHYSICAL_HEIGHT_MAX) - space.viewHeight;
    const at = Math.floor(bottom / 2);
    const place = placeAfterScroll(at, { physicalTop: 0, virtualTop: 0 }, space);
    const next = placeAfterScroll(at + 1, place, space);
    expect(next.virtualTop - place.virtualTop).toBeCloseTo(1, 5);
  });
});
