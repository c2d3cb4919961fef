/** Logs for tests, encoded here and not by the writer under test: a reader checked against its own writer proves little. */

export interface SampleOperation {
  readonly kind: "put" | "delete";
  readonly key: string | Uint8Array;
  readonly value?: string | Uint8Array;
  readonly timestampMs: number;
}

export interface SampleRecord {
  readonly sequence: number;
  readonly type?: number;
  readonly status?: number;
  readonly timestampMs?: number;
  readonly operation?: SampleOperation;
  readonly payload?: Uint8Array;
}

/** 2026-01-01T00:00:00Z: all sample times start here. */
export const SAMPLE_EPOCH_MS = 1_767_225_600_000;

const utf8 = (text: string | Uint8Array) => (typeof text === "string" ? Buffer.from(text, "utf8") : Buffer.from(text));

export function referenceFnv1a(bytes: Uint8Array): number {
  let hash = 2166136261n;
  for (const byte of bytes) hash = ((hash ^ BigInt(byte)) * 16777619n) & 0xffffffffn;
  return Number(hash);
}

export function encodeSampleOperation(operation: SampleOperation): Buffer {
  const key = utf8(operation.key);
  const value = utf8(operation.value ?? "");
  const head = Buffer.alloc(6);
  head.writeUInt8(1, 0);
  head.writeUInt8(operation.kind === "put" ? 1 : 2, 1);
  head.writeUInt32LE(key.length, 2);
  const valueLength = Buffer.alloc(4);
  valueLength.writeUInt32LE(value.length);
  const time = Buffer.alloc(8);
  time.writeBigInt64LE(BigInt(operation.timestampMs));
  return Buffer.concat([head, key, valueLength, value, time]);
}

export function encodeSampleRecord(record: SampleRecord): Buffer {
  const payload = Buffer.from(
    record.payload ?? (record.operation ? encodeSampleOperation(record.operation) : new Uint8Array()),
  );
  const header = Buffer.alloc(30);
  header.write("1LAW", 0, "latin1");
  header.writeUInt32LE(1, 4);
  header.writeBigUInt64LE(BigInt(record.sequence), 8);
  header.writeUInt8(record.type ?? 1, 16);
  header.writeUInt8(record.status ?? 1, 17);
  header.writeBigInt64LE(BigInt(record.timestampMs ?? SAMPLE_EPOCH_MS + record.sequence * 1000), 18);
  header.writeUInt32LE(payload.length, 26);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32LE(referenceFnv1a(payload));
  return Buffer.concat([header, payload, checksum]);
}

export interface SampleLog {
  readonly bytes: Buffer;
  readonly records: readonly SampleRecord[];
  /** Where each record starts, and the end of the last. */
  readonly offsets: readonly number[];
}

export function sampleLog(records: readonly SampleRecord[]): SampleLog {
  const parts = records.map(encodeSampleRecord);
  const offsets = [0];
  for (const part of parts) offsets.push((offsets.at(-1) as number) + part.length);
  return { bytes: Buffer.concat(parts), records, offsets };
}

/** `count` operations as a small application would write them: puts, overwrites, deletes, empty and binary values. */
export function sampleOperations(count: number): SampleRecord[] {
  return Array.from({ length: count }, (_, i): SampleRecord => {
    const sequence = i + 1;
    const timestampMs = SAMPLE_EPOCH_MS + sequence * 1000;
    const key = i % 7 === 6 ? Uint8Array.of(0xff, i, 0) : `k${i % 5}/${"n".repeat(i % 4)}`;
    if (i % 6 === 5) return { sequence, operation: { kind: "delete", key, timestampMs } };
    const value = i % 4 === 3 ? new Uint8Array() : i % 3 === 2 ? Uint8Array.of(0, 255, i) : `value ${i}`;
    return { sequence, operation: { kind: "put", key, value, timestampMs } };
  });
}

/** As {@link referenceFnv1a}, in 16-bit halves instead of big integers: for tests that read many logs. */
export function referenceFnv1aFast(bytes: Uint8Array): number {
  let low = 2166136261 & 0xffff;
  let high = 2166136261 >>> 16;
  for (const byte of bytes) {
    low ^= byte;
    // 16777619 is 0x0100_0193: the product modulo 2^32, by halves.
    const product = low * 0x0193;
    high = (high * 0x0193 + low * 0x0100 + (product >>> 16)) & 0xffff;
    low = product & 0xffff;
  }
  return (high * 0x1_0000 + low) >>> 0;
}
