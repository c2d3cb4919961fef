import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { KeyProbe } from "../store/key-probe.js";
import { MemoryValues } from "./memory-values.js";

const KIB = 1024;

function bytesOf(seed: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (seed * 31 + i * 7) & 0xff);
}

/** Values by sequence, which follow their operations when those move. */
class Followed {
  readonly held = new Map<number, { key: Uint8Array; value: Uint8Array; location: number }>();
  readonly values: MemoryValues;
  readonly #probe = new KeyProbe();
  movedCount = 0;

  constructor(segmentWords?: number) {
    this.values = new MemoryValues((key, sequence, from, to) => {
      const held = this.held.get(sequence);
      if (held === undefined) throw new Error(`${sequence} moved, which is not held`);
      expect([from, key.length, key.isAtByte(held.key, 0)]).toEqual([held.location, held.key.length, true]);
      held.location = to;
      this.movedCount += 1;
    }, segmentWords);
  }

  add(sequence: number, key: Uint8Array, value: Uint8Array): void {
    // While it is added, others may move.
    const location = this.values.add(sequence, key, value);
    this.held.set(sequence, { key, value, location });
  }

  release(sequence: number): void {
    const location = this.held.get(sequence)?.location as number;
    this.held.delete(sequence);
    this.values.release(location);
    this.values.release(location);
  }

  read(sequence: number) {
    const { key, value, location } = this.held.get(sequence) as NonNullable<ReturnType<typeof this.held.get>>;
    return this.values.readOf(this.#probe.take(key, 0, key.length), location, value.length);
  }

  check(): void {
    expect(this.values.size).toBe(this.held.size);
    for (const [sequence, { key, value, location }] of this.held) {
      const read = this.read(sequence)?.toBytes() ?? new Uint8Array(0);
      expect(Buffer.compare(read, value), `value of ${sequence}`).toBe(0);
      const other = this.#probe.take(Uint8Array.of(...key, 1), 0, key.length + 1);
      expect(this.values.readOf(other, location, value.length)).toBeNull();
    }
  }
}

describe("values in memory", () => {
  test("hold what was put, whatever else is put and let go, and a value that was read never changes", () => {
    const length = fc.oneof(fc.nat(20), fc.nat(300), fc.constantFrom(2047, 2048, 2049, 5000));
    const keyLength = fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 1, max: 9 }) }, fc.constantFrom(2000, 5000));
    const step = fc.record({
      length,
      keyLength,
      remove: fc.option(fc.nat(), { nil: undefined, freq: 2 }),
      isRead: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 300 }), (steps) => {
        const followed = new Followed(2 ** 12);
        const read: { value: { toBytes(): Uint8Array } | null; bytes: Uint8Array }[] = [];
        for (const [i, { length, keyLength, remove, isRead }] of steps.entries()) {
          const value = bytesOf(i, length);
          followed.add(i + 1, bytesOf(i + 77, keyLength), value);
          if (isRead) read.push({ value: followed.read(i + 1), bytes: value });
          const sequences = [...followed.held.keys()];
          const gone = remove === undefined ? undefined : sequences[remove % sequences.length];
          if (gone !== undefined) followed.release(gone);
        }
        followed.check();
        for (const { value, bytes } of read)
          expect(Buffer.compare(value?.toBytes() ?? new Uint8Array(0), bytes)).toBe(0);
      }),
    );
  });

  test("what is let go does not stay: memory is at most twice what is needed", () => {
    const followed = new Followed();
    const held: number[] = [];
    let random = 12345;
    const key = bytesOf(1, 8);
    // One in a hundred stays for good: the worst for segments that go as a whole.
    for (let sequence = 1; sequence <= 400_000; sequence += 1) {
      followed.add(sequence, key, bytesOf(sequence, 84));
      if (sequence % 100 === 0) held.push(sequence);
      else followed.release(sequence);
    }
    const needed = held.length * 104;
    expect(followed.values.segmentBytes).toBeLessThanOrEqual(2 * needed + 2 * 256 * KIB);
    // And let go in an order of its own.
    while (held.length > 1_000) {
      random = (random * 1_103_515_245 + 12_345) % 2 ** 31;
      const [gone] = held.splice(random % held.length, 1);
      followed.release(gone as number);
    }
    expect(followed.values.segmentBytes).toBeLessThanOrEqual(2 * 256 * KIB);
    expect(followed.movedCount).toBeGreaterThan(1_000);
    followed.check();
    for (const sequence of held) followed.release(sequence);
    expect([followed.values.size, followed.values.segmentBytes]).toEqual([0, 256 * KIB]);
  });

  test("large values have memory of their own, which goes with them", () => {
    const followed = new Followed();
    const sizes = [0, 100, 32 * KIB, 40 * KIB, 300 * KIB, 3 * 1024 * KIB];
    for (const [i, size] of sizes.entries()) followed.add(i + 1, bytesOf(i, 1 + i), bytesOf(i, size));
    followed.check();
    for (const [i] of sizes.entries()) followed.release(i + 1);
    expect([followed.values.size, followed.values.segmentBytes]).toEqual([0, 256 * KIB]);
  });

  test("sequences beyond 32 bits are told as they are when their operations move", () => {
    const followed = new Followed(2 ** 12);
    const far = 2 ** 42 + 5;
    followed.add(far, bytesOf(1, 3), bytesOf(2, 10));
    for (let sequence = 1; sequence <= 200; sequence += 1) {
      followed.add(sequence, bytesOf(3, 3), bytesOf(4, 1000));
      followed.release(sequence);
    }
    expect(followed.movedCount).toBeGreaterThan(0);
    followed.check();
  });
});
