/** Records of the file: found by place or sequence, and pointed at, which shows the key they are about. */
import type { LogRow, Output } from "@softadastra/inspector-contract";
import { call, sessionId, useInspector } from "./inspector.ts";
import { goToKey, pointAtRecord, useNavigation } from "./navigation.ts";

export type FoundRecord = NonNullable<Output<"log.recordAt">["record"]>;

/** The record whose bytes hold the offset, or the last one before it. */
export async function recordAt(offset: number): Promise<FoundRecord | null> {
  const answer = await call("log.recordAt", { session: sessionId(), offset: Math.max(0, offset) });
  return answer.ok ? answer.value.record : null;
}

export async function recordOfSequence(sequence: number): Promise<FoundRecord | null> {
  const answer = await call("log.recordOfSequence", { session: sessionId(), sequence });
  return answer.ok ? answer.value.record : null;
}

export function pointAt(record: FoundRecord | null): void {
  if (record === null) return;
  const { view } = useNavigation.getState();
  // Lists of records and of operations have a row for it: nobody is taken away from them.
  if (view === "log" || view === "sync") pointAtRow({ kind: "record", ...record });
  else if (record.key === null) pointAtRecord(record.offset);
  else goToKey(record.key, record.offset);
}

/** A row of the record list is under the cursor; the view stays. */
export function pointAtRow(row: Pick<LogRow, "kind" | "offset" | "key">): void {
  // What nobody reads says nothing about what its key holds.
  const key = row.kind === "record" ? row.key : null;
  useNavigation.setState((state) => ({ recordOffset: row.offset, key: key ?? state.key }));
}

/** Steps that wait for the one before; a key that is held down must not go on long after it was let go. */
const STEPS_WAITING_MAX = 8;
let waitingCount = 0;
let steps: Promise<void> = Promise.resolve();

/** Moves from the record under the cursor; without one, from the beginning or the end. Quick steps follow each other. */
export function stepRecord(direction: 1 | -1): Promise<void> {
  if (waitingCount < STEPS_WAITING_MAX) {
    waitingCount += 1;
    steps = steps
      .catch(() => undefined)
      .then(() => step(direction))
      .finally(() => {
        waitingCount -= 1;
      });
  }
  return steps;
}

async function step(direction: 1 | -1): Promise<void> {
  const { session } = useInspector.getState();
  if (session === null) return;
  const { recordOffset, view } = useNavigation.getState();
  if (recordOffset !== null && view === "log") {
    await stepRow(recordOffset, direction);
    return;
  }
  if (recordOffset === null) {
    pointAt(await recordAt(direction === 1 ? 0 : session.validBytes));
    return;
  }
  const here = await recordAt(recordOffset);
  if (here === null) return;
  if (direction === 1) pointAt(await recordAt(here.offset + here.bytes));
  else if (here.offset > 0) pointAt(await recordAt(here.offset - 1));
}

/** The next row of the whole record list: in it what stands behind the stop can be met too. */
async function stepRow(offset: number, direction: 1 | -1): Promise<void> {
  const list = { session: sessionId(), filter: "all", search: "" } as const;
  const here = await call("log.rowOf", { ...list, offset });
  if (!here.ok || here.value.row === null) return;
  const start = here.value.row + direction;
  if (start < 0) return;
  const next = await call("log.rows", { ...list, start, count: 1 });
  const row = next.ok ? next.value.rows[0] : undefined;
  if (row === undefined) return;
  pointAtRow(row);
}
