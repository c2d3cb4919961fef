/** The key list as the host lays it out: which view is open, which of its pages are here, which row the keyboard is on. */
import type { Answer, KeyRow, Output } from "@softadastra/inspector-contract";
import { create } from "zustand";
import { call, perform, readSetting, sessionId, useInspector, writeSetting } from "../../lib/inspector.ts";
import { chooseKey, pointAtRecord, selectKey, useNavigation } from "../../lib/navigation.ts";
import { PAGE_ROWS, type PagesByIndex, pagesOf, rowAt, withPage } from "../../lib/pages.ts";
import { type ExportScope, exportScopeChanged, registerExportScope } from "../../lib/transfer.ts";
import { asOfNow, followTravel, isNow, useTravel } from "../../lib/travel.ts";

export type Shape = "tree" | "list";
export type Separator = "/" | ":" | "." | "";

export interface KeysOptions {
  readonly shape: Shape;
  readonly separator: Separator;
  readonly showLive: boolean;
  readonly showDeleted: boolean;
}

type Facts = Omit<Output<"keys.rows">, "rows" | "start">;

interface KeysState {
  readonly options: KeysOptions;
  readonly view: number | null;
  /** Why the search cannot be understood; the list before it stays. */
  readonly badSearch: string | null;
  /** What the rows that are shown were asked for with. */
  readonly shownSearch: string;
  readonly shownShape: Shape;
  readonly facts: Facts;
  readonly pages: PagesByIndex<KeyRow>;
  /** Raised when everything shown may be stale. */
  readonly generation: number;
  readonly activeIndex: number;
  /** Raised when the active row should be scrolled into sight; its page is here then. */
  readonly revealCount: number;
}

const NO_FACTS: Facts = {
  revision: 0,
  moment: null,
  rowCount: 0,
  keyCount: 0,
  liveCount: 0,
  deletedCount: 0,
  isExact: false,
  searching: null,
  searchFailure: null,
};

const DEFAULTS: KeysOptions = { shape: "tree", separator: "/", showLive: true, showDeleted: false };
/** Typing pauses this long before a search starts. */
const SEARCH_PAUSE_MS = 150;

export const useKeys = create<KeysState>(() => ({
  options: DEFAULTS,
  view: null,
  badSearch: null,
  shownSearch: "",
  shownShape: "tree",
  facts: NO_FACTS,
  pages: new Map(),
  generation: 0,
  activeIndex: -1,
  revealCount: 0,
}));

let visible = { start: 0, end: PAGE_ROWS };
/** A row that was chosen before it was here: its key is shown when it comes. */
let awaitedIndex = -1;
/** Pages asked for: view, generation and page. */
const asked = new Set<string>();
let opening = 0;

export function rowOf(index: number): KeyRow | undefined {
  return rowAt(useKeys.getState().pages, index);
}

function readOptions(): KeysOptions {
  try {
    const kept = JSON.parse(readSetting("keys.options") ?? "") as Partial<KeysOptions>;
    return {
      shape: kept.shape === "list" ? "list" : "tree",
      separator: [":", ".", ""].includes(kept.separator ?? "/") ? (kept.separator as Separator) : "/",
      showLive: kept.showLive !== false,
      showDeleted: kept.showDeleted === true,
    };
  } catch {
    return DEFAULTS;
  }
}

export function setOptions(change: Partial<KeysOptions>): void {
  const options = { ...useKeys.getState().options, ...change };
  // A list of nothing helps nobody: switching the last filter off switches the other on.
  const shown = options.showLive || options.showDeleted ? options : { ...options, showLive: true };
  useKeys.setState({ options: shown });
  writeSetting("keys.options", JSON.stringify(shown));
  void openView();
}

/** Opens a view for the options and the search; the rows before stay until the first of the new ones are here. */
export async function openView(): Promise<void> {
  const turn = ++opening;
  const { session } = useInspector.getState();
  const before = useKeys.getState().view;
  if (session === null) {
    useKeys.setState({ view: null, pages: new Map(), facts: NO_FACTS, activeIndex: -1, badSearch: null });
    return;
  }
  const { view: shown, search: typed } = useNavigation.getState();
  const search = shown === "keys" ? typed : "";
  const { options } = useKeys.getState();
  const answer = await call("keys.open", {
    session: session.session,
    search,
    ...options,
  });
  if (turn !== opening) {
    if (answer.ok) void call("keys.close", { view: answer.value.view });
    return;
  }
  if (!answer.ok) {
    useKeys.setState({ badSearch: answer.error.code === "BadSearch" ? answer.error.message : null });
    return;
  }
  if (before !== null) void call("keys.close", { view: before });
  asked.clear();
  awaitedIndex = -1;
  const first = await firstRows(answer.value.view);
  if (turn !== opening || !first.ok) return;
  const generation = useKeys.getState().generation + 1;
  visible = { start: 0, end: PAGE_ROWS };
  const { rows, start: _start, ...facts } = first.value;
  useKeys.setState({
    view: answer.value.view,
    badSearch: null,
    shownSearch: search,
    shownShape: options.shape,
    facts,
    generation,
    pages: new Map([[0, { generation, rows }]]),
    activeIndex: -1,
  });
  exportScopeChanged();
  await relocate(true);
}

