/** Two versions of a key beside each other: which they are, how they are compared, and what differs. */
import type { KeyVersion } from "@softadastra/inspector-contract";
import { limits } from "@softadastra/inspector-contract";
import { type KeyboardEvent, useEffect, useRef } from "react";
import { decodeLossy } from "../../lib/bytes.ts";
import { copyText } from "../../lib/clipboard.ts";
import { countOf, formatBytes, formatCount, formatOffset, formatTime, timeTooltip } from "../../lib/format.ts";
import { hexDiffText } from "../../lib/hex-diff-rows.ts";
import { CHANGES_MAX, type JsonDiff } from "../../lib/json-diff.ts";
import { jsonDiffText } from "../../lib/json-diff-rows.ts";
import { unifiedText } from "../../lib/text-diff.ts";
import type { DiffForm } from "../../lib/value-jobs.ts";
import { Button, IconButton } from "../../ui/Button.tsx";
import { OperationWord } from "../../ui/Chips.tsx";
import { classes } from "../../ui/classes.ts";
import { EmptyState, Notice } from "../../ui/Notice.tsx";
import { Tabs } from "../../ui/Tabs.tsx";
import styles from "./CompareView.module.css";
import {
  type Comparison,
  closeComparison,
  differenceAt,
  differenceStep,
  setForm,
  stepDifference,
  swapSides,
  useCompare,
} from "./compare-store.ts";
import { HexDiffView } from "./HexDiffView.tsx";
import { JsonDiffView } from "./JsonDiffView.tsx";
import { TextDiffView } from "./TextDiffView.tsx";
import { useValue } from "./value-store.ts";

const PANEL = "compare-panel";
const FORM_WORDS: Record<DiffForm, string> = { text: "text", json: "json", hex: "hex" };

export function CompareView() {
  const { sides, form, shown, isWorking, failure } = useCompare();
  const pane = useRef<HTMLElement>(null);
  // Arrow keys and Esc are for what has just come; the focus goes back where it was.
  useEffect(() => {
    const before = document.activeElement;
    pane.current?.focus({ preventScroll: true });
    return () => {
      if (before instanceof HTMLElement) before.focus({ preventScroll: true });
    };
  }, []);
  if (sides === null) return null;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    closeComparison();
  };
  const tabs = [
    { value: "auto", label: "Auto", ...(shown === null ? {} : { hint: FORM_WORDS[shown.result.best] }) },
    { value: "text", label: "Text" },
    { value: "json", label: "JSON" },
    { value: "hex", label: "Hex" },
  ] as const;
  return (
    <section
      ref={pane}
      className={styles.compare}
      aria-label="Difference of two versions"
      tabIndex={-1}
      onKeyDown={onKeyDown}
    >
      <Tabs label="Ways to compare" tabs={tabs} value={form} panelId={PANEL} onChange={setForm}>
        <Steps isReady={shown !== null && !isWorking} />
        <IconButton
          icon="copy"
          label="Copy the difference as text"
          disabled={shown === null}
          onClick={() => shown && copyText(asText(shown))}
        />
        <IconButton icon="close" label="Close the comparison" onClick={closeComparison} />
      </Tabs>
      <div className={styles.sides}>
        <Side version={sides[0]} sign="−" />
        <IconButton icon="sync" label="Swap sides" onClick={swapSides} />
        <Side version={sides[1]} sign="+" />
      </div>
      {failure !== null && (
        <Notice tone="damaged" role="alert">
          The versions were not compared: {failure}
        </Notice>
      )}
      {shown !== null && <Notes shown={shown} />}
      <div
        id={PANEL}
        className={classes(styles.body, isWorking && styles.isWorking)}
        role="tabpanel"
        aria-label="What differs"
        aria-busy={isWorking}
      >
        {shown === null ? isWorking && <p className={styles.waiting}>Comparing…</p> : <Content shown={shown} />}
      </div>
    </section>
  );
}

function Side({ version, sign }: { version: KeyVersion; sign: "−" | "+" }) {
  return (
    <span className={styles.side} title={`${formatOffset(version.offset)}\n${timeTooltip(version.recordMs)}`}>
      <b className={sign === "+" ? styles.plus : styles.minus} aria-hidden="true">
        {sign}
      </b>
      <OperationWord kind={version.kind} />
      <code>#{formatCount(version.sequence)}</code>
      <span className={styles.quiet}>
        {version.kind === "put" ? formatBytes(version.valueBytes) : "no value"}
        <span className={styles.time}>, {formatTime(version.recordMs)}</span>
      </span>
    </span>
  );
}

function Steps({ isReady }: { isReady: boolean }) {
  const { anchors, row } = useCompare();
  const at = differenceAt(anchors, row);
  const count = isReady ? anchors.length : 0;
  return (
    <>
      <span className={styles.count} role="status">
        {count === 0
          ? ""
          : at === 0
            ? countOf(count, "difference")
            : `${formatCount(at)} of ${countOf(count, "difference")}`}
      </span>
      <IconButton
        icon="upwards"
        label="Previous difference"
        shortcut="Shift+F7"
        disabled={!isReady || differenceStep(-1) === null}
        onClick={() => stepDifference(-1)}
      />
      <IconButton
        icon="downwards"
        label="Next difference"
        shortcut="F7"
        disabled={!isReady || differenceStep(1) === null}
        onClick={() => stepDifference(1)}
      />
    </>
  );
}

