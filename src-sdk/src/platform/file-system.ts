/** What the engine asks of a disk. The real one is `nodeFileSystem`; tests inject faulty ones that pass the same suite. */

/** What is known about a path; sizes in bytes, times in milliseconds since the Unix epoch. */
export interface FileStat {
  readonly size: number;
  readonly mtimeMs: number;
  readonly isDirectory: boolean;
  readonly isFile: boolean;
  /** Identity of the file on its device; changes when a path is replaced by another file. */
  readonly fileId: string;
}

/** What an opened file may be used for. */
export type OpenMode =
  /** Existing file, reading only. */
  | "read"
  /** Existing file, reading and writing. */
  | "write"
  /** New file, reading and writing; EEXIST when there is one. */
  | "create";

/** An open file. Every failure rejects, or throws, an error with the system's `code`. */
export interface FileHandle {
  /** Reads up to `length` bytes at `position`; fewer only at the end of the file. */
  read(into: Uint8Array, at: number, length: number, position: number): Promise<number>;
  /** As `read`, on the calling thread: for small reads, where a thread-pool trip costs more than the read. */
  readSync(into: Uint8Array, at: number, length: number, position: number): number;
  /** Writes up to `length` bytes at `position` and says how many: a short write is not an error. */
  write(from: Uint8Array, at: number, length: number, position: number): Promise<number>;
  /** The data and the size are on the disk when it resolves. */
  datasync(): Promise<void>;
  /** As `write` and then `datasync`, for a disk that can do both with one call; what was written before was synced. */
  writeSynced?(from: Uint8Array, at: number, length: number, position: number): Promise<number>;
  truncate(length: number): Promise<void>;
  stat(): Promise<FileStat>;
  /** Length, and how many names the file has left (0: it was deleted or replaced). On the calling thread: asked before each write. */
  statSync(): { readonly size: number; readonly links: number };
  close(): Promise<void>;
}

/** A disk. Every failure rejects with an error that has the system's `code`, such as ENOENT. */
export interface FileSystem {
  open(path: string, mode: OpenMode): Promise<FileHandle>;
  /** `null` when nothing is there. */
  stat(path: string): Promise<FileStat | null>;
  list(directory: string): Promise<string[]>;
  remove(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Writes one byte, so that the modification time becomes now as the file's own system counts it. */
  touch(path: string): Promise<void>;
  /** The path with symbolic links resolved. */
  realPath(path: string): Promise<string>;
  /** Gives `to` the permissions of `from`, and its owner where the system allows. A disk without such things has no such call. */
  copyPermissions?(from: string, to: string): Promise<void>;
  /** A created, renamed or removed name in `directory` survives power loss when it resolves. */
  syncDirectory(directory: string): Promise<void>;
}
