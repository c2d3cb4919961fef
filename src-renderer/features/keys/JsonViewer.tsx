/** JSON as a tree: numbers exactly as they are written, duplicate keys shown as they stand. */
import { useMemo } from "react";
import { countOf } from "../../lib/format.ts";
import { isLossyInteger, type JsonNode, parseJson, quoted } from "../../lib/json-tree.ts";
import { EmptyState } from "../../ui/Notice.tsx";
import { type TreeRow, type TreeSource, ValueTree } from "./ValueTree.tsx";

export function JsonViewer({ text }: { text: string }) {
  const parsed = useMemo(() => parseJson(text), [text]);
  const source = useMemo(() => (parsed.ok ? jsonSource(parsed.root) : null), [parsed]);
  if (source === null) return <EmptyState title="Not valid JSON">See Source for the place and the reason.</EmptyState>;
  return <ValueTree source={source} />;
}

/** The nodes in a row, each one before those it holds. */
export function jsonSource(root: JsonNode): TreeSource {
  const nodes: JsonNode[] = [];
  const labels: (string | null)[] = [];
  const depths: number[] = [];
  const ends: number[] = [];
  const walk = (node: JsonNode, label: string | null, depth: number) => {
    const index = nodes.push(node) - 1;
    labels.push(label);
    depths.push(depth);
    ends.push(0);
    if (node.kind === "object")
      for (const { key, value } of node.members) walk(value, quoted(key).slice(1, -1), depth + 1);
    else if (node.kind === "array") for (const [i, item] of node.items.entries()) walk(item, String(i), depth + 1);
    ends[index] = nodes.length;
  };
  walk(root, null, 0);
  return {
    label: "JSON tree",
    count: nodes.length,
    depthOf: (index) => depths[index] ?? 0,
    endOf: (index) => ends[index] ?? 0,
    rowAt: (index) => rowOf(nodes[index] as JsonNode, labels[index] ?? null),
  };
}

function rowOf(node: JsonNode, label: string | null): TreeRow {
  if (node.kind === "object")
    return { label, tone: "count", text: `{ ${countOf(node.members.length, "member")} }`, note: null };
  if (node.kind === "array")
    return { label, tone: "count", text: `[ ${countOf(node.items.length, "item")} ]`, note: null };
  if (node.kind === "string") return { label, tone: "string", text: quoted(node.value), note: null };
  const note = isLossyInteger(node.raw) ? "exact 64-bit integer" : null;
  return { label, tone: node.kind, text: node.raw, note };
}
