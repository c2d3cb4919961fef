/** The node an application embeds (spec 1, "Client"). Nothing a user can cause throws: it comes back as a Result. */
import { type ClientEventName, EventHub, type Listener } from "./events.js";
import { type KeyInput, keyBytesOrNull, keyText, probeOf, readKey, readValue, type ValueInput } from "./keys.js";
import { describeNode, type NodeInfo } from "./node-info.js";
import { type NodeDependencies, OpenNode } from "./open-node.js";
import { type ClientOptions, readOptions } from "./options.js";
import type { Peer } from "./peer.js";
import { systemClock } from "./platform/clock.js";
import { ioError } from "./platform/io-error.js";
import { nodeFileSystem } from "./platform/node-file-system.js";
import { Result, SoftadastraError, toFailure, toResult } from "./result.js";
import type { CompactionReport } from "./store/compaction.js";
import { type EntriesQuery, listEntries, readEntriesQuery, type StoreEntry } from "./store/entries.js";
import type { KeyProbe } from "./store/key-probe.js";
import {
  checkOutboxQuery,
  checkSyncId,
  type OutboxEntry,
  type OutboxQuery,
  readPrune,
  SyncResult,
  type TickResult,
} from "./sync/sync-result.js";
import type { Value } from "./value.js";
import { OPERATION_DELETE, OPERATION_PUT } from "./wal/operation.js";
import type { RecoveryReport } from "./wal/report.js";

/** Replaces the clock or the disk, for tests and simulations: `{ clock?, fileSystem? }`. */
export type ClientDependencies = Partial<NodeDependencies>;

const NO_VALUE = new Uint8Array(0);

/** Rejects for a bug. */
function failed<T>(error: unknown): Promise<Result<T>> {
  return new Promise((resolve) => resolve(toFailure(error)));
}

/**
 * A local-first node: a key-value store over a write-ahead log, with an outbox of what other nodes have not got yet
 * (spec 1, "Client"). Calls answer a {@link Result}; none of them throws for what a user can cause, except `entries`,
 * whose iterator has no Result to carry an error. Before `open` and after `close` they answer `invalid_state`.
 */
export class Client {
  readonly #options: ClientOptions;
  readonly #deps: NodeDependencies;
  readonly #events = new EventHub();
  #node: OpenNode | null = null;
  /** `close` was called and has not ended: no new work is taken. */
  #isClosing = false;
  /** Openings and closings, one after the other in the order they were asked for. */
  #lifecycle: Promise<unknown> = Promise.resolve();

  /** Does nothing yet: `options` are read, and files touched, by `open()`. */
  constructor(options: ClientOptions, deps: ClientDependencies = {}) {
    this.#options = options;
    this.#deps = { fileSystem: deps.fileSystem ?? nodeFileSystem, clock: deps.clock ?? systemClock };
  }

  // ---- lifecycle

  /**
   * Reads the log, replays its operations and restores the store. Opening an open client does nothing; a closed one
   * can be opened again. A torn tail is set aside in `<walPath>.torn-<UTC time>` and cut; `recovery()` says so.
   *
   * Errors: `invalid_argument` (an option), `io_error` (directory missing, path is a directory, no permission, disk),
   * `already_exists` (the log is open elsewhere; `context.pid`), `store_error` (the log is damaged, or not a log).
   */
  open(): Promise<Result<void>> {
    return this.#inTurn(() =>
      toResult(async () => {
        if (this.#node !== null) return;
        this.#node = await OpenNode.open(readOptions(this.#options), this.#deps, this.#events);
      }),
    );
  }

  /**
   * Puts everything accepted on the disk and lets go of files, lock and timers. Closing a closed client does nothing.
   *
   * Errors: `io_error`. When the disk refuses what was accepted, the client stays open, so that nothing is lost: try
   * again. When only the file or the lock cannot be let go, everything is on the disk and the client is closed.
   */
  close(): Promise<Result<void>> {
    this.#isClosing = true;
    return this.#inTurn(() =>
      toResult(async () => {
        const node = this.#node;
        try {
          if (node === null) return;
          await node.flush();
          this.#node = null;
          await node.close();
        } catch (cause) {
          throw cause instanceof SoftadastraError ? cause : ioError("close", this.#options.walPath, cause);
        } finally {
          this.#isClosing = false;
        }
      }),
    );
  }

