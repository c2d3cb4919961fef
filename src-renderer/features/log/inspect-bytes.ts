/** What the bytes at one place are when they are read as numbers, time or text. */
import { decodeText, printable } from "../../lib/bytes.ts";

export interface Reading {
  readonly name: string;
  readonly text: string;
}

/** The most bytes a reading needs. */
export const READING_BYTES_MAX = 8;

const grouped = new Intl.NumberFormat("en-US", { useGrouping: false });

/** Readings of the bytes from `at` on; those that reach past the end are left out. */
export function readingsOf(bytes: Uint8Array, at: number, isLittleEndian: boolean): Reading[] {
  const left = bytes.length - at;
  if (left <= 0) return [];
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, Math.min(left, READING_BYTES_MAX));
  const first = view.getUint8(0);
  const readings: Reading[] = [{ name: "u8", text: String(first) }];
  const add = (name: string, size: number, read: () => string) => {
    if (left >= size) readings.push({ name, text: read() });
  };
  add("u16", 2, () => String(view.getUint16(0, isLittleEndian)));
  add("u32", 4, () => String(view.getUint32(0, isLittleEndian)));
  // A number would not hold all 64 bits.
  add("i64", 8, () => String(view.getBigInt64(0, isLittleEndian)));
  add("f64", 8, () => formatDouble(view.getFloat64(0, isLittleEndian)));
  readings.push({ name: "bits", text: first.toString(2).padStart(8, "0") });
  readings.push({ name: "text", text: characterAt(bytes.subarray(at, at + 4)) });
  add("time", 8, () => formatMs(view.getBigInt64(0, isLittleEndian)));
  return readings;
}

function formatDouble(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-4 || size >= 1e9) ? value.toExponential(3) : grouped.format(value);
}

/** Milliseconds since 1970, as the log has its times. */
function formatMs(ms: bigint): string {
  return ms > 0n && ms <= 8_640_000_000_000_000n ? new Date(Number(ms)).toISOString() : "out of range";
}

/** The character that begins here, or the byte as it is shown in the hex pane. */
function characterAt(bytes: Uint8Array): string {
  const lead = bytes[0] ?? 0;
  const length = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  const decoded = decodeText(bytes.subarray(0, length));
  if (!decoded.isText || lead < 0x20 || lead === 0x7f) return printable(lead);
  return decoded.text;
}

export type CopyFormat = "hex" | "base64" | "c" | "text";

/** Bytes in the form that goes into other programs. */
export function copyForm(bytes: Uint8Array, format: CopyFormat): string {
  const hex = Array.from(bytes, (byte) => byte.toString(16).toUpperCase().padStart(2, "0"));
  if (format === "hex") return hex.join(" ");
  if (format === "text") return new TextDecoder().decode(bytes);
  if (format === "base64") return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  const lines: string[] = [];
  for (let at = 0; at < hex.length; at += 12) {
    lines.push(
      `  ${hex
        .slice(at, at + 12)
        .map((digits) => `0x${digits}`)
        .join(", ")},`,
    );
  }
  return `static const unsigned char bytes[${bytes.length}] = {\n${lines.join("\n")}\n};\n`;
}
