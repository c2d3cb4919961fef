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

/**
 * The map with a page added as the newest, unless a newer generation of it is here. When there are too many the oldest
 * goes, but never one that is in sight: a gap there would stay until the list is scrolled.
 */
export function withPage<Row>(
  pages: PagesByIndex<Row>,
  index: number,
  page: Page<Row>,
  inSight: readonly number[] = [],
): PagesByIndex<Row> {
  if ((pages.get(index)?.generation ?? page.generation) > page.generation) return pages;
  const next = new Map(pages);
  next.delete(index);
  next.set(index, page);
  for (const oldest of pages.keys()) {
    if (next.size <= PAGES_MAX) break;
    if (oldest !== index && !inSight.includes(oldest)) next.delete(oldest);
  }
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
