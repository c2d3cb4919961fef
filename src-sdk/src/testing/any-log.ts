/** Logs of whatever may be in one, and damage of every kind, from a seed. */
import type { Random } from "./random.js";
import { referenceFnv1aFast, SAMPLE_EPOCH_MS } from "./sample-log.js";

/** Numbers that stand out, of 64 bits. */
const ODD_NUMBERS = [1n, 2n ** 32n, 0xffffn << 32n, 2n ** 48n, 2n ** 53n - 1n, 2n ** 53n + 1n, 2n ** 63n - 1n];

function record(type: number, sequence: bigint, timestampMs: bigint, payload: Buffer): Buffer {
  const bytes = Buffer.alloc(34 + payload.length);
  bytes.write("1LAW", 0, "latin1");
  bytes.writeUInt32LE(1, 4);
  bytes.writeBigUInt64LE(sequence, 8);
  bytes.writeUInt8(type, 16);
  bytes.writeUInt8(1, 17);
  bytes.writeBigInt64LE(timestampMs, 18);
  bytes.writeUInt32LE(payload.length, 26);
  payload.copy(bytes, 30);
  bytes.writeUInt32LE(referenceFnv1aFast(payload), 30 + payload.length);
  return bytes;
}

function operation(type: number, key: Buffer, value: Buffer, timestampMs: bigint): Buffer {
  const payload = Buffer.alloc(18 + key.length + value.length);
  payload.writeUInt8(1, 0);
  payload.writeUInt8(type, 1);
  payload.writeUInt32LE(key.length, 2);
  key.copy(payload, 6);
  payload.writeUInt32LE(value.length, 6 + key.length);
  value.copy(payload, 10 + key.length);
  payload.writeBigInt64LE(timestampMs, 10 + key.length + value.length);
  return payload;
}

export interface AnyLogOptions {
  /** How many keys the operations are about; a few unless told. */
  readonly keys?: number;
  /** How often something out of the ordinary happens; now and then unless told. */
  readonly oddness?: number;
  /** Bytes that keys may have more than a few; 0 unless told. */
  readonly longKeyBytes?: number;
}

/** Puts and deletes, mostly in order, with gaps, repetitions, marks, payloads of no known kind and odd numbers between them. */
export function anyLog(random: Random, records: number, options: AnyLogOptions = {}): Buffer {
  const { keys = 1 + random.below(60), oddness = random.pick([0, 0.01, 0.2]), longKeyBytes = 0 } = options;
  const parts: Buffer[] = [];
  let sequence = 1n + BigInt(random.below(1000));
  let timeMs = BigInt(SAMPLE_EPOCH_MS);
  const odd = (number: bigint) => (random.chance(oddness) ? random.pick(ODD_NUMBERS) : number);
  for (let i = 0; i < records; i += 1) {
    sequence += random.chance(oddness) ? BigInt(random.below(6)) : 1n;
    if (random.chance(oddness) && sequence > 50n) sequence -= BigInt(random.below(50));
    timeMs += BigInt(random.below(3)) - (random.chance(oddness) ? 5_000n : 0n);
    if (random.chance(oddness)) {
      parts.push(record(random.pick([1, 2, 3, 4, 5, 5]), odd(sequence), odd(timeMs), anyPayload(random, sequence)));
      continue;
    }
    const number = random.below(keys);
    const length = longKeyBytes > 0 && number % 50 === 0 ? longKeyBytes : number % 9;
    const key = Buffer.from(`${number}${"/".repeat(length)}`);
    const isDelete = random.chance(0.1);
    const value = Buffer.alloc(isDelete ? 0 : random.below(random.chance(oddness) ? 3000 : 60), i);
    const payload = operation(isDelete ? 2 : 1, key, value, odd(timeMs));
    parts.push(record(random.chance(0.3) ? 2 : 1, odd(sequence), timeMs, payload));
  }
  return Buffer.concat(parts);
}

/** Our own records, empty ones, and operations that are not quite one. */
function anyPayload(random: Random, sequence: bigint): Buffer {
  const payload = operation(random.below(4), Buffer.from("k"), Buffer.from("v"), BigInt(random.below(3)) - 1n);
  if (random.chance(0.3)) payload.writeUInt32LE(random.pick([0, 2, 2 ** 20, 2 ** 20 + 1, 2 ** 32 - 1]), 2);
  const numbering = Buffer.alloc(14);
  numbering.writeUInt8(0xa3, 0);
  numbering.writeUInt8(1, 1);
  numbering.writeBigUInt64LE(sequence + 1n, 2);
  numbering.writeUInt32LE(2, 10);
  const mark = Buffer.alloc(22);
  mark.writeUInt8(random.pick([0xa1, 0xa2]), 0);
  mark.writeUInt8(1, 1);
  mark.writeUInt32LE(1, 6);
  mark.writeBigUInt64LE(sequence, 10);
  mark.writeUInt32LE(1, 18);
  return random.pick([payload, payload, numbering, mark, Buffer.from("of no known kind"), Buffer.from("x")]);
}

const HEADER_FIELDS = [0, 4, 8, 16, 17, 18, 25, 26, 28, 29];

/** A copy with a few bytes changed, a part missing, zeros in it, or its end cut off. */
export function damaged(random: Random, log: Buffer): Buffer {
  const bytes = Buffer.from(log);
  const at = random.below(bytes.length);
  switch (random.below(6)) {
    case 0:
      bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << random.below(8)), at);
      return bytes;
    case 1:
      return bytes.subarray(0, at);
    case 2:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.min(bytes.length, at + 1 + random.below(200)))]);
    case 3:
      return bytes.fill(0, at, Math.min(bytes.length, at + 1 + random.below(2000)));
    default: {
      const header = headerBehind(bytes, at);
      const field = header + random.pick(HEADER_FIELDS);
      if (random.chance(0.3)) bytes.fill(0, header + 8, header + 16);
      else bytes.writeUInt8(random.pick([0, 1, 5, 128, 255]), field);
      return bytes;
    }
  }
}

/** Where a record begins at `at` or behind it, or the first. */
function headerBehind(bytes: Buffer, at: number): number {
  return Math.max(0, bytes.indexOf("1LAW", at, "latin1"));
}
