import { describe, expect, test } from "vitest";
import tokensCss from "./tokens.css?raw";

/** WCAG 1.4.3, for text of the sizes used here. */
const TEXT = 4.5;
/** WCAG 1.4.11, for marks, bars, the focus ring, outlines of controls; and kept for disabled text, which is exempt. */
const MARK = 3;

const SURFACES = [
  "bg-window",
  "bg-pane",
  "bg-sunken",
  "bg-raised",
  "bg-hover",
  "bg-selected",
  "bg-selected-quiet",
] as const;
/** Families with -fg, -bg and -solid. */
const MEANINGS = [
  "accent",
  "put",
  "delete",
  "checkpoint",
  "noop",
  "torn",
  "damaged",
  "unreachable",
  "pending",
  "queued",
  "in-flight",
  "acknowledged",
  "failed",
  "mode-inspect",
  "mode-sandbox",
  "mode-write",
  "dirty",
  "ok",
] as const;
const TINTS = MEANINGS.map((name) => `${name}-bg`);
const BASE = ["bg-window", "bg-pane", "bg-raised"] as const;

/** What stands on what, and the ratio that it needs. */
const TABLE: readonly (readonly [readonly string[], readonly string[], number])[] = [
  [["text-1", "text-2", "text-3"], [...SURFACES, ...TINTS], TEXT],
  [["text-1", "text-2"], ["bg-active"], TEXT],
  [["text-1"], ["bg-match"], TEXT],
  [MEANINGS.map((name) => `${name}-fg`), SURFACES, TEXT],
  // A row keeps the colour of its operation and its links on a tinted row or card.
  [["put-fg", "delete-fg", "accent-fg", "ok-fg"], ["damaged-bg", "torn-bg", "unreachable-bg", "dirty-bg"], TEXT],
  [
    ["syntax-key", "syntax-string", "syntax-number", "syntax-keyword"],
    ["bg-pane", "bg-sunken", "bg-selected", "dirty-bg", "damaged-bg"],
    TEXT,
  ],
  [["text-on-fill"], ["accent-fill", "accent-fill-hover", "mode-write-fill"], TEXT],
  // Counts in badges.
  [["bg-pane"], ["damaged-fg", "torn-fg"], TEXT],
  [MEANINGS.map((name) => `${name}-solid`), BASE, MARK],
  [["focus-color"], SURFACES, MARK],
  [["text-disabled", "border-control"], BASE, MARK],
];

type Scheme = "light" | "dark";

const tokens = new Map(
  Array.from(
    tokensCss.matchAll(/--([\w-]+):\s*light-dark\((#[0-9a-f]{6}),\s*(#[0-9a-f]{6})\)/gi),
    ([, name = "", light = "", dark = ""]): [string, Record<Scheme, string>] => [name, { light, dark }],
  ),
);

function colourOf(name: string, scheme: Scheme): string {
  const colour = tokens.get(name)?.[scheme];
  if (colour === undefined) throw new Error(`tokens.css has no colour --${name}`);
  return colour;
}

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [darker = 0, lighter = 0] = [luminance(a), luminance(b)].toSorted((p, q) => p - q);
  return (lighter + 0.05) / (darker + 0.05);
}

/** Pairs below their ratio, with the ratio they have. */
function tooWeak(scheme: Scheme, pairs: readonly { on: string; of: string; needs: number }[]): string[] {
  return pairs.flatMap(({ of, on, needs }) => {
    const ratio = contrast(colourOf(of, scheme), colourOf(on, scheme));
    return ratio < needs ? [`${of} on ${on}: ${ratio.toFixed(2)}, needs ${needs}`] : [];
  });
}

const pairs = [
  ...TABLE.flatMap(([foregrounds, backgrounds, needs]) =>
    foregrounds.flatMap((of) => backgrounds.map((on) => ({ of, on, needs }))),
  ),
  ...MEANINGS.map((name) => ({ of: `${name}-fg`, on: `${name}-bg`, needs: TEXT })),
  ...[...tokens.keys()]
    .filter((name) => name.startsWith("field-"))
    .flatMap((on) => ["text-1", "text-2"].map((of) => ({ of, on, needs: TEXT }))),
];

describe.each(["light", "dark"] as const)("in the %s theme", (scheme) => {
  test("every text on every surface it stands on, and every mark, can be told apart", () => {
    expect(tooWeak(scheme, pairs)).toEqual([]);
  });

  test("so can the two colours of every rule that sets both", () => {
    expect(tooWeak(scheme, rulePairs())).toEqual([]);
  });
});

const sheets = import.meta.glob<string>("../**/*.css", { query: "?raw", import: "default", eager: true });

/** Text and background that one rule of a style sheet sets together. */
function rulePairs(): { of: string; on: string; needs: number }[] {
  const found = new Map<string, { of: string; on: string; needs: number }>();
  for (const sheet of Object.values(sheets)) {
    for (const [, body = ""] of sheet.matchAll(/\{([^{}]*)\}/g)) {
      const of = /(?:^|[\s;])color:\s*var\(--([\w-]+)\)/.exec(body)?.[1];
      const on = /(?:^|[\s;])background(?:-color)?:\s*var\(--([\w-]+)\)/.exec(body)?.[1];
      if (of !== undefined && on !== undefined && tokens.has(of) && tokens.has(on))
        found.set(`${of} ${on}`, { of, on, needs: of === "text-disabled" ? MARK : TEXT });
    }
  }
  return [...found.values()];
}

describe("the check itself", () => {
  test("knows black on white from grey on white", () => {
    expect(contrast("#000000", "#ffffff")).toBeCloseTo(21, 5);
    expect(contrast("#777777", "#ffffff")).toBeCloseTo(4.48, 2);
  });

  test("reads every colour of the tokens, and rules that set two of them", () => {
    const written = tokensCss.matchAll(/light-dark\(\s*#/g);
    expect(tokens.size).toBe([...written].length);
    expect(tokens.size).toBeGreaterThan(100);
    expect(rulePairs().length).toBeGreaterThan(10);
  });

  test("looks at every text and meaning there is: a new one must be put into the table", () => {
    const looked = new Set(pairs.map(({ of }) => of));
    const texts = [...tokens.keys()].filter((name) => /^(?:text|syntax)-|-(?:fg|solid)$/.test(name));
    expect(texts.filter((name) => !looked.has(name))).toEqual([]);
  });
});
