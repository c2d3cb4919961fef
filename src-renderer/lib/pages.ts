/** A long list of the host, of which a bounded number of pages is held here. Stale pages stay until newer ones come. */

export const PAGE_ROWS = 100;
/** Some screens full on either side of what is shown. */
export const PAGES_MAX = 50;

export interface Page<Row> {
  /** Generation of the list it belongs to; a page of an older one is shown, and asked for again. */
  readonly generation: number;
  readonly rows: readonly Row[];
}

export type PagesByIndex<Row> = ReadonlyMap<number, Page<Row>>;

/** The map with a page added as the newest; the oldest goes when there are too many. */
export function withPage<Row>(pages: PagesByIndex<Row>, index: number, page: Page<Row>): PagesByIndex<Row> {
  const next = new Map(pages);
  next.delete(index);
  next.set(index, page);
  while (next.size > PAGES_MAX) next.delete(next.keys().next().value as number);
  return next;
}

export function rowAt<Row>(pages: PagesByIndex<Row>, index: number): Row | undefined {
  return pages.get(Math.floor(index / PAGE_ROWS))?.rows[index % PAGE_ROWS];
}

/** Pages that show rows `[start, end)`. */
export function pagesOf(start: number, end: number): number[] {
  const first = Math.floor(start / PAGE_ROWS);
  const last = Math.floor(Math.max(start, end - 1) / PAGE_ROWS);
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
