/** Reads records of a log by their places: together where they follow each other, in pieces where they are large. */
import type { FileHandle } from "../platform/file-system.js";
import { SoftadastraError } from "../result.js";

/** Records up to this size are read whole. Read ahead where the next record follows the last one. */
export const WINDOW_BYTES = 256 * 1024;
/** Larger ones come in pieces; a multiple of three, so that their base64 can be joined. */
export const PIECE_BYTES = 768 * 1024;

export class RecordReader {
  readonly #handle: FileHandle;
  readonly #size: number;
  readonly #path: string;
  #window = new Uint8Array(WINDOW_BYTES);
  #from = 0;
  #to = 0;

  constructor(handle: FileHandle, size: number, path: string) {
    this.#handle = handle;
    this.#size = size;
    this.#path = path;
  }

  /** Up to {@link WINDOW_BYTES}, valid until the next call. @throws when the file is shorter than it was */
  bytes(offset: number, length: number): Uint8Array {
    if (offset < this.#from || offset + length > this.#to) this.#fill(offset, length);
    const at = offset - this.#from;
    return this.#window.subarray(at, at + length);
  }

  #fill(offset: number, length: number): void {
    // On this thread: a trip to the pool costs more than the read.
    const follows = offset >= this.#from && offset <= this.#to + WINDOW_BYTES;
    const wanted = Math.min(follows ? WINDOW_BYTES : length, this.#size - offset);
    let done = 0;
    while (done < wanted) {
      const count = this.#handle.readSync(this.#window, done, wanted - done, offset + done);
      if (count === 0) break;
      done += count;
    }
    this.#from = offset;
    this.#to = offset + done;
    if (done < length) throw this.changed(offset);
  }

  /** The bytes `[from, to)` in pieces, each valid until the next. */
  async *pieces(from: number, to: number): AsyncGenerator<Uint8Array> {
    const piece = new Uint8Array(Math.min(PIECE_BYTES, to - from));
    for (let at = from; at < to; ) {
      const wanted = Math.min(piece.length, to - at);
      for (let done = 0; done < wanted; ) {
        const count = await this.#handle.read(piece, done, wanted - done, at + done);
        if (count === 0) throw this.changed(from);
        done += count;
      }
      yield piece.subarray(0, wanted);
      at += wanted;
    }
  }

  changed(offset: number): SoftadastraError {
    return new SoftadastraError(
      "io_error",
      `${this.#path} changed while it was exported: the record at offset ${offset} is not the one that was there`,
      { path: this.#path, offset },
    );
  }
}
