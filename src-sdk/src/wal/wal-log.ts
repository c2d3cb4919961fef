/**
 * Appends records to the log file. Writes that arrive while one is under way share the next (group commit): one write
 * and one fdatasync for all of them, in the order they came.
 */
import { dirname } from "node:path";
import type { Clock } from "../platform/clock.js";
import type { FileHandle, FileSystem } from "../platform/file-system.js";
import { ioError } from "../platform/io-error.js";
import { DONE, Result, SoftadastraError } from "../result.js";
import type { KeyProbe } from "../store/key-probe.js";
import { Value } from "../value.js";
import { RECORD_OVERHEAD_BYTES, SEQUENCE_MAX } from "./format.js";
import { GROUP_BYTES_MAX, SECTOR_BYTES } from "./group.js";
import { isMarkPayload } from "./marks.js";
import { OPERATION_OVERHEAD_BYTES, valueFrom } from "./operation.js";
import {
  emptyRecordedOperation,
  type OperationLog,
  type OperationSink,
  type OperationWrite,
  RECORDED,
} from "./operation-log.js";
import { writeSynced } from "./synced-write.js";
import { ValueReader } from "./value-reader.js";
import { WriteBatch } from "./write-batch.js";

/** Writes that wait for the disk, all together. Beyond, a caller that never awaits is told so instead of filling memory. */
export const WAITING_BYTES_MAX = 256 * 1024 * 1024;
/** Without autoFlush: written when this much waits, */
export const BACKGROUND_FLUSH_BYTES = 256 * 1024;
/** or when this much time has passed since the first waiting write. */
export const BACKGROUND_FLUSH_MS = 50;
/** Without autoFlush: accepted writes may be this far ahead of the disk; then they come at its pace. */
export const AHEAD_BYTES_MAX = 16 * 1024 * 1024;
/** Without autoFlush: a write that failed is tried again after this, or with the next write, flush or close. */
export const BACKGROUND_RETRY_MS = 1_000;
/** Buffers up to this size are kept for the next batch. */
const KEPT_BUFFER_BYTES_MAX = 4 * 1024 * 1024;
/** With autoFlush one is written and one is filled; without, a few more are filled while one is written. */
const SPARES_MAX = 4;

export interface WalLogOptions {
  readonly path: string;
  /** `null` until the first append creates the file. */
  readonly handle: FileHandle | null;
  /** Length of the file: the end of its last whole record. */
  readonly length: number;
  readonly nextSequence: number;
  /** autoFlush: a write resolves when it is on the disk. Otherwise when it is accepted. */
  readonly isDurable: boolean;
  readonly sink: OperationSink;
  readonly fileSystem: FileSystem;
  readonly clock: Clock;
  /** {@link WAITING_BYTES_MAX} unless told. */
  readonly waitingBytesMax?: number;
}

/** The log's file, up to the end of what is on the disk. */
export interface WrittenFile {
  readonly handle: FileHandle;
  readonly length: number;
}

/** A file that takes the place of the log's. */
export interface ExchangedFile extends WrittenFile {
  /** Whether its name is known to survive power loss. */
  readonly isNameSynced: boolean;
  /** Called when it is in place and before anything is read from it or written to it. */
  readonly moved: () => void;
}

const ignore = () => undefined;
/** When everything that is ready to run has run. */
const endOfTurn = () => new Promise<Result<void>>((resolve) => setImmediate(resolve, DONE));

export class WalLog implements OperationLog {
  readonly #options: WalLogOptions;
  #handle: FileHandle | null;
  /** End of what is on the disk. */
  #length: number;
  #nextSequence: number;
  /** A failed write may have left bytes behind `#length`; they are cut before the next one. */
  #hasTornBytes = false;
  /** Not even for a file that was there: who created it may have died, or been a copy program, before it synced the folder. */
  #isNameSynced = false;

  /** Batches that are complete, the first of them perhaps being written. Each is a group: one write, one fdatasync. */
  #sealed: WriteBatch[] = [];
  #open = new WriteBatch();
  readonly #spares: WriteBatch[] = [];
  /** Accepted writes whose callers wait for the disk to catch up. */
  readonly #heldBack: ((result: Result<void>) => void)[] = [];
  #waitingBytes = 0;
  #isRunning = false;
  /** The last batch was a single write, and nothing came while it was written. */
  #isAlone = false;
  /** Another file is being put in place of this one: what comes waits. */
  #isExchanging = false;
  #becameIdle: (() => void) | undefined;
  readonly #values: ValueReader;
  /** Writes accepted, and those of them that were written or failed. */
  #acceptedCount = 0;
  #settledCount = 0;
  #flushWaiters: { target: number; resolve: () => void; reject: (error: Error) => void }[] = [];
  #cancelTimer: (() => void) | undefined;
  readonly #recorded = emptyRecordedOperation();

