/**
 * Applies operations to the tables of a store while its log is read: key-entries.ts, entry-arena.ts and store-index.ts in
 * src-sdk/src/store and src-sdk/src/sync/operation-rows.ts own the tables, say what is in them, and do whatever is not done here. A record
 * for which anything is out of the ordinary is left to them before anything of it is written.
 */
import {
  AT,
  BATCH_RECORDS,
  KEY_AT,
  KEY_HASH,
  KEY_LENGTH,
  OPERATION,
  PAYLOAD_SIZE,
  lastWord,
  VALUE_LENGTH,
  WINDOW,
} from "./records";

// ---- what the owners lend for one call, and take back: 32-bit words, or pairs of them for 64 bits

export const STATE: u32 = 16384;
const KEYS = STATE;
const LIVE_KEYS = STATE + 4;
/** Where the next entry goes, and where the segment ends that takes it: ids, in words. */
const ENTRIES_AT = STATE + 8;
const ENTRIES_END = STATE + 12;
const OPERATIONS = STATE + 20;
const OPERATIONS_MAX = STATE + 24;
/** The segment of rows that the next operation goes to. */
const OPERATION_ROWS = STATE + 28;
const LAST_SEQUENCE = STATE + 32;
const LOCATION_BASE = STATE + 40;
const TIME_BASE = STATE + 48;
/** Runs that began: their number, then the operation and the sequence of each. */
const RUNS = STATE + 56;
export const RUN_SLOT: u32 = STATE + 64;
export const RUN_SEQUENCE: u32 = RUN_SLOT + BATCH_RECORDS * 4;

// ---- tables that lie here for good

/** Of each part of the hash table: where its slots are, how many, how many are used, and how many may be. */
export const PARTS: u32 = 22528;
const PART_BITS: u32 = 6;
const LOWER_BITS: u32 = 32 - PART_BITS;
const LOWER_MASK: u32 = (1 << LOWER_BITS) - 1;
/** Where each segment of entries is; 0 for one that is not in this memory. There are no more in four gigabytes. */
export const SEGMENTS: u32 = 24576;
export const SEGMENTS_MAX: u32 = 2048;
const SEGMENT_BITS: u32 = 19;
const SEGMENT_MASK: u32 = (1 << SEGMENT_BITS) - 1;
/** Of operations: a segment holds so many rows. */
const ROW_SEGMENT_MASK: u32 = (1 << 14) - 1;

/** Words of a slot; an empty one has no id. */
const SLOT_HASH: u32 = 0;
const SLOT_ID: u32 = 4;
const SLOT_LOCATION: u32 = 8;
/** The length of the value, and upper bits of the location. */
const SLOT_LENGTH: u32 = 12;
const SLOT_BYTES: u32 = 16;
const GROUP_SLOTS: u32 = 4;
const GROUP_BYTES: u32 = GROUP_SLOTS * SLOT_BYTES;
const LAST_OF_GROUP: u32 = GROUP_BYTES - SLOT_BYTES;
/** Of the processor's cache. */
const LINE_BYTES: u32 = 64;
const LENGTH_BITS: u32 = 26;
const DELETED: u32 = (1 << LENGTH_BITS) - 1;
const FAR_SHIFT: u32 = 38;

/** Words of an entry; the key follows. */
const KEY_BYTES: u32 = 0;
const VERSION: u32 = 4;
const TIMESTAMP: u32 = 8;
/** Upper bits of version, time and location. */
const UPPER: u32 = 12;
const HEAD_BYTES: u32 = 16;
const UPPER_TIMESTAMP_SHIFT: u32 = 10;
const UPPER_VERSION_SHIFT: u32 = 21;
/** Versions and times from here on have no room in an entry. */
const WIDE_VERSION_FROM: u64 = 0x7ff00000000;
const WIDE_TIMESTAMP_FROM: u64 = 0x80000000000;

const SEQUENCE_MAX: u64 = 0x1fffffffffffff;
const DELTA_MAX: u64 = 0xfffffffe;
const DELETE_BIT: u32 = 8;
const LENGTH_SHIFT: u32 = 4;
const DELETE: u32 = 2;

