/** Reads JSON into a tree that keeps every number as it is written and every duplicate key, and says exactly where text ceases to be JSON. */

export type JsonNode = {
  /** Offsets in the text, in UTF-16 units. */
  readonly from: number;
  readonly to: number;
} & (
  | { readonly kind: "object"; readonly members: readonly { readonly key: string; readonly value: JsonNode }[] }
  | { readonly kind: "array"; readonly items: readonly JsonNode[] }
  | { readonly kind: "string"; readonly value: string }
  /** `number`, `true`, `false` and `null` as they are written. */
  | { readonly kind: "number" | "keyword"; readonly raw: string }
);

export interface JsonFault {
  /** Offset in the text, in UTF-16 units. */
  readonly at: number;
  /** What was expected there. */
  readonly expected: string;
}

export type JsonResult =
  | { readonly ok: true; readonly root: JsonNode }
  | { readonly ok: false; readonly fault: JsonFault };

/** Nested deeper, a tree is of no use to anybody, and the stack ends somewhere. */
const DEPTH_MAX = 512;

class Fault extends Error {
  readonly at: number;
  constructor(at: number, expected: string) {
    super(expected);
    this.at = at;
  }
}

const SPACE = /[ \t\r\n]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const KEYWORD = /true|false|null/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON strings may not contain them.
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y; // oxlint-disable-line no-control-regex

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  root(): JsonNode {
    const root = this.#value(0);
    this.#skipSpace();
    if (this.#at < this.#text.length) throw new Fault(this.#at, "the end of the text");
    return root;
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#text)?.[0] ?? null;
  }

  #skipSpace(): void {
    this.#at += this.#match(SPACE)?.length ?? 0;
  }

  #value(depth: number): JsonNode {
    if (depth > DEPTH_MAX) throw new Fault(this.#at, `no more than ${DEPTH_MAX} levels`);
    this.#skipSpace();
    const from = this.#at;
    const first = this.#text[from];
    if (first === "{") return this.#object(from, depth);
    if (first === "[") return this.#array(from, depth);
    if (first === '"') return { kind: "string", value: this.#string(), from, to: this.#at };
    for (const [kind, pattern] of [
      ["number", NUMBER],
      ["keyword", KEYWORD],
    ] as const) {
      const raw = this.#match(pattern);
      if (raw === null) continue;
      this.#at += raw.length;
      return { kind, raw, from, to: this.#at };
    }
    throw new Fault(from, "a value");
  }

  #string(): string {
    const from = this.#at;
    const raw = this.#match(STRING);
    if (raw === null)
      throw new Fault(this.#endOfString(from), 'a closing “"”, without line breaks and with valid escapes');
    this.#at += raw.length;
    return JSON.parse(raw) as string;
  }

  /** Where a string that does not end well goes wrong. */
  #endOfString(from: number): number {
    for (let at = from + 1; at < this.#text.length; at += 1) {
      const code = this.#text.charCodeAt(at);
      if (code < 0x20) return at;
      if (code === 0x5c) {
        if (!/^\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/.test(this.#text.slice(at, at + 6))) return at;
        at += 1;
      }
    }
    return this.#text.length;
  }

  #object(from: number, depth: number): JsonNode {
    const members: { key: string; value: JsonNode }[] = [];
    this.#at += 1;
    this.#skipSpace();
    if (this.#text[this.#at] !== "}") {
      for (;;) {
        this.#skipSpace();
        if (this.#text[this.#at] !== '"') throw new Fault(this.#at, 'a key in “"”');
        const key = this.#string();
        this.#expect(":");
        members.push({ key, value: this.#value(depth + 1) });
        if (!this.#next("}")) break;
      }
    }
    this.#at += 1;
    return { kind: "object", members, from, to: this.#at };
  }

  #array(from: number, depth: number): JsonNode {
    const items: JsonNode[] = [];
    this.#at += 1;
    this.#skipSpace();
    if (this.#text[this.#at] !== "]") {
      do items.push(this.#value(depth + 1));
      while (this.#next("]"));
    }
    this.#at += 1;
    return { kind: "array", items, from, to: this.#at };
  }

  #expect(character: string): void {
    this.#skipSpace();
    if (this.#text[this.#at] !== character) throw new Fault(this.#at, `“${character}”`);
    this.#at += 1;
  }

  /** Behind a member: true for a comma, false for the closing bracket, which is left to be read. */
  #next(closer: string): boolean {
    const behind = this.#at;
    this.#skipSpace();
    const character = this.#text[this.#at];
    if (character === closer) return false;
    // Said where the member ended: that is where the comma is missing.
    if (character !== ",") throw new Fault(character === undefined ? this.#at : behind, `“,” or “${closer}”`);
    this.#at += 1;
    return true;
  }
}

export function parseJson(text: string): JsonResult {
  try {
    return { ok: true, root: new Reader(text).root() };
  } catch (error) {
    if (error instanceof Fault) return { ok: false, fault: { at: error.at, expected: error.message } };
    throw error;
  }
}

/** The text with two spaces a level; numbers and strings exactly as they were written. */
export function formatJson(text: string, root: JsonNode, indent = ""): string {
  const inner = `${indent}  `;
  if (root.kind === "object") {
    if (root.members.length === 0) return "{}";
    const lines = root.members.map(
      ({ key, value }) => `${inner}${JSON.stringify(key)}: ${formatJson(text, value, inner)}`,
    );
    return `{\n${lines.join(",\n")}\n${indent}}`;
  }
  if (root.kind === "array") {
    if (root.items.length === 0) return "[]";
    return `[\n${root.items.map((item) => `${inner}${formatJson(text, item, inner)}`).join(",\n")}\n${indent}]`;
  }
  return text.slice(root.from, root.to);
}

/** An integer that JavaScript and many JSON readers would round. */
export function isLossyInteger(raw: string): boolean {
  return /^-?\d+$/.test(raw) && !Number.isSafeInteger(Number(raw));
}

export interface TextPlace {
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** Offset in the UTF-8 bytes, from 0. */
  readonly byte: number;
}

export function placeOf(text: string, at: number): TextPlace {
  const before = text.slice(0, at);
  const line = before.split("\n").length;
  return { line, column: at - before.lastIndexOf("\n"), byte: new TextEncoder().encode(before).length };
}
