/**
 * The search language: what a person types becomes tests on keys and values.
 *
 *   profile          keys that contain it, upper and lower case alike
 *   user/*\/name      keys that match from end to end: * any run of characters, ? one
 *   /^user\/\d+$/     keys that match the regular expression
 *   key:x  value:x    the same three forms, on the key or on the value
 *   size>1k  size=0   bytes of the value; k and m are 1024 and 1024 squared
 *   seq>=840          sequence of the record that wrote the value
 *   "two words"       quotes keep spaces, and take * and ? as they are
 *   -draft            not
 *
 * Terms are joined by and.
 */

export type TextTest =
  | { readonly kind: "contains"; readonly text: string }
  | {
      readonly kind: "pattern";
      readonly source: string;
      readonly flags: string;
      /** What is marked where it matches: all of it, or its groups, which for a glob are its literal parts. */
      readonly marks: "match" | "groups";
    };

export interface SearchTerm {
  readonly field: "key" | "value" | "size" | "sequence";
  readonly isNegated: boolean;
  readonly text?: TextTest;
  readonly number?: { readonly operator: "<" | "<=" | "=" | ">=" | ">"; readonly value: number };
}

export class BadSearch extends Error {}

interface Token {
  readonly text: string;
  readonly isQuoted: boolean;
  readonly prefix: string;
  readonly isNegated: boolean;
}

/** Terms of the search; none for a blank one. @throws BadSearch with a sentence for the user */
export function parseSearch(search: string): SearchTerm[] {
  return tokenize(search).map(toTerm);
}

function tokenize(search: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < search.length) {
    if (/\s/.test(search[at] as string)) {
      at += 1;
      continue;
    }
    const token = readToken(search, at);
    tokens.push(token.token);
    at = token.end;
  }
  return tokens;
}

function readToken(search: string, start: number): { token: Token; end: number } {
  let at = start;
  const isNegated = search[at] === "-" && at + 1 < search.length && !/\s/.test(search[at + 1] as string);
  if (isNegated) at += 1;
  const prefix = /^(?:key|value):/i.exec(search.slice(at))?.[0] ?? "";
  at += prefix.length;
  const base = { prefix: prefix.toLowerCase(), isNegated };
  if (search[at] === '"') {
    const end = search.indexOf('"', at + 1);
    // An open quote is a search being typed: it reaches to the end.
    const text = search.slice(at + 1, end === -1 ? undefined : end);
    return { token: { ...base, text, isQuoted: true }, end: end === -1 ? search.length : end + 1 };
  }
  if (search[at] === "/") {
    const end = regexEnd(search, at);
    if (end !== null) return { token: { ...base, text: search.slice(at, end), isQuoted: false }, end };
  }
  const space = search.slice(at).search(/\s/);
  const end = space === -1 ? search.length : at + space;
  return { token: { ...base, text: search.slice(at, end), isQuoted: false }, end };
}

/** Behind `/source/flags` that starts at `at`; null when it is not closed, and so a text that begins with a slash. */
function regexEnd(search: string, at: number): number | null {
  for (let end = at + 1; end < search.length; end += 1) {
    if (search[end] === "\\") end += 1;
    else if (search[end] === "/") {
      const flags = /^[a-z]*(?=\s|$)/.exec(search.slice(end + 1));
      if (flags !== null && end > at + 1) return end + 1 + flags[0].length;
    }
  }
  return null;
}

const NUMBER_TERM = /^(size|seq)(<=|>=|=|:|<|>)(.*)$/i;

function toTerm(token: Token): SearchTerm {
  const { isNegated } = token;
  const number = token.isQuoted || token.prefix !== "" ? null : NUMBER_TERM.exec(token.text);
  if (number !== null) return numberTerm(number as unknown as [string, string, string, string], isNegated);
  const field = token.prefix === "value:" ? "value" : "key";
  if (token.text === "") throw new BadSearch(`${token.prefix || "The search"} needs a text behind it`);
  return { field, isNegated, text: textTest(token) };
}

function numberTerm([, name, operator, text]: [string, string, string, string], isNegated: boolean): SearchTerm {
  const field = name.toLowerCase() === "size" ? "size" : "sequence";
  const match = /^(\d+(?:\.\d+)?)(k|m)?b?$/i.exec(text.replaceAll(",", ""));
  const factor = { k: 1024, m: 1024 * 1024 }[(match?.[2] ?? "").toLowerCase()] ?? 1;
  if (match === null || (field === "sequence" && factor !== 1)) {
    const example = field === "size" ? "size>100 or size>1k" : "seq>=840";
    throw new BadSearch(`${name}${operator} needs a number behind it, for example ${example}`);
  }
  const sign = operator === ":" ? "=" : (operator as "<" | "<=" | "=" | ">=" | ">");
  return { field, isNegated, number: { operator: sign, value: Number(match[1]) * factor } };
}

function textTest(token: Token): TextTest {
  const { text } = token;
  if (token.isQuoted) return { kind: "contains", text };
  const regex = /^\/(.+)\/([a-z]*)$/s.exec(text);
  if (regex !== null && regexEnd(text, 0) === text.length) {
    const [, source, flags] = regex as unknown as [string, string, string];
    checkPattern(source, flags);
    return { kind: "pattern", source, flags, marks: "match" };
  }
  if (/[*?]/.test(text)) return { kind: "pattern", source: globSource(text), flags: "is", marks: "groups" };
  return { kind: "contains", text };
}

function checkPattern(source: string, flags: string): void {
  if (/[gy]/.test(flags)) throw new BadSearch("the flags g and y mean nothing in a search; use i, m, s or u");
  try {
    new RegExp(source, flags);
  } catch (error) {
    throw new BadSearch(error instanceof Error ? error.message : "this is not a regular expression");
  }
}

function globSource(glob: string): string {
  const parts = glob.match(/[*]+|[?]|[^*?]+/g) ?? [];
  const body = parts.map((part) =>
    part.startsWith("*") ? ".*" : part === "?" ? "." : `(${part.replaceAll(/[\\^$.|+()[\]{}]/g, "\\$&")})`,
  );
  return `^${body.join("")}$`;
}
