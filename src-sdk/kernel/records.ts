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

// ---- checksums: FNV-1a, whose every step waits for the multiplication before it, so eight records go side by side

const LANES: u32 = 8;
const FNV_BASIS: u32 = 0x811c9dc5;
const FNV_PRIME: i32 = 0x01000193;
/** Of each lane a word: the hash, where it reads next, the bytes left of its record, and the record's number. */
const HASH: u32 = 1024;
const POINTER: u32 = HASH + LANES * 4;
const LEFT: u32 = POINTER + LANES * 4;
const RECORD: u32 = LEFT + LANES * 4;
const NONE: u32 = 0xffffffff;

/**
 * The first of `count` records whose checksum is not that of its payload; `count` when there is none. When signing, each
 * is given its checksum, and there is none.
 */
function checksums(count: u32, isSigning: bool): u32 {
  let bad = count;
  let next: u32 = 0;
  let running = LANES;
  for (let lane: u32 = 0; lane < 4 * LANES; lane += 4) {
    store<u32>(LEFT + lane, 0);
    store<u32>(RECORD + lane, NONE);
  }
  // As a record ends, its lane takes the next one; a lane without one goes on over bytes that count for nothing.
  while (true) {
    let steps: u32 = NONE;
    for (let lane: u32 = 0; lane < 4 * LANES; lane += 4) {
      let left = load<u32>(LEFT + lane);
      while (left == 0) {
        const ended = load<u32>(RECORD + lane);
        if (ended != NONE && isSigning) store<u32>(load<u32>(POINTER + lane), load<u32>(HASH + lane));
        else if (ended < bad && load<u32>(load<u32>(POINTER + lane)) != load<u32>(HASH + lane)) bad = ended;
        store<u32>(HASH + lane, FNV_BASIS);
        if (next < count) {
          store<u32>(POINTER + lane, load<u32>(AT + (next << 2)) + HEADER_BYTES);
          store<u32>(RECORD + lane, next);
          left = load<u32>(PAYLOAD_SIZE + (next << 2));
          next++;
        } else {
          store<u32>(POINTER + lane, WINDOW);
          store<u32>(RECORD + lane, NONE);
          left = NONE;
          running--;
        }
        store<u32>(LEFT + lane, left);
      }
      if (left < steps) steps = left;
    }
    if (running == 0) return bad;
    advance(steps);
  }
}

/** Takes this many bytes into every lane. */
function advance(steps: u32): void {
  const prime = i32x4.splat(FNV_PRIME);
  const low = i32x4.splat(255);
  let a = v128.load(HASH);
  let b = v128.load(HASH, 16);
  let p0 = load<u32>(POINTER);
  let p1 = load<u32>(POINTER, 4);
  let p2 = load<u32>(POINTER, 8);
  let p3 = load<u32>(POINTER, 12);
  let p4 = load<u32>(POINTER, 16);
  let p5 = load<u32>(POINTER, 20);
  let p6 = load<u32>(POINTER, 24);
  let p7 = load<u32>(POINTER, 28);
  let left = steps;
  // Four bytes of each lane at a time, one in each quarter of a word, which is shifted down to the next.
  for (; left >= 4; left -= 4) {
    const c = words(p0, p1, p2, p3);
    const d = words(p4, p5, p6, p7);
    a = i32x4.mul(v128.xor(a, v128.and(c, low)), prime);
    b = i32x4.mul(v128.xor(b, v128.and(d, low)), prime);
    a = i32x4.mul(v128.xor(a, v128.and(i32x4.shr_u(c, 8), low)), prime);
    b = i32x4.mul(v128.xor(b, v128.and(i32x4.shr_u(d, 8), low)), prime);
    a = i32x4.mul(v128.xor(a, v128.and(i32x4.shr_u(c, 16), low)), prime);
    b = i32x4.mul(v128.xor(b, v128.and(i32x4.shr_u(d, 16), low)), prime);
    a = i32x4.mul(v128.xor(a, i32x4.shr_u(c, 24)), prime);
    b = i32x4.mul(v128.xor(b, i32x4.shr_u(d, 24)), prime);
    p0 += 4;
    p1 += 4;
    p2 += 4;
    p3 += 4;
    p4 += 4;
    p5 += 4;
    p6 += 4;
    p7 += 4;
  }
  for (; left > 0; left--) {
    a = i32x4.mul(v128.xor(a, v128.and(words(p0++, p1++, p2++, p3++), low)), prime);
    b = i32x4.mul(v128.xor(b, v128.and(words(p4++, p5++, p6++, p7++), low)), prime);
  }
  v128.store(HASH, a);
  v128.store(HASH, b, 16);
  store<u32>(POINTER, p0);
  store<u32>(POINTER, p1, 4);
  store<u32>(POINTER, p2, 8);
  store<u32>(POINTER, p3, 12);
  store<u32>(POINTER, p4, 16);
  store<u32>(POINTER, p5, 20);
  store<u32>(POINTER, p6, 24);
  store<u32>(POINTER, p7, 28);
  // A lane without a record never comes to an end.
  for (let lane: u32 = 0; lane < 4 * LANES; lane += 4) {
    if (load<u32>(RECORD + lane) != NONE) store<u32>(LEFT + lane, load<u32>(LEFT + lane) - steps);
  }
}

/** The words at four places. */
@inline
function words(p0: u32, p1: u32, p2: u32, p3: u32): v128 {
  let four = v128.load32_zero(p0);
  four = v128.load_lane<u32>(p1, four, 1);
  four = v128.load_lane<u32>(p2, four, 2);
  return v128.load_lane<u32>(p3, four, 3);
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
