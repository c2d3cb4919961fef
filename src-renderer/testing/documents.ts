/** Random documents for decoders, and what a decoder's rows say put together again. */
import fc from "fast-check";
import type { ByteFormat, ByteTree } from "../lib/byte-tree.ts";
import { parseHex } from "../lib/bytes.ts";

/** The document as JavaScript has it, read from what the rows say. */
export function rebuilt(format: ByteFormat, bytes: Uint8Array, tree: ByteTree): unknown {
  const build = (index: number): unknown => {
    const [from, to, end] = [tree.from[index], tree.to[index], tree.end[index]] as [number, number, number];
    const members: [unknown, unknown][] = [];
    for (let child = index + 1; child < end; child = tree.end[child] as number) {
      const [keyFrom, keyTo] = [tree.keyFrom[child] as number, tree.keyTo[child] as number];
      const key = format.textAt(bytes, keyFrom);
      members.push([keyFrom < keyTo && key?.isText ? key.text : null, build(child)]);
    }
    if (format.isMapAt(bytes, from)) return Object.fromEntries(members as [string, unknown][]);
    if (format.isArrayAt(bytes, from)) return members.map(([, value]) => value);
    const { tone, text } = format.describe(bytes, from, to, 0);
    if (tone === "string") return JSON.parse(text);
    if (tone === "bytes") return parseHex(text.replace(/^h'|'$/g, ""));
    if (tone === "number") return /^-?\d+$/.test(text) ? BigInt(text) : Number(text);
    return { nil: null, null: null, true: true, false: false, undefined: undefined }[text];
  };
  return build(0);
}

export interface DocumentOptions {
  /** A format without a word for it has it as nothing. */
  readonly hasUndefined: boolean;
}

/** Documents of everything that JavaScript, CBOR and MessagePack have in common. */
export function anyDocument({ hasUndefined }: DocumentOptions = { hasUndefined: true }): fc.Arbitrary<unknown> {
  return fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
      fc.double().filter((n) => !Number.isInteger(n)),
      fc.string({ unit: "grapheme", maxLength: 40 }),
      fc.uint8Array({ maxLength: 32 }),
      fc.constantFrom(null, true, false, ...(hasUndefined ? [undefined] : [])),
      fc.array(tie("value"), { maxLength: 20 }),
      fc.dictionary(
        fc.string({ maxLength: 30 }).filter((key) => key !== "__proto__"),
        tie("value"),
        { noNullPrototype: true, maxKeys: 20 },
      ),
    ),
  })).value;
}
