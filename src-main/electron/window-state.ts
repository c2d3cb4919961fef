/** Remembers where the window was, and puts it back where somebody can see it. */
import type { Rectangle } from "electron";

export interface WindowState {
  readonly bounds: Rectangle;
  readonly isMaximized: boolean;
}

export const WIDTH_MIN = 800;
export const HEIGHT_MIN = 600;
export const DEFAULT_STATE: WindowState = { bounds: { x: -1, y: -1, width: 1440, height: 900 }, isMaximized: false };

const isNumber = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);

export function parseWindowState(text: string | undefined): WindowState {
  try {
    const { bounds, isMaximized } = JSON.parse(text ?? "") as { bounds: Partial<Rectangle>; isMaximized: unknown };
    const { x, y, width, height } = bounds;
    if (!isNumber(x) || !isNumber(y) || !isNumber(width) || !isNumber(height)) return DEFAULT_STATE;
    return { bounds: { x, y, width, height }, isMaximized: isMaximized === true };
  } catch {
    return DEFAULT_STATE;
  }
}

/** The bounds within the display they overlap most; a window whose display is gone is centred by the system. */
export function clampBounds(
  bounds: Rectangle,
  displays: readonly Rectangle[],
): Partial<Rectangle> & { width: number; height: number } {
  const overlap = (area: Rectangle) =>
    Math.max(0, Math.min(bounds.x + bounds.width, area.x + area.width) - Math.max(bounds.x, area.x)) *
    Math.max(0, Math.min(bounds.y + bounds.height, area.y + area.height) - Math.max(bounds.y, area.y));
  const [best] = [...displays].sort((a, b) => overlap(b) - overlap(a));
  const width = Math.max(WIDTH_MIN, Math.min(bounds.width, best?.width ?? bounds.width));
  const height = Math.max(HEIGHT_MIN, Math.min(bounds.height, best?.height ?? bounds.height));
  if (best === undefined || overlap(best) === 0) return { width, height };
  const within = (at: number, from: number, room: number) => Math.max(from, Math.min(at, from + Math.max(0, room)));
  return {
    width,
    height,
    x: within(bounds.x, best.x, best.width - width),
    y: within(bounds.y, best.y, best.height - height),
  };
}
