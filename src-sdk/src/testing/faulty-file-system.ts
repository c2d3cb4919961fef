/** A disk that fails on demand: wraps another and injects errors and short writes into the calls of one path's handles. */
import type { FileHandle, FileStat, FileSystem, OpenMode } from "../platform/file-system.js";

export type Operation = "open" | "write" | "datasync" | "truncate" | "read" | "syncDirectory" | "close";

export interface Fault {
  readonly operation: Operation;
  /** System code to fail with; or write only this many bytes. */
  readonly code?: string;
  readonly shortTo?: number;
  /** How many calls it hits; then it is over. 1 unless told. */
  readonly times?: number;
}

export class FaultyFileSystem implements FileSystem {
  readonly #inner: FileSystem;
  #faults: { fault: Fault; left: number }[] = [];
  readonly calls: Operation[] = [];

  constructor(inner: FileSystem) {
    this.#inner = inner;
  }

  inject(fault: Fault): void {
    this.#faults.push({ fault, left: fault.times ?? 1 });
  }

  heal(): void {
    this.#faults = [];
  }

  /** The bytes a write may take, or throws the injected error. */
  strike(operation: Operation, length = 0): number {
    this.calls.push(operation);
    const hit = this.#faults.find((entry) => entry.left > 0 && entry.fault.operation === operation);
    if (!hit) return length;
    hit.left -= 1;
    if (hit.fault.shortTo !== undefined) return Math.min(length, hit.fault.shortTo);
    throw Object.assign(new Error(`injected ${hit.fault.code}`), { code: hit.fault.code });
  }

  async open(path: string, mode: OpenMode): Promise<FileHandle> {
    this.strike("open");
    return new FaultyHandle(await this.#inner.open(path, mode), this);
  }

  stat(path: string): Promise<FileStat | null> {
    return this.#inner.stat(path);
  }
  list(directory: string): Promise<string[]> {
    return this.#inner.list(directory);
  }
  remove(path: string): Promise<void> {
    return this.#inner.remove(path);
  }
  rename(from: string, to: string): Promise<void> {
    return this.#inner.rename(from, to);
  }
  touch(path: string): Promise<void> {
    return this.#inner.touch(path);
  }
  realPath(path: string): Promise<string> {
    return this.#inner.realPath(path);
  }
  async syncDirectory(directory: string): Promise<void> {
    this.strike("syncDirectory");
    await this.#inner.syncDirectory(directory);
  }
}

class FaultyHandle implements FileHandle {
  readonly #inner: FileHandle;
  readonly #disk: FaultyFileSystem;

  constructor(inner: FileHandle, disk: FaultyFileSystem) {
    this.#inner = inner;
    this.#disk = disk;
  }

  async read(into: Uint8Array, at: number, length: number, position: number): Promise<number> {
    this.#disk.strike("read");
    return this.#inner.read(into, at, length, position);
  }
  readSync(into: Uint8Array, at: number, length: number, position: number): number {
    this.#disk.strike("read");
    return this.#inner.readSync(into, at, length, position);
  }
  async write(from: Uint8Array, at: number, length: number, position: number): Promise<number> {
    return this.#inner.write(from, at, this.#disk.strike("write", length), position);
  }
  async datasync(): Promise<void> {
    this.#disk.strike("datasync");
    await this.#inner.datasync();
  }
  async truncate(length: number): Promise<void> {
    this.#disk.strike("truncate");
    await this.#inner.truncate(length);
  }
  stat(): Promise<FileStat> {
    return this.#inner.stat();
  }
  statSync(): { readonly size: number; readonly links: number } {
    return this.#inner.statSync();
  }
  async close(): Promise<void> {
    this.#disk.strike("close");
    await this.#inner.close();
  }
}
