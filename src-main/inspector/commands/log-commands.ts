/** Commands about the records of the file: where they are, what is in them, and their bytes. */
import type { Handlers } from "@softadastra/inspector-contract";
import type { CallContext } from "../server/connection.ts";
import type { Desk } from "../sessions/desk.ts";
import { answer, HostError } from "../sessions/host-error.ts";

type LogCommands = Pick<
  Handlers<CallContext>,
  | "log.strip"
  | "log.recordAt"
  | "log.momentAt"
  | "log.recordOfSequence"
  | "log.rows"
  | "log.rowOf"
  | "log.stopSearch"
  | "log.detail"
  | "log.bytes"
>;

export function logCommands(desk: Desk): LogCommands {
  const viewOf = (session: number) => desk.require(session).thread.view;
  return {
    "log.strip": ({ session, columns }) => answer("log.strip", () => viewOf(session).strip(columns)),
    "log.recordAt": ({ session, offset }) => answer("log.recordAt", () => viewOf(session).recordAt(offset)),
    "log.momentAt": ({ session, offset }) => answer("log.momentAt", () => viewOf(session).momentAt(offset)),
    "log.recordOfSequence": ({ session, sequence }) =>
      answer("log.recordOfSequence", () => viewOf(session).recordOfSequence(sequence)),
    "log.rows": ({ session, filter, search, start, count }) =>
      answer("log.rows", async () => orRefuse(await viewOf(session).recordRows({ filter, search }, start, count))),
    "log.rowOf": ({ session, filter, search, offset }) =>
      answer("log.rowOf", async () => orRefuse(await viewOf(session).recordRowOf({ filter, search }, offset))),
    "log.stopSearch": ({ session }) =>
      answer("log.stopSearch", async () => {
        await viewOf(session).stopRecordSearch();
        return {};
      }),
    "log.detail": ({ session, offset }) => answer("log.detail", () => viewOf(session).recordDetail(offset)),
    "log.bytes": ({ session, start, length }) => answer("log.bytes", () => viewOf(session).bytesAt(start, length)),
  };
}

function orRefuse<T extends object>(answered: T | { badSearch: string }): T {
  if ("badSearch" in answered) throw new HostError("BadSearch", answered.badSearch);
  return answered;
}