// ---- looking for many keys at once

/** So many keys are looked for at once: more than the processor can wait for, and not more than it has addresses of pages at hand. */
const FETCHED: u32 = 64;
/** By record, for `fetch`: where it looks next. */
const PLACE: u32 = RUN_SEQUENCE + BATCH_RECORDS * 8;
const SUM: u32 = PLACE + BATCH_RECORDS * 4;

/**
 * Reads what `apply` will read of the records `[from, to)`, and does nothing with it: each step of a search waits for
 * the memory, and here those of many keys wait side by side. The loops that wait do nothing else, so that as many as
 * the processor can remember wait at once. What they come to is only kept so that no compiler leaves them out.
 */
function fetch(from: u32, to: u32): void {
  const last = to << 2;
  for (let i = from << 2; i < last; i += 4) {
    const hash = load<u32>(KEY_HASH + i);
    const part = PARTS + ((hash >>> LOWER_BITS) << 4);
    // A part that is elsewhere is read by its owner.
    store<u32>(PLACE + i, load<u32>(part) == 0 ? 0 : firstSlot(part, hash));
  }
  let sum: u32 = 0;
  for (let i = from << 2; i < last; i += 4) sum += load<u32>(load<u32>(PLACE + i));
  // A group that is full has led searches on to the next.
  for (let i = from << 2; i < last; i += 4) {
    const group = load<u32>(PLACE + i);
    sum += load<u32>(group + u32(load<u32>(group, LAST_OF_GROUP + SLOT_ID) != 0) * GROUP_BYTES);
  }
  for (let i = from << 2; i < last; i += 4) {
    store<u32>(PLACE + i, entryAt(idIn(load<u32>(PLACE + i), load<u32>(KEY_HASH + i))));
  }
  for (let i = from << 2; i < last; i += 4) {
    const entry = load<u32>(PLACE + i);
    sum += load<u32>(entry) + load<u32>(entry, LINE_BYTES - 4);
  }
  store<u32>(SUM, sum);
}

/** The id of the slot with this hash in a group, or 0, or sometimes another: it is only a guess. */
@inline
function idIn(group: u32, hash: u32): u32 {
  let id: u32 = 0;
  for (let slot: u32 = 0; slot < GROUP_BYTES; slot += SLOT_BYTES) {
    id |= load<u32>(group + slot, SLOT_ID) & (0 - u32(load<u32>(group + slot, SLOT_HASH) == hash));
  }
  return id;
}

/** Of the first slot to look at, among so many: the first of a group. */
@inline
function slotNumber(hash: u32, count: u32): u32 {
  return <u32>((<u64>(hash & LOWER_MASK) * count) >> LOWER_BITS) & ~(GROUP_SLOTS - 1);
}

@inline
function firstSlot(part: u32, hash: u32): u32 {
  return load<u32>(part) + slotNumber(hash, load<u32>(part, 4)) * SLOT_BYTES;
}

/** Where the entry with this id is, or 0. */
@inline
function entryAt(id: u32): u32 {
  const number = id >>> SEGMENT_BITS;
  if (number >= SEGMENTS_MAX) return 0;
  const segment = load<u32>(SEGMENTS + (number << 2));
  return segment == 0 ? 0 : segment + ((id & SEGMENT_MASK) << 2);
}

// ---- applying

/** Applies the records `[from, to)`, all of them operations; answers the first that is left to the owners, or `to`. */
export function apply(from: u32, to: u32, windowOffset: f64): u32 {
  store<u32>(RUNS, 0);
  // Less than 0 where the window begins in front of the file.
  const offset = <u64>(<i64>windowOffset);
  for (let next = from; next < to; next += FETCHED) {
    const end = min(next + FETCHED, to);
    fetch(next, end);
    for (let i = next; i < end; i++) if (!applyOne(i << 2, offset)) return i;
  }
  return to;
}

