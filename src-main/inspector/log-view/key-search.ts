/**
 * Which keys a search matches. What it says about names is looked at once a key, what it says about values once a
 * record: that stays right whichever moment of the log is asked about.
 */
import type { ByteSource } from "@softadastra/sdk/tools";
import { decodeStrict } from "./display-text.ts";
import { type KeyStates, type LogModel, NO_RECORD } from "./log-model.ts";
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
  readonly #states: () => KeyStates;
  readonly #nameTerms: readonly SearchTerm[];
  readonly #numberTerms: readonly SearchTerm[];
  readonly #valueTerms: readonly SearchTerm[];
  /** A bit for each key whose name was looked at. */
  #named: Uint8Array;
  #namedCount = 0;
  /** Record whose value was looked at last, and whether it matched, for each key. */
  #valueRecords = new Uint32Array(0);
  #valueMatched = new Uint8Array(0);
  /** The run that is under way: a newer one ends it. */
  #turn = 0;
  #isRunning = false;
  #isStopped = false;
  #progress: SearchProgress = { what: "keys", done: 0, total: 0, isStopped: false };
  #lastToldMs = 0;
  /** Raised when the matches changed. */
  revision = 0;
  /** A pattern that took too long ended the search. */
  failure: string | null = null;

  /** `states` are the keys as they stand at the moment that is looked at. */
  constructor(model: LogModel, source: () => ByteSource, states: () => KeyStates, terms: readonly SearchTerm[]) {
    this.#model = model;
    this.#source = source;
    this.#states = states;
    this.#valueTerms = terms.filter((term) => term.field === "value");
    this.#numberTerms = terms.filter((term) => term.number !== undefined);
    this.#nameTerms = terms.filter((term) => term.field !== "value" && term.number === undefined);
    this.#named = new Uint8Array(model.keys.size);
  }

  isMatch(keyId: number, states: KeyStates): boolean {
    if (!this.#isCandidate(keyId, states)) return false;
    if (this.#valueTerms.length === 0) return true;
    const record = states.latestOf(keyId);
    return this.#valueRecords[keyId] === record && this.#valueMatched[keyId] === 1;
  }

  /** Name and numbers match, and there is a value if values are asked about. */
  #isCandidate(keyId: number, states: KeyStates): boolean {
    if (this.#named[keyId] !== 1 || (this.#valueTerms.length > 0 && !states.isLive(keyId))) return false;
    return this.#numberTerms.every((term) => this.#testNumber(keyId, term, states) !== term.isNegated);
  }

  #testNumber(keyId: number, term: SearchTerm, states: KeyStates): boolean {
    const { field } = term;
    if (field === "size" && !states.isLive(keyId)) return false;
    const record = states.latestOf(keyId);
    return testNumber(term, field === "size" ? this.#model.valueBytesOf(record) : this.#model.sequenceOf(record));
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

  /** Values may have to be read for another moment, or names of new keys looked at. */
  get needsRun(): boolean {
    return !this.#isStopped && (this.#valueTerms.length > 0 || this.#namedCount < this.#model.keys.size);
  }

  /**
   * Looks at the names of keys that are new to it, then at the values that those hold whose key matched. A run that is
   * under way is given up for it. `changed` is called when there is more to show.
   */
  async run(changed: () => void): Promise<void> {
    this.#turn += 1;
    const mine = this.#turn;
    const isOver = () => this.#isStopped || mine !== this.#turn;
    this.#isRunning = true;
    this.#lastToldMs = Date.now();
    try {
      await this.#lookAtNames(isOver, changed);
      await this.#lookAtValues(isOver, changed);
    } catch (error) {
      this.failure = error instanceof Error ? error.message : String(error);
    }
    if (mine !== this.#turn) return;
    this.#isRunning = false;
    this.revision += 1;
    changed();
  }

  async #lookAtNames(isOver: () => boolean, changed: () => void): Promise<void> {
    const total = this.#model.keys.size;
    this.#reserve();
    while (this.#namedCount < total && !isOver()) {
      const from = this.#namedCount;
      const to = Math.min(total, from + KEYS_PER_STEP);
      let keyIds = Array.from({ length: to - from }, (_, i) => from + i);
      for (const term of this.#nameTerms) keyIds = this.#filter(keyIds, term);
      for (const keyId of keyIds) this.#named[keyId] = 1;
      this.#namedCount = to;
      this.#advance("keys", to, total, changed);
      if (to < total) await pause();
    }
  }

  #filter(keyIds: readonly number[], { text, isNegated }: SearchTerm): number[] {
    const found = testTexts(
      text as TextTest,
      keyIds.map((keyId) => matchText(this.#model.keys.view(keyId))),
    );
    return keyIds.filter((_, i) => (found[i] === 1) !== isNegated);
  }

  #reserve(): void {
    const count = this.#model.keys.size;
    const length = Math.ceil(count * 1.5);
    if (this.#named.length < count) {
      const named = new Uint8Array(length);
      named.set(this.#named);
      this.#named = named;
    }
    if (this.#valueTerms.length === 0 || this.#valueRecords.length >= count) return;
    const records = new Uint32Array(length).fill(NO_RECORD);
    records.set(this.#valueRecords);
    this.#valueRecords = records;
    const matched = new Uint8Array(length);
    matched.set(this.#valueMatched);
    this.#valueMatched = matched;
  }

  #advance(what: "keys" | "values", done: number, total: number, changed: () => void): void {
    this.#progress = { what, done, total, isStopped: false };
    if (Date.now() - this.#lastToldMs < TOLD_EVERY_MS) return;
    this.#lastToldMs = Date.now();
    this.revision += 1;
    changed();
  }

  async #lookAtValues(isOver: () => boolean, changed: () => void): Promise<void> {
    if (this.#valueTerms.length === 0 || isOver()) return;
    const waiting = this.#unreadRecords();
    for (let at = 0; at < waiting.length && !isOver(); at += VALUES_PER_STEP) {
      const step = waiting.subarray(at, at + VALUES_PER_STEP);
      await this.#testValues(step);
      if (isOver() && !this.#isStopped) return;
      this.#advance("values", at + step.length, waiting.length, changed);
      await pause();
    }
  }

  /** Records of matching keys whose values were not looked at, in the order of the file: the disk reads ahead. */
  #unreadRecords(): Uint32Array {
    const states = this.#states();
    const waiting: number[] = [];
    for (let keyId = 0; keyId < this.#namedCount; keyId += 1) {
      if (!this.#isCandidate(keyId, states)) continue;
      const record = states.latestOf(keyId);
      if (this.#valueRecords[keyId] !== record) waiting.push(record);
    }
    return Uint32Array.from(waiting).sort();
  }

  async #testValues(records: Uint32Array): Promise<void> {
    const texts = await Promise.all(Array.from(records, async (record) => matchText(await this.#readValue(record))));
    let alive = new Uint8Array(records.length).fill(1);
    for (const { text, isNegated } of this.#valueTerms) {
      const found = testTexts(text as TextTest, texts);
      alive = alive.map((bit, i) => bit & Number((found[i] === 1) !== isNegated));
    }
    for (const [i, record] of records.entries()) {
      const keyId = this.#model.keyOf(record);
      this.#valueRecords[keyId] = record;
      this.#valueMatched[keyId] = alive[i] as number;
    }
  }

  async #readValue(record: number): Promise<Uint8Array> {
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
    const terms = this.#nameTerms.filter((term) => !term.isNegated);
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
