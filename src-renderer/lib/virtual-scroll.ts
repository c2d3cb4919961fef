/**
 * Scroll positions of a list that may be taller than the browser allows. Up to {@link PHYSICAL_HEIGHT_MAX} the two
 * positions are one. Beyond, the scrollbar covers the whole list in proportion, and small movements (wheel, keys) still
 * move row by row: without that the last rows of millions could never be reached.
 */

/** Engines stop somewhere between 16 and 33 million pixels. */
export const PHYSICAL_HEIGHT_MAX = 8_000_000;

export interface ScrollPlace {
  /** What the scrolling element says. */
  readonly physicalTop: number;
  /** Where that is in the list, in pixels of all its rows. */
  readonly virtualTop: number;
}

export interface ScrollSpace {
  readonly totalHeight: number;
  readonly viewHeight: number;
}

export function physicalHeight({ totalHeight }: ScrollSpace): number {
  return Math.min(totalHeight, PHYSICAL_HEIGHT_MAX);
}

const clamp = (value: number, max: number) => Math.max(0, Math.min(value, max));

function isScaled({ totalHeight }: ScrollSpace): boolean {
  return totalHeight > PHYSICAL_HEIGHT_MAX;
}

/** The place for a position in the list. */
export function placeAt(virtualTop: number, space: ScrollSpace): ScrollPlace {
  const virtualMax = Math.max(0, space.totalHeight - space.viewHeight);
  const clamped = clamp(virtualTop, virtualMax);
  if (!isScaled(space)) return { physicalTop: clamped, virtualTop: clamped };
  const physicalMax = PHYSICAL_HEIGHT_MAX - space.viewHeight;
  return { physicalTop: Math.round((clamped / virtualMax) * physicalMax), virtualTop: clamped };
}

/** The place after the element scrolled to `physicalTop`. */
export function placeAfterScroll(physicalTop: number, before: ScrollPlace, space: ScrollSpace): ScrollPlace {
  const virtualMax = Math.max(0, space.totalHeight - space.viewHeight);
  if (!isScaled(space)) return { physicalTop, virtualTop: clamp(physicalTop, virtualMax) };
  const physicalMax = PHYSICAL_HEIGHT_MAX - space.viewHeight;
  if (physicalTop <= 0) return { physicalTop, virtualTop: 0 };
  if (physicalTop >= physicalMax) return { physicalTop, virtualTop: virtualMax };
  const moved = physicalTop - before.physicalTop;
  // A jump of more than a screen is the scrollbar's thumb.
  if (Math.abs(moved) > space.viewHeight) return { physicalTop, virtualTop: (physicalTop / physicalMax) * virtualMax };
  return { physicalTop, virtualTop: clamp(before.virtualTop + moved, virtualMax) };
}
