/** Lays sorted keys out as the rows of a list or of a tree with some folders open. Numbers only: labels are made for the rows that are shown. */
import type { KeyTable } from "@softadastra/sdk/tools";

/** A row is a key, or a folder: the run of keys that share a prefix. */
export interface RowLayout {
  readonly count: number;
  /** Index of the row's first key among the sorted keys. */
  readonly first: Int32Array;
  /** Index behind the last key of a folder; -1 for a key. */
  readonly end: Int32Array;
  /** Bytes of the prefix that the rows of this level share. */
  readonly prefixLength: Int32Array;
  readonly depth: Uint16Array;
}

/** Folders nested deeper than this are shown flat: a key can hold half a million separators. */
const DEPTH_MAX = 64;

class Builder implements RowLayout {
  count = 0;
  first: Int32Array;
  end: Int32Array;
  prefixLength: Int32Array;
  depth: Uint16Array;

  constructor(capacity: number) {
    this.first = new Int32Array(capacity);
    this.end = new Int32Array(capacity);
    this.prefixLength = new Int32Array(capacity);
    this.depth = new Uint16Array(capacity);
  }

  push(first: number, end: number, prefixLength: number, depth: number): void {
    if (this.count === this.first.length) this.#grow();
    this.first[this.count] = first;
    this.end[this.count] = end;
    this.prefixLength[this.count] = prefixLength;
    this.depth[this.count] = depth;
    this.count += 1;
  }

  #grow(): void {
    const length = Math.max(64, this.first.length * 2);
    const grown = <T extends Int32Array | Uint16Array>(column: T, next: T): T => {
      next.set(column);
      return next;
    };
    this.first = grown(this.first, new Int32Array(length));
    this.end = grown(this.end, new Int32Array(length));
    this.prefixLength = grown(this.prefixLength, new Int32Array(length));
    this.depth = grown(this.depth, new Uint16Array(length));
  }
}

export function layOutList(keyCount: number): RowLayout {
  const rows = new Builder(keyCount);
  for (let i = 0; i < keyCount; i += 1) rows.push(i, -1, 0, 0);
  return rows;
}

/** `separator` is one byte; `isOpen` is asked for each folder with the id of one of its keys and its prefix length. */
export function layOutTree(
  keys: KeyTable,
  sorted: Uint32Array,
  separator: number,
  isOpen: (keyId: number, prefixLength: number, depth: number) => boolean,
): RowLayout {
  const rows = new Builder(256);
  const layLevel = (from: number, to: number, prefixLength: number, depth: number) => {
    for (let i = from; i < to; ) {
      const keyId = sorted[i] as number;
      const folderLength = depth < DEPTH_MAX ? folderEnd(keys, keyId, prefixLength, separator) : -1;
      if (folderLength === -1) {
        rows.push(i, -1, prefixLength, depth);
        i += 1;
        continue;
      }
      const end = endOfPrefix(keys, sorted, i, to, keys.view(keyId).slice(0, folderLength));
      rows.push(i, end, folderLength, depth);
      if (isOpen(keyId, folderLength, depth)) layLevel(i, end, folderLength, depth + 1);
      i = end;
    }
  };
  layLevel(0, sorted.length, 0, 0);
  return rows;
}

/** Length of the prefix up to and with the next separator, or -1. One at the very end makes no folder. */
function folderEnd(keys: KeyTable, keyId: number, from: number, separator: number): number {
  const length = keys.keyLength(keyId);
  for (let at = from; at < length - 1; at += 1) if (keys.byteAt(keyId, at) === separator) return at + 1;
  return -1;
}

/** Index behind the last key with the prefix; found by doubling steps, as most folders are small. */
function endOfPrefix(keys: KeyTable, sorted: Uint32Array, from: number, to: number, prefix: Uint8Array): number {
  let step = 1;
  let inside = from;
  while (inside + step < to && keys.startsWith(sorted[inside + step] as number, prefix)) {
    inside += step;
    step *= 2;
  }
  let low = inside + 1;
  let high = Math.min(to, inside + step);
  while (low < high) {
    const middle = (low + high) >> 1;
    if (keys.startsWith(sorted[middle] as number, prefix)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Row of the key at `index` of the sorted keys; -1 when a closed folder hides it. */
export function rowOfKey(rows: RowLayout, index: number): number {
  let low = 0;
  let high = rows.count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows.first[middle] as number) < index) low = middle + 1;
    else high = middle;
  }
  // A folder and its first key start at the same index: the key is the last of them.
  for (let row = low; row < rows.count && rows.first[row] === index; row += 1) if (rows.end[row] === -1) return row;
  return -1;
}
