/**
 * One seeded run on a disk that loses power: lives of a node, each ended by a crash at some call of the disk, checked at
 * every opening against a model of what was asked of it.
 */

import { EventHub } from "../events.js";
import { OpenNode } from "../open-node.js";
import { ClientOptions, readOptions } from "../options.js";
import { systemCodeOf } from "../platform/io-error.js";
import { SoftadastraError } from "../result.js";
import { OPERATION_DELETE, OPERATION_PUT } from "../wal/operation.js";
import { CrashModel } from "./crash-model.js";
import { ManualClock } from "./manual-clock.js";
import { orThrow } from "./or-throw.js";
import { PowerLossDisk } from "./power-loss-disk.js";
import { type Random, seededRandom } from "./random.js";

const DIRECTORY = "/disk";
export const CRASH_LOG = `${DIRECTORY}/n.wal`;
const NODE_ID = "n";
const KEYS = ["a", "b", "c", "__proto__", "a/b", "long/key/of/some/length"];
const VALUE_BYTES = [0, 1, 20, 20, 20, 100, 100, 400, 600, 1_500];
const STEPS_PER_LIFE_MAX = 20;
/** Writes asked for in one turn. */
const BURST_MAX = 5;
const WRITING_CALLS = new Set(["write", "datasync", "truncate"]);

export interface CrashRunOptions {
  readonly seed: number;
  /** Call of the disk at which the first life ends; chosen by the seed unless told. */
  readonly crashAtCall?: number;
}

export interface CrashRunResult {
  /** Whether the first life ended by a crash at the call that was asked for. */
  readonly didCrashFirst: boolean;
  readonly openCount: number;
  /** Openings that found a torn tail, and those of them with whole records behind a hole. */
  readonly tornCount: number;
  readonly unfinishedGroupCount: number;
  readonly operationCount: number;
}