function applyOne(column: u32, windowOffset: u64): bool {
  const at = WINDOW + load<u32>(AT + column);
  const sequence = load<u64>(at, 8);
  const timestamp = load<u64>(at + load<u32>(PAYLOAD_SIZE + column), 22);
  if (sequence >= WIDE_VERSION_FROM || timestamp >= WIDE_TIMESTAMP_FROM) return false;
  const keyLength = load<u32>(KEY_LENGTH + column);
  const keyAt = load<u32>(KEY_AT + column);
  const location = windowOffset + keyAt;
  if (!fitsOperation(sequence, timestamp, location)) return false;

  const hash = load<u32>(KEY_HASH + column);
  const part = PARTS + ((hash >>> LOWER_BITS) << 4);
  if (load<u32>(part) == 0 || load<u32>(part, 8) >= load<u32>(part, 12)) return false;
  const slot = slotOf(part, hash, WINDOW + keyAt, keyLength);
  if (slot == 0) return false;
  let id = load<u32>(slot, SLOT_ID);
  const isNew = id == 0;
  if (isNew) {
    id = append(WINDOW + keyAt, keyLength);
    if (id == 0) return false;
    store<u32>(slot, hash, SLOT_HASH);
    store<u32>(slot, id, SLOT_ID);
    store<u32>(part, load<u32>(part, 8) + 1, 8);
    store<u32>(KEYS, load<u32>(KEYS) + 1);
  }
  const isDelete = load<u32>(OPERATION + column) == DELETE;
  const length = load<u32>(VALUE_LENGTH + column);
  const wasLive = !isNew && (load<u32>(slot, SLOT_LENGTH) & DELETED) != DELETED;
  store<u32>(LIVE_KEYS, load<u32>(LIVE_KEYS) + u32(!isDelete) - u32(wasLive));
  store<u32>(slot, <u32>location, SLOT_LOCATION);
  store<u32>(slot, (<u32>(location >> 32) << LENGTH_BITS) | (isDelete ? DELETED : length), SLOT_LENGTH);
  const entry = entryAt(id);
  store<u32>(entry, <u32>sequence, VERSION);
  store<u32>(entry, <u32>timestamp, TIMESTAMP);
  const upper = (<u32>(sequence >> 32) << UPPER_VERSION_SHIFT) | (<u32>(timestamp >> 32) << UPPER_TIMESTAMP_SHIFT);
  store<u32>(entry, upper | <u32>(location >> FAR_SHIFT), UPPER);
  push(id, (length << LENGTH_SHIFT) | (isDelete ? DELETE_BIT : 0), sequence, timestamp, location);
  return true;
}

/** The slot of the key, or the empty one where it would go; 0 when that cannot be told here. */
function slotOf(part: u32, hash: u32, key: u32, length: u32): u32 {
  const slots = load<u32>(part);
  const end = slots + load<u32>(part, 4) * SLOT_BYTES;
  const hashes = i32x4.splat(hash);
  let group = firstSlot(part, hash);
  while (true) {
    // Hash and id of two slots each, then those of all four.
    const former = v128.shuffle<i64>(v128.load(group), v128.load(group, SLOT_BYTES), 0, 2);
    const latter = v128.shuffle<i64>(v128.load(group, 2 * SLOT_BYTES), v128.load(group, 3 * SLOT_BYTES), 0, 2);
    let same = i32x4.bitmask(i32x4.eq(v128.shuffle<i32>(former, latter, 0, 2, 4, 6), hashes));
    for (; same != 0; same &= same - 1) {
      const slot = group + <u32>ctz(same) * SLOT_BYTES;
      const id = load<u32>(slot, SLOT_ID);
      // An empty one can look the same.
      if (id == 0) break;
      const entry = entryAt(id);
      if (entry == 0) return 0;
      if (load<u32>(entry, KEY_BYTES) == length && isEqual(entry + HEAD_BYTES, key, length)) return slot;
    }
    // Slots are filled one behind the other and never emptied.
    const empty = i32x4.bitmask(i32x4.eq(v128.shuffle<i32>(former, latter, 1, 3, 5, 7), i32x4.splat(0)));
    if (empty != 0) return group + <u32>ctz(empty) * SLOT_BYTES;
    group += GROUP_BYTES;
    if (group == end) group = slots;
  }
}

