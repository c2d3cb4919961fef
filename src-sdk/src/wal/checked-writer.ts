/** Writes a new file piece by piece and reads it back before anybody relies on it. */
import { createHash } from "node:crypto";
import { dirname } from "node:path";
import type { FileHandle, FileSystem } from "../platform/file-system.js";
import { SoftadastraError } from "../result.js";
import { type ByteSource, fileSource } from "./byte-source.js";
import { ChunkReader } from "./chunk-reader.js";

/** Pieces are gathered up to this size before they go to the disk: a write per small record would take minutes. */
const GATHERED_BYTES = 1024 * 1024;

export class CheckedWriter {
  readonly #handle: FileHandle;
  readonly #path: string;
  readonly #from: number;
  readonly #hash = createHash("sha256");
  readonly #gathered: Buffer;
  #gatheredBytes = 0;
  #written: number;

  /** Writes from `from` on, about as many bytes as said; what stands before is left alone. `path` is for messages. */
  constructor(handle: FileHandle, path: string, aboutBytes: number, from = 0) {
    this.#gathered = Buffer.allocUnsafe(Math.min(GATHERED_BYTES, aboutBytes));
    this.#handle = handle;
    this.#path = path;
    this.#from = from;
    this.#written = from;
  }

  /** Where the next byte goes. */
  get position(): number {
    return this.#written + this.#gatheredBytes;
  }

  /** Whether `bytes` more can be taken by `gather` without going to the disk first. */
  hasRoom(bytes: number): boolean {
    return this.#gatheredBytes + bytes <= this.#gathered.length;
  }

  /** Takes a piece without waiting, for which there is room. */
  gather(bytes: Uint8Array, from: number, to: number): void {
    this.#gathered.set(bytes.subarray(from, to), this.#gatheredBytes);
    this.#gatheredBytes += to - from;
  }

  async write(bytes: Uint8Array, from = 0, to: number = bytes.length): Promise<void> {
    if (!this.hasRoom(to - from)) await this.#flush();
    if (this.hasRoom(to - from)) this.gather(bytes, from, to);
    else await this.#put(bytes, from, to);
  }

  async #flush(): Promise<void> {
    const to = this.#gatheredBytes;
    await this.#put(this.#gathered, 0, to);
    this.#gatheredBytes = 0;
  }

  async #put(bytes: Uint8Array, from: number, to: number): Promise<void> {
    this.#hash.update(bytes.subarray(from, to));
    for (let at = from; at < to; ) {
      const count = await this.#handle.write(bytes, at, to - at, this.#written);
      if (count <= 0) throw new Error("the system wrote nothing and gave no reason");
      at += count;
      this.#written += count;
    }
  }

  /** @throws SoftadastraError `io_error` when the source has become shorter */
  async copy(source: ByteSource, from: number, to: number, signal?: AbortSignal): Promise<void> {
    const reader = new ChunkReader(source, from, to);
    while (await reader.fill()) {
      signal?.throwIfAborted();
      await this.write(reader.bytes, reader.start, reader.end);
      reader.consume(reader.available);
    }
    if (reader.offset !== to) throw this.#refuse("the file it is made from became shorter meanwhile", reader.offset);
  }

  /**
   * Everything is on the disk, and was read back and found equal to what was to be written. Call once, at the end.
   * @throws SoftadastraError `io_error` when it was not
   */
  async settle(signal?: AbortSignal): Promise<void> {
    await this.#flush();
    await this.#handle.datasync();
    const end = this.#written;
    const { size } = await this.#handle.stat();
    if (size !== end) throw this.#refuse(`it has ${size} bytes where ${end} were written`, end);
    const read = createHash("sha256");
    const reader = new ChunkReader(fileSource(this.#handle, end), this.#from, end);
    while (await reader.fill()) {
      signal?.throwIfAborted();
      read.update(reader.bytes.subarray(reader.start, reader.end));
      reader.consume(reader.available);
    }
    if (reader.offset !== end || !read.digest().equals(this.#hash.digest())) {
      throw this.#refuse("what the disk gives back is not what was written", this.#from);
    }
  }

  #refuse(problem: string, offset: number): SoftadastraError {
    const path = this.#path;
    return new SoftadastraError("io_error", `cannot write ${path}: ${problem}`, { path, offset });
  }
}

/** A new, empty file, in place of a leftover of the same name. */
export async function createScratch(fileSystem: FileSystem, path: string): Promise<FileHandle> {
  if ((await fileSystem.stat(path)) !== null) await fileSystem.remove(path);
  return fileSystem.open(path, "create");
}

/** Gives a finished file the name of another, which it replaces in one step. On the disk when it resolves. */
export async function putInPlace(fileSystem: FileSystem, from: string, to: string): Promise<void> {
  await fileSystem.rename(from, to);
  await fileSystem.syncDirectory(dirname(to));
}
