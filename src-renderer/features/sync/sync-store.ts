/** Delivery as the host tells it: counters, ticks, and the pages of the outbox that are in sight. */
import type { OutboxRow, SyncState, SyncStatus, TickReport } from "@softadastra/inspector-contract";
import { create } from "zustand";
import { countOf, formatCount } from "../../lib/format.ts";
import { call, perform, sessionId, useInspector } from "../../lib/inspector.ts";
import { useNavigation } from "../../lib/navigation.ts";
import { PAGE_ROWS, type PagesByIndex, pagesOf, rowAt, withPage } from "../../lib/pages.ts";
import { pointAtRow } from "../../lib/records.ts";
import { showToast } from "../../lib/toasts.ts";

export type OutboxFilter = "all" | "open" | "stuck" | SyncStatus;

interface SyncSlice {
  readonly state: SyncState | null;
  /** Host time minus this page's: ages are counted in host time. */
  readonly clockShiftMs: number;
  readonly filter: OutboxFilter;
  readonly rowCount: number;
  readonly pages: PagesByIndex<OutboxRow>;
  readonly generation: number;
  /** Raised by each new filter or search. */
  readonly listId: number;
  readonly activeIndex: number;
  /** Raised when the list should scroll to the active row. */
  readonly revealCount: number;
  readonly intervalMs: number;
}

export const useSync = create<SyncSlice>(() => ({
  state: null,
  clockShiftMs: 0,
  filter: "all",
  rowCount: 0,
  pages: new Map(),
  generation: 0,
  listId: 0,
  activeIndex: -1,
  revealCount: 0,
  intervalMs: 5_000,
}));

let visible = { start: 0, end: PAGE_ROWS };
const asked = new Set<string>();
const SEARCH_PAUSE_MS = 150;
/** Looked at this long after an operation timed out. */
const TIMEOUT_GRACE_MS = 100;

export function outboxRow(index: number): OutboxRow | undefined {
  return rowAt(useSync.getState().pages, index);
}

let timeoutTimer: ReturnType<typeof setTimeout> | undefined;
let turn = 0;
/** The question whose answer is shown: one to an earlier question comes too late. */
let shownTurn = 0;

async function refreshState(): Promise<void> {
  const mine = ++turn;
  const session = sessionId();
  clearTimeout(timeoutTimer);
  if (session === -1) return;
  const answer = await call("sync.state", { session });
  if (!answer.ok || session !== sessionId() || mine < shownTurn) return;
  shownTurn = mine;
  const { nowMs, nextTimeoutMs } = answer.value;
  useSync.setState({ state: answer.value, clockShiftMs: nowMs - Date.now() });
  clearTimeout(timeoutTimer);
  // An operation becomes stuck by time alone: nothing else would say so.
  if (nextTimeoutMs !== null) timeoutTimer = setTimeout(refresh, nextTimeoutMs - nowMs + TIMEOUT_GRACE_MS);
}

function refresh(): void {
  useSync.setState(({ generation }) => ({ generation: generation + 1 }));
  void refreshState();
  ensureRange(visible.start, visible.end);
}

/** Another list: from its first row on. */
function restart(): void {
  visible = { start: 0, end: PAGE_ROWS };
  useSync.setState(({ listId }) => ({ pages: new Map(), activeIndex: -1, listId: listId + 1 }));
  refresh();
  if (useNavigation.getState().view === "sync") void findCursor();
}

export function setFilter(filter: OutboxFilter): void {
  useSync.setState({ filter });
  restart();
}

/** A row that was chosen: the record of its operation is under the cursor, everywhere. */
export function setActive(activeIndex: number): void {
  useSync.setState({ activeIndex });
  const row = outboxRow(activeIndex);
  if (row !== undefined && row.offset !== null) pointAtRow({ kind: "record", offset: row.offset, key: row.key });
}

