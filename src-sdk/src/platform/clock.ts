/** Time as a dependency: the engine never calls `Date.now()` itself, which is what makes simulation possible. */

/** What the engine knows of time. */
export interface Clock {
  /** Wall clock in milliseconds since the Unix epoch. */
  now(): number;
  /** Runs `task` once after `delayMs`; must not keep the process alive. Returns the cancellation. */
  schedule(delayMs: number, task: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  schedule: (delayMs, task) => {
    const timer = setTimeout(task, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
