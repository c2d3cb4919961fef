/** What a key holds: bytes, with a view of them as text. */

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** An immutable sequence of bytes: what a key holds (spec 1, "Types"). */
export class Value {
  readonly #bytes: Uint8Array;

  private constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** UTF-8 of `text`. A lone surrogate has no UTF-8 form and becomes U+FFFD, as everywhere in JavaScript. */
  static fromString(text: string): Value {
    return new Value(encoder.encode(text));
  }

  /** A copy of `bytes`: later changes to the array do not change the value. */
  static fromBytes(bytes: Uint8Array): Value {
    return new Value(new Uint8Array(bytes));
  }

  /** Takes ownership of `bytes` without copying: for the engine, whose arrays nobody else holds. Use `fromBytes`. */
  static adopt(bytes: Uint8Array): Value {
    return new Value(bytes);
  }

  /** The bytes read as UTF-8; invalid sequences show as U+FFFD. `toBytes()` has the truth. */
  toString(): string {
    return decoder.decode(this.#bytes);
  }

  /** A copy of the bytes. */
  toBytes(): Uint8Array {
    return new Uint8Array(this.#bytes);
  }

  /** The bytes themselves, without a copy: for the engine, which never changes them. Use `toBytes`. */
  static bytesOf(value: Value): Uint8Array {
    return value.#bytes;
  }

  /** Length in bytes. */
  get size(): number {
    return this.#bytes.length;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return `Value(${this.size} bytes)`;
  }
}
