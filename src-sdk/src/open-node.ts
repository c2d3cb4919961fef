/** An open node: the log, what was recovered from it, and the sync pipeline, wired together. */
import type { ClientEvents, EventHub } from "./events.js";
import { keyText } from "./keys.js";
import type { OpenOptions } from "./options.js";
import type { Clock } from "./platform/clock.js";
import type { FileSystem } from "./platform/file-system.js";
import { type Result, SoftadastraError } from "./result.js";
import {
  type CompactionReport,
  compactLog,
  NOTHING_COMPACTED,
  removeUnfinishedCompaction,
} from "./store/compaction.js";
import type { KeyProbe } from "./store/key-probe.js";
import { RecoveredState, recoverLog, resolveLogPath } from "./store/recover.js";
import type { StoreIndex } from "./store/store-index.js";
import type { Outbox, OutboxOperation } from "./sync/outbox.js";
import { SyncPipeline } from "./sync/pipeline.js";
import type { OutboxEntry, OutboxQuery, PeerDelivery } from "./sync/sync-result.js";
import type { Value } from "./value.js";
import { WalLock } from "./wal/lock.js";
import {
  type DeliveryMark,
  encodeMark,
  MARK_ABANDONED,
  MARK_ACKNOWLEDGED,
  MARK_REFERENCES_MAX,
  type OperationReference,
} from "./wal/marks.js";
import { MemoryLog } from "./wal/memory-log.js";
import type { OnMoved } from "./wal/memory-values.js";
import { OPERATION_DELETE } from "./wal/operation.js";
import {
  type OperationLog,
  type OperationSink,
  type RecordedOperation,
  SYNC_READ_BYTES_MAX,
} from "./wal/operation-log.js";
import type { RecoveryReport } from "./wal/report.js";
import { WalLog } from "./wal/wal-log.js";

export interface NodeDependencies {
  readonly fileSystem: FileSystem;
  readonly clock: Clock;
}

/** Where a value is. */
interface ValuePlace {
  readonly location: number;
  readonly valueLength: number;
}

/** Until a transport is there, nothing takes an operation and nobody acknowledges one. */
const NO_PEERS: readonly PeerDelivery[] = [];

const MEMORY_REPORT: RecoveryReport = {
  path: "",
  recordCount: 0,
  operationCount: 0,
  keyCount: 0,
  lastSequence: 0,
  fileBytes: 0,
  validBytes: 0,
  durationMs: 0,
  verdict: "clean",
  stop: null,
  repaired: null,
};

export class OpenNode implements OperationSink {
  readonly options: OpenOptions;
  readonly index: StoreIndex;
  readonly outbox: Outbox;
  readonly pipeline: SyncPipeline;
  readonly report: RecoveryReport;
  readonly openedMs: number;
  readonly #log: OperationLog;
  readonly #lock: WalLock | null;
  readonly #events: EventHub;
  readonly #deps: NodeDependencies;

