import { describe, expect, test, vi } from "vitest";
import { diffJson, type JsonChange, type PathStep, pathText } from "./json-diff.ts";
import { type JsonNode, parseJson } from "./json-tree.ts";

// Exhaustive ones take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

function parsed(text: string): JsonNode {
  const result = parseJson(text);
  if (!result.ok) throw new Error(`not JSON: ${text}`);
  return result.root;
}

const between = (a: string, b: string) => diffJson(parsed(a), parsed(b)).changes;

/** `changed $.a: 1 to 2` */
function said(a: string, b: string): string[] {
  return between(a, b).map((change) => {
    const [before, after] = [change.a && a.slice(...change.a), change.b && b.slice(...change.b)];
    const path = pathText(change.kind === "removed" ? change.aPath : change.bPath);
    return `${change.kind} ${path}: ${[before, after].filter((text) => text !== null).join(" to ")}`;
  });
}

describe("a difference", () => {
  test.each([
    ['{"a":1,"b":2}', '{ "b": 2, "a": 1 }', []],
    ['{"a":1}', '{"a":2}', ["changed $.a: 1 to 2"]],
    ['{"a":1}', '{"b":1}', ["removed $.a: 1", "added $.b: 1"]],
    ["9007199254740992", "9007199254740993", ["changed $: 9007199254740992 to 9007199254740993"]],
    ["1.0", "1", ["changed $: 1.0 to 1"]],
    ['"\\u0041"', '"A"', []],
    ["[1,2,3]", "[1,3]", ["removed $[1]: 2"]],
    ["[1,3]", "[1,2,3]", ["added $[1]: 2"]],
    ['[{"id":1},{"id":2}]', '[{"id":0},{"id":1},{"id":2}]', ['added $[0]: {"id":0}']],
    ['{"a":{"b":[1]}}', '{"a":{"b":[1,{"c":2}]}}', ['added $.a.b[1]: {"c":2}']],
    ['{"a b":1,"":2}', '{"a b":2,"":3}', ['changed $["a b"]: 1 to 2', 'changed $[""]: 2 to 3']],
    ['{"a":1,"a":2}', '{"a":1,"a":3}', ["changed $.a#2: 2 to 3"]],
    ['{"a":1}', "[1]", ['changed $: {"a":1} to [1]']],
    ['"1"', "1", ['changed $: "1" to 1']],
    ["null", "false", ["changed $: null to false"]],
    ['{"0 a":1}', '{"a":1}', ['removed $["0 a"]: 1', "added $.a: 1"]],
  ])("between %s and %s", (a, b, changes) => {
    expect(said(a, b)).toEqual(changes);
  });

  test("against nothing is the whole document", () => {
    expect(diffJson(parsed("[1]"), null).changes).toMatchObject([{ kind: "removed", aPath: [], a: [0, 3], b: null }]);
    expect(diffJson(null, parsed("[1]")).changes).toMatchObject([{ kind: "added", b: [0, 3] }]);
    expect(diffJson(null, null).changes).toEqual([]);
  });
});

/** A document without the order of members: names with their occurrence. */
type Plain = string | Plain[] | { [step: string]: Plain };

function plain(node: JsonNode): Plain {
  if (node.kind === "array") return node.items.map(plain);
  if (node.kind !== "object") return node.kind === "string" ? `"${node.value}` : node.raw;
  const members: [string, Plain][] = [];
  for (const { key, value } of node.members) {
    const occurrence = members.filter(([name]) => name.endsWith(`#${key}`)).length;
    members.push([`${occurrence}#${key}`, plain(value)]);
  }
  return Object.fromEntries(members.sort(([a], [b]) => (a < b ? -1 : 1)));
}

interface Local {
  readonly change: JsonChange;
  readonly depth: number;
}

const stepName = (step: PathStep) => ("index" in step ? String(step.index) : `${step.occurrence}#${step.key}`);

