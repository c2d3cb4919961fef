import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Made by tools, not written by people. */
const MADE = new Set(["node_modules", "out", "dist", "test-results", "playwright-report", "results", ".git"]);
/** About 400 lines are the point to look for the seam; at this many there is one. */
const LINES_MAX = 600;
/** Known to be longer, until someone finds the seam. */
const TOO_LONG: readonly string[] = ["src-sdk/src/client.test.ts"];

function walk(directory: string): string[] {
  return readdirSync(join(root, directory), { withFileTypes: true }).flatMap((entry) => {
    const path = directory === "" ? entry.name : `${directory}/${entry.name}`;
    if (entry.isDirectory()) return MADE.has(entry.name) ? [] : walk(path);
    return entry.isFile() ? [path] : [];
  });
}

const textByPath = new Map<string, string>();

function textOf(path: string): string {
  const text = textByPath.get(path) ?? readFileSync(join(root, path), "utf8");
  textByPath.set(path, text);
  return text;
}

const files = walk("");
const sources = files.filter((path) => /\.(?:ts|tsx|js|mjs|cjs|css)$/.test(path));
const code = sources.filter((path) => !path.endsWith(".css"));
const isTest = (path: string) => /\.(?:test|spec)\.tsx?$/.test(path);
/** A test, or what tests are made with. */
const isOfTests = (path: string) => isTest(path) || /\/testing(?:\.ts$|\/)/.test(path);
/** This file names what it forbids. */
const others = (paths: readonly string[]) => paths.filter((path) => path !== "src-contract/tidy.test.ts");

/** Files in which something is found, with the line. */
function found(paths: readonly string[], pattern: RegExp): string[] {
  return others(paths).flatMap((path) =>
    textOf(path)
      .split("\n")
      .flatMap((line, i) => (pattern.test(line) ? [`${path}:${i + 1} ${line.trim()}`] : [])),
  );
}

