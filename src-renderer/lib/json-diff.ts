/**
 * What differs between two JSON documents, by path. The order of members does not count, nor does white space; numbers
 * are compared as they are written, so none is ever rounded.
 */
import type { JsonNode } from "./json-tree.ts";
import { quoted } from "./json-tree.ts";
import { diffSequences, type Run } from "./sequence-diff.ts";

/** A member by its name, and by which of the same name it is, from 0; or an item by its place. */
export type PathStep = { readonly key: string; readonly occurrence: number } | { readonly index: number };

export interface JsonChange {
  readonly kind: "added" | "removed" | "changed";
  /** In the document before and in the one after: places of items may differ. */
  readonly aPath: readonly PathStep[];
  readonly bPath: readonly PathStep[];
  /** Where the value is written in either text; null where there is none. */
  readonly a: readonly [from: number, to: number] | null;
  readonly b: readonly [from: number, to: number] | null;
}

export interface JsonDiff {
  readonly changes: readonly JsonChange[];
  /** All of them, also when not all are listed. */
  readonly changeCount: number;
}

/** Changes that are listed one by one. */
export const CHANGES_MAX = 10_000;

export function diffJson(a: JsonNode | null, b: JsonNode | null): JsonDiff {
  const differ = new Differ();
  differ.compare(a, b, [], []);
  return { changes: differ.changes, changeCount: differ.changeCount };
}

type Container = Extract<JsonNode, { kind: "object" | "array" }>;

class Differ {
  readonly changes: JsonChange[] = [];
  changeCount = 0;
  /** One number for each value that is the same wherever it stands. */
  readonly #idByText = new Map<string, number>();
  readonly #idByNode = new Map<JsonNode, number>();

  compare(a: JsonNode | null, b: JsonNode | null, aPath: readonly PathStep[], bPath: readonly PathStep[]): void {
    if (a === null || b === null) {
      if (a !== b) this.#note(a === null ? "added" : "removed", a, b, aPath, bPath);
    } else if (this.#idOf(a) !== this.#idOf(b)) {
      if (a.kind === "object" && b.kind === "object") this.#compareObjects(a, b, aPath, bPath);
      else if (a.kind === "array" && b.kind === "array") this.#compareArrays(a, b, aPath, bPath);
      else this.#note("changed", a, b, aPath, bPath);
    }
  }

  #note(
    kind: JsonChange["kind"],
    a: JsonNode | null,
    b: JsonNode | null,
    aPath: readonly PathStep[],
    bPath: readonly PathStep[],
  ): void {
    this.changeCount += 1;
    if (this.changes.length >= CHANGES_MAX) return;
    this.changes.push({ kind, aPath, bPath, a: a && [a.from, a.to], b: b && [b.from, b.to] });
  }

  #compareObjects(
    a: Container & { kind: "object" },
    b: Container & { kind: "object" },
    aPath: readonly PathStep[],
    bPath: readonly PathStep[],
  ): void {
    const [before, after] = [membersByStep(a), membersByStep(b)];
    for (const [name, { step, value }] of before) {
      this.compare(value, after.get(name)?.value ?? null, [...aPath, step], [...bPath, step]);
    }
    for (const [name, { step, value }] of after) {
      if (!before.has(name)) this.compare(null, value, [...aPath, step], [...bPath, step]);
    }
  }

  #compareArrays(
    a: Container & { kind: "array" },
    b: Container & { kind: "array" },
    aPath: readonly PathStep[],
    bPath: readonly PathStep[],
  ): void {
    const ids = (items: readonly JsonNode[]) => items.map((item) => this.#idOf(item));
    // Too different to line up: item by item then.
    const runs = diffSequences(ids(a.items), ids(b.items)) ?? [wholeRun(a.items.length, b.items.length)];
    for (const { isSame, aFrom, aTo, bFrom, bTo } of runs) {
      if (isSame) continue;
      const [aCount, bCount] = [aTo - aFrom, bTo - bFrom];
      for (let i = 0; i < Math.max(aCount, bCount); i += 1) {
        const before = i < aCount ? (a.items[aFrom + i] as JsonNode) : null;
        const after = i < bCount ? (b.items[bFrom + i] as JsonNode) : null;
        this.compare(before, after, [...aPath, { index: aFrom + i }], [...bPath, { index: bFrom + i }]);
      }
    }
  }

  /** Two values have the same number when they are the same. */
  #idOf(node: JsonNode): number {
    const known = this.#idByNode.get(node);
    if (known !== undefined) return known;
    const text = this.#textOf(node);
    const id = this.#idByText.get(text) ?? this.#idByText.size;
    this.#idByText.set(text, id);
    this.#idByNode.set(node, id);
    return id;
  }

  #textOf(node: JsonNode): string {
    if (node.kind === "object") {
      const members = Array.from(
        membersByStep(node),
        ([name, { value }]) => `${JSON.stringify(name)}:${this.#idOf(value)}`,
      );
      return `{${members.sort().join(",")}`;
    }
    if (node.kind === "array") return `[${node.items.map((item) => this.#idOf(item)).join(",")}`;
    return node.kind === "string" ? `"${node.value}` : `=${node.raw}`;
  }
}

function wholeRun(aTo: number, bTo: number): Run {
  return { isSame: false, aFrom: 0, aTo, bFrom: 0, bTo };
}

/** Members by name; the second of one name is another than the first. */
function membersByStep(node: Container & { kind: "object" }): Map<string, { step: PathStep; value: JsonNode }> {
  const seen = new Map<string, number>();
  const members = new Map<string, { step: PathStep; value: JsonNode }>();
  for (const { key, value } of node.members) {
    const occurrence = seen.get(key) ?? 0;
    seen.set(key, occurrence + 1);
    members.set(`${occurrence} ${key}`, { step: { key, occurrence }, value });
  }
  return members;
}

const PLAIN_NAME = /^[\p{L}_$][\p{L}\p{N}_$-]*$/u;

/** `$.user.tags[3]["a b"]`; the second member of one name ends in `#2`. */
export function pathText(path: readonly PathStep[]): string {
  const parts = path.map((step) => {
    if ("index" in step) return `[${step.index}]`;
    const name = PLAIN_NAME.test(step.key) ? `.${step.key}` : `[${quoted(step.key)}]`;
    return step.occurrence === 0 ? name : `${name}#${step.occurrence + 1}`;
  });
  return `$${parts.join("")}`;
}
