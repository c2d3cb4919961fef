/**
 * Moves operations along: pending -> queued -> in flight -> acknowledged, or failed (spec 3, "Sync pipeline").
 * Knows nothing of disks and sockets: the time comes in as a number, sending as a function.
 */
import type { Attempts, Outbox, OutboxOperation } from "./outbox.js";

export interface PipelineOptions {
  readonly batchSize: number;
  /** Sends of one operation before it counts as failed. */
  readonly maxRetries: number;
  /** At least this long between two sends of one operation. */
  readonly retryIntervalMs: number;
  /** In flight for longer than this without an answer: timed out. */
  readonly ackTimeoutMs: number;
  readonly requireAck: boolean;
}

/** Hands one operation to every connected peer that has not acknowledged it; answers to how many. */
export type SendOperation = (operation: OutboxOperation, slot: number) => number;

/** What one tick did. */
export interface TickCounts {
  /** Operations whose time-out ran out and that were put back into the queue. */
  readonly retriedCount: number;
  /** Operations that had used up their sends and are failed now. */
  readonly failedCount: number;
  readonly prunedCount: number;
  /** Operations taken from the queue and marked in flight. */
  readonly batchSize: number;
  /** Operations handed to at least one connected peer. */
  readonly sentCount: number;
}

export class SyncPipeline {
  readonly #outbox: Outbox;
  readonly #options: PipelineOptions;
  readonly #send: SendOperation;
  #totalRetries = 0;
  #lastSubmittedVersion: number;

  constructor(outbox: Outbox, options: PipelineOptions, send: SendOperation, lastSubmittedVersion: number) {
    this.#lastSubmittedVersion = lastSubmittedVersion;
    this.#outbox = outbox;
    this.#options = options;
    this.#send = send;
  }

  get totalRetries(): number {
    return this.#totalRetries;
  }

  /** Highest version ever put into the outbox. */
  get lastSubmittedVersion(): number {
    return this.#lastSubmittedVersion;
  }

  /** A recorded operation waits for the next tick from now on. */
  submit(operation: OutboxOperation): void {
    this.#outbox.add(operation, "queued");
    this.#lastSubmittedVersion = Math.max(this.#lastSubmittedVersion, operation.sequence);
  }

  /** One step. `prune` is told each operation that leaves the outbox; without it nothing does. */
  tick(nowMs: number, prune?: (operation: OutboxOperation) => void): TickCounts {
    const { retriedCount, failedCount } = this.#retryTimedOut(nowMs);
    for (const slot of this.#outbox.slots("pending")) this.#outbox.setStatus(slot, "queued");
    const { batchSize, sentCount } = this.#sendBatch(nowMs);
    const prunedCount = prune === undefined ? 0 : this.#outbox.prune("acknowledged", prune);
    return { retriedCount, failedCount, prunedCount, batchSize, sentCount };
  }

  #retryTimedOut(nowMs: number): { retriedCount: number; failedCount: number } {
    let retriedCount = 0;
    let failedCount = 0;
    for (const slot of this.#outbox.slots("in_flight")) {
      const attempts = this.#outbox.attempts(slot) as Attempts;
      if (nowMs - attempts.lastAttemptMs < this.#options.ackTimeoutMs) continue;
      if (attempts.count >= this.#options.maxRetries) {
        this.#outbox.setStatus(slot, "failed");
        failedCount += 1;
      } else {
        this.#outbox.setStatus(slot, "queued");
        retriedCount += 1;
      }
    }
    this.#totalRetries += retriedCount;
    return { retriedCount, failedCount };
  }

  #sendBatch(nowMs: number): { batchSize: number; sentCount: number } {
    const batch: number[] = [];
    for (const slot of this.#outbox.slots("queued")) {
      if (batch.length >= this.#options.batchSize) break;
      // Waits for the interval between two sends.
      if ((this.#outbox.attempts(slot)?.nextRetryMs ?? 0) <= nowMs) batch.push(slot);
    }
    let sentCount = 0;
    for (const slot of batch) {
      const count = (this.#outbox.attempts(slot)?.count ?? 0) + 1;
      this.#outbox.setAttempts(slot, {
        count,
        lastAttemptMs: nowMs,
        nextRetryMs: nowMs + Math.max(this.#options.retryIntervalMs, this.#options.ackTimeoutMs),
      });
      this.#outbox.setStatus(slot, "in_flight");
      if (this.#send(this.#outbox.operation(slot), slot) > 0) {
        sentCount += 1;
        if (!this.#options.requireAck) this.#outbox.setStatus(slot, "acknowledged");
      }
    }
    return { batchSize: batch.length, sentCount };
  }

  /** Failed operations may be sent again, from the first attempt on. */
  retryFailed(): number {
    const slots = [...this.#outbox.slots("failed")];
    for (const slot of slots) {
      this.#outbox.setAttempts(slot, undefined);
      this.#outbox.setStatus(slot, "queued");
    }
    return slots.length;
  }
}
