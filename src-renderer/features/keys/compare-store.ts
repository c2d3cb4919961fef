/** Two versions of a key picked to be compared, and their difference. */
import { type KeyVersion, limits } from "@softadastra/inspector-contract";
import { create } from "zustand";
import { call, sessionId, useInspector } from "../../lib/inspector.ts";
import type { DiffForm, DiffResult } from "../../lib/value-jobs.ts";
import { GivenUp, inThread } from "../../lib/value-thread.ts";
import { readBytes, useValue } from "./value-store.ts";

export interface ComparedSide {
  readonly version: KeyVersion;
  /** null for a delete. */
  readonly bytes: Uint8Array | null;
  /** Not all of the value was compared. */
  readonly isCut: boolean;
}

export interface Comparison {
  readonly before: ComparedSide;
  readonly after: ComparedSide;
  readonly form: DiffForm | "auto";
  readonly result: DiffResult;
}

interface CompareState {
  /** In the order in which they were picked; two at most. */
  readonly picks: readonly KeyVersion[];
  /** Versions that are compared, the older one first unless they were swapped. */
  readonly sides: readonly [before: KeyVersion, after: KeyVersion] | null;
  readonly form: DiffForm | "auto";
  /** What is on the screen; it stays until the next one is ready. */
  readonly shown: Comparison | null;
  readonly isWorking: boolean;
  readonly failure: string | null;
  /** Rows of the difference where one begins, the row the keyboard is on, and how often it was moved by a command. */
  readonly anchors: ArrayLike<number>;
  readonly row: number;
  readonly jumps: number;
  /** Row to bring into sight with it: what comes before or behind the difference. */
  readonly seen: number;
}

const CLOSED = {
  sides: null,
  shown: null,
  isWorking: false,
  failure: null,
  anchors: [] as ArrayLike<number>,
  row: -1,
  jumps: 0,
  seen: 0,
} as const;

export const useCompare = create<CompareState>(() => ({ ...CLOSED, picks: [], form: "auto" }));

const PICKS_MAX = 2;

/** Picks a version, or lets it go. A third one takes the place of the one that was picked first. */
export function togglePick(version: KeyVersion): void {
  const { picks } = useCompare.getState();
  const others = picks.filter(({ offset }) => offset !== version.offset);
  const next = others.length < picks.length ? others : [...others, version].slice(-PICKS_MAX);
  useCompare.setState({ picks: next });
}

/** What a comparison would be of: two that are picked, or the version that is shown and the one before it. */
export function pairToCompare(): readonly [number, number] | null {
  const { picks } = useCompare.getState();
  const [first, second] = picks;
  if (first !== undefined && second !== undefined) return [first.offset, second.offset];
  const { described, place } = useValue.getState();
  if (described === null || (described.isUnwritten && place === null)) return null;
  const shown = place?.version ?? described.current;
  const other = first !== undefined && first.offset !== shown.offset ? first.offset : olderThanShown();
  return other === null ? null : [other, shown.offset];
}

function olderThanShown(): number | null {
  const { described, place } = useValue.getState();
  if (place !== null || described === null) return place?.older ?? null;
  return described.history.find(({ offset }) => offset < described.current.offset)?.offset ?? null;
}

function versionBy(offset: number): KeyVersion | undefined {
  const { described, place } = useValue.getState();
  const known = [
    ...useCompare.getState().picks,
    ...(described?.history ?? []),
    ...(place === null ? [] : [place.version]),
  ];
  return known.find((version) => version.offset === offset);
}

export async function comparePicked(): Promise<void> {
  const pair = pairToCompare();
  if (pair === null) return;
  const versions = await Promise.all(pair.map((offset) => versionBy(offset) ?? loadVersion(offset)));
  const [first, second] = versions.filter((version) => version !== null);
  if (first === undefined || second === undefined) return;
  const sides = first.offset < second.offset ? ([first, second] as const) : ([second, first] as const);
  useCompare.setState({ ...CLOSED, sides, form: "auto", picks: [...sides] });
  await run();
}

