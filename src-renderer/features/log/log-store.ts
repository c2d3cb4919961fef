/** The record list, the record under the cursor taken apart, and the bytes around it. One cursor: the record's offset. */
import type { LogRow, Output, RecordDetail } from "@softadastra/inspector-contract";
import { create } from "zustand";
import { fromBase64 } from "../../lib/bytes.ts";
import { call, sessionId, useInspector } from "../../lib/inspector.ts";
import { pointAtRecord, useNavigation } from "../../lib/navigation.ts";
import { PAGE_ROWS, type PagesByIndex, pagesOf, rowAt, withPage } from "../../lib/pages.ts";
import { pointAtRow } from "../../lib/records.ts";
import { type ExportScope, registerExportScope } from "../../lib/transfer.ts";
import { startColumns } from "./columns.ts";

export type LogFilter = "all" | "problems";

interface LogSlice {
  readonly filter: LogFilter;
  readonly badSearch: string;
  readonly rowCount: number;
  readonly problemCount: number;
  readonly isExact: boolean;
  readonly searching: Output<"log.rows">["searching"];
  readonly searchFailure: string | null;
  /** Rows there were when the end was last in sight, or when the list was opened: those behind them are new. */
  readonly seenCount: number;
  readonly isAtEnd: boolean;
  readonly pages: PagesByIndex<LogRow>;
  readonly generation: number;
  /** Raised by each other list: another file, filter or search. */
  readonly listId: number;
  readonly activeIndex: number;
  /** Raised when the list should scroll to the active row. */
  readonly revealCount: number;
  /** The record under the cursor. */
  readonly detail: RecordDetail | null;
  /** Fields by their id. */
  readonly selectedField: string | null;
  readonly hoveredField: string | null;
  /** The byte the data inspector reads, as an offset in the file. */
  readonly byteAt: number | null;
  readonly chunks: ReadonlyMap<number, Uint8Array>;
}

export const useLog = create<LogSlice>(() => ({
  filter: "all",
  badSearch: "",
  rowCount: 0,
  problemCount: 0,
  isExact: false,
  searching: null,
  searchFailure: null,
  seenCount: 0,
  isAtEnd: false,
  pages: new Map(),
  generation: 0,
  listId: 0,
  activeIndex: -1,
  revealCount: 0,
  detail: null,
  selectedField: null,
  hoveredField: null,
  byteAt: null,
  chunks: new Map(),
}));

/** Bytes asked for at once: some screens of the hex pane. */
export const CHUNK_BYTES = 4_096;
/** Chunks held: a quarter of a megabyte. */
const CHUNKS_MAX = 64;
const SEARCH_PAUSE_MS = 150;

let visible = { start: 0, end: PAGE_ROWS };
const asked = new Set<string>();
/** A row that was chosen before it was here: its record is under the cursor when it comes. */
let awaitedIndex = -1;

const isShown = () => useNavigation.getState().view === "log";

export function logRow(index: number): LogRow | undefined {
  return rowAt(useLog.getState().pages, index);
}

function query() {
  const { view, search } = useNavigation.getState();
  return { session: sessionId(), filter: useLog.getState().filter, search: view === "log" ? search : "" };
}

// ---- the list

export function ensureRange(start: number, end: number): void {
  visible = { start, end };
  const { generation, pages } = useLog.getState();
  for (const index of pagesOf(start, end)) {
    const ticket = `${generation}:${index}`;
    if (pages.get(index)?.generation === generation || asked.has(ticket)) continue;
    asked.add(ticket);
    void fetchPage(generation, index).finally(() => asked.delete(ticket));
  }
}

async function fetchPage(generation: number, index: number): Promise<void> {
  const { listId } = useLog.getState();
  const answer = await call("log.rows", { ...query(), start: index * PAGE_ROWS, count: PAGE_ROWS });
  const now = useLog.getState();
  if (now.listId !== listId || generation < (now.pages.get(index)?.generation ?? 0)) return;
  if (!answer.ok) {
    if (answer.error.code === "BadSearch") useLog.setState({ badSearch: answer.error.message });
    return;
  }
  const { rows, ...facts } = answer.value;
  const inSight = pagesOf(visible.start, visible.end);
  // While a file is read for the first time, or searched, its rows are not what came since.
  const isSeen = now.isAtEnd || !now.isExact || now.seenCount > facts.rowCount;
  useLog.setState({
    ...facts,
    badSearch: "",
    seenCount: isSeen ? facts.rowCount : now.seenCount,
    pages: withPage(now.pages, index, { generation, rows }, inSight),
  });
  if (awaitedIndex !== -1) {
    if (logRow(awaitedIndex) !== undefined) activate(awaitedIndex);
    return;
  }
  // What stood behind the records moves on when there are more of them.
  const active = rows[now.activeIndex - index * PAGE_ROWS];
  if (active !== undefined && active.offset !== useNavigation.getState().recordOffset) void findCursor(false);
}

