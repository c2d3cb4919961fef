/** Lists and trees against a slow model that shares no code with them. */
import fs from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeSampleRecord } from "../../../src-sdk/src/testing/sample-log.ts";
import { tempDirectory } from "../testing.ts";
import type { Page } from "./key-view.ts";
import { LogView, type ViewRequest } from "./log-view.ts";

interface Step {
  readonly key: Buffer;
  /** null deletes. */
  readonly value: Buffer | null;
}

function writeLog(path: string, steps: readonly Step[], firstSequence = 1): void {
  const records = steps.map(({ key, value }, i) =>
    encodeSampleRecord({
      sequence: firstSequence + i,
      operation: {
        kind: value === null ? "delete" : "put",
        key,
        value: value ?? "",
        timestampMs: 1_767_225_600_000 + i,
      },
    }),
  );
  fs.appendFileSync(path, Buffer.concat(records));
}

async function openLog(steps: readonly Step[]): Promise<{ view: LogView; path: string }> {
  const path = join(tempDirectory(), "log.wal");
  fs.writeFileSync(path, "");
  writeLog(path, steps);
  const view = new LogView(path, () => undefined);
  await view.open();
  await view.follow();
  return { view, path };
}

function openView(view: LogView, change: Partial<ViewRequest> = {}): number {
  const opened = view.openView({
    shape: "list",
    separator: "/",
    search: "",
    showLive: true,
    showDeleted: false,
    ...change,
  });
  if ("badSearch" in opened) throw new Error(opened.badSearch);
  return opened.view;
}

