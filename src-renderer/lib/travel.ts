/**
 * Time travel: the moment of the log that the screens show. What they need of another moment is asked for first and then
 * shown at once, so that nothing on the screen is of two moments. Moves that come quickly coalesce: the newest wins.
 */
import type { Moment } from "@softadastra/inspector-contract";
import { create } from "zustand";
import { formatCount } from "./format.ts";
import { call, sessionId, useInspector } from "./inspector.ts";
import { useNavigation } from "./navigation.ts";
import { pointAtRow } from "./records.ts";

/** A record by its offset, or by its place in the file; null is the end of the log, whatever is written. */
export type Target = { readonly offset: number } | { readonly index: number } | null;

interface Travel {
  /** What is shown is as of this record; null for the end of the log. */
  readonly moment: Moment | null;
  /** Where the cursor goes while that is not shown yet. */
  readonly target: Target | "none";
}

export const useTravel = create<Travel>(() => ({ moment: null, target: "none" }));

/** Asks for what a screen shows as of then, and answers how to show it. */
export type Follower = (asOf: number | null) => Promise<() => void>;
const followers: Follower[] = [];

/** From now on the follower is asked before another moment is shown. */
export function followTravel(follower: Follower): void {
  followers.push(follower);
}

/** The moment that is shown, as calls name it. */
export function asOfNow(): { asOf?: number } {
  const { moment } = useTravel.getState();
  return moment === null ? {} : { asOf: moment.offset };
}

/** An answer of this moment may be shown now. */
export function isNow(moment: Moment | null): boolean {
  return (moment?.offset ?? null) === (useTravel.getState().moment?.offset ?? null);
}

let moving: Promise<void> | null = null;

/** Shows another moment; resolves when the newest that was asked for is on the screen. */
export function travelTo(target: Target): Promise<void> {
  useTravel.setState({ target });
  moving ??= moveAll().finally(() => {
    moving = null;
  });
  return moving;
}

async function moveAll(): Promise<void> {
  for (;;) {
    const { target } = useTravel.getState();
    if (target === "none") return;
    await moveTo(target);
    // Unless another was asked for meanwhile.
    if (useTravel.getState().target === target) useTravel.setState({ target: "none" });
  }
}

async function moveTo(target: Target): Promise<void> {
  const session = sessionId();
  const asOf = await offsetOf(target);
  const [moment, ...shows] = await Promise.all([
    asOf === null ? null : momentAt(asOf),
    ...followers.map((follower) => follower(asOf)),
  ]);
  if (session !== sessionId()) return;
  useTravel.setState({ moment });
  for (const show of shows) show();
  // In Log the record is what is looked at; elsewhere the key stays, to see what becomes of it.
  if (moment !== null && useNavigation.getState().view === "log") pointAtRow({ kind: "record", ...moment });
}

async function offsetOf(target: Target): Promise<number | null> {
  if (target === null || "offset" in target) return target?.offset ?? null;
  const query = { session: sessionId(), filter: "all", search: "", start: target.index, count: 1 } as const;
  const answer = await call("log.rows", query);
  return answer.ok ? (answer.value.rows[0]?.offset ?? null) : null;
}

async function momentAt(offset: number): Promise<Moment | null> {
  const answer = await call("log.momentAt", { session: sessionId(), offset });
  return answer.ok ? answer.value.moment : null;
}

/** Moves by so many records. Behind the last one is the end of the log, which new records move on. */
export function travelBy(steps: number): Promise<void> {
  const { moment, target } = useTravel.getState();
  const last = (useInspector.getState().session?.recordCount ?? 0) - 1;
  if (last < 0) return Promise.resolve();
  const shown = moment?.index ?? last;
  const from = target === "none" || (target !== null && "offset" in target) ? shown : (target?.index ?? last);
  const isLatest = target === "none" ? moment === null : target === null;
  if (steps > 0 && (isLatest || from === last)) return travelTo(null);
  return travelTo({ index: Math.max(0, Math.min(last, from + steps)) });
}

/** Why the record under the cursor cannot be travelled to; null when it can. */
export function travelObstacle(): string | null {
  const { session } = useInspector.getState();
  const { recordOffset } = useNavigation.getState();
  if (recordOffset === null || session === null) return "No record is selected";
  return recordOffset < session.validBytes ? null : "No reader gets to this record: there is no state as of it";
}

/** Shows the log as of the record under the cursor. */
export function travelToRecord(): void {
  const { recordOffset } = useNavigation.getState();
  if (recordOffset !== null && travelObstacle() === null) void travelTo({ offset: recordOffset });
}

function sayObstacle(mode: string | undefined, moment: Moment | null): string | null {
  if (mode === undefined) return "No file is open";
  if (mode === "inspect") return "The file is open read-only";
  if (moment === null) return null;
  return `Record #${formatCount(moment.index + 1)} is shown as it was: go back to Latest to edit`;
}

/** Why nothing may be written now; null when it may. */
export function editObstacle(): string | null {
  return sayObstacle(useInspector.getState().session?.mode, useTravel.getState().moment);
}

export function useEditObstacle(): string | null {
  const mode = useInspector((state) => state.session?.mode);
  const moment = useTravel((state) => state.moment);
  return sayObstacle(mode, moment);
}

/** Counts of the moment that is shown. */
export function useCounts(): Pick<Moment, "liveKeyCount" | "deletedKeyCount" | "outboxOpenCount"> {
  const session = useInspector((state) => state.session);
  const moment = useTravel((state) => state.moment);
  return moment ?? session ?? { liveKeyCount: 0, deletedKeyCount: 0, outboxOpenCount: 0 };
}

/** Follows the open file: another one is shown as it is now. Called once, before those who follow. */
export function startTravel(): void {
  useInspector.subscribe((state, before) => {
    if (state.session?.session !== before.session?.session) useTravel.setState({ moment: null, target: "none" });
  });
}
