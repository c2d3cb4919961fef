/** Reads one log from front to end, then follows it: takes up what is appended, and knows what else became of its file. */
import type { Indexing, SessionState } from "@softadastra/inspector-contract";
import {
  type FileHandle,
  type FileStat,
  fileSource,
  HEADER_BYTES,
  type LogSurvey,
  nodeFileSystem,
  type ScannedRecord,
  surveyLog,
} from "@softadastra/sdk/tools";
import { displayText } from "./display-text.ts";
import { FileWatch, Fingerprint, type NameState } from "./file-watch.ts";
import { LogModel } from "./log-model.ts";
import { PolicyTable } from "./policy-table.ts";
import type { UnreachableRecord } from "./strip.ts";

/** Records behind a stop that are listed one by one; all are counted. */
const UNREACHABLE_KEPT_MAX = 4_096;
/** While reading, what is known so far is told this often. */
const STATUS_EVERY_MS = 150;
/**
 * How often the file is looked at. Told by the system it would come sooner, but not on every kind of folder, and a screen
 * that changes five times a second is as much as an eye follows.
 */
const LOOK_EVERY_MS = 200;
/** Looking, and reading what was appended, takes at most this share of the thread: a long tail may be searched each time. */
const LOOK_SHARE_MAX = 1 / 4;
/** An end that is no whole record is being written as long as the file grew this short a time ago; then it is torn. */
const SETTLE_MS = 2_000;
/** Some systems set the time of a file only some time after its bytes. */
const TIME_LAG_MS = 5_000;
/** Reading this much at once is told as reading, with its progress and a way to stop it. */
const LONG_BYTES = 16 * 1024 * 1024;

/** What was said of bytes behind the records, gone from the file since. */
export type TailCut = NonNullable<SessionState["tailCut"]>;

/** The bytes that are asked for are not in the file any more. The code makes it a failure of the disk to who asks. */
export class FileCut extends Error {
  readonly code = "ECUT";
}

const NOTHING_BEHIND = { regions: [], recordCount: 0, isComplete: true, searchedBytes: 0 } as const;

export interface ReaderEvents {
  /** There is news. */
  readonly told: () => void;
  /** Another file is read from now on, with a model of its own. */
  readonly startedAnew: () => void;
}

export class LogReader {
  readonly #path: string;
  readonly #events: ReaderEvents;
  model = new LogModel();
  /** As the user should see it: an end that is being written is no torn tail yet. */
  survey: LogSurvey | null = null;
  unreachable: readonly UnreachableRecord[] = [];
  /** What the policies of a repair would make of what stands behind the stop. */
  policies = new PolicyTable();
  fileBytes = 0;
  /** Offset behind the last readable record. */
  end = 0;
  indexing: Indexing = { phase: "reading", doneBytes: 0, totalBytes: 0 };
  disk: SessionState["disk"] = "same";
  isFollowing = false;
  /** Bytes at the end that are part of a record being written. */
  growingBytes = 0;
  tailCut: TailCut | null = null;
  /** Raised whenever what stands behind the records was judged anew. */
  tailRevision = 0;
  #handle: FileHandle | null = null;
  #watch: FileWatch | null = null;
  /** As the bytes are. */
  #found: LogSurvey | null = null;
  #foundPolicies = new PolicyTable();
  #stop = new AbortController();
  /** What reads or looks at the file, one at a time. */
  #turn: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #isWatching = false;
  #lastToldMs = 0;
  #seen: Pick<FileStat, "size" | "mtimeMs"> = { size: 0, mtimeMs: 0 };
  #name: NameState = "same";
  #content: "same" | "grown" | "truncated" | "changed" = "same";
  /** What was read is not what the file holds now: nothing is taken up from it any more. */
  #isLost = false;
  /** The file is longer or shorter than what is shown, which is left as it is: nobody follows. */
  #isBehind = false;
  /** Time of the file that changed while its length did not, as first seen. */
  #suspectMs = 0;
  #grewMs = Number.NEGATIVE_INFINITY;
  #records: Fingerprint | null = null;
  #tail: Fingerprint | null = null;

  constructor(path: string, events: ReaderEvents) {
    this.#path = path;
    this.#events = events;
  }

  /** Opens the file and starts to read it. `watches`: others may write it, and what they do is told. */
  async open({ watches, follows }: { watches: boolean; follows: boolean }): Promise<void> {
    await this.#openFile();
    this.#isWatching = watches;
    this.isFollowing = watches && follows;
    this.#startReading();
    if (watches) this.#lookLater(LOOK_EVERY_MS);
  }