  /** One change of state at a time. A bug that throws in one turn is its caller's to see; the next has its own. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#lifecycle.then(work);
    this.#lifecycle = turn.catch(() => undefined);
    return turn;
  }

  /** What the log held when the client opened, and what was repaired; `null` on a client that is not open. */
  recovery(): RecoveryReport | null {
    return this.#node?.report ?? null;
  }

  /** Runs `work` on the open node; before `open` and after `close` it is `invalid_state`. */
  #whenOpen<T>(work: (node: OpenNode) => Promise<T> | T): Promise<Result<T>> {
    return toResult(async () => work(this.#openNode()));
  }

  /** @throws SoftadastraError `invalid_state` */
  #openNode(): OpenNode {
    const node = this.#isClosing ? null : this.#node;
    if (node === null) throw new SoftadastraError("invalid_state", "the client is not open: await client.open() first");
    return node;
  }

  // ---- store

  /**
   * Writes a value. With `autoFlush` the operation is on the disk (written and fdatasync'ed) when it resolves and
   * survives `kill -9` and power loss; without, it is accepted and a crash may lose it. Reads see it from then on.
   * A failed write changes nothing, and the next may succeed.
   *
   * Errors: `invalid_argument` (empty or over-long key, over-long value, wrong type), `invalid_state`, `io_error`,
   * `store_error` (too much waits for the disk, or another program changed the log).
   */
  put(key: KeyInput, value: ValueInput): Promise<Result<void>> {
    // Not by way of `#whenOpen`: its promises and closures took longer than the write itself.
    try {
      const node = this.#openNode();
      const keyBytes = readKey(key);
      const valueBytes = readValue(value, keyBytes);
      return node.write(OPERATION_PUT, keyBytes, valueBytes, this.#deps.clock.now());
    } catch (error) {
      return failed(error);
    }
  }

  /**
   * The value of a key. Errors: `not_found` ("key not found": never written, or deleted), `invalid_argument` (what cannot
   * be a key), `invalid_state`, `io_error` (the disk does not give it back), `store_error` (another program changed the
   * log: the key is not there any more).
   */
  get(key: KeyInput): Promise<Result<Value>> {
    try {
      const node = this.#openNode();
      const probe = probeOf(key);
      if (!node.isLarge(probe)) return Promise.resolve(readNow(node, probe, key));
      return node.read(probe).then(
        (value) => (value === null ? notFound(key) : Result.ok(value)),
        (cause: unknown) => toFailure(unreadable(node, cause)),
      );
    } catch (error) {
      return failed(error);
    }
  }

  /**
   * As `get`, without a promise: for loops that read many small values. The thread waits for the disk, also for a value
   * of megabytes.
   */
  getSync(key: KeyInput): Result<Value> {
    try {
      const node = this.#openNode();
      return readNow(node, probeOf(key), key);
    } catch (error) {
      return toFailure(error);
    }
  }

  /**
   * Deletes a key; as durable as `put`, with the same errors. Deleting a key that is not there succeeds, and is
   * recorded for other nodes.
   */
  remove(key: KeyInput): Promise<Result<void>> {
    try {
      return this.#openNode().write(OPERATION_DELETE, readKey(key), NO_VALUE, this.#deps.clock.now());
    } catch (error) {
      return failed(error);
    }
  }

  /** Whether the key has a value; false on a client that is not open, and for what cannot be a key. */
  contains(key: KeyInput): boolean {
    const bytes = keyBytesOrNull(key);
    return bytes !== null && this.#node !== null && this.#node.index.get(bytes) !== null;
  }

  /** Number of keys that have a value; 0 on a client that is not open. */
  size(): number {
    return this.#node?.index.liveCount ?? 0;
  }

  /** Whether no key has a value; true on a client that is not open. */
  empty(): boolean {
    return this.size() === 0;
  }

  /**
   * Entries in the order of their key bytes. Writes made while iterating are seen when they are still ahead; closing
   * the client ends the iteration. Nothing on a client that is not open.
   * @throws SoftadastraError `invalid_argument` at the call, for a query of the wrong types; `io_error` and `store_error`
   * while iterating, as `get` answers them
   */
  entries(query: EntriesQuery = {}): IterableIterator<StoreEntry> {
    return listEntries(() => this.#node, readEntriesQuery(query));
  }

  /**
   * Everything accepted so far is on the disk (written and fdatasync'ed) when it resolves. `io_error` when the disk
   * refuses; without `autoFlush` the same writes are tried again, with it their own promises tell of the failure.
   */
  flush(): Promise<Result<void>> {
    return this.#whenOpen((node) => node.flush());
  }

  /**
   * Writes the log anew without the records that neither the store nor sync needs any more, and puts the new file in
   * place of the old one when it was read back and found to restore the same. Kept are the last operation of each key,
   * every delete that is the last word on its key, every operation that nobody acknowledged, and what was said about
   * delivery of those; versions, times and sync ids stay what they are. Calls go on meanwhile: writes are taken along,
   * in their order, and wait only while the files change places. After a crash at any moment the log is the old file or
   * the new one, whole. On the disk when it resolves. Answers zeros for a client without a log.
   *
   * Errors: `io_error` (full disk, permissions), `store_error` (another program changed the log), `invalid_state`. The
   * log is then as it was, unless the message says otherwise.
   */
  compact(): Promise<Result<CompactionReport>> {
    return this.#inTurn(() => this.#whenOpen((node) => node.compact()));
  }

  // ---- sync

  /**
   * How much waits for delivery, in operations. Persisted is not synced: these operations are safe in the log all the
   * same. Counts are exact when they are taken and are not kept up to date afterwards.
   */
  syncStateInfo(): Promise<Result<SyncResult>> {
    return this.#whenOpen(
      ({ outbox, pipeline }) =>
        new SyncResult({
          outboxSize: outbox.size,
          pendingCount: outbox.count("pending"),
          queuedCount: outbox.count("queued"),
          inFlightCount: outbox.count("in_flight"),
          acknowledgedCount: outbox.count("acknowledged"),
          failedCount: outbox.count("failed"),
          totalRetries: pipeline.totalRetries,
          lastSubmittedVersion: pipeline.lastSubmittedVersion,
          lastAppliedRemoteVersion: 0,
        }),
    );
  }

  /**
   * The operations of the outbox in the order of sending: by version, then time, then sync id. The outbox is durable:
   * what nobody acknowledged is there again after a restart, as `pending` and with no attempts.
   *
   * Errors: `not_found` (`after` names none of them), `invalid_argument`, `invalid_state`.
   */
  outbox(query: OutboxQuery = {}): Promise<Result<OutboxEntry[]>> {
    return this.#whenOpen((node) => {
      checkOutboxQuery(query);
      const { after } = query;
      const rank = after === undefined ? -1 : node.rankOf(after);
      if (rank === null) throw new SoftadastraError("not_found", `no operation ${after} is in the outbox`);
      return node.outboxPage(query, rank);
    });
  }

  /** One operation of the outbox. `not_found` when it is not there: never written, or pruned. `invalid_argument` for no text. */
  outboxEntry(syncId: string): Promise<Result<OutboxEntry>> {
    return this.#whenOpen((node) => {
      checkSyncId("the sync id", syncId);
      const entry = node.outboxEntry(syncId);
      if (entry === null) throw new SoftadastraError("not_found", `no operation ${syncId} is in the outbox`);
      return entry;
    });
  }

  /**
   * Moves sync one step: puts back what timed out, takes the next batch from the queue, hands it to connected peers,
   * and with `true` or `{ prune: true }` takes delivered operations out of the outbox. Runs only when it is called:
   * time-outs are noticed by the next tick. States and attempts are not written to the log and start over when the
   * client opens again. Without a connected peer the batch goes in flight all the same, and times out.
   *
   * Errors: `invalid_argument`, `invalid_state`.
   */
  tick(prune: boolean | { readonly prune?: boolean } = false): Promise<Result<TickResult>> {
    return this.#whenOpen((node) => node.tick(this.#deps.clock.now(), readPrune(prune)));
  }

  /** Puts failed operations back into the queue, from the first attempt on; the next tick sends them. Answers how many. */
  retryFailed(): Promise<Result<number>> {
    return this.#whenOpen((node) => node.retryFailed());
  }

  /**
   * Gives up delivering the operations that are failed now; their values stay in the store. Answers how many. With
   * `autoFlush` the decision is on the disk when it resolves, and a restart does not bring them back.
   * Errors: `io_error` (nothing is given up), `invalid_state`.
   */
  pruneFailed(): Promise<Result<number>> {
    return this.#whenOpen((node) => node.pruneFailed(this.#deps.clock.now()));
  }

  // ---- transport and discovery

  /** Starts listening for peers. `transport_error` while `enableTransport` is false, and in this version always. */
  startTransport(): Promise<Result<void>> {
    return this.#whenOpen((node) => refuseTransport(node));
  }

  /** Stops listening and closes every connection. `transport_error` as `startTransport`. */
  stopTransport(): Promise<Result<void>> {
    return this.#whenOpen((node) => refuseTransport(node));
  }

  /** Whether the transport listens; in this version never. */
  transportRunning(): boolean {
    return false;
  }

  /** Connects to a peer. `transport_error` as `startTransport`. */
  connect(_peer: Peer): Promise<Result<void>> {
    return this.#whenOpen((node) => refuseTransport(node));
  }

  /** Closes the connection to a peer. `transport_error` as `startTransport`. */
  disconnect(_peer: Peer): Promise<Result<void>> {
    return this.#whenOpen((node) => refuseTransport(node));
  }

  /** Peers connected now. `transport_error` as `startTransport`. */
  connectedPeers(): Promise<Result<Peer[]>> {
    return this.#whenOpen((node) => refuseTransport(node));
  }

  /** Starts announcing this node and looking for others. `discovery_error` while `enableDiscovery` is false, and in this version always. */
  startDiscovery(): Promise<Result<void>> {
    return this.#whenOpen((node) => refuseDiscovery(node));
  }

  /** Stops announcing. `discovery_error` as `startDiscovery`. */
  stopDiscovery(): Promise<Result<void>> {
    return this.#whenOpen((node) => refuseDiscovery(node));
  }

  /** Whether discovery runs; in this version never. */
  discoveryRunning(): boolean {
    return false;
  }

  /** Peers discovered so far. `discovery_error` as `startDiscovery`. */
  peers(): Promise<Result<Peer[]>> {
    return this.#whenOpen((node) => refuseDiscovery(node));
  }

  // ---- metadata and events

  /** What this node says about itself. `invalid_state` on a client that is not open. */
  nodeInfo(): Promise<Result<NodeInfo>> {
    return this.#whenOpen((node) => describeNode(node.options, node.openedMs, this.#deps.clock));
  }

  /** As `nodeInfo`, read anew from the system. */
  refreshNodeInfo(): Promise<Result<NodeInfo>> {
    return this.nodeInfo();
  }

  /**
   * Listens until the returned function is called, over closings and reopenings too. Listeners run synchronously,
   * before the promise of the write resolves. One that throws never breaks the node: the `error` listeners are told.
   */
  on<E extends ClientEventName>(event: E, listener: Listener<E>): () => void {
    return this.#events.on(event, listener);
  }

  // ---- the names the other Softadastra SDKs use

  sync_state_info(): Promise<Result<SyncResult>> {
    return this.syncStateInfo();
  }
  start_transport(): Promise<Result<void>> {
    return this.startTransport();
  }
  stop_transport(): Promise<Result<void>> {
    return this.stopTransport();
  }
  transport_running(): boolean {
    return this.transportRunning();
  }
  start_discovery(): Promise<Result<void>> {
    return this.startDiscovery();
  }
  stop_discovery(): Promise<Result<void>> {
    return this.stopDiscovery();
  }
  discovery_running(): boolean {
    return this.discoveryRunning();
  }
  refresh_node_info(): Promise<Result<NodeInfo>> {
    return this.refreshNodeInfo();
  }
  node_info(): Promise<Result<NodeInfo>> {
    return this.nodeInfo();
  }
}

