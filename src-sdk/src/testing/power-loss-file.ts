/**
 * One file of the simulated disk: what processes see (the cache), what is on the platter, and everything that was
 * written in between, of which a power loss keeps any sectors in any of their versions.
 */
import type { Random } from "./random.js";

/** How a power loss treats the sectors that were not synced. */
export type Loss = "all-lost" | "none-lost" | "suffix-lost" | "any-lost";
/** Some twice or more: what leaves holes is what is hardest to read again. */
export const LOSSES: readonly Loss[] = [
  "all-lost",
  "none-lost",
  "suffix-lost",
  "suffix-lost",
  ...manyOf("any-lost", 4),
];

function manyOf(loss: Loss, count: number): Loss[] {
  return Array.from({ length: count }, () => loss);
}

export class PowerLossFile {
  readonly id: number;
  readonly sectorBytes: number;
  mtimeMs: number;
  links = 1;
  /** What processes read. */
  cache: Buffer = Buffer.alloc(0);
  readonly #platter = new Map<number, Buffer>();
  /** Versions of each sector since the last sync, oldest first. */
  readonly #dirty = new Map<number, Buffer[]>();
  /** Lengths of the file since the last sync, oldest first; the first is the one on the platter. */
  #lengths: number[] = [0];
  /** The cache shows bytes that a failed sync gave up: no later sync puts them on the platter. */
  hasLostWrites = false;

  constructor(id: number, sectorBytes: number, nowMs: number) {
    this.id = id;
    this.sectorBytes = sectorBytes;
    this.mtimeMs = nowMs;
  }

  /** A file whose bytes are all on the platter. */
  static of(id: number, sectorBytes: number, nowMs: number, bytes: Buffer): PowerLossFile {
    const file = new PowerLossFile(id, sectorBytes, nowMs);
    file.write(bytes, 0);
    file.sync();
    return file;
  }

  #sector(index: number): Buffer {
    const sector = Buffer.alloc(this.sectorBytes);
    // Behind the end, where the file was cut, there is nothing.
    const from = Math.min(index * this.sectorBytes, this.cache.length);
    sector.set(this.cache.subarray(from, from + this.sectorBytes));
    return sector;
  }

  #touch(from: number, to: number): void {
    for (let index = Math.floor(from / this.sectorBytes); index * this.sectorBytes < to; index += 1) {
      const versions = this.#dirty.get(index) ?? [];
      versions.push(this.#sector(index));
      this.#dirty.set(index, versions);
    }
  }

  write(bytes: Uint8Array, position: number): void {
    const end = position + bytes.length;
    if (end > this.cache.length) this.cache = Buffer.concat([this.cache, Buffer.alloc(end - this.cache.length)]);
    this.cache.set(bytes, position);
    this.#touch(position, end);
    this.#lengths.push(this.cache.length);
  }

  truncate(length: number): void {
    this.hasLostWrites = false;
    const before = this.cache.length;
    this.cache =
      length <= before
        ? Buffer.from(this.cache.subarray(0, length))
        : Buffer.concat([this.cache, Buffer.alloc(length - before)]);
    const boundary = Math.min(length, before);
    // The system clears the rest of the sector that the new end lies in.
    if (boundary % this.sectorBytes !== 0) this.#touch(boundary, boundary + 1);
    this.#lengths.push(length);
  }

  sync(): void {
    for (const index of this.#dirty.keys()) this.#platter.set(index, this.#sector(index));
    this.#dirty.clear();
    for (const index of this.#platter.keys()) {
      if (index * this.sectorBytes >= this.cache.length) this.#platter.delete(index);
    }
    this.#lengths = [this.cache.length];
  }

  /**
   * A sync that the system reports as failed: some sectors got through, and none of them is tried again, although the
   * cache goes on showing all of them. What became of the length is open until a sync succeeds.
   */
  failSync(random: Random): void {
    for (const index of this.#dirty.keys()) if (random.chance(0.5)) this.#platter.set(index, this.#sector(index));
    this.#dirty.clear();
    this.hasLostWrites = true;
  }

  /** Whether everything that processes see is on the platter. */
  get isSynced(): boolean {
    return !this.hasLostWrites && this.#dirty.size === 0 && this.#lengths.length === 1;
  }

  #lengthAfter(random: Random, loss: Loss): number {
    if (loss === "none-lost") return this.cache.length;
    if (loss === "all-lost") return this.#lengths[0] ?? 0;
    const shortest = Math.min(...this.#lengths);
    const longest = Math.max(...this.#lengths);
    if (random.chance(0.5)) return longest;
    return random.chance(0.5) ? random.pick(this.#lengths) : shortest + random.below(longest - shortest + 1);
  }

  /** What the platter holds after a power loss now. */
  afterPowerLoss(random: Random, loss: Loss): Buffer {
    const length = this.#lengthAfter(random, loss);
    const image = Buffer.alloc(Math.ceil(length / this.sectorBytes) * this.sectorBytes);
    for (const [index, sector] of this.#platter) sector.copy(image, index * this.sectorBytes);
    const indexes = [...this.#dirty.keys()].sort((a, b) => a - b);
    const keptCount = random.below(indexes.length + 1);
    for (const [rank, index] of indexes.entries()) {
      const versions = this.#dirty.get(index) ?? [];
      const newest = versions.at(-1);
      if (newest === undefined || loss === "all-lost") continue;
      if (loss === "none-lost" || (loss === "suffix-lost" && rank < keptCount)) {
        newest.copy(image, index * this.sectorBytes);
      } else if (loss === "any-lost" && random.chance(0.6)) {
        random.pick(versions).copy(image, index * this.sectorBytes);
      }
    }
    return image.subarray(0, length);
  }
}
