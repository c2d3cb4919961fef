/** The commands of the repair wizard: a plan, the doing in the reading thread, and the report beside the result. */
import fs from "node:fs/promises";
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";
import type { DomainCode, Handlers, RepairDone, RepairPlaces } from "@softadastra/inspector-contract";
import { findLockHolder, nodeFileSystem, utcStamp } from "@softadastra/sdk/tools";
import type { RepairAnswer, RepairRefusal } from "../log-view/repair-work.ts";
import type { CallContext } from "../server/connection.ts";
import type { Desk } from "../sessions/desk.ts";
import { absolutePath, requireFile } from "../sessions/file-facts.ts";
import { answer, HostError } from "../sessions/host-error.ts";
import { type RepairFacts, repairJson, repairMarkdown } from "../sessions/repair-document.ts";
import type { Session } from "../sessions/session.ts";

type RepairCommands = Pick<Handlers<CallContext>, "repair.plan" | "repair.run" | "repair.stop" | "repair.saveReport">;

/** Repairs whose reports can still be saved: a person looks at the last one. */
const REPORTS_KEPT_MAX = 8;
/** Names tried for a file that must be new. */
const NAMES_MAX = 100;

export function repairCommands(desk: Desk): RepairCommands {
  const done = new Map<number, RepairFacts>();
  let nextRepair = 1;
  /** The repair that is under way, by session. */
  const stops = new Map<number, AbortController>();
  return {
    "repair.plan": ({ session: id, policy }, { signal }) =>
      answer("repair.plan", async () => {
        const session = await requireRepairable(desk, id);
        const plan = await withProgress(desk, session, signal, () => session.thread.view.planRepair(policy));
        if (plan.verdict === "clean") throw cleanRefusal(session);
        return { plan, places: await placesFor(session) };
      }),
    "repair.run": ({ session: id, policy, planId, target }, { signal }) =>
      answer("repair.run", async () => {
        if (stops.has(id)) throw new HostError("Refused", "A repair of this log is under way already.");
        const stop = new AbortController();
        stops.set(id, stop);
        try {
          const session = await requireRepairable(desk, id);
          const obstacle = target.kind === "in-place" ? await inPlaceObstacle(session) : null;
          if (obstacle !== null) throw new HostError("Refused", obstacle);
          const outputPath = target.kind === "new-file" ? absolutePath(target.path) : null;
          const backupPath = target.kind === "in-place" ? absolutePath(target.backupPath) : null;
          await requireFree(outputPath ?? backupPath ?? "");
          const startedMs = Date.now();
          const request = { policy, planId, outputPath, backupPath };
          const either = AbortSignal.any([signal, stop.signal]);
          const result = await withProgress(desk, session, either, () => session.thread.view.runRepair(request));
          const facts = { path: session.place.path, result, startedMs, durationMs: Date.now() - startedMs };
          const repair = nextRepair++;
          done.set(repair, facts);
          while (done.size > REPORTS_KEPT_MAX) done.delete(done.keys().next().value as number);
          return told(repair, facts);
        } finally {
          stops.delete(id);
        }
      }),
    "repair.stop": ({ session }) =>
      answer("repair.stop", () => {
        desk.require(session);
        stops.get(session)?.abort();
        return {};
      }),
    "repair.saveReport": ({ repair, format }) =>
      answer("repair.saveReport", async () => {
        const facts = done.get(repair);
        if (facts === undefined) throw new HostError("NotFound", "The report of this repair is not kept any more.");
        const path = `${facts.result.outputPath}.repair.${format === "json" ? "json" : "md"}`;
        const bytes = Buffer.from(format === "json" ? repairJson(facts) : repairMarkdown(facts), "utf8");
        await fs.writeFile(path, bytes, { flag: "wx", flush: true });
        return { path, fileBytes: bytes.length };
      }),
  };
}

function told(repair: number, facts: RepairFacts): RepairDone {
  const { plan: _, ...result } = facts.result;
  const { path, startedMs, durationMs } = facts;
  return { ...result, repair, path, startedMs, durationMs, markdown: repairMarkdown(facts) };
}

const nameOf = (session: Session) => basename(session.place.originPath);

function cleanRefusal(session: Session): HostError {
  return new HostError("Refused", `${nameOf(session)} is clean: there is nothing to repair.`);
}

