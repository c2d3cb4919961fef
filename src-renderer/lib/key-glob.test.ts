import { describe, expect, test } from "vitest";
import { globBeside, matchesGlob } from "./key-glob.ts";

/** Every text of up to `length` of these characters. */
function textsOf(characters: string, length: number): string[] {
  if (length === 0) return [""];
  const shorter = textsOf(characters, length - 1);
  const longest = shorter.filter((text) => text.length === length - 1);
  return [...shorter, ...longest.flatMap((text) => Array.from(characters, (character) => text + character))];
}

describe("a pattern", () => {
  test("matches what the same regular expression does: every pattern and text of few characters", () => {
    const texts = textsOf("ab", 5);
    for (const glob of textsOf("a*?b", 5)) {
      const pattern = new RegExp(`^${glob.replaceAll("*", ".*").replaceAll("?", ".")}$`, "s");
      for (const text of texts) expect(matchesGlob(glob, text), `${glob} on ${text}`).toBe(pattern.test(text));
    }
  });

  test.each([
    ["session/*", "session/", true],
    ["session/*", "session/1/2", true],
    ["session/*", "sessions/1", false],
    ["*", "", true],
    ["", "", true],
    ["", "a", false],
    ["user/?", "user/🚀", true],
    ["a.c", "abc", false],
    ["[a]", "a", false],
    ["User/*", "user/1", false],
    ["*\n*", "a\nb", true],
  ])("%s on %s: %s", (glob, text, matches) => {
    expect(matchesGlob(glob, text)).toBe(matches);
  });

  test("of many stars does not take long", () => {
    const started = performance.now();
    expect(matchesGlob("*a".repeat(100), `${"a".repeat(5_000)}b`)).toBe(false);
    expect(performance.now() - started).toBeLessThan(500);
  });
});

test("the pattern for keys beside one is its prefix", () => {
  expect([
    globBeside("session/7/state", "/"),
    globBeside("session", "/"),
    globBeside("a:b", ":"),
    globBeside("a/b", ""),
  ]).toEqual(["session/7/*", "session", "a:*", "a/b"]);
});
