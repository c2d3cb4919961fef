import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seeded } from "../testing/seed.ts";
import { PAGE_ROWS, PAGES_MAX, type PagesByIndex, pagesOf, rowAt, withPage } from "./pages.ts";

const pageOf = (index: number, generation = 1) => ({
  generation,
  rows: Array.from({ length: PAGE_ROWS }, (_, i) => index * PAGE_ROWS + i),
});

const anyRange = fc.tuple(fc.nat(1_000_000), fc.nat(300)).map(([start, length]) => ({ start, end: start + length }));

describe("the pages of a range", () => {
  test("hold every row of it, and no page without one", () => {
    fc.assert(
      fc.property(anyRange, ({ start, end }) => {
        const asked = pagesOf(start, end);
        for (let row = start; row < end; row += 1) expect(asked).toContain(Math.floor(row / PAGE_ROWS));
        for (const page of asked) {
          const holds = page * PAGE_ROWS < Math.max(end, start + 1) && (page + 1) * PAGE_ROWS > start;
          expect(holds).toBe(true);
        }
      }),
      seeded,
    );
  });

  test("all fetched, every row of the range is there and is the right one", () => {
    fc.assert(
      fc.property(anyRange, ({ start, end }) => {
        let pages: PagesByIndex<number> = new Map();
        for (const index of pagesOf(start, end)) pages = withPage(pages, index, pageOf(index));
        for (let row = start; row < end; row += 1) expect(rowAt(pages, row)).toBe(row);
      }),
      seeded,
    );
  });
});

describe("the pages that are held", () => {
  test("are never more than the limit, whatever is scrolled through", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(10_000), { maxLength: 300 }), (indexes) => {
        let pages: PagesByIndex<number> = new Map();
        for (const index of indexes) {
          pages = withPage(pages, index, pageOf(index));
          expect(pages.size).toBeLessThanOrEqual(PAGES_MAX);
          expect(rowAt(pages, index * PAGE_ROWS)).toBe(index * PAGE_ROWS);
        }
      }),
      seeded,
    );
  });

  test("keep those in sight: scrolling up through the whole cache and down again leaves no gap", () => {
    let pages: PagesByIndex<number> = new Map();
    for (let index = PAGES_MAX - 1; index >= 0; index -= 1) pages = withPage(pages, index, pageOf(index));
    // The last page fetched first is the oldest, and half of the screen.
    const inSight = pagesOf(PAGES_MAX * PAGE_ROWS - 20, PAGES_MAX * PAGE_ROWS + 20);
    pages = withPage(pages, PAGES_MAX, pageOf(PAGES_MAX), inSight);
    expect(pages.size).toBe(PAGES_MAX);
    expect(rowAt(pages, PAGES_MAX * PAGE_ROWS - 1)).toBe(PAGES_MAX * PAGE_ROWS - 1);
    expect(rowAt(pages, PAGES_MAX * PAGE_ROWS)).toBe(PAGES_MAX * PAGE_ROWS);
  });

  test("are replaced by a newer generation and not by an older one", () => {
    let pages: PagesByIndex<number> = new Map();
    pages = withPage(pages, 3, { generation: 2, rows: [20] });
    expect(rowAt(withPage(pages, 3, { generation: 3, rows: [30] }), 300)).toBe(30);
    expect(rowAt(withPage(pages, 3, { generation: 1, rows: [10] }), 300)).toBe(20);
  });

  test("do not change under a reader: each map is a new one", () => {
    const before: PagesByIndex<number> = new Map([[0, pageOf(0)]]);
    withPage(before, 1, pageOf(1));
    expect([...before.keys()]).toEqual([0]);
  });
});

test("a row of a page that is not here, or behind its end, is unknown", () => {
  const pages: PagesByIndex<number> = new Map([[1, { generation: 1, rows: [7] }]]);
  expect(rowAt(pages, 100)).toBe(7);
  expect(rowAt(pages, 101)).toBeUndefined();
  expect(rowAt(pages, 0)).toBeUndefined();
});
