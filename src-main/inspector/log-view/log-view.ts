/** Reads one log and answers questions about it. Runs in a worker thread: nothing here may block the window. */
import {
  type FileRegion,
  type HealthReport,
  type Indexing,
  limits,
  type Moment,
  type Output,
  type PolicyComparison,
  type PolicyFilter,
  type PolicyName,
  type RepairPlan,
  type SessionState,
  type Strip,
  type Verdict,
} from "@softadastra/inspector-contract";
import { type ByteSource, type FileHandle, fileSource, placesBehind, type WalReport } from "@softadastra/sdk/tools";
import { CrashLab } from "../lab/crash-lab.ts";
import { displayText, fromBase64, toBase64 } from "./display-text.ts";
import { type DescribedKey, describeKey, versionOf } from "./key-description.ts";
import { historyOf, versionPlace } from "./key-history.ts";
import { KeyView, type KeyViewOptions, OpenFolders } from "./key-view.ts";
import { type HealthFacts, healthReport, isTornFirst, regionsOf, walReportOf } from "./log-health.ts";
import type { LogModel } from "./log-model.ts";
import { cutAt, LogReader } from "./log-reader.ts";
import { OpenOperations } from "./open-operations.ts";
import type { PolicyFile } from "./policy-table.ts";
import { RecordList, type RecordQuery } from "./record-list.ts";
import {
  type RepairAnswer,
  type RepairProgress,
  type RepairRequest,
  type RepairResult,
  RepairWork,
} from "./repair-work.ts";
import { BadSearch, parseSearch } from "./search-language.ts";
import { sumStrip } from "./strip.ts";
import { Timeline } from "./timeline.ts";
import { Transfers } from "./transfers.ts";

/** What the host keeps of a log between questions. */
export interface LogStatus {
  readonly indexing: Indexing;
  readonly fileBytes: number;
  readonly recordCount: number;
  readonly operationCount: number;
  readonly liveKeyCount: number;
  readonly deletedKeyCount: number;
  readonly openOperationCount: number;
  readonly verdict: Verdict | null;
  readonly validBytes: number;
  readonly tailBytes: number;
  readonly unreachableRecordCount: number;
  readonly growingBytes: number;
  readonly isFollowing: boolean;
  readonly disk: SessionState["disk"];
  readonly tailCut: SessionState["tailCut"];
  readonly keysRevision: number;
  readonly viewsRevision: number;
}

export type ViewRequest = Omit<KeyViewOptions, "terms"> & { readonly search: string };
export type OpenViewAnswer = { readonly view: number } | { readonly badSearch: string };
/** An operation nobody acknowledged, as the log shows it. */
export interface OpenOperation {
  readonly key: string;
  readonly name: string;
  readonly kind: "put" | "delete";
  readonly version: number;
  /** Which of the operations with this version it is, from 1. */
  readonly occurrence: number;
  readonly offset: number;
  readonly createdMs: number;
}

async function orBadSearch<T>(work: () => Promise<T>): Promise<T | { badSearch: string }> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof BadSearch) return { badSearch: error.message };
    throw error;
  }
}

