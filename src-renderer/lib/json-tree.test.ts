import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seeded } from "../testing/seed.ts";
import { formatJson, isLossyInteger, type JsonNode, parseJson, placeOf, quoted } from "./json-tree.ts";

function parsed(text: string): JsonNode {
  const result = parseJson(text);
  if (!result.ok) throw new Error(`expected ${result.fault.expected} at ${result.fault.at}`);
  return result.root;
}

function formatted(text: string): string {
  return formatJson(text, parsed(text));
}

function childrenOf(node: JsonNode): readonly JsonNode[] {
  if (node.kind === "object") return node.members.map(({ value }) => value);
  return node.kind === "array" ? node.items : [];
}

/** What JSON.parse makes of the part of the text that a node says it covers. */
function valueAt(text: string, node: JsonNode): unknown {
  return JSON.parse(text.slice(node.from, node.to));
}

function plain(node: JsonNode): unknown {
  if (node.kind === "object") return Object.fromEntries(node.members.map(({ key, value }) => [key, plain(value)]));
  if (node.kind === "array") return node.items.map(plain);
  return node.kind === "string" ? node.value : JSON.parse(node.raw);
}

const spaced = fc
  .tuple(fc.json({ stringUnit: "binary", maxDepth: 4 }), fc.constantFrom("", " ", "\n\t", "\r\n"))
  .map(([text, space]) => `${space}${JSON.stringify(JSON.parse(text), null, space === "" ? 0 : 3)}${space}`);

describe("any JSON", () => {
  test("is read as JSON.parse reads it", () => {
    fc.assert(
      fc.property(spaced, (text) => {
        expect(plain(parsed(text))).toEqual(JSON.parse(text));
      }),
      seeded,
    );
  });

  test("has nodes that cover their own source: children inside, in order, each of them JSON by itself", () => {
    const check = (text: string, node: JsonNode) => {
      expect(valueAt(text, node)).toEqual(plain(node));
      let at = node.from;
      for (const child of childrenOf(node)) {
        expect(child.from).toBeGreaterThan(at);
        expect(child.to).toBeLessThan(node.to);
        at = child.to - 1;
        check(text, child);
      }
    };
    fc.assert(
      fc.property(spaced, (text) => check(text, parsed(text))),
      seeded,
    );
  });

  test("formatted means the same, and formatting it again changes nothing", () => {
    fc.assert(
      fc.property(spaced, (text) => {
        const once = formatted(text);
        expect(JSON.parse(once)).toEqual(JSON.parse(text));
        expect(formatted(once)).toBe(once);
      }),
      seeded,
    );
  });

  test("formatted looks as JSON.stringify with two spaces, where that loses nothing", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        expect(formatted(JSON.stringify(value))).toBe(JSON.stringify(JSON.parse(JSON.stringify(value)), null, 2));
      }),
      seeded,
    );
  });
});

test("any text is taken or refused exactly as by JSON.parse", () => {
  const pieces = fc.array(
    fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      '"',
      "a",
      "\\",
      "\\u00e9",
      "\n",
      " ",
      "0",
      "1",
      "-",
      ".",
      "e",
      "true",
      "nul",
    ),
    { maxLength: 12 },
  );
  const isJson = (text: string) => {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  };
  fc.assert(
    fc.property(
      pieces.map((all) => all.join("")),
      (text) => {
        expect(parseJson(text).ok).toBe(isJson(text));
      },
    ),
    { ...seeded, numRuns: 2000 },
  );
});