function isEqual(a: u32, b: u32, length: u32): bool {
  let i: u32 = 0;
  for (; i + 8 <= length; i += 8) if (load<u64>(a + i) != load<u64>(b + i)) return false;
  for (; i < length; i++) if (load<u8>(a + i) != load<u8>(b + i)) return false;
  return true;
}

/** Puts an entry with this key behind all others and answers its id; 0 when there is no room. */
function append(key: u32, length: u32): u32 {
  const id = load<u32>(ENTRIES_AT);
  const whole = length & ~3;
  const rest = length & 3;
  const end = id + ((HEAD_BYTES + whole) >> 2) + u32(rest != 0);
  if (end > load<u32>(ENTRIES_END)) return 0;
  const entry = entryAt(id);
  if (entry == 0) return 0;
  store<u32>(entry, length, KEY_BYTES);
  const to = entry + HEAD_BYTES;
  for (let i: u32 = 0; i < whole; i += 4) store<u32>(to + i, load<u32>(key + i));
  if (rest != 0) store<u32>(to + whole, lastWord(key + length, rest));
  store<u32>(ENTRIES_AT, end);
  return id;
}

// ---- the outbox

function fitsOperation(sequence: u64, timestamp: u64, location: u64): bool {
  if (load<u32>(OPERATIONS) >= load<u32>(OPERATIONS_MAX)) return false;
  if (sequence <= load<u64>(LAST_SEQUENCE) || sequence > SEQUENCE_MAX) return false;
  const locationBase = load<u64>(LOCATION_BASE);
  const timeBase = load<u64>(TIME_BASE);
  if (location < locationBase || location - locationBase > DELTA_MAX) return false;
  return timestamp >= timeBase && timestamp - timeBase <= DELTA_MAX;
}

function push(keyId: u32, rest: u32, sequence: u64, timestamp: u64, location: u64): void {
  const slot = load<u32>(OPERATIONS);
  if (sequence != load<u64>(LAST_SEQUENCE) + 1) {
    const run = load<u32>(RUNS);
    store<u32>(RUN_SLOT + (run << 2), slot);
    store<f64>(RUN_SEQUENCE + (run << 3), <f64>sequence);
    store<u32>(RUNS, run + 1);
  }
  store<u64>(LAST_SEQUENCE, sequence);
  store<u32>(OPERATIONS, slot + 1);
  const row = load<u32>(OPERATION_ROWS) + ((slot & ROW_SEGMENT_MASK) << 4);
  store<u32>(row, keyId);
  store<u32>(row, <u32>(location - load<u64>(LOCATION_BASE)), 4);
  store<u32>(row, <u32>(timestamp - load<u64>(TIME_BASE)), 8);
  store<u32>(row, rest, 12);
}

// ---- a part of the hash table that grows

/** Spreads the slots of a part over more of them; behind them is room. What is at `scratch` is overwritten. */
export function spread(slots: u32, count: u32, newCount: u32, scratch: u32): void {
  const bytes = count * SLOT_BYTES;
  memory.copy(scratch, slots, bytes);
  const end = slots + newCount * SLOT_BYTES;
  // All of them, though the later ones are zero: memory that is read before it is written to is handed out twice.
  memory.fill(slots, 0, end - slots);
  for (let at = scratch; at < scratch + bytes; at += SLOT_BYTES) {
    const entry = load<u32>(at, SLOT_ID);
    if (entry == 0) continue;
    const hash = load<u32>(at, SLOT_HASH);
    let slot = slots + slotNumber(hash, newCount) * SLOT_BYTES;
    while (load<u32>(slot, SLOT_ID) != 0) {
      slot += SLOT_BYTES;
      if (slot == end) slot = slots;
    }
    memory.copy(slot, at, SLOT_BYTES);
  }
}
