/**
 * Takes whole records off a window of a log: checks their headers and checksums, finds the parts of store operations
 * and hashes their keys. AssemblyScript: TypeScript's grammar with the types of WebAssembly. `npm run kernel`
 * compiles it into src-sdk/src/wal/kernel-module.ts; the same in JavaScript is src-sdk/src/wal/script-taker.ts
 * (docs/decisions/0025).
 */

// ---- the memory: columns of the records that were taken, then the window

/** Records taken with one call: enough to keep the lanes full, few enough to be found in the cache again. */
export const BATCH_RECORDS: u32 = 256;
const WORDS: u32 = BATCH_RECORDS * 4;
/** Where the record begins in the window. */
export const AT: u32 = 4096;
export const PAYLOAD_SIZE: u32 = AT + WORDS;
/** 1 put, 2 delete, 0 for what is not an operation. */
export const OPERATION: u32 = PAYLOAD_SIZE + WORDS;
export const KEY_AT: u32 = OPERATION + WORDS;
export const KEY_LENGTH: u32 = KEY_AT + WORDS;
export const KEY_HASH: u32 = KEY_LENGTH + WORDS;
export const VALUE_LENGTH: u32 = KEY_HASH + WORDS;
/** Numbers of 64 bits, as JavaScript has them. */
export const SEQUENCE: u32 = VALUE_LENGTH + WORDS;
export const TIMESTAMP: u32 = SEQUENCE + 2 * WORDS;
export const WINDOW: u32 = 65536;

// ---- the format (src/wal/format.ts, src/wal/operation.ts)

const MAGIC: u32 = 0x57414c31;
const HEADER_BYTES: u32 = 30;
const CHECKSUM_BYTES: u32 = 4;
const PAYLOAD_BYTES_MAX: u32 = 67108864;
const TYPE_CHECKPOINT: u32 = 4;
const TYPE_MAX: u32 = 5;
const STATUS_MAX: u32 = 3;
const OPERATION_OVERHEAD_BYTES: u32 = 18;
const OPERATION_DELETE: u32 = 2;
const KEY_BYTES_MAX: u32 = 1048576;

// ---- why a call took no more records; the numbers are those of STOPS in src/wal/record-batch.ts

const FULL: u32 = 0;
const MORE: u32 = 1;
const LARGE: u32 = 2;
const CHECKSUM: u32 = 3;
const BAD_MAGIC: u32 = 4;
const BAD_VERSION: u32 = 5;
const BAD_SEQUENCE: u32 = 6;
const BAD_TYPE: u32 = 7;
const BAD_STATUS: u32 = 8;
const BAD_TIMESTAMP: u32 = 9;
const BAD_SIZE: u32 = 10;

/** Why the last call ended. */
export let stop: u32 = FULL;

/** Takes records of up to `longest` bytes from the window's `[from, to)`; answers how many. */
export function take(from: u32, to: u32, longest: u32, seed: u32): u32 {
  const found = hop(WINDOW + from, WINDOW + to, longest);
  const count = checksums(found, false);
  if (count < found) stop = CHECKSUM;
  for (let i: u32 = 0; i < count; i++) describe(i << 2, seed);
  return count;
}

/** Puts checksums behind the payloads of the window's `[0, to)`: records back to back. Answers where the first ends that is none. */
export function sign(to: u32): u32 {
  const end = WINDOW + to;
  let at = WINDOW;
  while (at < end) {
    const found = hop(at, end, to);
    if (found == 0) break;
    checksums(found, true);
    const last = (found - 1) << 2;
    at = load<u32>(AT + last) + HEADER_BYTES + load<u32>(PAYLOAD_SIZE + last) + CHECKSUM_BYTES;
  }
  return at - WINDOW;
}

/** Finds the next whole records. */
function hop(from: u32, to: u32, longest: u32): u32 {
  let at = from;
  for (let i: u32 = 0; i < WORDS; i += 4) {
    const available = to - at;
    if (available < HEADER_BYTES) {
      stop = MORE;
      return i >> 2;
    }
    const fault = headerFault(at);
    if (fault != 0) {
      stop = fault;
      return i >> 2;
    }
    const payloadSize = load<u32>(at, 26);
    const length = HEADER_BYTES + payloadSize + CHECKSUM_BYTES;
    if (length > longest || available < length) {
      stop = length > longest ? LARGE : MORE;
      return i >> 2;
    }
    store<u32>(AT + i, at);
    store<u32>(PAYLOAD_SIZE + i, payloadSize);
    at += length;
  }
  stop = FULL;
  return BATCH_RECORDS;
}

