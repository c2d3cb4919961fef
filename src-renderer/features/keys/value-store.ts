/** The key that is shown: its facts, its bytes, and how they are looked at. */
import { type KeyVersion, limits, type Output } from "@softadastra/inspector-contract";
import { create } from "zustand";
import { fromBase64 } from "../../lib/bytes.ts";
import { calmly } from "../../lib/calm.ts";
import { call, sessionId, useInspector } from "../../lib/inspector.ts";
import { pointAtRecord, useNavigation } from "../../lib/navigation.ts";
import { asOfNow, followTravel } from "../../lib/travel.ts";
import type { ValueTab } from "./decoders.ts";
import { useKeys } from "./keys-store.ts";

export type JsonLook = "tree" | "source";
export type DescribedKey = Output<"keys.describe">;
/** A version other than the one as of the moment, and its neighbours, wherever in a history of any length. */
export type VersionPlace = Output<"keys.version">;

export interface LoadedValue {
  readonly bytes: Uint8Array;
  /** Length of the whole value; more than is loaded for a long one. */
  readonly valueBytes: number;
  /** Record it comes from. */
  readonly offset: number;
  readonly sequence: number;
  /** Session it was read in. */
  readonly session: number;
}

interface ValueState {
  readonly key: string | null;
  readonly described: DescribedKey | null;
  readonly value: LoadedValue | null;
  /** Record of an older version that is shown instead of the newest; null for the newest. */
  readonly versionOffset: number | null;
  /** Of that version. */
  readonly place: VersionPlace | null;
  readonly failure: string | null;
  readonly isLoadingAll: boolean;
  readonly tab: ValueTab;
  readonly jsonLook: JsonLook;
}

export const useValue = create<ValueState>(() => ({
  key: null,
  described: null,
  value: null,
  versionOffset: null,
  place: null,
  failure: null,
  isLoadingAll: false,
  tab: "auto",
  jsonLook: "source",
}));

let turn = 0;
/** What was asked for last; it is on the screen a moment later. */
let wanted: Wish | null = null;
/** The record under the cursor, while it is the one shown here: it follows the value. One that was pointed at stays. */
let followedOffset: number | null = null;

/** What is known of a key: its facts and first bytes, or why there are none. */
interface Fetched {
  readonly described: DescribedKey | null;
  readonly value: LoadedValue | null;
  readonly versionOffset: number | null;
  readonly place: VersionPlace | null;
  readonly failure: string | null;
}

/** Which version is looked at: the one as of the moment, or another one of the key. */
interface Wish {
  readonly key: string;
  readonly versionOffset: number | null;
}

/** Asks for facts and first bytes; the key before stays on the screen until they are here. */
async function load(wish: Wish): Promise<void> {
  const mine = ++turn;
  wanted = wish;
  const { asOf = null } = asOfNow();
  const fetched =
    asOf === null && wish.versionOffset === null ? await fetchNewest(wish.key) : await fetchVersion(wish, asOf);
  if (mine !== turn) return;
  // Another moment is shown by now.
  if (asOf !== (asOfNow().asOf ?? null)) await load(wish);
  else show(wish.key, fetched);
}

function show(key: string, fetched: Fetched): void {
  const { versionOffset, described } = fetched;
  wanted = { key, versionOffset };
  useValue.setState({ key, ...fetched });
  const followed = versionOffset ?? described?.current.offset;
  if (followed !== undefined && described?.isUnwritten !== true) follow(followed);
}

const NOT_THERE = { described: null, value: null, versionOffset: null, place: null };

async function fetchNewest(key: string): Promise<Fetched> {
  const [described, value] = await Promise.all([
    describeKey(key, null),
    readBytes(key, null, limits.PREVIEW_BYTES_MAX),
  ]);
  if (!described.ok) return { ...NOT_THERE, failure: described.error.message };
  const isFailure = typeof value === "string" && !described.value.isDeleted;
  return {
    described: described.value,
    value: typeof value === "string" ? null : longerOf(value),
    versionOffset: null,
    place: null,
    failure: isFailure ? value : null,
  };
}

