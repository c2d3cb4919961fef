/**
 * One writer per log. Each opener puts a lock file of its own beside the log and then looks for others: of two that
 * come at once at least one sees the other, and the lock is only for who sees none. The name of a lock says who holds it, so a lock is only ever
 * removed by its owner, or by somebody who knows that the owner is gone; a name never comes back to life.
 *
 * A holder on this machine is known to be gone the moment its process ends. A holder elsewhere (another host or
 * container on a shared folder) cannot be asked: it counts as alive while its lock was touched within
 * {@link FOREIGN_LOCK_STALE_MS}. Not guaranteed: folders whose listing lags behind, such as some network file systems,
 * and writers that take no lock, such as the C++ engine; the writer checks the file before each write for the latter.
 */
import { createHash, randomBytes } from "node:crypto";
import fs from "node:fs";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../platform/clock.js";
import type { FileSystem } from "../platform/file-system.js";
import { ioError, systemCodeOf } from "../platform/io-error.js";
import { SoftadastraError } from "../result.js";

export const LOCK_TOUCH_MS = 5_000;
/** Four missed touches: a busy or paused machine is not taken for a dead one at once. */
export const FOREIGN_LOCK_STALE_MS = 20_000;
/** Openers that meet try again this often; a holder that was just killed may still be going. */
const ATTEMPTS = 5;
const RETRY_MS = 30;

/** Who may hold a lock: a process, told from another that gets its number later. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When the process started, in the system's ticks; "0" where the system does not tell. */
  readonly startTicks: string;
  /** The world in which `pid` means something: host, boot and process namespace. */
  readonly scope: string;
}

/** State and start time of a process from Linux's /proc; null where there is none. */
function processStat(pid: number): { state: string; startTicks: string } | null {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "latin1");
    // The second field is the program's name in parentheses and may contain anything.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { state: fields[0] ?? "?", startTicks: fields[19] ?? "0" };
  } catch {
    return null;
  }
}

function readOr(read: () => string, fallback: string): string {
  try {
    return read();
  } catch {
    return fallback;
  }
}

/** Asked once: a process stays what it is, even when the host gets another name meanwhile. */
let own: ProcessIdentity | undefined;

export function ownIdentity(): ProcessIdentity {
  own ??= readOwnIdentity();
  return own;
}

function readOwnIdentity(): ProcessIdentity {
  const boot = readOr(() => fs.readFileSync("/proc/sys/kernel/random/boot_id", "latin1"), "");
  const namespace = readOr(() => fs.readlinkSync("/proc/self/ns/pid"), "");
  const scope = createHash("sha256").update(`${hostname()}\n${boot}\n${namespace}`).digest("hex").slice(0, 12);
  return { pid: process.pid, startTicks: processStat(process.pid)?.startTicks ?? "0", scope };
}

/** Whether a process of this machine still runs. A zombie holds nothing: it has ended and waits to be collected. */
export function isRunning(holder: Pick<ProcessIdentity, "pid" | "startTicks">): boolean {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    // EPERM: it runs, as somebody else.
    if (systemCodeOf(error) !== "EPERM") return false;
  }
  const stat = processStat(holder.pid);
  if (stat === null) return true;
  if (stat.state === "Z" || stat.state === "X") return false;
  return holder.startTicks === "0" || stat.startTicks === holder.startTicks;
}

/** Names of the locks this process holds, to tell them from those of its own openers that are still trying. */
const heldNames = new Set<string>();

interface Holder extends ProcessIdentity {
  readonly path: string;
  readonly name: string;
}

const LOCK_NAME = /^(\d+)-(\d+)-([0-9a-f]{12})-[0-9a-f]{8}$/;

function lockPrefix(walPath: string): string {
  return `${basename(walPath)}.lock-`;
}