export class LogView {
  readonly #path: string;
  readonly #told: (status: LogStatus) => void;
  readonly #reader: LogReader;
  #timeline: Timeline;
  readonly #readBytes = (offset: number, length: number) => this.#readSync(offset, length);
  readonly #repair: RepairWork;
  #views = new Map<number, { readonly view: KeyView; readonly request: ViewRequest }>();
  #nextView = 1;
  #viewsRevision = 0;
  readonly #folders = new Map<string, OpenFolders>();
  readonly #records = new RecordList(
    () => ({
      model: this.#model,
      isDone: this.#indexing.phase === "done",
      fileBytes: this.#fileBytes,
      tailRevision: this.#reader.tailRevision,
      regions: () => this.#regions(),
      unreachable: this.#reader.unreachable,
      read: this.#readBytes,
      bytes: () => this.#source(),
    }),
    () => this.#changed(),
  );
  readonly #lab = new CrashLab(() => ({
    model: this.#model,
    isDone: this.#indexing.phase === "done",
    validBytes: this.#end,
    read: this.#readBytes,
  }));
  readonly #openOperations = new OpenOperations();

  constructor(
    path: string,
    told: (status: LogStatus) => void,
    toldRepair: (progress: RepairProgress) => void = () => undefined,
  ) {
    this.#path = path;
    this.#told = told;
    this.#repair = new RepairWork(path, toldRepair);
    this.#reader = new LogReader(path, {
      told: () => told(this.status()),
      startedAnew: () => this.#startAnew(),
    });
    this.#timeline = new Timeline(this.#model);
  }

  get #model(): LogModel {
    return this.#reader.model;
  }
  get #indexing(): Indexing {
    return this.#reader.indexing;
  }
  get #fileBytes(): number {
    return this.#reader.fileBytes;
  }
  get #end(): number {
    return this.#reader.end;
  }
  #file(): FileHandle {
    return this.#reader.handle;
  }
  #source(): ByteSource {
    return fileSource(this.#file(), this.#fileBytes);
  }
  #readSync(offset: number, length: number): Uint8Array {
    return this.#reader.readSync(offset, length);
  }

  // ---- reading

  /** Opens the file and starts to read it; what is known so far is told as it goes. */
  async open(how = { watches: false, follows: false }): Promise<LogStatus> {
    await this.#reader.open(how);
    return this.status();
  }

  #changed(): void {
    this.#viewsRevision += 1;
    this.#told(this.status());
  }

  status(): LogStatus {
    const model = this.#model;
    const { survey, indexing, growingBytes, isFollowing, disk, tailCut } = this.#reader;
    const isDone = indexing.phase === "done";
    return {
      indexing,
      fileBytes: this.#fileBytes,
      recordCount: model.recordCount,
      operationCount: model.operationCount,
      liveKeyCount: model.liveKeyCount,
      deletedKeyCount: model.deletedKeyCount,
      openOperationCount: model.operationCount - model.settledCount,
      verdict: isDone ? (survey?.verdict ?? null) : null,
      validBytes: this.#end,
      tailBytes: isDone ? this.#fileBytes - this.#end - growingBytes : 0,
      unreachableRecordCount: survey?.behind.recordCount ?? 0,
      growingBytes,
      isFollowing,
      disk,
      tailCut,
      keysRevision: model.keysRevision,
      viewsRevision: this.#viewsRevision,
    };
  }

  /** Ends reading; what was read stays. */
  stopReading(): Promise<void> {
    return this.#reader.stopReading();
  }

  resumeReading(): Promise<void> {
    return this.#reader.resumeReading();
  }

  /** Takes up what was appended to the file since; resolves when it is part of every answer. */
  async follow(): Promise<LogStatus> {
    await this.#reader.follow();
    return this.status();
  }

  /** Whether what others append is taken up as it comes. */
  async setFollowing(isOn: boolean): Promise<LogStatus> {
    await this.#reader.setFollowing(isOn);
    return this.status();
  }

  async close(): Promise<void> {
    for (const { view } of this.#views.values()) view.stopSearch();
    this.#views.clear();
    this.#repair.stop();
    await this.transfers.close();
    await this.#reader.close();
  }

  // ---- keys

  openView(request: ViewRequest): OpenViewAnswer {
    let terms: ReturnType<typeof parseSearch>;
    try {
      terms = parseSearch(request.search);
    } catch (error) {
      if (error instanceof BadSearch) return { badSearch: error.message };
      throw error;
    }
    const id = this.#nextView++;
    this.#views.set(id, { request, view: this.#viewOf({ ...request, terms }, 0) });
    while (this.#views.size > limits.VIEWS_MAX) this.closeView(this.#views.keys().next().value as number);
    return { view: id };
  }

  #viewOf(options: KeyViewOptions, firstRevision: number): KeyView {
    return new KeyView(
      this.#model,
      options,
      {
        read: this.#readBytes,
        source: () => this.#source(),
        statesAt: (record) => this.#timeline.at(record),
        folders: this.#foldersFor(options.separator),
        changed: () => this.#changed(),
      },
      firstRevision,
    );
  }

  /** Another file is read: the lists that are shown are lists of its keys from now on. */
  #startAnew(): void {
    this.#timeline = new Timeline(this.#model);
    for (const [id, { request, view }] of this.#views) {
      view.stopSearch();
      const options = { ...request, terms: parseSearch(request.search) };
      this.#views.set(id, { request, view: this.#viewOf(options, view.revision) });
    }
    this.#viewsRevision += 1;
  }

  #foldersFor(separator: string): OpenFolders {
    const folders = this.#folders.get(separator) ?? new OpenFolders();
    this.#folders.set(separator, folders);
    return folders;
  }

  closeView(id: number): void {
    this.#views.get(id)?.view.stopSearch();
    this.#views.delete(id);
  }

  rows(id: number, start: number, count: number, asOf: number | null = null): Output<"keys.rows"> | null {
    const moment = this.#recordOf(asOf);
    const page = this.#views.get(id)?.view.page(start, count, this.#indexing.phase === "done", moment);
    return page === undefined ? null : { ...page, moment: this.#moment(moment) };
  }

  expand(id: number, prefix: string, isOpen: boolean): boolean {
    this.#views.get(id)?.view.expand(fromBase64(prefix), isOpen);
    return this.#views.has(id);
  }

  locate(id: number, key: string, asOf: number | null = null): { row: number | null } | null {
    const view = this.#views.get(id)?.view;
    return view === undefined ? null : { row: view.locate(fromBase64(key), this.#recordOf(asOf)) };
  }

  stopSearch(id: number): boolean {
    this.#views.get(id)?.view.stopSearch();
    return this.#views.has(id);
  }

  describe(key: string, separator: string, asOf: number | null): DescribedKey | null {
    const moment = this.#recordOf(asOf);
    const read = (offset: number, length: number) => this.#reader.readRecordSync(offset, length);
    return describeKey(this.#model, this.#timeline.at(moment), read, key, separator, moment);
  }

  /** Versions of a key from the one at place `start`, newest first. */
  history(key: string, start: number, count: number): Output<"keys.history"> | null {
    return historyOf(this.#model, this.#readBytes, key, start, count);
  }

  /** The version of the key that the record at this offset wrote. */
  versionOf(key: string, offset: number): Output<"keys.version"> | null {
    return versionPlace(this.#model, this.#readBytes, key, offset);
  }

  /** Part of a value: of the key's newest put, or of the put record at `offset`. */
  async readValue(
    key: string,
    at: number | null,
    start: number,
    length: number,
  ): Promise<Output<"values.read"> | null> {
    const record = this.#putRecord(key, at);
    if (record === -1) return null;
    const valueBytes = this.#model.valueBytesOf(record);
    const wanted = Math.max(0, Math.min(length, valueBytes - start));
    const bytes = new Uint8Array(wanted);
    const from = this.#model.valueOffsetOf(record) + start;
    for (let done = 0; done < wanted; ) {
      const count = await this.#file().read(bytes, done, wanted - done, from + done);
      if (count === 0) throw cutAt(from + done);
      done += count;
    }
    return {
      bytes: toBase64(bytes),
      valueBytes,
      sequence: this.#model.sequenceOf(record),
      offset: this.#model.offsetOf(record),
    };
  }

  /** The record that holds a value of the key; -1 when there is none, or it is of another key. */
  #putRecord(key: string, at: number | null): number {
    const keyId = this.#model.keys.find(fromBase64(key));
    if (keyId === -1) return -1;
    const record = at === null ? this.#model.latestOf(keyId) : this.#model.recordAt(at);
    if (record === -1 || this.#model.keyOf(record) !== keyId || this.#model.isDelete(record)) return -1;
    return at === null || this.#model.offsetOf(record) === at ? record : -1;
  }

  /** Where the newest operation of the key stands: what a write that just ended became. */
  newestOf(key: string): { offset: number; sequence: number; isDelete: boolean } | null {
    const keyId = this.#model.keys.find(fromBase64(key));
    if (keyId === -1) return null;
    const record = this.#model.latestOf(keyId);
    return {
      offset: this.#model.offsetOf(record),
      sequence: this.#model.sequenceOf(record),
      isDelete: this.#model.isDelete(record),
    };
  }

  /** Offsets of the operations with these sequences, repeated ones told apart; null for one that is not in the log. */
  offsetsOfOperations(operations: readonly { sequence: number; occurrence: number }[]): (number | null)[] {
    return operations.map(({ sequence, occurrence }) => {
      const record = this.#model.sequences.operation(sequence, occurrence);
      return record === -1 ? null : this.#model.offsetOf(record);
    });
  }

  /** Which of the operations with its sequence the one at this offset is, from 1. */
  occurrenceAt(offset: number): number {
    return this.#model.sequences.occurrenceOf(this.#model.recordAt(offset));
  }

  // ---- the file as a whole

  /** Exports and imports of this log: served beside the view. */
  readonly transfers = new Transfers(() => ({
    handle: this.#file(),
    path: this.#path,
    size: this.#fileBytes,
    model: this.#model,
    isDone: this.#indexing.phase === "done",
    view: (id) => this.#views.get(id)?.view,
    records: (filter, search) => this.#records.records({ filter, search }),
    behind: async () => {
      const { survey } = this.#reader;
      return survey === null ? [] : placesBehind(this.#source(), survey, isTornFirst(survey, this.#model));
    },
  }));

  /** Operations nobody acknowledged, as the log alone shows them. */
  async openOperations(
    start: number,
    count: number,
    search: string,
  ): Promise<{ rowCount: number; operations: OpenOperation[] }> {
    const records = await this.#openOperations.matching(this.#model, search);
    const page = records.subarray(start, start + count);
    const operations = Array.from(page, (record): OpenOperation => {
      const key = this.#model.keys.view(this.#model.keyOf(record));
      const { kind, sequence, offset, operationMs } = versionOf(this.#model, record, this.#readBytes);
      return {
        key: toBase64(key),
        name: displayText(key).text,
        kind,
        version: sequence,
        occurrence: this.#model.sequences.occurrenceOf(record),
        offset,
        createdMs: operationMs,
      };
    });
    return { rowCount: records.length, operations };
  }

  /** Place of the operation of the record at the offset among those nobody acknowledged; null when it is none. */
  async openOperationRow(offset: number, search: string): Promise<number | null> {
    const record = this.#model.recordAt(offset);
    if (record === -1 || this.#model.offsetOf(record) !== offset) return null;
    const row = (await this.#openOperations.matching(this.#model, search)).indexOf(record);
    return row === -1 ? null : row;
  }

  strip(columns: number): Strip {
    const sizes = { goodBytes: this.#end, fileBytes: this.#fileBytes };
    return sumStrip(this.#model, columns, this.#regions(), sizes);
  }

  /** A page of the record list, or what is wrong with the search. */
  async recordRows(
    query: RecordQuery,
    start: number,
    count: number,
  ): Promise<Output<"log.rows"> | { badSearch: string }> {
    return orBadSearch(() => this.#records.page(query, start, count));
  }

  async recordRowOf(query: RecordQuery, offset: number): Promise<Output<"log.rowOf"> | { badSearch: string }> {
    return orBadSearch(async () => ({ row: await this.#records.rowOf(query, offset) }));
  }

  stopRecordSearch(): void {
    this.#records.stopSearch();
  }

  recordDetail(offset: number): Output<"log.detail"> {
    return { detail: this.#records.detail(offset) };
  }

  /** Bytes of the file as they are; fewer at its end. */
  bytesAt(start: number, length: number): Output<"log.bytes"> {
    const there = Math.max(0, Math.min(length, this.#fileBytes - start));
    return { bytes: toBase64(this.#readSync(start, there)), fileBytes: this.#fileBytes };
  }

  recordAt(offset: number): Output<"log.recordAt"> {
    return this.#found(this.#model.recordAt(offset));
  }

  momentAt(offset: number): Output<"log.momentAt"> {
    return { moment: this.#moment(this.#recordOf(offset)) };
  }

  /** The record whose bytes hold the offset, or the last one before it; null for the end of the log. */
  #recordOf(asOf: number | null): number | null {
    const record = asOf === null ? -1 : this.#model.recordAt(asOf);
    return record === -1 ? null : record;
  }

  #moment(record: number | null): Moment | null {
    const found = record === null ? null : this.#found(record).record;
    if (record === null || found === null) return null;
    const { openOperationCount, ...counts } = this.#timeline.countsAt(record);
    return { ...found, ...counts, outboxOpenCount: openOperationCount };
  }

  recordOfSequence(sequence: number): Output<"log.recordOfSequence"> {
    return this.#found(this.#model.sequences.first(sequence));
  }

  #found(record: number): Output<"log.recordAt"> {
    if (record === -1) return { record: null };
    const isOperation = this.#model.isOperation(record);
    return {
      record: {
        index: record,
        offset: this.#model.offsetOf(record),
        bytes: this.#model.lengthOf(record),
        sequence: this.#model.sequenceOf(record),
        key: isOperation ? toBase64(this.#model.keys.view(this.#model.keyOf(record))) : null,
      },
    };
  }

  labWrite = this.#lab.write.bind(this.#lab);
  labCuts = this.#lab.cuts.bind(this.#lab);
  labBytes = this.#lab.bytes.bind(this.#lab);
  labCase = this.#lab.case.bind(this.#lab);

  health(): HealthReport {
    return healthReport(this.#healthFacts());
  }

  /** As `inspectWal` would answer; null until reading is done. */
  walReport(): WalReport | null {
    return walReportOf(this.#healthFacts());
  }

  #healthFacts(): HealthFacts {
    const { model, survey, indexing, fileBytes, end, growingBytes, unreachable } = this.#reader;
    return { path: this.#path, model, survey, indexing, fileBytes, validBytes: end, growingBytes, unreachable };
  }

  #regions(): FileRegion[] {
    return regionsOf(this.#healthFacts());
  }

  #policyFile(): PolicyFile {
    const isDone = this.#indexing.phase === "done";
    return { ...this.#healthFacts(), isDone, read: this.#readBytes };
  }

  policies(): PolicyComparison {
    return this.#reader.policies.comparison(this.#policyFile());
  }

  policyRows(filter: PolicyFilter, start: number, count: number): Output<"health.policyRows"> {
    const file = this.#policyFile();
    return { ...this.#reader.policies.rows(filter, start, count, file), isExact: file.isDone };
  }

  planRepair(policy: PolicyName): Promise<RepairAnswer<RepairPlan>> {
    return this.#repair.plan(policy);
  }

  runRepair(request: RepairRequest): Promise<RepairAnswer<RepairResult>> {
    return this.#repair.run(request);
  }

  stopRepair(): void {
    this.#repair.stop();
  }
}
