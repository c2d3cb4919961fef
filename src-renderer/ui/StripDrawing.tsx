/** The records along a file, drawn: a tick for each column, blocks for what lies behind the readable part. */
import type { FileRegion, Strip } from "@softadastra/inspector-contract";
import styles from "./StripDrawing.module.css";

const HEIGHT = 18;
const COLUMN = 3;
/** A bad region can be pointed at, however short it is. */
const REGION_WIDTH_MIN = 8;

export interface StripScale {
  /** Pixel of an offset. */
  readonly x: (offset: number) => number;
  /** Offset at a pixel. */
  readonly offsetAt: (x: number) => number;
  readonly goodWidth: number;
  readonly regions: readonly { readonly region: FileRegion; readonly x: number; readonly width: number }[];
}

/** Columns to ask the host for, for a strip of this width. */
export function columnsFor(width: number): number {
  return Math.max(1, Math.floor(width / COLUMN));
}

/** Regions take at least their minimum from the right, bytes that are not read yet their share; readable records have the rest. */
export function stripScale(strip: Pick<Strip, "goodBytes" | "fileBytes" | "regions">, width: number): StripScale {
  const { goodBytes, fileBytes, regions } = strip;
  const widths = regions.map((region) =>
    Math.max(REGION_WIDTH_MIN, Math.round((region.bytes / Math.max(1, fileBytes)) * width)),
  );
  const wanted = widths.reduce((sum, each) => sum + each, 0);
  // Very many regions share half the strip at most.
  const shrink = wanted > width / 2 ? width / 2 / wanted : 1;
  const behindBytes = regions.reduce((sum, region) => sum + region.bytes, 0);
  const unreadShare = Math.max(0, fileBytes - goodBytes - behindBytes) / Math.max(1, fileBytes);
  const goodWidth = (width - wanted * shrink) * (1 - unreadShare);
  let at = goodWidth;
  const placed = regions.map((region, i) => {
    const placedAt = at;
    at += (widths[i] as number) * shrink;
    return { region, x: placedAt, width: (widths[i] as number) * shrink };
  });
  const within = (offset: number) =>
    placed.find(({ region }) => offset >= region.offset && offset < region.offset + region.bytes);
  return {
    goodWidth,
    regions: placed,
    x: (offset) => {
      const inside = within(offset);
      if (inside) return inside.x + ((offset - inside.region.offset) / inside.region.bytes) * inside.width;
      return goodBytes === 0 ? 0 : Math.min(goodWidth, (offset / goodBytes) * goodWidth);
    },
    offsetAt: (x) => {
      const inside = placed.find((region) => x >= region.x && x < region.x + region.width);
      if (inside) return Math.floor(inside.region.offset + ((x - inside.x) / inside.width) * inside.region.bytes);
      return goodWidth === 0 ? 0 : Math.floor(Math.max(0, Math.min(1, x / goodWidth)) * goodBytes);
    },
  };
}

function columnPaths(strip: Strip, goodWidth: number) {
  const columns = strip.goodBytes === 0 ? 0 : strip.puts.length;
  if (columns === 0) return { put: "", remove: "", meta: "" };
  const shown = Math.max(1, columnsFor(goodWidth));
  const most = Math.max(1, ...strip.puts.map((puts, i) => puts + (strip.metas[i] ?? 0)));
  let put = "";
  let remove = "";
  let meta = "";
  for (let i = 0; i < shown; i += 1) {
    const from = Math.floor((i * columns) / shown);
    const to = Math.max(from + 1, Math.floor(((i + 1) * columns) / shown));
    const sum = (counts: readonly number[]) => counts.slice(from, to).reduce((total, count) => total + count, 0);
    const [puts, deletes, metas] = [sum(strip.puts), sum(strip.deletes), sum(strip.metas)];
    const x = i * COLUMN;
    const share = Math.sqrt(Math.min(1, puts / (most * (to - from))));
    if (puts > 0) put += `M${x} ${HEIGHT}h2v-${Math.round(5 + share * 11)}h-2z`;
    else if (metas > 0) meta += `M${x} ${HEIGHT}h2v-6h-2z`;
    // Inside a record that spans several columns.
    else if (deletes === 0) put += `M${x} ${HEIGHT}h2v-3h-2z`;
    if (deletes > 0) remove += `M${x} ${HEIGHT}h2v-4h-2z`;
  }
  return { put, remove, meta };
}

/** `width` is the width it is drawn at, in CSS pixels. */
export function StripDrawing({ strip, width, label }: { strip: Strip; width: number; label: string }) {
  const scale = stripScale(strip, width);
  const { put, remove, meta } = columnPaths(strip, scale.goodWidth);
  return (
    <svg
      className={styles.drawing}
      viewBox={`0 0 ${width} ${HEIGHT}`}
      width={width}
      height={HEIGHT}
      role="img"
      aria-label={label}
    >
      <path className={styles.put} d={put} />
      <path className={styles.meta} d={meta} />
      <path className={styles.delete} d={remove} />
      {scale.regions.map(({ region, x, width: regionWidth }) => (
        <rect
          key={region.offset}
          className={styles[region.kind]}
          x={x + 1}
          y={1}
          width={Math.max(1, regionWidth - 1)}
          height={HEIGHT - 1}
        />
      ))}
    </svg>
  );
}
