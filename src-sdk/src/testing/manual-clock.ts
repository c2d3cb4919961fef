/** A clock that stands still until the test moves it. */
import type { Clock } from "../platform/clock.js";

export class ManualClock implements Clock {
  nowMs: number;
  #tasks: { dueMs: number; task: () => void }[] = [];

  constructor(nowMs = 1_767_225_600_000) {
    this.nowMs = nowMs;
  }

  now(): number {
    return this.nowMs;
  }

  schedule(delayMs: number, task: () => void): () => void {
    const entry = { dueMs: this.nowMs + delayMs, task };
    this.#tasks.push(entry);
    return () => {
      this.#tasks = this.#tasks.filter((other) => other !== entry);
    };
  }

  /** Moves the time and runs what is due, in order. */
  advance(ms: number): void {
    this.nowMs += ms;
    const due = this.#tasks.filter((entry) => entry.dueMs <= this.nowMs).sort((a, b) => a.dueMs - b.dueMs);
    this.#tasks = this.#tasks.filter((entry) => entry.dueMs > this.nowMs);
    for (const { task } of due) task();
  }
}
