/** The command about the file as a whole: its health. */
import type { Handlers } from "@softadastra/inspector-contract";
import type { CallContext } from "../server/connection.ts";
import type { Desk } from "../sessions/desk.ts";
import { answer } from "../sessions/host-error.ts";

export function healthCommands(desk: Desk): Pick<Handlers<CallContext>, "health.report"> {
  return {
    "health.report": ({ session }) => answer("health.report", () => desk.require(session).thread.view.health()),
  };
}
