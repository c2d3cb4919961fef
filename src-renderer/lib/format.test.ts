import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { seeded } from "../testing/seed.ts";
import {
  countOf,
  formatAge,
  formatAgo,
  formatBytes,
  formatCount,
  formatDay,
  formatDelta,
  formatOffset,
  formatTime,
  formatWhen,
  formatZone,
  shortBytes,
  timeTooltip,
} from "./format.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Local time, so that the tests mean the same in any zone. */
const at = (day: number, hours: number, minutes: number, seconds = 0, millis = 0) =>
  new Date(2026, 10, day, hours, minutes, seconds, millis).getTime();

afterEach(() => {
  vi.useRealTimers();
});

describe("sizes", () => {
  test.each([
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.0 KB"],
    [1449, "1.4 KB"],
    [9949, "9.9 KB"],
    [9950, "10 KB"],
    [143_686, "144 KB"],
    [999_499, "999 KB"],
    [999_500, "1.0 MB"],
    [1_048_576, "1.0 MB"],
    [999_499_999, "999 MB"],
    [999_500_000, "1.0 GB"],
    [2_147_483_648, "2.1 GB"],
  ])("%i bytes are %s in a column", (bytes, text) => {
    expect(shortBytes(bytes)).toBe(text);
  });

  test("a larger size never reads as a smaller one, and a column never needs more than four characters for the number", () => {
    const unit = { B: 1, KB: 1e3, MB: 1e6, GB: 1e9 };
    const read = (bytes: number) => {
      const [number = "", name = "B"] = shortBytes(bytes).split(" ");
      expect(number.length).toBeLessThanOrEqual(4);
      return Number(number) * (name === "KB" || name === "MB" || name === "GB" ? unit[name] : unit.B);
    };
    const size = fc.double({ min: 0, max: 12, noNaN: true }).map((power) => Math.floor(10 ** power));
    fc.assert(
      fc.property(size, fc.nat(2000), (bytes, more) => {
        expect(read(bytes + more)).toBeGreaterThanOrEqual(read(bytes));
      }),
      seeded,
    );
  });

  test("exact where exactness is asked for", () => {
    expect(formatBytes(143_686)).toBe("143,686 bytes");
    expect(formatBytes(1)).toBe("1 byte");
    expect(countOf(0, "key")).toBe("0 keys");
    expect(countOf(1, "entry", "entries")).toBe("1 entry");
    expect(countOf(2000, "entry", "entries")).toBe("2,000 entries");
  });

  test("a difference says its direction", () => {
    expect([25, -21, 0, -1500].map(formatDelta)).toEqual(["+25 B", "−21 B", "0 B", "−1.5 KB"]);
  });

  test("an offset has five digits at least and never loses one", () => {
    expect(formatOffset(0)).toBe("0x00000");
    expect(formatOffset(0x22e30)).toBe("0x22E30");
    expect(formatOffset(0x1_2345_6789)).toBe("0x123456789");
  });
});

describe("times", () => {
  test("of this year without it, of another with it", () => {
    vi.useFakeTimers({ now: at(23, 0, 0) });
    expect(formatTime(at(22, 9, 14, 2, 118))).toBe("22 Nov 09:14:02.118");
    expect(formatTime(new Date(2025, 0, 3, 0, 0, 0, 7).getTime())).toBe("3 Jan 2025 00:00:00.007");
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, 8.64e15 + 1, -9e18])(
    "a damaged record's time %d is said to be none",
    (ms) => {
      expect(formatTime(ms)).toBe("out of range");
      expect(formatWhen(ms, at(22, 0, 0))).toBe("out of range");
      expect(formatDay(ms, at(22, 0, 0))).toBe("out of range");
      expect(formatZone(ms)).toBe("");
      expect(timeTooltip(ms)).toBe(`${ms} ms`);
    },
  );

  test("the tooltip has the local time with its zone, UTC, and the raw number", () => {
    const ms = at(22, 9, 14, 2, 118);
    const [local, utc, raw] = timeTooltip(ms).split("\n");
    expect(local).toMatch(/^22 Nov( 2026)? 09:14:02\.118 [+−]\d\d:\d\d local$/);
    expect(utc).toBe(`${new Date(ms).toISOString()} UTC`);
    expect(raw).toBe(`${ms} ms since 1970`);
  });

  test("in lists: the clock today, the day within a week, else the date", () => {
    const now = at(22, 12, 0);
    expect(formatWhen(at(22, 9, 14, 2), now)).toBe("09:14:02");
    expect(formatWhen(at(21, 17, 20), now)).toBe("Sat 17:20");
    expect(formatWhen(at(15, 17, 20), now)).toBe("15 Nov");
    expect(formatWhen(new Date(2025, 10, 18).getTime(), now)).toBe("18 Nov 2025");
    expect(formatWhen(at(25, 1, 0), now)).toBe("25 Nov");
  });

  test("recent files say today and yesterday by the calendar, not by hours", () => {
    const now = at(22, 0, 30);
    expect(formatDay(at(22, 0, 10), now)).toBe("Today 00:10");
    expect(formatDay(at(21, 23, 50), now)).toBe("Yesterday 23:50");
    expect(formatDay(at(20, 23, 50), now)).toBe("Fri 23:50");
    expect(formatDay(at(1, 8, 0), now)).toBe("1 Nov");
  });
});

describe("durations", () => {
  test.each([
    [-5, "0.0 s"],
    [940, "0.9 s"],
    [59_990, "59.9 s"],
    [MINUTE, "1 min 0 s"],
    [6 * MINUTE + 12 * SECOND, "6 min 12 s"],
    [3 * HOUR + 5 * MINUTE, "3 h 5 min"],
    [47 * HOUR + 59 * MINUTE, "47 h 59 min"],
    [4 * DAY, "4 days"],
    [4000 * DAY, "4,000 days"],
  ])("%i ms are %s", (ms, text) => {
    expect(formatAge(ms)).toBe(text);
  });

  test.each([
    [-2 * SECOND, "just now"],
    [400, "just now"],
    [2 * SECOND, "2 s ago"],
    [59_600, "1 min ago"],
    [6 * MINUTE, "6 min ago"],
    [47 * HOUR, "47 h ago"],
    [49 * HOUR, "2 days ago"],
  ])("%i ms ago is said as %s", (ms, text) => {
    expect(formatAgo(ms)).toBe(text);
  });
});

test("a number that JavaScript cannot hold exactly is not shown as if it could", () => {
  expect([0, 1_284, 2 ** 53 - 1, 2 ** 53, 2 ** 64].map(formatCount)).toEqual([
    "0",
    "1,284",
    "9,007,199,254,740,991",
    "≈9,007,199,254,740,992",
    "≈18,446,744,073,709,552,000",
  ]);
});
