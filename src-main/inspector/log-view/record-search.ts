/**
 * Which records a search finds, in file order, while it goes through them: the same language as for keys, on records. What
 * was found keeps its place, and records that come later are looked at when they are there.
 */
import type { ByteSource } from "@softadastra/sdk/tools";
import { matchText, testNumber, testTexts } from "./key-search.ts";
import type { LogModel } from "./log-model.ts";
import { parseSearch, type SearchTerm, type TextTest } from "./search-language.ts";

/** Records looked at between two pauses in which other questions are answered. */
const RECORDS_PER_STEP = 4_096;
/** Values read at once: records of one stretch of the file. */
const READ_BYTES = 1024 * 1024;
/** A value is searched up to here. */
const VALUE_BYTES_SEARCHED_MAX = 16 * 1024 * 1024;
/** What was found so far is told this often. */
const TOLD_EVERY_MS = 200;

const UNKNOWN = 0;
const MATCH = 1;
const NO_MATCH = 2;

const pause = () => new Promise<void>((resolve) => setImmediate(resolve));

export interface RecordSearchProgress {
  readonly done: number;
  readonly total: number;
  readonly isStopped: boolean;
}

export class RecordSearch {
  readonly #model: LogModel;
  readonly #source: () => ByteSource;
  readonly #changed: () => void;
  readonly #keyTerms: readonly SearchTerm[];
  readonly #valueTerms: readonly SearchTerm[];
  readonly #numberTerms: readonly SearchTerm[];
  #found = new Uint32Array(1_024);
  #count = 0;
  /** Records that were looked at. */
  #done = 0;
  /** What the texts say of each key; asked once a key. */
  #keys = new Uint8Array(0);
  #running: Promise<void> | null = null;
  #isStopped = false;
  #lastToldMs = 0;
  /** A pattern that took too long ended the search. */
  failure: string | null = null;

  /** @throws BadSearch with a sentence for the user */
  constructor(model: LogModel, source: () => ByteSource, search: string, changed: () => void) {
    const terms = parseSearch(search);
    this.#model = model;
    this.#source = source;
    this.#changed = changed;
    this.#keyTerms = terms.filter(({ field, text }) => field === "key" && text !== undefined);
    this.#valueTerms = terms.filter(({ field }) => field === "value");
    this.#numberTerms = terms.filter(({ number }) => number !== undefined);
  }

  /** Records found so far, in file order. */
  get records(): Uint32Array {
    return this.#found.subarray(0, this.#count);
  }

  get isExact(): boolean {
    return this.#done === this.#model.recordCount && this.failure === null;
  }

