/** A value read by a decoder other than UTF-8 and JSON; where that fails, why, and the bytes. */
import { useEffect, useMemo, useState } from "react";
import { type ByteTree, type ByteTreeResult, type DecodeFault, inLine } from "../../lib/byte-tree.ts";
import { countOf, formatBytes, formatCount } from "../../lib/format.ts";
import { quoted } from "../../lib/json-tree.ts";
import { encodingLabel, readText, type TextEncodingId } from "../../lib/text-encodings.ts";
import { FORMATS, type FormatId, runJob } from "../../lib/value-jobs.ts";
import { inThread } from "../../lib/value-thread.ts";
import { CodeEditor } from "../../ui/CodeEditor.tsx";
import { HexView } from "../../ui/HexView.tsx";
import { EmptyState, Notice } from "../../ui/Notice.tsx";
import styles from "./DecodedView.module.css";
import { type DecoderId, decoderLabel, encodingOf } from "./decoders.ts";
import { type TreeSource, ValueTree } from "./ValueTree.tsx";

interface DecodedProps {
  readonly bytes: Uint8Array;
  /** The key as people read it. */
  readonly name: string;
  readonly isWhole: boolean;
}

/** Decoded while the value is chosen; what is longer is decoded beside the page. */
const DECODE_NOW_BYTES_MAX = 64 * 1024;

function useDecoded(format: FormatId, bytes: Uint8Array): ByteTreeResult | null {
  const isShort = bytes.length <= DECODE_NOW_BYTES_MAX;
  const now = useMemo(() => (isShort ? runJob({ kind: "decode", format, bytes }) : null), [isShort, format, bytes]);
  const [later, setLater] = useState<{ bytes: Uint8Array; format: FormatId; result: ByteTreeResult } | null>(null);
  useEffect(() => {
    if (isShort) return;
    const mine = new AbortController();
    inThread({ kind: "decode", format, bytes }, mine.signal).then(
      (result) => setLater({ bytes, format, result }),
      (error: unknown) => {
        if (mine.signal.aborted) return;
        const reason = error instanceof Error ? error.message : String(error);
        setLater({ bytes, format, result: { ok: false, fault: { at: 0, reason } } });
      },
    );
    return () => mine.abort();
  }, [isShort, format, bytes]);
  return now ?? (later?.bytes === bytes && later.format === format ? later.result : null);
}

const NO_PICTURE = { at: 0, reason: "no PNG, JPEG, GIF, WebP or BMP picture begins like this" };

/** Whatever decoder it is: one that draws a tree, one that reads text, or the one for pictures, which this is not. */
export function DecodedView({
  decoder,
  documentId,
  ...decoded
}: DecodedProps & { decoder: DecoderId; documentId: string }) {
  const encoding = encodingOf(decoder);
  if (encoding !== null) return <EncodedTextView {...decoded} encoding={encoding} documentId={documentId} />;
  if (decoder === "msgpack" || decoder === "cbor") return <DocumentView {...decoded} format={decoder} />;
  return <Failed {...decoded} decoder={decoderLabel(decoder)} fault={NO_PICTURE} />;
}

function DocumentView({ format, bytes, name, isWhole }: DecodedProps & { format: FormatId }) {
  const result = useDecoded(format, bytes);
  const label = FORMATS[format].name;
  const source = useMemo(
    () => (result?.ok ? documentSource(format, bytes, result.tree) : null),
    [format, bytes, result],
  );
  if (result === null) return <p className={styles.waiting}>Decoding {formatBytes(bytes.length)}…</p>;
  if (bytes.length === 0) return <EmptyState title="Empty: 0 bytes">There is nothing to decode.</EmptyState>;
  if (source === null || !result.ok) {
    const fault = result.ok ? { at: 0, reason: "nothing was found" } : result.fault;
    return <Failed decoder={label} fault={fault} bytes={bytes} name={name} isWhole={isWhole} />;
  }
  return <ValueTree key={`${format} ${bytes.length}`} source={source} />;
}

