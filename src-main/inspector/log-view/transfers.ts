/**
 * Exports and imports of one log, in the thread that reads it. Work is done in steps that are asked for one by one: between two the
 * thread answers other questions, and whoever asks for no more has stopped it.
 */
import type { ImportPlan, Output } from "@softadastra/inspector-contract";
import {
  BadLine,
  type ExportOptions,
  type ExportPlace,
  type ExportPlaces,
  type ExportProgress,
  ExportTarget,
  exportPieces,
  type FileHandle,
  ImportCheck,
  type ImportLine,
  type ImportRow,
  importBatches,
  KEY_COLUMNS,
  newExportProgress,
  nodeFileSystem,
  RECORD_COLUMNS,
} from "@softadastra/sdk/tools";
import { HostError } from "../sessions/host-error.ts";
import { type Failed, orFailed } from "../sessions/transfer-failure.ts";
import type { KeyView } from "./key-view.ts";
import type { LogModel } from "./log-model.ts";
import type { RecordFilter } from "./record-list.ts";

/** What is exported: keys of a list or of the whole log, or records as Log filters them. */
export interface ExportRequest extends ExportOptions {
  /** Number of a key list in this thread; null for every key. */
  readonly view: number | null;
  readonly withDeleted: boolean;
  readonly filter: RecordFilter;
  readonly search: string;
}

/** What transfers need of the log they belong to. */
export interface TransferSource {
  readonly handle: FileHandle;
  readonly path: string;
  readonly size: number;
  readonly model: LogModel;
  readonly isDone: boolean;
  view(id: number): KeyView | undefined;
  /** Records that a query of Log leaves, as their places; null for all of them. @throws BadSearch */
  records(filter: RecordFilter, search: string): Promise<Uint32Array | null>;
  /** What stands behind the stop. */
  behind(): Promise<readonly ExportPlace[]>;
}

/** A bad line on its way to another thread: errors lose their fields there. */
export type WireRow = ImportRow | { readonly kind: "bad"; readonly column: number; readonly reason: string };
export interface WireBatch {
  readonly lines: readonly { readonly line: number; readonly row: WireRow }[];
  readonly doneBytes: number;
}

export interface ExportStep extends ExportProgress {
  /** This was the last step: the rows are on the disk, and not in their place yet. */
  readonly isWritten: boolean;
}

/** One step works about this long: a page of rows waits no longer than that. */
const STEP_MS = 40;
/** The sample shows the shape of the rows; longer ones are cut. */
const SAMPLE_ROWS = 3;
const SAMPLE_CHARS_MAX = 400;

interface RunningExport {
  readonly pieces: AsyncGenerator<Uint8Array, void>;
  readonly progress: ExportProgress;
  readonly target: ExportTarget;
}

interface OpenImport {
  readonly path: string;
  readonly handle: FileHandle;
  readonly size: number;
  readonly mtimeMs: number;
  readonly check: ImportCheck;
  batches: ReturnType<typeof importBatches>;
  doneBytes: number;
}

export const TRANSFER_METHODS = [
  "sample",
  "startExport",
  "stepExport",
  "finishExport",
  "endExport",
  "openImport",
  "checkStep",
  "startRows",
  "nextRows",
  "closeImport",
] as const satisfies readonly (keyof Transfers)[];

export class Transfers {
  readonly #source: () => TransferSource;
  #export: RunningExport | null = null;
  #import: OpenImport | null = null;
  /** The step under way: nothing is closed before it has ended. */
  #step: Promise<unknown> = Promise.resolve();

  constructor(source: () => TransferSource) {
    this.#source = source;
  }