export async function crashRun({ seed, crashAtCall }: CrashRunOptions): Promise<CrashRunResult> {
  const run = new CrashRun(seed);
  try {
    return await run.all(crashAtCall);
  } catch (error) {
    const at = crashAtCall === undefined ? "" : `, first crash at call ${crashAtCall}`;
    throw new Error(`seed ${seed}${at}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

class CrashRun {
  readonly #random: Random;
  readonly #disk: PowerLossDisk;
  readonly #autoFlush: boolean;
  readonly #faultChance: number;
  readonly #model: CrashModel;
  #clock = new ManualClock();
  #node: OpenNode | null = null;
  #tornCount = 0;
  #unfinishedGroupCount = 0;
  #openCount = 0;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    const random = this.#random;
    this.#autoFlush = random.chance(0.7);
    this.#faultChance = random.chance(0.3) ? 0.05 : 0;
    this.#disk = new PowerLossDisk({
      directory: DIRECTORY,
      sectorBytes: random.pick([512, 512, 4096]),
      random,
      now: () => this.#clock.now(),
    });
    this.#model = new CrashModel(this.#disk, CRASH_LOG, NODE_ID, this.#autoFlush);
  }

  async all(crashAtCall: number | undefined): Promise<CrashRunResult> {
    const lives = 2 + this.#random.below(3);
    let didCrashFirst = false;
    for (let life = 0; life < lives; life += 1) {
      const isLast = life === lives - 1;
      if (life === 0 && crashAtCall !== undefined) this.#disk.crashAfter(crashAtCall);
      else if (!isLast) this.#chooseCrash();
      this.#disk.faults = isLast ? () => null : (call, path) => this.#fault(call, path);
      await this.#live(isLast);
      if (life === 0) didCrashFirst = !this.#disk.isOn;
      if (isLast) break;
      // What the process was still told, before it ended, belongs to its own life.
      this.#disk.isOn = false;
      await Promise.all(this.#running);
      this.#node = null;
      // Behind a sync that failed and a cut that failed too, nobody can tell from the file what is on the platter: what
      // a later process reads there is not promised (decision 0012). The run goes on with what really is there.
      const canGoOn = !this.#disk.hasLostWrites(CRASH_LOG) && this.#random.chance(0.25);
      this.#model.ended(canGoOn ? this.#killed() : this.#disk.reboot());
      // Locks of processes that are gone; the rules for those have tests of their own.
      for (const path of this.#disk.paths()) if (path.includes(".lock-")) this.#disk.forget(path);
      this.#clock = new ManualClock(this.#clock.now() + 10_000);
    }
    return {
      didCrashFirst,
      openCount: this.#openCount,
      tornCount: this.#tornCount,
      unfinishedGroupCount: this.#unfinishedGroupCount,
      operationCount: this.#model.operationCount,
    };
  }

  #killed(): string {
    this.#disk.kill();
    return "killed";
  }

  /** Mostly while bytes are on their way; otherwise at any call, or between two. */
  #chooseCrash(): void {
    const roll = this.#random.next();
    if (roll < 0.6) this.#disk.crashAfter(1 + this.#random.below(12), (call) => WRITING_CALLS.has(call));
    else if (roll < 0.9) this.#disk.crashAfter(1 + this.#random.below(80));
  }

  #fault(call: string, path: string): { code?: string; shortTo?: number } | null {
    // A failed sync of what an earlier process left is told to the caller of open; what it means for the disk is open.
    if (this.#node === null && call === "datasync" && !this.#disk.isSynced(path)) return null;
    if (path !== CRASH_LOG || !this.#random.chance(this.#faultChance)) return null;
    if (call === "write") return this.#random.chance(0.5) ? { shortTo: this.#random.below(200) } : { code: "ENOSPC" };
    return call === "datasync" || call === "truncate" ? { code: "EIO" } : null;
  }

  /** From opening to the crash, or to a clean end. */
  async #live(isLast: boolean): Promise<void> {
    if (!(await this.#open())) return;
    for (let left = this.#random.below(STEPS_PER_LIFE_MAX); left > 0 && this.#disk.isOn; left -= 1) {
      if (this.#node === null && !(await this.#open())) return;
      await this.#step();
    }
    if (!this.#disk.isOn) return;
    await this.#settled();
    if (isLast && this.#node !== null) await this.#close();
  }

  /** False when the power failed meanwhile. */
  async #open(): Promise<boolean> {
    if (this.#disk.hasLostWrites(CRASH_LOG)) this.#disk.isOn = false;
    if (!this.#disk.isOn) return false;
    const options = ClientOptions.persistent(NODE_ID, CRASH_LOG);
    options.autoFlush = this.#autoFlush;
    options.batchSize = 3;
    options.maxRetries = 1;
    const deps = { fileSystem: this.#disk.fileSystem(), clock: this.#clock };
    for (let attempt = 0; ; attempt += 1) {
      this.#model.opening();
      try {
        this.#node = await OpenNode.open(readOptions(options), deps, new EventHub());
        break;
      } catch (error) {
        if (!this.#disk.isOn) return false;
        const isInjected = this.#faultChance > 0 && isIoError(error) && attempt < 20;
        if (!isInjected) throw error;
      }
    }
    if (!this.#disk.isOn) return false;
    this.#openCount += 1;
    const { report } = this.#node;
    if (report.repaired !== null) this.#tornCount += 1;
    if ((report.repaired?.setAsideRecordCount ?? 0) > 0) this.#unfinishedGroupCount += 1;
    this.#model.opened(this.#node);
    return true;
  }

  async #step(): Promise<void> {
    const node = this.#node;
    if (node === null) return;
    const random = this.#random;
    const roll = random.next();
    if (roll < 0.6) for (let count = 1 + random.below(BURST_MAX); count > 0; count -= 1) this.#write(node);
    else if (roll < 0.66) await this.#flush(node);
    else if (roll < 0.74) node.tick(this.#clock.now(), random.chance(0.3));
    else if (roll < 0.82) this.#acknowledge(node);
    else if (roll < 0.85) node.retryFailed();
    else if (roll < 0.88) this.#pruneFailed(node);
    else if (roll < 0.93) this.#clock.advance(random.pick([10, 60, 1_100, 11_000]));
    else if (roll < 0.95) await this.#close();
    else await this.#settled();
    // Some writes come in one turn, others while an earlier one is under way.
    if (random.chance(0.5)) for (let turns = random.below(3); turns > 0; turns -= 1) await turn();
  }

  #write(node: OpenNode): void {
    const random = this.#random;
    const key = random.pick(KEYS);
    const isDelete = random.chance(0.2);
    const value = Buffer.alloc(isDelete ? 0 : random.pick(VALUE_BYTES), random.below(256));
    const entry = this.#model.issued(key, isDelete ? null : value);
    const written = node.write(isDelete ? OPERATION_DELETE : OPERATION_PUT, Buffer.from(key), value, entry.timestampMs);
    this.#watch(
      written.then(orThrow),
      () => this.#model.acknowledged(entry),
      (error) => this.#model.refused(entry, error),
    );
  }

  async #flush(node: OpenNode): Promise<void> {
    const accepted = this.#model.acceptedSoFar();
    await node.flush().then(
      () => this.#disk.isOn && this.#model.flushed(accepted),
      (error: unknown) => this.#expectInjected(error),
    );
  }

  #acknowledge(node: OpenNode): void {
    const size = node.outbox.size;
    if (size === 0) return;
    const syncId = node.outboxPage({ skip: this.#random.below(size), limit: 1 }, -1)[0]?.syncId;
    if (syncId !== undefined) this.#mark(node.acknowledge(syncId, "peer", this.#clock.now()), [syncId]);
  }

  #pruneFailed(node: OpenNode): void {
    const failed = node.outboxPage({ status: "failed" }, -1).map((entry) => entry.syncId);
    this.#mark(node.pruneFailed(this.#clock.now()), failed);
  }

  #mark(work: Promise<unknown>, syncIds: readonly string[]): void {
    const mark = this.#model.marking(syncIds);
    this.#watch(
      work,
      () => this.#model.marked(mark),
      (error) => this.#model.markRefused(mark, error),
    );
  }

  readonly #running = new Set<Promise<unknown>>();

  /** Tells the model how a call ended, unless the power failed first: then nobody was there to hear it. */
  #watch(work: Promise<unknown>, onDone: () => void, onRefused: (error: SoftadastraError) => void): void {
    const watched: Promise<unknown> = work
      .then(
        () => void (this.#disk.isOn && onDone()),
        (error: unknown) => {
          this.#expectInjected(error);
          if (this.#disk.isOn && error instanceof SoftadastraError) onRefused(error);
        },
      )
      .finally(() => this.#running.delete(watched));
    this.#running.add(watched);
  }

  #expectInjected(error: unknown): void {
    if (this.#disk.isOn && !(this.#faultChance > 0 && isIoError(error))) throw error;
  }

  /** Waits until nothing is under way, and looks at the file. */
  async #settled(): Promise<void> {
    await Promise.all(this.#running);
    if (this.#disk.isOn && this.#node !== null) this.#model.quiet(this.#node);
  }

  async #close(): Promise<void> {
    await this.#settled();
    const node = this.#node;
    if (node === null || !this.#disk.isOn) return;
    const accepted = this.#model.acceptedSoFar();
    try {
      // As the client does: a failed flush leaves it open.
      await node.flush();
    } catch (error) {
      return this.#expectInjected(error);
    }
    if (this.#disk.isOn) this.#model.flushed(accepted);
    this.#node = null;
    await node.close().catch((error: unknown) => this.#expectInjected(error));
    if (!this.#disk.isOn) return;
    this.#model.closed();
    await this.#open();
  }
}

function isIoError(error: unknown): boolean {
  return (error instanceof SoftadastraError && error.code === "io_error") || systemCodeOf(error) !== undefined;
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
