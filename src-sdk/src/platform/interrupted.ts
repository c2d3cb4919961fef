/** Makes a call to the system again when a signal interrupted it: nothing was done, so nothing can be done twice. */
import { systemCodeOf } from "./io-error.js";

/** A signal that comes this often in a row is not an interruption any more. */
const TRIES_MAX = 100;

const isLast = (error: unknown, attempt: number) => systemCodeOf(error) !== "EINTR" || attempt >= TRIES_MAX;

export async function retryInterrupted<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (isLast(error, attempt)) throw error;
    }
  }
}

/** As `retryInterrupted`, after a first attempt that ended with `failure`. */
export function retryInterruptedSync<T>(work: () => T, failure: unknown): T {
  let error = failure;
  for (let attempt = 1; !isLast(error, attempt); attempt += 1) {
    try {
      return work();
    } catch (next) {
      error = next;
    }
  }
  throw error;
}
