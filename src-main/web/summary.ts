/** What was recovered from a file, in five lines for a terminal. */
import type { HealthReport, SessionState } from "@softadastra/inspector-contract";
import { formatOffset } from "../inspector/log-view/display-text.ts";

const number = new Intl.NumberFormat("en-US");
const count = (n: number, one: string, many = `${one}s`) => `${number.format(n)} ${n === 1 ? one : many}`;

const VERDICTS = { clean: "clean", "torn-tail": "torn tail", damaged: "damaged", "not-a-wal": "not a log" } as const;

export function summarize(state: SessionState, health: HealthReport): string {
  const { verdict, indexing } = state;
  const where = health.stop === null ? "" : ` at offset ${formatOffset(health.stop.offset)} (${health.stop.code})`;
  const behind =
    state.unreachableRecordCount === 0 ? "" : `, ${number.format(state.unreachableRecordCount)} more behind the stop`;
  const failed = indexing.phase === "failed" ? `could not be read: ${indexing.message}` : "not read to the end";
  const waiting = verdict === "torn-tail" ? ` (${count(state.tailBytes, "byte")} would be, on writing)` : "";
  return [
    `  records    ${number.format(state.recordCount)} recovered${behind}`,
    `  keys       ${number.format(state.liveKeyCount)} live, ${number.format(state.deletedKeyCount)} deleted`,
    `  verdict    ${verdict === null ? failed : VERDICTS[verdict]}${where}`,
    `  set aside  0 bytes${waiting}: the file is open read-only`,
    `  outbox     ${count(state.outboxOpenCount, "operation")} not acknowledged by any peer`,
  ].join("\n");
}