/** The document after, made from the one before and what the changes say of it. */
function applied(node: JsonNode, changes: readonly Local[], b: string): Plain | undefined {
  const here = changes.find(({ change, depth }) => change.aPath.length === depth);
  if (here !== undefined) {
    const { b: at } = here.change;
    return at === null ? undefined : plain(parsed(b.slice(...at)));
  }
  if (changes.length === 0 || (node.kind !== "object" && node.kind !== "array")) return plain(node);
  const groups = new Map<string, Local[]>();
  const added: JsonChange[] = [];
  for (const { change, depth } of changes) {
    if (change.kind === "added" && change.aPath.length === depth + 1) {
      added.push(change);
      continue;
    }
    const name = stepName(change.aPath[depth] as PathStep);
    groups.set(name, [...(groups.get(name) ?? []), { change, depth: depth + 1 }]);
  }
  const after = (name: string, value: JsonNode) => applied(value, groups.get(name) ?? [], b);
  const textOf = (change: JsonChange) => plain(parsed(b.slice(...(change.b as [number, number]))));
  if (node.kind === "array") {
    const items = node.items.map((item, i) => after(String(i), item)).filter((item) => item !== undefined);
    for (const change of added) items.splice(Number(stepName(change.bPath.at(-1) as PathStep)), 0, textOf(change));
    return items;
  }
  const members = Object.entries(plain(node) as { [step: string]: Plain }).map(([name]) => name);
  const values = new Map<string, JsonNode>();
  const seen = new Map<string, number>();
  for (const { key, value } of node.members) {
    const occurrence = seen.get(key) ?? 0;
    seen.set(key, occurrence + 1);
    values.set(`${occurrence}#${key}`, value);
  }
  const kept = members.map((name) => [name, after(name, values.get(name) as JsonNode)] as const);
  const all = [...kept, ...added.map((change) => [stepName(change.bPath.at(-1) as PathStep), textOf(change)] as const)];
  return Object.fromEntries(
    all.filter((entry): entry is [string, Plain] => entry[1] !== undefined).sort(([x], [y]) => (x < y ? -1 : 1)),
  );
}

/** Every document of up to three values of a small alphabet, nested in each other. */
function documents(): string[] {
  const leaves = ["1", "2", '"1"', "null"];
  const shallow = [
    ...leaves,
    "[]",
    "{}",
    ...leaves.map((leaf) => `[${leaf}]`),
    ...["1", "2"].flatMap((x) =>
      ["1", "2"].flatMap((y) => [`[${x},${y}]`, `{"a":${x},"b":${y}}`, `{"a":${x},"a":${y}}`]),
    ),
    ...["1", "2"].flatMap((x) => [`{"a":${x}}`, `{"b":${x}}`, `[1,${x},1]`]),
  ];
  const deep = ["[1]", "[2,1]", '{"a":1}', '{"b":2}', "1"].flatMap((x) =>
    ["[1]", '{"a":2}', "2"].flatMap((y) => [
      `[${x},${y}]`,
      `{"a":${x},"b":${y}}`,
      `[1,${x},${y}]`,
      `{"c":[${x},${y}]}`,
    ]),
  );
  return [...shallow, ...deep];
}

test("every pair of small documents: the changes make the second out of the first, and none are needless", () => {
  const all = documents();
  for (const a of all) {
    for (const b of all) {
      const changes = between(a, b);
      const made = applied(
        parsed(a),
        changes.map((change) => ({ change, depth: 0 })),
        b,
      );
      const wanted = plain(parsed(b));
      if (JSON.stringify(made) !== JSON.stringify(wanted)) throw new Error(`${a} to ${b}: ${said(a, b).join("; ")}`);
      if ((changes.length === 0) !== (JSON.stringify(plain(parsed(a))) === JSON.stringify(wanted)))
        throw new Error(`${a} to ${b}: ${said(a, b).join("; ")}`);
    }
  }
});

test("very many changes are counted, and the first of them listed", () => {
  const array = (start: number) => `[${Array.from({ length: 12_000 }, (_, i) => start + i * 2).join(",")}]`;
  const { changes, changeCount } = diffJson(parsed(array(0)), parsed(array(1)));
  expect(changes).toHaveLength(10_000);
  expect(changeCount).toBe(12_000);
});