async function rowsWhen(view: LogView, id: number, condition: (page: Page) => boolean): Promise<Page> {
  for (;;) {
    const page = view.rows(id, 0, 500);
    if (page === null) throw new Error("no view");
    if (condition(page)) return page;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const exactRows = (view: LogView, id: number) => rowsWhen(view, id, (page) => page.isExact);

const fromBase64 = (text: string) => Buffer.from(text, "base64");

/** The rows of a fully opened tree, as `depth name count`, built from prefixes of sorted keys. */
function modelTree(keys: readonly Buffer[], separator: string): string[] {
  const rows: string[] = [];
  const walk = (from: Buffer, inside: readonly Buffer[], depth: number) => {
    for (let i = 0; i < inside.length; ) {
      const key = inside[i] as Buffer;
      const at = key.indexOf(separator, from.length);
      if (at === -1 || at === key.length - 1) {
        rows.push(`${depth} key ${key.toString("hex")}`);
        i += 1;
        continue;
      }
      const prefix = key.subarray(0, at + 1);
      const end = inside.findIndex((other, j) => j > i && !other.subarray(0, prefix.length).equals(prefix));
      const children = inside.slice(i, end === -1 ? undefined : end);
      rows.push(`${depth} folder ${prefix.toString("hex")} ${children.length}`);
      walk(prefix, children, depth + 1);
      i += children.length;
    }
  };
  walk(Buffer.alloc(0), keys, 0);
  return rows;
}

const arbitraryKey = fc
  .array(fc.constantFrom("a", "b", "/", ":", "\xff", "c0"), { minLength: 1, maxLength: 7 })
  .map((parts) => Buffer.from(parts.join(""), "latin1"));
const arbitrarySteps = fc.array(
  fc.record({
    key: arbitraryKey,
    value: fc.option(
      fc.uint8Array({ maxLength: 3 }).map((bytes) => Buffer.from(bytes)),
      { freq: 4 },
    ),
  }),
  { maxLength: 60 },
);

describe("rows", () => {
  test("of list and tree equal the model, for any keys and separators, before and after more writes", async () => {
    await fc.assert(
      fc.asyncProperty(
        arbitrarySteps,
        arbitrarySteps,
        fc.constantFrom("/", ":", ""),
        fc.boolean(),
        async (first, more, separator, showDeleted) => {
          const { view, path } = await openLog(first);
          const list = openView(view, { separator, showDeleted } as Partial<ViewRequest>);
          const tree = openView(view, { separator, showDeleted, shape: "tree" } as Partial<ViewRequest>);
          const steps = [...first];
          for (const wave of [[], more]) {
            writeLog(path, wave, steps.length + 1);
            steps.push(...wave);
            await view.follow();
            const state = new Map(steps.map(({ key, value }) => [key.toString("hex"), value]));
            const shown = [...state]
              .filter(([, value]) => showDeleted || value !== null)
              .map(([key]) => Buffer.from(key, "hex"));
            shown.sort(Buffer.compare);
            const listed = await exactRows(view, list);
            expect(listed.rows.map((row) => (row.kind === "key" ? fromBase64(row.key).toString("hex") : "?"))).toEqual(
              shown.map((key) => key.toString("hex")),
            );
            expect([listed.keyCount, listed.deletedCount]).toEqual([
              shown.length,
              shown.filter((key) => state.get(key.toString("hex")) === null).length,
            ]);
            // Open every folder, then compare.
            for (let depth = 0; depth < 8; depth += 1) {
              for (const row of (await exactRows(view, tree)).rows) {
                if (row.kind === "folder" && !row.isOpen) view.expand(tree, row.prefix, true);
              }
            }
            const rows = (await exactRows(view, tree)).rows.map((row) =>
              row.kind === "folder"
                ? `${row.depth} folder ${fromBase64(row.prefix).toString("hex")} ${row.keyCount}`
                : `${row.depth} key ${fromBase64(row.key).toString("hex")}`,
            );
            expect(rows).toEqual(
              separator === "" ? shown.map((key) => `0 key ${key.toString("hex")}`) : modelTree(shown, separator),
            );
          }
          await view.close();
        },
      ),
      { numRuns: 120 },
    );
  });
});

describe("a tree", () => {
  let view: LogView;
  test("opens by itself while it is short, closes where it is closed, and shows a located key", async () => {
    const keys = ["a/1", "a/2", "b/x/1", "b/x/2", "b/y", "c", "d/", "d/e"];
    ({ view } = await openLog(keys.map((key) => ({ key: Buffer.from(key), value: Buffer.from("v") }))));
    const id = openView(view, { shape: "tree" });
    const shown = async () =>
      (await exactRows(view, id)).rows.map(
        (row) => `${"  ".repeat(row.depth)}${row.label}${row.kind === "folder" ? "/" : ""}`,
      );
    expect(await shown()).toEqual(["a/", "  1", "  2", "b/", "  x/", "    1", "    2", "  y", "c", "d/", "d/", "  e"]);
    view.expand(id, Buffer.from("b/").toString("base64"), false);
    expect(await shown()).toEqual(["a/", "  1", "  2", "b/", "c", "d/", "d/", "  e"]);
    expect(view.locate(id, Buffer.from("b/x/2").toString("base64"))).toEqual({ row: 6 });
    expect((await shown())[6]).toBe("    2");
    expect(view.locate(id, Buffer.from("c").toString("base64"))).toEqual({ row: 8 });
    expect(view.locate(id, Buffer.from("nowhere").toString("base64"))).toEqual({ row: null });
    await view.close();
  });

  test("of a hundred thousand keys stays closed at first, and every page of it comes quickly", async () => {
    const steps = Array.from({ length: 100_000 }, (_, i) => ({
      key: Buffer.from(`svc${i % 10}/tenant${((i / 10) % 100) | 0}/item${i}`),
      value: Buffer.from("v"),
    }));
    ({ view } = await openLog(steps));
    const id = openView(view, { shape: "tree" });
    const page = await exactRows(view, id);
    expect(page.rowCount).toBe(10);
    expect(page.rows[0]).toMatchObject({ kind: "folder", label: "svc0", keyCount: 10_000 });
    const list = openView(view);
    await exactRows(view, list);
    const startedMs = performance.now();
    for (let start = 0; start < 100_000; start += 5_000) view.rows(list, start, 100);
    expect((performance.now() - startedMs) / 20).toBeLessThan(50);
    await view.close();
  });
});

describe("a search", () => {
  const steps: Step[] = [
    ["user/1/name", "Ada"],
    ["user/1/Email", "ada@example.org"],
    ["user/2/name", "Bob"],
    ["settings/theme", "dark"],
    ["settings/size", "x".repeat(2000)],
    ["draft/1", "user wrote this"],
    ["draft/2", ""],
    ["gone", null],
    ["\xff\x00bin", "Ada in binary"],
    ["user/1/name", "Ada Okafor"],
  ].map(([key, value]) => ({
    key: Buffer.from(key as string, "latin1"),
    value: value === null ? null : Buffer.from(value as string),
  }));

  test.each([
    ["user", ["user/1/Email", "user/1/name", "user/2/name"]],
    ["EMAIL", ["user/1/Email"]],
    ["user/*/name", ["user/1/name", "user/2/name"]],
    ["draft/?", ["draft/1", "draft/2"]],
    ["/^(user|draft)\\/1/", ["draft/1", "user/1/Email", "user/1/name"]],
    ["user -name", ["user/1/Email"]],
    ["value:ada", ["user/1/Email", "user/1/name", "\\xFF\\x00bin"]],
    ["value:/^Ada\\b/ user", ["user/1/name"]],
    ["value:*example*", ["user/1/Email"]],
    ["-value:a", ["draft/1", "draft/2", "settings/size", "user/2/name"]],
    ["size>1k", ["settings/size"]],
    ["size=0", ["draft/2"]],
    ["seq>=9", ["user/1/name", "\\xFF\\x00bin"]],
    ["seq:3", ["user/2/name"]],
    ["nothing like this", []],
    ["gone", []],
  ])("%s", async (search, expected) => {
    const { view } = await openLog(steps);
    const page = await exactRows(view, openView(view, { search }));
    expect(page.rows.map((row) => row.label)).toEqual(expected);
    expect(page.keyCount).toBe(expected.length);
    await view.close();
  });

  test("marks what matched in the labels, in a tree too", async () => {
    const { view } = await openLog(steps);
    const list = (await exactRows(view, openView(view, { search: "er/1" }))).rows;
    expect(list.map((row) => row.kind === "key" && [row.label, row.matches])).toEqual([
      ["user/1/Email", [[2, 6]]],
      ["user/1/name", [[2, 6]]],
    ]);
    const tree = (await exactRows(view, openView(view, { search: "1/na", shape: "tree" }))).rows;
    expect(tree.at(-1)).toMatchObject({ kind: "key", label: "name", matches: [[0, 2]] });
    await view.close();
  });

  test("keeps up with writes: a key that comes to match appears, one that ceases to match goes", async () => {
    const { view, path } = await openLog(steps);
    const id = openView(view, { search: "value:ada" });
    await exactRows(view, id);
    writeLog(
      path,
      [
        { key: Buffer.from("new"), value: Buffer.from("ADA") },
        { key: Buffer.from("user/1/name"), value: Buffer.from("Eve") },
      ],
      11,
    );
    await view.follow();
    await exactRows(view, id);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await exactRows(view, id)).rows.map((row) => row.label)).toEqual(["new", "user/1/Email", "\\xFF\\x00bin"]);
    await view.close();
  });

  test("of deleted keys shows them when they are asked for", async () => {
    const { view } = await openLog(steps);
    const page = await exactRows(view, openView(view, { search: "gone", showDeleted: true }));
    expect(page.rows).toMatchObject([{ kind: "key", label: "gone", isDeleted: true, valueBytes: 0 }]);
    await view.close();
  });

  test("with a pattern that would not end says so", async () => {
    const { view } = await openLog([{ key: Buffer.from(`${"a".repeat(60)}b`), value: Buffer.from("v") }]);
    const id = openView(view, { search: "/^(a+)+$/" });
    const page = await rowsWhen(view, id, (shown) => shown.searching === null);
    expect(page.searchFailure).toContain("takes too long");
    expect(page.isExact).toBe(false);
    await view.close();
  });

  test("that is stopped says how far it came and claims no exact count", async () => {
    const many = Array.from({ length: 3_000 }, (_, i) => ({ key: Buffer.from(`k${i}`), value: Buffer.from(`v${i}`) }));
    const { view } = await openLog(many);
    const id = openView(view, { search: "value:v" });
    await rowsWhen(view, id, (shown) => shown.searching?.what === "values" && shown.searching.done > 0);
    expect(view.stopSearch(id)).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 30));
    const page = view.rows(id, 0, 1) as Page;
    expect(page.isExact).toBe(false);
    expect(page.searching).toMatchObject({ what: "values", total: 3_000, isStopped: true });
    expect(page.searching?.done).toBeLessThan(3_000);
    expect(page.keyCount).toBe(page.searching?.done);
    await view.close();
  });

  test("marks what it found in the part of the key that a row shows", async () => {
    const { view } = await openLog(steps);
    const page = await exactRows(view, openView(view, { search: "user/*name", shape: "tree" }));
    const marks = page.rows.flatMap((row) => (row.kind === "key" ? [row.label, row.matches] : []));
    expect(marks).toEqual(["name", [[0, 4]], "name", [[0, 4]]]);
    const plain = await exactRows(view, openView(view, { search: "r/1" }));
    expect(plain.rows[0]).toMatchObject({ label: "user/1/Email", matches: [[3, 6]] });
    await view.close();
  });
});
