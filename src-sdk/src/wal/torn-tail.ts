/** Moves the torn bytes at the end of a log into a file of their own and cuts the log: nothing is ever thrown away. */
import { dirname } from "node:path";
import type { Clock } from "../platform/clock.js";
import type { FileHandle, FileSystem } from "../platform/file-system.js";
import { ioError, systemCodeOf } from "../platform/io-error.js";
import { fileSource } from "./byte-source.js";
import { ChunkReader } from "./chunk-reader.js";
import type { WalRepaired } from "./report.js";

/** `20261122T091402Z`: sorts by time and is a legal file name everywhere. */
export function utcStamp(nowMs: number): string {
  return new Date(nowMs).toISOString().replace(/[-:]/g, "").replace(/\.\d+/, "");
}

/** Two opens within one second get two names; more than this many do not happen. */
const NAMES_MAX = 1000;

/** Creates `<path>.<suffix>`, or `<path>.<suffix>-2` and so on when that exists. */
export async function createBeside(
  fileSystem: FileSystem,
  path: string,
  suffix: string,
): Promise<{ path: string; handle: FileHandle }> {
  for (let n = 1; ; n += 1) {
    const candidate = `${path}.${suffix}${n === 1 ? "" : `-${n}`}`;
    try {
      return { path: candidate, handle: await fileSystem.open(candidate, "create") };
    } catch (error) {
      if (systemCodeOf(error) !== "EEXIST" || n === NAMES_MAX) throw error;
    }
  }
}

const ZEROS_MAY_STAY_HOLES = (bytes: Uint8Array, from: number, to: number) => {
  for (let at = from; at < to; at += 1) if (bytes[at] !== 0) return false;
  return true;
};

/**
 * The bytes from `cutAt` on are in `<path>.torn-<UTC time>` and the log ends at `cutAt`, both on the disk, when it
 * resolves. A crash in between leaves the log as it was, with a copy beside it.
 * @throws SoftadastraError `io_error`
 */
export async function setTornTailAside(
  path: string,
  handle: FileHandle,
  range: { cutAt: number; fileBytes: number; recordCount: number },
  deps: { fileSystem: FileSystem; clock: Clock },
): Promise<WalRepaired> {
  const { fileSystem, clock } = deps;
  const { cutAt, fileBytes, recordCount } = range;
  try {
    const aside = await createBeside(fileSystem, path, `torn-${utcStamp(clock.now())}`);
    try {
      await copyRange(handle, aside.handle, cutAt, fileBytes);
      await aside.handle.datasync();
    } finally {
      await aside.handle.close();
    }
    await fileSystem.syncDirectory(dirname(path));
    await handle.truncate(cutAt);
    await handle.datasync();
    return { setAsidePath: aside.path, setAsideBytes: fileBytes - cutAt, setAsideRecordCount: recordCount, cutAt };
  } catch (cause) {
    throw ioError("set the torn end aside of", path, cause, { offset: cutAt });
  }
}

async function copyRange(from: FileHandle, to: FileHandle, start: number, end: number): Promise<void> {
  const reader = new ChunkReader(fileSource(from, end), start, end);
  while (await reader.fill()) {
    // A preallocated tail can be gigabytes of zeros: those become a hole of the same length.
    if (!ZEROS_MAY_STAY_HOLES(reader.bytes, reader.start, reader.end)) {
      const length = reader.available;
      for (let done = 0; done < length; ) {
        const position = reader.offset - start + done;
        const count = await to.write(reader.bytes, reader.start + done, length - done, position);
        if (count <= 0) throw new Error("the system wrote nothing and gave no reason");
        done += count;
      }
    }
    reader.consume(reader.available);
  }
  await to.truncate(end - start);
}