  constructor(options: WalLogOptions) {
    this.#options = options;
    this.#handle = options.handle;
    this.#length = options.length;
    this.#nextSequence = options.nextSequence;
    this.#open.fileOffset = options.length;
    this.#values = new ValueReader(options.path);
  }

  append(write: OperationWrite): Promise<Result<void>> {
    const bytes = RECORD_OVERHEAD_BYTES + OPERATION_OVERHEAD_BYTES + write.key.length + write.value.length;
    const refusal = this.#makeRoom(bytes);
    if (refusal !== null) return Promise.resolve(Result.err(refusal));
    this.#open.addOperation(write);
    return this.#options.isDurable ? this.#joinGroup() : this.#acceptLast();
  }

  appendMark(payload: Uint8Array, timestampMs: number): Promise<void> {
    // A record that cannot say that it continues a group begins one.
    if (!isMarkPayload(payload)) this.#seal();
    const refusal = this.#makeRoom(RECORD_OVERHEAD_BYTES + payload.length);
    if (refusal !== null) return Promise.reject(refusal);
    this.#open.addMark(payload, timestampMs);
    if (!this.#options.isDurable) return this.#acceptLast().then(ignore);
    return this.#joinGroup().then((result) => {
      if (result.isErr()) throw result.error();
    });
  }

  /** With autoFlush: what becomes of the record just encoded, and of all others of its group. */
  #joinGroup(): Promise<Result<void>> {
    const outcome = this.#open.outcome();
    this.#start();
    return outcome;
  }

  /** Counts a record of this length in, or says why it cannot be taken. */
  #makeRoom(bytes: number): SoftadastraError | null {
    const { path } = this.#options;
    const waitingBytesMax = this.#options.waitingBytesMax ?? WAITING_BYTES_MAX;
    if (this.#waitingBytes + bytes > waitingBytesMax && this.#waitingBytes > 0) {
      return new SoftadastraError(
        "store_error",
        `${this.#waitingBytes} bytes of writes to ${path} wait for the disk, the limit is ${waitingBytesMax}: await earlier writes first`,
        { path },
      );
    }
    // With autoFlush a record gets its sequence when it is written, otherwise when it is accepted.
    const unnumbered = this.#options.isDurable ? this.#acceptedCount - this.#settledCount : 0;
    if (this.#nextSequence + unnumbered >= SEQUENCE_MAX) {
      return new SoftadastraError("store_error", `${path} has used up its sequences`, { path });
    }
    if (this.#open.used + bytes > GROUP_BYTES_MAX) this.#seal();
    this.#waitingBytes += bytes;
    this.#acceptedCount += 1;
    return null;
  }

  /** Without autoFlush: the record just encoded counts from now on. */
  #acceptLast(): Promise<Result<void>> {
    const batch = this.#open;
    const index = batch.count - 1;
    const sequence = this.#nextSequence;
    this.#nextSequence += 1;
    batch.number(index, sequence);
    if (batch.describe(index, sequence, this.#recorded)) this.#options.sink.recorded(this.#recorded);
    if (batch.used < BACKGROUND_FLUSH_BYTES) {
      this.#startIn(BACKGROUND_FLUSH_MS);
      return RECORDED;
    }
    this.#seal();
    this.#start();
    // Who awaits every write in a loop would never let the system say that one has ended: this one waits for it a little,
    // and when the disk does not keep up, until it does.
    if (!this.#isAhead()) return endOfTurn();
    return new Promise((resolve) => this.#heldBack.push(resolve));
  }

  #isAhead(): boolean {
    const waitingBytesMax = this.#options.waitingBytesMax ?? WAITING_BYTES_MAX;
    return this.#waitingBytes >= Math.min(AHEAD_BYTES_MAX, waitingBytesMax / 2);
  }

  #letGoOn(): void {
    for (const resolve of this.#heldBack.splice(0)) resolve(DONE);
  }

  #startIn(delayMs: number): void {
    if (this.#cancelTimer !== undefined) return;
    this.#cancelTimer = this.#options.clock.schedule(delayMs, () => {
      this.#cancelTimer = undefined;
      this.#start();
    });
  }

  #seal(): void {
    if (this.#open.count === 0) return;
    this.#sealed.push(this.#open);
    const next = this.#spares.pop() ?? new WriteBatch();
    next.fileOffset = this.#open.fileOffset + this.#open.used;
    this.#open = next;
  }

  /** Writes out what waits, unless that is under way. */
  #start(): void {
    if (this.#isRunning || this.#isExchanging) return;
    this.#isRunning = true;
    void this.#run();
  }

  async #run(): Promise<void> {
    for (;;) {
      if (this.#sealed.length === 0) {
        // Writes made in this turn share the flush, and so do the next writes of those who were just answered. Who writes
        // alone, one after the other, has nobody to wait for.
        if (this.#isAlone && this.#open.count <= 1) await Promise.resolve();
        else await endOfTurn();
        this.#seal();
      }
      const batch = this.#sealed[0];
      if (batch === undefined || this.#isExchanging) break;
      const error = this.#options.isDurable ? await this.#commit(batch) : await this.#writeOut(batch);
      if (error !== null && !this.#options.isDurable) {
        // Accepted writes are kept and tried again, in their order.
        this.#isRunning = false;
        for (const waiter of this.#flushWaiters.splice(0)) waiter.reject(error);
        this.#options.sink.backgroundFailed(error);
        this.#letGoOn();
        this.#startIn(BACKGROUND_RETRY_MS);
        this.#becameIdle?.();
        return;
      }
      this.#settle(batch);
    }
    // In the same turn as the check above: an append that comes next must start a new run.
    this.#isRunning = false;
    this.#becameIdle?.();
  }

  get path(): string {
    return this.#options.path;
  }

  /** What is on the disk; null before the first write. It does not change while the log is open, it only grows. */
  written(): WrittenFile | null {
    return this.#handle === null ? null : { handle: this.#handle, length: this.#length };
  }

  /**
   * Puts another file in place of the log's. The write that is under way ends first; those that come meanwhile wait and
   * go to the new file, in their order. When `make` throws, the log goes on as it was. Reads of the old file end first.
   * @throws SoftadastraError `store_error` when another program changed the file; what `make` throws
   */
  async exchange(make: (old: WrittenFile) => Promise<ExchangedFile>): Promise<void> {
    this.#isExchanging = true;
    let old: FileHandle;
    try {
      while (this.#isRunning) await new Promise<void>((resolve) => (this.#becameIdle = resolve));
      old = await this.#writableHandle();
      const made = await make({ handle: old, length: this.#length });
      const waitingMoved = made.length - this.#length;
      for (const batch of [...this.#sealed, this.#open]) batch.fileOffset += waitingMoved;
      this.#handle = made.handle;
      this.#length = made.length;
      this.#isNameSynced = made.isNameSynced;
      this.#hasTornBytes = false;
      made.moved();
    } finally {
      this.#isExchanging = false;
      this.#becameIdle = undefined;
      if (this.#sealed.length > 0 || this.#open.count > 0) this.#start();
    }
    await this.#values.settled();
    await old.close().catch(ignore);
  }

  #settle(batch: WriteBatch): void {
    this.#sealed.shift();
    this.#waitingBytes -= batch.used;
    this.#settledCount += batch.count;
    batch.clear();
    const isKept = batch.bytes.length <= KEPT_BUFFER_BYTES_MAX && this.#spares.length < SPARES_MAX;
    if (isKept) this.#spares.push(batch);
    if (!this.#isAhead()) this.#letGoOn();
    const done = this.#flushWaiters.filter((waiter) => waiter.target <= this.#settledCount);
    this.#flushWaiters = this.#flushWaiters.filter((waiter) => waiter.target > this.#settledCount);
    for (const waiter of done) waiter.resolve();
  }

  /** With autoFlush: writes the batch, and only then tells the sink and the callers. A failure fails exactly this batch. */
  async #commit(batch: WriteBatch): Promise<Error | null> {
    const first = this.#nextSequence;
    for (let i = 0; i < batch.count; i += 1) batch.number(i, first + i);
    batch.fileOffset = this.#length;
    const error = await this.#writeOut(batch);
    if (error !== null) {
      batch.fail(error);
      return error;
    }
    this.#nextSequence = first + batch.count;
    for (let i = 0; i < batch.count; i += 1) {
      if (batch.describe(i, first + i, this.#recorded)) this.#options.sink.recorded(this.#recorded);
    }
    // Asked before anybody is answered and writes again.
    this.#isAlone = batch.count === 1 && this.#acceptedCount === this.#settledCount + 1;
    batch.succeed();
    return null;
  }

  /** Puts the batch on the disk, or leaves the file as it was and says why. */
  async #writeOut(batch: WriteBatch): Promise<Error | null> {
    const { path, fileSystem } = this.#options;
    try {
      batch.sign();
      const handle = await this.#writableHandle();
      this.#hasTornBytes = true;
      // A new log gets its first sector on its own: a file that power loss left with bytes but without the magic at its
      // beginning would not be taken for a log any more.
      const firstBytes = this.#length === 0 ? Math.min(batch.used, SECTOR_BYTES) : 0;
      if (firstBytes > 0) await writeSynced(handle, batch.bytes, 0, firstBytes, this.#length);
      if (firstBytes < batch.used) await writeSynced(handle, batch.bytes, firstBytes, batch.used, this.#length);
      if (!this.#isNameSynced) {
        await fileSystem.syncDirectory(dirname(path));
        this.#isNameSynced = true;
      }
      this.#hasTornBytes = false;
      this.#length += batch.used;
      return null;
    } catch (cause) {
      if (cause instanceof SoftadastraError) return cause;
      const isCut = await this.#cutTornBytes().then(
        () => true,
        () => false,
      );
      const state = isCut
        ? "the log is as it was"
        : "unwritten bytes may be left at its end: the next write cuts them; without one, the next open sets them aside, or restores the writes whose records are whole";
      const error = ioError("write to the log", path, cause);
      return new SoftadastraError(error.code, `${error.message}; ${state}`, error.context, { cause });
    }
  }

  /** The handle, with the file in the state the last write left it in. */
  async #writableHandle(): Promise<FileHandle> {
    const { path, fileSystem } = this.#options;
    if (this.#handle === null) this.#handle = await fileSystem.open(path, "create");
    if (this.#hasTornBytes) await this.#cutTornBytes();
    const { size, links } = this.#handle.statSync();
    if (links === 0) {
      throw new SoftadastraError(
        "store_error",
        `${path} was deleted or replaced while it was open; nothing was written. Close this client and open the log again`,
        { path },
      );
    }
    if (size !== this.#length) {
      throw new SoftadastraError(
        "store_error",
        `${path} has ${size} bytes where this client left ${this.#length}: another program writes to it. Nothing was written. Close both, then open the log again`,
        { path, offset: this.#length },
      );
    }
    return this.#handle;
  }

  async #cutTornBytes(): Promise<void> {
    if (this.#handle === null || !this.#hasTornBytes) return;
    await this.#handle.truncate(this.#length);
    await this.#handle.datasync();
    this.#hasTornBytes = false;
  }

  readOf(key: KeyProbe, location: number, valueLength: number): Value | null {
    if (location < this.#length) return this.#values.readOf(this.#handle, key, location, valueLength);
    return this.#waitingOf(key, location, valueLength);
  }

  async readLater(key: KeyProbe, location: number, valueLength: number): Promise<Value | null> {
    if (location < this.#length) return this.#values.readLater(this.#handle, key, location, valueLength);
    return this.#waitingOf(key, location, valueLength);
  }

  /** A value that is accepted and not yet in the file. */
  #waitingOf(key: KeyProbe, location: number, valueLength: number): Value | null {
    const from = valueFrom(key.length);
    for (const batch of [...this.#sealed, this.#open]) {
      const at = location - batch.fileOffset;
      if (at < 0 || at + from + valueLength > batch.used) continue;
      return key.isAtByte(batch.bytes, at) ? Value.adopt(batch.bytes.slice(at + from, at + from + valueLength)) : null;
    }
    return null;
  }

  flush(): Promise<void> {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const target = this.#acceptedCount;
    if (this.#settledCount >= target) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#flushWaiters.push({ target, resolve, reject });
      this.#start();
    });
  }

  async close(): Promise<void> {
    await this.flush();
    await this.#cutTornBytes().catch(ignore);
    // Gone even when the system reports an error: a descriptor is never closed twice.
    const handle = this.#handle;
    this.#handle = null;
    await handle?.close();
  }
}