/** Finds the operation of the record under the cursor. */
async function findCursor(): Promise<void> {
  const { recordOffset, search } = useNavigation.getState();
  if (recordOffset === null || outboxRow(useSync.getState().activeIndex)?.offset === recordOffset) return;
  const { listId, filter } = useSync.getState();
  const answer = await call("sync.rowOf", { session: sessionId(), filter, search, offset: recordOffset });
  if (!answer.ok || useSync.getState().listId !== listId) return;
  if (useNavigation.getState().recordOffset !== recordOffset) return;
  const { row } = answer.value;
  useSync.setState(({ revealCount }) => ({ activeIndex: row ?? -1, revealCount: revealCount + 1 }));
}

export function ensureRange(start: number, end: number): void {
  visible = { start, end };
  const { generation, filter, pages } = useSync.getState();
  for (const index of pagesOf(start, end)) {
    const ticket = `${generation}:${filter}:${index}`;
    if (pages.get(index)?.generation === generation || asked.has(ticket)) continue;
    asked.add(ticket);
    void fetchPage(generation, filter, index).finally(() => asked.delete(ticket));
  }
}

async function fetchPage(generation: number, filter: OutboxFilter, index: number): Promise<void> {
  const { view, search } = useNavigation.getState();
  const answer = await call("sync.outbox", {
    session: sessionId(),
    filter,
    search: view === "sync" ? search : "",
    start: index * PAGE_ROWS,
    count: PAGE_ROWS,
  });
  const now = useSync.getState();
  if (!answer.ok || now.filter !== filter || generation < now.generation) return;
  const { rows, rowCount } = answer.value;
  const inSight = pagesOf(visible.start, visible.end);
  useSync.setState({ rowCount, pages: withPage(now.pages, index, { generation, rows }, inSight) });
}

/** Each press is a tick, also while the one before still runs: the host takes them in order. */
export async function tick(prune: boolean): Promise<void> {
  await perform("sync.tick", { session: sessionId(), prune }, "The tick did not run");
}

export function setIntervalMs(intervalMs: number): void {
  useSync.setState({ intervalMs });
}

/** Starts ticking by itself, or stops. */
export async function toggleRun(): Promise<void> {
  const { state, intervalMs } = useSync.getState();
  const everyMs = state?.runningEveryMs === null ? intervalMs : null;
  await perform("sync.run", { session: sessionId(), everyMs }, "Ticks could not be started");
}

export async function retryFailed(): Promise<void> {
  const answer = await perform("sync.retryFailed", { session: sessionId() }, "Failed operations were not put back");
  if (answer === null) return;
  showToast({ tone: "done", title: `${countOf(answer.count, "operation")} put back into the queue` });
}

/** `4 in flight, 1 retried` */
export function sayTick(tick: TickReport): string {
  const parts = [
    tick.batchSize > 0 && `${formatCount(tick.batchSize)} in flight`,
    tick.sentCount > 0 && `${formatCount(tick.sentCount)} sent`,
    tick.retriedCount > 0 && `${formatCount(tick.retriedCount)} retried`,
    tick.isPruning && `${formatCount(tick.prunedCount)} pruned`,
  ].filter(Boolean);
  if (parts.length === 0 && tick.failedCount === 0) return "nothing to do";
  return parts.join(", ");
}

/** Follows the log and the search while Sync is on the screen. Called once, when the app starts. */
export function startSync(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const isShown = () => useNavigation.getState().view === "sync";
  useInspector.subscribe((state, before) => {
    if (state.session?.session !== before.session?.session) {
      useSync.setState({ state: null, filter: "all", rowCount: 0 });
      restart();
    } else if (state.syncRevision !== before.syncRevision || state.keysRevision !== before.keysRevision) {
      if (isShown()) refresh();
      else void refreshState();
    }
  });
  useNavigation.subscribe((state, before) => {
    if (!isShown()) return;
    if (state.view === before.view && state.search === before.search) {
      if (state.recordOffset !== before.recordOffset) void findCursor();
      return;
    }
    clearTimeout(timer);
    timer = setTimeout(restart, state.view === before.view ? SEARCH_PAUSE_MS : 0);
  });
}
