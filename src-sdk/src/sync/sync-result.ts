/** What `syncStateInfo`, `tick` and `outbox` answer (spec 1, "Types"). */
import { SoftadastraError } from "../result.js";
import { SYNC_STATUSES, type SyncStatus } from "./outbox.js";

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

/** Counts of the outbox at one moment, as `client.syncStateInfo()` answers them (spec 1, "Types"). */
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

/** What one `client.tick()` did, in operations (spec 1, "Types"). */
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

/** One operation that waits for delivery, or was delivered and not pruned yet (spec 1, "Client"). */
export interface OutboxEntry {
  /** `<nodeId>-<version>`; `.2`, `.3` ... behind it where a version repeats in the log. Stable over restarts, never reused. */
  readonly syncId: string;
  /** The key as text; `keyBytes` has the truth where it is not UTF-8. */
  readonly key: string;
  readonly keyBytes: Uint8Array;
  readonly kind: "put" | "delete";
  /** Sequence of its record in the log. */
  readonly version: number;
  readonly status: SyncStatus;
  /** How often it was sent since the client opened. */
  readonly attempts: number;
  /** Time of the operation, in milliseconds since the Unix epoch; so are the two that follow. */
  readonly createdMs: number;
  /** Time of the last send; `null` before the first since the client opened. */
  readonly lastAttemptMs: number | null;
  /** Earliest time of the next send; `null` before the first and after the last. */
  readonly nextRetryMs: number | null;
  /** How far each known peer is with it; empty in this version, which has no transport. */
  readonly peers: readonly PeerDelivery[];
}

/** Which part of the outbox to answer; everything may be left out. `after` and `skip` add up. */
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

function refuse(message: string): never {
  throw new SoftadastraError("invalid_argument", message);
}

export function checkSyncId(what: string, syncId: unknown): void {
  if (typeof syncId !== "string") refuse(`${what} must be a string, not ${typeof syncId}`);
}

/** @throws SoftadastraError `invalid_argument` naming the field and what it may be. */
export function checkOutboxQuery(query: OutboxQuery): void {
  if (typeof query !== "object" || query === null) refuse("the query must be an object");
  const { limit, skip, status, after } = query;
  for (const [name, count] of Object.entries({ limit, skip })) {
    if (count !== undefined && (!Number.isInteger(count) || count < 0)) {
      refuse(`${name} must be a whole number from 0, not ${count}`);
    }
  }
  const statuses = status === undefined ? [] : [status].flat();
  if (!statuses.every((name) => SYNC_STATUSES.includes(name))) {
    refuse(`status must be one of ${SYNC_STATUSES.join(", ")}`);
  }
  if (after !== undefined) checkSyncId("after", after);
}

/** Whether a tick prunes. @throws SoftadastraError `invalid_argument` */
export function readPrune(prune: boolean | { readonly prune?: boolean }): boolean {
  const isPruning = typeof prune === "object" && prune !== null ? (prune.prune ?? false) : prune;
  if (typeof isPruning !== "boolean") refuse("tick takes true, false or { prune: true }");
  return isPruning;
}
