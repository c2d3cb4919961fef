/** What a fault at a place of a write leaves of the file: how long it is, where it reads as zeros, which bit is another. */
import type { LabDamage, LabFault } from "@softadastra/inspector-contract";
import { type ByteSource, SECTOR_BYTES } from "@softadastra/sdk/tools";

/** Records that were handed to the system and flushed together. */
export interface WriteExtent {
  readonly start: number;
  readonly end: number;
}

/** What a fault means for the promises made: writes before `underWay` were confirmed, those behind it never begun. */
export interface Crash {
  readonly damage: LabDamage;
  /** Index of the write that was not confirmed when it happened; null when all were. */
  readonly underWay: number | null;
  /** Index of the write that the place is in. */
  readonly at: number;
}

/** Which write holds the byte in front of a place; the first one for place 0. */
function writeAt(writes: readonly WriteExtent[], offset: number): number {
  let low = 0;
  let high = writes.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (offset <= (writes[middle] as WriteExtent).end) high = middle;
    else low = middle + 1;
  }
  return low;
}

const plain = (fileBytes: number): LabDamage => ({ fileBytes, zeros: null, flip: null });

/** The crash of this fault at place `cut` of the writes; null where it has none. */
export function crashAt(writes: readonly WriteExtent[], fault: LabFault, cut: number): Crash | null {
  const first = writes[0] as WriteExtent;
  const last = writes.at(-1) as WriteExtent;
  const offset = first.start + cut;
  if (offset > last.end || (cut === 0 && fault.kind !== "kill")) return null;
  const at = writeAt(writes, offset);
  const write = writes[at] as WriteExtent;
  switch (fault.kind) {
    case "kill":
      return { damage: plain(offset), underWay: at, at };
    case "flush":
      return { damage: plain(write.end), underWay: at, at };
    case "power":
      return { damage: powerLoss(write, fault.loss, offset - 1), underWay: at, at };
    case "flip": {
      const flip = { offset: offset - 1, mask: 1 << fault.bit };
      return { damage: { fileBytes: last.end, zeros: null, flip }, underWay: null, at };
    }
    case "sector": {
      const from = offset - 1 - ((offset - 1) % fault.sectorBytes);
      const zeros = { from, to: Math.min(from + fault.sectorBytes, last.end) };
      return { damage: { fileBytes: last.end, zeros, flip: null }, underWay: null, at };
    }
  }
}

/**
 * The sector of the byte did not reach the disk. A sector is written whole or not at all; what stood in it before the
 * write was flushed with the writes before, and stays.
 */
function powerLoss(write: WriteExtent, loss: "tail" | "short" | "hole", byteAt: number): LabDamage {
  const sector = byteAt - (byteAt % SECTOR_BYTES);
  const from = Math.max(sector, write.start);
  // The first sector of a new log is flushed before the rest of its first write is begun (decision 0011).
  const end = write.start === 0 && sector === 0 ? Math.min(SECTOR_BYTES, write.end) : write.end;
  if (loss === "short") return plain(from);
  const to = loss === "tail" ? end : Math.min(sector + SECTOR_BYTES, end);
  return { fileBytes: end, zeros: { from, to }, flip: null };
}

/** The first byte that is another, or not there any more. */
export function firstTouched({ fileBytes, zeros, flip }: LabDamage): number {
  return Math.min(fileBytes, zeros?.from ?? fileBytes, flip?.offset ?? fileBytes);
}

/** Applies the damage to bytes that stand at `offset` of the file. */
export function applyDamage({ zeros, flip }: LabDamage, bytes: Uint8Array, offset: number): void {
  if (zeros !== null) bytes.fill(0, clamp(zeros.from - offset, bytes), clamp(zeros.to - offset, bytes));
  const flipAt = flip === null ? -1 : flip.offset - offset;
  if (flip !== null && flipAt >= 0 && flipAt < bytes.length) bytes[flipAt] = (bytes[flipAt] as number) ^ flip.mask;
}

function clamp(at: number, bytes: Uint8Array): number {
  return Math.max(0, Math.min(bytes.length, at));
}

/** The log as the fault leaves it; with `appended`, after another writer added something at its end. */
export function damagedSource(base: ByteSource, damage: LabDamage, appended?: Uint8Array): ByteSource {
  const { fileBytes } = damage;
  return {
    size: fileBytes + (appended?.length ?? 0),
    async read(into, at, length, position) {
      if (position >= fileBytes) {
        const piece = appended?.subarray(position - fileBytes, position - fileBytes + length) ?? new Uint8Array(0);
        into.set(piece, at);
        return piece.length;
      }
      const count = await base.read(into, at, Math.min(length, fileBytes - position), position);
      applyDamage(damage, into.subarray(at, at + count), position);
      return count;
    },
  };
}
