import { describe, expect, test } from "vitest";
import { niceMax } from "./chart-scale.ts";

describe("the top of the chart", () => {
  test.each([
    [0, 3],
    [3, 3],
    [4, 6],
    [12, 15],
    [20, 30],
    [95, 150],
    [100, 150],
    [1_284, 1_500],
    [100_000, 150_000],
    [1_000_000, 1_500_000],
  ])("over %d is %d, and its thirds are round", (most, top) => {
    expect(niceMax(most)).toBe(top);
  });

  test("holds every count, and each third is a whole number of two digits at most", () => {
    for (let most = 0; most < 20_000; most += 1) {
      const third = niceMax(most) / 3;
      expect(third * 3).toBeGreaterThanOrEqual(most);
      expect(third).toBe(Number(third.toPrecision(2)));
      expect(Number.isInteger(third)).toBe(true);
    }
  });
});
