/** Which keys a search matches: a bit for each key, kept right while keys come in and values change. */
import type { ByteSource } from "@softadastra/sdk/tools";
import { decodeStrict } from "./display-text.ts";
import type { LogModel } from "./log-model.ts";
import { PatternTimeout, patternRanges, testPattern } from "./pattern-runner.ts";
import type { SearchTerm, TextTest } from "./search-language.ts";

/** Keys looked at between two pauses in which rows are served and a cancel is heard. */
const KEYS_PER_STEP = 4096;
const VALUES_PER_STEP = 64;
/** What was found so far is told this often. */
const TOLD_EVERY_MS = 200;
/** A value is searched up to here. */
const VALUE_BYTES_SEARCHED_MAX = 16 * 1024 * 1024;

const pause = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Keys and values as texts for matching: UTF-8, or each byte as a character where they are not. */
export function matchText(bytes: Uint8Array): string {
  return decodeStrict(bytes) ?? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}

/** A search looks at keys first, then at the values of those that match. */
export interface SearchProgress {
  readonly what: "keys" | "values";
  readonly done: number;
  readonly total: number;
  readonly isStopped: boolean;
}

export class KeySearch {
  readonly #model: LogModel;
  readonly #source: () => ByteSource;
  readonly #keyTerms: readonly SearchTerm[];
  readonly #valueTerms: readonly SearchTerm[];
  #matched: Uint8Array;
  /** Keys whose values are still to be read, by the offset of the value. */
  #waiting: number[] = [];
  #isRunning = false;
  #isStopped = false;
  #progress: SearchProgress = { what: "keys", done: 0, total: 0, isStopped: false };
  #lastToldMs = 0;
  /** Raised when the matches changed. */
  revision = 0;
  /** A pattern that took too long ended the search. */
  failure: string | null = null;

  constructor(model: LogModel, source: () => ByteSource, terms: readonly SearchTerm[]) {
    this.#model = model;
    this.#source = source;
    this.#keyTerms = terms.filter((term) => term.field !== "value");
    this.#valueTerms = terms.filter((term) => term.field === "value");
    this.#matched = new Uint8Array(model.keys.size);
  }

  isMatch(keyId: number): boolean {
    return this.#matched[keyId] === 1;
  }

  /** Nothing is being looked at; what was found is all there is, unless the search was stopped or failed. */
  get isIdle(): boolean {
    return !this.#isRunning;
  }

  get isExact(): boolean {
    return !this.#isRunning && !this.#isStopped && this.failure === null;
  }

  /** How far it has come; null when it is through. */
  get progress(): SearchProgress | null {
    return this.#isRunning || this.#isStopped ? { ...this.#progress, isStopped: this.#isStopped } : null;
  }

  stop(): void {
    if (this.#isRunning) this.#isStopped = true;
  }

  /** Looks at all keys, then at the values of those whose key matched. `changed` is called when there is more to show. */
  async run(changed: () => void): Promise<void> {
    const all = this.#model.keys.size;
    await this.#update(
      (from) => Array.from({ length: Math.min(KEYS_PER_STEP, all - from) }, (_, i) => from + i),
      all,
      changed,
    );
  }

  /** Looks again at keys whose value changed, and at new ones. */
  async refresh(keyIds: readonly number[], changed: () => void): Promise<void> {
    const unique = [...new Set(keyIds)];
    await this.#update((from) => unique.slice(from, from + KEYS_PER_STEP), unique.length, changed);
  }

  async #update(page: (from: number) => readonly number[], total: number, changed: () => void): Promise<void> {
    if (this.#isStopped) return;
    this.#isRunning = true;
    this.#lastToldMs = Date.now();
    try {
      for (let from = 0; from < total && !this.#isStopped; from += KEYS_PER_STEP) {
        this.#testKeys(page(from));
        this.#advance("keys", Math.min(total, from + KEYS_PER_STEP), total, changed);
        if (from + KEYS_PER_STEP < total) await pause();
      }
      await this.#readValues(changed);
    } catch (error) {
      this.failure = error instanceof Error ? error.message : String(error);
    } finally {
      this.#isRunning = false;
      this.revision += 1;
      changed();
    }
  }

