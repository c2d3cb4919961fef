import { describe, expect, test } from "vitest";
import { PatternTimeout, patternRanges, testPattern } from "./pattern-runner.ts";
import { BadSearch, parseSearch } from "./search-language.ts";

const contains = (text: string) => ({ kind: "contains", text });

describe("a search is read as", () => {
  test.each([
    ["", []],
    ["   ", []],
    ["profile", [{ field: "key", isNegated: false, text: contains("profile") }]],
    ["user/42", [{ field: "key", isNegated: false, text: contains("user/42") }]],
    ["/user", [{ field: "key", isNegated: false, text: contains("/user") }]],
    [
      "user/*/name",
      [
        {
          field: "key",
          isNegated: false,
          text: { kind: "pattern", source: "^(user/).*(/name)$", flags: "is", marks: "groups" },
        },
      ],
    ],
    [
      "a?.b",
      [
        {
          field: "key",
          isNegated: false,
          text: { kind: "pattern", source: "^(a).(\\.b)$", flags: "is", marks: "groups" },
        },
      ],
    ],
    [
      "/^u\\/\\d+$/i",
      [{ field: "key", isNegated: false, text: { kind: "pattern", source: "^u\\/\\d+$", flags: "i", marks: "match" } }],
    ],
    [
      "key:a value:b",
      [
        { field: "key", isNegated: false, text: contains("a") },
        { field: "value", isNegated: false, text: contains("b") },
      ],
    ],
    [
      'value:"two words" "a*b"',
      [
        { field: "value", isNegated: false, text: contains("two words") },
        { field: "key", isNegated: false, text: contains("a*b") },
      ],
    ],
    ['value:"open', [{ field: "value", isNegated: false, text: contains("open") }]],
    ["-draft", [{ field: "key", isNegated: true, text: contains("draft") }]],
    ["-", [{ field: "key", isNegated: false, text: contains("-") }]],
    ["size>1k", [{ field: "size", isNegated: false, number: { operator: ">", value: 1024 } }]],
    ["size<=1.5m", [{ field: "size", isNegated: false, number: { operator: "<=", value: 1_572_864 } }]],
    ["seq:1,284", [{ field: "sequence", isNegated: false, number: { operator: "=", value: 1284 } }]],
    ["SEQ>=3", [{ field: "sequence", isNegated: false, number: { operator: ">=", value: 3 } }]],
    ["key:size>1", [{ field: "key", isNegated: false, text: contains("size>1") }]],
    ["settings:theme", [{ field: "key", isNegated: false, text: contains("settings:theme") }]],
  ])("%j", (search, terms) => {
    expect(parseSearch(search)).toEqual(terms);
  });

  test.each([
    ["size>", "size> needs a number behind it"],
    ["size>big", "size> needs a number behind it"],
    ["seq:1k", "seq: needs a number behind it"],
    ["value:", "value: needs a text behind it"],
    ["/(/", "Invalid regular expression"],
    ["/a/g", "flags g and y"],
  ])("%j is refused in a sentence", (search, message) => {
    expect(() => parseSearch(search)).toThrow(BadSearch);
    expect(() => parseSearch(search)).toThrow(message);
  });
});

describe("patterns", () => {
  test("test and locate texts", () => {
    expect([...testPattern("b+", "", ["abbc", "x"])]).toEqual([1, 0]);
    expect(patternRanges("b+|$", "", "match", ["abbcb", "x"])).toEqual([
      [
        [1, 3],
        [4, 5],
      ],
      [],
    ]);
  });

  test("mark the literal parts of a glob", () => {
    const [term] = parseSearch("user/*/pro?ile");
    if (term?.text?.kind !== "pattern") throw new Error("a glob is a pattern");
    const { source, flags, marks } = term.text;
    expect(patternRanges(source, flags, marks, ["user/42/profile"])).toEqual([
      [
        [0, 5],
        [7, 11],
        [12, 15],
      ],
    ]);
  });

  test("that would not end are ended", () => {
    expect(() => testPattern("^(a+)+$", "", [`${"a".repeat(60)}b`])).toThrow(PatternTimeout);
  });
});