/** What a module imports, whatever the form: `from "x"`, `import "x"`, `import("x")`, `require("x")`. */
function importsOf(text: string): string[] {
  const specifier = /(?:\bfrom|\bimport|\bimport\(|\brequire\()\s*["']([^"'\n]+)["']/g;
  return Array.from(text.matchAll(specifier), ([, name = ""]) => name);
}

/** Skips without a condition that is decided when the test runs, or without a reason. */
function bareSkips(text: string): string[] {
  const skips = text.matchAll(/\b(?:test|it|describe)(?:\.\w+)*\.(?:skip|fixme|todo)\(([^;]{0,400})/g);
  return Array.from(skips)
    .filter(([, given = ""]) => !/^\s*[^"'`\s)][\s\S]*?,\s*["'`]\w/.test(given))
    .map(([whole]) => whole.split("\n")[0] ?? "");
}

describe("every source", () => {
  test(`has at most ${LINES_MAX} lines`, () => {
    const long = sources.map((path) => ({ path, lines: textOf(path).split("\n").length - 1 }));
    const noted = long.filter(({ lines }) => lines > 400).map(({ path, lines }) => `${path} ${lines}`);
    if (noted.length > 0) console.log(`over 400 lines:\n${noted.join("\n")}`);
    const tooLong = long.filter(({ path, lines }) => lines > LINES_MAX && !TOO_LONG.includes(path));
    expect(tooLong).toEqual([]);
  });

  test("that is a module says in its first line what it is for", () => {
    const modules = code.filter(
      (path) => /^(?:src-[^/]+|bench|scripts|e2e)\//.test(path) && /\.(?:tsx?|mjs)$/.test(path),
    );
    const silent = modules
      // A tool's settings are what their name says.
      .filter((path) => !isTest(path) && !/\.(?:d|config)\.ts$/.test(path))
      .filter((path) => !/^(?:#!.*\n)?\s*\/[/*]/.test(textOf(path)));
    expect(silent).toEqual([]);
  });

  test("keeps its types: no `any`, nothing told to the compiler to look away", () => {
    const typed = code.filter((path) => /\.tsx?$/.test(path));
    expect(found(typed, /(?::|\bas|<)\s*any\s*(?:[;,)\]}>=|&[]|$)/)).toEqual([]);
    expect(found(code, /@ts-(?:ignore|nocheck)/)).toEqual([]);
  });

  test("names no package registry", () => {
    expect(
      found(
        files.filter((path) => /\.(?:tsx?|m?js|cjs|css|json|md|html|ya?ml|npmrc)$|^\.[^/]+$/.test(path)),
        /https?:\/\/registry/,
      ),
    ).toEqual([]);
  });
});

describe("every test", () => {
  test("runs: none is singled out, none is left out without a condition and its reason", () => {
    const tests = others(code.filter(isTest));
    expect(found(tests, /\b(?:test|it|describe|suite)(?:\.\w+)*\.only\b/)).toEqual([]);
    expect(tests.flatMap((path) => bareSkips(textOf(path)).map((skip) => `${path}: ${skip}`))).toEqual([]);
  });
});

describe("what imports what", () => {
  test("a feature never imports another one", () => {
    const crossing = code.flatMap((path) => {
      const feature = /^src-renderer\/features\/([^/]+)\//.exec(path)?.[1];
      if (feature === undefined) return [];
      return importsOf(textOf(path))
        .filter((specifier) => specifier.startsWith("."))
        .map((specifier) => new URL(specifier, `file:///${path}`).pathname)
        .filter((target) => target.startsWith("/src-renderer/features/"))
        .filter((target) => !target.startsWith(`/src-renderer/features/${feature}/`))
        .map((target) => `${path} imports ${target}`);
    });
    expect(crossing).toEqual([]);
  });

  test("only the desktop host and the preload import electron", () => {
    const importing = code
      .filter(
        (path) => path.startsWith("src-") && importsOf(textOf(path)).some((name) => /^electron(?:\/|$)/.test(name)),
      )
      .filter((path) => !/^src-(?:main\/electron|preload)\//.test(path));
    expect(importing).toEqual([]);
  });

  test("one file, and no more, talks to pages over IPC", () => {
    const takesIpcMain = /import\s+(?!type)[^;]*\bipcMain\b[^;]*from\s*["']electron(?:\/main)?["']/;
    const taking = code.filter(
      (path) => path.startsWith("src-") && !isOfTests(path) && takesIpcMain.test(textOf(path)),
    );
    expect(taking).toHaveLength(1);
  });
});

const Manifest = v.object({
  workspaces: v.optional(v.array(v.string())),
  dependencies: v.optional(v.record(v.string(), v.string())),
  devDependencies: v.optional(v.record(v.string(), v.string())),
  optionalDependencies: v.optional(v.record(v.string(), v.string())),
});

describe("packages", () => {
  test("are pinned to exact versions in every manifest", () => {
    const manifests = files.filter((path) => /(?:^|\/)package\.json$/.test(path));
    expect(manifests).toContain("package.json");
    const loose = manifests.flatMap((path) => {
      const { dependencies, devDependencies, optionalDependencies } = v.parse(Manifest, JSON.parse(textOf(path)));
      return Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })
        .filter(([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version))
        .map(([name, version]) => `${path}: ${name} ${version}`);
    });
    expect(loose).toEqual([]);
  });

  test("come from whatever registry the machine is set to: the lock file and .npmrc name no host", () => {
    const lock = textOf("package-lock.json");
    // A workspace is "resolved" to its own folder.
    expect(Array.from(lock.matchAll(/"resolved": "(?!src-)[^"]*"/g), ([line]) => line)).toEqual([]);
    // Where to give money to a package's author is no place anything is fetched from.
    const fetched = JSON.stringify(JSON.parse(lock), (name, value: unknown) => (name === "funding" ? null : value));
    expect(fetched.match(/[^"]*:\/\/[^"]*/g)).toBeNull();
    expect(textOf(".npmrc")).not.toMatch(/\/\/|registry\s*=/);
  });
});

describe("the checks themselves", () => {
  test("see the repository", () => {
    expect(files).toContain("src-contract/commands.ts");
    expect(files).toContain("src-renderer/ui/tokens.css");
    expect(files.filter((path) => path.includes("node_modules"))).toEqual([]);
  });

  test("see every form of import", () => {
    const text =
      'import a from "a";\nimport "b";\nexport * from \'c\';\nawait import("d");\nrequire("e");\nimport type {\n f } from "f";';
    expect(importsOf(text)).toEqual(["a", "b", "c", "d", "e", "f"]);
  });

  test("let a skip pass that says when and why, and no other", () => {
    expect(bareSkips('test.skip(process.platform === "win32", "no such signal there");')).toEqual([]);
    expect(bareSkips("test.skip(!hasDisplay,\n  `needs a display`);")).toEqual([]);
    for (const text of ['test.skip("a", () => {});', "test.skip();", "test.skip(isSlow);", 'it.skip(`a`, f, "b");'])
      expect(bareSkips(text)).toHaveLength(1);
    expect(bareSkips('describe.skip("a", () => {});')).toHaveLength(1);
  });
});