function headerFault(at: u32): u32 {
  if (load<u32>(at) != MAGIC) return BAD_MAGIC;
  if (load<u32>(at, 4) != 1) return BAD_VERSION;
  const payloadSize = load<u32>(at, 26);
  if (payloadSize > PAYLOAD_BYTES_MAX) return BAD_SIZE;
  const type: u32 = load<u8>(at, 16);
  if (type < 1 || type > TYPE_MAX) return BAD_TYPE;
  if (<u32>load<u8>(at, 17) > STATUS_MAX) return BAD_STATUS;
  if (load<u64>(at, 8) == 0) return BAD_SEQUENCE;
  if (load<i64>(at, 18) <= 0) return BAD_TIMESTAMP;
  if (payloadSize == 0 && type < TYPE_CHECKPOINT) return BAD_SIZE;
  return 0;
}

// ---- checksums: FNV-1a, whose every step waits for the multiplication before it, so those of sixteen records go side by side

const LANES: u32 = 16;
const FNV_BASIS: u32 = 0x811c9dc5;
const FNV_PRIME: i32 = 0x01000193;
/** Of each lane a word: the hash, and where it reads next. */
const HASH: u32 = 1024;
const POINTER: u32 = HASH + LANES * 4;

/**
 * The first of `count` records whose checksum is not that of its payload; `count` when there is none. When signing, each
 * is given its checksum, and there is none.
 */
function checksums(count: u32, isSigning: bool): u32 {
  let bad = count;
  // Records of about the same length go together: their lanes end together.
  const order = sortByLength(count);
  for (let first: u32 = 0; first < count; first += LANES) {
    const lanes = min(LANES, count - first);
    begin(order + (first << 2), lanes);
    let done: u32 = 0;
    for (let lane: u32 = 0; lane < lanes; lane++) {
      const column = load<u32>(order + ((first + lane) << 2));
      const length = load<u32>(PAYLOAD_SIZE + column);
      if (length > done) advance(length - done);
      done = length;
      const end = load<u32>(POINTER + (lane << 2));
      const hash = load<u32>(HASH + (lane << 2));
      if (isSigning) store<u32>(end, hash);
      else if (load<u32>(end) != hash) bad = min(bad, column >> 2);
      // It goes on over bytes that count for nothing, of which the window has enough.
      store<u32>(POINTER + (lane << 2), WINDOW);
    }
  }
  return bad;
}

/** Gives each lane its record. Those without one read what counts for nothing. */
function begin(order: u32, lanes: u32): void {
  for (let lane: u32 = 0; lane < LANES; lane++) {
    const at = lane < lanes ? load<u32>(AT + load<u32>(order + (lane << 2))) + HEADER_BYTES : WINDOW;
    store<u32>(POINTER + (lane << 2), at);
    store<u32>(HASH + (lane << 2), FNV_BASIS);
  }
}

/** Takes this many bytes into every lane. */
function advance(steps: u32): void {
  const prime = i32x4.splat(FNV_PRIME);
  const low = i32x4.splat(255);
  let a = v128.load(HASH);
  let b = v128.load(HASH, 16);
  let c = v128.load(HASH, 32);
  let d = v128.load(HASH, 48);
  let i: u32 = 0;
  for (; i + 8 <= steps; i += 8) {
    // Two words of each of two lanes, one lane after the other.
    const a0 = twoWords(0, i);
    const a2 = twoWords(2, i);
    const b0 = twoWords(4, i);
    const b2 = twoWords(6, i);
    const c0 = twoWords(8, i);
    const c2 = twoWords(10, i);
    const d0 = twoWords(12, i);
    const d2 = twoWords(14, i);
    a = word(a, firsts(a0, a2), low, prime);
    b = word(b, firsts(b0, b2), low, prime);
    c = word(c, firsts(c0, c2), low, prime);
    d = word(d, firsts(d0, d2), low, prime);
    a = word(a, seconds(a0, a2), low, prime);
    b = word(b, seconds(b0, b2), low, prime);
    c = word(c, seconds(c0, c2), low, prime);
    d = word(d, seconds(d0, d2), low, prime);
  }
  for (; i + 4 <= steps; i += 4) {
    a = word(a, words(0, i), low, prime);
    b = word(b, words(4, i), low, prime);
    c = word(c, words(8, i), low, prime);
    d = word(d, words(12, i), low, prime);
  }
  for (; i < steps; i++) {
    a = byte(a, words(0, i), low, prime);
    b = byte(b, words(4, i), low, prime);
    c = byte(c, words(8, i), low, prime);
    d = byte(d, words(12, i), low, prime);
  }
  v128.store(HASH, a);
  v128.store(HASH, b, 16);
  v128.store(HASH, c, 32);
  v128.store(HASH, d, 48);
  const by = i32x4.splat(steps);
  for (let at = POINTER; at < POINTER + LANES * 4; at += 16) v128.store(at, i32x4.add(v128.load(at), by));
}

