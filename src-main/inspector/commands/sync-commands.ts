/** Commands about delivery: the outbox, and the ticks that move it. */
import type { Delivery, Handlers, OutboxRow, SyncState } from "@softadastra/inspector-contract";
import type { Client, OutboxEntry, OutboxQuery, SyncStatus } from "@softadastra/sdk";
import { displayText, toBase64 } from "../log-view/display-text.ts";
import type { CallContext } from "../server/connection.ts";
import type { Desk } from "../sessions/desk.ts";
import { answer, unwrap } from "../sessions/host-error.ts";
import type { Session } from "../sessions/session.ts";

type SyncCommands = Pick<
  Handlers<CallContext>,
  "sync.state" | "sync.outbox" | "sync.rowOf" | "sync.tick" | "sync.run" | "sync.retryFailed"
>;

/** Entries looked at between two pauses when the outbox is searched. */
const SEARCH_PAGE = 1_000;

const OPEN: readonly SyncStatus[] = ["pending", "queued", "in_flight", "failed"];

export function syncCommands(desk: Desk): SyncCommands {
  return {
    "sync.state": ({ session: id }) => answer("sync.state", () => syncState(desk.require(id))),
    "sync.outbox": ({ session: id, filter, search, start, count }) =>
      answer("sync.outbox", async () => {
        const session = desk.require(id);
        const nowMs = Date.now();
        const page =
          session.client === null
            ? await inspectedPage(session, filter, search, start, count)
            : await livePage(session, session.client, { filter, search, start, count, nowMs });
        return { ...page, start, nowMs };
      }),
    "sync.rowOf": ({ session: id, filter, search, offset }) =>
      answer("sync.rowOf", async () => {
        const session = desk.require(id);
        const { client } = session;
        if (client !== null) return { row: await liveRowOf(session, client, { filter, search }, offset) };
        if (!isPendingIn(filter)) return { row: null };
        return { row: await session.thread.view.openOperationRow(offset, search) };
      }),
    "sync.tick": ({ session: id, prune }) => answer("sync.tick", () => desk.require(id).tick(prune)),
    "sync.run": ({ session: id, everyMs }) =>
      answer("sync.run", () => {
        const session = desk.require(id);
        session.writer();
        session.run(everyMs);
        return {};
      }),
    "sync.retryFailed": ({ session: id }) =>
      answer("sync.retryFailed", async () => {
        const session = desk.require(id);
        const count = unwrap(await session.writer().retryFailed());
        await session.takeUp(0);
        return { count };
      }),
  };
}

async function syncState(session: Session): Promise<SyncState> {
  const { options, ticks, runningEveryMs, client } = session;
  const base = {
    batchSize: options.batchSize,
    attemptsMax: options.maxRetries,
    ackTimeoutMs: options.ackTimeoutMs,
    runningEveryMs,
    nowMs: Date.now(),
    ticks: [...ticks],
  };
  if (client === null) {
    // Read-only: what would wait for delivery if a node opened this log.
    const pendingCount = session.status.openOperationCount;
    return {
      ...base,
      outboxSize: pendingCount,
      pendingCount,
      queuedCount: 0,
      inFlightCount: 0,
      acknowledgedCount: 0,
      failedCount: 0,
      stuckCount: 0,
      stuckInFlightCount: 0,
      nextTimeoutMs: null,
      oldestQueuedMs: null,
      totalRetries: 0,
    };
  }
  const state = unwrap(await client.syncStateInfo());
  const oldest = unwrap(await client.outbox({ status: "queued", limit: 1 }))[0];
  const inFlight = state.inFlightCount === 0 ? [] : unwrap(await client.outbox({ status: "in_flight" }));
  const timeouts = inFlight.map((entry) => (entry.lastAttemptMs ?? entry.createdMs) + base.ackTimeoutMs);
  const stuckInFlightCount = timeouts.filter((timeoutMs) => timeoutMs <= base.nowMs).length;
  const nextTimeoutMs = timeouts.reduce((next, ms) => (ms > base.nowMs ? Math.min(next, ms) : next), Infinity);
  return {
    ...base,
    outboxSize: state.outboxSize,
    pendingCount: state.pendingCount,
    queuedCount: state.queuedCount,
    inFlightCount: state.inFlightCount,
    acknowledgedCount: state.acknowledgedCount,
    failedCount: state.failedCount,
    stuckCount: stuckInFlightCount + state.failedCount,
    stuckInFlightCount,
    nextTimeoutMs: Number.isFinite(nextTimeoutMs) ? nextTimeoutMs : null,
    oldestQueuedMs: oldest?.createdMs ?? null,
    totalRetries: state.totalRetries,
  };
}

