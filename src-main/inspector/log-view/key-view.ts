/** One list or tree of keys as somebody looks at it: filtered, sorted, with some folders open, answered in pages. */
import type { KeyRow, Output } from "@softadastra/inspector-contract";
import type { ByteSource } from "@softadastra/sdk/tools";
import { displayText, fromBase64, toBase64 } from "./display-text.ts";
import { KeySearch } from "./key-search.ts";
import { type KeyStates, type LogModel, NO_RECORD } from "./log-model.ts";
import { layOutList, layOutTree, type RowLayout, rowOfKey } from "./row-layout.ts";
import type { SearchTerm } from "./search-language.ts";
import { guessValueKind, HEAD_BYTES, TAIL_BYTES } from "./value-kind.ts";

export interface KeyViewOptions {
  readonly shape: "tree" | "list";
  readonly separator: "" | "/" | ":" | ".";
  readonly terms: readonly SearchTerm[];
  readonly showLive: boolean;
  readonly showDeleted: boolean;
}

/** Reads a few bytes of the file at once, for the kinds of the values that are shown. */
export type ReadBytes = (offset: number, length: number) => Uint8Array;

/** A tree that is opened anew shows about this many rows: enough to see its shape, few enough to see all of it. */
const OPENED_ROWS_MAX = 60;
const OPENED_DEPTH_MAX = 8;
/** A folder that is all there is opens up to this many rows: closed it would say nothing. */
const OPENED_LONE_ROWS_MAX = 5_000;
/** A tree of matches opens every folder up to this many rows. */
const OPENED_MATCH_ROWS_MAX = 2_000;

/** Meanwhile the list rests this many times as long as it worked: reading and searching have the thread nearly to themselves. */
const REST_TIMES = 9;

export type Page = Omit<Output<"keys.rows">, "moment">;

/** What a view needs of the log it is of. */
export interface KeyViewDependencies {
  readonly read: ReadBytes;
  readonly source: () => ByteSource;
  /** The keys as they stood when this record was the last one; null for the end of the log. Good until asked again. */
  readonly statesAt: (record: number | null) => KeyStates;
  readonly folders: OpenFolders;
  readonly changed: () => void;
}

/** Open folders of a tree; shared by the views of a session, so that a search that is cleared finds them as they were. */
export class OpenFolders {
  readonly #prefixes = new Set<string>();
  /** Somebody opened or closed a folder: from then on nothing opens by itself. */
  isTouched = false;

  static name(prefix: Uint8Array): string {
    return Buffer.from(prefix.buffer, prefix.byteOffset, prefix.length).toString("latin1");
  }
  get isEmpty(): boolean {
    return this.#prefixes.size === 0;
  }
  has(prefix: Uint8Array): boolean {
    return this.#prefixes.has(OpenFolders.name(prefix));
  }
  set(prefix: Uint8Array, isOpen: boolean): void {
    if (isOpen) this.#prefixes.add(OpenFolders.name(prefix));
    else this.#prefixes.delete(OpenFolders.name(prefix));
  }
}

export class KeyView {
  readonly #model: LogModel;
  readonly #options: KeyViewOptions;
  readonly #read: ReadBytes;
  readonly #folders: OpenFolders;
  readonly #search: KeySearch | null;
  readonly #changed: () => void;
  readonly #statesAt: KeyViewDependencies["statesAt"];
  /** The last record of the log as it is looked at; null for the end. */
  #moment: number | null = null;
  #seenRevision = -1;
  #seenSearchRevision = -1;
  #revision: number;
  #isStale = true;
  #visible = new Uint32Array(0);
  #rows: RowLayout = layOutList(0);
  #liveCount = 0;
  #restsUntilMs = 0;

  constructor(model: LogModel, options: KeyViewOptions, deps: KeyViewDependencies, firstRevision = 0) {
    this.#revision = firstRevision;
    this.#model = model;
    this.#options = options;
    this.#read = deps.read;
    this.#changed = deps.changed;
    this.#statesAt = deps.statesAt;
    this.#folders = options.terms.length > 0 ? new OpenFolders() : deps.folders;
    this.#search =
      options.terms.length > 0 ? new KeySearch(model, deps.source, () => this.#states(), options.terms) : null;
    if (this.#search !== null) {
      this.#seenRevision = model.keysRevision;
      void this.#search.run(this.#changed);
    }
  }

  #states(): KeyStates {
    return this.#statesAt(this.#moment);
  }

  stopSearch(): void {
    this.#search?.stop();
  }

  /** Raised with each change of its rows. */
  get revision(): number {
    return this.#revision;
  }