/** Where a lane reads. */
@inline
function placeOf(number: u32, i: u32): u32 {
  return load<u32>(POINTER + (number << 2)) + i;
}

/** The next words of two lanes: both first, then both second. */
@inline
function twoWords(first: u32, i: u32): v128 {
  return v128.shuffle<i32>(v128.load64_zero(placeOf(first, i)), v128.load64_zero(placeOf(first + 1, i)), 0, 4, 1, 5);
}

@inline
function firsts(a: v128, b: v128): v128 {
  return v128.shuffle<i64>(a, b, 0, 2);
}

@inline
function seconds(a: v128, b: v128): v128 {
  return v128.shuffle<i64>(a, b, 1, 3);
}

/** Takes four bytes of each lane, one in each quarter of a word. */
@inline
function word(hash: v128, bytes: v128, low: v128, prime: v128): v128 {
  hash = byte(hash, bytes, low, prime);
  hash = byte(hash, i32x4.shr_u(bytes, 8), low, prime);
  hash = byte(hash, i32x4.shr_u(bytes, 16), low, prime);
  return i32x4.mul(v128.xor(hash, i32x4.shr_u(bytes, 24)), prime);
}

/** Takes the lowest byte. */
@inline
function byte(hash: v128, bytes: v128, low: v128, prime: v128): v128 {
  return i32x4.mul(v128.xor(hash, v128.and(bytes, low)), prime);
}

/** The words that four lanes read. */
@inline
function words(first: u32, i: u32): v128 {
  let four = v128.load32_zero(placeOf(first, i));
  four = v128.load_lane<u32>(placeOf(first + 1, i), four, 1);
  four = v128.load_lane<u32>(placeOf(first + 2, i), four, 2);
  return v128.load_lane<u32>(placeOf(first + 3, i), four, 3);
}

// ---- records by their length

/** The numbers of records, times four, in the order of the lengths of their payloads; and room for sorting them. */
const ORDER: u32 = 2048;
const OTHER_ORDER: u32 = ORDER + WORDS;
/** How many lengths have a digit, then where the next of them goes. */
const DIGITS: u32 = TIMESTAMP + 2 * WORDS;
const DIGIT_BITS: u32 = 8;
const DIGIT_MASK: u32 = (1 << DIGIT_BITS) - 1;

/** Answers where the order is. */
function sortByLength(count: u32): u32 {
  let least: u32 = PAYLOAD_BYTES_MAX;
  let most: u32 = 0;
  for (let column: u32 = 0; column < count << 2; column += 4) {
    const length = load<u32>(PAYLOAD_SIZE + column);
    least = min(least, length);
    most = max(most, length);
    store<u32>(ORDER + column, column);
  }
  let from = ORDER;
  let to = OTHER_ORDER;
  // One digit after the other, the lowest first. Most logs have lengths that differ by one digit or two, or not at all.
  for (let shift: u32 = 0; most > least && (most - least) >>> shift > 0; shift += DIGIT_BITS) {
    sortByDigit(from, to, count, least, shift);
    const sorted = to;
    to = from;
    from = sorted;
  }
  return from;
}

