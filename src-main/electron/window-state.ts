/** Remembers where the window was, and puts it back where somebody can see it. */
import type { Rectangle } from "electron";
import * as v from "valibot";

/** Without a place the system centres the window. */
type Bounds = Pick<Rectangle, "width" | "height"> & Partial<Rectangle>;

export interface WindowState {
  readonly bounds: Bounds;
  readonly isMaximized: boolean;
}

export const WIDTH_MIN = 800;
export const HEIGHT_MIN = 600;
export const DEFAULT_STATE: WindowState = { bounds: { width: 1440, height: 900 }, isMaximized: false };

const Finite = v.pipe(v.number(), v.finite());
const Stored = v.object({
  bounds: v.object({ x: Finite, y: Finite, width: Finite, height: Finite }),
  isMaximized: v.optional(v.unknown()),
});

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function parseWindowState(text: string | undefined): WindowState {
  const stored = v.safeParse(Stored, parseJson(text ?? ""));
  if (!stored.success) return DEFAULT_STATE;
  return { bounds: stored.output.bounds, isMaximized: stored.output.isMaximized === true };
}

/** The bounds within the display they overlap most; a window whose display is gone is centred by the system. */
export function clampBounds(bounds: Bounds, displays: readonly Rectangle[]): Bounds {
  const { x, y } = bounds;
  const overlap = (area: Rectangle) => {
    if (x === undefined || y === undefined) return 0;
    return (
      Math.max(0, Math.min(x + bounds.width, area.x + area.width) - Math.max(x, area.x)) *
      Math.max(0, Math.min(y + bounds.height, area.y + area.height) - Math.max(y, area.y))
    );
  };
  const [best] = [...displays].sort((a, b) => overlap(b) - overlap(a));
  const width = Math.max(WIDTH_MIN, Math.min(bounds.width, best?.width ?? bounds.width));
  const height = Math.max(HEIGHT_MIN, Math.min(bounds.height, best?.height ?? bounds.height));
  if (x === undefined || y === undefined || best === undefined || overlap(best) === 0) return { width, height };
  const within = (at: number, from: number, room: number) => Math.max(from, Math.min(at, from + Math.max(0, room)));
  return {
    width,
    height,
    x: within(x, best.x, best.width - width),
    y: within(y, best.y, best.height - height),
  };
}