/** As of the moment that is shown when they are here. */
async function firstRows(view: number): Promise<Answer<"keys.rows">> {
  const first = await call("keys.rows", { view, start: 0, count: PAGE_ROWS, ...asOfNow() });
  return !first.ok || isNow(first.value.moment) ? first : firstRows(view);
}

/** The rows in sight as of another moment, all of them together. */
async function prepareMoment(asOf: number | null): Promise<() => void> {
  const { view } = useKeys.getState();
  const fetched = view === null ? null : await rowsAsOf(view, asOf);
  return () => {
    const state = useKeys.getState();
    if (fetched === null || state.view !== view) {
      // Another view was opened meanwhile.
      refresh();
      return;
    }
    asked.clear();
    const generation = state.generation + 1;
    const pages = new Map([...fetched.rows].map(([index, rows]) => [index, { generation, rows }]));
    useKeys.setState({ facts: fetched.facts, generation, pages, activeIndex: indexOfKey(pages) });
    ensureRange(visible.start, visible.end);
  };
}

async function rowsAsOf(view: number, asOf: number | null) {
  const rows = new Map<number, readonly KeyRow[]>();
  let facts: Facts | null = null;
  const fetchAll = async (start: number, end: number): Promise<boolean> => {
    const missing = pagesOf(start, end).filter((index) => !rows.has(index));
    const at = asOf === null ? {} : { asOf };
    const fetch = (index: number) => call("keys.rows", { view, start: index * PAGE_ROWS, count: PAGE_ROWS, ...at });
    for (const [i, answer] of (await Promise.all(missing.map(fetch))).entries()) {
      if (!answer.ok) return false;
      const { rows: fetched, start: _start, ...others } = answer.value;
      rows.set(missing[i] as number, fetched);
      facts = others;
    }
    return true;
  };
  if (!(await fetchAll(visible.start, visible.end))) return null;
  const { rowCount } = facts ?? NO_FACTS;
  // A list that was longer is looked at from its end then.
  const from = Math.max(0, rowCount - (visible.end - visible.start));
  if (from < visible.start && !(await fetchAll(from, rowCount))) return null;
  return facts === null ? null : { rows, facts: facts as Facts };
}

function indexOfKey(pages: PagesByIndex<KeyRow>): number {
  const { key } = useNavigation.getState();
  for (const [index, { rows }] of pages) {
    const at = rows.findIndex((row) => row.kind === "key" && row.key === key);
    if (at !== -1) return index * PAGE_ROWS + at;
  }
  return -1;
}

/** Something changed: what is in sight is asked for again. */
function refresh(): void {
  if (useKeys.getState().view === null) return;
  useKeys.setState(({ generation }) => ({ generation: generation + 1 }));
  ensureRange(visible.start, visible.end);
  void relocate(false);
}

/** Rows `[start, end)` are in sight: fetches the pages that are missing or stale. */
export function ensureRange(start: number, end: number): void {
  visible = { start, end };
  const { view, generation, pages } = useKeys.getState();
  if (view === null) return;
  for (const index of pagesOf(start, end)) {
    const ticket = `${view}:${generation}:${index}`;
    if (pages.get(index)?.generation === generation || asked.has(ticket)) continue;
    asked.add(ticket);
    void fetchPage(view, generation, index).finally(() => asked.delete(ticket));
  }
}

async function fetchPage(view: number, generation: number, index: number): Promise<void> {
  const answer = await call("keys.rows", { view, start: index * PAGE_ROWS, count: PAGE_ROWS, ...asOfNow() });
  const state = useKeys.getState();
  // Rows of another moment are never put among those that are shown.
  if (!answer.ok || state.view !== view || !isNow(answer.value.moment)) return;
  const { rows, start: _start, ...facts } = answer.value;
  const inSight = pagesOf(visible.start, visible.end);
  useKeys.setState({
    // An answer may have been overtaken by a newer one.
    facts: facts.revision < state.facts.revision ? state.facts : facts,
    pages: withPage(state.pages, index, { generation, rows }, inSight),
    activeIndex: followed(state, index, rows),
  });
  if (awaitedIndex !== -1 && rowOf(awaitedIndex) !== undefined) activate(awaitedIndex);
}

