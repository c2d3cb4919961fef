/** What the node to be killed and the one who kills it agree on: the writes, and how they are told over the pipe. */
import { Value } from "@softadastra/sdk";

/** What the node is started with, as one argument. */
export interface KillJob {
  readonly path: string;
  readonly prefix: string;
  readonly outstanding: number;
  /** It stops by itself after so many writes, should nobody kill it. */
  readonly writesMax: number;
}

/** One line for each event: the file is open, a put was begun, a put returned; or why there is none. */
export type KillLine =
  | { readonly what: "open" }
  | { readonly what: "begun" | "confirmed"; readonly write: number }
  | { readonly what: "failed"; readonly message: string };

const LETTERS = { begun: "b", confirmed: "c", open: "o", failed: "f" } as const;

export function encodeLine(line: KillLine): string {
  const rest = "write" in line ? String(line.write) : "message" in line ? JSON.stringify(line.message) : "";
  return `${LETTERS[line.what]}${rest}\n`;
}

/** Null for a line that was not finished when the process died. */
export function decodeLine(text: string): KillLine | null {
  const rest = text.slice(1);
  if (text === "o") return { what: "open" };
  if (/^[bc]\d+$/.test(text)) return { what: text[0] === "b" ? "begun" : "confirmed", write: Number(rest) };
  if (text[0] === "f") return { what: "failed", message: rest };
  return null;
}

export const keyOfWrite = (prefix: string, write: number) => `${prefix}${String(write).padStart(6, "0")}`;

/** Values of many lengths, each told from every other. */
export const valueOfWrite = (write: number) => Value.fromString(`write ${write} ${"·".repeat((write * 7) % 90)}`);
