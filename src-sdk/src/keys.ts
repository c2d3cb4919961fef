/** Checks what callers pass as keys and values, before anything is written. */
import { writeAscii } from "./ascii.js";
import { SoftadastraError } from "./result.js";
import { KeyProbe } from "./store/key-probe.js";
import { Value } from "./value.js";
import { KEY_BYTES_MAX, valueBytesMax } from "./wal/operation.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** A key: 1 byte to 1 MiB. Text counts as its UTF-8 and must be well-formed; bytes may be any. */
export type KeyInput = string | Uint8Array;
/** A value: up to 64 MiB less 18 bytes and the key. Text counts as its UTF-8 and must be well-formed; bytes may be any. */
export type ValueInput = string | Uint8Array | Value;

function refuse(message: string, facts?: { key?: string }): never {
  throw new SoftadastraError("invalid_argument", message, facts);
}

/** A lone surrogate has no UTF-8 form: storing it would silently store something else. */
function encodeText(what: string, text: string): Uint8Array {
  const short = encodeShortText(text);
  if (short !== null) return short;
  if (!text.isWellFormed()) {
    refuse(`the ${what} is not well-formed text: it has a lone surrogate; pass a Uint8Array to store arbitrary bytes`);
  }
  return encoder.encode(text);
}

/** Up to this length V8 keeps an array among its own objects, which makes it cheap to have a new one for each call. */
const SHORT_TEXT_LENGTH = 64;

/** Short ASCII, as most keys are; null for other text. */
function encodeShortText(text: string): Uint8Array | null {
  if (text.length > SHORT_TEXT_LENGTH) return null;
  const bytes = new Uint8Array(text.length);
  return writeAscii(text, bytes) ? bytes : null;
}

/** For messages and for `entry.key`; invalid UTF-8 shows as U+FFFD, `keyBytes` has the truth. */
export function keyText(key: Uint8Array): string {
  return decoder.decode(key);
}

export function readKey(key: unknown): Uint8Array {
  const bytes =
    typeof key === "string"
      ? encodeText("key", key)
      : key instanceof Uint8Array
        ? key
        : refuse(`the key must be a string or a Uint8Array, not ${describe(key)}`);
  if (bytes.length === 0) refuse("the key is empty; a key has 1 byte to 1 MiB");
  if (bytes.length > KEY_BYTES_MAX) refuse(`the key has ${bytes.length} bytes; the limit is ${KEY_BYTES_MAX} (1 MiB)`);
  return bytes;
}

export function readValue(value: unknown, key: Uint8Array): Uint8Array {
  const bytes =
    typeof value === "string"
      ? encodeText("value", value)
      : value instanceof Uint8Array
        ? value
        : value instanceof Value
          ? Value.bytesOf(value)
          : refuse(`the value must be a string, a Uint8Array or a Value, not ${describe(value)}`);
  const max = valueBytesMax(key.length);
  if (bytes.length > max) {
    refuse(`the value has ${bytes.length} bytes; with this key the limit is ${max} (64 MiB less overhead)`, {
      key: keyText(key),
    });
  }
  return bytes;
}

/** The key as one to look for. @throws SoftadastraError `invalid_argument` */
export function probeOf(key: unknown): KeyProbe {
  if (typeof key === "string" && PROBE.takeText(key)) return PROBE;
  const bytes = readKey(key);
  return PROBE.take(bytes, 0, bytes.length);
}

const PROBE = new KeyProbe();

/** For questions that have no way to refuse: null for what cannot be a key. */
export function keyBytesOrNull(key: unknown): Uint8Array | null {
  if (typeof key === "string") return encodeShortText(key) ?? (key.isWellFormed() ? encoder.encode(key) : null);
  return key instanceof Uint8Array ? key : null;
}

/** A place among the keys: like a key, and may be empty or longer than any. */
export function readKeyRange(name: string, place: unknown): Uint8Array {
  if (typeof place === "string") return encodeText(name, place);
  return place instanceof Uint8Array
    ? place
    : refuse(`${name} must be a string or a Uint8Array, not ${describe(place)}`);
}

function describe(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : typeof value;
}
