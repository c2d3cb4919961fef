/** A sliding window over a source, filled one chunk ahead so that the disk and the scan work at the same time. */
import type { ByteSource } from "./byte-source.js";

/**
 * Read size. Large enough that the trip to the thread pool is small beside the scan of the chunk, small enough that
 * two windows of two chunks each do not show in the memory of the process.
 */
export const CHUNK_BYTES = 512 * 1024;
const CHUNK_BYTES_MIN = 4096;
/** A chunk, and in front of it what is left of the one before. */
export const WINDOW_BYTES = 2 * CHUNK_BYTES;

/** Memory of somebody who looks at the windows, so that nobody has to copy them there: room for two, one behind the other. */
export interface WindowSpace {
  /** Whoever asks says that nothing is being read into it: it may be elsewhere then, with what was in it. */
  windows(): Uint8Array;
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
  readonly #space: WindowSpace | null;
  #readAt: number;
  /** Two windows take turns. Without a space each has an array of its own, made when it is first needed. */
  #turn = 0;
  readonly #owned: Uint8Array[] = [];
  #ahead: Promise<number> | undefined;

  constructor(source: ByteSource, from: number, to: number = source.size, space: WindowSpace | null = null) {
    this.#source = source;
    this.#to = to;
    this.#chunkBytes = Math.min(CHUNK_BYTES, Math.max(to - from, CHUNK_BYTES_MIN));
    this.#space = space;
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
    const count = await (this.#ahead ?? this.#read());
    this.#ahead = undefined;
    if (count === 0) return false;
    const space = this.#space?.windows();
    const to = space ?? this.#own();
    const chunkAt = this.#chunkAt();
    const start = chunkAt - this.available;
    // A space may have moved: what was read into it is where it is now.
    to.set((space ?? this.bytes).subarray(this.start, this.end), start);
    this.bytes = to;
    this.start = start;
    this.end = chunkAt + count;
    this.#readAt += count;
    this.#turn = 1 - this.#turn;
    if (this.#readAt < this.#to) {
      this.#ahead = this.#read();
      // Claimed by the next fill(); without this an early end of the scan would leave an unhandled rejection.
      this.#ahead.catch(() => undefined);
    }
    return true;
  }

  /** Resolves when nothing is being read: to be awaited before another reader uses the space. */
  async idle(): Promise<void> {
    await this.#ahead?.catch(() => undefined);
  }

  /** Of the window whose turn it is. */
  #own(): Uint8Array {
    this.#owned[this.#turn] ??= new Uint8Array(2 * this.#chunkBytes);
    return this.#owned[this.#turn] as Uint8Array;
  }

  /** A chunk sits in the upper half of its window, so that unread bytes of the chunk before can stand in front of it. */
  #chunkAt(): number {
    return this.#chunkBytes * (this.#space === null ? 1 : 1 + 2 * this.#turn);
  }

  /** The next chunk into the window whose turn it is; answers how many bytes came. */
  async #read(): Promise<number> {
    const length = Math.min(this.#chunkBytes, this.#to - this.#readAt);
    if (length <= 0) return 0;
    return this.#source.read(this.#space?.windows() ?? this.#own(), this.#chunkAt(), length, this.#readAt);
  }
}
