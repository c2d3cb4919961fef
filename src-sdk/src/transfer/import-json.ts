/** Finds where and why a line is not the JSON it should be: the slow reader that runs when the quick one has refused. */

/** What is wrong with a line, and from which character on, counted from 1 as editors do. */
export class BadLine extends Error {
  readonly column: number;
  constructor(column: number, reason: string) {
    super(reason);
    this.column = column;
  }
}

/** Deeper nesting is no row of ours; the reader calls itself for each level. */
const DEPTH_MAX = 64;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORDS = ["true", "false", "null"] as const;
const ESCAPES = '"\\/bfnrtu';

/** Where a member of the row stands, and where its first half of a character without the other half is. */
export interface Member {
  readonly column: number;
  readonly loneSurrogateColumn: number | null;
}

/** Reads a whole line. @throws BadLine at the first thing that is not JSON */
export function locateMembers(text: string): Map<string, Member> {
  const walker = new Walker(text);
  walker.space();
  if (walker.peek() !== "{") throw walker.bad("a row is an object: it begins with {");
  walker.object(0, true);
  walker.space();
  if (!walker.isAtEnd()) throw walker.bad("there is something behind the row: one object a line");
  return walker.members;
}

class Walker {
  readonly members = new Map<string, Member>();
  readonly #text: string;
  #at = 0;
  #loneSurrogateColumn: number | null = null;

  constructor(text: string) {
    this.#text = text;
  }

  bad(reason: string): BadLine {
    return new BadLine(this.#at + 1, this.isAtEnd() ? `the line ends here: ${reason}` : reason);
  }

  peek(): string | undefined {
    return this.#text[this.#at];
  }

  isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  space(): void {
    while (this.#at < this.#text.length && " \t\r\n".includes(this.#text[this.#at] as string)) this.#at += 1;
  }

  object(depth: number, isRow = false): void {
    this.#at += 1;
    this.space();
    if (this.#take("}")) return;
    for (;;) {
      this.space();
      if (this.peek() !== '"') throw this.bad("a name in double quotes must stand here");
      const from = this.#at;
      this.string();
      const name: unknown = JSON.parse(this.#text.slice(from, this.#at));
      this.space();
      if (!this.#take(":")) throw this.bad("a colon must stand behind a name");
      this.space();
      this.#loneSurrogateColumn = null;
      const column = this.#at + 1;
      this.value(depth + 1);
      if (isRow) this.members.set(String(name), { column, loneSurrogateColumn: this.#loneSurrogateColumn });
      this.space();
      if (this.#take("}")) return;
      if (!this.#take(",")) throw this.bad("a comma or } must stand behind a value");
    }
  }

  #array(depth: number): void {
    this.#at += 1;
    this.space();
    if (this.#take("]")) return;
    for (;;) {
      this.space();
      this.value(depth + 1);
      this.space();
      if (this.#take("]")) return;
      if (!this.#take(",")) throw this.bad("a comma or ] must stand behind a value");
    }
  }

  value(depth: number): void {
    if (depth > DEPTH_MAX) throw this.bad(`nested more than ${DEPTH_MAX} deep`);
    const first = this.peek();
    if (first === "{") this.object(depth);
    else if (first === "[") this.#array(depth);
    else if (first === '"') this.string();
    else if (!this.#word() && !this.#number()) throw this.bad("a value must stand here");
  }

  #word(): boolean {
    const word = WORDS.find((known) => this.#text.startsWith(known, this.#at));
    this.#at += word?.length ?? 0;
    return word !== undefined;
  }

  #number(): boolean {
    NUMBER.lastIndex = this.#at;
    const found = NUMBER.exec(this.#text);
    this.#at += found?.[0].length ?? 0;
    return found !== null;
  }

  #take(character: string): boolean {
    if (this.peek() !== character) return false;
    this.#at += 1;
    return true;
  }

  string(): void {
    this.#at += 1;
    /** Column of a first half whose other half must come next. */
    let highColumn: number | null = null;
    for (;;) {
      const character = this.peek();
      if (character === undefined) throw this.bad("the text is not closed with a double quote");
      const column = this.#at + 1;
      const code = character === "\\" ? this.#escape() : this.#plain(character);
      const isLow = code >= 0xdc00 && code <= 0xdfff;
      const isPair = isLow && highColumn !== null;
      if (!isPair && (isLow || highColumn !== null)) this.#loneSurrogateColumn ??= highColumn ?? column;
      highColumn = code >= 0xd800 && code <= 0xdbff ? column : null;
      if (character === '"') return;
    }
  }

  #plain(character: string): number {
    const code = character.charCodeAt(0);
    if (code < 0x20) throw this.bad("a control character in a text must be written as an escape");
    this.#at += 1;
    return code;
  }

  /** The code unit that an escape stands for; of the short ones any that is no half of a character. */
  #escape(): number {
    const kind = this.#text[this.#at + 1];
    if (kind === undefined) {
      this.#at += 1;
      throw this.bad("an escape is not finished");
    }
    if (!ESCAPES.includes(kind)) throw this.bad("there is no such escape");
    if (kind !== "u") {
      this.#at += 2;
      return 0;
    }
    const digits = this.#text.slice(this.#at + 2, this.#at + 6);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw this.bad("\\u needs four hexadecimal digits");
    this.#at += 6;
    return Number.parseInt(digits, 16);
  }
}