  /** Takes up another moment, and what changed in the log since it last looked. */
  #catchUp(moment: number | null): void {
    const isMoved = moment !== this.#moment;
    this.#moment = moment;
    const { keysRevision } = this.#model;
    if (keysRevision !== this.#seenRevision || isMoved) {
      if (this.#search === null) this.#seenRevision = keysRevision;
      else if (isMoved || this.#search.isIdle) {
        this.#seenRevision = keysRevision;
        // For another moment a search that is under way begins anew.
        if (this.#search.needsRun) void this.#search.run(this.#changed);
      }
      this.#isStale = true;
    }
    if (this.#search !== null && this.#search.revision !== this.#seenSearchRevision) {
      this.#seenSearchRevision = this.#search.revision;
      this.#isStale = true;
    }
    if (!this.#isStale) return;
    this.#isStale = false;
    this.#revision += 1;
    this.#select();
    this.#layOut();
  }

  /** The keys that are shown, in order. */
  #select(): void {
    const states = this.#states();
    const { showLive, showDeleted } = this.#options;
    const all = this.#model.sortedKeys;
    const visible = new Uint32Array(all.length);
    let count = 0;
    let live = 0;
    for (let i = 0; i < all.length; i += 1) {
      const keyId = all[i] as number;
      const isLive = states.isLive(keyId);
      if (!(isLive ? showLive : showDeleted && states.latestOf(keyId) !== NO_RECORD)) continue;
      if (this.#search !== null && !this.#search.isMatch(keyId, states)) continue;
      visible[count++] = keyId;
      if (isLive) live += 1;
    }
    this.#visible = visible.subarray(0, count);
    this.#liveCount = live;
  }

  #layOut(): void {
    const { shape, separator } = this.#options;
    if (shape === "list" || separator === "") {
      this.#rows = layOutList(this.#visible.length);
      return;
    }
    // What stands open stays so in the past: only a tree that is looked at for the first time opens by itself.
    const mayOpen = this.#moment === null || this.#search !== null || this.#folders.isEmpty;
    if (!this.#folders.isTouched && mayOpen) this.#openByDefault();
    this.#rows = this.#layOutTree((keyId, length) =>
      this.#folders.has(this.#model.keys.view(keyId).subarray(0, length)),
    );
  }

  #layOutTree(isOpen: (keyId: number, prefixLength: number, depth: number) => boolean): RowLayout {
    return layOutTree(this.#model.keys, this.#visible, this.#options.separator.charCodeAt(0), isOpen);
  }

  /** Opens folders, those near the root first, while the tree stays short. */
  #openByDefault(): void {
    const rowsMax = this.#search === null ? OPENED_ROWS_MAX : OPENED_MATCH_ROWS_MAX;
    const isOpen = (keyId: number, length: number) =>
      this.#folders.has(this.#model.keys.view(keyId).subarray(0, length));
    let rowCount = this.#layOutTree(isOpen).count;
    for (let depth = 0; depth < OPENED_DEPTH_MAX; depth += 1) {
      const rows = this.#layOutTree(isOpen);
      const isLone = rows.count === depth + 1;
      const max = isLone ? Math.max(rowsMax, OPENED_LONE_ROWS_MAX) : rowsMax;
      for (let row = 0; row < rows.count && rowCount < max; row += 1) {
        if (rows.end[row] === -1 || rows.depth[row] !== depth) continue;
        const keyId = this.#visible[rows.first[row] as number] as number;
        const prefix = this.#model.keys.bytes(keyId).subarray(0, rows.prefixLength[row]);
        const children = this.#childCount(row, rows);
        if (rowCount + children > max) continue;
        this.#folders.set(prefix, true);
        rowCount += children;
      }
    }
  }

  /** Rows that opening a folder adds. */
  #childCount(row: number, rows: RowLayout): number {
    const inside = this.#visible.subarray(rows.first[row] as number, rows.end[row] as number);
    const separator = this.#options.separator.charCodeAt(0);
    return (
      layOutTree(this.#model.keys, inside, separator, (_, length) => length <= (rows.prefixLength[row] as number))
        .count - 1
    );
  }

  expand(prefix: Uint8Array, isOpen: boolean): void {
    this.#folders.isTouched = true;
    this.#folders.set(prefix, isOpen);
    this.#isStale = true;
    this.#changed();
  }

  /** Row of the key, with the folders above it opened; null when the view does not show the key. */
  locate(key: Uint8Array, moment: number | null = null): number | null {
    this.#catchUp(moment);
    const keyId = this.#model.keys.find(key);
    const index = keyId === -1 ? -1 : this.#indexOf(keyId);
    if (index === -1) return null;
    let row = rowOfKey(this.#rows, index);
    if (row === -1) {
      const separator = this.#options.separator.charCodeAt(0);
      for (let at = 0; at < key.length - 1; at += 1) {
        if (key[at] === separator) this.#folders.set(key.slice(0, at + 1), true);
      }
      this.#folders.isTouched = true;
      this.#isStale = true;
      this.#catchUp(moment);
      row = rowOfKey(this.#rows, index);
      this.#changed();
    }
    return row === -1 ? null : row;
  }

  #indexOf(keyId: number): number {
    let low = 0;
    let high = this.#visible.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#model.keys.compare(this.#visible[middle] as number, keyId) < 0) low = middle + 1;
      else high = middle;
    }
    return this.#visible[low] === keyId ? low : -1;
  }