function isPastTimeout(entry: OutboxEntry, ackTimeoutMs: number, nowMs: number): boolean {
  return entry.status === "in_flight" && entry.lastAttemptMs !== null && nowMs - entry.lastAttemptMs >= ackTimeoutMs;
}

/** Whether pending operations are among those of the filter. */
const isPendingIn = (filter: string) => filter === "all" || filter === "open" || filter === "pending";

/** The outbox as the log alone shows it: everything nobody acknowledged is pending. */
async function inspectedPage(session: Session, filter: string, search: string, start: number, count: number) {
  if (!isPendingIn(filter)) return { rowCount: 0, rows: [] };
  const { rowCount, operations } = await session.thread.view.openOperations(start, count, search);
  const rows = operations.map(
    ({ key, name, kind, version, occurrence, offset, createdMs }): OutboxRow => ({
      syncId: syncIdOf(session, version, occurrence),
      status: "pending",
      attempts: 0,
      attemptsMax: session.options.maxRetries,
      createdMs,
      lastAttemptMs: null,
      nextRetryMs: null,
      key,
      name,
      kind,
      version,
      offset,
      stuck: null,
    }),
  );
  return { rowCount, rows };
}

/** Row of the operation that the record at the offset holds, in the outbox as it is filtered. */
async function liveRowOf(
  session: Session,
  client: Client,
  { filter, search }: Pick<PageRequest, "filter" | "search">,
  offset: number,
): Promise<number | null> {
  const { record } = await session.thread.view.recordAt(offset);
  if (record === null || record.offset !== offset || record.key === null) return null;
  const syncId = syncIdOf(session, record.sequence, await session.thread.view.occurrenceAt(offset));
  if ((await client.outboxEntry(syncId)).isErr()) return null;
  const request = { filter, search, nowMs: Date.now() };
  let row = 0;
  let found: number | null = null;
  await searchEntries(client, statusQuery(filter), (entry) => {
    if (found !== null || !isWanted(session, entry, request)) return false;
    if (entry.syncId === syncId) found = row;
    row += 1;
    return false;
  });
  return found;
}

interface PageRequest {
  readonly filter: string;
  readonly search: string;
  readonly start: number;
  readonly count: number;
  readonly nowMs: number;
}

async function livePage(session: Session, client: Client, request: PageRequest) {
  const { filter, search, start, count } = request;
  const query = statusQuery(filter);
  const wanted = search.trim().toLowerCase();
  const entries =
    wanted === "" && filter !== "stuck" ? unwrap(await client.outbox({ ...query, skip: start, limit: count })) : null;
  if (entries !== null) {
    const rowCount = await countOf(client, filter);
    return { rowCount, rows: await toRows(session, entries, request.nowMs) };
  }
  const matches = await searchEntries(client, query, (entry) => isWanted(session, entry, request));
  return { rowCount: matches.length, rows: await toRows(session, matches.slice(start, start + count), request.nowMs) };
}

function isWanted(
  { options }: Session,
  entry: OutboxEntry,
  { filter, search, nowMs }: Pick<PageRequest, "filter" | "search" | "nowMs">,
): boolean {
  const wanted = search.trim().toLowerCase();
  if (filter === "stuck" && entry.status !== "failed" && !isPastTimeout(entry, options.ackTimeoutMs, nowMs))
    return false;
  return (
    [entry.key, entry.syncId].some((text) => text.toLowerCase().includes(wanted)) || String(entry.version) === wanted
  );
}

