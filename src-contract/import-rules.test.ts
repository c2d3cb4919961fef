import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const CONTRACT = "@softadastra/inspector-contract";
const SDK = "@softadastra/sdk";

interface Room {
  /** A file of the room. */
  readonly file: string;
  readonly refused: readonly string[];
  readonly allowed: readonly string[];
}

/** What each room may not import and, so that a rule that refuses everything is no rule, what it may. */
const ROOMS: readonly Room[] = [
  {
    file: "src-sdk/src/wal/file.ts",
    refused: [CONTRACT, "electron", "electron/main", "../../../src-main/a.ts", "../../../src-renderer/a.ts"],
    allowed: ["node:fs", "./other.ts", "../store/other.ts"],
  },
  {
    file: "src-contract/file.ts",
    refused: ["node:fs", "fs", "path", "electron", "react", SDK, "../src-main/a.ts", "../src-sdk/src/a.ts"],
    allowed: ["valibot", "./other.ts"],
  },
  {
    file: "src-contract/file.test.ts",
    refused: ["electron", "react", SDK, "../src-main/a.ts", "../src-renderer/a.ts"],
    allowed: ["node:fs", "vitest", "./other.ts"],
  },
  { file: "src-main/file.ts", refused: ["electron", "react", "../src-renderer/a.ts"], allowed: ["node:fs", SDK] },
  {
    file: "src-main/inspector/sessions/file.ts",
    refused: [
      "electron",
      "../../electron/a.ts",
      "../../web/a.ts",
      "ws",
      "react",
      "../../../src-renderer/a.ts",
      "../../../src-preload/a.ts",
      "../../../src-sdk/src/a.ts",
    ],
    allowed: ["node:fs", SDK, CONTRACT, "../log-view/a.ts"],
  },
  {
    file: "src-main/inspector/file.test.ts",
    refused: ["electron", "react", "../../src-renderer/a.ts"],
    allowed: ["node:fs", "../../src-sdk/src/testing/a.ts"],
  },
  {
    file: "src-main/electron/file.ts",
    refused: ["../web/a.ts", "ws", "react", "../../src-renderer/a.ts", "../../src-sdk/src/a.ts"],
    allowed: ["electron", "node:fs", CONTRACT, "../inspector/a.ts"],
  },
  {
    file: "src-main/web/file.ts",
    refused: ["electron", "electron/main", "../electron/a.ts", "react", "../../src-renderer/a.ts"],
    allowed: ["ws", "node:http", CONTRACT, "../inspector/a.ts"],
  },
  {
    file: "src-preload/file.ts",
    refused: ["node:fs", SDK, "valibot", "react", "../src-main/a.ts", "../src-renderer/a.ts", "../src-sdk/src/a.ts"],
    allowed: ["electron", CONTRACT],
  },
  {
    file: "src-renderer/app/file.ts",
    refused: ["electron", "node:fs", SDK, "../../src-main/a.ts", "../../src-preload/a.ts", "../../src-contract/a.ts"],
    allowed: [CONTRACT, "react", "../features/keys/a.ts", "../lib/a.ts", "../ui/a.tsx"],
  },
  {
    file: "src-renderer/features/keys/file.ts",
    refused: ["../sync/a.ts", "../../features/sync/a.ts", "../../app/a.ts", "electron", "node:fs", SDK],
    allowed: [CONTRACT, "react", "./other.ts", "../../lib/a.ts", "../../ui/a.tsx"],
  },
  {
    file: "src-renderer/lib/file.ts",
    refused: ["../features/keys/a.ts", "../app/a.ts", "../ui/a.tsx", "electron", "node:fs", "../../src-main/a.ts"],
    allowed: [CONTRACT, "zustand", "./other.ts"],
  },
  {
    file: "src-renderer/ui/file.tsx",
    refused: ["../features/keys/a.ts", "../app/a.ts", "electron", "node:fs", SDK],
    allowed: ["react", "../lib/a.ts", "./other.tsx"],
  },
];

const Report = v.object({ diagnostics: v.array(v.object({ code: v.optional(v.string()), filename: v.string() })) });

let directory = "";
/** Rules that were broken, by file. */
const brokenByFile = new Map<string, Set<string>>();

function write(file: string, text: string): void {
  mkdirSync(dirname(join(directory, file)), { recursive: true });
  writeFileSync(join(directory, file), text);
}

/** One file for each import, where the room's file is: `refused-3.test.ts`. */
function placeOf({ file }: Room, kind: "refused" | "allowed", index: number): string {
  return file.replace("/file.", `/${kind}-${index}.`);
}

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "import-rules-"));
  copyFileSync(join(root, ".oxlintrc.json"), join(directory, ".oxlintrc.json"));
  for (const room of ROOMS) {
    for (const kind of ["refused", "allowed"] as const) {
      for (const [i, specifier] of room[kind].entries())
        write(placeOf(room, kind, i), `import { a } from "${specifier}";\nexport const b = a;\n`);
    }
  }
  write("src-renderer/lib/loose.ts", `export function loose(a: ${"any"}) {\n  return a;\n}\n`);
  write("src-main/inspector/one.ts", 'import { two } from "./two.ts";\nexport const one = () => two;\n');
  write("src-main/inspector/two.ts", 'import { one } from "./one.ts";\nexport const two = () => one;\n');
  const { stdout } = spawnSync(process.execPath, [join(root, "node_modules/oxlint/bin/oxlint"), "-f", "json"], {
    cwd: directory,
    encoding: "utf8",
  });
  for (const { code = "", filename } of v.parse(Report, JSON.parse(stdout)).diagnostics) {
    const rules = brokenByFile.get(filename) ?? new Set();
    brokenByFile.set(filename, rules.add(code));
  }
});

afterAll(() => rmSync(directory, { recursive: true }));

const broken = (file: string) => [...(brokenByFile.get(file) ?? [])].join(" ");

describe.each(ROOMS)("the room of $file", (room) => {
  test.each(room.refused.map((specifier, i) => [specifier, i] as const))("may not import %s", (_specifier, i) => {
    expect(broken(placeOf(room, "refused", i))).toContain("no-restricted-imports");
  });

  test.each(room.allowed.map((specifier, i) => [specifier, i] as const))("may import %s", (_specifier, i) => {
    expect(broken(placeOf(room, "allowed", i))).toBe("");
  });
});

test("an `any` is refused", () => {
  expect(broken("src-renderer/lib/loose.ts")).toContain("no-explicit-any");
});

test("two modules that import each other are refused", () => {
  expect(broken("src-main/inspector/one.ts") + broken("src-main/inspector/two.ts")).toContain("no-cycle");
});