describe("what JavaScript would lose", () => {
  test.each(["9007199254740993", "-9223372036854775808", "18446744073709551615", "1.10", "1e400", "-0", "0.1e-7"])(
    "the number %s is shown and formatted as it is written",
    (raw) => {
      expect(parsed(raw)).toMatchObject({ kind: "number", raw });
      expect(formatted(`{"n":[${raw}]}`)).toBe(`{\n  "n": [\n    ${raw}\n  ]\n}`);
    },
  );

  test("every 64-bit integer is shown as it is written, and marked exactly when it would be rounded", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }), (value) => {
        const raw = String(value);
        expect(parsed(raw)).toMatchObject({ kind: "number", raw });
        expect(isLossyInteger(raw)).toBe(!Number.isSafeInteger(Number(raw)));
        if (!isLossyInteger(raw)) expect(BigInt(Number(raw))).toBe(value);
      }),
      seeded,
    );
  });

  test("a fraction is not called an integer that was kept exact", () => {
    expect(isLossyInteger("1.5")).toBe(false);
    expect(isLossyInteger("1e30")).toBe(false);
  });

  test("a key that stands twice is there twice, in both places", () => {
    const root = parsed('{"a":1,"b":2,"a":3}');
    expect(root.kind === "object" ? root.members.map(({ key }) => key) : []).toEqual(["a", "b", "a"]);
    expect(formatted('{"a":1,"a":3}')).toBe('{\n  "a": 1,\n  "a": 3\n}');
  });

  test("keys that JavaScript would put first, or keep for itself, stay where they are", () => {
    const root = parsed('{"b":1,"1":2,"__proto__":3}');
    expect(root.kind === "object" ? root.members.map(({ key }) => key) : []).toEqual(["b", "1", "__proto__"]);
  });

  test("strings and keys are formatted with the escapes they were written with", () => {
    const text = '{"caf\\u00e9":"a\\/b\\u0041"}';
    expect(formatted(text)).toBe('{\n  "caf\\u00e9": "a\\/b\\u0041"\n}');
  });
});

describe("where text ceases to be JSON", () => {
  test.each([
    ["", 0, "a value"],
    ["{", 1, "a key"],
    ['{"a" 1}', 5, "“:”"],
    ['{"a":1', 6, "“,” or “}”"],
    ['{"a":1 "b":2}', 6, "“,” or “}”"],
    ["[1,]", 3, "a value"],
    ["[1 2]", 2, "“,” or “]”"],
    ["01", 1, "the end"],
    ['"a', 2, "a closing"],
    ['"a\nb"', 2, "a closing"],
    ['"a\\x"', 2, "a closing"],
    ['"\\u12g4"', 1, "a closing"],
    ["true false", 5, "the end"],
    ["NaN", 0, "a value"],
  ])("%j: at %i, expected %s", (text, at, expected) => {
    const result = parseJson(text);
    expect(result).toMatchObject({ ok: false, fault: { at } });
    expect(result.ok ? "" : result.fault.expected).toContain(expected);
  });

  test("nested deeper than anyone reads it is refused with a reason, not with a broken stack", () => {
    expect(parseJson("[".repeat(513) + "]".repeat(513)).ok).toBe(true);
    const result = parseJson("[".repeat(200_000));
    expect(result.ok ? "" : result.fault.expected).toBe("no more than 512 levels");
  });

  test("the place counts lines and columns from 1 and bytes as UTF-8", () => {
    expect(placeOf("é\n😀x", 4)).toEqual({ line: 2, column: 3, byte: 7 });
    expect(placeOf("", 0)).toEqual({ line: 1, column: 1, byte: 0 });
  });
});

test("a string as long as a value may be is read", () => {
  const text = JSON.stringify("a\\".repeat(4 * 1024 * 1024));
  const root = parsed(text);
  expect(root.to).toBe(text.length);
});

describe("text of a string", () => {
  test.each([
    ["plain", '"plain"'],
    ['say "hi"\n', '"say \\"hi\\"\\n"'],
    ["invoice\u202Efdp.exe", '"invoice\\u202Efdp.exe"'],
    ["zero\u200Bwidth\u{E0041}", '"zero\\u200Bwidth\\uDB40\\uDC41"'],
    ["\u007f\u0085\u2028", '"\\u007F\\u0085\\u2028"'],
    // Emoji and some scripts need the zero-width joiners.
    ["👩\u200D🚀 می\u200Cخواهم", '"👩\u200D🚀 می\u200Cخواهم"'],
  ])("%j hides nothing and turns no reading direction", (text, shown) => {
    expect(quoted(text)).toBe(shown);
    expect(JSON.parse(quoted(text))).toBe(text);
  });
});
