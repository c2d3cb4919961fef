/** What differs between two logs, key by key: between what is recovered from each, or what a repair would make of it. */
import { keyText } from "../keys.js";
import type { FileHandle, FileSystem } from "../platform/file-system.js";
import { nodeFileSystem } from "../platform/node-file-system.js";
import { SoftadastraError } from "../result.js";
import { KeyTable } from "../store/key-table.js";
import { sortKeyIds } from "../store/sort-keys.js";
import { type ByteSource, fileSource } from "./byte-source.js";
import { HEADER_BYTES } from "./format.js";
import { withFile } from "./inspect.js";
import { LastOperationColumns } from "./last-operations.js";
import { surveyLog, type Verdict } from "./recovery.js";
import { checkPolicy, type RepairPolicy } from "./repair-plan.js";
import type { ScannedRecord } from "./scan.js";

/** The value that one of two logs has for a key. */
export interface WalDiffSide {
  /** Sequence of its record. */
  readonly version: number;
  /** Offset of its record. */
  readonly offset: number;
  readonly valueBytes: number;
}

/** A key that two logs do not agree on. A deleted key and one that never was are the same here. */
export interface WalDifference {
  /** The key as text; `keyBytes` has the truth where it is not UTF-8. */
  readonly key: string;
  readonly keyBytes: Uint8Array;
  /** Only the second log has a value; only the first has; the bytes of the two values differ. */
  readonly kind: "added" | "removed" | "changed";
  readonly before: WalDiffSide | null;
  readonly after: WalDiffSide | null;
}

/** One of the two logs of a diff. */
export interface WalDiffLog {
  /** As it was given. */
  readonly path: string;
  readonly verdict: Verdict;
  /** By which rule it was read. */
  readonly policy: RepairPolicy;
  readonly fileBytes: number;
  /** Length of its readable front. */
  readonly validBytes: number;
  /** Records that the rule takes. */
  readonly recordCount: number;
  /** Keys that have a value. */
  readonly keyCount: number;
}

/** What a diff counted, told at its end. */
export interface WalDiffSummary {
  readonly before: WalDiffLog;
  readonly after: WalDiffLog;
  readonly addedCount: number;
  readonly removedCount: number;
  readonly changedCount: number;
  /** Keys with the same value in both, byte for byte; their versions and times may differ. */
  readonly sameCount: number;
}

/** How to compare two logs; everything may be left out. */
export interface DiffWalOptions {
  /** Which records count: `valid-prefix` unless told, as the C++ engine reads a log. */
  readonly beforePolicy?: RepairPolicy;
  readonly afterPolicy?: RepairPolicy;
  /** Ends the comparison early: the iteration then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Called now and then with the part that is done, from 0 to 1. */
  readonly onProgress?: ((part: number) => void) | undefined;
  readonly fileSystem?: FileSystem;
}

/** Reading both logs takes about as long as comparing their values. */
const READING_PART = 0.5;
/** Some milliseconds of comparing, then others have their turn. */
const PAUSE_EVERY_KEYS = 4096;

/**
 * The keys on which two logs differ, in the order of their bytes; the generator returns the counts. Values are compared
 * byte for byte. Memory is needed for the keys of both, not for values, and nothing is written anywhere.
 *
 * @throws SoftadastraError from the iteration: `invalid_argument` (no path, no such policy), `io_error` (a file cannot be
 * read), `store_error` (a file is no log)
 */
export async function* diffWal(
  before: string,
  after: string,
  options: DiffWalOptions = {},
): AsyncGenerator<WalDifference, WalDiffSummary> {
  const { beforePolicy = "valid-prefix", afterPolicy = "valid-prefix", fileSystem = nodeFileSystem } = options;
  checkPolicy({ policy: beforePolicy });
  checkPolicy({ policy: afterPolicy });
  const keys = new KeyTable();
  const first = await Side.read(keys, before, beforePolicy, fileSystem, options, 0);
  try {
    const second = await Side.read(keys, after, afterPolicy, fileSystem, options, READING_PART / 2);
    try {
      return yield* compare(keys, first, second, options);
    } finally {
      await second.close();
    }
  } finally {
    await first.close();
  }
}

async function* compare(
  keys: KeyTable,
  before: Side,
  after: Side,
  { signal, onProgress }: DiffWalOptions,
): AsyncGenerator<WalDifference, WalDiffSummary> {
  const isSame = await compareValues(keys, before, after, { signal, onProgress });
  const ids = Uint32Array.from({ length: keys.size }, (_, id) => id);
  sortKeyIds(keys, ids);
  const counts = { addedCount: 0, removedCount: 0, changedCount: 0, sameCount: 0 };
  for (const id of ids) {
    const keyBytes = keys.keyLength(id);
    const [was, is] = [before.last.isLive(id), after.last.isLive(id)];
    if (!was && !is) continue;
    if (isSame[id] === 1) {
      counts.sameCount += 1;
      continue;
    }
    const kind = !was ? "added" : !is ? "removed" : "changed";
    counts[`${kind}Count`] += 1;
    const bytes = keys.bytes(id);
    yield {
      key: keyText(bytes),
      keyBytes: bytes,
      kind,
      before: was ? before.value(id, keyBytes) : null,
      after: is ? after.value(id, keyBytes) : null,
    };
  }
  return { before: before.facts(keys), after: after.facts(keys), ...counts };
}

/**
 * Which keys have one value in both logs. In the order in which the keys first occur: the values then mostly follow each
 * other in both files, where in the order of the keys each would be another place to read.
 */
