import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fnv1a, fnv1aOfEach } from "./checksum.js";
import { assembledLanes, scriptLanes } from "./fnv-lanes.js";

const bytes = (text: string) => new TextEncoder().encode(text);

// Vectors published with the FNV specification.
test.each([
  ["", 0x811c9dc5],
  ["a", 0xe40c292c],
  ["foobar", 0xbf9cf968],
])("FNV-1a of %j", (text, expected) => {
  expect(fnv1a(bytes(text), 0, text.length)).toBe(expected);
});

test("continuing over two halves equals one pass, at every split", () => {
  const all = Uint8Array.from({ length: 300 }, (_, i) => (i * 7) & 255);
  const whole = fnv1a(all, 0, all.length);
  for (let split = 0; split <= all.length; split += 1) {
    expect(fnv1a(all, split, all.length, fnv1a(all, 0, split))).toBe(whole);
  }
});

describe.each([
  ["WebAssembly", assembledLanes()],
  ["JavaScript", scriptLanes()],
])("four chains at a time, in %s", (_, lanes) => {
  test("the checksums of many ranges are those of each alone, whatever their number and lengths", () => {
    const all = Uint8Array.from({ length: 20_000 }, (_, i) => (i * 167) >> 3);
    const length = fc.oneof(fc.constant(0), fc.nat(9), fc.nat(300), fc.constant(148), fc.nat(4_000));
    fc.assert(
      fc.property(fc.array(fc.tuple(length, fc.nat(70)), { maxLength: 40 }), (ranges) => {
        let end = 0;
        const starts: number[] = [];
        const lengths: number[] = [];
        for (const [wanted, gap] of ranges) {
          starts.push(Math.min(all.length, end + gap));
          lengths.push(Math.min(wanted, all.length - Math.min(all.length, end + gap)));
          end = (starts.at(-1) ?? 0) + (lengths.at(-1) ?? 0);
        }
        const sums = new Uint32Array(ranges.length);
        const [from, bytes] = [Uint32Array.from(starts), Uint32Array.from(lengths)];
        fnv1aOfEach(all, from, bytes, ranges.length, sums, lanes ?? undefined);
        expect([...sums]).toEqual(starts.map((start, i) => fnv1a(all, start, start + (lengths[i] ?? 0))));
      }),
      { numRuns: 500 },
    );
  });
});

test("WebAssembly is there in Node", () => {
  expect(assembledLanes()).not.toBeNull();
});