/** Where the cursor is once these rows are here: with the selected key it was on, also when that has moved. */
function followed({ activeIndex, pages }: KeysState, index: number, rows: readonly KeyRow[]): number {
  const { key } = useNavigation.getState();
  const isSelected = (row: KeyRow | undefined) => row?.kind === "key" && row.key === key;
  if (key === null || !isSelected(rowAt(pages, activeIndex)) || isSelected(rows[activeIndex - index * PAGE_ROWS])) {
    return activeIndex;
  }
  const at = rows.findIndex(isSelected);
  return at === -1 ? activeIndex : index * PAGE_ROWS + at;
}

/** Finds the row of the selected key again after the list changed; opens its folders only when it is to be shown. */
async function relocate(opensFolders: boolean): Promise<void> {
  const { key } = useNavigation.getState();
  const { view } = useKeys.getState();
  if (view === null) return;
  if (key === null) {
    useKeys.setState({ activeIndex: -1 });
    return;
  }
  if (!opensFolders) {
    const at = indexOfKey(useKeys.getState().pages);
    if (at !== -1) useKeys.setState({ activeIndex: at });
    return;
  }
  const answer = await call("keys.locate", { view, key, ...asOfNow() });
  if (!answer.ok || useKeys.getState().view !== view || answer.value.row === null) return;
  const { row } = answer.value;
  // Folders may have opened: every page is stale, and the row is known once its own is here.
  const generation = useKeys.getState().generation + 1;
  useKeys.setState({ generation });
  await fetchPage(view, generation, Math.floor(row / PAGE_ROWS));
  if (useKeys.getState().view !== view) return;
  useKeys.setState(({ revealCount }) => ({ activeIndex: row, revealCount: revealCount + 1 }));
  ensureRange(visible.start, visible.end);
}

export async function expand(row: Extract<KeyRow, { kind: "folder" }>, isOpen: boolean): Promise<void> {
  const { view } = useKeys.getState();
  if (view !== null)
    await perform("keys.expand", { view, prefix: row.prefix, isOpen }, "The folder could not be opened");
}

/** The keyboard or the pointer is on a row: a key is shown at once. */
export function activate(index: number): void {
  useKeys.setState({ activeIndex: index });
  const row = rowOf(index);
  awaitedIndex = row === undefined ? index : -1;
  if (row?.kind === "key") {
    chooseKey(row.key);
  }
}

export async function stopSearch(): Promise<void> {
  const { view } = useKeys.getState();
  if (view !== null) await call("keys.stopSearch", { view });
}

/** What the list shows, where that is not just every live key. */
function exportScope(): ExportScope | null {
  const { view, options, shownSearch } = useKeys.getState();
  const { moment } = useTravel.getState();
  const isAll = shownSearch.trim() === "" && options.showLive && !options.showDeleted && moment === null;
  if (view === null || isAll) return null;
  const words = moment === null ? "what Keys shows" : "what Keys shows, as it was then";
  return { rows: "keys", words, view, filter: "all", search: "" };
}

/** Follows the session, the search and the navigation. Called once, when the app starts. */
export function startKeys(): void {
  useKeys.setState({ options: readOptions() });
  followTravel(prepareMoment);
  registerExportScope("keys", exportScope);
  let timer: ReturnType<typeof setTimeout> | undefined;
  useInspector.subscribe((state, before) => {
    if (state.session?.session !== before.session?.session) {
      // The same log in another mode, or read again: the user is still at the same key.
      const isSameLog = state.session !== null && state.session.originPath === before.session?.originPath;
      if (!isSameLog) {
        selectKey(null);
        pointAtRecord(null);
      }
      void openView();
    } else if (
      state.keysRevision !== before.keysRevision ||
      state.viewsRevision !== before.viewsRevision ||
      state.session?.indexing.phase !== before.session?.indexing.phase
    )
      refresh();
  });
  useNavigation.subscribe((state, before) => {
    if (state.revealRequest !== before.revealRequest) void relocate(true);
    if (state.view !== "keys" || (state.search === before.search && state.view === before.view)) return;
    clearTimeout(timer);
    timer = setTimeout(() => void openView(), state.search === "" ? 0 : SEARCH_PAUSE_MS);
  });
  if (sessionId() !== -1) void openView();
}
