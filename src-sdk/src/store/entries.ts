/** Walks the entries of an open node in key order, and stays right when the store changes on the way. */
import { keyText, readKeyRange } from "../keys.js";
import type { OpenNode } from "../open-node.js";
import { SoftadastraError } from "../result.js";
import type { Value } from "../value.js";
import { KeyProbe } from "./key-probe.js";

/** One key with its value, as `client.entries()` yields it (spec 1, "Client"). */
export interface StoreEntry {
  /** The key as text; `keyBytes` has the truth where it is not UTF-8. */
  readonly key: string;
  readonly keyBytes: Uint8Array;
  readonly value: Value;
  /** Sequence of the record that wrote it. */
  readonly version: number;
  /** Time of the operation, in milliseconds since the Unix epoch. */
  readonly timestampMs: number;
}

/** Which entries to walk, and how; everything may be left out. */
export interface EntriesQuery {
  /** Only keys that begin with these bytes. */
  readonly prefix?: string | Uint8Array;
  /** Only keys behind this one in the order of the iteration; it need not exist. */
  readonly after?: string | Uint8Array;
  /** Most entries to yield; all unless told. */
  readonly limit?: number;
  /** From the last key to the first. */
  readonly reverse?: boolean;
}

const PROBE = new KeyProbe();

/** Ids fetched at once: a seek costs some microseconds, an id does not. */
const IDS_PER_SEEK = 128;

/** A query that was checked. */
export interface EntriesRange {
  readonly prefix: Uint8Array;
  readonly after: Uint8Array | null;
  readonly limit: number;
  readonly reverse: boolean;
}

/** @throws SoftadastraError `invalid_argument`: an iterator has no Result to carry it */
export function readEntriesQuery({ prefix, after, limit, reverse }: EntriesQuery): EntriesRange {
  if (limit !== undefined && limit !== Number.POSITIVE_INFINITY && (!Number.isInteger(limit) || limit < 0)) {
    throw new SoftadastraError("invalid_argument", `limit must be a whole number from 0, not ${limit}`);
  }
  if (reverse !== undefined && typeof reverse !== "boolean") {
    throw new SoftadastraError("invalid_argument", "reverse must be true or false");
  }
  return {
    prefix: prefix === undefined ? new Uint8Array(0) : readKeyRange("prefix", prefix),
    after: after === undefined ? null : readKeyRange("after", after),
    limit: limit ?? Number.POSITIVE_INFINITY,
    reverse: reverse ?? false,
  };
}

/** The first byte string behind every string with this prefix; null when there is none. */
export function prefixEnd(prefix: Uint8Array): Uint8Array | null {
  for (let length = prefix.length; length > 0; length -= 1) {
    const last = prefix[length - 1] as number;
    if (last === 0xff) continue;
    const end = prefix.slice(0, length);
    end[length - 1] = last + 1;
    return end;
  }
  return null;
}

/** The next byte string in order: the same with a zero behind it. */
function successor(key: Uint8Array): Uint8Array {
  const next = new Uint8Array(key.length + 1);
  next.set(key);
  return next;
}

function later(a: Uint8Array, b: Uint8Array): Uint8Array {
  return Buffer.compare(a, b) >= 0 ? a : b;
}

export function* listEntries(node: () => OpenNode | null, range: EntriesRange): IterableIterator<StoreEntry> {
  const { prefix, reverse } = range;
  let left = range.limit;
  let place = startingPlace(prefix, range.after, reverse);
  while (left > 0) {
    const open = node();
    if (open === null) return;
    const { index } = open;
    const ids = index.order.page(prefix, place, Math.min(left, IDS_PER_SEEK), reverse, (id) => index.isLive(id));
    for (const id of ids) {
      const current = node();
      if (current !== open) return;
      const keyBytes = open.index.keys.bytes(id);
      place = reverse ? keyBytes : successor(keyBytes);
      const entry = open.index.entry(id);
      // Deleted since the ids were fetched.
      if (entry === null) continue;
      yield {
        key: keyText(keyBytes),
        keyBytes,
        value: open.readPlaceSync(open.index.keys.probe(id, PROBE), entry),
        version: entry.version,
        timestampMs: entry.timestampMs,
      };
      left -= 1;
    }
    if (ids.length === 0) return;
  }
}

/** Forwards: the least key to look at. In reverse: the key to stay below. Null: from the very end. */
function startingPlace(prefix: Uint8Array, after: Uint8Array | null, reverse: boolean): Uint8Array | null {
  if (!reverse) return after === null ? prefix : later(prefix, successor(after));
  const end = prefixEnd(prefix);
  if (after === null) return end;
  return end === null || Buffer.compare(after, end) < 0 ? after : end;
}