/** The version that a record wrote, if it is one of the key's, else the one as of the moment. */
async function fetchVersion({ key, versionOffset: at }: Wish, asOf: number | null): Promise<Fetched> {
  const [answer, found] = await Promise.all([
    describeKey(key, asOf),
    at === null ? null : call("keys.version", { session: sessionId(), key, offset: at }),
  ]);
  if (!answer.ok) return { ...NOT_THERE, failure: answer.error.message };
  const described = answer.value;
  const { current, isUnwritten } = described;
  const place = found?.ok && (at !== current.offset || isUnwritten) ? found.value : null;
  const shown = place?.version ?? (isUnwritten ? null : current);
  const versionOffset = place?.version.offset ?? null;
  const facts = { described, versionOffset, place };
  if (shown === null || shown.kind === "delete") return { ...facts, value: null, failure: null };
  const loaded = useValue.getState().value;
  // Scrubbed over records of other keys, the value is the one that is here.
  const isHere = loaded?.offset === shown.offset && loaded.session === sessionId() && useValue.getState().key === key;
  const value = isHere ? loaded : await readBytes(key, shown.offset, limits.PREVIEW_BYTES_MAX);
  if (typeof value === "string") return { ...facts, value: null, failure: value };
  return { ...facts, value: longerOf(value), failure: null };
}

function describeKey(key: string, asOf: number | null) {
  const { separator } = useKeys.getState().options;
  return call("keys.describe", { session: sessionId(), key, separator, ...(asOf === null ? {} : { asOf }) });
}

/** The key that is looked at as of another moment: its value is the one from then. */
async function prepareMoment(asOf: number | null): Promise<() => void> {
  const key = wanted?.key;
  const fetched = key === undefined ? null : await fetchVersion({ key, versionOffset: null }, asOf);
  return () => {
    if (fetched === null || key === undefined || wanted?.key !== key) {
      // Another key was chosen meanwhile.
      if (wanted !== null) void load(wanted);
      return;
    }
    turn += 1;
    followedOffset = useNavigation.getState().recordOffset;
    show(key, fetched);
  };
}

function isSameRecord(a: LoadedValue, b: LoadedValue | null): b is LoadedValue {
  return b !== null && a.session === b.session && a.offset === b.offset;
}

/** A record never changes: what was loaded of it before, perhaps all of it, is as good and often longer. */
function longerOf(value: LoadedValue): LoadedValue {
  const { value: shown } = useValue.getState();
  return isSameRecord(value, shown) && shown.bytes.length >= value.bytes.length ? shown : value;
}

function follow(offset: number): void {
  const { recordOffset } = useNavigation.getState();
  if (recordOffset !== null && recordOffset !== followedOffset) return;
  followedOffset = offset;
  pointAtRecord(offset);
}

/** Bytes of a value up to a limit, or why they cannot be read. More than one piece is read by its record alone. */
export async function readBytes(key: string, offset: number | null, bytesMax: number): Promise<LoadedValue | string> {
  const session = sessionId();
  const pieces: Uint8Array[] = [];
  for (let start = 0; ; start += limits.VALUE_CHUNK_BYTES_MAX) {
    const answer = await call("values.read", {
      session,
      key,
      start,
      length: Math.min(limits.VALUE_CHUNK_BYTES_MAX, bytesMax - start),
      ...(offset === null ? {} : { offset }),
    });
    if (!answer.ok) return answer.error.message;
    pieces.push(fromBase64(answer.value.bytes));
    const { valueBytes, sequence, offset: at } = answer.value;
    const done = start + (pieces.at(-1)?.length ?? 0);
    if (done >= Math.min(valueBytes, bytesMax))
      return { bytes: joinBytes(pieces), valueBytes, sequence, offset: at, session };
  }
}

function joinBytes(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0] as Uint8Array;
  const all = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

