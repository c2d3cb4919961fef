/** The crash lab: the last write, the fault that is tried on it, the place it is tried at, and what it would leave. */
import type { LabCase, LabCell, LabFault, LabField, LabWrite } from "@softadastra/inspector-contract";
import { create } from "zustand";
import { fromBase64 } from "../../lib/bytes.ts";
import { call, sessionId, useInspector } from "../../lib/inspector.ts";
import { useNavigation } from "../../lib/navigation.ts";

export type FaultKind = LabFault["kind"];
export type PowerLoss = Extract<LabFault, { kind: "power" }>["loss"];

/** What a strip of this fault's cells shows; each is a recovery of its own, made when it comes into sight. */
export type Cells = ReadonlyMap<number, LabCell | null>;

export interface LabSlice {
  /** Null while it is looked for, and where there is none. */
  readonly write: LabWrite | null;
  readonly status: "reading" | "empty" | "ready";
  /** How many of the last records; null: those of the last write. */
  readonly records: number | null;
  readonly kind: FaultKind;
  readonly loss: PowerLoss;
  readonly bit: number;
  readonly sectorBytes: 512 | 4096;
  /** 0 to the length of the write. */
  readonly cut: number;
  /** First place of the strip that is in sight. */
  readonly windowFrom: number;
  readonly cells: Cells;
  /** What one flipped bit at each byte would do. */
  readonly flips: Cells;
  readonly fields: readonly LabField[];
  /** Bytes from this place of the write on. */
  readonly bytes: { readonly from: number; readonly bytes: Uint8Array };
  readonly found: LabCase | null;
  /** Why there is no answer. */
  readonly failure: string | null;
}

/** Bytes in sight at once; a write of no more is shown with all its places, one more than it has bytes. */
export const WINDOW = 96;
/** Places asked for in one call; of a long write fewer, for each takes tens of milliseconds and the strip fills as they come. */
const PIECE = 24;
const LONG_PIECE = 4;
const LONG_BYTES = 1024 * 1024;

export const useLab = create<LabSlice>(() => ({
  write: null,
  status: "reading",
  records: null,
  kind: "kill",
  loss: "tail",
  bit: 0,
  sectorBytes: 512,
  cut: 0,
  windowFrom: 0,
  cells: new Map(),
  flips: new Map(),
  fields: [],
  bytes: { from: 0, bytes: new Uint8Array(0) },
  found: null,
  failure: null,
}));

export function faultOf(slice: Pick<LabSlice, "kind" | "loss" | "bit" | "sectorBytes">): LabFault {
  const { kind, loss, bit, sectorBytes } = slice;
  if (kind === "power") return { kind, loss };
  if (kind === "flip") return { kind, bit };
  return kind === "sector" ? { kind, sectorBytes } : { kind };
}

export function lengthOf({ range }: LabWrite): number {
  return range.end - range.start;
}

/** Every fault but a kill is about a byte: it has no place before the first. */
export const firstCut = (kind: FaultKind) => (kind === "kill" ? 0 : 1);

const isShown = () => useNavigation.getState().view === "lab";

// ---- what is chosen

export function chooseFault(change: Partial<Pick<LabSlice, "kind" | "loss" | "bit" | "sectorBytes">>): void {
  const before = useLab.getState();
  const kind = change.kind ?? before.kind;
  useLab.setState({
    ...change,
    cells: new Map(),
    ...(change.bit === undefined ? {} : { flips: new Map() }),
    cut: Math.max(before.cut, firstCut(kind)),
  });
  void fillStrip();
  void loadCase();
}

export function setCut(wanted: number): void {
  const { write, kind, cut: before, windowFrom } = useLab.getState();
  if (write === null) return;
  const cut = Math.max(firstCut(kind), Math.min(lengthOf(write), Math.round(wanted)));
  if (cut === before) return;
  const from = windowOf(write, cut);
  useLab.setState({ cut, windowFrom: from });
  if (from !== windowFrom) void fillStrip();
  void loadCase();
}

const windowOf = (write: LabWrite, cut: number) => (lengthOf(write) <= WINDOW ? 0 : cut - (cut % WINDOW));

/** How many places of the write are in sight. */
export function placesInSight({ windowFrom }: Pick<LabSlice, "windowFrom">, write: LabWrite): number {
  const placeCount = lengthOf(write) + 1;
  return placeCount === WINDOW + 1 ? placeCount : Math.min(WINDOW, placeCount - windowFrom);
}

export function chooseRecords(records: number | null): void {
  useLab.setState({ records });
  void loadWrite(true);
}

// ---- what the host answers

let writeTurn = 0;