function statusQuery(filter: string): OutboxQuery {
  if (filter === "all") return {};
  if (filter === "open") return { status: OPEN };
  if (filter === "stuck") return { status: ["in_flight", "failed"] };
  return { status: filter as SyncStatus };
}

async function countOf(client: Client, filter: string): Promise<number> {
  const state = unwrap(await client.syncStateInfo());
  if (filter === "all") return state.outboxSize;
  if (filter === "open") return state.outboxSize - state.acknowledgedCount;
  const byStatus: Record<string, number> = {
    pending: state.pendingCount,
    queued: state.queuedCount,
    in_flight: state.inFlightCount,
    acknowledged: state.acknowledgedCount,
    failed: state.failedCount,
  };
  return byStatus[filter] ?? 0;
}

/** Goes through the outbox in pages, so that a large one does not hold up everything else. */
async function searchEntries(
  client: Client,
  query: OutboxQuery,
  isMatch: (entry: OutboxEntry) => boolean,
): Promise<OutboxEntry[]> {
  const matches: OutboxEntry[] = [];
  let after: string | undefined;
  for (;;) {
    const page = await client.outbox({ ...query, limit: SEARCH_PAGE, ...(after === undefined ? {} : { after }) });
    // An entry that was pruned meanwhile ends the search early: the next question starts over.
    if (page.isErr()) return matches;
    const entries = page.value();
    matches.push(...entries.filter(isMatch));
    if (entries.length < SEARCH_PAGE) return matches;
    after = entries.at(-1)?.syncId;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function toRows(session: Session, entries: readonly OutboxEntry[], nowMs: number): Promise<OutboxRow[]> {
  const keys = entries.map((entry) => toBase64(entry.keyBytes));
  const operations = entries.map((entry) => ({
    sequence: entry.version,
    occurrence: occurrenceIn(session, entry.syncId),
  }));
  const offsets = await session.thread.view.offsetsOfOperations(operations);
  return entries.map((entry, i) => ({
    ...toDelivery(session, entry),
    key: keys[i] as string,
    name: displayText(entry.keyBytes).text,
    kind: entry.kind,
    version: entry.version,
    offset: offsets[i] ?? null,
    stuck:
      entry.status === "failed"
        ? "at-maximum"
        : isPastTimeout(entry, session.options.ackTimeoutMs, nowMs)
          ? "past-timeout"
          : null,
  }));
}

function toDelivery(session: Session, entry: OutboxEntry): Delivery {
  return {
    syncId: entry.syncId,
    status: entry.status,
    attempts: entry.attempts,
    attemptsMax: session.options.maxRetries,
    createdMs: entry.createdMs,
    lastAttemptMs: entry.lastAttemptMs,
    nextRetryMs: entry.nextRetryMs,
  };
}

/** As the node names an operation: a sequence that repeats carries its occurrence from the second on. */
function syncIdOf({ nodeId }: Session, sequence: number, occurrence: number): string {
  return `${nodeId}-${sequence}${occurrence === 1 ? "" : `.${occurrence}`}`;
}

function occurrenceIn({ nodeId }: Session, syncId: string): number {
  return Number(syncId.slice(nodeId.length + 1).split(".")[1] ?? 1);
}

/** Delivery of the operation that stands there; null when it left the outbox, or there is none in this mode. */
export async function deliveryOf(
  session: Session,
  { sequence, offset }: { sequence: number; offset: number },
): Promise<Delivery | null> {
  if (session.client === null) return null;
  const occurrence = await session.thread.view.occurrenceAt(offset);
  const entry = await session.client.outboxEntry(syncIdOf(session, sequence, occurrence));
  return entry.isOk() ? toDelivery(session, entry.value()) : null;
}
