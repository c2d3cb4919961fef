/** Entry of the reading thread: one log view, served over the thread's port. */
import { parentPort, workerData } from "node:worker_threads";
import { LogView } from "./log-view.ts";
import { serve, tell } from "./rpc.ts";
import { LOG_VIEW_METHODS } from "./thread.ts";
import { TRANSFER_METHODS } from "./transfers.ts";

if (parentPort === null) throw new Error("this file runs as a worker thread");
const port = parentPort;
const { path } = workerData as { path: string };
const view = new LogView(
  path,
  (status) => tell(port, "status", status),
  (progress) => tell(port, "repair", progress),
);
serve(port, [view, LOG_VIEW_METHODS], [view.transfers, TRANSFER_METHODS]);