  #inStep<T>(work: () => Promise<T>): Promise<T | Failed> {
    const step = this.#step.then(() => orFailed(work));
    this.#step = step.catch(() => undefined);
    return step;
  }

  // ---- export

  /** How many rows there are, and the first of them as they would be written. */
  sample(request: ExportRequest): Promise<Output<"transfer.sample"> | Failed> {
    return orFailed(async () => {
      const source = this.#source();
      const { places, isExact } = await placesOf(source, request);
      const lines: string[] = [];
      for (let row = 0; row < Math.min(places.count, SAMPLE_ROWS); row += 1) {
        lines.push(await sampleRow(source, places.at(row), request));
      }
      const columns = request.rows === "keys" ? KEY_COLUMNS : RECORD_COLUMNS;
      return {
        rowCount: places.count,
        isExact,
        head: request.format === "csv" ? columns.join(",") : request.format === "json" ? "[" : "",
        lines,
      };
    });
  }

  startExport(
    request: ExportRequest,
    target: { readonly path: string; readonly overwrite: boolean; readonly logs: readonly string[] },
  ): Promise<{ rowCount: number; totalBytes: number } | Failed> {
    return orFailed(async () => {
      const source = this.#source();
      const { places, isExact } = await placesOf(source, request);
      if (!isExact) {
        throw new HostError(
          "NotIndexed",
          "The file, or the search in it, is not read to its end yet. Wait until it is.",
        );
      }
      let totalBytes = 0;
      for (let row = 0; row < places.count; row += 1) totalBytes += places.at(row).bytes;
      const progress = newExportProgress();
      const { path, overwrite, logs } = target;
      this.#export = {
        progress,
        target: await ExportTarget.open(path, { fileSystem: nodeFileSystem, overwrite, logs }),
        pieces: exportPieces(source, places, request, progress),
      };
      return { rowCount: places.count, totalBytes };
    });
  }

  stepExport(): Promise<ExportStep | Failed> {
    return this.#inStep(async () => {
      const running = this.#export;
      if (running === null) throw closedMeanwhile();
      const { pieces, progress, target } = running;
      for (const startedMs = performance.now(); performance.now() - startedMs < STEP_MS; ) {
        if (this.#export !== running) throw closedMeanwhile();
        const step = await pieces.next();
        if (step.done) {
          await target.sync();
          return { ...progress, isWritten: true };
        }
        await target.write(step.value);
      }
      return { ...progress, isWritten: false };
    });
  }

  /** Puts what was written in its place. From here on an export cannot be stopped any more. */
  finishExport(): Promise<{ path: string; fileBytes: number } | Failed> {
    return this.#inStep(async () => {
      const running = this.#export;
      if (running === null) throw closedMeanwhile();
      const made = await running.target.finish();
      this.#export = null;
      return made;
    });
  }

  /** Ends an export that is not finished: nothing of it stays. */
  async endExport(): Promise<void> {
    const running = this.#export;
    this.#export = null;
    await this.#step;
    await running?.pieces.return();
    await running?.target.discard();
  }

  // ---- import

  openImport(path: string): Promise<{ fileBytes: number } | Failed> {
    return orFailed(async () => {
      await this.closeImport();
      const stat = await nodeFileSystem.stat(path);
      if (stat !== null && !stat.isFile) throw new HostError("NotAFile", `${path} is no file of rows.`, { path });
      const { model } = this.#source();
      const handle = await nodeFileSystem.open(path, "read");
      const { size, mtimeMs } = await handle.stat();
      const isLive = (key: Uint8Array) => {
        const id = model.keys.find(key);
        return id !== -1 && model.isLive(id);
      };
      const batches = importBatches(handle, size, path);
      this.#import = { path, handle, size, mtimeMs, batches, check: new ImportCheck(isLive), doneBytes: 0 };
      return { fileBytes: size };
    });
  }

  /** Goes on looking at the file; the plan when it is through. */
  checkStep(): Promise<{ doneBytes: number; plan: ImportPlan | null } | Failed> {
    return this.#inStep(async () => {
      const open = this.#opened();
      for (const startedMs = performance.now(); performance.now() - startedMs < STEP_MS; ) {
        if (this.#import !== open) throw closedMeanwhile();
        const step = await open.batches.next();
        if (step.done) return { doneBytes: open.size, plan: open.check.plan() };
        open.check.add(step.value);
        open.doneBytes = step.value.doneBytes;
      }
      return { doneBytes: open.doneBytes, plan: null };
    });
  }

  /** Back to the first row, of the very file that was looked at. */
  startRows(): Promise<{ fileBytes: number } | Failed> {
    return this.#inStep(async () => {
      const open = this.#opened();
      const { size, mtimeMs } = await open.handle.stat();
      if (size !== open.size || mtimeMs !== open.mtimeMs) {
        throw new HostError(
          "Refused",
          `${open.path} changed since it was looked at. Nothing was written: import it again.`,
        );
      }
      open.batches = importBatches(open.handle, size, open.path);
      return { fileBytes: size };
    });
  }

  /** The next rows; null behind the last. */
  nextRows(): Promise<WireBatch | null | Failed> {
    return this.#inStep(async () => {
      const step = await this.#opened().batches.next();
      if (step.done) return null;
      return { lines: step.value.lines.map(toWire), doneBytes: step.value.doneBytes };
    });
  }

  async closeImport(): Promise<void> {
    const open = this.#import;
    this.#import = null;
    await this.#step;
    await open?.handle.close();
  }

  #opened(): OpenImport {
    if (this.#import === null) throw new HostError("Refused", "No file of rows is open any more. Choose it again.");
    return this.#import;
  }

  async close(): Promise<void> {
    await this.endExport();
    await this.closeImport();
  }
}

