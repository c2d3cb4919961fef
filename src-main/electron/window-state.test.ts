import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clampBounds, DEFAULT_STATE, HEIGHT_MIN, parseWindowState, WIDTH_MIN } from "./window-state.ts";

const LAPTOP = { x: 0, y: 25, width: 1440, height: 875 };
const SCREEN_ON_THE_LEFT = { x: -1920, y: -200, width: 1920, height: 1080 };

describe("a window", () => {
  test("comes back where it was, on either display", () => {
    for (const bounds of [
      { x: 100, y: 60, width: 1000, height: 700 },
      { x: -1800, y: -150, width: 1200, height: 900 },
    ]) {
      const stored = JSON.stringify({ bounds, isMaximized: true });
      const state = parseWindowState(stored);
      expect(state).toEqual({ bounds, isMaximized: true });
      expect(clampBounds(state.bounds, [LAPTOP, SCREEN_ON_THE_LEFT])).toEqual(bounds);
    }
  });

  test("that hangs over an edge is moved into the display it overlaps most", () => {
    expect(clampBounds({ x: 1000, y: 600, width: 900, height: 700 }, [LAPTOP])).toEqual({
      x: 540,
      y: 200,
      width: 900,
      height: 700,
    });
    expect(clampBounds({ x: -1000, y: 0, width: 1100, height: 700 }, [LAPTOP, SCREEN_ON_THE_LEFT])).toEqual({
      x: -1100,
      y: 0,
      width: 1100,
      height: 700,
    });
  });

  test("that is larger than its display is made as large as it", () => {
    expect(clampBounds({ x: 0, y: 0, width: 4000, height: 3000 }, [LAPTOP])).toEqual(LAPTOP);
  });

  test("whose display is gone is centred by the system, at a size that fits", () => {
    expect(clampBounds({ x: 5000, y: 5000, width: 2000, height: 700 }, [LAPTOP])).toEqual({ width: 1440, height: 700 });
    expect(clampBounds({ x: 10, y: 10, width: 900, height: 700 }, [])).toEqual({ width: 900, height: 700 });
  });

  test("that was never open is centred by the system, not put into a corner", () => {
    const display = { x: 0, y: 0, width: 1920, height: 1080 };
    expect(clampBounds(DEFAULT_STATE.bounds, [display])).toEqual({ width: 1440, height: 900 });
    expect(clampBounds(DEFAULT_STATE.bounds, [LAPTOP])).toEqual({ width: 1440, height: 875 });
  });

  test("is, for any bounds and displays, no smaller than its minimum, and within a display that has room for it", () => {
    const place = fc.integer({ min: -10_000, max: 10_000 });
    const size = fc.integer({ min: -100, max: 10_000 });
    const bounds = fc.record({ x: place, y: place, width: size, height: size });
    const roomy = {
      width: fc.integer({ min: WIDTH_MIN, max: 5_000 }),
      height: fc.integer({ min: HEIGHT_MIN, max: 5_000 }),
    };
    const displays = fc.array(fc.record({ x: place, y: place, ...roomy }), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(bounds, displays, (wanted, areas) => {
        const { x, y, width, height } = clampBounds(wanted, areas);
        expect(width).toBeGreaterThanOrEqual(WIDTH_MIN);
        expect(height).toBeGreaterThanOrEqual(HEIGHT_MIN);
        const fits = areas.some(
          (area) =>
            width <= area.width &&
            height <= area.height &&
            (x === undefined || (x >= area.x && x + width <= area.x + area.width)) &&
            (y === undefined || (y >= area.y && y + height <= area.y + area.height)),
        );
        expect(fits).toBe(true);
      }),
    );
  });

  test("of a display smaller than its minimum starts at the display's corner", () => {
    const tiny = { x: 50, y: 40, width: 640, height: 480 };
    expect(clampBounds({ x: 300, y: 300, width: 900, height: 700 }, [tiny])).toEqual({
      x: 50,
      y: 40,
      width: WIDTH_MIN,
      height: HEIGHT_MIN,
    });
  });
});

describe("a stored state that is broken", () => {
  test("is taken as none", () => {
    const whole = { x: 1, y: 2, width: 900, height: 700 };
    for (const text of [
      undefined,
      "",
      "null",
      "7",
      "[]",
      "{}",
      '{"bounds":null}',
      '{"bounds":[1,2,3,4]}',
      '{"bounds":{"x":1,"y":2,"width":900}',
      JSON.stringify({ bounds: { ...whole, x: "1" } }),
      JSON.stringify({ bounds: { ...whole, y: null } }),
      JSON.stringify({ bounds: whole }).replace("900", "1e999"),
      JSON.stringify({ bounds: { x: 1, y: 2, width: 900 } }),
      JSON.stringify({ bounds: whole, isMaximized: true }).slice(0, -1),
    ]) {
      expect([text, parseWindowState(text)]).toEqual([text, DEFAULT_STATE]);
    }
  });

  test("only in whether it was maximized still says where the window was", () => {
    const bounds = { x: 1, y: 2, width: 900, height: 700 };
    for (const isMaximized of [undefined, null, 1, "true", {}]) {
      expect(parseWindowState(JSON.stringify({ bounds, isMaximized }))).toEqual({ bounds, isMaximized: false });
    }
  });

  test("never throws, whatever the text", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const { width, height } = clampBounds(parseWindowState(text).bounds, [LAPTOP]);
        expect(width >= WIDTH_MIN && height >= HEIGHT_MIN).toBe(true);
      }),
    );
  });
});
