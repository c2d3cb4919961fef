/**
 * What each key holds now: version, time and where its operation is. The values stay in the log. Where a value is stands in
 * the slot of the hash table, so that a get waits for the memory once before it reads the log; the rest, in 16 bytes, in
 * front of the key.
 */
import type { StoreKernel } from "../wal/kernel.js";
import { OPERATION_DELETE } from "../wal/operation.js";
import type { RecordedOperation } from "../wal/operation-log.js";
import { ENTRY_OWNER } from "./entry-arena.js";
import { KeyEntries, SLOT_ID, SLOT_OWNER, STORE_ENTRY_WORDS, STORE_SLOT_WORDS } from "./key-entries.js";
import { KeyProbe } from "./key-probe.js";
import { OrderedKeys } from "./ordered-keys.js";
import { TWO_TO_32 } from "./rows.js";

export interface StoredEntry {
  readonly version: number;
  readonly timestampMs: number;
  /** Of the operation, for the log that holds it. */
  readonly location: number;
  readonly valueLength: number;
}

/** Words of a slot: the lower bits of the location, then the length of the value in 26 bits and 6 more of the location. */
const LOCATION = SLOT_OWNER;
const LENGTH = SLOT_OWNER + 1;
const LENGTH_BITS = 26;
/** No value is that long: the key was deleted. Its version and time stay, so that an older put cannot bring it back. */
const DELETED = 2 ** LENGTH_BITS - 1;
const LENGTH_MASK = DELETED;
/** From here on a location has more bits than a slot, and a get waits for the entry too: a log of 256 GiB. */
const FAR_FROM = 2 ** 38;

/** Words of an entry. The last has what the others have no room for: 11 bits of the version, 11 of the time, 10 of the location. */
const VERSION = ENTRY_OWNER;
const TIMESTAMP = ENTRY_OWNER + 1;
const UPPER = ENTRY_OWNER + 2;
const UPPER_TIMESTAMP_SHIFT = 10;
const UPPER_VERSION_SHIFT = 21;
const UPPER_MASK = 0x7ff;
const UPPER_LOCATION_MASK = 0x3ff;
/** Upper bits of a version and time that do not fit: headers are not protected, and a damaged one holds anything. */
const WIDE = UPPER_MASK;
/** Versions from here on have more than 43 bits, or would look like the mark of those. */
const WIDE_VERSION_FROM = WIDE * TWO_TO_32;
const WIDE_TIMESTAMP_FROM = 2 ** 43;

/** Word of what is lent to the kernel (src-sdk/kernel/store.ts). */
const STATE_LIVE_KEYS = 1;

const probe = new KeyProbe();

export class StoreIndex {
  readonly keys: KeyEntries;
  readonly order: OrderedKeys;
  #liveCount = 0;
  /** Some location has more bits than a slot. */
  #isFar = false;
  /** Sparse: versions and times that are too large for an entry, by key id. */
  readonly #wide = new Map<number, { version: number; timestampMs: number }>();

  /** With a kernel all of it lies in its memory, as long as that is open. */
  constructor(kernel: StoreKernel | null = null, keysMax = 0) {
    this.keys = new KeyEntries(STORE_SLOT_WORDS, STORE_ENTRY_WORDS, kernel, keysMax);
    this.order = new OrderedKeys(this.keys);
  }

  get liveCount(): number {
    return this.#liveCount;
  }

  get deletedCount(): number {
    return this.keys.size - this.#liveCount;
  }

  /** Location and version of the value that the last `apply` replaced; the location is -1 when there was none. */
  replacedLocation = -1;
  replacedVersion = 0;

  /** Applies an operation, whatever its time: the order of the log decides. Answers the id of its key. */
  apply(operation: RecordedOperation): number {
    const { keys } = this;
    const id = keys.add(probe.take(operation.bytes, operation.keyFrom, operation.keyTo));
    const { slots, slotAt, isNew } = keys;
    const wasLive = !isNew && lengthIn(slots, slotAt) !== DELETED;
    const isLive = operation.type !== OPERATION_DELETE;
    this.replacedLocation = wasLive ? this.#locationIn(slots, slotAt) : -1;
    if (wasLive) this.replacedVersion = this.#version(id);
    this.#liveCount += Number(isLive) - Number(wasLive);
    const length = isLive ? operation.valueLength : DELETED;
    this.#setVersion(id, operation.sequence, operation.timestampMs);
    this.#setLocation(slots, slotAt, operation.location, length);
    return id;
  }

  /** Has the kernel apply operations in front of `end`, until `takeBack`. False when it must not: it knows nothing of wide numbers. */
  lend(state: Uint32Array, end: number): boolean {
    if (this.#wide.size > 0) return false;
    if (end >= FAR_FROM) this.#isFar = true;
    this.keys.lend(state);
    state[STATE_LIVE_KEYS] = this.#liveCount;
    return true;
  }

  takeBack(state: Uint32Array): void {
    this.keys.takeBack(state);
    this.#liveCount = state[STATE_LIVE_KEYS] as number;
  }

  /** Where the value was that `guess` or `find` met. */
  location = 0;
  valueLength = 0;

  /** Whether the key has a value, and where. */
  find(key: KeyProbe): boolean {
    const id = this.keys.find(key);
    return id !== -1 && this.#meet(this.keys.slots, this.keys.slotAt);
  }

  /** As `find`, by the hash of the key alone: who reads the log meets the key there, or another one. */
  guess(key: KeyProbe): boolean {
    const slots = this.keys.slotsOf(key.hash);
    const slotAt = this.keys.guess(key, slots);
    return slotAt !== -1 && this.#meet(slots, slotAt);
  }

  #meet(slots: Int32Array, slotAt: number): boolean {
    const length = lengthIn(slots, slotAt);
    if (length === DELETED) return false;
    this.valueLength = length;
    this.location = this.#locationIn(slots, slotAt);
    return true;
  }

