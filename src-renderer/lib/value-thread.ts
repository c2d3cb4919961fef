/** Runs work on values beside the page, so that no key press waits for it. What is not wanted any more is ended. */
import { type ResultOf, runJob, type ValueJob } from "./value-jobs.ts";

interface Answer {
  readonly id: number;
  readonly result: never;
}

interface Waiting {
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
}

let worker: Worker | null = null;
let lastId = 0;
const waiting = new Map<number, Waiting>();

function theWorker(): Worker {
  if (worker !== null) return worker;
  worker = new Worker(new URL("./value-worker.ts", import.meta.url), { type: "module" });
  worker.addEventListener("message", ({ data }: MessageEvent<Answer>) => {
    waiting.get(data.id)?.resolve(data.result);
    waiting.delete(data.id);
  });
  worker.addEventListener("error", (event) => endWorker(new Error(event.message || "the thread for values failed")));
  return worker;
}

function endWorker(reason: Error): void {
  worker?.terminate();
  worker = null;
  const left = [...waiting.values()];
  waiting.clear();
  for (const { reject } of left) reject(reason);
}

/** Work that was given up: its result is not wanted. */
export class GivenUp extends Error {}

/**
 * The result of a job. One job at a time is wanted of each kind; the thread is ended with what runs in it when a job is
 * given up, and the next one starts another.
 */
export function inThread<J extends ValueJob>(job: J, signal?: AbortSignal): Promise<ResultOf[J["kind"]]> {
  // A page without threads is one of the tests'.
  if (typeof Worker === "undefined") return Promise.resolve().then(() => runJob(job));
  const id = ++lastId;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(new GivenUp());
      return;
    }
    waiting.set(id, { resolve, reject });
    signal?.addEventListener("abort", () => {
      if (!waiting.delete(id)) return;
      reject(new GivenUp());
      // Others wait for the same thread: theirs goes on.
      if (waiting.size === 0) endWorker(new GivenUp());
    });
    theWorker().postMessage({ id, job });
  });
}
