import { applyPatch, parsePatch } from "diff";
import { describe, expect, test, vi } from "vitest";
import { diffBytes } from "./byte-diff.ts";
import { diffSequences, type Run } from "./sequence-diff.ts";
import { diffText, linesOf, unifiedText } from "./text-diff.ts";

// Exhaustive ones take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

/** Every row of up to `length` of these characters. */
function rowsOf(characters: readonly string[], length: number): string[][] {
  const rows: string[][] = [[]];
  for (let from = 0, size = 1; size <= length; size += 1) {
    const to = rows.length;
    for (; from < to; from += 1)
      for (const character of characters) rows.push([...(rows[from] as string[]), character]);
  }
  return rows;
}

/** The second row, made from the first and the runs alone where they are the same. */
function applied<T>(a: ArrayLike<T>, b: ArrayLike<T>, runs: readonly Run[]): T[] {
  return runs.flatMap(({ isSame, aFrom, aTo, bFrom, bTo }) =>
    isSame ? Array.from(a).slice(aFrom, aTo) : Array.from(b).slice(bFrom, bTo),
  );
}

function expectCover(runs: readonly Run[], aLength: number, bLength: number): void {
  let [a, b] = [0, 0];
  let before: boolean | null = null;
  for (const { isSame, aFrom, aTo, bFrom, bTo } of runs) {
    if (aFrom !== a || bFrom !== b || isSame === before) throw new Error("the runs do not follow each other");
    if (isSame && aTo - aFrom !== bTo - bFrom) throw new Error("a run that is the same has one length");
    if (aTo === aFrom && bTo === bFrom) throw new Error("a run holds something");
    [a, b, before] = [aTo, bTo, isSame];
  }
  if (a !== aLength || b !== bLength) throw new Error("the runs end where the rows end");
}

describe("every pair of short rows", () => {
  const rows = rowsOf(["a", "b", "c"], 4);

  test("differs by runs that make the second out of the first", () => {
    for (const a of rows) {
      for (const b of rows) {
        const runs = diffSequences(a, b) as Run[];
        expectCover(runs, a.length, b.length);
        if (applied(a, b, runs).join() !== b.join()) throw new Error(`${a} to ${b}`);
      }
    }
  });

  test("differs as little as possible", () => {
    const short = rowsOf(["a", "b"], 5);
    for (const a of short) {
      for (const b of short) {
        const same = (diffSequences(a, b) as Run[]).reduce(
          (sum, run) => sum + (run.isSame ? run.aTo - run.aFrom : 0),
          0,
        );
        if (same !== longestCommon(a, b)) throw new Error(`${a} to ${b}`);
      }
    }
  });
});

function longestCommon(a: readonly string[], b: readonly string[]): number {
  const lengths = Array.from({ length: a.length + 1 }, () => Array.from(b, () => 0).concat(0));
  for (let i = 1; i <= a.length; i += 1) {
    for (let j = 1; j <= b.length; j += 1) {
      const row = lengths[i] as number[];
      const above = lengths[i - 1] as number[];
      row[j] =
        a[i - 1] === b[j - 1] ? (above[j - 1] as number) + 1 : Math.max(above[j] as number, row[j - 1] as number);
    }
  }
  return lengths.at(-1)?.at(-1) ?? 0;
}

describe("bytes", () => {
  test("every pair of short ones: what counts as the same is the same, and all is covered", () => {
    const rows = rowsOf(["0", "1"], 6).map((row) => Uint8Array.from(row, Number));
    for (const a of rows) {
      for (const b of rows) {
        const { runs, isAligned } = diffBytes(a, b);
        expectCover(runs, a.length, b.length);
        if (!isAligned || applied(a, b, runs).join() !== Array.from(b).join()) throw new Error(`${a} to ${b}`);
      }
    }
  });

  test("put in at the front leave the others the same", () => {
    const a = Uint8Array.from({ length: 10_000 }, (_, i) => (i * i) % 251);
    const { runs } = diffBytes(a, Uint8Array.from([1, 2, 3, ...a]));
    expect(runs.find(({ isSame }) => isSame)).toMatchObject({ aTo: 10_000 });
    expect(runs.filter(({ isSame }) => !isSame).reduce((sum, run) => sum + run.bTo - run.bFrom, 0)).toBe(3);
  });

  test("that have nothing in common are compared by their offsets, which is said", () => {
    const noise = (seed: number) => {
      let state = seed;
      return Uint8Array.from({ length: 20_000 }, () => {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        return state >>> 24;
      });
    };
    const [a, b] = [noise(1), noise(2)];
    const { runs, isAligned } = diffBytes(a, b);
    expect(isAligned).toBe(false);
    expectCover(runs, a.length, b.length);
    expect(applied(a, b, runs).join()).toBe(Array.from(b).join());
    for (const run of runs) expect(run.aFrom).toBe(run.bFrom);
  });
});

describe("text", () => {
  const texts = rowsOf(["a", "b", "\n"], 4).map((row) => row.join(""));

  test("is its lines", () => {
    for (const text of texts) expect(linesOf(text).join("")).toBe(text);
    expect(linesOf("a\r\nb")).toEqual(["a\r\n", "b"]);
  });

  test("every pair: the unified diff is one that another program applies, and gives the second text", () => {
    for (const a of texts) {
      for (const b of texts) {
        const { runs, isAligned } = diffText(a, b);
        const unified = unifiedText({ before: "a", after: "b" }, a, b, runs);
        if (!isAligned || (a === b ? a : applyPatch(a, unified, { autoConvertLineEndings: false })) !== b)
          throw new Error(`${JSON.stringify(a)} to ${JSON.stringify(b)}:\n${unified}`);
      }
    }
  }, 60_000);

  test("long ones: hunks have three lines of context, and join where those meet", () => {
    const lines = Array.from({ length: 60 }, (_, i) => `line ${i}\n`);
    for (const distance of [1, 2, 6, 7, 8, 30]) {
      const changed = lines.map((line, i) => (i === 10 || i === 10 + distance ? `new ${line}` : line));
      const [a, b] = [lines.join(""), changed.join("")];
      const unified = unifiedText({ before: "a", after: "b" }, a, b, diffText(a, b).runs);
      expect(applyPatch(a, unified)).toBe(b);
      expect(parsePatch(unified)[0]?.hunks).toHaveLength(distance <= 7 ? 1 : 2);
    }
  });

  test("marks the words that differ in a line", () => {
    const { words } = diffText("the quick fox\nsame\n", "the slow fox\nsame\n");
    expect(words).toEqual([{ aLine: 0, bLine: 0, aMarks: [[4, 9]], bMarks: [[4, 8]] }]);
  });

  test("marks no words of lines that have next to nothing in common", () => {
    expect(diffText("alpha beta\n", "gamma delta epsilon\n").words).toEqual([]);
  });

  test("that has nothing in common is replaced, which is said, and soon", () => {
    const a = Array.from({ length: 50_000 }, (_, i) => `a ${i}\n`).join("");
    const b = Array.from({ length: 50_000 }, (_, i) => `b ${i}\n`).join("");
    const started = performance.now();
    const { runs, isAligned } = diffText(`first\n${a}last\n`, `first\n${b}last\n`);
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(isAligned).toBe(false);
    expect(runs).toEqual([
      { isSame: true, aFrom: 0, aTo: 1, bFrom: 0, bTo: 1 },
      { isSame: false, aFrom: 1, aTo: 50_001, bFrom: 1, bTo: 50_001 },
      { isSame: true, aFrom: 50_001, aTo: 50_002, bFrom: 50_001, bTo: 50_002 },
    ]);
  });
});
