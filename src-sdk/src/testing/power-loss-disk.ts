/**
 * A disk that loses power: it keeps what was synced, and any part of what was not, sector by sector and name by name.
 * Each boot has a file system of its own; that of an earlier boot answers nothing but errors. It passes the same suite
 * as the real disk while the power is on.
 */
import { basename, dirname } from "node:path";
import type { FileHandle, FileStat, FileSystem, OpenMode } from "../platform/file-system.js";
import { LOSSES, type Loss, PowerLossFile } from "./power-loss-file.js";
import type { Random } from "./random.js";

type NameChange = { readonly path: string; readonly file: PowerLossFile | null };

function systemError(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}

/** What a call does besides its work: it fails with a code or, when it is a write, stops short. */
export interface DiskFault {
  readonly code?: string;
  readonly shortTo?: number;
}
export type FaultSource = (call: string, path: string) => DiskFault | null;

export interface PowerLossDiskOptions {
  readonly directory: string;
  readonly sectorBytes: number;
  readonly random: Random;
  readonly now: () => number;
}

export class PowerLossDisk {
  readonly #options: PowerLossDiskOptions;
  /** Names as processes see them, and as they are on the platter. */
  #names = new Map<string, PowerLossFile>();
  #platterNames = new Map<string, PowerLossFile>();
  /** Changes of names since the folder was synced. Each holds the names one call sets or removes. */
  #changes: NameChange[][] = [];
  #bootCount = 1;
  #nextId = 1;
  #stepsLeft = Number.POSITIVE_INFINITY;
  #counts: (call: string, path: string) => boolean = () => true;
  isOn = true;
  faults: FaultSource = () => null;

  constructor(options: PowerLossDiskOptions) {
    this.#options = options;
  }

  /** The power fails at the call with this number from now on, counted from 1, of those that `counts` tells to count. */
  crashAfter(calls: number, counts: (call: string, path: string) => boolean = () => true): void {
    this.#stepsLeft = calls;
    this.#counts = counts;
  }