  /** How far it has come; null when it is through, or failed. */
  get progress(): RecordSearchProgress | null {
    if (this.#running === null && !this.#isStopped) return null;
    return { done: this.#done, total: this.#model.recordCount, isStopped: this.#isStopped };
  }

  stop(): void {
    if (this.#running !== null) this.#isStopped = true;
  }

  /** Looks at the records it has not seen; resolves when it has come to the last. */
  goOn(): Promise<void> {
    if (this.isExact || this.#isStopped || this.failure !== null) return Promise.resolve();
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
      this.#changed();
    });
    return this.#running;
  }

  async #run(): Promise<void> {
    this.#lastToldMs = Date.now();
    try {
      while (this.#done < this.#model.recordCount && !this.#isStopped) {
        const to = Math.min(this.#model.recordCount, this.#done + RECORDS_PER_STEP);
        await this.#step(this.#done, to);
        this.#done = to;
        this.#tell();
        await pause();
      }
    } catch (error) {
      this.failure = error instanceof Error ? error.message : String(error);
    }
  }

  #tell(): void {
    if (Date.now() - this.#lastToldMs < TOLD_EVERY_MS) return;
    this.#lastToldMs = Date.now();
    this.#changed();
  }

  async #step(from: number, to: number): Promise<void> {
    const candidates = this.#withKeys(from, to).filter((record) => this.#hasNumbers(record));
    if (this.#valueTerms.length === 0) {
      for (const record of candidates) this.#add(record);
      return;
    }
    const puts = candidates.filter((record) => this.#model.isOperation(record) && !this.#model.isDelete(record));
    for (let at = 0; at < puts.length && !this.#isStopped; ) {
      const end = this.#stretchEnd(puts, at);
      await this.#testValues(puts.slice(at, end));
      this.#tell();
      at = end;
      if (at < puts.length) await pause();
    }
  }

  /** Records of the range whose key passes. */
  #withKeys(from: number, to: number): number[] {
    const model = this.#model;
    const all = Array.from({ length: to - from }, (_, i) => from + i);
    if (this.#keyTerms.length === 0) return all;
    this.#reserveKeys();
    const operations = all.filter((record) => model.isOperation(record));
    const unknown = [
      ...new Set(operations.map((record) => model.keyOf(record)).filter((key) => this.#keys[key] === UNKNOWN)),
    ];
    const texts = unknown.map((key) => matchText(model.keys.view(key)));
    for (const key of unknown) this.#keys[key] = MATCH;
    for (const { text, isNegated } of this.#keyTerms) {
      const found = testTexts(text as TextTest, texts);
      for (const [i, key] of unknown.entries()) if ((found[i] === 1) === isNegated) this.#keys[key] = NO_MATCH;
    }
    return operations.filter((record) => this.#keys[model.keyOf(record)] === MATCH);
  }

  #reserveKeys(): void {
    const { size } = this.#model.keys;
    if (size <= this.#keys.length) return;
    const grown = new Uint8Array(Math.ceil(size * 1.5));
    grown.set(this.#keys);
    this.#keys = grown;
  }

  #hasNumbers(record: number): boolean {
    const model = this.#model;
    const isOperation = model.isOperation(record);
    return this.#numberTerms.every((term) => {
      if (term.field === "sequence") return testNumber(term, model.sequenceOf(record)) !== term.isNegated;
      const size = isOperation && !model.isDelete(record) ? model.valueBytesOf(record) : 0;
      return isOperation && testNumber(term, size) !== term.isNegated;
    });
  }

  /** Behind the last of these records whose values are read together with the first. */
  #stretchEnd(records: readonly number[], at: number): number {
    const start = this.#model.valueOffsetOf(records[at] as number);
    let end = at + 1;
    for (; end < records.length; end += 1) {
      const record = records[end] as number;
      if (this.#model.valueOffsetOf(record) + this.#model.valueBytesOf(record) - start > READ_BYTES) break;
    }
    return end;
  }

  async #testValues(records: readonly number[]): Promise<void> {
    const texts = (await this.#readValues(records)).map(matchText);
    const isFound = records.map(() => true);
    for (const { text, isNegated } of this.#valueTerms) {
      const found = testTexts(text as TextTest, texts);
      for (const i of isFound.keys()) if ((found[i] === 1) === isNegated) isFound[i] = false;
    }
    for (const [i, record] of records.entries()) if (isFound[i]) this.#add(record);
  }

  /** The values, read in one go; of one that is longer than that, as much as is searched. */
  async #readValues(records: readonly number[]): Promise<Uint8Array[]> {
    const model = this.#model;
    const [first, last] = [records[0] as number, records.at(-1) as number];
    const start = model.valueOffsetOf(first);
    const length = Math.min(model.valueOffsetOf(last) + model.valueBytesOf(last) - start, VALUE_BYTES_SEARCHED_MAX);
    const bytes = new Uint8Array(length);
    const source = this.#source();
    for (let done = 0; done < length; ) {
      const count = await source.read(bytes, done, length - done, start + done);
      if (count === 0) break;
      done += count;
    }
    return records.map((record) => {
      const at = model.valueOffsetOf(record) - start;
      return bytes.subarray(at, at + model.valueBytesOf(record));
    });
  }

  #add(record: number): void {
    if (this.#count === this.#found.length) {
      const grown = new Uint32Array(this.#count * 2);
      grown.set(this.#found);
      this.#found = grown;
    }
    this.#found[this.#count++] = record;
  }
}