  #testKeys(keyIds: readonly number[]): void {
    this.#reserve();
    let candidates = [...keyIds];
    for (const term of this.#keyTerms) candidates = this.#filter(candidates, term);
    for (const keyId of keyIds) this.#matched[keyId] = 0;
    if (this.#valueTerms.length === 0) {
      for (const keyId of candidates) this.#matched[keyId] = 1;
      return;
    }
    for (const keyId of candidates) if (this.#model.isLive(keyId)) this.#waiting.push(keyId);
  }

  #advance(what: "keys" | "values", done: number, total: number, changed: () => void): void {
    this.#progress = { what, done, total, isStopped: false };
    if (Date.now() - this.#lastToldMs < TOLD_EVERY_MS) return;
    this.#lastToldMs = Date.now();
    this.revision += 1;
    changed();
  }

  #reserve(): void {
    if (this.#matched.length >= this.#model.keys.size) return;
    const matched = new Uint8Array(Math.ceil(this.#model.keys.size * 1.5));
    matched.set(this.#matched);
    this.#matched = matched;
  }

  #filter(keyIds: readonly number[], term: SearchTerm): number[] {
    const { number, text } = term;
    if (number !== undefined) return keyIds.filter((keyId) => this.#testNumber(keyId, term) !== term.isNegated);
    const texts = keyIds.map((keyId) => matchText(this.#model.keys.view(keyId)));
    const found = testTexts(text as TextTest, texts);
    return keyIds.filter((_, i) => (found[i] === 1) !== term.isNegated);
  }

  #testNumber(keyId: number, term: SearchTerm): boolean {
    const { field } = term;
    const record = this.#model.latestOf(keyId);
    if (field === "size" && !this.#model.isLive(keyId)) return false;
    return testNumber(term, field === "size" ? this.#model.valueBytesOf(record) : this.#model.sequenceOf(record));
  }

  async #readValues(changed: () => void): Promise<void> {
    if (this.#valueTerms.length === 0) return;
    // In the order of the file: the disk reads ahead.
    const waiting = this.#waiting.sort((a, b) => this.#model.latestOf(a) - this.#model.latestOf(b));
    this.#waiting = [];
    for (let at = 0; at < waiting.length && !this.#isStopped; at += VALUES_PER_STEP) {
      const step = waiting.slice(at, at + VALUES_PER_STEP);
      await this.#testValues(step);
      this.#advance("values", at + step.length, waiting.length, changed);
      await pause();
    }
  }

  async #testValues(keyIds: readonly number[]): Promise<void> {
    const texts = await Promise.all(keyIds.map(async (keyId) => matchText(await this.#readValue(keyId))));
    let alive = new Uint8Array(keyIds.length).fill(1);
    for (const { text, isNegated } of this.#valueTerms) {
      const found = testTexts(text as TextTest, texts);
      alive = alive.map((bit, i) => bit & Number((found[i] === 1) !== isNegated));
    }
    for (const [i, keyId] of keyIds.entries()) this.#matched[keyId] = alive[i] as number;
  }

  async #readValue(keyId: number): Promise<Uint8Array> {
    const record = this.#model.latestOf(keyId);
    if (this.#model.isDelete(record)) return new Uint8Array(0);
    const length = Math.min(this.#model.valueBytesOf(record), VALUE_BYTES_SEARCHED_MAX);
    const bytes = new Uint8Array(length);
    const source = this.#source();
    for (let done = 0; done < length; ) {
      const count = await source.read(bytes, done, length - done, this.#model.valueOffsetOf(record) + done);
      if (count === 0) break;
      done += count;
    }
    return bytes;
  }

  /** Where the search matches texts, for marking; nowhere when that takes too long. */
  ranges(texts: readonly string[]): [number, number][][] {
    const terms = this.#keyTerms.filter((term) => term.text !== undefined && !term.isNegated);
    try {
      const found = terms.map((term) => textRanges(term.text as TextTest, texts));
      return texts.map((_, i) => found.flatMap((ranges) => ranges[i] ?? []));
    } catch (error) {
      if (error instanceof PatternTimeout) return texts.map(() => []);
      throw error;
    }
  }
}

/** Whether a number passes a term of numbers. */
export function testNumber({ number }: SearchTerm, actual: number): boolean {
  if (number === undefined) return true;
  const { operator, value } = number;
  if (operator === "=") return actual === value;
  if (operator === "<") return actual < value;
  if (operator === "<=") return actual <= value;
  return operator === ">" ? actual > value : actual >= value;
}

export function testTexts(test: TextTest, texts: readonly string[]): Uint8Array {
  if (test.kind === "pattern") return testPattern(test.source, test.flags, texts);
  const wanted = test.text.toLowerCase();
  return Uint8Array.from(texts, (text) => Number(text.toLowerCase().includes(wanted)));
}

function textRanges(test: TextTest, texts: readonly string[]): [number, number][][] {
  if (test.kind === "pattern") return patternRanges(test.source, test.flags, test.marks, texts);
  const wanted = test.text.toLowerCase();
  return texts.map((text) => placesOf(wanted, text));
}

function placesOf(wanted: string, label: string): [number, number][] {
  const ranges: [number, number][] = [];
  const haystack = label.toLowerCase();
  // Lower-casing can change the length of rare letters; then marks would be off, so there are none.
  if (haystack.length !== label.length) return ranges;
  for (
    let at = haystack.indexOf(wanted);
    at !== -1 && ranges.length < 16;
    at = haystack.indexOf(wanted, at + wanted.length)
  ) {
    ranges.push([at, at + wanted.length]);
  }
  return ranges;
}