function readNow(node: OpenNode, probe: KeyProbe, key: KeyInput): Result<Value> {
  try {
    const value = node.readSync(probe);
    return value === null ? notFound(key) : Result.ok(value);
  } catch (cause) {
    return toFailure(unreadable(node, cause));
  }
}

function notFound(key: KeyInput): Result<never> {
  return Result.err(new SoftadastraError("not_found", "key not found", { key: keyText(readKey(key)) }));
}

function unreadable(node: OpenNode, cause: unknown): SoftadastraError {
  return cause instanceof SoftadastraError ? cause : ioError("read a value from", node.options.walPath, cause);
}

function refuseTransport({ options }: OpenNode): never {
  throw new SoftadastraError(
    "transport_error",
    options.enableTransport
      ? "this version of @softadastra/sdk has no network transport yet; local work does not need one"
      : "transport is disabled: set options.enableTransport = true before open()",
    { option: "enableTransport" },
  );
}

function refuseDiscovery({ options }: OpenNode): never {
  throw new SoftadastraError(
    "discovery_error",
    options.enableDiscovery
      ? "this version of @softadastra/sdk has no discovery yet; local work does not need it"
      : "discovery is disabled: set options.enableDiscovery = true before open()",
    { option: "enableDiscovery" },
  );
}