  /** The record of each key that is shown, in order, as of the moment that is shown; exact when no search goes on. */
  selection(): { records: Uint32Array; isExact: boolean } {
    this.#catchUp(this.#moment);
    const states = this.#states();
    return { records: this.#visible.map((keyId) => states.latestOf(keyId)), isExact: this.#search?.isIdle ?? true };
  }

  page(start: number, count: number, isIndexed: boolean, moment: number | null = null): Page {
    // While the file is read or searched rows come faster than anybody looks at them, and laying out a million takes its time.
    const isSettled = isIndexed && (this.#search?.isIdle ?? true);
    if (isSettled || moment !== this.#moment || performance.now() >= this.#restsUntilMs) {
      const startedMs = performance.now();
      this.#catchUp(moment);
      const endedMs = performance.now();
      this.#restsUntilMs = endedMs + (endedMs - startedMs) * REST_TIMES;
    }
    const rows: KeyRow[] = [];
    const states = this.#states();
    const end = Math.min(this.#rows.count, start + count);
    for (let row = start; row < end; row += 1) rows.push(this.#row(row, states));
    return {
      revision: this.#revision,
      rowCount: this.#rows.count,
      keyCount: this.#visible.length,
      liveCount: this.#liveCount,
      deletedCount: this.#visible.length - this.#liveCount,
      isExact: isIndexed && (this.#search?.isExact ?? true),
      searching: this.#search?.progress ?? null,
      searchFailure: this.#search?.failure ?? null,
      start,
      rows: this.#withMatches(rows),
    };
  }

  /** Marks what the search found. It looks at whole keys; of a tree's row only the last part is shown. */
  #withMatches(rows: readonly KeyRow[]): KeyRow[] {
    if (this.#search === null) return [...rows];
    const texts = rows.map((row) => {
      if (row.kind === "folder") return "";
      const whole = displayText(fromBase64(row.key)).text;
      return whole.endsWith(row.label) ? whole : row.label;
    });
    const ranges = this.#search.ranges(texts);
    return rows.map((row, i) => {
      if (row.kind === "folder") return row;
      const shift = (texts[i] as string).length - row.label.length;
      const matches = (ranges[i] ?? [])
        .map(([from, to]): [number, number] => [Math.max(0, from - shift), to - shift])
        .filter(([from, to]) => to > from);
      return { ...row, matches };
    });
  }

  #row(row: number, states: KeyStates): KeyRow {
    const rows = this.#rows;
    const keyId = this.#visible[rows.first[row] as number] as number;
    const prefixLength = rows.prefixLength[row] as number;
    const end = rows.end[row] as number;
    const depth = rows.depth[row] as number;
    const key = this.#model.keys.bytes(keyId);
    if (end !== -1) return this.#folderRow(row, key, prefixLength, depth);
    const record = states.latestOf(keyId);
    return this.#keyRow(record, key, prefixLength, depth);
  }

  #folderRow(row: number, key: Uint8Array, prefixLength: number, depth: number): KeyRow {
    const prefix = key.subarray(0, prefixLength);
    // Up to the separator, which is drawn apart.
    const from = prefix.lastIndexOf(prefix[prefixLength - 1] as number, prefixLength - 2) + 1;
    return {
      kind: "folder",
      prefix: toBase64(prefix),
      label: displayText(prefix.subarray(from, prefixLength - 1)).text,
      depth,
      isOpen: this.#folders.has(prefix),
      keyCount: (this.#rows.end[row] as number) - (this.#rows.first[row] as number),
    };
  }

  #keyRow(record: number, key: Uint8Array, prefixLength: number, depth: number): KeyRow {
    const isDeleted = this.#model.isDelete(record);
    const valueBytes = isDeleted ? 0 : this.#model.valueBytesOf(record);
    const { text } = displayText(key.subarray(prefixLength));
    return {
      kind: "key",
      key: toBase64(key),
      label: text,
      matches: [],
      depth,
      isDeleted,
      valueKind: isDeleted ? "empty" : this.#valueKind(record, valueBytes),
      valueBytes,
    };
  }

  #valueKind(record: number, valueBytes: number) {
    if (valueBytes === 0) return "empty";
    const offset = this.#model.valueOffsetOf(record);
    const head = this.#read(offset, Math.min(HEAD_BYTES, valueBytes));
    const tail =
      valueBytes <= HEAD_BYTES ? head : this.#read(offset + valueBytes - TAIL_BYTES, Math.min(TAIL_BYTES, valueBytes));
    return guessValueKind(head, tail, valueBytes);
  }
}
