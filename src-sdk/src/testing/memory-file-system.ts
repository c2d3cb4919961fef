/** A disk in memory that behaves like the real one; it passes the same suite (file-system.suite.ts). */
import { basename, dirname } from "node:path";
import type { FileHandle, FileStat, FileSystem, OpenMode } from "../platform/file-system.js";

interface MemoryFile {
  bytes: Buffer;
  mtimeMs: number;
  links: number;
  readonly id: number;
}

function systemError(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}

class MemoryHandle implements FileHandle {
  readonly #file: MemoryFile;
  readonly #mode: OpenMode;
  readonly #path: string;
  readonly #now: () => number;
  #isClosed = false;

  constructor(file: MemoryFile, mode: OpenMode, path: string, now: () => number) {
    this.#file = file;
    this.#mode = mode;
    this.#path = path;
    this.#now = now;
  }

  #use(isWriting: boolean): MemoryFile {
    if (this.#isClosed || (isWriting && this.#mode === "read")) throw systemError("EBADF", this.#path);
    if (isWriting) this.#file.mtimeMs = this.#now();
    return this.#file;
  }

  async read(into: Uint8Array, at: number, length: number, position: number): Promise<number> {
    return this.readSync(into, at, length, position);
  }

  readSync(into: Uint8Array, at: number, length: number, position: number): number {
    const { bytes } = this.#use(false);
    const part = bytes.subarray(Math.min(position, bytes.length), Math.min(position + length, bytes.length));
    into.set(part, at);
    return part.length;
  }

  async write(from: Uint8Array, at: number, length: number, position: number): Promise<number> {
    const file = this.#use(true);
    if (position + length > file.bytes.length) {
      file.bytes = Buffer.concat([file.bytes, Buffer.alloc(position + length - file.bytes.length)]);
    }
    file.bytes.set(from.subarray(at, at + length), position);
    return length;
  }

  async datasync(): Promise<void> {
    this.#use(false);
  }

  async truncate(length: number): Promise<void> {
    const file = this.#use(true);
    file.bytes =
      length <= file.bytes.length
        ? Buffer.from(file.bytes.subarray(0, length))
        : Buffer.concat([file.bytes, Buffer.alloc(length - file.bytes.length)]);
  }

  async stat(): Promise<FileStat> {
    return toStat(this.#use(false));
  }

  statSync(): { size: number; links: number } {
    const { bytes, links } = this.#use(false);
    return { size: bytes.length, links };
  }

  async close(): Promise<void> {
    this.#use(false);
    this.#isClosed = true;
  }
}

function toStat(file: MemoryFile): FileStat {
  return {
    size: file.bytes.length,
    mtimeMs: file.mtimeMs,
    isDirectory: false,
    isFile: true,
    fileId: `memory:${file.id}`,
  };
}

export class MemoryFileSystem implements FileSystem {
  readonly #files = new Map<string, MemoryFile>();
  readonly #directories = new Set<string>();
  readonly #now: () => number;
  #nextId = 1;

  constructor(directories: readonly string[], now: () => number = Date.now) {
    for (const directory of directories) this.#directories.add(directory);
    this.#now = now;
  }

  async open(path: string, mode: OpenMode): Promise<FileHandle> {
    if (this.#directories.has(path)) throw systemError("EISDIR", path);
    if (!this.#directories.has(dirname(path))) throw systemError("ENOENT", path);
    let file = this.#files.get(path);
    if (mode === "create") {
      if (file) throw systemError("EEXIST", path);
      file = { bytes: Buffer.alloc(0), mtimeMs: this.#now(), links: 1, id: this.#nextId++ };
      this.#files.set(path, file);
    }
    if (!file) throw systemError("ENOENT", path);
    return new MemoryHandle(file, mode, path, this.#now);
  }

  async stat(path: string): Promise<FileStat | null> {
    if (this.#directories.has(path)) {
      return { size: 0, mtimeMs: 0, isDirectory: true, isFile: false, fileId: `memory:${path}` };
    }
    const file = this.#files.get(path);
    return file ? toStat(file) : null;
  }

  async list(directory: string): Promise<string[]> {
    if (!this.#directories.has(directory)) throw systemError("ENOENT", directory);
    return [...this.#files.keys()].filter((path) => dirname(path) === directory).map((path) => basename(path));
  }

  async remove(path: string): Promise<void> {
    const file = this.#files.get(path);
    if (!file) throw systemError("ENOENT", path);
    file.links -= 1;
    this.#files.delete(path);
  }

  async rename(from: string, to: string): Promise<void> {
    const file = this.#files.get(from);
    if (!file) throw systemError("ENOENT", from);
    const replaced = this.#files.get(to);
    if (replaced) replaced.links -= 1;
    this.#files.delete(from);
    this.#files.set(to, file);
  }

  async touch(path: string): Promise<void> {
    const handle = await this.open(path, "write");
    await handle.write(Buffer.from("."), 0, 1, 0);
    await handle.close();
  }

  async realPath(path: string): Promise<string> {
    if (!this.#files.has(path) && !this.#directories.has(path)) throw systemError("ENOENT", path);
    return path;
  }

  async syncDirectory(directory: string): Promise<void> {
    if (!this.#directories.has(directory)) throw systemError("ENOENT", directory);
  }

  /** The content of a file, for assertions. */
  contentOf(path: string): Buffer {
    const file = this.#files.get(path);
    if (!file) throw systemError("ENOENT", path);
    return Buffer.from(file.bytes);
  }
}
