/** The thread in which values are decoded and compared. */
import { movablesOf, runJob, type ValueJob } from "./value-jobs.ts";

/** What this thread is sent, and what it answers with. */
interface Order {
  readonly id: number;
  readonly job: ValueJob;
}

addEventListener("message", (event: MessageEvent<Order>) => {
  const { id, job } = event.data;
  const result = runJob(job);
  postMessage({ id, result }, { transfer: movablesOf(result) });
});