async function loadVersion(offset: number): Promise<KeyVersion | null> {
  const { key } = useValue.getState();
  if (key === null) return null;
  const answer = await call("keys.version", { session: sessionId(), key, offset });
  return answer.ok ? answer.value.version : null;
}

export function swapSides(): void {
  const { sides } = useCompare.getState();
  if (sides === null) return;
  useCompare.setState({ sides: [sides[1], sides[0]], row: -1 });
  void run();
}

export function setForm(form: DiffForm | "auto"): void {
  if (useCompare.getState().form === form) return;
  useCompare.setState({ form, row: -1 });
  void run();
}

export function closeComparison(): void {
  running?.abort();
  useCompare.setState(CLOSED);
}

let running: AbortController | null = null;

/** Compares the two that are chosen now; one that is under way for others is given up. */
async function run(): Promise<void> {
  running?.abort();
  const mine = new AbortController();
  running = mine;
  const { sides, form } = useCompare.getState();
  const { key } = useValue.getState();
  if (sides === null || key === null) return;
  useCompare.setState({ isWorking: true, failure: null });
  try {
    const [before, after] = await Promise.all([readSide(key, sides[0]), readSide(key, sides[1])]);
    if (mine.signal.aborted) return;
    const result = await inThread({ kind: "diff", form, a: before.bytes, b: after.bytes }, mine.signal);
    if (mine.signal.aborted) return;
    useCompare.setState({ shown: { before, after, form, result }, isWorking: false, row: -1 });
  } catch (error) {
    if (mine.signal.aborted || error instanceof GivenUp) return;
    const failure = error instanceof Error ? error.message : String(error);
    useCompare.setState({ isWorking: false, shown: null, failure });
  }
}

/** A value that cannot be read fails the comparison, with the host's words. */
async function readSide(key: string, version: KeyVersion): Promise<ComparedSide> {
  if (version.kind === "delete") return { version, bytes: null, isCut: false };
  const value = await readBytes(key, version.offset, limits.PREVIEW_BYTES_MAX);
  if (typeof value === "string") throw new Error(value);
  return { version, bytes: value.bytes, isCut: value.bytes.length < value.valueBytes };
}

// ---- moving through the differences

export function setAnchors(anchors: ArrayLike<number>): void {
  useCompare.setState({ anchors });
}

export function setDiffRow(row: number): void {
  useCompare.setState({ row });
}

/** The row where the next (1) or previous (-1) difference begins; null when there is none. */
export function differenceStep(step: 1 | -1): number | null {
  const { anchors, row } = useCompare.getState();
  if (step === 1) {
    for (let i = 0; i < anchors.length; i += 1) if ((anchors[i] as number) > row) return anchors[i] as number;
  } else for (let i = anchors.length - 1; i >= 0; i -= 1) if ((anchors[i] as number) < row) return anchors[i] as number;
  return null;
}

/** Rows in sight beyond the one that was jumped to. */
const CONTEXT = { 1: 8, [-1]: -3 } as const;

export function stepDifference(step: 1 | -1): void {
  const row = differenceStep(step);
  if (row !== null) useCompare.setState(({ jumps }) => ({ row, jumps: jumps + 1, seen: row + CONTEXT[step] }));
}

/** Which difference the row is in, from 1; 0 before the first. */
export function differenceAt(anchors: ArrayLike<number>, row: number): number {
  let [low, high] = [0, anchors.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((anchors[middle] as number) <= row) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Called once, when the app starts: what was picked belongs to one key of one file. */
export function startCompare(): void {
  const forget = () => {
    closeComparison();
    useCompare.setState({ picks: [] });
  };
  useValue.subscribe((state, before) => {
    if (state.key !== before.key) forget();
    // Another version was asked for: it is what is to be seen.
    else if (state.versionOffset !== before.versionOffset && useCompare.getState().sides !== null) closeComparison();
  });
  useInspector.subscribe((state, before) => {
    if (state.session?.session !== before.session?.session) forget();
  });
}