function closedMeanwhile(): HostError {
  return new HostError("SessionClosed", "The file was closed meanwhile.");
}

function toWire({ line, row }: ImportLine): WireBatch["lines"][number] {
  return { line, row: row instanceof BadLine ? { kind: "bad", column: row.column, reason: row.message } : row };
}

/** The rows of a request as they are now: what is written to the log later is not among them. */
async function placesOf(
  source: TransferSource,
  { rows, view, withDeleted, filter, search }: ExportRequest,
): Promise<{ places: ExportPlaces; isExact: boolean }> {
  if (rows === "keys") {
    const shown = view === null ? null : keysOf(source, view);
    return {
      places: keyPlaces(source.model, shown?.records ?? everyKey(source.model, withDeleted)),
      isExact: source.isDone && (shown?.isExact ?? true),
    };
  }
  const records = await source.records(filter, search);
  const { model } = source;
  const count = records?.length ?? model.recordCount;
  const behind = await source.behind();
  return {
    isExact: source.isDone,
    places: {
      count: count + behind.length,
      at: (row) => behind[row - count] ?? placeOf(model, records?.[row] ?? row, true),
    },
  };
}

function keysOf(source: TransferSource, id: number): { records: Uint32Array; isExact: boolean } {
  const view = source.view(id);
  if (view === undefined) throw new HostError("ViewClosed", "This list was closed.");
  return view.selection();
}

/** The last record of each key, taken now. */
function everyKey(model: LogModel, withDeleted: boolean): Uint32Array {
  const ids = model.sortedKeys.filter((id) => withDeleted || model.isLive(id));
  return ids.map((id) => model.latestOf(id));
}

function keyPlaces(model: LogModel, records: Uint32Array): ExportPlaces {
  return { count: records.length, at: (row) => placeOf(model, records[row] as number, false) };
}

function placeOf(model: LogModel, record: number, hasIndex: boolean): ExportPlace {
  return {
    offset: model.offsetOf(record),
    bytes: model.lengthOf(record),
    state: "readable",
    index: hasIndex ? record : null,
  };
}

async function sampleRow(source: TransferSource, place: ExportPlace, request: ExportRequest): Promise<string> {
  // As a line of its own: what stands around rows is not part of the sample.
  const format = request.format === "json" ? "ndjson" : request.format;
  const frame = format === "csv" ? `${(request.rows === "keys" ? KEY_COLUMNS : RECORD_COLUMNS).join(",")}\r\n` : "";
  let text = "";
  for await (const piece of exportPieces(source, { count: 1, at: () => place }, { ...request, format })) {
    text += Buffer.from(piece).toString("utf8");
    if (text.length > frame.length + SAMPLE_CHARS_MAX)
      return `${text.slice(frame.length, frame.length + SAMPLE_CHARS_MAX)}…`;
  }
  return text.slice(frame.length).trimEnd();
}
