/** Commands about the file as a whole: its health, and where in it things are. */
import type { Handlers } from "@softadastra/inspector-contract";
import type { CallContext } from "../server/connection.ts";
import type { Desk } from "../sessions/desk.ts";
import { answer } from "../sessions/host-error.ts";

type HealthCommands = Pick<
  Handlers<CallContext>,
  "health.report" | "log.strip" | "log.recordAt" | "log.recordOfSequence"
>;

export function healthCommands(desk: Desk): HealthCommands {
  return {
    "health.report": ({ session }) => answer("health.report", () => desk.require(session).thread.view.health()),
    "log.strip": ({ session, columns }) => answer("log.strip", () => desk.require(session).thread.view.strip(columns)),
    "log.recordAt": ({ session, offset }) =>
      answer("log.recordAt", () => desk.require(session).thread.view.recordAt(offset)),
    "log.recordOfSequence": ({ session, sequence }) =>
      answer("log.recordOfSequence", () => desk.require(session).thread.view.recordOfSequence(sequence)),
  };
}