/** Asks for the last write anew; the place stays where it is as long as the write is the same. */
export async function loadWrite(startsOver = false): Promise<void> {
  const mine = ++writeTurn;
  const session = sessionId();
  if (session === -1) return;
  const answer = await call("lab.write", { session, records: useLab.getState().records });
  if (mine !== writeTurn || session !== sessionId()) return;
  if (!answer.ok) {
    const isReading = answer.error.code === "NotIndexed";
    useLab.setState({ write: null, status: "reading", failure: isReading ? null : answer.error.message });
    return;
  }
  const { write } = answer.value;
  const before = useLab.getState().write;
  const isSame = write !== null && before?.range.start === write.range.start && before.range.end === write.range.end;
  if (isSame && !startsOver) return;
  const { kind } = useLab.getState();
  const cut = write === null ? 0 : Math.max(firstCut(kind), Math.floor(Math.min(lengthOf(write), WINDOW) * 0.58));
  useLab.setState({
    write,
    status: write === null ? "empty" : "ready",
    cut,
    windowFrom: write === null ? 0 : windowOf(write, cut),
    cells: new Map(),
    flips: new Map(),
    fields: [],
    found: null,
    failure: null,
  });
  await Promise.all([fillStrip(), loadCase()]);
}

let stripTurn = 0;

/** Tries the fault, and one flipped bit, at every place in sight, piece by piece. */
async function fillStrip(): Promise<void> {
  const mine = ++stripTurn;
  const { write, windowFrom } = useLab.getState();
  if (write === null) return;
  const to = windowFrom + placesInSight({ windowFrom }, write);
  const piece = lengthOf(write) > LONG_BYTES ? LONG_PIECE : PIECE;
  const isCurrent = () => mine === stripTurn && useLab.getState().write === write && isShown();
  await loadBytes(write, windowFrom, to - windowFrom);
  for (const lane of ["cells", "flips"] as const) {
    for (let from = windowFrom; from < to && isCurrent(); from += piece) {
      if (useLab.getState()[lane].has(from)) continue;
      await fillPiece(write, lane, from, Math.min(piece, to - from), isCurrent);
    }
  }
}

async function fillPiece(
  write: LabWrite,
  lane: "cells" | "flips",
  from: number,
  count: number,
  isCurrent: () => boolean,
): Promise<void> {
  const slice = useLab.getState();
  const fault = lane === "cells" ? faultOf(slice) : ({ kind: "flip", bit: slice.bit } as const);
  const answer = await call("lab.cuts", { session: sessionId(), range: write.range, fault, from, count });
  if (!isCurrent()) return;
  if (!answer.ok) {
    if (answer.error.code === "Refused") void loadWrite();
    else useLab.setState({ failure: answer.error.message });
    return;
  }
  useLab.setState((state) => {
    // Only what is in sight is kept: a write may have millions of places.
    const kept = [...state[lane]].filter(([place]) => place >= state.windowFrom && place <= state.windowFrom + WINDOW);
    return { [lane]: new Map([...kept, ...answer.value.cells.map((cell, i) => [from + i, cell] as const)]) };
  });
}

/** The bytes of the strip, from one before on: a cell stands for the byte in front of it. */
async function loadBytes(write: LabWrite, windowFrom: number, count: number): Promise<void> {
  const from = Math.max(0, windowFrom - 1);
  const answer = await call("lab.bytes", {
    session: sessionId(),
    range: write.range,
    from,
    count: Math.min(WINDOW, count),
  });
  if (!answer.ok || useLab.getState().write !== write || useLab.getState().windowFrom !== windowFrom) return;
  useLab.setState({ fields: answer.value.fields, bytes: { from, bytes: fromBase64(answer.value.bytes) } });
}

let caseTurn = 0;
let isCaseUnderWay = false;

/** The newest place wins; while one is worked out, those that were only passed through are left out. */
async function loadCase(): Promise<void> {
  caseTurn += 1;
  if (isCaseUnderWay) return;
  isCaseUnderWay = true;
  try {
    for (let done = -1; done !== caseTurn; ) {
      done = caseTurn;
      await loadOneCase();
    }
  } finally {
    isCaseUnderWay = false;
  }
}

async function loadOneCase(): Promise<void> {
  const slice = useLab.getState();
  const { write, cut } = slice;
  if (write === null) return;
  const answer = await call("lab.case", { session: sessionId(), range: write.range, fault: faultOf(slice), cut });
  if (useLab.getState().write !== write) return;
  if (answer.ok) useLab.setState({ found: answer.value, failure: null });
  else if (answer.error.code === "Refused") void loadWrite();
  else useLab.setState({ failure: answer.error.message });
}

/** Follows the log while the lab is on the screen. Called once, when the app starts. */
export function startLab(): void {
  useInspector.subscribe((state, before) => {
    const isOther = state.session?.session !== before.session?.session;
    if (isOther) useLab.setState({ write: null, status: "reading", found: null, failure: null, records: null, cut: 0 });
    if (!isShown()) return;
    if (
      isOther ||
      state.session?.indexing.phase !== before.session?.indexing.phase ||
      state.session?.recordCount !== before.session?.recordCount
    )
      void loadWrite();
  });
  useNavigation.subscribe((state, before) => {
    if (state.view !== "lab" || before.view === "lab") return;
    void loadWrite();
    void fillStrip();
  });
}
