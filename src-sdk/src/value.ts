/** What a key holds: bytes, with a view of them as text. */

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * An immutable sequence of bytes: what a key holds (spec 1, "Types"). It can lie in memory that it shares with others, of
 * up to 16 KiB, or 256 KiB from a node without a log: of many values, keep the text or the bytes.
 */
export class Value {
  /** The bytes lie in here, among others, and never change. */
  readonly #bytes: Uint8Array;
  readonly #from: number;
  readonly #size: number;

  private constructor(bytes: Uint8Array, from: number, size: number) {
    this.#bytes = bytes;
    this.#from = from;
    this.#size = size;
  }

  /** UTF-8 of `text`. A lone surrogate has no UTF-8 form and becomes U+FFFD, as everywhere in JavaScript. */
  static fromString(text: string): Value {
    return Value.adopt(encoder.encode(text));
  }

  /** A copy of `bytes`: later changes to the array do not change the value. */
  static fromBytes(bytes: Uint8Array): Value {
    return Value.adopt(new Uint8Array(bytes));
  }

  /** Takes ownership of `bytes` without copying: for the engine, whose arrays nobody else holds. Use `fromBytes`. */
  static adopt(bytes: Uint8Array): Value {
    return new Value(bytes, 0, bytes.length);
  }

  /** As `adopt`, of some of the bytes: for the engine, which reads many small values and makes no array for each. */
  static inside(bytes: Uint8Array, from: number, size: number): Value {
    return new Value(bytes, from, size);
  }

  /** The bytes read as UTF-8; invalid sequences show as U+FFFD. `toBytes()` has the truth. */
  toString(): string {
    return decoder.decode(Value.bytesOf(this));
  }

  /** A copy of the bytes, in a buffer of its own. */
  toBytes(): Uint8Array {
    return new Uint8Array(Value.bytesOf(this));
  }

  /**
   * The byte at `index`: from 0, or from the end when it is negative, as with arrays; undefined where there is none. For a
   * look at a few of them, without a copy of all.
   */
  at(index: number): number | undefined {
    const place = index < 0 ? this.#size + index : index;
    return place >= 0 && place < this.#size ? this.#bytes[this.#from + place] : undefined;
  }

  /** The bytes themselves, without a copy: for the engine, which never changes them. Use `toBytes`. */
  static bytesOf(value: Value): Uint8Array {
    return value.#bytes.subarray(value.#from, value.#from + value.#size);
  }

  /** Length in bytes. */
  get size(): number {
    return this.#size;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return `Value(${this.size} bytes)`;
  }
}
