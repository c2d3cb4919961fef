/** Records of the file: found by place or sequence, and pointed at, which shows the key they are about. */
import type { Output } from "@softadastra/inspector-contract";
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
  if (record.key === null) pointAtRecord(record.offset);
  else goToKey(record.key, record.offset);
}

/** Moves from the record under the cursor; without one, from the beginning or the end. */
export async function stepRecord(direction: 1 | -1): Promise<void> {
  const { session } = useInspector.getState();
  if (session === null) return;
  const { recordOffset } = useNavigation.getState();
  if (recordOffset === null) {
    pointAt(await recordAt(direction === 1 ? 0 : session.validBytes));
    return;
  }
  const here = await recordAt(recordOffset);
  if (here === null) return;
  if (direction === 1) pointAt(await recordAt(here.offset + here.bytes));
  else if (here.offset > 0) pointAt(await recordAt(here.offset - 1));
}
