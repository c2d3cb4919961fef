/** A sliding window over a source, filled one chunk ahead so that the disk and the scan work at the same time. */
import type { ByteSource } from "./byte-source.js";

/**
 * Read size. Large enough that the trip to the thread pool is small beside the scan of the chunk, small enough that
 * two windows of two chunks each do not show in the memory of the process.
 */
export const CHUNK_BYTES = 512 * 1024;
const CHUNK_BYTES_MIN = 4096;

interface Chunk {
  readonly buffer: Uint8Array;
  readonly count: number;
}

/**
 * The unread bytes are `bytes[start, end)` and lie at `offset` in the source. `fill` invalidates earlier references
 * into `bytes`.
 */
export class ChunkReader {
  bytes: Uint8Array = new Uint8Array(0);
  start = 0;
  end = 0;
  offset: number;

  readonly #source: ByteSource;
  readonly #to: number;
  /** Smaller than {@link CHUNK_BYTES} for a short source: looking at one record must not cost a megabyte. */
  readonly #chunkBytes: number;
  #readAt: number;
  #spare: Uint8Array | undefined;
  #ahead: Promise<Chunk> | undefined;

  constructor(source: ByteSource, from: number, to: number = source.size) {
    this.#source = source;
    this.#to = to;
    this.#chunkBytes = Math.min(CHUNK_BYTES, Math.max(to - from, CHUNK_BYTES_MIN));
    this.#readAt = from;
    this.offset = from;
  }

  get available(): number {
    return this.end - this.start;
  }

  /** Drops `count` unread bytes. */
  consume(count: number): void {
    this.start += count;
    this.offset += count;
  }

  /**
   * Puts one more chunk behind the unread bytes, of which there may be at most one chunk.
   * False when there is nothing more to read.
   */
  async fill(): Promise<boolean> {
    const chunk = await (this.#ahead ?? this.#read());
    this.#ahead = undefined;
    if (chunk.count === 0) return false;
    const unread = this.available;
    const from = this.#chunkBytes - unread;
    chunk.buffer.set(this.bytes.subarray(this.start, this.end), from);
    this.#spare = this.bytes.length > 0 ? this.bytes : undefined;
    this.bytes = chunk.buffer;
    this.start = from;
    this.end = this.#chunkBytes + chunk.count;
    this.#readAt += chunk.count;
    if (this.#readAt < this.#to) {
      this.#ahead = this.#read();
      // Claimed by the next fill(); without this an early end of the scan would leave an unhandled rejection.
      this.#ahead.catch(() => undefined);
    }
    return true;
  }

  async #read(): Promise<Chunk> {
    // The first chunk sits in the upper half, so that unread bytes of the chunk before can stand in front of it.
    const buffer = this.#spare ?? new Uint8Array(2 * this.#chunkBytes);
    this.#spare = undefined;
    const length = Math.min(this.#chunkBytes, this.#to - this.#readAt);
    const count = length > 0 ? await this.#source.read(buffer, this.#chunkBytes, length, this.#readAt) : 0;
    return { buffer, count };
  }
}
