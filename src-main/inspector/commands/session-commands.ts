/** Commands that open files and change what may be done with the open one. */
import { basename } from "node:path";
import type { Handlers } from "@softadastra/inspector-contract";
import { utcStamp } from "@softadastra/sdk/tools";
import { fromBase64 } from "../log-view/display-text.ts";
import type { CallContext } from "../server/connection.ts";
import type { Desk } from "../sessions/desk.ts";
import { answer, HostError } from "../sessions/host-error.ts";

type SessionCommands = Pick<
  Handlers<CallContext>,
  | "session.open"
  | "session.openSample"
  | "session.create"
  | "session.current"
  | "session.close"
  | "session.reload"
  | "session.stop"
  | "session.resume"
  | "session.follow"
  | "session.planWrite"
  | "session.setMode"
  | "session.saveAs"
  | "drop.begin"
  | "drop.write"
  | "drop.finish"
>;

export function sessionCommands(desk: Desk): SessionCommands {
  return {
    "session.open": ({ path, searchWhole }, { signal }) =>
      answer("session.open", () => desk.open(path, { searchWhole: searchWhole ?? false, signal })),
    "session.openSample": ({ name }, { signal }) =>
      answer("session.openSample", async () => (await desk.openSample(name, signal)).state()),
    "session.create": ({ path }) => answer("session.create", async () => (await desk.create(path)).state()),
    "session.current": () => answer("session.current", () => ({ state: desk.session?.state() ?? null })),
    "session.close": ({ session }) =>
      answer("session.close", async () => {
        await desk.close(session);
        return {};
      }),
    "session.reload": ({ session }) => answer("session.reload", async () => (await desk.reload(session)).state()),
    "session.stop": ({ session }) =>
      answer("session.stop", async () => {
        await desk.require(session).thread.view.stopReading();
        return {};
      }),
    "session.resume": ({ session }) =>
      answer("session.resume", async () => {
        await desk.require(session).thread.view.resumeReading();
        return {};
      }),
    "session.follow": ({ session, isOn }) =>
      answer("session.follow", async () => (await desk.setFollowing(session, isOn)).state()),
    "session.planWrite": ({ session: id }) =>
      answer("session.planWrite", async () => {
        const session = desk.require(id);
        const { status } = session;
        if (status.indexing.phase !== "done") {
          throw new HostError("NotIndexed", "The file is not read to its end yet.");
        }
        const obstacle = await desk.writeObstacle(session);
        return {
          canWrite: obstacle === null,
          reason: obstacle?.reason ?? null,
          holderPid: obstacle?.holderPid ?? null,
          tornBytes: status.verdict === "torn-tail" ? status.tailBytes : 0,
          tornOffset: status.validBytes,
          setAsideName: `${basename(session.place.originPath)}.torn-${utcStamp(Date.now())}`,
          recordCount: status.recordCount,
        };
      }),
    "session.setMode": ({ session, mode }, { signal }) =>
      answer("session.setMode", async () => (await desk.setMode(session, mode, signal)).state()),
    "session.saveAs": ({ session, path, overwrite }, { signal }) =>
      answer("session.saveAs", () => desk.saveAs(session, path, overwrite, signal)),

    "drop.begin": ({ name, fileBytes }) =>
      answer("drop.begin", async () => ({ drop: await desk.drops.begin(name, fileBytes) })),
    "drop.write": ({ drop, start, bytes }) =>
      answer("drop.write", async () => {
        await desk.drops.write(drop, start, fromBase64(bytes));
        return {};
      }),
    "drop.finish": ({ drop }) => answer("drop.finish", () => desk.openDropped(drop)),
  };
}
