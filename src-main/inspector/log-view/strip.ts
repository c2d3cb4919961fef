/** Sums records up for a picture of the file: columns of the time strip, and the blocks of the magnified map. */
import type { FileRegion, MapBlock, Strip } from "@softadastra/inspector-contract";
import { displayText } from "./display-text.ts";
import type { LogModel } from "./log-model.ts";

/** Blocks of the magnified map on either side of the stop: as many as fit at a width that can be pointed at. */
const BLOCKS_BEFORE = 12;
const BLOCKS_BEHIND = 16;

const zeros = (length: number) => Array.from({ length }, () => 0);

export function sumStrip(
  model: LogModel,
  columns: number,
  regions: readonly FileRegion[],
  sizes: { goodBytes: number; fileBytes: number },
): Strip {
  const puts = zeros(columns);
  const deletes = zeros(columns);
  const metas = zeros(columns);
  const perByte = sizes.goodBytes === 0 ? 0 : columns / sizes.goodBytes;
  for (let record = 0; record < model.recordCount; record += 1) {
    const column = Math.min(columns - 1, Math.floor(model.offsetOf(record) * perByte));
    const counts = model.isOperation(record) ? (model.isDelete(record) ? deletes : puts) : metas;
    (counts[column] as number) += 1;
  }
  return { puts, deletes, metas, ...sizes, recordCount: model.recordCount, regions: [...regions] };
}

export interface UnreachableRecord {
  readonly offset: number;
  readonly bytes: number;
  readonly label: string;
}

/** The last readable records, then everything behind the stop, one block each. */
export function magnify(
  model: LogModel,
  regions: readonly FileRegion[],
  unreachable: readonly UnreachableRecord[],
): MapBlock[] {
  const blocks: MapBlock[] = [];
  const shownBefore = regions.length === 0 ? BLOCKS_BEFORE + BLOCKS_BEHIND : BLOCKS_BEFORE;
  for (let record = Math.max(0, model.recordCount - shownBefore); record < model.recordCount; record += 1) {
    const isOperation = model.isOperation(record);
    blocks.push({
      kind: isOperation ? (model.isDelete(record) ? "delete" : "put") : "meta",
      offset: model.offsetOf(record),
      bytes: model.lengthOf(record),
      label: isOperation ? displayText(model.keys.view(model.keyOf(record))).text : "",
    });
  }
  for (const region of regions) {
    if (blocks.length >= shownBefore + BLOCKS_BEHIND) break;
    if (region.kind !== "unreachable") {
      blocks.push({ kind: region.kind, offset: region.offset, bytes: region.bytes, label: "" });
      continue;
    }
    const inside = unreachable.filter(
      (record) => record.offset >= region.offset && record.offset < region.offset + region.bytes,
    );
    for (const { offset, bytes, label } of inside.slice(0, BLOCKS_BEHIND))
      blocks.push({ kind: "unreachable", offset, bytes, label });
  }
  return blocks;
}