  /** The file system of this boot. */
  fileSystem(): FileSystem {
    return new PowerLossFileSystem(this, this.#bootCount);
  }

  /** Ends the process only: the system goes on and has everything that was written, synced or not. */
  kill(): void {
    this.isOn = true;
    this.#stepsLeft = Number.POSITIVE_INFINITY;
    this.#bootCount += 1;
  }

  /** Cuts the power, if it is on, and starts again: what the platter holds is all there is. */
  reboot(loss: Loss = this.random.pick(LOSSES)): Loss {
    const { random, sectorBytes, now } = this.#options;
    this.isOn = true;
    this.#stepsLeft = Number.POSITIVE_INFINITY;
    this.#bootCount += 1;
    const isInOrder = random.chance(0.5);
    const keptCount = random.below(this.#changes.length + 1);
    for (const [rank, change] of this.#changes.entries()) {
      // A journal keeps a prefix of the changes; other systems keep any of them.
      const isKept = loss === "none-lost" || (isInOrder ? rank < keptCount : random.chance(0.5));
      if (isKept) setNames(this.#platterNames, change);
    }
    this.#changes = [];
    const images = new Map<PowerLossFile, PowerLossFile>();
    this.#names = new Map();
    for (const [path, file] of this.#platterNames) {
      const image =
        images.get(file) ?? PowerLossFile.of(this.#nextId++, sectorBytes, now(), file.afterPowerLoss(random, loss));
      images.set(file, image);
      this.#names.set(path, image);
    }
    this.#platterNames = new Map(this.#names);
    return loss;
  }

  /** Removes a name for good, as somebody would who tidies up between two boots. */
  forget(path: string): void {
    this.#names.delete(path);
    this.#platterNames.delete(path);
  }

  paths(): string[] {
    return [...this.#names.keys()];
  }

  /** Whether a file is on the platter as processes see it, its name too. */
  isSynced(path: string): boolean {
    const file = this.#names.get(path);
    return file === this.#platterNames.get(path) && (file?.isSynced ?? true);
  }

  /** Whether processes see bytes that no sync will ever put on the platter. */
  hasLostWrites(path: string): boolean {
    return this.#names.get(path)?.hasLostWrites ?? false;
  }

  /** What processes see of a file; null when there is none. */
  contentOf(path: string): Buffer | null {
    const file = this.#names.get(path);
    return file === undefined ? null : Buffer.from(file.cache);
  }

  // ---- for the file system of a boot

  get random(): Random {
    return this.#options.random;
  }
  get directory(): string {
    return this.#options.directory;
  }
  nowMs(): number {
    return this.#options.now();
  }

  /** Counts a call; `isDone` says whether its work is still done although the power fails in it. */
  step(boot: number, call: string, path: string): { readonly isDone: boolean; readonly isLost: boolean } {
    if (!this.isOn || boot !== this.#bootCount) throw systemError("EIO", "the power is off");
    if (this.#counts(call, path)) this.#stepsLeft -= 1;
    if (this.#stepsLeft > 0) return { isDone: true, isLost: false };
    this.isOn = false;
    return { isDone: this.random.chance(0.5), isLost: true };
  }

  file(path: string): PowerLossFile | undefined {
    return this.#names.get(path);
  }

  create(path: string): PowerLossFile {
    const file = new PowerLossFile(this.#nextId++, this.#options.sectorBytes, this.nowMs());
    this.change([{ path, file }]);
    return file;
  }

  change(change: NameChange[]): void {
    setNames(this.#names, change);
    this.#changes.push(change);
  }

  syncNames(): void {
    this.#platterNames = new Map(this.#names);
    this.#changes = [];
  }
}

function setNames(names: Map<string, PowerLossFile>, change: readonly NameChange[]): void {
  for (const { path, file } of change) {
    if (file === null) names.delete(path);
    else names.set(path, file);
  }
}

class PowerLossFileSystem implements FileSystem {
  readonly #disk: PowerLossDisk;
  readonly #boot: number;

  constructor(disk: PowerLossDisk, boot: number) {
    this.#disk = disk;
    this.#boot = boot;
  }

  /** Does the work of one call, unless the power fails before it or a fault is due. */
  run<T>(call: string, path: string, work: (fault: DiskFault | null) => T): T {
    const { isDone, isLost } = this.#disk.step(this.#boot, call, path);
    const fault = isLost ? null : this.#disk.faults(call, path);
    if (fault?.code !== undefined && call !== "datasync") throw systemError(fault.code, path);
    const answer = isDone ? work(fault) : undefined;
    if (isLost || answer === undefined) throw systemError("EIO", "the power failed");
    return answer;
  }

  #need(path: string): PowerLossFile {
    const file = this.#disk.file(path);
    if (file === undefined) throw systemError("ENOENT", path);
    return file;
  }

  #checkDirectory(path: string): void {
    if (path !== this.#disk.directory) throw systemError("ENOENT", path);
  }

  async open(path: string, mode: OpenMode): Promise<FileHandle> {
    return this.run("open", path, () => {
      if (path === this.#disk.directory) throw systemError("EISDIR", path);
      this.#checkDirectory(dirname(path));
      if (mode === "create" && this.#disk.file(path) !== undefined) throw systemError("EEXIST", path);
      const file = mode === "create" ? this.#disk.create(path) : this.#need(path);
      return new PowerLossHandle(this, this.#disk, file, mode, path);
    });
  }

  async stat(path: string): Promise<FileStat | null> {
    const found = this.run("stat", path, () => {
      if (path === this.#disk.directory) {
        return { stat: { size: 0, mtimeMs: 0, isDirectory: true, isFile: false, fileId: path } };
      }
      const file = this.#disk.file(path);
      return { stat: file === undefined ? null : statOf(file) };
    });
    return found.stat;
  }

  async list(directory: string): Promise<string[]> {
    return this.run("list", directory, () => {
      this.#checkDirectory(directory);
      return this.#disk.paths().map((path) => basename(path));
    });
  }

  async remove(path: string): Promise<void> {
    this.run("remove", path, () => {
      this.#need(path).links -= 1;
      this.#disk.change([{ path, file: null }]);
      return true;
    });
  }

  async rename(from: string, to: string): Promise<void> {
    this.run("rename", from, () => {
      const file = this.#need(from);
      const replaced = this.#disk.file(to);
      if (replaced !== undefined) replaced.links -= 1;
      this.#disk.change([
        { path: from, file: null },
        { path: to, file },
      ]);
      return true;
    });
  }

  async touch(path: string): Promise<void> {
    this.run("touch", path, () => {
      const file = this.#need(path);
      file.write(Buffer.from("."), 0);
      file.mtimeMs = this.#disk.nowMs();
      return true;
    });
  }

  async realPath(path: string): Promise<string> {
    return this.run("realPath", path, () => {
      if (path !== this.#disk.directory) this.#need(path);
      return path;
    });
  }

  async syncDirectory(directory: string): Promise<void> {
    this.run("syncDirectory", directory, () => {
      this.#checkDirectory(directory);
      this.#disk.syncNames();
      return true;
    });
  }
}

function statOf(file: PowerLossFile): FileStat {
  const { mtimeMs, id, cache } = file;
  return { size: cache.length, mtimeMs, isDirectory: false, isFile: true, fileId: `power-loss:${id}` };
}

class PowerLossHandle implements FileHandle {
  readonly #system: PowerLossFileSystem;
  readonly #disk: PowerLossDisk;
  readonly #file: PowerLossFile;
  readonly #mode: OpenMode;
  readonly #path: string;
  #isClosed = false;

  constructor(system: PowerLossFileSystem, disk: PowerLossDisk, file: PowerLossFile, mode: OpenMode, path: string) {
    this.#system = system;
    this.#disk = disk;
    this.#file = file;
    this.#mode = mode;
    this.#path = path;
  }

  #run<T>(call: string, isWriting: boolean, work: (file: PowerLossFile, fault: DiskFault | null) => T): T {
    return this.#system.run(call, this.#path, (fault) => {
      if (this.#isClosed || (isWriting && this.#mode === "read")) throw systemError("EBADF", this.#path);
      if (isWriting) this.#file.mtimeMs = this.#disk.nowMs();
      return work(this.#file, fault);
    });
  }

  async read(into: Uint8Array, at: number, length: number, position: number): Promise<number> {
    return this.readSync(into, at, length, position);
  }

  readSync(into: Uint8Array, at: number, length: number, position: number): number {
    return this.#run("read", false, ({ cache }) => {
      const part = cache.subarray(Math.min(position, cache.length), Math.min(position + length, cache.length));
      into.set(part, at);
      return part.length;
    });
  }

  async write(from: Uint8Array, at: number, length: number, position: number): Promise<number> {
    return this.#run("write", true, (file, fault) => {
      const count = Math.min(length, fault?.shortTo ?? length);
      file.write(from.subarray(at, at + count), position);
      return count;
    });
  }

  async datasync(): Promise<void> {
    this.#run("datasync", false, (file, fault) => {
      if (fault?.code !== undefined) {
        file.failSync(this.#disk.random);
        throw systemError(fault.code, this.#path);
      }
      file.sync();
      return true;
    });
  }

  async truncate(length: number): Promise<void> {
    this.#run("truncate", true, (file) => {
      file.truncate(length);
      return true;
    });
  }

  async stat(): Promise<FileStat> {
    return this.#run("stat", false, statOf);
  }

  statSync(): { size: number; links: number } {
    return this.#run("stat", false, ({ cache, links }) => ({ size: cache.length, links }));
  }

  async close(): Promise<void> {
    this.#run("close", false, () => {
      this.#isClosed = true;
      return true;
    });
  }
}
