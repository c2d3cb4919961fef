import type { FileRegion } from "@softadastra/inspector-contract";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seeded } from "../testing/seed.ts";
import { columnsFor, stripScale } from "./StripDrawing.tsx";

type Layout = Parameters<typeof stripScale>[0];

/** Regions lie one behind the other from the readable part on; the rest of the file is not read yet. */
function layoutOf(goodBytes: number, regionBytes: readonly number[], unreadBytes: number): Layout {
  let offset = goodBytes;
  const regions = regionBytes.map((bytes): FileRegion => {
    const region = { kind: "damaged", offset, bytes, recordCount: 0 } as const;
    offset += bytes;
    return region;
  });
  return { goodBytes, fileBytes: offset + unreadBytes, regions };
}

const anyLayout = fc
  .tuple(fc.nat(1_000_000), fc.array(fc.integer({ min: 1, max: 100_000 }), { maxLength: 40 }), fc.nat(100_000))
  .map(([good, regions, unread]) => layoutOf(good, regions, unread));
const anyWidth = fc.integer({ min: 60, max: 3000 });

describe("any file at any width", () => {
  test("fits: readable part and regions one behind the other, within the strip", () => {
    fc.assert(
      fc.property(anyLayout, anyWidth, (layout, width) => {
        const { goodWidth, regions } = stripScale(layout, width);
        expect(goodWidth).toBeGreaterThanOrEqual(0);
        let at = goodWidth;
        for (const region of regions) {
          expect(region.x).toBeCloseTo(at, 6);
          expect(region.width).toBeGreaterThan(0);
          at += region.width;
        }
        expect(at).toBeLessThanOrEqual(width + 1e-6);
      }),
      seeded,
    );
  });

  test("pointing never goes backwards, and never out of the file", () => {
    fc.assert(
      fc.property(anyLayout, anyWidth, (layout, width) => {
        const { offsetAt, goodWidth, regions } = stripScale(layout, width);
        const end = goodWidth + regions.reduce((sum, region) => sum + region.width, 0);
        const offsets = Array.from({ length: 50 }, (_, i) => offsetAt((i / 50) * end));
        expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));
        expect(offsets.at(-1)).toBeLessThanOrEqual(layout.fileBytes);
      }),
      seeded,
    );
  });

  test("a place that is drawn is the place that is pointed at there, in readable bytes and in every region", () => {
    fc.assert(
      fc.property(anyLayout, anyWidth, fc.double({ min: 0, max: 0.999, noNaN: true }), (layout, width, share) => {
        const { x, offsetAt, goodWidth, regions } = stripScale(layout, width);
        const perPixel = (bytes: number, pixels: number) => Math.max(1, bytes / pixels) * 1e-6 + 1;
        if (layout.goodBytes > 0 && goodWidth > 1) {
          const offset = Math.floor(layout.goodBytes * share);
          expect(Math.abs(offsetAt(x(offset)) - offset)).toBeLessThanOrEqual(perPixel(layout.goodBytes, goodWidth));
        }
        for (const { region, width: pixels } of regions) {
          const offset = region.offset + Math.floor(region.bytes * share);
          expect(Math.abs(offsetAt(x(offset)) - offset)).toBeLessThanOrEqual(perPixel(region.bytes, pixels));
        }
      }),
      seeded,
    );
  });
});

test("one bad byte at the end of a gigabyte can be seen and pointed at", () => {
  const scale = stripScale(layoutOf(1_000_000_000, [1], 0), 1000);
  const [region] = scale.regions;
  expect(region?.width).toBe(8);
  expect(scale.offsetAt(996)).toBe(1_000_000_000);
  expect(scale.goodWidth).toBe(992);
});

test("very many regions leave half of the strip to the readable records", () => {
  const scale = stripScale(layoutOf(1000, Array(500).fill(1), 0), 400);
  expect(scale.goodWidth).toBeCloseTo(200, 6);
});

test("while a file is read, the part that was not read yet stays empty", () => {
  const scale = stripScale({ goodBytes: 250, fileBytes: 1000, regions: [] }, 400);
  expect(scale.goodWidth).toBe(100);
  expect(scale.x(250)).toBe(100);
  expect(scale.offsetAt(399)).toBe(250);
});

test("an empty file has one place", () => {
  const scale = stripScale({ goodBytes: 0, fileBytes: 0, regions: [] }, 400);
  expect([scale.x(0), scale.offsetAt(0), scale.offsetAt(399)]).toEqual([0, 0, 0]);
});

test("columns are asked for by the width, at least one", () => {
  expect([columnsFor(0), columnsFor(2), columnsFor(1260)]).toEqual([1, 1, 420]);
});
