/** Reads JSON into a tree that keeps every number as it is written and every duplicate key, and says exactly where text ceases to be JSON. */

export type JsonNode = {
  /** Offsets in the text, in UTF-16 units. */
  readonly from: number;
  readonly to: number;
} & (
  | { readonly kind: "object"; readonly members: readonly JsonMember[] }
  | { readonly kind: "array"; readonly items: readonly JsonNode[] }
  | { readonly kind: "string"; readonly value: string }
  /** `number`, `true`, `false` and `null` as they are written. */
  | { readonly kind: "number" | "keyword"; readonly raw: string }
);

export interface JsonMember {
  readonly key: string;
  /** As it is written, with quotes and escapes. */
  readonly rawKey: string;
  readonly value: JsonNode;
}

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
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

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

  /** Character by character: a pattern for the whole of it overflows the stack of its engine on values of some megabytes. */
  #string(): string {
    const from = this.#at;
    for (this.#at += 1; this.#text[this.#at] !== '"'; ) {
      const isEscape = this.#text[this.#at] === "\\";
      const length = isEscape ? (this.#match(ESCAPE)?.length ?? 0) : this.#text.charCodeAt(this.#at) >= 0x20 ? 1 : 0;
      if (length === 0) throw new Fault(this.#at, 'a closing “"”, without line breaks and with valid escapes');
      this.#at += length;
    }
    this.#at += 1;
    return JSON.parse(this.#text.slice(from, this.#at)) as string;
  }

  #object(from: number, depth: number): JsonNode {
    const members: JsonMember[] = [];
    this.#at += 1;
    this.#skipSpace();
    if (this.#text[this.#at] !== "}") {
      for (;;) {
        this.#skipSpace();
        if (this.#text[this.#at] !== '"') throw new Fault(this.#at, 'a key in “"”');
        const keyFrom = this.#at;
        const key = this.#string();
        const rawKey = this.#text.slice(keyFrom, this.#at);
        this.#expect(":");
        members.push({ key, rawKey, value: this.#value(depth + 1) });
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
    const lines = root.members.map(({ rawKey, value }) => `${inner}${rawKey}: ${formatJson(text, value, inner)}`);
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

/** What draws nothing, or turns the reading direction. The two zero-width joiners stay: emoji and some scripts need them. */
const UNSEEN = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** Text as it stands, tabs too, with everything else escaped that could not be seen. */
export function escapeUnseen(text: string): string {
  return text.replace(UNSEEN, (unseen) => (unseen === "\t" ? unseen : escapeUnits(unseen)));
}

function escapeUnits(unseen: string): string {
  return Array.from({ length: unseen.length }, (_, i) => {
    return `\\u${unseen.charCodeAt(i).toString(16).toUpperCase().padStart(4, "0")}`;
  }).join("");
}

/** A string as JSON writes it, with everything escaped that could not be seen. */
export function quoted(text: string): string {
  return JSON.stringify(text).replace(UNSEEN, escapeUnits);
}
