/** The scale of the chart: a top whose thirds, where the grid lines stand, are round numbers. */

const STEPS = [1.5, 3, 4.5, 6, 9, 15] as const;

export function niceMax(value: number): number {
  if (value <= 3) return 3;
  const power = 10 ** Math.floor(Math.log10(value));
  const top = STEPS.map((step) => step * power).find((max) => max >= value && Number.isInteger(max / 3));
  return top ?? 15 * power;
}