/** What the reader must know before trusting what is below. */
function Notes({ shown }: { shown: Comparison }) {
  const { before, after, result } = shown;
  const { compared, obstacle } = result;
  const cut = [before, after].filter(({ isCut }) => isCut);
  const gone = [before, after].find(({ bytes }) => bytes === null);
  const words = { text: "Text", json: "JSON structure", hex: "Hex" }[compared.form];
  return (
    <>
      {obstacle !== null && (
        <Notice tone="torn">
          Compared as {compared.form}: {obstacle}.
        </Notice>
      )}
      {cut.length > 0 && (
        <Notice tone="torn">
          Only the first {formatBytes(limits.PREVIEW_BYTES_MAX)} are compared:{" "}
          {cut
            .map(({ version }) => `#${formatCount(version.sequence)} has ${formatBytes(version.valueBytes)}`)
            .join(", ")}
          .
        </Notice>
      )}
      {gone !== undefined && (
        <Notice tone="info">
          Record #{formatCount(gone.version.sequence)} deleted the key: the whole value is{" "}
          {gone === after ? "gone" : "new"}.
        </Notice>
      )}
      {compared.form !== "json" && !compared.diff.isAligned && (
        <Notice tone="info">
          {words}: the two are too different to line up.{" "}
          {compared.form === "hex"
            ? "Each byte stands beside the one at its own offset."
            : "What lies between their equal ends counts as replaced."}
        </Notice>
      )}
      {compared.form === "json" && compared.diff.changeCount > CHANGES_MAX && (
        <Notice tone="info">
          {formatCount(compared.diff.changeCount)} paths differ; the first {formatCount(CHANGES_MAX)} are listed.
        </Notice>
      )}
    </>
  );
}

function Content({ shown }: { shown: Comparison }) {
  const { before, after, result } = shown;
  const { compared } = result;
  const isSame =
    compared.form === "json" ? compared.diff.changeCount === 0 : compared.diff.runs.every((run) => run.isSame);
  if (isSame) return <Same shown={shown} />;
  const contentId = `${before.version.offset} ${after.version.offset} ${compared.form}`;
  const view = { a: before.bytes, b: after.bytes, contentId };
  if (compared.form === "json") return <JsonDiffView key={contentId} diff={compared.diff} {...view} />;
  if (compared.form === "hex") return <HexDiffView key={contentId} diff={compared.diff} {...view} />;
  return <TextDiffView key={contentId} diff={compared.diff} {...view} />;
}

function Same({ shown }: { shown: Comparison }) {
  const { before, after, result } = shown;
  if (result.compared.form !== "json" || sameDocumentText(before.bytes, after.bytes))
    return (
      <EmptyState title="No difference">
        {before.bytes === null && after.bytes === null
          ? "Both records deleted the key."
          : `Both versions hold the same ${formatBytes(before.bytes?.length ?? 0)}.`}
      </EmptyState>
    );
  return (
    <EmptyState
      title="The same JSON, written differently"
      action={<Button onClick={() => setForm("text")}>Compare as text</Button>}
    >
      Every path and value is the same; the order of members, escapes or white space is not.
    </EmptyState>
  );
}

function sameDocumentText(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a !== null && b !== null && a.length === b.length && a.every((byte, i) => byte === b[i]);
}

const NOTHING = new Uint8Array();

/** What is on the screen, as other programs read it. */
function asText({ before, after, result }: Comparison): string {
  const name = useValue.getState().described?.name.text ?? "";
  const nameOf = ({ kind, sequence, recordMs }: KeyVersion) => {
    const time = Math.abs(recordMs) <= 8.64e15 ? new Date(recordMs).toISOString() : `${recordMs} ms`;
    return `${JSON.stringify(name)} #${sequence} ${kind}\t${time}`;
  };
  const names = { before: nameOf(before.version), after: nameOf(after.version) };
  const [a, b] = [before.bytes ?? NOTHING, after.bytes ?? NOTHING];
  const { compared } = result;
  if (compared.form === "text") return unifiedText(names, decodeLossy(a), decodeLossy(b), compared.diff.runs);
  const head = `--- ${names.before}\n+++ ${names.after}\n`;
  if (compared.form === "hex") return head + hexDiffText(a, b, compared.diff.runs);
  return head + jsonText(compared.diff, a, b);
}

function jsonText({ changes, changeCount }: JsonDiff, a: Uint8Array, b: Uint8Array): string {
  const left = changeCount - changes.length;
  return jsonDiffText(decodeLossy(a), decodeLossy(b), changes) + (left > 0 ? `… ${countOf(left, "path")} more\n` : "");
}