async function otherHolders(fileSystem: FileSystem, walPath: string, ownName: string): Promise<Holder[]> {
  const directory = dirname(walPath);
  const prefix = lockPrefix(walPath);
  const holders: Holder[] = [];
  for (const name of await fileSystem.list(directory)) {
    if (!name.startsWith(prefix) || name === ownName) continue;
    const match = LOCK_NAME.exec(name.slice(prefix.length));
    if (match === null) continue;
    const [, pid = "", startTicks = "", scope = ""] = match;
    holders.push({ pid: Number(pid), startTicks, scope, name, path: join(directory, name) });
  }
  return holders;
}

/** Removes a lock that nobody holds any more; somebody else may have been faster. */
async function removeDead(fileSystem: FileSystem, path: string): Promise<void> {
  try {
    await fileSystem.remove(path);
  } catch (error) {
    if (systemCodeOf(error) !== "ENOENT") throw error;
  }
}

export interface LockDependencies {
  readonly fileSystem: FileSystem;
  readonly clock: Clock;
  readonly identity?: ProcessIdentity;
}

/** Held until `release`; touched now and then so that other machines see it is alive. */
export class WalLock {
  readonly #path: string;
  readonly #walPath: string;
  readonly #deps: LockDependencies;
  #cancelTouch: () => void = () => undefined;

  private constructor(path: string, walPath: string, deps: LockDependencies) {
    this.#path = path;
    this.#walPath = walPath;
    this.#deps = deps;
    heldNames.add(basename(path));
  }

  /**
   * Takes the lock of the log at `walPath`.
   * @throws SoftadastraError `already_exists` with the holder's process id; `io_error` when the folder refuses.
   */
  static async acquire(walPath: string, deps: LockDependencies): Promise<WalLock> {
    const identity = deps.identity ?? ownIdentity();
    const random = randomBytes(4).toString("hex");
    const name = `${lockPrefix(walPath)}${identity.pid}-${identity.startTicks}-${identity.scope}-${random}`;
    const attempt = new LockAttempt(walPath, name, deps.fileSystem, identity);
    for (let tries = 1; ; tries += 1) {
      const holder = await attempt.make();
      if (holder === null) break;
      if (heldNames.has(holder.name) || tries === ATTEMPTS) {
        await attempt.withdraw();
        throw heldError(walPath, holder, identity);
      }
      // Real time, whatever the engine's clock is: this waits for other processes.
      await sleep(RETRY_MS * tries + Math.random() * RETRY_MS);
    }
    const lock = new WalLock(join(dirname(walPath), name), walPath, deps);
    lock.#scheduleTouch();
    return lock;
  }