/** The last row came into sight, or left it. */
export function setAtEnd(isAtEnd: boolean): void {
  useLog.setState(({ seenCount, rowCount }) => ({ isAtEnd, seenCount: isAtEnd ? rowCount : seenCount }));
}

function refresh(): void {
  useLog.setState(({ generation }) => ({ generation: generation + 1 }));
  ensureRange(visible.start, visible.end);
}

/** Another list, from its first row on; the cursor is found again in it. */
function restart(): void {
  awaitedIndex = -1;
  visible = { start: 0, end: PAGE_ROWS };
  useLog.setState(({ listId }) => ({
    pages: new Map(),
    activeIndex: -1,
    listId: listId + 1,
    badSearch: "",
    // The first rows of another list are none that came since.
    isExact: false,
    isAtEnd: false,
  }));
  refresh();
  void findCursor();
}

/** Ends a search early: what was found stays. */
export async function stopSearch(): Promise<void> {
  await call("log.stopSearch", { session: sessionId() });
  refresh();
}

export function setFilter(filter: LogFilter): void {
  useLog.setState({ filter });
  restart();
}

/** A row that was chosen: its record is under the cursor, everywhere. */
export function activate(index: number): void {
  useLog.setState({ activeIndex: index });
  const row = logRow(index);
  awaitedIndex = row === undefined ? index : -1;
  if (row !== undefined) pointAtRow(row);
}

/** Finds the row of the record under the cursor. */
async function findCursor(isRevealed = true): Promise<void> {
  const { recordOffset } = useNavigation.getState();
  if (recordOffset === null) {
    useLog.setState({ activeIndex: -1 });
    return;
  }
  const row = logRow(useLog.getState().activeIndex);
  if (row !== undefined && row.offset === recordOffset) return;
  const { listId } = useLog.getState();
  const answer = await call("log.rowOf", { ...query(), offset: recordOffset });
  if (!answer.ok || useLog.getState().listId !== listId) return;
  if (useNavigation.getState().recordOffset !== recordOffset) return;
  const { row: found } = answer.value;
  useLog.setState(({ revealCount }) => ({
    activeIndex: found ?? -1,
    revealCount: revealCount + Number(isRevealed),
  }));
}

// ---- the record

let turn = 0;

async function loadDetail(): Promise<void> {
  const mine = ++turn;
  const { recordOffset } = useNavigation.getState();
  if (recordOffset === null) {
    useLog.setState({ detail: null, selectedField: null, byteAt: null });
    return;
  }
  const answer = await call("log.detail", { session: sessionId(), offset: recordOffset });
  if (mine !== turn || !answer.ok) return;
  const { detail } = answer.value;
  const before = useLog.getState();
  const isSame = detail !== null && before.detail?.offset === detail.offset;
  useLog.setState({
    detail,
    hoveredField: null,
    // The field stays chosen from record to record: to compare the same one.
    selectedField: detail?.fields.some(({ id }) => id === before.selectedField) ? before.selectedField : null,
    byteAt: isSame ? before.byteAt : (detail?.offset ?? null),
  });
}

export function selectField(id: string): void {
  const { detail } = useLog.getState();
  const field = detail?.fields.find((other) => other.id === id);
  if (detail === null || field === undefined) return;
  useLog.setState({ selectedField: id, byteAt: detail.offset + field.at });
}

export function hoverField(id: string | null): void {
  if (useLog.getState().hoveredField !== id) useLog.setState({ hoveredField: id });
}

/** The field of the record under the cursor that holds the byte; null outside of it. */
export function fieldAt(detail: RecordDetail | null, offset: number) {
  if (detail === null) return null;
  const at = offset - detail.offset;
  return detail.fields.find((field) => at >= field.at && at < field.at + field.bytes) ?? null;
}

