/** Files that come in as bytes, in pieces: each into a temporary directory of its own, within bounds, and none left behind. */
import fs from "node:fs/promises";
import { basename, join } from "node:path";
import { HostError } from "./host-error.ts";

interface Drop {
  readonly directory: string;
  readonly path: string;
  readonly fileBytes: number;
  readonly handle: fs.FileHandle;
  lastMs: number;
}

/** Drops that are on their way in at once: people have two hands. */
const DROPS_MAX = 4;
/** A page that sent nothing for so long is gone; its place goes to the next. */
const SILENT_MS_MAX = 60_000;

/** Names that are no name of a file. */
const NO_NAME = new Set(["", ".", ".."]);

export class Drops {
  readonly #makeDirectory: () => Promise<string>;
  readonly #nowMs: () => number;
  readonly #drops = new Map<number, Drop>();
  /** Drops whose file is being made: they count already. */
  #startingCount = 0;
  #nextId = 1;

  constructor(makeDirectory: () => Promise<string>, nowMs: () => number = Date.now) {
    this.#makeDirectory = makeDirectory;
    this.#nowMs = nowMs;
  }

  async begin(name: string, fileBytes: number): Promise<number> {
    for (const [id, drop] of this.#drops) if (this.#nowMs() - drop.lastMs > SILENT_MS_MAX) await this.#discard(id);
    if (this.#drops.size + this.#startingCount >= DROPS_MAX) {
      throw new HostError("DiskFailed", "Too many files are being dropped at once.");
    }
    this.#startingCount += 1;
    try {
      const directory = await this.#makeDirectory();
      const own = basename(name);
      const path = join(directory, NO_NAME.has(own) ? "dropped.wal" : own);
      const handle = await fs.open(path, "wx").catch(async (error: unknown) => {
        await fs.rm(directory, { recursive: true, force: true });
        throw error;
      });
      const id = this.#nextId++;
      this.#drops.set(id, { directory, path, fileBytes, handle, lastMs: this.#nowMs() });
      return id;
    } finally {
      this.#startingCount -= 1;
    }
  }

  async write(id: number, start: number, piece: Uint8Array): Promise<void> {
    const drop = this.#require(id);
    if (start + piece.length > drop.fileBytes) {
      await this.#discard(id);
      throw new HostError("DiskFailed", `The file was said to have ${drop.fileBytes} bytes, and more came.`);
    }
    drop.lastMs = this.#nowMs();
    await drop.handle.write(piece, 0, piece.length, start);
  }

  /** Ends a drop; its file and directory are the caller's from here on. */
  async finish(id: number): Promise<{ path: string; directory: string }> {
    const { handle, path, directory } = this.#require(id);
    this.#drops.delete(id);
    await handle.close();
    return { path, directory };
  }

  /** Drops what is still on its way. */
  async end(): Promise<void> {
    for (const id of this.#drops.keys()) await this.#discard(id);
  }

  #require(id: number): Drop {
    const drop = this.#drops.get(id);
    if (drop === undefined) throw new HostError("NotFound", "This drop has ended. Drop the file again.");
    return drop;
  }

  async #discard(id: number): Promise<void> {
    const drop = this.#drops.get(id);
    if (!this.#drops.delete(id) || drop === undefined) return;
    await drop.handle.close().catch(() => undefined);
    await fs.rm(drop.directory, { recursive: true, force: true });
  }
}