  #scheduleTouch(): void {
    this.#cancelTouch = this.#deps.clock.schedule(LOCK_TOUCH_MS, () => {
      // A failed touch is not an error of the holder's: at worst another host takes the log for abandoned, as it would
      // for a machine that lost the folder.
      this.#deps.fileSystem.touch(this.#path).catch(() => undefined);
      this.#scheduleTouch();
    });
  }

  /** @throws SoftadastraError `io_error` when the folder refuses; the lock then ends with this process. */
  async release(): Promise<void> {
    this.#cancelTouch();
    heldNames.delete(basename(this.#path));
    try {
      await removeDead(this.#deps.fileSystem, this.#path);
    } catch (error) {
      throw ioError("remove the lock beside", this.#walPath, error);
    }
  }
}

/**
 * One opener's tries. Of openers that meet, the one whose name comes first keeps its file and waits, and the others take
 * theirs away and stay out while they see it: so one of them gets the lock, unless somebody holds it all the time.
 */
class LockAttempt {
  readonly #walPath: string;
  readonly #name: string;
  readonly #path: string;
  readonly #fileSystem: FileSystem;
  readonly #identity: ProcessIdentity;
  #isThere = false;
  #hasWithdrawn = false;

  constructor(walPath: string, name: string, fileSystem: FileSystem, identity: ProcessIdentity) {
    this.#walPath = walPath;
    this.#name = name;
    this.#path = join(dirname(walPath), name);
    this.#fileSystem = fileSystem;
    this.#identity = identity;
  }

  /** Null when the lock is ours: our file was there before we looked, and there is no other. Else one that is in the way. */
  async make(): Promise<Holder | null> {
    try {
      if (!this.#isThere) {
        // It withdrew before one that comes first: that one is not disturbed again while it is there.
        const before = this.#hasWithdrawn ? (await this.#live()).find(({ name }) => name < this.#name) : undefined;
        if (before !== undefined) return before;
        await createLockFile(this.#fileSystem, this.#path, this.#walPath);
        this.#isThere = true;
      }
      const live = await this.#live();
      if (live.some(({ name }) => name < this.#name)) await this.#remove();
      return live[0] ?? null;
    } catch (error) {
      await this.#remove().catch(() => undefined);
      throw error instanceof SoftadastraError ? error : ioError("read the folder of", this.#walPath, error);
    }
  }

  #live(): Promise<Holder[]> {
    return findLiveHolders(this.#fileSystem, this.#walPath, this.#name, this.#path, this.#identity);
  }

  async withdraw(): Promise<void> {
    try {
      await this.#remove();
    } catch (error) {
      throw ioError("remove the lock beside", this.#walPath, error);
    }
  }

  async #remove(): Promise<void> {
    if (!this.#isThere) return;
    await removeDead(this.#fileSystem, this.#path);
    this.#isThere = false;
    this.#hasWithdrawn = true;
  }
}

async function createLockFile(fileSystem: FileSystem, path: string, walPath: string): Promise<void> {
  try {
    const handle = await fileSystem.open(path, "create");
    await handle.close();
    await fileSystem.touch(path);
  } catch (error) {
    throw ioError("lock the log: no file can be created beside", walPath, error);
  }
}

/** Every live lock but our own, the held ones of this process first; those of holders that are gone are removed. */
async function findLiveHolders(
  fileSystem: FileSystem,
  walPath: string,
  ownName: string,
  ownPath: string,
  identity: ProcessIdentity,
): Promise<Holder[]> {
  const live: Holder[] = [];
  for (const holder of await otherHolders(fileSystem, walPath, ownName)) {
    const isLive =
      holder.scope === identity.scope ? isRunning(holder) : await wasTouchedLately(fileSystem, holder.path, ownPath);
    if (isLive) live.push(holder);
    else await removeDead(fileSystem, holder.path);
  }
  return live.sort((a, b) => Number(heldNames.has(b.name)) - Number(heldNames.has(a.name)));
}

/** Compares with our own new file, so that only the clock of the shared folder counts. */
async function wasTouchedLately(fileSystem: FileSystem, path: string, ownPath: string): Promise<boolean> {
  const [theirs, ours] = [await fileSystem.stat(path), await fileSystem.stat(ownPath)];
  if (theirs === null) return false;
  // Nothing to compare with: a lock is not taken away for that.
  if (ours === null) return true;
  return ours.mtimeMs - theirs.mtimeMs < FOREIGN_LOCK_STALE_MS;
}

function heldError(walPath: string, holder: Holder, identity: ProcessIdentity): SoftadastraError {
  const where =
    holder.scope === identity.scope
      ? holder.pid === identity.pid
        ? "another client of this process"
        : "another process on this machine"
      : "a process on another host or container";
  const remedy =
    holder.scope === identity.scope
      ? "close it first; one log has one writer"
      : `close it there; if it is gone, its lock ends ${FOREIGN_LOCK_STALE_MS / 1000} s after its last sign of life`;
  return new SoftadastraError(
    "already_exists",
    `${walPath} is open for writing in ${where}, process id ${holder.pid}: ${remedy}`,
    { path: walPath, pid: holder.pid },
  );
}

/** The process that has the log open for writing, or null. Reads the folder only. */
export async function findLockHolder(fileSystem: FileSystem, walPath: string): Promise<{ pid: number } | null> {
  const identity = ownIdentity();
  for (const holder of await otherHolders(fileSystem, walPath, "")) {
    // Without a file of our own to compare with, a lock of elsewhere counts as held.
    if (holder.scope !== identity.scope || isRunning(holder)) return { pid: holder.pid };
  }
  return null;
}
