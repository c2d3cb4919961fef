/** Something with bytes at positions: an open file, or an array in a test. */
import type { FileHandle } from "../platform/file-system.js";

export interface ByteSource {
  /** Bytes up to this position are read; what a live writer appends behind it is not there yet. */
  readonly size: number;
  /** Reads up to `length` bytes at `position`; fewer only at the end. */
  read(into: Uint8Array, at: number, length: number, position: number): Promise<number>;
}

export function fileSource(handle: FileHandle, size: number): ByteSource {
  return { size, read: (into, at, length, position) => handle.read(into, at, length, position) };
}

export function arraySource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    async read(into, at, length, position) {
      const count = Math.max(0, Math.min(length, bytes.length - position));
      into.set(bytes.subarray(position, position + count), at);
      return count;
    },
  };
}

/** Reads exactly `[position, position + length)`, or as much of it as there is. */
export async function readFully(source: ByteSource, position: number, length: number): Promise<Uint8Array> {
  const wanted = Math.max(0, Math.min(length, source.size - position));
  const bytes = new Uint8Array(wanted);
  let done = 0;
  while (done < wanted) {
    const count = await source.read(bytes, done, wanted - done, position + done);
    if (count === 0) break;
    done += count;
  }
  return done === wanted ? bytes : bytes.subarray(0, done);
}
