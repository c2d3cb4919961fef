/** Starts a reading thread for a log and hands out its methods. */
import { Worker } from "node:worker_threads";
import type { LogStatus, LogView } from "./log-view.ts";
import type { RepairProgress } from "./repair-work.ts";
import { endWithWorker, type Remote, RpcCaller } from "./rpc.ts";
import type { TRANSFER_METHODS, Transfers } from "./transfers.ts";

export const LOG_VIEW_METHODS = [
  "open",
  "status",
  "stopReading",
  "resumeReading",
  "follow",
  "setFollowing",
  "close",
  "openView",
  "closeView",
  "rows",
  "expand",
  "locate",
  "stopSearch",
  "describe",
  "history",
  "versionOf",
  "readValue",
  "newestOf",
  "offsetsOfOperations",
  "occurrenceAt",
  "openOperations",
  "openOperationRow",
  "strip",
  "recordRows",
  "recordRowOf",
  "stopRecordSearch",
  "recordDetail",
  "bytesAt",
  "recordAt",
  "momentAt",
  "recordOfSequence",
  "health",
  "walReport",
  "policies",
  "policyRows",
  "planRepair",
  "runRepair",
  "stopRepair",
  "labWrite",
  "labCuts",
  "labBytes",
  "labCase",
] as const satisfies readonly (keyof LogView)[];

export interface LogThread {
  readonly view: Remote<Pick<LogView, (typeof LOG_VIEW_METHODS)[number]>>;
  readonly transfers: Remote<Pick<Transfers, (typeof TRANSFER_METHODS)[number]>>;
  onStatus(listener: (status: LogStatus) => void): void;
  onRepair(listener: (progress: RepairProgress) => void): void;
  /** Closes the view and ends the thread; a thread that does not answer is ended all the same. */
  end(): Promise<void>;
}

/** A thread that has not closed its file by then hangs in a read of a dead disk. */
const CLOSE_MS_MAX = 2_000;

/** `workerUrl` is the built `worker.js`: who composes the program knows where it lies. */
export function startLogThread(workerUrl: URL, path: string): LogThread {
  const worker = new Worker(workerUrl, { workerData: { path } });
  const caller = new RpcCaller(worker);
  endWithWorker(worker, caller);
  const view = caller.remote<LogView>();
  return {
    view,
    transfers: caller.remote<Transfers>(),
    onStatus: (listener) => caller.on("status", (status) => listener(status as LogStatus)),
    onRepair: (listener) => caller.on("repair", (progress) => listener(progress as RepairProgress)),
    async end() {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, CLOSE_MS_MAX);
      });
      await Promise.race([view.close().catch(() => undefined), late]);
      clearTimeout(timer);
      await worker.terminate();
    },
  };
}
