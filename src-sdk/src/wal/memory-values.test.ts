import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MemoryValues } from "./memory-values.js";

const MIB = 1024 * 1024;

function makeValue(seed: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (seed * 31 + i * 7) & 0xff);
}

describe("values in memory", () => {
  test("hold what was put, whatever else is put and let go, and a value that was read never changes", () => {
    const length = fc.oneof(fc.nat(20), fc.nat(300), fc.constantFrom(2047, 2048, 2049, 5000));
    const step = fc.record({ length, remove: fc.option(fc.nat(), { nil: undefined, freq: 2 }), isRead: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 300 }), (steps) => {
        const values = new MemoryValues(14);
        const model = new Map<number, Uint8Array>();
        const read: { view: Uint8Array; copy: Uint8Array }[] = [];
        for (const [i, { length, remove, isRead }] of steps.entries()) {
          const value = makeValue(i, length);
          values.add(i + 1, value);
          model.set(i + 1, value);
          if (isRead) {
            const view = values.get(i + 1, length) as Uint8Array;
            read.push({ view, copy: new Uint8Array(view) });
          }
          const locations = [...model.keys()];
          const gone = remove === undefined ? undefined : locations[remove % locations.length];
          if (gone === undefined) continue;
          values.delete(gone);
          values.delete(gone);
          model.delete(gone);
        }
        expect(values.size).toBe(model.size);
        for (const [location, value] of model) expect(values.get(location, value.length)).toEqual(value);
        for (let location = 1; location <= steps.length; location += 1) {
          if (!model.has(location)) expect(values.get(location, 1)).toBeUndefined();
        }
        for (const { view, copy } of read) expect(view).toEqual(copy);
      }),
    );
  });

  test("what is let go does not stay: memory is at most twice what is needed", () => {
    const values = new MemoryValues();
    const held: number[] = [];
    let random = 12345;
    // One in a hundred stays for good: the worst for segments that go as a whole.
    for (let location = 1; location <= 400_000; location += 1) {
      values.add(location, makeValue(location, 84));
      if (location % 100 === 0) held.push(location);
      else values.delete(location);
    }
    const needed = held.length * 96;
    expect(values.segmentBytes).toBeLessThanOrEqual(2 * needed + 2 * MIB);
    // And let go in an order of its own.
    while (held.length > 1_000) {
      random = (random * 1_103_515_245 + 12_345) % 2 ** 31;
      const [gone] = held.splice(random % held.length, 1);
      values.delete(gone as number);
    }
    expect(values.segmentBytes).toBeLessThanOrEqual(2 * MIB);
    for (const location of held) expect(values.get(location, 84)).toEqual(makeValue(location, 84));
    for (const location of held) values.delete(location);
    expect([values.size, values.segmentBytes]).toEqual([0, MIB]);
  });

  test("locations beyond 32 bits are places like any other", () => {
    const values = new MemoryValues();
    const far = 2 ** 48 + 5;
    values.add(far, makeValue(1, 10));
    expect(values.get(far, 10)).toEqual(makeValue(1, 10));
    values.delete(far);
    expect(values.get(far, 10)).toBeUndefined();
  });

  test("a value without a place left in segments is held all the same", () => {
    const values = new MemoryValues(14, 2);
    for (let location = 1; location <= 60; location += 1) values.add(location, makeValue(location, 1000));
    for (let location = 2; location <= 60; location += 2) values.delete(location);
    expect(values.size).toBe(30);
    expect(values.segmentBytes).toBe(2 * 2 ** 14);
    for (let location = 1; location <= 60; location += 2)
      expect(values.get(location, 1000)).toEqual(makeValue(location, 1000));
  });
});
