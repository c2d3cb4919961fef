/**
 * Runs regular expressions under a time limit: a pattern that a person typed can take longer than the universe has.
 * V8 can end a running match from outside only when it runs in a script with a time-out.
 */
import vm from "node:vm";

/** For one batch of texts; a search that is slower than this per batch would not end in reasonable time anyway. */
const BATCH_MS_MAX = 1_000;

const TIMED_OUT = "ERR_SCRIPT_EXECUTION_TIMEOUT";

export class PatternTimeout extends Error {}

interface Globals {
  source: string;
  flags: string;
  texts: readonly string[];
  marks: "match" | "groups";
  result: unknown;
}

const TEST = new vm.Script(`{
  const pattern = new RegExp(source, flags);
  const found = new Uint8Array(texts.length);
  for (let i = 0; i < texts.length; i += 1) found[i] = pattern.test(texts[i]) ? 1 : 0;
  result = found;
}`);
const RANGES = new vm.Script(`{
  const pattern = new RegExp(source, [...new Set(flags + "gd")].join(""));
  result = texts.map((text) => {
    const ranges = [];
    for (const match of text.matchAll(pattern)) {
      const found = marks === "groups" ? match.indices.slice(1) : [match.indices[0]];
      for (const range of found) if (range && range[1] > range[0] && ranges.length < 16) ranges.push([...range]);
    }
    return ranges;
  });
}`);

function run(script: vm.Script, asked: Omit<Globals, "result">): unknown {
  const globals: Globals = { ...asked, result: null };
  try {
    script.runInContext(vm.createContext(globals), { timeout: BATCH_MS_MAX });
  } catch (error) {
    // The error may come from the script's own realm, where it is no instance of our Error.
    if (typeof error === "object" && error !== null && "code" in error && error.code === TIMED_OUT) {
      throw new PatternTimeout(
        `the regular expression /${asked.source}/ takes too long on these texts; make it simpler`,
      );
    }
    throw error;
  }
  return globals.result;
}

/** 1 for each text the pattern matches. @throws PatternTimeout */
export function testPattern(source: string, flags: string, texts: readonly string[]): Uint8Array {
  return run(TEST, { source, flags, texts, marks: "match" }) as Uint8Array;
}

/** Where it matches each text: from, to, in UTF-16 units. @throws PatternTimeout */
export function patternRanges(
  source: string,
  flags: string,
  marks: "match" | "groups",
  texts: readonly string[],
): [number, number][][] {
  return run(RANGES, { source, flags, texts, marks }) as [number, number][][];
}
