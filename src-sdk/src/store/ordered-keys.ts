/** Key ids in byte order of their keys: sorted blocks, so that a new key costs a search and a short copy, not a new sort. */
import type { KeyList } from "./key-list.js";
import { sortKeyIds } from "./sort-keys.js";

const BLOCK_KEYS_MAX = 512;
const BLOCK_KEYS_FILLED = 384;
/** Above this share of new keys a merge of everything is cheaper than single insertions. */
const MERGE_SHARE = 1 / 16;

interface Block {
  readonly ids: Uint32Array;
  length: number;
}

/** Holds every id of the list it was made for; order is made when it is asked for. */
export class OrderedKeys {
  readonly #keys: KeyList;
  #blocks: Block[] = [];
  #size = 0;
  /** The last id that has its place; those behind it in the list have none yet. */
  #last = -1;
  /** Where the last walk ended, block and index in it: who lists page by page goes on there. */
  #endBlock = 0;
  #endIndex = 0;

  constructor(keys: KeyList) {
    this.#keys = keys;
  }

  get size(): number {
    this.#catchUp();
    return this.#size;
  }

  /** Calls `visit` for ids in order, from the first key >= `from`; stops when it answers false. */
  ascend(from: Uint8Array | null, visit: (id: number) => boolean): void {
    this.#catchUp();
    let [block, index] = from === null ? [0, 0] : this.#lowerBound(from);
    for (; block < this.#blocks.length; block += 1, index = 0) {
      const { ids, length } = this.#blocks[block] as Block;
      for (; index < length; index += 1) {
        if (visit(ids[index] as number)) continue;
        this.#endBlock = block;
        this.#endIndex = index + 1;
        return;
      }
    }
  }

  /** Calls `visit` for ids in reverse order, from the last key < `before` (the last of all for null). */
  descend(before: Uint8Array | null, visit: (id: number) => boolean): void {
    this.#catchUp();
    let [block, index] = before === null ? [this.#blocks.length, 0] : this.#lowerBound(before);
    index -= 1;
    for (;;) {
      if (index < 0) {
        block -= 1;
        if (block < 0) return;
        index = (this.#blocks[block] as Block).length - 1;
      }
      if (block < this.#blocks.length && !visit((this.#blocks[block] as Block).ids[index] as number)) return;
      index -= 1;
    }
  }

  /**
   * Up to `limit` ids that are wanted, of keys that begin with `prefix`: in order from the first key >= `place` on, or
   * in reverse from the last key < `place`.
   */
  page(
    prefix: Uint8Array,
    place: Uint8Array | null,
    limit: number,
    isReverse: boolean,
    isWanted: (id: number) => boolean,
  ): number[] {
    const ids: number[] = [];
    const take = (id: number) => {
      if (!isWanted(id)) return this.#keys.startsWith(id, prefix);
      ids.push(id);
      return ids.length < limit;
    };
    if (isReverse) this.descend(place, take);
    else this.ascend(place, take);
    // In order the prefix is left once, so that the last key of a page tells for those before it.
    while (ids.length > 0 && !this.#keys.startsWith(ids[ids.length - 1] as number, prefix)) ids.pop();
    return ids;
  }

  /** All ids, in order. */
  toArray(): Uint32Array {
    this.#catchUp();
    const all = new Uint32Array(this.#size);
    let at = 0;
    for (const { ids, length } of this.#blocks) {
      all.set(ids.subarray(0, length), at);
      at += length;
    }
    return all;
  }

  #catchUp(): void {
    const total = this.#keys.size;
    const fresh = total - this.#size;
    if (fresh === 0) return;
    if (fresh > this.#size * MERGE_SHARE) this.#rebuild(fresh);
    else for (let i = 0; i < fresh; i += 1) this.#insert(this.#nextId());
    this.#size = total;
  }

  #nextId(): number {
    this.#last = this.#last === -1 ? this.#keys.first() : this.#keys.next(this.#last);
    return this.#last;
  }

  #rebuild(count: number): void {
    const placed = new Uint32Array(this.#size);
    let at = 0;
    for (const { ids, length } of this.#blocks) {
      placed.set(ids.subarray(0, length), at);
      at += length;
    }
    const fresh = new Uint32Array(count);
    for (let i = 0; i < count; i += 1) fresh[i] = this.#nextId();
    sortKeyIds(this.#keys, fresh);
    this.#fill(this.#merge(placed, fresh));
  }

  #merge(a: Uint32Array, b: Uint32Array): Uint32Array {
    if (a.length === 0) return b;
    const merged = new Uint32Array(a.length + b.length);
    let i = 0;
    let j = 0;
    for (let at = 0; at < merged.length; at += 1) {
      const takeA = j >= b.length || (i < a.length && this.#keys.compare(a[i] as number, b[j] as number) < 0);
      merged[at] = takeA ? (a[i++] as number) : (b[j++] as number);
    }
    return merged;
  }

  #fill(sorted: Uint32Array): void {
    this.#blocks = [];
    for (let from = 0; from < sorted.length; from += BLOCK_KEYS_FILLED) {
      const part = sorted.subarray(from, from + BLOCK_KEYS_FILLED);
      const ids = new Uint32Array(BLOCK_KEYS_MAX);
      ids.set(part);
      this.#blocks.push({ ids, length: part.length });
    }
  }

  #insert(id: number): void {
    const key = this.#keys.view(id);
    let [at, index] = this.#lowerBound(key);
    if (at === this.#blocks.length) {
      // Behind every key: append to the last block, or start the first.
      if (at === 0) this.#blocks.push({ ids: new Uint32Array(BLOCK_KEYS_MAX), length: 0 });
      else at -= 1;
      index = (this.#blocks[at] as Block).length;
    }
    const block = this.#blocks[at] as Block;
    block.ids.copyWithin(index + 1, index, block.length);
    block.ids[index] = id;
    block.length += 1;
    if (block.length === BLOCK_KEYS_MAX) this.#split(at);
  }

  #split(at: number): void {
    const block = this.#blocks[at] as Block;
    const half = block.length >> 1;
    const ids = new Uint32Array(BLOCK_KEYS_MAX);
    ids.set(block.ids.subarray(half, block.length));
    this.#blocks.splice(at + 1, 0, { ids, length: block.length - half });
    block.length = half;
  }

  /** Whether the last walk ended between a key less than this one and one that is not. */
  #endsBetween(key: Uint8Array): boolean {
    const block = this.#blocks[this.#endBlock];
    const index = this.#endIndex;
    if (block === undefined || index === 0 || index >= block.length) return false;
    const { ids } = block;
    return (
      this.#keys.compareTo(ids[index - 1] as number, key) < 0 && this.#keys.compareTo(ids[index] as number, key) >= 0
    );
  }

  /** Place of the first key >= `key`: block and index in it; one block past the end when there is none. */
  #lowerBound(key: Uint8Array): [block: number, index: number] {
    const blocks = this.#blocks;
    if (this.#endsBetween(key)) return [this.#endBlock, this.#endIndex];
    let low = 0;
    let high = blocks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const { ids, length } = blocks[middle] as Block;
      if (this.#keys.compareTo(ids[length - 1] as number, key) < 0) low = middle + 1;
      else high = middle;
    }
    if (low === blocks.length) return [low, 0];
    const { ids, length } = blocks[low] as Block;
    let from = 0;
    let to = length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (this.#keys.compareTo(ids[middle] as number, key) < 0) from = middle + 1;
      else to = middle;
    }
    return [low, from];
  }
}
