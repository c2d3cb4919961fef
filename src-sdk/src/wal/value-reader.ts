/** Reads values out of the log file, each together with its key: small ones on the calling thread, large ones on the thread pool. */
import type { FileHandle } from "../platform/file-system.js";
import { SoftadastraError } from "../result.js";
import type { KeyProbe } from "../store/key-probe.js";
import { Value } from "../value.js";
import { readU32 } from "./format.js";
import { valueFrom } from "./operation.js";
import { SYNC_READ_BYTES_MAX } from "./operation-log.js";
import { takeRoom } from "./value-pool.js";

/**
 * A value is where the key in front of it is the one that is looked for, and the length between them the one that is
 * expected. A file that another program changed mostly shows there.
 */
export class ValueReader {
  readonly #path: string;
  /** Under way on the thread pool, each of the file that was there when it began. */
  readonly #reads = new Set<Promise<unknown>>();

  /** For messages. */
  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Of the operation whose key is at `location` of `file`; null when another is there.
   * @throws SoftadastraError `io_error` when the file ends first; what the disk throws
   */
  readOf(file: FileHandle | null, key: KeyProbe, location: number, valueLength: number): Value | null {
    const handle = opened(file);
    const from = valueFrom(key.length);
    const length = from + valueLength;
    const { bytes, words, at } = takeRoom(length);
    let done = handle.readSync(bytes, at, length, location);
    while (done < length) {
      const count = done === 0 ? 0 : handle.readSync(bytes, at + done, length - done, location + done);
      if (count === 0) throw this.#shortRead(location, length);
      done += count;
    }
    const isSame = key.isAt(words, at >> 2) && readU32(bytes, at + key.length) === valueLength;
    return isSame ? Value.inside(bytes, at + from, valueLength) : null;
  }

  /** As `readOf`. */
  async readLater(
    file: FileHandle | null,
    key: KeyProbe,
    location: number,
    valueLength: number,
  ): Promise<Value | null> {
    if (valueLength <= SYNC_READ_BYTES_MAX) return this.readOf(file, key, location, valueLength);
    const keyBytes = key.toBytes();
    const read = this.#readAll(opened(file), location, valueFrom(keyBytes.length) + valueLength);
    this.#reads.add(read);
    try {
      const bytes = await read;
      const isSame = Buffer.compare(bytes.subarray(0, keyBytes.length), keyBytes) === 0;
      if (!isSame || readU32(bytes, keyBytes.length) !== valueLength) return null;
      return Value.adopt(bytes.subarray(valueFrom(keyBytes.length)));
    } finally {
      this.#reads.delete(read);
    }
  }

  /** Resolves when no read of a former file is under way. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#reads);
  }

  /** From one file to the end, also when the log has moved to another meanwhile: the location is one of this file. */
  async #readAll(handle: FileHandle, location: number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const count = await handle.read(bytes, done, length - done, location + done);
      if (count === 0) throw this.#shortRead(location, length);
      done += count;
    }
    return bytes;
  }

  #shortRead(location: number, length: number): SoftadastraError {
    return new SoftadastraError(
      "io_error",
      `${this.#path} ends before the ${length} bytes at offset ${location} that hold a value: another program cut the file`,
      { path: this.#path, offset: location },
    );
  }
}

function opened(file: FileHandle | null): FileHandle {
  if (file === null) throw new SoftadastraError("internal_error", "a value was read before a file was there");
  return file;
}
