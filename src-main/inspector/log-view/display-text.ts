/** Shows bytes as text that cannot mislead: what is not printable, not valid, or turns the reading direction is escaped. */

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Controls, and what reorders or hides text. The two zero-width joiners stay: emoji and some scripts need them. */
const UNSAFE = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\u2028\u2029]/gu;
const SHORT_ESCAPES: Record<string, string> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function escapeCharacter(character: string): string {
  const short = SHORT_ESCAPES[character];
  if (short !== undefined) return short;
  const code = character.codePointAt(0) as number;
  if (code < 256) return `\\x${hex(code, 2)}`;
  return code > 0xffff ? `\\u{${hex(code, 5)}}` : `\\u${hex(code, 4)}`;
}

function hex(value: number, width: number): string {
  return value.toString(16).toUpperCase().padStart(width, "0");
}

export interface DisplayText {
  readonly text: string;
  /** The bytes are UTF-8 and nothing had to be escaped: the text is the key, character for character. */
  readonly isText: boolean;
}

/** A backslash that could be taken for one of our escapes. */
const LOOKS_ESCAPED = /\\[\\nrtxu]/;

/** Text of `bytes`; where anything is escaped, backslashes are too, so that two different keys never read the same. */
export function displayText(bytes: Uint8Array): DisplayText {
  const decoded = decodeStrict(bytes);
  if (decoded !== null && decoded.search(UNSAFE) === -1 && !LOOKS_ESCAPED.test(decoded)) {
    return { text: decoded, isText: true };
  }
  const text =
    decoded === null ? escapeInvalid(bytes) : decoded.replaceAll("\\", "\\\\").replace(UNSAFE, escapeCharacter);
  return { text, isText: false };
}

export function decodeStrict(bytes: Uint8Array): string | null {
  try {
    return strict.decode(bytes);
  } catch {
    return null;
  }
}

/** Valid stretches as text, every other byte as \xNN. */
function escapeInvalid(bytes: Uint8Array): string {
  let text = "";
  let at = 0;
  while (at < bytes.length) {
    const length = sequenceLength(bytes, at);
    const character = length === 0 ? null : decodeStrict(bytes.subarray(at, at + length));
    if (character === null) {
      text += `\\x${hex(bytes[at] as number, 2)}`;
      at += 1;
    } else {
      text += character.replaceAll("\\", "\\\\").replace(UNSAFE, escapeCharacter);
      at += length;
    }
  }
  return text;
}

/** Bytes that the lead byte at `at` announces, or 0 when it cannot begin a character. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] as number;
  const length = lead < 0x80 ? 1 : lead >= 0xf0 && lead < 0xf5 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
  return at + length <= bytes.length ? length : 0;
}

/** Shown as hex with its offset, as every offset of the app is. */
export function formatOffset(offset: number): string {
  return `0x${hex(offset, 5)}`;
}

/** Splits a key behind each separator: `user/42/name` into `user/`, `42/`, `name`. */
export function splitKey(bytes: Uint8Array, separator: string): Uint8Array[] {
  if (separator === "") return [bytes];
  const byte = separator.charCodeAt(0);
  const parts: Uint8Array[] = [];
  let from = 0;
  for (let at = bytes.indexOf(byte); at !== -1; at = bytes.indexOf(byte, from)) {
    // A separator at the very end belongs to the last name: there is nothing behind it to be a folder of.
    if (at === bytes.length - 1) break;
    parts.push(bytes.subarray(from, at + 1));
    from = at + 1;
  }
  parts.push(bytes.subarray(from));
  return parts;
}

export const toBase64 = (bytes: Uint8Array) =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64");
export const fromBase64 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "base64"));