function sortByDigit(from: u32, to: u32, count: u32, least: u32, shift: u32): void {
  const digitsEnd = DIGITS + (4 << DIGIT_BITS);
  memory.fill(DIGITS, 0, 4 << DIGIT_BITS);
  for (let i: u32 = 0; i < count << 2; i += 4) {
    const digit = digitOf(load<u32>(from + i), least, shift);
    store<u32>(digit, load<u32>(digit) + 4);
  }
  let next = to;
  for (let digit = DIGITS; digit < digitsEnd; digit += 4) {
    const bytes = load<u32>(digit);
    store<u32>(digit, next);
    next += bytes;
  }
  for (let i: u32 = 0; i < count << 2; i += 4) {
    const column = load<u32>(from + i);
    const digit = digitOf(column, least, shift);
    const place = load<u32>(digit);
    store<u32>(place, column);
    store<u32>(digit, place + 4);
  }
}

/** Where what is known of a digit is: of the length of the record with this number, times four. */
@inline
function digitOf(column: u32, least: u32, shift: u32): u32 {
  return DIGITS + ((((load<u32>(PAYLOAD_SIZE + column) - least) >>> shift) & DIGIT_MASK) << 2);
}

// ---- operations

/** Completes the columns of a record. `column` is four times its number. */
function describe(column: u32, seed: u32): void {
  const at = load<u32>(AT + column);
  const payloadSize = load<u32>(PAYLOAD_SIZE + column);
  store<u32>(AT + column, at - WINDOW);
  store<f64>(SEQUENCE + (column << 1), <f64>load<u64>(at, 8));
  const operation = operationAt(at + HEADER_BYTES, payloadSize);
  store<u32>(OPERATION + column, operation);
  if (operation == 0) return;
  const keyAt = at + HEADER_BYTES + 6;
  const keyLength = load<u32>(at, HEADER_BYTES + 2);
  store<u32>(KEY_AT + column, keyAt - WINDOW);
  store<u32>(KEY_LENGTH + column, keyLength);
  store<u32>(KEY_HASH + column, hashKey(keyAt, keyLength, seed));
  store<u32>(VALUE_LENGTH + column, load<u32>(keyAt + keyLength));
  store<f64>(TIMESTAMP + (column << 1), <f64>load<i64>(at + HEADER_BYTES + payloadSize - 8));
}

/** Its type, or 0 when the payload is not an operation. */
function operationAt(at: u32, payloadSize: u32): u32 {
  if (payloadSize < OPERATION_OVERHEAD_BYTES + 1 || load<u8>(at) != 1) return 0;
  const type: u32 = load<u8>(at, 1);
  if (type == 0 || type > OPERATION_DELETE) return 0;
  const keyLength = load<u32>(at, 2);
  if (keyLength == 0 || keyLength > KEY_BYTES_MAX || OPERATION_OVERHEAD_BYTES + keyLength > payloadSize) return 0;
  const valueLength = load<u32>(at + 6 + keyLength);
  if (<u64>OPERATION_OVERHEAD_BYTES + keyLength + valueLength != payloadSize) return 0;
  if (type == OPERATION_DELETE && valueLength != 0) return 0;
  return load<i64>(at + payloadSize - 8) <= 0 ? 0 : type;
}

// ---- the hash of src/store/key-hash.ts

@inline
function mix(hash: u32, word: u32): u32 {
  const product = (hash ^ word) * 0x9e3779b1;
  return rotl<u32>(product, product >>> 27);
}

/** The last bytes of a key as a word that is filled up with zeros: `count` of them, 1 to 3, in front of `end`. */
@inline
export function lastWord(end: u32, count: u32): u32 {
  let word: u32 = load<u8>(end - count);
  if (count > 1) word |= <u32>load<u8>(end - count + 1) << 8;
  if (count > 2) word |= <u32>load<u8>(end - 1) << 16;
  return word;
}

function hashKey(at: u32, length: u32, seed: u32): u32 {
  const whole = at + (length & ~3);
  let hash = seed ^ length;
  for (let i = at; i < whole; i += 4) hash = mix(hash, load<u32>(i));
  const rest = length & 3;
  if (rest != 0) hash = mix(hash, lastWord(at + length, rest));
  hash = (hash ^ (hash >>> 16)) * 0x85ebca6b;
  hash = (hash ^ (hash >>> 13)) * 0xc2b2ae35;
  return hash ^ (hash >>> 16);
}
