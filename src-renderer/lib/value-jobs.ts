/** Work on values that may take long: decoding and comparing. Plain functions, run in a thread of their own by `value-thread.ts`. */
import { type ByteDiff, diffBytes } from "./byte-diff.ts";
import { type ByteFormat, type ByteTreeResult, transferablesOf } from "./byte-tree.ts";
import { decodeText } from "./bytes.ts";
import { cbor } from "./cbor.ts";
import { diffJson, type JsonDiff } from "./json-diff.ts";
import { type JsonNode, parseJson } from "./json-tree.ts";
import { msgpack } from "./msgpack.ts";
import { diffText, type TextDiff } from "./text-diff.ts";

export type FormatId = "msgpack" | "cbor";
export const FORMATS: Readonly<Record<FormatId, ByteFormat>> = { msgpack, cbor };

export type DiffForm = "text" | "json" | "hex";

export type ValueJob =
  | { readonly kind: "decode"; readonly format: FormatId; readonly bytes: Uint8Array }
  /** null is a value that is not there: deleted. */
  | {
      readonly kind: "diff";
      readonly form: DiffForm | "auto";
      readonly a: Uint8Array | null;
      readonly b: Uint8Array | null;
    };

export type DecodeJob = Extract<ValueJob, { kind: "decode" }>;
export type DiffJob = Extract<ValueJob, { kind: "diff" }>;

export type ValueDiff =
  | { readonly form: "text"; readonly diff: TextDiff }
  | { readonly form: "json"; readonly diff: JsonDiff }
  | { readonly form: "hex"; readonly diff: ByteDiff };

export interface DiffResult {
  readonly best: DiffForm;
  readonly compared: ValueDiff;
  /** Why the form that was asked for could not be used, and hex is shown. */
  readonly obstacle: string | null;
}

export interface ResultOf {
  readonly decode: ByteTreeResult;
  readonly diff: DiffResult;
}

export function runJob<J extends ValueJob>(job: J): ResultOf[J["kind"]];
export function runJob(job: ValueJob): ByteTreeResult | DiffResult {
  return job.kind === "decode" ? FORMATS[job.format].decode(job.bytes) : compare(job);
}

/** Parts of a result that move to another thread without being copied. */
export function movablesOf(result: ByteTreeResult | DiffResult): ArrayBuffer[] {
  return "ok" in result && result.ok ? transferablesOf(result.tree) : [];
}

const NOTHING = new Uint8Array();

function compare({ form, a, b }: DiffJob): DiffResult {
  const texts = [a, b].map((bytes) => decodeText(bytes ?? NOTHING));
  const [before, after] = texts;
  const invalid = texts.findIndex((text) => !text.isText);
  const json =
    invalid === -1
      ? parsedBoth(
          a,
          b,
          texts.map((text) => (text.isText ? text.text : "")),
        )
      : null;
  const best: DiffForm = invalid !== -1 ? "hex" : isWorthJson(json) ? "json" : "text";
  const wanted = form === "auto" ? best : form;
  const hex = (obstacle: string | null): DiffResult => ({
    best,
    compared: { form: "hex", diff: diffBytes(a ?? NOTHING, b ?? NOTHING) },
    obstacle,
  });
  if (wanted === "hex") return hex(null);
  if (!before?.isText || !after?.isText) {
    const fault = texts[invalid];
    const at = fault?.isText === false ? fault.invalidAt : 0;
    return hex(`the ${sideName(invalid)} value is not UTF-8 at byte 0x${at.toString(16).toUpperCase()}`);
  }
  if (wanted === "text")
    return { best, compared: { form: "text", diff: diffText(before.text, after.text) }, obstacle: null };
  if (json === null || "fault" in json) {
    const diff = diffText(before.text, after.text);
    return { best, compared: { form: "text", diff }, obstacle: json === null ? null : json.fault };
  }
  return { best, compared: { form: "json", diff: diffJson(json.a, json.b) }, obstacle: null };
}

const sideName = (side: number) => (side === 0 ? "older" : "newer");

type ParsedBoth = { readonly a: JsonNode | null; readonly b: JsonNode | null } | { readonly fault: string };

function parsedBoth(a: Uint8Array | null, b: Uint8Array | null, texts: readonly string[]): ParsedBoth {
  const nodes: (JsonNode | null)[] = [];
  for (const [side, bytes] of [a, b].entries()) {
    if (bytes === null) {
      nodes.push(null);
      continue;
    }
    const result = parseJson(texts[side] as string);
    if (!result.ok) {
      const { at, expected } = result.fault;
      return { fault: `the ${sideName(side)} value is not JSON: expected ${expected} at character ${at}` };
    }
    nodes.push(result.root);
  }
  return { a: nodes[0] ?? null, b: nodes[1] ?? null };
}

/** Two documents, one of which has paths. A number or a word alone says more as text. */
function isWorthJson(json: ParsedBoth | null): boolean {
  if (json === null || "fault" in json) return false;
  return [json.a, json.b].some((node) => node?.kind === "object" || node?.kind === "array");
}
