import { describe, expect, test } from "vitest";
import { diffBytes } from "./byte-diff.ts";
import { HexLayout, hexDiffText } from "./hex-diff-rows.ts";
import { diffJson } from "./json-diff.ts";
import { jsonDiffText, layOutJson } from "./json-diff-rows.ts";
import { parseJson } from "./json-tree.ts";
import { diffText, linesOf } from "./text-diff.ts";
import { ADDED, FOLD, layOutText, piecesOf, REMOVED, SAME } from "./text-diff-rows.ts";

const NONE: ReadonlySet<number> = new Set();
const numbered = (count: number) => Array.from({ length: count }, (_, i) => `line ${i}\n`);

describe("rows of text", () => {
  const before = numbered(40);
  const after = before.map((line, i) => (i === 20 ? "new\n" : line));
  const { runs } = diffText(before.join(""), after.join(""));

  test("have three lines beside a change, and fold the others", () => {
    const { kind, aLine, bLine, to, anchors } = layOutText(before, after, runs, NONE, 100);
    expect(kind).toEqual([FOLD, SAME, SAME, SAME, REMOVED, ADDED, SAME, SAME, SAME, FOLD]);
    expect(aLine).toEqual([0, 17, 18, 19, 20, -1, 21, 22, 23, 24]);
    expect(bLine).toEqual([0, 17, 18, 19, -1, 20, 21, 22, 23, 24]);
    expect([to[0], to[9]]).toEqual([17, 16]);
    expect(anchors).toEqual([4]);
  });

  test("show every line of both sides once, folds opened, however long the lines are", () => {
    for (const columns of [3, 7, 100]) {
      const { kind, aLine, bLine, from, to } = layOutText(before, after, runs, new Set([0, 2]), columns);
      const side = (left: number, lines: readonly string[], places: readonly number[]) =>
        kind.flatMap((each, i) =>
          each === SAME || each === left ? [lines[places[i] as number]?.slice(from[i], to[i])] : [],
        );
      expect(side(REMOVED, before, aLine).join("")).toBe(before.join("").replaceAll("\n", ""));
      expect(side(ADDED, after, bLine).join("")).toBe(after.join("").replaceAll("\n", ""));
    }
  });

  test("cut lines between characters, wide ones taking two columns", () => {
    expect(piecesOf("abcdef\n", 4)).toEqual([
      [0, 4],
      [4, 6],
    ]);
    expect(piecesOf("日本語\n", 4)).toEqual([
      [0, 2],
      [2, 3],
    ]);
    expect(piecesOf("🚀🚀", 2)).toEqual([
      [0, 2],
      [2, 4],
    ]);
    expect(piecesOf("\n", 4)).toEqual([[0, 0]]);
    expect(piecesOf("", 4)).toEqual([[0, 0]]);
  });

  test("are laid out soon for very many lines", () => {
    const many = numbered(200_000);
    const other = many.map((line, i) => (i % 1000 === 0 ? `changed ${line}` : line));
    const difference = diffText(many.join(""), other.join(""));
    const started = performance.now();
    layOutText(linesOf(many.join("")), other, difference.runs, NONE, 100);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});

describe("rows of bytes", () => {
  const bytes = (length: number, change: (i: number) => number = (i) => i % 256) =>
    Uint8Array.from({ length }, (_, i) => change(i));

  test("have every byte of both sides once and in order, at any width, folds opened", () => {
    const a = bytes(200);
    const others = [
      a,
      new Uint8Array(),
      a.slice(50),
      Uint8Array.from([9, 9, 9, ...a]),
      bytes(200, (i) => (i === 100 ? 0 : i)),
      bytes(150, (i) => i * 7),
    ];
    for (const b of others) {
      const { runs } = diffBytes(a, b);
      for (const perRow of [1, 8, 16]) {
        const opened = new Set(Array.from({ length: 400 }, (_, i) => i));
        const layout = new HexLayout(runs, perRow, opened);
        const rows = Array.from({ length: layout.rowCount }, (_, row) => layout.cellsAt(row));
        expect(rows.flatMap((row) => row.a).filter((cell) => cell !== null)).toEqual([...a.keys()]);
        expect(rows.flatMap((row) => row.b).filter((cell) => cell !== null)).toEqual([...b.keys()]);
        for (const row of rows) expect(row.a.length).toBe(row.b.length);
        for (const anchor of layout.anchors) {
          const { a: left, b: right } = layout.cellsAt(anchor);
          expect(left.some((cell, i) => cell === null || right[i] == null || a[cell] !== b[right[i] as number])).toBe(
            true,
          );
        }
      }
    }
  });

  test("that are the same are folded, but for two beside a change", () => {
    const a = bytes(1_600);
    const b = a.map((byte, i) => (i === 800 ? byte ^ 0xff : byte));
    const layout = new HexLayout(diffBytes(a, b).runs, 16, NONE);
    expect(layout.rowCount).toBe(7);
    expect(layout.foldAt(0)).toEqual({ id: 0, rowCount: 48 });
    expect(layout.foldAt(6)).toEqual({ id: 53, rowCount: 47 });
    expect(layout.anchors).toEqual([3]);
    expect(layout.cellsAt(3).a[0]).toBe(800);
    const opened = new HexLayout(diffBytes(a, b).runs, 16, new Set([0]));
    expect(opened.rowCount).toBe(54);
    expect(opened.anchors).toEqual([50]);
  });

  test("of nothing are none", () => {
    expect(new HexLayout([], 16, NONE).rowCount).toBe(0);
  });

  test("are copied as lines of sixteen", () => {
    const [a, b] = [bytes(20), bytes(20, (i) => (i === 18 ? 0xff : i))];
    expect(hexDiffText(a, b, diffBytes(a, b).runs)).toBe("@@ -0x12,1 +0x12,1 @@\n-00000012  12\n+00000012  FF\n");
  });
});

describe("rows of JSON", () => {
  const changesOf = (a: string, b: string) => {
    const [x, y] = [parseJson(a), parseJson(b)];
    return x.ok && y.ok ? diffJson(x.root, y.root).changes : [];
  };

  test("name the path, then what was there and what is there now", () => {
    const [a, b] = ['{"a":[1,2],"n":9007199254740993}', '{"a":[{"x":1},2],"n":9007199254740992}'];
    const { rows, anchors } = layOutJson(a, b, changesOf(a, b));
    expect(rows).toEqual([
      { kind: "path", change: "changed", text: "$.a[0]", note: null },
      { kind: "removed", text: "1" },
      { kind: "added", text: "{" },
      { kind: "added", text: '  "x": 1' },
      { kind: "added", text: "}" },
      { kind: "path", change: "changed", text: "$.n", note: null },
      { kind: "removed", text: "9007199254740993" },
      { kind: "added", text: "9007199254740992" },
    ]);
    expect(anchors).toEqual([0, 5]);
  });

  test("say where an item was before", () => {
    const [a, b] = ["[0,[1,5]]", "[9,8,0,[1,6]]"];
    expect(layOutJson(a, b, changesOf(a, b)).rows).toContainEqual({
      kind: "path",
      change: "changed",
      text: "$[3][1]",
      note: "was $[1][1]",
    });
  });

  test("cut what is long, and say how much", () => {
    const long = JSON.stringify("x".repeat(50_000));
    const { rows } = layOutJson("1", long, changesOf("1", long));
    expect(rows.length).toBeLessThan(60);
    expect(rows.at(-1)).toEqual({ kind: "cut", side: "added", characters: 50_002 - 4_000 });
  });

  test("are copied whole", () => {
    const [a, b] = ['{"a":1,"b":2}', '{"a":{"c":\n3}}'];
    expect(jsonDiffText(a, b, changesOf(a, b))).toBe('@@ $.a @@\n-1\n+{"c":\n+3}\n@@ $.b @@\n-2\n');
  });
});
