/** Commands about the file as a whole: its health, and where in it things are. */
import type { Handlers } from "@softadastra/inspector-contract";
import type { CallContext } from "../server/connection.ts";
import type { Desk } from "../sessions/desk.ts";
import { answer, HostError } from "../sessions/host-error.ts";

type HealthCommands = Pick<
  Handlers<CallContext>,
  | "health.report"
  | "log.strip"
  | "log.recordAt"
  | "log.recordOfSequence"
  | "log.rows"
  | "log.rowOf"
  | "log.detail"
  | "log.bytes"
>;

export function healthCommands(desk: Desk): HealthCommands {
  return {
    "health.report": ({ session }) => answer("health.report", () => desk.require(session).thread.view.health()),
    "log.strip": ({ session, columns }) => answer("log.strip", () => desk.require(session).thread.view.strip(columns)),
    "log.recordAt": ({ session, offset }) =>
      answer("log.recordAt", () => desk.require(session).thread.view.recordAt(offset)),
    "log.recordOfSequence": ({ session, sequence }) =>
      answer("log.recordOfSequence", () => desk.require(session).thread.view.recordOfSequence(sequence)),
    "log.rows": ({ session, filter, search, start, count }) =>
      answer("log.rows", async () => {
        const { view } = desk.require(session).thread;
        return orRefuse(await view.recordRows({ filter, search }, start, count));
      }),
    "log.rowOf": ({ session, filter, search, offset }) =>
      answer("log.rowOf", async () => {
        const { view } = desk.require(session).thread;
        return orRefuse(await view.recordRowOf({ filter, search }, offset));
      }),
    "log.detail": ({ session, offset }) =>
      answer("log.detail", () => desk.require(session).thread.view.recordDetail(offset)),
    "log.bytes": ({ session, start, length }) =>
      answer("log.bytes", () => desk.require(session).thread.view.bytesAt(start, length)),
  };
}

function orRefuse<T extends object>(answered: T | { badSearch: string }): T {
  if ("badSearch" in answered) throw new HostError("BadSearch", answered.badSearch);
  return answered;
}