  private constructor(
    options: OpenOptions,
    deps: NodeDependencies,
    events: EventHub,
    recovered: { state: RecoveredState; report: RecoveryReport; lock: WalLock | null },
    makeLog: (sink: OperationSink, onMoved: OnMoved) => OperationLog,
  ) {
    this.options = options;
    this.index = recovered.state.index;
    this.outbox = recovered.state.outbox;
    this.report = recovered.report;
    this.#lock = recovered.lock;
    this.#events = events;
    this.#deps = deps;
    this.openedMs = deps.clock.now();
    this.pipeline = new SyncPipeline(this.outbox, options, () => NO_PEERS.length, recovered.state.highestVersion);
    this.#log = makeLog(this, (key, sequence, from, to) => {
      this.index.relocateOne(key, from, to);
      this.outbox.relocateOne(sequence, to);
    });
  }

  /** @throws SoftadastraError what `Client.open` answers */
  static async open(options: OpenOptions, deps: NodeDependencies, events: EventHub): Promise<OpenNode> {
    if (!options.enableWal) {
      const recovered = { state: new RecoveredState(), report: MEMORY_REPORT, lock: null };
      return new OpenNode(options, deps, events, recovered, (sink, onMoved) => new MemoryLog(sink, onMoved));
    }
    const { fileSystem, clock } = deps;
    const path = await resolveLogPath(options.walPath, fileSystem);
    const lock = await WalLock.acquire(path, deps);
    try {
      await removeUnfinishedCompaction(fileSystem, path);
      const { handle, state, report } = await recoverLog(path, options.walPath, deps);
      return new OpenNode(options, deps, events, { state, report, lock }, (sink) => {
        const length = report.validBytes;
        const nextSequence = state.highestSequence + 1;
        return new WalLog({
          path,
          handle,
          length,
          nextSequence,
          isDurable: options.autoFlush,
          sink,
          fileSystem,
          clock,
        });
      });
    } catch (error) {
      // What failed first is what the caller can do something about.
      await lock.release().catch(() => undefined);
      throw error;
    }
  }

  /** Resolves when the operation is recorded as the options ask, and the store shows it; or says why it is not. */
  write(type: number, key: Uint8Array, value: Uint8Array, nowMs: number): Promise<Result<void>> {
    return this.#log.append({ type, key, value, timestampMs: Math.max(1, Math.floor(nowMs)) });
  }

  recorded(operation: RecordedOperation): void {
    const { sequence, location, valueLength, timestampMs } = operation;
    const keyId = this.index.apply(operation);
    const isDelete = operation.type === OPERATION_DELETE;
    this.pipeline.submit({ sequence, keyId, isDelete, timestampMs, location, valueLength });
    // Last: what is let go can have other values move, this one too, and both must hear of it.
    this.#releaseIfUnused(this.index.replacedLocation, this.index.replacedVersion);
    if (this.#events.has("change")) {
      // Not `slice`: the one of a caller's Buffer does not copy.
      const keyBytes = new Uint8Array(operation.bytes.subarray(operation.keyFrom, operation.keyTo));
      const kind = isDelete ? "delete" : "put";
      const key = keyText(keyBytes);
      this.#events.emit("change", { key, keyBytes, kind, version: sequence, origin: this.options.nodeId });
    }
    this.#emitSync("submitted");
  }

  backgroundFailed(error: Error): void {
    this.#events.emit("error", error);
  }

  #emitSync(reason: ClientEvents["sync"]["reason"]): void {
    if (this.#events.has("sync")) this.#events.emit("sync", { reason });
  }

  /** Memory only: a value that neither the store nor the outbox holds is let go. */
  #releaseIfUnused(location: number, sequence: number): void {
    if (location === -1 || !(this.#log instanceof MemoryLog)) return;
    if (this.outbox.find(sequence, 1) === null) this.#log.release(location);
  }

  /** Values kept in memory only; 0 for a node with a log. */
  heldValueCount(): number {
    return this.#log instanceof MemoryLog ? this.#log.size : 0;
  }

  /**
   * The value of a key; null when it has none. The log is read where the hash of the key leads, and the key met there is
   * looked at: that it is another one is so rare that a second search costs nothing.
   * @throws SoftadastraError `store_error` when the log holds something else there; what the disk throws
   */
  readSync(key: KeyProbe): Value | null {
    const { index } = this;
    const value = index.guess(key) ? this.#log.readOf(key, index.location, index.valueLength) : null;
    return value !== null || !index.find(key) ? value : this.readPlaceSync(key, index);
  }

  /** Whether reading the value would hold the thread up for longer than the trip to another takes. */
  isLarge(key: KeyProbe): boolean {
    return this.index.guess(key) && this.index.valueLength > SYNC_READ_BYTES_MAX;
  }

  /** As `readSync`, on the thread pool. */
  async read(key: KeyProbe): Promise<Value | null> {
    const { index } = this;
    if (!index.find(key)) return null;
    const { location } = index;
    const value = await this.#log.readLater(key, location, index.valueLength);
    if (value === null) throw this.#changed(location);
    return value;
  }

  /** The value of an operation on this key, of an entry or of one in the outbox. As `readSync`. */
  readPlaceSync(key: KeyProbe, { location, valueLength }: ValuePlace): Value {
    const value = this.#log.readOf(key, location, valueLength);
    if (value === null) throw this.#changed(location);
    return value;
  }

  #changed(offset: number): SoftadastraError {
    const path = this.options.walPath;
    return new SoftadastraError(
      "store_error",
      `${path} does not hold the key at offset ${offset} any more: another program changed the file. Keep it as it is, close this client, and inspect the file with inspectWal`,
      { path, offset },
    );
  }

  tick(nowMs: number, prune: boolean) {
    const counts = this.pipeline.tick(nowMs, prune ? (operation) => this.#pruned(operation) : undefined);
    this.#emitSync("tick");
    return counts;
  }

  retryFailed(): number {
    const count = this.pipeline.retryFailed();
    this.#emitSync("retry");
    return count;
  }

  /**
   * Takes failed operations out of the outbox for good. Durable before it resolves, so that a restart does not bring
   * them back; the values stay in the store.
   */
  async pruneFailed(nowMs: number): Promise<number> {
    const given = [...this.outbox.slots("failed")].map((slot) => this.#reference(slot));
    await this.#mark(MARK_ABANDONED, "", given, nowMs);
    // Exactly those that were marked, whatever was said to them meanwhile: a restart would leave out the same.
    const count = this.outbox.remove(given, (operation) => this.#pruned(operation));
    this.#emitSync("prune");
    return count;
  }

  /** A peer has the operation. Durable before it resolves: it is not pending again after a restart. */
  async acknowledge(syncId: string, peerNodeId: string, nowMs: number): Promise<boolean> {
    const found = this.#find(syncId);
    if (found === null) return false;
    await this.#mark(MARK_ACKNOWLEDGED, peerNodeId, [this.#reference(found.slot)], nowMs);
    // Its slot may have moved while the mark was written, or the operation was given up.
    const settled = this.#find(syncId);
    if (settled !== null) this.outbox.setStatus(settled.slot, "acknowledged");
    this.#emitSync("tick");
    return true;
  }

  #reference(slot: number): OperationReference {
    return { sequence: this.outbox.operation(slot).sequence, occurrence: this.outbox.occurrence(slot) };
  }

  /** All of them are accepted at once, so that a close that comes now waits for every one. */
  async #mark(
    kind: DeliveryMark["kind"],
    peer: string,
    operations: readonly OperationReference[],
    nowMs: number,
  ): Promise<void> {
    const timestampMs = Math.max(1, Math.floor(nowMs));
    const writes: Promise<void>[] = [];
    for (let from = 0; from < operations.length; from += MARK_REFERENCES_MAX) {
      const part = operations.slice(from, from + MARK_REFERENCES_MAX);
      writes.push(this.#log.appendMark(encodeMark({ kind, peer, operations: part }), timestampMs));
    }
    await Promise.all(writes);
  }

  #pruned({ keyId, location, isDelete }: OutboxOperation): void {
    if (!isDelete && this.index.entry(keyId)?.location !== location && this.#log instanceof MemoryLog) {
      this.#log.release(location);
    }
  }

  syncId(slot: number): string {
    const { sequence } = this.outbox.operation(slot);
    const occurrence = this.outbox.occurrence(slot);
    return `${this.options.nodeId}-${sequence}${occurrence === 1 ? "" : `.${occurrence}`}`;
  }

  /** Rank of the entry with this sync id in the order of the outbox; null when there is none. */
  rankOf(syncId: string): number | null {
    return this.#find(syncId)?.rank ?? null;
  }

  #find(syncId: string): { slot: number; rank: number } | null {
    const prefix = `${this.options.nodeId}-`;
    const match = syncId.startsWith(prefix) ? /^(\d+)(?:\.(\d+))?$/.exec(syncId.slice(prefix.length)) : null;
    if (match === null) return null;
    return this.outbox.find(Number(match[1]), Number(match[2] ?? "1"));
  }

  outboxEntry(syncId: string): OutboxEntry | null {
    const found = this.#find(syncId);
    return found === null ? null : this.#entryOf(found.slot);
  }

  outboxPage(query: OutboxQuery, afterRank: number): OutboxEntry[] {
    const entries: OutboxEntry[] = [];
    const limit = query.limit ?? Number.POSITIVE_INFINITY;
    if (limit === 0) return entries;
    let left = query.skip ?? 0;
    for (const slot of this.outbox.slots(query.status, afterRank)) {
      if (left-- > 0) continue;
      entries.push(this.#entryOf(slot));
      if (entries.length >= limit) break;
    }
    return entries;
  }

  #entryOf(slot: number): OutboxEntry {
    const operation = this.outbox.operation(slot);
    const attempts = this.outbox.attempts(slot);
    const keyBytes = this.index.keys.bytes(operation.keyId);
    const status = this.outbox.status(slot);
    const isOver = status === "failed" || status === "acknowledged";
    return {
      syncId: this.syncId(slot),
      key: keyText(keyBytes),
      keyBytes,
      kind: operation.isDelete ? "delete" : "put",
      version: operation.sequence,
      status,
      attempts: attempts?.count ?? 0,
      createdMs: operation.timestampMs,
      lastAttemptMs: attempts?.lastAttemptMs ?? null,
      nextRetryMs: isOver ? null : (attempts?.nextRetryMs ?? null),
      peers: NO_PEERS,
    };
  }

  flush(): Promise<void> {
    return this.#log.flush();
  }

  /** Writes the log anew without what a restart does not need; nothing to do for a node without a log. */
  async compact(): Promise<CompactionReport> {
    const { index, outbox } = this;
    if (!(this.#log instanceof WalLog)) return NOTHING_COMPACTED;
    return compactLog({ log: this.#log, index, outbox, ...this.#deps });
  }

  /** Flushes and lets go of everything; a failed flush leaves the node open, anything else that fails does not. */
  async close(): Promise<void> {
    await this.#log.flush();
    try {
      await this.#log.close();
    } finally {
      await this.#lock?.release();
    }
  }
}
