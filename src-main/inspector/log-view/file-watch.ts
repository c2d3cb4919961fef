/** Looks at an open file and at its name: whether they still are what was read, and how they differ if not. */
import { type FileHandle, type FileStat, nodeFileSystem } from "@softadastra/sdk/tools";

/** What the name of the file leads to. */
export type NameState = "same" | "replaced" | "missing";

export interface FileLook {
  readonly name: NameState;
  /** The file that is open, whatever its name is now; null when its disk does not answer. */
  readonly open: FileStat | null;
}

const orNull = (asked: Promise<FileStat | null>) => asked.catch(() => null);

export class FileWatch {
  readonly #path: string;
  readonly #handle: FileHandle;
  /** Some network folders give the same file another number each time: there only its size and time tell. */
  readonly #hasNumber: boolean;

  private constructor(path: string, handle: FileHandle, hasNumber: boolean) {
    this.#path = path;
    this.#handle = handle;
    this.#hasNumber = hasNumber;
  }

  static async of(path: string, handle: FileHandle): Promise<FileWatch> {
    const [open, named] = await Promise.all([handle.stat(), orNull(nodeFileSystem.stat(path))]);
    return new FileWatch(path, handle, named !== null && named.fileId === open.fileId);
  }

  async look(): Promise<FileLook> {
    const [open, named] = await Promise.all([orNull(this.#handle.stat()), orNull(nodeFileSystem.stat(this.#path))]);
    if (named === null) return { name: "missing", open };
    // An open file keeps its number: no other file can have it meanwhile.
    const isOther = this.#hasNumber && open !== null && named.fileId !== open.fileId;
    return { name: isOther || !named.isFile ? "replaced" : "same", open };
  }
}

/** Bytes kept of what was read, at its front and at its end: a file that was cut and grew again differs there. */
const KEPT_BYTES = 256;

/** Some bytes of the file as they were when it was read. */
export class Fingerprint {
  readonly #pieces: { readonly offset: number; readonly bytes: Uint8Array }[] = [];

  /** Of the records, which end at `end`. */
  static of(handle: FileHandle, end: number): Fingerprint {
    const taken = new Fingerprint();
    taken.#take(handle, 0, Math.min(KEPT_BYTES, end));
    taken.#take(handle, Math.max(0, end - KEPT_BYTES), Math.min(KEPT_BYTES, end));
    return taken;
  }

  /** Of what stands behind the records. */
  static ofTail(handle: FileHandle, end: number, fileBytes: number): Fingerprint {
    const taken = new Fingerprint();
    taken.#take(handle, end, Math.min(KEPT_BYTES, fileBytes - end));
    return taken;
  }

  #take(handle: FileHandle, offset: number, length: number): void {
    const bytes = new Uint8Array(length);
    const count = length === 0 ? 0 : handle.readSync(bytes, 0, length, offset);
    this.#pieces.push({ offset, bytes: bytes.subarray(0, count) });
  }

  isStillIn(handle: FileHandle): boolean {
    return this.#pieces.every(({ offset, bytes }) => {
      const now = new Uint8Array(bytes.length);
      const count = bytes.length === 0 ? 0 : handle.readSync(now, 0, now.length, offset);
      return count === bytes.length && now.every((byte, at) => byte === bytes[at]);
    });
  }
}