async function compareValues(
  keys: KeyTable,
  before: Side,
  after: Side,
  { signal, onProgress }: Pick<DiffWalOptions, "signal" | "onProgress">,
): Promise<Uint8Array> {
  const isSame = new Uint8Array(keys.size);
  for (let id = 0; id < keys.size; id += 1) {
    if (id % PAUSE_EVERY_KEYS === 0) {
      await new Promise((resolve) => setImmediate(resolve));
      signal?.throwIfAborted();
      onProgress?.(READING_PART + (1 - READING_PART) * (id / keys.size));
    }
    if (!before.last.isLive(id) || !after.last.isLive(id)) continue;
    if (isSameValue(before, after, id, keys.keyLength(id))) isSame[id] = 1;
  }
  return isSame;
}

function isSameValue(before: Side, after: Side, id: number, keyBytes: number): boolean {
  const length = before.last.valueBytes(id, keyBytes);
  if (length !== after.last.valueBytes(id, keyBytes)) return false;
  const [from, to] = [before.last.valueOffset(id, keyBytes), after.last.valueOffset(id, keyBytes)];
  for (let done = 0; done < length; ) {
    const count = Math.min(Window.BYTES, length - done);
    const [a, b] = [before.window.read(from + done, count), after.window.read(to + done, count)];
    if (Buffer.compare(a, b) !== 0) return false;
    done += count;
  }
  return true;
}

/** Reads ahead while it is asked for places that follow each other; a place elsewhere is read by itself. */
class Window {
  static readonly BYTES = 64 * 1024;
  readonly #bytes = new Uint8Array(2 * Window.BYTES);
  readonly #handle: FileHandle;
  readonly #path: string;
  #from = 0;
  #length = 0;

  constructor(handle: FileHandle, path: string) {
    this.#handle = handle;
    this.#path = path;
  }

  /** A view of at most {@link Window.BYTES}, valid until the next call. @throws SoftadastraError when they are gone */
  read(offset: number, length: number): Uint8Array {
    const end = this.#from + this.#length;
    if (offset < this.#from || offset + length > end) {
      const isNext = offset >= this.#from && offset <= end + Window.BYTES;
      this.#fill(offset, length, isNext ? this.#bytes.length : length);
    }
    return this.#bytes.subarray(offset - this.#from, offset - this.#from + length);
  }

  #fill(offset: number, atLeast: number, wanted: number): void {
    this.#from = offset;
    this.#length = 0;
    while (this.#length < atLeast) {
      const at = this.#length;
      const count = this.#handle.readSync(this.#bytes, at, wanted - at, offset + at);
      if (count === 0) {
        throw new SoftadastraError("io_error", `${this.#path} became shorter while it was compared`, {
          path: this.#path,
          offset,
        });
      }
      this.#length += count;
    }
  }
}

class Side {
  readonly last = new LastOperationColumns();
  readonly window: Window;
  readonly #handle: FileHandle;
  #facts: Omit<WalDiffLog, "keyCount"> | null = null;

  private constructor(handle: FileHandle, path: string) {
    this.#handle = handle;
    this.window = new Window(handle, path);
  }

  static async read(
    keys: KeyTable,
    path: string,
    policy: RepairPolicy,
    fileSystem: FileSystem,
    { signal, onProgress }: DiffWalOptions,
    donePart: number,
  ): Promise<Side> {
    // Says in words what is wrong with the path; the file that is then compared is opened for as long as it takes.
    await withFile(path, fileSystem, async () => undefined);
    const handle = await fileSystem.open(path, "read");
    const side = new Side(handle, path);
    try {
      const fileBytes = (await handle.stat()).size;
      const source = fileSource(handle, fileBytes);
      const progress = (offset: number) => onProgress?.(donePart + (READING_PART / 2) * (offset / fileBytes));
      side.#facts = await side.#take(keys, source, { path, policy, fileBytes, signal, progress });
      return side;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async #take(
    keys: KeyTable,
    source: ByteSource,
    work: {
      path: string;
      policy: RepairPolicy;
      fileBytes: number;
      signal: AbortSignal | undefined;
      progress: (offset: number) => void;
    },
  ): Promise<Omit<WalDiffLog, "keyCount">> {
    const { path, policy, fileBytes, signal, progress } = work;
    const observe = (record: ScannedRecord) => {
      const { bytes, at, operation } = record;
      if (operation.type === 0) return;
      const keyFrom = at + HEADER_BYTES + operation.keyAt;
      this.last.set(keys.add(bytes, keyFrom, keyFrom + operation.keyLength), record);
    };
    const survey = await surveyLog(source, {
      signal,
      onRecord: observe,
      onUnreachable: policy === "skip-damaged" ? observe : undefined,
      onProgress: progress,
    });
    const { verdict, validBytes, recordCount, behind } = survey;
    if (verdict === "not-a-wal") {
      throw new SoftadastraError(
        "store_error",
        `${path} is not a Softadastra write-ahead log: there is nothing to compare`,
        {
          path,
          verdict,
          offset: 0,
        },
      );
    }
    const taken = recordCount + (policy === "skip-damaged" ? behind.recordCount : 0);
    return { path, verdict, policy, fileBytes, validBytes, recordCount: taken };
  }

  value(id: number, keyBytes: number): WalDiffSide {
    const { last } = this;
    return { version: last.sequence(id), offset: last.offset(id), valueBytes: last.valueBytes(id, keyBytes) };
  }

  facts(keys: KeyTable): WalDiffLog {
    if (this.#facts === null) throw new Error("the log was not read");
    let keyCount = 0;
    for (let id = 0; id < keys.size; id += 1) keyCount += Number(this.last.isLive(id));
    return { ...this.#facts, keyCount };
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}
