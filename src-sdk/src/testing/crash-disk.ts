/**
 * A disk that stops at a chosen step, as when the process is killed or the power fails, and then shows what is left.
 * Bytes count as kept once they are datasync'ed, names once their folder is; what was not may be there or not.
 */
import type { FileHandle, FileStat, FileSystem, OpenMode } from "../platform/file-system.js";
import { MemoryFileSystem } from "./memory-file-system.js";

/**
 * What of the unsynced survives. `all`: the process was killed, the system went on. `nothing`: the power failed before
 * anything was written back. `names`: folders were written back, contents were not. `data`: the other way round.
 * `replaced`: of the folder, only what stands behind names that were there before.
 */
export const SURVIVALS = ["all", "nothing", "names", "data", "replaced"] as const;
export type Survival = (typeof SURVIVALS)[number];

export class Crash extends Error {}

interface Content {
  synced: Buffer;
}

export class CrashDisk implements FileSystem {
  readonly #inner: MemoryFileSystem;
  readonly #directory: string;
  /** Names as the folder on the disk has them: content by path. */
  #syncedNames = new Map<string, Content>();
  readonly #names = new Map<string, Content>();
  #stepsLeft: number;
  #fault: { readonly at: number; readonly code: string } | undefined;
  isCrashed = false;
  /** Steps taken, by what they did: each is a place to crash in front of. */
  readonly steps: string[] = [];

  /** Stops in front of step `crashAt`, counted from 0; never unless told. */
  constructor(directory: string, crashAt = Number.POSITIVE_INFINITY) {
    this.#inner = new MemoryFileSystem([directory]);
    this.#directory = directory;
    this.#stepsLeft = crashAt;
  }

  /** Puts a file there that is on the disk. */
  async seed(path: string, bytes: Uint8Array): Promise<void> {
    const handle = await this.#inner.open(path, "create");
    await handle.write(bytes, 0, bytes.length, 0);
    await handle.close();
    const content = { synced: Buffer.from(bytes) };
    this.#names.set(path, content);
    this.#syncedNames.set(path, content);
  }

  /** Stops in front of the `steps`th step from now. */
  crashIn(steps: number): void {
    this.#stepsLeft = steps;
  }

  /** The `steps`th step from now fails with this system code, once; everything else goes on. */
  failIn(steps: number, code: string): void {
    this.#fault = { at: this.steps.length + steps, code };
  }

  step(what: string): void {
    if (this.#fault?.at === this.steps.length) {
      const { code } = this.#fault;
      this.#fault = undefined;
      throw Object.assign(new Error(`injected ${code}: ${what}`), { code });
    }
    if (this.#stepsLeft <= 0) this.isCrashed = true;
    if (this.isCrashed) throw new Crash(`crashed before ${what}`);
    this.#stepsLeft -= 1;
    this.steps.push(what);
  }

  /** The files a restart finds. Locks of the process that died are not among them: nobody holds them. */
  survivors(survival: Survival): Map<string, Buffer> {
    const names = survival === "all" || survival === "names" ? this.#names : this.#syncedNames;
    const hasData = survival === "all" || survival === "data";
    const files = new Map<string, Buffer>();
    for (const [path, named] of names) {
      if (path.includes(".lock-")) continue;
      const content = survival === "replaced" ? (this.#names.get(path) ?? named) : named;
      files.set(path, hasData ? this.#live(content) : content.synced);
    }
    return files;
  }

  /** Content by identity: the file may have another name by now, or none. */
  #live(content: Content): Buffer {
    for (const [path, other] of this.#names) if (other === content) return this.#inner.contentOf(path);
    return content.synced;
  }

  async open(path: string, mode: OpenMode): Promise<FileHandle> {
    if (mode === "create") this.step(`create ${path}`);
    else if (this.isCrashed) throw new Crash("crashed");
    const handle = await this.#inner.open(path, mode);
    if (mode === "create") this.#names.set(path, { synced: Buffer.alloc(0) });
    const content = this.#names.get(path) ?? { synced: Buffer.alloc(0) };
    return new CrashHandle(handle, this, content, path);
  }

  async stat(path: string): Promise<FileStat | null> {
    if (this.isCrashed) throw new Crash("crashed");
    return this.#inner.stat(path);
  }

  async list(directory: string): Promise<string[]> {
    if (this.isCrashed) throw new Crash("crashed");
    return this.#inner.list(directory);
  }

  async remove(path: string): Promise<void> {
    this.step(`remove ${path}`);
    await this.#inner.remove(path);
    this.#names.delete(path);
  }

  async rename(from: string, to: string): Promise<void> {
    this.step(`rename ${from}`);
    await this.#inner.rename(from, to);
    const content = this.#names.get(from);
    this.#names.delete(from);
    if (content) this.#names.set(to, content);
  }

  async touch(path: string): Promise<void> {
    if (this.isCrashed) throw new Crash("crashed");
    await this.#inner.touch(path);
  }

  async realPath(path: string): Promise<string> {
    return this.#inner.realPath(path);
  }

  async syncDirectory(): Promise<void> {
    this.step(`syncDirectory ${this.#directory}`);
    this.#syncedNames = new Map(this.#names);
  }
}

class CrashHandle implements FileHandle {
  readonly #inner: FileHandle;
  readonly #disk: CrashDisk;
  readonly #content: Content;
  readonly #path: string;

  constructor(inner: FileHandle, disk: CrashDisk, content: Content, path: string) {
    this.#inner = inner;
    this.#disk = disk;
    this.#content = content;
    this.#path = path;
  }

  read(into: Uint8Array, at: number, length: number, position: number): Promise<number> {
    if (this.#disk.isCrashed) return Promise.reject(new Crash("crashed"));
    return this.#inner.read(into, at, length, position);
  }
  readSync(into: Uint8Array, at: number, length: number, position: number): number {
    return this.#inner.readSync(into, at, length, position);
  }
  async write(from: Uint8Array, at: number, length: number, position: number): Promise<number> {
    this.#disk.step(`write ${this.#path}`);
    return this.#inner.write(from, at, length, position);
  }
  async datasync(): Promise<void> {
    this.#disk.step(`datasync ${this.#path}`);
    await this.#inner.datasync();
    const { size } = await this.#inner.stat();
    const bytes = Buffer.alloc(size);
    await this.#inner.read(bytes, 0, size, 0);
    this.#content.synced = bytes;
  }
  async truncate(length: number): Promise<void> {
    this.#disk.step(`truncate ${this.#path}`);
    await this.#inner.truncate(length);
  }
  stat(): Promise<FileStat> {
    return this.#inner.stat();
  }
  statSync(): { readonly size: number; readonly links: number } {
    return this.#inner.statSync();
  }
  async close(): Promise<void> {
    await this.#inner.close();
  }
}

/** A disk in memory with these files, for a restart. */
export async function diskOf(directory: string, files: ReadonlyMap<string, Uint8Array>): Promise<MemoryFileSystem> {
  const disk = new MemoryFileSystem([directory]);
  for (const [path, bytes] of files) {
    const handle = await disk.open(path, "create");
    await handle.write(bytes, 0, bytes.length, 0);
    await handle.close();
  }
  return disk;
}