/** A byte that was chosen: its field, or its record where it lies in another one. */
export function selectByte(offset: number): void {
  const { detail } = useLog.getState();
  const isInside = detail !== null && offset >= detail.offset && offset < detail.offset + detail.bytes;
  useLog.setState({ byteAt: offset, selectedField: fieldAt(detail, offset)?.id ?? null });
  if (!isInside) pointAtRecord(offset);
}

// ---- bytes

/** Asks for the bytes `[start, end)` of the file. */
export function ensureBytes(start: number, end: number): void {
  for (let chunk = Math.floor(start / CHUNK_BYTES); chunk * CHUNK_BYTES < end; chunk += 1) {
    const ticket = `bytes:${sessionId()}:${chunk}`;
    if (useLog.getState().chunks.has(chunk) || asked.has(ticket)) continue;
    asked.add(ticket);
    void fetchChunk(chunk).finally(() => asked.delete(ticket));
  }
}

/** The file is longer: what was appended stands in the chunk that was short. In one that is shorter nothing is certain. */
function takeUpBytes(isShorter: boolean): void {
  if (isShorter) {
    useLog.setState({ chunks: new Map() });
    return;
  }
  for (const [chunk, bytes] of useLog.getState().chunks) if (bytes.length < CHUNK_BYTES) void fetchChunk(chunk);
}

async function fetchChunk(chunk: number): Promise<void> {
  const session = sessionId();
  const answer = await call("log.bytes", { session, start: chunk * CHUNK_BYTES, length: CHUNK_BYTES });
  if (!answer.ok || session !== sessionId()) return;
  const chunks = new Map(useLog.getState().chunks);
  chunks.set(chunk, fromBase64(answer.value.bytes));
  for (const oldest of chunks.keys()) {
    if (chunks.size <= CHUNKS_MAX) break;
    if (oldest !== chunk) chunks.delete(oldest);
  }
  useLog.setState({ chunks });
}

/** Bytes that are here, from `start` on, at most `length`; shorter at the end of the file or of what was loaded. */
export function bytesAt(chunks: ReadonlyMap<number, Uint8Array>, start: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const at = start + done;
    const chunk = chunks.get(Math.floor(at / CHUNK_BYTES));
    const piece = chunk?.subarray(at % CHUNK_BYTES, (at % CHUNK_BYTES) + length - done);
    if (piece === undefined || piece.length === 0) break;
    bytes.set(piece, done);
    done += piece.length;
  }
  return bytes.subarray(0, done);
}

/** What the list shows, where that is not every row. */
function exportScope(): ExportScope | null {
  const { filter, search } = query();
  if (filter === "all" && search.trim() === "") return null;
  return { rows: "records", words: "what Log shows", view: null, filter, search };
}

/** Follows the log, the cursor and the search while Log is on the screen. Called once, when the app starts. */
export function startLog(): void {
  startColumns();
  registerExportScope("log", exportScope);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const show = () => {
    restart();
    void loadDetail();
  };
  useInspector.subscribe((state, before) => {
    const isOther = state.session?.session !== before.session?.session;
    if (isOther) useLog.setState({ chunks: new Map(), detail: null, filter: "all", rowCount: 0, problemCount: 0 });
    if (!isShown()) return;
    if (isOther) show();
    else if (
      state.keysRevision !== before.keysRevision ||
      state.viewsRevision !== before.viewsRevision ||
      state.syncRevision !== before.syncRevision ||
      state.session?.indexing.phase !== before.session?.indexing.phase ||
      state.session?.recordCount !== before.session?.recordCount ||
      state.session?.fileBytes !== before.session?.fileBytes ||
      state.session?.verdict !== before.session?.verdict
    ) {
      const isShorter = (state.session?.fileBytes ?? 0) < (before.session?.fileBytes ?? 0);
      takeUpBytes(isShorter);
      refresh();
      // What is whole never changes; what is not may be taken apart further by now.
      if (isShorter || useLog.getState().detail?.kind !== "record") void loadDetail();
    }
  });
  useNavigation.subscribe((state, before) => {
    if (!isShown()) return;
    if (state.view !== before.view) show();
    else if (state.search !== before.search) {
      clearTimeout(timer);
      timer = setTimeout(restart, SEARCH_PAUSE_MS);
    } else if (state.recordOffset !== before.recordOffset) {
      void findCursor();
      void loadDetail();
    }
  });
}
