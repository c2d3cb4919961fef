/** The file an export is written to: beside its place until it is whole and on the disk, then under its name in one step. */
import { basename, dirname, join } from "node:path";
import type { FileHandle, FileSystem } from "../platform/file-system.js";
import { ioError } from "../platform/io-error.js";
import { SoftadastraError } from "../result.js";
import { findLockHolder } from "../wal/lock.js";
import { createBeside } from "../wal/torn-tail.js";

export interface TargetOptions {
  readonly fileSystem: FileSystem;
  /** A file that is there may be replaced. */
  readonly overwrite: boolean;
  /** Logs that are read or written now: none of them, and none of their locks, is ever a target. */
  readonly logs: readonly string[];
}

/**
 * The path as it is written to, links followed. @throws SoftadastraError `already_exists`, `invalid_argument` with
 * `context.refused` for what is no place for an export, `io_error`
 */
export async function checkTarget(path: string, { fileSystem, overwrite, logs }: TargetOptions): Promise<string> {
  const target = await realTarget(path, fileSystem);
  for (const log of logs) {
    const real = await realTarget(log, fileSystem);
    const isLock = dirname(target) === dirname(real) && basename(target).startsWith(`${basename(real)}.lock-`);
    if (target === real || isLock) throw refused(path, isLock ? "is the lock of an open log" : "is the log itself");
  }
  const there = await fileSystem.stat(target).catch((cause: unknown) => {
    throw ioError("write to", path, cause);
  });
  if (there === null) return target;
  if (there.isDirectory) throw refused(path, "is a folder: name a file in it", "folder");
  if (!there.isFile) throw refused(path, "is no regular file", "special");
  for (const log of logs) {
    // Another name of the same file.
    const stat = await fileSystem.stat(log).catch(() => null);
    if (stat?.fileId === there.fileId) throw refused(path, "is the log itself, under another name");
  }
  const holder = await findLockHolder(fileSystem, target);
  if (holder !== null) throw refused(path, `is a log that process ${holder.pid} has open for writing`);
  if (!overwrite) {
    throw new SoftadastraError("already_exists", `${path} exists already, ${there.size} bytes`, { path });
  }
  return target;
}

function refused(path: string, why: string, refused = "log"): SoftadastraError {
  return new SoftadastraError("invalid_argument", `${path} ${why}. Choose another file; nothing was written`, {
    path,
    refused,
  });
}

/** Where a link leads; of what is not there yet, its folder. */
async function realTarget(path: string, fileSystem: FileSystem): Promise<string> {
  try {
    return await fileSystem.realPath(path);
  } catch {
    try {
      return join(await fileSystem.realPath(dirname(path)), basename(path));
    } catch (cause) {
      throw ioError("write to", path, cause);
    }
  }
}

export class ExportTarget {
  readonly #path: string;
  readonly #target: string;
  readonly #temporary: string;
  readonly #handle: FileHandle;
  readonly #options: TargetOptions;
  #length = 0;
  #isEnded = false;

  private constructor(
    path: string,
    target: string,
    made: { path: string; handle: FileHandle },
    options: TargetOptions,
  ) {
    this.#path = path;
    this.#target = target;
    this.#temporary = made.path;
    this.#handle = made.handle;
    this.#options = options;
  }

  static async open(path: string, options: TargetOptions): Promise<ExportTarget> {
    const target = await checkTarget(path, options);
    const made = await createBeside(options.fileSystem, target, "partial").catch((cause: unknown) => {
      throw ioError("write to", path, cause);
    });
    return new ExportTarget(path, target, made, options);
  }

  async write(bytes: Uint8Array): Promise<void> {
    try {
      for (let done = 0; done < bytes.length; ) {
        const count = await this.#handle.write(bytes, done, bytes.length - done, this.#length);
        if (count <= 0) throw new Error("the system wrote nothing and gave no reason");
        done += count;
        this.#length += count;
      }
    } catch (cause) {
      throw this.#failed(cause);
    }
  }

  /** Everything written is on the disk when it resolves: the slow part of finishing, after which giving up is still free. */
  async sync(): Promise<void> {
    try {
      await this.#handle.datasync();
    } catch (cause) {
      throw this.#failed(cause);
    }
  }

  /** Puts the file in its place; on the disk when it resolves. */
  async finish(): Promise<{ path: string; fileBytes: number }> {
    const { fileSystem } = this.#options;
    try {
      await this.#handle.datasync();
      // What came to be there meanwhile is nobody's to replace.
      await checkTarget(this.#path, this.#options);
      if ((await fileSystem.stat(this.#target)) !== null) {
        await fileSystem.copyPermissions?.(this.#target, this.#temporary);
      }
      this.#isEnded = true;
      await this.#handle.close();
      await fileSystem.rename(this.#temporary, this.#target);
    } catch (cause) {
      await this.discard();
      throw cause instanceof SoftadastraError ? cause : this.#failed(cause);
    }
    // The file is there; a folder that cannot be synced only makes it less sure to outlive a power cut.
    await fileSystem.syncDirectory(dirname(this.#target)).catch(() => undefined);
    return { path: this.#path, fileBytes: this.#length };
  }

  /** Leaves nothing behind; whatever was at the path is as it was. */
  async discard(): Promise<void> {
    if (!this.#isEnded) {
      this.#isEnded = true;
      await this.#handle.close().catch(() => undefined);
    }
    await this.#options.fileSystem.remove(this.#temporary).catch(() => undefined);
  }

  #failed(cause: unknown): SoftadastraError {
    const error = ioError("write to", this.#path, cause);
    const safe = this.#options.overwrite
      ? "the log, and the file that was there, are as they were"
      : "the log is as it was, and no file is left at that path";
    return new SoftadastraError(error.code, `${error.message}; ${safe}`, error.context, { cause });
  }
}
