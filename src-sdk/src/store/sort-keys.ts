/** Sorts key ids by the bytes of their keys: three-way radix quicksort, which compares each shared prefix once. */
import type { KeyTable } from "./key-table.js";

/** Below this many keys an insertion sort wins. */
const SMALL = 24;

export function sortKeyIds(keys: KeyTable, ids: Uint32Array): void {
  // An own stack: a million keys with a long shared prefix must not overflow the call stack.
  const pending: number[] = [0, ids.length, 0];
  while (pending.length > 0) {
    const depth = pending.pop() as number;
    const to = pending.pop() as number;
    const from = pending.pop() as number;
    if (to - from < SMALL) {
      insertionSort(keys, ids, from, to);
      continue;
    }
    const pivot = medianByte(keys, ids, from, to, depth);
    let less = from;
    let at = from;
    let greater = to;
    while (at < greater) {
      const id = ids[at] as number;
      const byte = keys.byteAt(id, depth);
      if (byte < pivot) {
        ids[at++] = ids[less] as number;
        ids[less++] = id;
      } else if (byte > pivot) {
        ids[at] = ids[--greater] as number;
        ids[greater] = id;
      } else at += 1;
    }
    pending.push(from, less, depth, greater, to, depth);
    // Keys that end here are equal, and equal keys have one id.
    if (pivot >= 0) pending.push(less, greater, depth + 1);
  }
}

function medianByte(keys: KeyTable, ids: Uint32Array, from: number, to: number, depth: number): number {
  const a = keys.byteAt(ids[from] as number, depth);
  const b = keys.byteAt(ids[(from + to) >> 1] as number, depth);
  const c = keys.byteAt(ids[to - 1] as number, depth);
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

function insertionSort(keys: KeyTable, ids: Uint32Array, from: number, to: number): void {
  for (let i = from + 1; i < to; i += 1) {
    const id = ids[i] as number;
    let at = i;
    while (at > from && keys.compare(ids[at - 1] as number, id) > 0) {
      ids[at] = ids[at - 1] as number;
      at -= 1;
    }
    ids[at] = id;
  }
}
