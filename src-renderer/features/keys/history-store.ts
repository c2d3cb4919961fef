/** Versions of the shown key, of which any number is listed: the newest come with the key, the others as they are scrolled to. */
import { type KeyVersion, limits } from "@softadastra/inspector-contract";
import { create } from "zustand";
import { call, sessionId } from "../../lib/inspector.ts";
import { PAGE_ROWS, type PagesByIndex, pagesOf, rowAt, withPage } from "../../lib/pages.ts";
import { type DescribedKey, useValue } from "./value-store.ts";

interface HistoryState {
  readonly key: string | null;
  readonly versionCount: number;
  readonly generation: number;
  readonly pages: PagesByIndex<KeyVersion>;
}

export const useHistory = create<HistoryState>(() => ({ key: null, versionCount: 0, generation: 0, pages: new Map() }));

const wanted = new Set<string>();

/** Takes what came with the key. Pages of the same key stay until newer ones come; a write has moved what is in them. */
function begin(key: string, described: DescribedKey): void {
  const before = useHistory.getState();
  const generation = before.generation + 1;
  let pages: PagesByIndex<KeyVersion> = before.key === key ? before.pages : new Map();
  // Of a key that was written very often after the moment, the list does not begin with the newest.
  const first = Math.max(0, described.laterCount - limits.HISTORY_LATER_MAX);
  const skipped = (PAGE_ROWS - (first % PAGE_ROWS)) % PAGE_ROWS;
  for (let at = skipped; at < described.history.length; at += PAGE_ROWS) {
    const rows = described.history.slice(at, at + PAGE_ROWS);
    // A page that is not full, and not the last, is left to be asked for.
    if (rows.length === PAGE_ROWS || first + at + rows.length === described.versionCount)
      pages = withPage(pages, (first + at) / PAGE_ROWS, { generation, rows });
  }
  useHistory.setState({ key, versionCount: described.versionCount, generation, pages });
}

/** Rows `[start, end)` are in sight. */
export function showHistoryRange(start: number, end: number): void {
  for (const index of pagesOf(start, end)) void loadPage(index);
}

async function loadPage(index: number): Promise<void> {
  const { key, pages, generation, versionCount } = useHistory.getState();
  const name = `${generation} ${index}`;
  if (key === null || index * PAGE_ROWS >= versionCount || wanted.has(name)) return;
  if (pages.get(index)?.generation === generation) return;
  wanted.add(name);
  const start = index * PAGE_ROWS;
  const answer = await call("keys.history", { session: sessionId(), key, start, count: PAGE_ROWS });
  wanted.delete(name);
  const now = useHistory.getState();
  if (!answer.ok || now.key !== key || now.generation !== generation) return;
  useHistory.setState({ pages: withPage(now.pages, index, { generation, rows: answer.value.versions }, [index]) });
}

export function versionAt(index: number): KeyVersion | undefined {
  return rowAt(useHistory.getState().pages, index);
}

/** Called once, when the app starts. */
export function startHistory(): void {
  useValue.subscribe(({ key, described }, before) => {
    if (described === before.described) return;
    if (key === null || described === null)
      useHistory.setState({
        key: null,
        versionCount: 0,
        pages: new Map(),
        generation: useHistory.getState().generation + 1,
      });
    else begin(key, described);
  });
}
