/** The real disk, over `node:fs`. */
import fs from "node:fs";
import { promisify } from "node:util";
import type { FileHandle, FileStat, FileSystem, OpenMode } from "./file-system.js";
import { retryInterrupted, retryInterruptedSync } from "./interrupted.js";

const { O_CREAT, O_DSYNC, O_EXCL, O_RDONLY, O_RDWR, O_WRONLY } = fs.constants;
const FLAGS: Record<OpenMode, number> = { read: O_RDONLY, write: O_RDWR, create: O_RDWR | O_CREAT | O_EXCL };
/**
 * Looking at a file must not even change its access time, and to see to that takes a tenth of the time of a small read.
 * Linux lets the owner ask for it.
 */
const O_NOATIME = fs.constants.O_NOATIME ?? 0;

const openFile = promisify(fs.open);
const statFile = promisify(fs.stat);

function toStat(stat: fs.Stats): FileStat {
  return {
    size: stat.size,
    mtimeMs: stat.mtimeMs,
    isDirectory: stat.isDirectory(),
    isFile: stat.isFile(),
    fileId: `${stat.dev}:${stat.ino}`,
  };
}

/** Settles a promise from a node callback without a wrapper object per call: this is the write path. */
function settle(resolve: () => void, reject: (error: Error) => void): (error: Error | null) => void {
  return (error) => (error ? reject(error) : resolve());
}

/**
 * Local file systems of Linux, by what statfs calls them, that treat a write to a descriptor with O_DSYNC as a write and an
 * fdatasync: ext2 to ext4, XFS, Btrfs, F2FS. Of others, some on a network or in user space pass on fsync and not the flag.
 */
const WRITES_SYNCED: ReadonlySet<number> = new Set([0xef53, 0x58465342, 0x9123683e, 0xf2f52010]);

class NodeFileHandle implements FileHandle {
  readonly #fd: number;
  /** Of the same file, whose writes are on the disk when they end; null where that is not to be had. Opened when first asked for. */
  #synced: number | null | undefined;

  #isClosed = false;

