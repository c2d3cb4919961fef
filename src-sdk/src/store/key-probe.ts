/** A key that is looked for, in words and with its hash: one object for many searches, as each needs it only until it ends. */
import { beginHash, endHash, hashKey, mixHash } from "./key-hash.js";

const INITIAL_BYTES = 4096;
/** Longer text is made into bytes by the system's own means. */
const SHORT_TEXT_LENGTH = 128;
/** By how many bytes of the last word belong to the key. */
const LAST_WORD_MASKS: readonly number[] = [0, 0xff, 0xffff, 0xffffff];

export class KeyProbe {
  /** In bytes. */
  length = 0;
  /** Signed. */
  hash = 0;
  /** The key from the front on; the last word is filled up with zeros. */
  words = new Int32Array(INITIAL_BYTES / 4);
  #bytes = new Uint8Array(this.words.buffer);

  take(bytes: Uint8Array, from: number, to: number): this {
    const length = to - from;
    this.#makeRoom(length);
    const own = this.#bytes;
    // A loop: for short keys faster than a view for `set`.
    if (length > 128) own.set(bytes.subarray(from, to));
    else for (let i = 0; i < length; i += 1) own[i] = bytes[from + i] as number;
    this.#end(length);
    return this;
  }

  /** As `take`, for short ASCII, as most keys are. False for other text and for none, which is not taken. */
  takeText(text: string): boolean {
    const { length } = text;
    if (length === 0 || length > SHORT_TEXT_LENGTH) return false;
    const { words } = this;
    const whole = length & ~3;
    let hash = beginHash(length);
    let all = 0;
    let at = 0;
    for (let i = 0; i < whole; i += 4, at += 1) {
      const a = text.charCodeAt(i);
      const b = text.charCodeAt(i + 1);
      const c = text.charCodeAt(i + 2);
      const d = text.charCodeAt(i + 3);
      all |= a | b | c | d;
      const word = a | (b << 8) | (c << 16) | (d << 24);
      words[at] = word;
      hash = mixHash(hash, word);
    }
    if (whole < length) {
      let word = 0;
      for (let i = whole, shift = 0; i < length; i += 1, shift += 8) {
        const code = text.charCodeAt(i);
        all |= code;
        word |= code << shift;
      }
      words[at] = word;
      hash = mixHash(hash, word);
    }
    this.length = length;
    this.hash = endHash(hash);
    return all <= 0x7f;
  }

  /** As `take`, for a key in words of which the last is filled up. */
  takeWords(words: Int32Array, at: number, length: number): this {
    this.#makeRoom(length);
    const own = this.words;
    for (let i = 0, count = (length + 3) >> 2; i < count; i += 1) own[i] = words[at + i] as number;
    this.length = length;
    this.hash = hashKey(own, 0, length);
    return this;
  }

  /** A copy of the key. */
  toBytes(): Uint8Array {
    return this.#bytes.slice(0, this.length);
  }

  /** Whether the words from `at` on begin with this key, whatever follows. */
  isAt(words: Int32Array, at: number): boolean {
    const own = this.words;
    const whole = this.length >> 2;
    for (let i = 0; i < whole; i += 1) if (words[at + i] !== own[i]) return false;
    const mask = LAST_WORD_MASKS[this.length & 3] as number;
    return mask === 0 || (((words[at + whole] as number) ^ (own[whole] as number)) & mask) === 0;
  }

  /** As `isAt`, for bytes. */
  isAtByte(bytes: Uint8Array, at: number): boolean {
    const own = this.#bytes;
    for (let i = 0; i < this.length; i += 1) if (bytes[at + i] !== own[i]) return false;
    return true;
  }

  #makeRoom(length: number): void {
    if (length <= this.#bytes.length) return;
    this.words = new Int32Array((length + 3) >> 2);
    this.#bytes = new Uint8Array(this.words.buffer);
  }

  #end(length: number): void {
    for (let i = length; (i & 3) !== 0; i += 1) this.#bytes[i] = 0;
    this.length = length;
    this.hash = hashKey(this.words, 0, length);
  }
}