  /** `null` for a key that was never written or was deleted. */
  get(key: Uint8Array): StoredEntry | null {
    const id = this.keys.find(probe.take(key, 0, key.length));
    return id === -1 ? null : this.entry(id);
  }

  entry(id: number): StoredEntry | null {
    return this.isLive(id) ? this.#located(id) : null;
  }

  /** As `entry`, of a deleted key too: its tombstone. The value of one has no length. */
  last(id: number): StoredEntry {
    this.keys.locate(id);
    return this.#located(id);
  }

  /** What is known of the key whose slot was met last. */
  #located(id: number): StoredEntry {
    const { keys } = this;
    const valueLength = lengthIn(keys.slots, keys.slotAt);
    return {
      version: this.#version(id),
      timestampMs: this.#timestampMs(id),
      location: this.#locationIn(keys.slots, keys.slotAt),
      valueLength: valueLength === DELETED ? 0 : valueLength,
    };
  }

  isLive(id: number): boolean {
    this.keys.locate(id);
    return lengthIn(this.keys.slots, this.keys.slotAt) !== DELETED;
  }

  /** Every operation has moved: `move` answers where what was at a location is now. */
  relocate(move: (location: number) => number): void {
    this.keys.eachSlot((slots, slotAt) => {
      this.#setLocation(slots, slotAt, move(this.#locationIn(slots, slotAt)), lengthIn(slots, slotAt));
    });
  }

  /** The operation of this key at `from` is at `to` now, if it is still the key's. */
  relocateOne(key: KeyProbe, from: number, to: number): void {
    if (this.keys.find(key) === -1) return;
    const { slots, slotAt } = this.keys;
    if (this.#locationIn(slots, slotAt) === from) this.#setLocation(slots, slotAt, to, lengthIn(slots, slotAt));
  }

  #version(id: number): number {
    const upper = this.#upperOf(id) >>> UPPER_VERSION_SHIFT;
    const lower = (this.keys.segment(id)[this.keys.at(id) + VERSION] as number) >>> 0;
    return (upper === WIDE ? this.#wide.get(id)?.version : undefined) ?? lower + upper * TWO_TO_32;
  }

  #timestampMs(id: number): number {
    const upper = this.#upperOf(id);
    const lower = (this.keys.segment(id)[this.keys.at(id) + TIMESTAMP] as number) >>> 0;
    const wide = upper >>> UPPER_VERSION_SHIFT === WIDE ? this.#wide.get(id) : undefined;
    return wide?.timestampMs ?? lower + ((upper >>> UPPER_TIMESTAMP_SHIFT) & UPPER_MASK) * TWO_TO_32;
  }

  /** Leaves the bits of the location to `#setLocation`. */
  #setVersion(id: number, version: number, timestampMs: number): void {
    const isWide = version >= WIDE_VERSION_FROM || timestampMs >= WIDE_TIMESTAMP_FROM;
    if (isWide) this.#wide.set(id, { version, timestampMs });
    else if (this.#wide.size > 0) this.#wide.delete(id);
    const segment = this.keys.segment(id);
    const at = this.keys.at(id);
    segment[at + VERSION] = version;
    segment[at + TIMESTAMP] = timestampMs;
    segment[at + UPPER] = isWide
      ? WIDE << UPPER_VERSION_SHIFT
      : (Math.floor(version / TWO_TO_32) << UPPER_VERSION_SHIFT) |
        (Math.floor(timestampMs / TWO_TO_32) << UPPER_TIMESTAMP_SHIFT);
  }

  #locationIn(slots: Int32Array, slotAt: number): number {
    const upper = (slots[slotAt + LENGTH] as number) >>> LENGTH_BITS;
    const near = ((slots[slotAt + LOCATION] as number) >>> 0) + upper * TWO_TO_32;
    if (!this.#isFar) return near;
    return near + (this.#upperOf(slots[slotAt + SLOT_ID] as number) & UPPER_LOCATION_MASK) * FAR_FROM;
  }

  #setLocation(slots: Int32Array, slotAt: number, location: number, length: number): void {
    slots[slotAt + LOCATION] = location;
    slots[slotAt + LENGTH] = ((location / TWO_TO_32) << LENGTH_BITS) | length;
    const far = Math.floor(location / FAR_FROM);
    if (far > 0) this.#isFar = true;
    if (!this.#isFar) return;
    const id = slots[slotAt + SLOT_ID] as number;
    this.keys.segment(id)[this.keys.at(id) + UPPER] = (this.#upperOf(id) & ~UPPER_LOCATION_MASK) | far;
  }

  #upperOf(id: number): number {
    return this.keys.segment(id)[this.keys.at(id) + UPPER] as number;
  }
}

function lengthIn(slots: Int32Array, slotAt: number): number {
  return (slots[slotAt + LENGTH] as number) & LENGTH_MASK;
}