  constructor(fd: number) {
    this.#fd = fd;
  }
  // Node's own thread pool makes every interrupted call again, except reads: network folders can be interrupted there.
  read(into: Uint8Array, at: number, length: number, position: number): Promise<number> {
    return retryInterrupted(
      () =>
        new Promise((resolve, reject) => {
          fs.read(this.#fd, into, at, length, position, (error, count) => (error ? reject(error) : resolve(count)));
        }),
    );
  }
  readSync(into: Uint8Array, at: number, length: number, position: number): number {
    try {
      return fs.readSync(this.#fd, into, at, length, position);
    } catch (error) {
      // Only then: a closure for each read of a small value takes a part of its time.
      return retryInterruptedSync(() => fs.readSync(this.#fd, into, at, length, position), error);
    }
  }
  write(from: Uint8Array, at: number, length: number, position: number): Promise<number> {
    return writeAt(this.#fd, from, at, length, position);
  }
  writeSynced(from: Uint8Array, at: number, length: number, position: number): Promise<number> {
    // Without a promise of its own when there is nothing to wait for: this is the write path.
    if (typeof this.#synced === "number") return writeAt(this.#synced, from, at, length, position);
    return this.#writeThenSync(from, at, length, position);
  }
  async #writeThenSync(from: Uint8Array, at: number, length: number, position: number): Promise<number> {
    const count = await this.write(from, at, length, position);
    await this.datasync();
    if (this.#synced === undefined) {
      this.#synced = null;
      const opened = await openSynced(this.#fd);
      if (this.#isClosed) await closeFile(opened);
      else this.#synced = opened;
    }
    return count;
  }
  datasync(): Promise<void> {
    return new Promise((resolve, reject) => fs.fdatasync(this.#fd, settle(resolve, reject)));
  }
  truncate(length: number): Promise<void> {
    return new Promise((resolve, reject) => fs.ftruncate(this.#fd, length, settle(resolve, reject)));
  }
  stat(): Promise<FileStat> {
    return new Promise((resolve, reject) => {
      fs.fstat(this.#fd, (error, stat) => (error ? reject(error) : resolve(toStat(stat))));
    });
  }
  statSync(): { size: number; links: number } {
    const { size, nlink } = fs.fstatSync(this.#fd);
    return { size, links: nlink };
  }
  async close(): Promise<void> {
    const synced = this.#synced;
    // Never opened again: another file may get the number of this one.
    this.#synced = null;
    this.#isClosed = true;
    try {
      await closeFile(synced);
    } finally {
      await closeFile(this.#fd);
    }
  }
}

async function closeFile(fd: number | null | undefined): Promise<void> {
  if (typeof fd === "number") await new Promise<void>((resolve, reject) => fs.close(fd, settle(resolve, reject)));
}

function writeAt(fd: number, from: Uint8Array, at: number, length: number, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.write(fd, from, at, length, position, (error, count) => (error ? reject(error) : resolve(count)));
  });
}

/** Another descriptor of the same file, whatever has its name now. */
function openAgain(fd: number, flags: number): Promise<number> {
  return openFile(`/proc/self/fd/${fd}`, flags);
}

async function openSynced(fd: number): Promise<number | null> {
  if (process.platform !== "linux") return null;
  try {
    if (!WRITES_SYNCED.has((await fs.promises.statfs(`/proc/self/fd/${fd}`)).type)) return null;
    return await openAgain(fd, O_WRONLY | O_DSYNC);
  } catch {
    // Where /proc is not there, or no descriptor is left, there is the other way.
    return null;
  }
}

/** Without changes of the access time, where they can be left out. Creating comes first: a refusal must not leave a file. */
async function openQuietly(path: string, flags: number): Promise<number> {
  if (O_NOATIME !== 0 && (flags & O_CREAT) === 0) {
    try {
      return await openFile(path, flags | O_NOATIME);
    } catch (error) {
      // Somebody else's file: then the system decides about its access time.
      if (!(error instanceof Error && "code" in error && error.code === "EPERM")) throw error;
    }
  }
  return openFile(path, flags, 0o644);
}

async function reopenQuietly(fd: number): Promise<number> {
  if (O_NOATIME === 0) return fd;
  try {
    const quiet = await openAgain(fd, O_RDWR | O_NOATIME);
    await closeFile(fd);
    return quiet;
  } catch {
    return fd;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

export const nodeFileSystem: FileSystem = {
  async open(path, mode) {
    const fd = await openQuietly(path, FLAGS[mode]);
    return new NodeFileHandle(mode === "create" ? await reopenQuietly(fd) : fd);
  },
  async stat(path) {
    try {
      return toStat(await statFile(path));
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  },
  list: (directory) => fs.promises.readdir(directory),
  remove: (path) => fs.promises.unlink(path),
  rename: (from, to) => fs.promises.rename(from, to),
  async touch(path) {
    // A write, not utimes: on a network folder the server then sets the time, and all its clients share that clock.
    const handle = await fs.promises.open(path, "r+");
    try {
      await handle.write(".", 0);
    } finally {
      await handle.close();
    }
  },
  realPath: (path) => fs.promises.realpath(path),
  async copyPermissions(from, to) {
    const { mode, uid, gid } = await fs.promises.stat(from);
    const own = await fs.promises.stat(to);
    // Only an administrator may give files away; everybody else keeps what is theirs already.
    if (own.uid !== uid || own.gid !== gid) await fs.promises.chown(to, uid, gid).catch(() => undefined);
    await fs.promises.chmod(to, mode & 0o7777);
  },
  async syncDirectory(directory) {
    // Windows cannot open a directory for syncing and keeps its metadata journaled itself.
    if (process.platform === "win32") return;
    const fd = await openFile(directory, "r");
    try {
      await promisify(fs.fsync)(fd);
    } finally {
      fs.closeSync(fd);
    }
  },
};
