/** One open file in one mode: the thread that reads it and, in Sandbox and Write, the client that owns it. */
import fs from "node:fs/promises";
import { basename } from "node:path";
import type { Mode, SessionState, TickReport } from "@softadastra/inspector-contract";
import { limits } from "@softadastra/inspector-contract";
import { type Client, ClientOptions } from "@softadastra/sdk";
import type { LogStatus } from "../log-view/log-view.ts";
import { type LogThread, startLogThread } from "../log-view/thread.ts";
import { nodeIdOf, shownDirectory } from "./file-facts.ts";
import { HostError, unwrap } from "./host-error.ts";

export interface SessionPlace {
  readonly mode: Mode;
  /** The file that is read, and written in Sandbox and Write. */
  readonly path: string;
  readonly originPath: string;
  readonly source: SessionState["source"];
  /** A directory of our own that goes when the session does. */
  readonly temporaryDirectory: string | null;
}

const NOT_READ: LogStatus = {
  indexing: { phase: "reading", doneBytes: 0, totalBytes: 0 },
  fileBytes: 0,
  recordCount: 0,
  operationCount: 0,
  liveKeyCount: 0,
  deletedKeyCount: 0,
  openOperationCount: 0,
  verdict: null,
  validBytes: 0,
  tailBytes: 0,
  unreachableRecordCount: 0,
  growingBytes: 0,
  isFollowing: false,
  disk: "same",
  tailCut: null,
  keysRevision: 0,
  viewsRevision: 0,
};

export interface SessionDependencies {
  readonly workerUrl: URL;
  /** Records that others append to an inspected file are taken up as they come. */
  readonly follows: boolean;
  /** Something that screens show has changed. */
  readonly changed: (session: Session, what: "state" | "sync") => void;
}

export class Session {
  readonly id: number;
  readonly place: SessionPlace;
  readonly nodeId: string;
  readonly client: Client | null;
  readonly thread: LogThread;
  readonly options: ClientOptions;
  readonly #deps: SessionDependencies;
  #status: LogStatus = NOT_READ;
  #outboxOpenCount: number | null = null;
  /** Operations written here since the sandbox was made or saved. */
  unsavedCount = 0;
  readonly ticks: TickReport[] = [];
  #tickNumber = 0;
  #runTimer: NodeJS.Timeout | undefined;
  runningEveryMs: number | null = null;

  private constructor(id: number, place: SessionPlace, client: Client | null, deps: SessionDependencies) {
    this.id = id;
    this.place = place;
    this.client = client;
    this.#deps = deps;
    this.nodeId = nodeIdOf(place.originPath);
    this.options = clientOptions(place);
    this.thread = startLogThread(deps.workerUrl, place.path);
  }

  /** Starts to read the file; in Sandbox and Write `client` has it open already. */
  static async start(
    id: number,
    place: SessionPlace,
    client: Client | null,
    deps: SessionDependencies,
  ): Promise<Session> {
    const session = new Session(id, place, client, deps);
    session.thread.onStatus((status) => session.#take(status));
    try {
      // Where a client writes, the lock keeps others away; what it writes is taken up after each write.
      session.#take(await session.thread.view.open({ watches: client === null, follows: deps.follows }));
    } catch (error) {
      await session.thread.end();
      throw error;
    }
    if (client !== null) await session.refreshOutbox();
    return session;
  }

  #take(status: LogStatus): void {
    this.#status = status;
    this.#deps.changed(this, "state");
  }

  get status(): LogStatus {
    return this.#status;
  }

  state(): SessionState {
    const status = this.#status;
    const { mode, path, originPath, source } = this.place;
    const lastTick = this.ticks.at(-1);
    return {
      session: this.id,
      mode,
      path,
      originPath,
      name: basename(originPath),
      directory: shownDirectory(originPath),
      nodeId: this.nodeId,
      source,
      indexing: status.indexing,
      fileBytes: status.fileBytes,
      recordCount: status.recordCount,
      operationCount: status.operationCount,
      liveKeyCount: status.liveKeyCount,
      deletedKeyCount: status.deletedKeyCount,
      verdict: status.verdict,
      validBytes: status.validBytes,
      tailBytes: status.tailBytes,
      unreachableRecordCount: status.unreachableRecordCount,
      outboxOpenCount: this.#outboxOpenCount ?? status.openOperationCount,
      unsavedCount: this.unsavedCount,
      isFollowing: status.isFollowing,
      growingBytes: status.growingBytes,
      disk: status.disk,
      tailCut: status.tailCut,
      lastTick: lastTick === undefined ? null : { number: lastTick.number, atMs: lastTick.atMs },
    };
  }

  /** The client, in a mode that may write. */
  writer(): Client {
    if (this.client === null) {
      throw new HostError("WrongMode", "The file is open read-only. Choose Edit to work on a copy or to write to it.");
    }
    return this.client;
  }

  async refreshOutbox(): Promise<void> {
    const state = await this.client?.syncStateInfo();
    if (state === undefined || state.isErr()) return;
    const { outboxSize, acknowledgedCount } = state.value();
    this.#outboxOpenCount = outboxSize - acknowledgedCount;
  }

  /** After a write: the reader takes up the new records, so that every answer from now on has them. */
  async takeUp(operationCount: number): Promise<void> {
    this.unsavedCount += this.place.mode === "sandbox" ? operationCount : 0;
    this.#status = await this.thread.view.follow();
    await this.refreshOutbox();
    this.#deps.changed(this, "sync");
  }

  /** Whether what others append is taken up as it comes. */
  async setFollowing(isOn: boolean): Promise<void> {
    if (this.client !== null) throw new HostError("WrongMode", "Only a file that is open read-only is followed.");
    this.#take(await this.thread.view.setFollowing(isOn));
  }

  async tick(prune: boolean): Promise<TickReport> {
    const counts = unwrap(await this.writer().tick(prune));
    const state = unwrap(await this.writer().syncStateInfo());
    this.#tickNumber += 1;
    const report: TickReport = {
      number: this.#tickNumber,
      atMs: Date.now(),
      isPruning: prune,
      retriedCount: counts.retriedCount,
      failedCount: counts.failedCount,
      prunedCount: counts.prunedCount,
      batchSize: counts.batchSize,
      sentCount: counts.sentCount,
      openCount: state.outboxSize - state.acknowledgedCount,
      acknowledgedCount: state.acknowledgedCount,
    };
    this.ticks.push(report);
    if (this.ticks.length > limits.TICK_LOG_MAX) this.ticks.shift();
    this.#outboxOpenCount = report.openCount;
    this.#deps.changed(this, "sync");
    return report;
  }

  run(everyMs: number | null): void {
    clearInterval(this.#runTimer);
    this.runningEveryMs = everyMs;
    if (everyMs !== null) {
      this.#runTimer = setInterval(() => void this.tick(false).catch(() => this.run(null)), everyMs);
      this.#runTimer.unref();
    }
    this.#deps.changed(this, "sync");
  }

  /** Lets go of everything. @throws when accepted writes cannot be put on the disk: then the session stays usable */
  async close(): Promise<void> {
    clearInterval(this.#runTimer);
    const closed = await this.client?.close();
    if (closed?.isErr()) throw closed.error();
    await this.thread.end();
    if (this.place.temporaryDirectory !== null) {
      await fs.rm(this.place.temporaryDirectory, { recursive: true, force: true });
    }
  }
}

export function clientOptions(place: SessionPlace): ClientOptions {
  return ClientOptions.persistent(nodeIdOf(place.originPath), place.path);
}