  async #openFile(): Promise<void> {
    this.#handle = await nodeFileSystem.open(this.#path, "read");
    this.#watch = await FileWatch.of(this.#path, this.#handle);
    this.#seen = await this.#handle.stat();
    this.fileBytes = this.#seen.size;
  }

  get handle(): FileHandle {
    if (this.#handle === null) throw new Error("the log view is closed");
    return this.#handle;
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  // ---- reading

  #startReading(): void {
    this.#stop = new AbortController();
    this.#setPhase("reading", this.end);
    void this.#inTurn(() => this.#read(this.fileBytes, true));
  }

  /** Reads from behind the last record to `size`. */
  async #read(size: number, isTold: boolean): Promise<void> {
    const { signal } = this.#stop;
    const unreachable: UnreachableRecord[] = [];
    const policies = new PolicyTable();
    const source = fileSource(this.handle, size);
    try {
      const found = await surveyLog(source, {
        from: { offset: this.end, recordCount: this.model.recordCount },
        signal,
        onRecord: (record) => this.#take(record),
        onUnreachable: (record) => {
          policies.add(record);
          keepUnreachable(unreachable, record);
        },
        onProgress: (offset) => {
          if (!isTold) return;
          // Behind the stop the search starts over from there.
          this.#setPhase(offset < this.indexing.doneBytes ? "searching" : this.indexing.phase, offset);
        },
      });
      await policies.settle(this.model, found, source, signal);
      this.fileBytes = size;
      this.unreachable = unreachable;
      this.#found = found;
      this.#foundPolicies = policies;
      // A writer may be in the middle of its record: then there is more by now.
      if (this.isFollowing && found.stop !== null && (await this.handle.stat()).size > size) this.#grewMs = Date.now();
      this.#judge();
      this.#setPhase("done", size);
    } catch (error) {
      if (signal.aborted) this.#setPhase("stopped", this.end);
      else this.#setPhase("failed", this.end, error instanceof Error ? error.message : String(error));
    }
  }

  #take(record: ScannedRecord): void {
    // What stood behind the end is a record now, or is looked at again.
    if (this.survey !== null && this.survey.stop !== null) this.#show(this.survey, true);
    this.model.add(record);
    this.end = record.offset + record.length;
    this.fileBytes = Math.max(this.fileBytes, this.end);
  }

  /** Decides what the end of the file is called. */
  #judge(): void {
    const found = this.#found;
    if (found === null) return;
    const isGrowing = this.isFollowing && Date.now() - this.#grewMs < SETTLE_MS;
    const isBeingWritten = isGrowing && found.verdict === "torn-tail";
    this.growingBytes = isBeingWritten ? this.fileBytes - this.end : 0;
    this.#show(found, isBeingWritten);
    this.policies = isBeingWritten ? new PolicyTable() : this.#foundPolicies;
    this.#records = Fingerprint.of(this.handle, this.end);
    this.#tail = isBeingWritten ? null : Fingerprint.ofTail(this.handle, this.end, this.fileBytes);
  }

  #show(found: LogSurvey, isCalm: boolean): void {
    this.survey = isCalm
      ? {
          ...found,
          verdict: "clean",
          stop: null,
          isRestZero: false,
          isUnfinishedGroup: false,
          behind: NOTHING_BEHIND,
        }
      : found;
    this.tailRevision += 1;
  }

  #setPhase(phase: Indexing["phase"], doneBytes: number, message?: string): void {
    const isSamePhase = phase === this.indexing.phase;
    this.indexing = { phase, doneBytes, totalBytes: this.fileBytes, ...(message === undefined ? {} : { message }) };
    const now = performance.now();
    if (isSamePhase && phase !== "done" && now - this.#lastToldMs < STATUS_EVERY_MS) return;
    this.#lastToldMs = now;
    this.#events.told();
  }

  /** Ends reading; what was read stays. */
  async stopReading(): Promise<void> {
    this.#stop.abort();
    await this.#turn;
  }

  async resumeReading(): Promise<void> {
    await this.#turn;
    if (this.indexing.phase === "stopped") this.#startReading();
  }

  // ---- following

  /** Takes up what was appended, by its own writer or any other; resolves when it is part of every answer. */
  follow(): Promise<void> {
    return this.#inTurn(async () => {
      const look = await this.#watch?.look();
      // Compaction puts another file in the place of the one that is open: the writer goes on in that one.
      if (look?.name === "replaced") await this.#readAnew();
      else if (this.indexing.phase === "done" && look?.open) await this.#takeUp(look.open.size);
    });
  }

  /** Another file has the name now: its records take the place of those that were read. */
  async #readAnew(): Promise<void> {
    const before = this.handle;
    try {
      await this.#openFile();
    } catch (error) {
      this.#setPhase("failed", this.end, error instanceof Error ? error.message : String(error));
      return;
    }
    await before.close();
    const { keysRevision } = this.model;
    this.model = new LogModel();
    this.model.keysRevision = keysRevision + 1;
    this.survey = null;
    this.#found = null;
    this.unreachable = [];
    this.end = 0;
    this.#stop = new AbortController();
    this.#events.startedAnew();
    this.#setPhase("reading", 0);
    await this.#read(this.fileBytes, true);
  }

  async #takeUp(size: number): Promise<void> {
    if (size <= this.fileBytes) return;
    this.#stop = new AbortController();
    const isLong = size - this.end > LONG_BYTES;
    if (isLong) {
      this.fileBytes = size;
      this.#setPhase("reading", this.end);
    }
    await this.#read(size, isLong);
  }

  /** Whether appended records are taken up as they come. */
  setFollowing(isOn: boolean): Promise<void> {
    this.isFollowing = this.#isWatching && isOn;
    return this.#inTurn(() => this.#look());
  }

  #lookLater(afterMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(async () => {
      const startedMs = performance.now();
      await this.#inTurn(() => this.#look());
      const tookMs = performance.now() - startedMs;
      if (this.#timer !== undefined) this.#lookLater(Math.max(LOOK_EVERY_MS, tookMs * (1 / LOOK_SHARE_MAX - 1)));
    }, afterMs);
  }

  async #look(): Promise<void> {
    const look = await this.#watch?.look();
    if (look === undefined || this.#handle === null) return;
    this.#name = look.name;
    const before = `${this.disk} ${this.growingBytes}`;
    try {
      if (look.open !== null) await this.#lookAt(look.open);
    } catch (error) {
      this.#setPhase("failed", this.end, error instanceof Error ? error.message : String(error));
    }
    this.disk = this.#name === "same" ? this.#content : this.#name;
    if (before !== `${this.disk} ${this.growingBytes}`) this.#events.told();
  }

  async #lookAt(open: FileStat): Promise<void> {
    if (this.indexing.phase !== "done" || this.#isLost) return;
    if (open.size === this.#seen.size && open.mtimeMs === this.#seen.mtimeMs && !this.#isBehind) {
      if (this.growingBytes > 0 && Date.now() - this.#grewMs >= SETTLE_MS) await this.#readTailAgain(open.size);
      return;
    }
    if (open.size < this.end) this.#lose("truncated");
    else if (this.#records?.isStillIn(this.handle) === false) this.#lose("changed");
    else if (open.size === this.fileBytes) await this.#timeChanged(open);
    else await this.#sizeChanged(open);
    if (open.size !== this.#seen.size || this.#suspectMs === 0) this.#seen = open;
  }

  #lose(content: "truncated" | "changed"): void {
    this.#content = content;
    this.#isLost = true;
    this.growingBytes = 0;
  }

  #catchUp(): void {
    if (this.#isBehind) this.#content = "same";
    this.#isBehind = false;
  }

  async #sizeChanged(open: FileStat): Promise<void> {
    if (!this.isFollowing) {
      this.#content = open.size > this.fileBytes ? "grown" : "changed";
      this.#isBehind = true;
      return;
    }
    this.#suspectMs = 0;
    this.#catchUp();
    const isTailThere = open.size > this.fileBytes && this.#tail?.isStillIn(this.handle) !== false;
    if (!isTailThere && this.growingBytes === 0) {
      this.tailCut = { offset: this.end, bytes: this.fileBytes - this.end, atMs: Date.now() };
    }
    this.#grewMs = Date.now();
    if (open.size > this.fileBytes) await this.#takeUp(open.size);
    else await this.#readTailAgain(open.size);
  }

  /** The length is the same and the time is not. */
  async #timeChanged(open: FileStat): Promise<void> {
    if (this.#found?.stop !== null && this.isFollowing) {
      // Bytes behind the records may have come into place.
      await this.#readTailAgain(open.size);
      return;
    }
    this.#catchUp();
    if (open.mtimeMs === this.#seen.mtimeMs) return;
    // An append changes the time first and the length a moment later: what is seen twice is no append.
    if (this.#suspectMs !== open.mtimeMs) this.#suspectMs = open.mtimeMs;
    else {
      this.#suspectMs = 0;
      if (Date.now() - this.#grewMs > TIME_LAG_MS) this.#content = "changed";
    }
  }

  async #readTailAgain(size: number): Promise<void> {
    this.#stop = new AbortController();
    this.fileBytes = Math.max(this.end, size);
    await this.#read(size, false);
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.stopReading();
    const handle = this.#handle;
    this.#handle = null;
    await handle?.close();
  }

  // ---- what is there

  /** Reads at once; fewer bytes than asked for where the file ends. */
  readSync(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    const count = this.handle.readSync(bytes, 0, length, offset);
    return count === length ? bytes : bytes.subarray(0, count);
  }

  /** As `readSync`, for bytes of a record. @throws FileCut when they are gone */
  readRecordSync(offset: number, length: number): Uint8Array {
    const bytes = this.readSync(offset, length);
    if (bytes.length < length) throw cutAt(offset);
    return bytes;
  }
}

/** Said when bytes of a record are gone from the file. */
export function cutAt(offset: number): FileCut {
  const at = `0x${offset.toString(16).toUpperCase().padStart(5, "0")}`;
  return new FileCut(`The bytes at ${at} are gone: the file was cut while it is open here. Read it again.`);
}

function keepUnreachable(kept: UnreachableRecord[], record: ScannedRecord): void {
  if (kept.length >= UNREACHABLE_KEPT_MAX) return;
  const { operation, at, bytes, offset, length } = record;
  const keyFrom = at + HEADER_BYTES + operation.keyAt;
  const label = operation.type === 0 ? "" : displayText(bytes.subarray(keyFrom, keyFrom + operation.keyLength)).text;
  kept.push({ offset, bytes: length, label });
}
