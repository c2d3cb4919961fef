/** What `syncStateInfo`, `tick` and `outbox` answer (spec 1, "Types"). */
import type { SyncStatus } from "./outbox.js";

export interface SyncCounts {
  /** Operations in the outbox, whatever their state. */
  readonly outboxSize: number;
  readonly pendingCount: number;
  readonly queuedCount: number;
  readonly inFlightCount: number;
  /** Delivered and not pruned yet. */
  readonly acknowledgedCount: number;
  readonly failedCount: number;
  /** Operations that timed out and were put back, since the client opened. */
  readonly totalRetries: number;
  /** Highest version put into the outbox. */
  readonly lastSubmittedVersion: number;
  /** Highest version given to an operation of another node; 0 when there was none. */
  readonly lastAppliedRemoteVersion: number;
}

export class SyncResult implements SyncCounts {
  readonly outboxSize: number;
  readonly pendingCount: number;
  readonly queuedCount: number;
  readonly inFlightCount: number;
  readonly acknowledgedCount: number;
  readonly failedCount: number;
  readonly totalRetries: number;
  readonly lastSubmittedVersion: number;
  readonly lastAppliedRemoteVersion: number;

  constructor(counts: SyncCounts) {
    this.outboxSize = counts.outboxSize;
    this.pendingCount = counts.pendingCount;
    this.queuedCount = counts.queuedCount;
    this.inFlightCount = counts.inFlightCount;
    this.acknowledgedCount = counts.acknowledgedCount;
    this.failedCount = counts.failedCount;
    this.totalRetries = counts.totalRetries;
    this.lastSubmittedVersion = counts.lastSubmittedVersion;
    this.lastAppliedRemoteVersion = counts.lastAppliedRemoteVersion;
  }

  /** Some operation was sent as often as allowed and stays unanswered. */
  hasFailed(): boolean {
    return this.failedCount > 0;
  }
}

export interface TickResult {
  /** Operations that timed out and were put back into the queue. */
  readonly retriedCount: number;
  /** Delivered operations taken out of the outbox. */
  readonly prunedCount: number;
  /** Operations taken from the queue and marked in flight. */
  readonly batchSize: number;
  /** Operations handed to a connected peer. */
  readonly sentCount: number;
  /** Operations that had used up their sends and are failed now. */
  readonly failedCount: number;
}

/** How far one peer is with one operation. */
export interface PeerDelivery {
  readonly nodeId: string;
  readonly status: "not_sent" | "waiting" | "acknowledged";
}

export interface OutboxEntry {
  /** `<nodeId>-<version>`; `.2`, `.3` ... behind it where a version repeats in the log. Stable over restarts, never reused. */
  readonly syncId: string;
  /** The key as text; `keyBytes` has the truth where it is not UTF-8. */
  readonly key: string;
  readonly keyBytes: Uint8Array;
  readonly kind: "put" | "delete";
  readonly version: number;
  readonly status: SyncStatus;
  /** How often it was sent since the client opened. */
  readonly attempts: number;
  /** Times in milliseconds since the Unix epoch. */
  readonly createdMs: number;
  readonly lastAttemptMs: number | null;
  /** Earliest time of the next send; `null` before the first and after the last. */
  readonly nextRetryMs: number | null;
  readonly peers: readonly PeerDelivery[];
}

export interface OutboxQuery {
  /** Sync id of the last entry of the page before. */
  readonly after?: string;
  /** Entries to leave out first; 0 unless told. */
  readonly skip?: number;
  /** Most entries to answer; all unless told. */
  readonly limit?: number;
  /** Only entries in this state, or in one of these. */
  readonly status?: SyncStatus | readonly SyncStatus[];
}
