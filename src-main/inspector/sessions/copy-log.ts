/** Copies a log, whole or its readable front, in pieces: with progress, and ended by a signal. */

import { randomBytes } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import fs from "node:fs/promises";
import { dirname, join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";

export interface CopyOptions {
  /** Copies only so many bytes from the front; all unless told. */
  readonly bytes?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (doneBytes: number) => void;
}

const PIECE_BYTES = 1024 * 1024;

/** `to` must not exist. A copy that fails or is ended leaves nothing behind. */
export async function copyFile(from: string, to: string, options: CopyOptions = {}): Promise<void> {
  const { bytes, signal, onProgress } = options;
  if (bytes === 0) {
    await fs.writeFile(to, "", { flag: "wx" });
    return;
  }
  let doneBytes = 0;
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      doneBytes += chunk.length;
      onProgress?.(doneBytes);
      done(null, chunk);
    },
  });
  const end = bytes === undefined ? {} : { end: bytes - 1 };
  const source = createReadStream(from, { ...end, highWaterMark: PIECE_BYTES });
  const target = createWriteStream(to, { flags: "wx", flush: true });
  try {
    await pipeline(source, counter, target, signal === undefined ? {} : { signal });
  } catch (error) {
    await fs.rm(to, { force: true });
    throw error;
  }
}

/** Puts a copy at `to` in one step: until it is whole and on the disk, whatever is there stays. */
export async function replaceByCopy(from: string, to: string, options: CopyOptions = {}): Promise<void> {
  const temporary = join(dirname(to), `.${randomBytes(6).toString("hex")}.softadastra-new`);
  await copyFile(from, temporary, options);
  try {
    await fs.rename(temporary, to);
  } catch (error) {
    await fs.rm(temporary, { force: true });
    throw error;
  }
}
