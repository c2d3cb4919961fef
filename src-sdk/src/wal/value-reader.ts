/** Reads values out of the log file: small ones on the calling thread, large ones on the thread pool. */
import type { FileHandle } from "../platform/file-system.js";
import { SoftadastraError } from "../result.js";
import { SYNC_READ_BYTES_MAX } from "./operation-log.js";
import { smallBuffer } from "./small-buffer.js";

export class ValueReader {
  readonly #path: string;
  readonly #file: () => FileHandle | null;
  /** Under way on the thread pool, each of the file that was there when it began. */
  readonly #reads = new Set<Promise<unknown>>();

  /** `file` answers the file that locations are of now. */
  constructor(path: string, file: () => FileHandle | null) {
    this.#path = path;
    this.#file = file;
  }

  /** @throws SoftadastraError `io_error` when the file ends first; what the disk throws */
  async read(location: number, length: number): Promise<Uint8Array> {
    if (length <= SYNC_READ_BYTES_MAX) return this.readSync(location, length);
    const read = this.#readAll(this.#handle(), location, length);
    this.#reads.add(read);
    try {
      return await read;
    } finally {
      this.#reads.delete(read);
    }
  }

  /** As `read`. */
  readSync(location: number, length: number): Uint8Array {
    const value = smallBuffer(length);
    for (let done = 0; done < length; ) {
      const count = this.#handle().readSync(value, done, length - done, location + done);
      if (count === 0) throw this.#shortRead(location, length);
      done += count;
    }
    return value;
  }

  /** Resolves when no read of a former file is under way. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#reads);
  }

  /** From one file to the end, also when the log has moved to another meanwhile: the location is one of this file. */
  async #readAll(handle: FileHandle, location: number, length: number): Promise<Uint8Array> {
    const value = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const count = await handle.read(value, done, length - done, location + done);
      if (count === 0) throw this.#shortRead(location, length);
      done += count;
    }
    return value;
  }

  #handle(): FileHandle {
    const handle = this.#file();
    if (handle === null) throw new SoftadastraError("internal_error", "a value was read before a file was there");
    return handle;
  }

  #shortRead(location: number, length: number): SoftadastraError {
    return new SoftadastraError(
      "io_error",
      `${this.#path} ends before the ${length} bytes of a value at offset ${location}: another program cut the file`,
      { path: this.#path, offset: location },
    );
  }
}