export async function loadAll(): Promise<void> {
  const { key, value: shown } = useValue.getState();
  if (key === null || shown === null) return;
  useValue.setState({ isLoadingAll: true });
  // By its record: the key may be written meanwhile, and a value is never put together from two.
  const value = await readBytes(key, shown.offset, Number.MAX_SAFE_INTEGER);
  useValue.setState({ isLoadingAll: false });
  const now = useValue.getState();
  if (now.key !== key || !isSameRecord(shown, now.value)) return;
  if (typeof value === "string") useValue.setState({ failure: value });
  else useValue.setState({ value });
}

/** Shows the value that an older record wrote; null goes back to the newest. */
export function showVersion(offset: number | null): void {
  const { key } = useValue.getState();
  if (key === null) return;
  followedOffset = useNavigation.getState().recordOffset;
  void load({ key, versionOffset: offset });
}

/**
 * The next older (1) or newer (-1) version that can be shown: its record, null for the one as of the moment, undefined
 * for none. What was written after the moment is not stepped to.
 */
export function versionStep(step: 1 | -1): number | null | undefined {
  const { described, place } = useValue.getState();
  if (described === null || described.isUnwritten) return undefined;
  const { history, current } = described;
  const isOlderPut = ({ kind, offset }: KeyVersion) => kind === "put" && offset < current.offset;
  if (place === null) return step === 1 ? history.find(isOlderPut)?.offset : undefined;
  if (place.version.offset > current.offset) return undefined;
  if (step === 1) return place.olderPut ?? undefined;
  return place.newerPut === null || place.newerPut >= current.offset ? null : place.newerPut;
}

/** Shows the next older (1) or newer (-1) value of the key. */
export function stepVersion(step: 1 | -1): void {
  const to = versionStep(step);
  if (to !== undefined) showVersion(to);
}

export function setTab(tab: ValueTab): void {
  useValue.setState({ tab });
}

export function setJsonLook(jsonLook: JsonLook): void {
  useValue.setState({ jsonLook });
}

/** While a file is followed keys change many times a second; what is shown follows at this rate. */
const REFRESH_MS = 250;

/** Looks whether the key that is shown has changed; a record never does, so that its bytes are read again for another only. */
const calm = calmly(REFRESH_MS, async () => {
  const asked = wanted;
  if (asked === null) return;
  const session = sessionId();
  const { asOf = null } = asOfNow();
  const answer = await describeKey(asked.key, asOf);
  if (wanted !== asked || session !== sessionId() || asOf !== (asOfNow().asOf ?? null)) return;
  const { key, value, versionOffset } = useValue.getState();
  const isShown = answer.ok && key === asked.key && versionOffset === asked.versionOffset && value?.session === session;
  // An older version has neighbours, which may be others now.
  const isNewest = versionOffset === null;
  if (isShown && isNewest && !answer.value.isDeleted && value.offset === answer.value.current.offset) {
    useValue.setState({ described: answer.value });
  } else await load(asked);
});

/** Follows the selection, the moment and the log. Called once, when the app starts. */
export function startValue(): void {
  followTravel(prepareMoment);
  useNavigation.subscribe((state, before) => {
    const isPointed = state.recordOffset !== before.recordOffset && state.recordOffset !== followedOffset;
    if (isPointed) followedOffset = null;
    const isOther = state.key !== before.key;
    if (state.key === null) {
      if (!isOther) return;
      turn += 1;
      wanted = null;
      useValue.setState({ key: null, described: null, value: null, versionOffset: null, place: null, failure: null });
      // One cursor: a record that is pointed at is the version that is shown.
    } else if (isOther || isPointed) {
      void load({ key: state.key, versionOffset: isPointed ? state.recordOffset : null });
    }
  });
  useInspector.subscribe((state, before) => {
    if (wanted === null || state.session === null) return;
    if (state.session.session !== before.session?.session) void load({ ...wanted, versionOffset: null });
    // A write or a tick may have changed what is shown; what others write comes many times a second.
    else if (state.keysRevision !== before.keysRevision || state.syncRevision !== before.syncRevision) {
      if (state.session.isFollowing) calm.ask();
      else void load(wanted);
    }
  });
  useKeys.subscribe((state, before) => {
    if (wanted !== null && state.options.separator !== before.options.separator) void load(wanted);
  });
}
