/** Commands of the crash lab. What they make, they make of copies; the open log is only read. */
import type { Handlers, LabRange } from "@softadastra/inspector-contract";
import { type CaseSource, reopenCase, saveCase } from "../lab/case-file.ts";
import type { LabRefusal } from "../lab/crash-lab.ts";
import { killNode } from "../lab/kill-run.ts";
import type { CallContext } from "../server/connection.ts";
import type { Desk } from "../sessions/desk.ts";
import { answer, HostError } from "../sessions/host-error.ts";

type LabCommands = Pick<
  Handlers<CallContext>,
  "lab.write" | "lab.cuts" | "lab.bytes" | "lab.case" | "lab.reopen" | "lab.save" | "lab.kill"
>;

function refusal(why: LabRefusal["refused"]): HostError {
  return why === "reading"
    ? new HostError("NotIndexed", "The file is not read to its end yet: its last write is not known.")
    : new HostError("Refused", "The log has other writes at its end by now.");
}

function orRefuse<T extends object>(answered: T | LabRefusal): T {
  if ("refused" in answered) throw refusal(answered.refused);
  return answered;
}

export function labCommands(desk: Desk): LabCommands {
  const viewOf = (session: number) => desk.require(session).thread.view;
  const caseOf = async (
    session: number,
    place: { range: LabRange; fault: CaseSource["fault"]; cut: number },
  ): Promise<CaseSource> => {
    const { path, originPath } = desk.require(session).place;
    const { range, fault, cut } = place;
    const found = orRefuse(await viewOf(session).labCase({ range, fault }, cut));
    return { path, originPath, range, fault, cut, found };
  };
  return {
    "lab.write": ({ session, records }) =>
      answer("lab.write", async () => orRefuse(await viewOf(session).labWrite(records))),
    "lab.cuts": ({ session, range, fault, from, count }) =>
      answer("lab.cuts", async () => orRefuse(await viewOf(session).labCuts({ range, fault }, from, count))),
    "lab.bytes": ({ session, range, from, count }) =>
      answer("lab.bytes", async () => orRefuse(await viewOf(session).labBytes(range, from, count))),
    "lab.case": ({ session, range, fault, cut }) =>
      answer("lab.case", async () => orRefuse(await viewOf(session).labCase({ range, fault }, cut))),
    "lab.reopen": ({ session, ...place }, { signal }) =>
      answer("lab.reopen", () =>
        desk.whileOpen(signal, async (both) => reopenCase(await caseOf(session, place), both)),
      ),
    "lab.save": ({ session, path, overwrite, ...place }, { signal }) =>
      answer("lab.save", () =>
        desk.whileOpen(signal, async (both) => saveCase(await caseOf(session, place), path, overwrite, both)),
      ),
    "lab.kill": ({ session: id, outstanding, confirmed }, { signal }) =>
      answer("lab.kill", () =>
        desk.whileOpen(signal, async (both) => {
          const { place, status } = desk.require(id);
          if (status.indexing.phase !== "done") throw refusal("reading");
          try {
            return await killNode({
              programUrl: new URL("./kill-node.js", desk.deps.workerUrl),
              path: place.path,
              originPath: place.originPath,
              bytes: status.validBytes,
              recordCount: status.recordCount,
              outstanding,
              confirmed,
              signal: both,
              onProgress: (label, doneBytes, totalBytes) => {
                if (label === "Copying") desk.progress({ label, phase: "reading", doneBytes, totalBytes });
              },
            });
          } finally {
            desk.progress(null);
          }
        }),
      ),
  };
}