/** The session, if its file may be repaired at all. */
async function requireRepairable(desk: Desk, id: number): Promise<Session> {
  const session = desk.require(id);
  const { place, status } = session;
  if (place.mode !== "inspect") {
    throw new HostError("WrongMode", "A repair is made of a file that is open read-only. Go back to Inspect first.");
  }
  if (status.indexing.phase !== "done") {
    throw new HostError("NotIndexed", "The file is not read to its end yet: whether it needs a repair is not known.");
  }
  if (status.verdict === "clean") throw cleanRefusal(session);
  await requireFile(place.path);
  const holder = await findLockHolder(nodeFileSystem, place.path);
  if (holder !== null) {
    throw new HostError(
      "Locked",
      `${nameOf(session)} is open for writing in process ${holder.pid}. Close it there first: what it still writes would be missing.`,
      { pid: holder.pid },
    );
  }
  return session;
}

async function inPlaceObstacle({ place }: Session): Promise<string | null> {
  if (place.source !== "file") return "This is a copy without a place of its own: the result goes to a new file.";
  try {
    await fs.access(place.path, fs.constants.W_OK);
    await fs.access(dirname(place.path), fs.constants.W_OK);
    return null;
  } catch {
    return "This user has no permission to write to the file or to its folder: the result goes to a new file elsewhere.";
  }
}

async function placesFor(session: Session): Promise<RepairPlaces> {
  const { place } = session;
  const directory = place.source === "file" ? dirname(place.originPath) : homedir();
  const name = nameOf(session).replace(/\.wal$/i, "");
  return {
    outputPath: await freeName((n) => join(directory, `${name}-repaired${n === 1 ? "" : `-${n}`}.wal`)),
    backupPath: await freeName((n) => `${place.path}.bak-${utcStamp(Date.now())}${n === 1 ? "" : `-${n}`}`),
    inPlaceObstacle: await inPlaceObstacle(session),
  };
}

async function freeName(nameAt: (n: number) => string): Promise<string> {
  for (let n = 1; n < NAMES_MAX; n += 1) {
    const path = nameAt(n);
    if ((await fs.stat(path).catch(() => null)) === null) return path;
  }
  return nameAt(NAMES_MAX);
}

async function requireFree(path: string): Promise<void> {
  const target = await fs.stat(path).catch(() => null);
  if (target?.isDirectory()) throw new HostError("NotAFile", `${path} is a folder. Name a new file in it.`, { path });
  if (target !== null) throw new HostError("Exists", `${path} exists already: name a new file.`, { path });
  const folder = await fs.stat(dirname(path)).catch(() => null);
  if (!folder?.isDirectory()) throw new HostError("NotFound", `There is no folder ${dirname(path)}.`, { path });
}

/** Tells how far the thread has come, and ends its work when nobody waits for it any more. */
async function withProgress<T>(
  desk: Desk,
  session: Session,
  signal: AbortSignal,
  work: () => Promise<RepairAnswer<T>>,
): Promise<T> {
  const { thread } = session;
  if (signal.aborted) throw new HostError("Refused", "The repair was stopped.");
  const stop = () => void thread.view.stopRepair().catch(() => undefined);
  signal.addEventListener("abort", stop, { once: true });
  thread.onRepair((progress) => desk.progress({ phase: "reading", ...progress }));
  try {
    const answered = await work();
    if ("refused" in answered) throw toHostError(answered.refused);
    return answered.value;
  } finally {
    signal.removeEventListener("abort", stop);
    thread.onRepair(() => undefined);
    desk.progress(null);
  }
}

const BY_SYSTEM_CODE: Record<string, DomainCode> = {
  ENOENT: "NotFound",
  EACCES: "NoPermission",
  EPERM: "NoPermission",
  EROFS: "NoPermission",
  EEXIST: "Exists",
};

function toHostError({ code, message, context }: RepairRefusal): HostError {
  const details = { ...context };
  if (code === "already_exists") {
    return new HostError(typeof context.pid === "number" ? "Locked" : "Exists", message, details);
  }
  if (code !== "io_error") return new HostError("Refused", message, details);
  return new HostError(BY_SYSTEM_CODE[String(context.systemCode)] ?? "DiskFailed", message, details);
}
