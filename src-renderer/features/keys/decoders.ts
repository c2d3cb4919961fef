/** The ways to see a value, and which of them is meant: the one that was chosen, the one a rule names, or a guess. */
import type { ValueKind } from "@softadastra/inspector-contract";
import { decodeText } from "../../lib/bytes.ts";
import { encodingLabel, isTextEncoding, TEXT_ENCODINGS, type TextEncodingId } from "../../lib/text-encodings.ts";
import { guessBytes } from "../../lib/value-guess.ts";

/** `text` is UTF-8; other encodings name themselves. */
export type DecoderId = "text" | "json" | "hex" | "image" | "msgpack" | "cbor" | `text:${TextEncodingId}`;
export type ValueTab = "auto" | DecoderId;

const WORDS: Readonly<Record<string, string>> = {
  text: "Text",
  json: "JSON",
  hex: "Hex",
  image: "Image",
  msgpack: "msgpack",
  cbor: "CBOR",
};

export function encodingOf(decoder: string): TextEncodingId | null {
  const id = decoder.startsWith("text:") ? decoder.slice(5) : "";
  return isTextEncoding(id) ? id : null;
}

export function isDecoder(id: string): id is DecoderId {
  return Object.hasOwn(WORDS, id) || encodingOf(id) !== null;
}

export function decoderLabel(decoder: DecoderId): string {
  const encoding = encodingOf(decoder);
  return encoding === null ? (WORDS[decoder] ?? decoder) : encodingLabel(encoding);
}

/** As it stands behind "Auto". */
export function decoderHint(decoder: DecoderId): string {
  const isWord = decoder === "text" || decoder === "json" || decoder === "hex" || decoder === "image";
  return isWord ? decoder : decoderLabel(decoder);
}

/** Those that have a tab of their own only while they are used. */
export const MORE_DECODERS: readonly DecoderId[] = [
  "msgpack",
  "cbor",
  ...TEXT_ENCODINGS.filter(({ id }) => id !== "utf-8").map(({ id }): DecoderId => `text:${id}`),
];

/** All that a rule can name. */
export const DECODERS: readonly DecoderId[] = ["text", "json", "hex", "image", ...MORE_DECODERS];

export function isImageKind(kind: ValueKind): boolean {
  return kind === "png" || kind === "jpeg" || kind === "gif" || kind === "webp" || kind === "bmp";
}

/** What "Auto" shows, by the kind the host guessed and what the bytes turn out to be. */
export function autoTab(kind: ValueKind, bytes: Uint8Array | null, isWhole = true): DecoderId {
  if (isImageKind(kind)) return "image";
  if (bytes === null) return kind === "bytes" ? "hex" : kind === "json" ? "json" : "text";
  // Controls at its start are no text to the host; what is not UTF-8 is none to anybody.
  if (kind === "bytes" || !decodeText(bytes).isText) return (isWhole ? guessBytes(bytes) : null) ?? "hex";
  return kind === "json" ? "json" : "text";
}
