/** One key and its value in the forms that other programs take: a row for import, base64, hex, C, a command for a terminal. */

/** Line ends besides LF and CR, and characters that hide or turn text: escaped, as export writes them. */
const ESCAPED = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;
const C_BYTES_A_LINE = 12;

interface Pair {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

export function base64Of(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** A line that Import reads back: docs/export-format.md. */
export function ndjsonRow({ key, value }: Pair): string {
  const [keyText, valueText] = [textOf(key), textOf(value)];
  const row = {
    row: "key/1",
    ...(keyText === null ? { keyBase64: base64Of(key) } : { key: keyText }),
    operation: "put",
    valueBytes: value.length,
    ...(valueText === null ? { valueBase64: base64Of(value) } : { value: valueText }),
  };
  const asEscape = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(row).replace(ESCAPED, asEscape);
}

/** `e282ac` */
export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** An array of C; an empty one has a byte that does not count, for C has no empty arrays. */
export function cArray(bytes: Uint8Array): string {
  const all = Array.from(bytes, (byte) => `0x${byte.toString(16).padStart(2, "0")}`);
  const lines: string[] = [];
  for (let at = 0; at < all.length; at += C_BYTES_A_LINE)
    lines.push(`  ${all.slice(at, at + C_BYTES_A_LINE).join(", ")},`);
  const body = lines.length === 0 ? "  0x00," : lines.join("\n");
  return `static const unsigned char value[] = {\n${body}\n};\nstatic const size_t value_bytes = ${bytes.length};\n`;
}

/** In single quotes nothing means anything to a shell but the quote itself. */
const quoted = (text: string) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** Null for a key that is no text: a terminal hands over nothing else. */
export function getCommand(path: string, key: Uint8Array): string | null {
  const text = textOf(key);
  if (text === null || text.includes("\0")) return null;
  // What begins with a dash would be taken for an option.
  const isOption = text.startsWith("-") || path.startsWith("-");
  return `softadastra-wal get ${isOption ? "-- " : ""}${quoted(path)} ${quoted(text)}`;
}