/** Why a decoder could not read the value, and the bytes with the place marked. */
function Failed(props: DecodedProps & { decoder: string; fault: DecodeFault }) {
  const { decoder, fault, bytes, name, isWhole } = props;
  return (
    <>
      <Notice tone="torn" role="status">
        <b>
          {decoder}: byte 0x{fault.at.toString(16).toUpperCase()}
        </b>
        : {fault.reason}; shown as hex.{" "}
        {isWhole
          ? "The value is not changed by this."
          : `Only the first ${formatCount(bytes.length)} bytes are loaded: load all to decode all.`}
      </Notice>
      <HexView
        label={`Bytes of ${name}`}
        bytes={bytes}
        mark={fault.at < bytes.length ? { at: fault.at, length: 1 } : undefined}
      />
    </>
  );
}

/** The rows of a document: what each item says is read from its bytes when it is in sight. */
export function documentSource(formatId: FormatId, bytes: Uint8Array, tree: ByteTree): TreeSource {
  const format = FORMATS[formatId];
  const { places, parents, counts, rootCount } = orderOf(tree);
  const labelOf = (index: number): string | null => {
    const [keyFrom, keyTo] = [tree.keyFrom[index] as number, tree.keyTo[index] as number];
    const parent = parents[index] as number;
    if (keyFrom < keyTo) {
      const key = format.textAt(bytes, keyFrom);
      // A text in quotes: it may say the same as a number that is another key.
      return key?.isText ? quoted(key.text) : inLine(format, bytes, keyFrom, keyTo);
    }
    if (parent === index) return rootCount > 1 ? String(places[index]) : null;
    return format.isArrayAt(bytes, tree.from[parent] as number) ? String(places[index]) : null;
  };
  return {
    label: `${format.name} tree`,
    count: tree.count,
    depthOf: (index) => tree.depth[index] ?? 0,
    endOf: (index) => tree.end[index] ?? 0,
    rowAt: (index) => {
      const [from, to] = [tree.from[index] as number, tree.to[index] as number];
      const place = `0x${from.toString(16).toUpperCase()}`;
      return {
        label: labelOf(index),
        ...format.describe(bytes, from, to, counts[index] as number),
        place,
        title: `Bytes ${place} to 0x${(to - 1).toString(16).toUpperCase()}, ${countOf(to - from, "byte")}`,
      };
    },
  };
}

/** For each item its place in what holds it, that item, and how many it holds itself. */
function orderOf(tree: ByteTree) {
  const places = new Uint32Array(tree.count);
  const parents = new Uint32Array(tree.count);
  const counts = new Uint32Array(tree.count);
  const open: number[] = [];
  let rootCount = 0;
  for (let index = 0; index < tree.count; index += 1) {
    while (open.length > 0 && (tree.end[open.at(-1) as number] as number) <= index) open.pop();
    const parent = open.at(-1);
    parents[index] = parent ?? index;
    if (parent === undefined) places[index] = rootCount++;
    else {
      places[index] = counts[parent] as number;
      counts[parent] = (counts[parent] as number) + 1;
    }
    open.push(index);
  }
  return { places, parents, counts, rootCount };
}

function EncodedTextView(props: DecodedProps & { encoding: TextEncodingId; documentId: string }) {
  const { encoding, documentId, bytes, name, isWhole } = props;
  const read = useMemo(() => readText(bytes, encoding), [bytes, encoding]);
  if (!read.ok)
    return <Failed decoder={encodingLabel(encoding)} fault={read.fault} bytes={bytes} name={name} isWhole={isWhole} />;
  return (
    <>
      <Notice tone="info">Read as {encodingLabel(encoding)}. Text in this encoding is shown, not edited, here.</Notice>
      <CodeEditor
        label={`Value of ${name}`}
        documentId={documentId}
        text={read.text}
        language="text"
        isReadOnly={true}
        marks={[]}
        fault={null}
        onChange={() => undefined}
      />
    </>
  );
}
