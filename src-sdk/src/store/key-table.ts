/** Gives each distinct byte string a small number and keeps the bytes packed: about 24 bytes a key beside the key itself. */
import { ENTRY_OWNER } from "./entry-arena.js";
import { KeyEntries } from "./key-entries.js";
import type { KeyList } from "./key-list.js";
import { KeyProbe } from "./key-probe.js";
import { Rows } from "./rows.js";

export { compareBytes } from "./key-list.js";

/** Word of an entry: the number of the key. */
const NUMBER = ENTRY_OWNER;

const probe = new KeyProbe();

/** Ids are dense, from 0, in the order of first appearance; a key is never removed. */
export class KeyTable implements KeyList {
  readonly #entries = new KeyEntries(0, 1);
  /** By id, where the entry is. */
  readonly #places = new Rows(1);

  get size(): number {
    return this.#entries.size;
  }

  /** The id of the key, or -1. */
  find(bytes: Uint8Array, from = 0, to: number = bytes.length): number {
    const place = this.#entries.find(probe.take(bytes, from, to));
    return place === -1 ? -1 : this.#numberAt(place);
  }

  /**
   * The id of the key, which is added when it is new. @throws RangeError when the keys together pass 16 GiB, or one of
   * them has 2 MiB
   */
  add(bytes: Uint8Array, from = 0, to: number = bytes.length): number {
    const entries = this.#entries;
    const place = entries.add(probe.take(bytes, from, to));
    if (!entries.isNew) return this.#numberAt(place);
    const id = entries.size - 1;
    entries.segment(place)[entries.at(place) + NUMBER] = id;
    this.#places.reserve(id);
    this.#places.segment(id)[this.#places.at(id)] = place;
    return id;
  }

  #numberAt(place: number): number {
    return this.#entries.segment(place)[this.#entries.at(place) + NUMBER] as number;
  }

  #placeOf(id: number): number {
    return this.#places.segment(id)[this.#places.at(id)] as number;
  }

  first(): number {
    return this.size === 0 ? -1 : 0;
  }

  next(id: number): number {
    return id + 1 < this.size ? id + 1 : -1;
  }

  keyLength(id: number): number {
    return this.#entries.keyLength(this.#placeOf(id));
  }

  view(id: number): Uint8Array {
    return this.#entries.view(this.#placeOf(id));
  }

  /** A copy of the key's bytes. */
  bytes(id: number): Uint8Array {
    return this.#entries.bytes(this.#placeOf(id));
  }

  byteAt(id: number, index: number): number {
    return this.#entries.byteAt(this.#placeOf(id), index);
  }

  wordAt(id: number, index: number): number {
    return this.#entries.wordAt(this.#placeOf(id), index);
  }

  compare(a: number, b: number): number {
    return this.#entries.compare(this.#placeOf(a), this.#placeOf(b));
  }

  compareTo(id: number, key: Uint8Array): number {
    return this.#entries.compareTo(this.#placeOf(id), key);
  }

  startsWith(id: number, prefix: Uint8Array): boolean {
    return this.#entries.startsWith(this.#placeOf(id), prefix);
  }
}
