/** Every version of the shown key, newest first, deletes too: to look at, to compare two, to restore one. */
import type { KeyVersion } from "@softadastra/inspector-contract";
import { type CSSProperties, type KeyboardEvent, useCallback, useEffect, useRef, useState } from "react";
import {
  countOf,
  formatBytes,
  formatCount,
  formatDelta,
  formatOffset,
  formatWhen,
  timeTooltip,
} from "../../lib/format.ts";
import { goToRecord } from "../../lib/navigation.ts";
import { rowAt } from "../../lib/pages.ts";
import { travelTo, useEditObstacle } from "../../lib/travel.ts";
import { useNow } from "../../lib/use-now.ts";
import { Button } from "../../ui/Button.tsx";
import { OperationWord } from "../../ui/Chips.tsx";
import { classes } from "../../ui/classes.ts";
import { FixedRows, type FixedRowsHandle } from "../../ui/FixedRows.tsx";
import { Cell } from "../../ui/Grid.tsx";
import { comparePicked, pairToCompare, togglePick, useCompare } from "./compare-store.ts";
import { useDrafts } from "./drafts.ts";
import styles from "./HistoryList.module.css";
import { showHistoryRange, useHistory, versionAt } from "./history-store.ts";
import { restoreVersion } from "./key-actions.ts";
import { type DescribedKey, showVersion, useValue } from "./value-store.ts";

/** Checkbox, operation, sequence, time, change of size. */
const COLUMNS = 5;

export function HistoryList({ described }: { described: DescribedKey }) {
  const { key, place } = useValue();
  const { versionCount } = useHistory();
  const draft = useDrafts((state) => state.draftsByKey.get(key ?? ""));
  const picks = useCompare((state) => state.picks);
  // Versions written after the moment stand above the one that is current then.
  const currentIndex = described.isUnwritten ? described.versionCount : described.laterCount;
  return (
    <>
      <div className={styles.head}>
        <h3>
          History{" "}
          <span>
            {countOf(versionCount, "version")}
            {described.laterCount > 0 && `, ${formatCount(described.laterCount)} later`}
          </span>
        </h3>
        <CompareButton picked={picks.length} />
      </div>
      {draft !== undefined && (
        <div className={styles.draft}>
          <span />
          <OperationWord kind="draft" />
          <span />
          <span className={styles.quiet}>not saved</span>
          <span className={styles.delta}>{formatDelta(draft.bytes.length - draft.baseBytes.length)}</span>
        </div>
      )}
      <Versions
        shownIndex={place?.index ?? currentIndex}
        currentIndex={currentIndex}
        versionCount={versionCount}
        listKey={key}
      />
      <Actions version={place?.version ?? described.current} isCurrent={place === null} />
    </>
  );
}

function CompareButton({ picked }: { picked: number }) {
  // What is compared depends on the version that is shown, too.
  useValue((state) => state.versionOffset);
  const canCompare = pairToCompare() !== null;
  return (
    <Button
      size="small"
      kind="ghost"
      icon="compare"
      disabled={!canCompare}
      title={
        canCompare
          ? "Pick two versions with the boxes or the space bar; without, the shown version is compared with the one before it"
          : "There is no other version to compare with"
      }
      onClick={() => void comparePicked()}
    >
      {picked === 2 ? "Compare 2" : picked === 1 ? "Compare with shown" : "Compare with older"}
    </Button>
  );
}

function Versions(props: {
  shownIndex: number;
  /** What the key holds at the moment that is shown. */
  currentIndex: number;
  versionCount: number;
  listKey: string | null;
}) {
  const { shownIndex, currentIndex, versionCount, listKey } = props;
  const pages = useHistory((state) => state.pages);
  const picks = useCompare((state) => state.picks);
  const nowMs = useNow(60_000);
  const list = useRef<FixedRowsHandle>(null);
  const [moved, setMoved] = useState<{ index: number; from: number; key: string | null } | null>(null);
  // Where the keyboard has gone, until the version that stands there is shown.
  const active = moved !== null && moved.from === shownIndex && moved.key === listKey ? moved.index : shownIndex;
  useEffect(() => list.current?.reveal(shownIndex), [shownIndex]);
  // A row whose version was still on its way is shown when it is here.
  const wanted = active === shownIndex ? undefined : rowAt(pages, active)?.offset;
  useEffect(() => {
    if (wanted !== undefined) showVersion(active === currentIndex ? null : wanted);
  }, [wanted, active, currentIndex]);

  const show = (index: number) => setMoved({ index, from: shownIndex, key: listKey });
  const onKey = (event: KeyboardEvent) => {
    const version = versionAt(active);
    if (version === undefined) return false;
    if (event.key === " ") togglePick(version);
    else if (event.key === "Enter") void comparePicked();
    else return false;
    return true;
  };
  const label = useCallback(
    (index: number) => {
      const version = rowAt(pages, index);
      return version === undefined ? "Loading" : sayVersion(version);
    },
    [pages],
  );
  return (
    <div className={styles.list} style={{ "--rows": versionCount } as CSSProperties}>
      <FixedRows
        ref={list}
        label="History"
        role="grid"
        rowRole="row"
        rowCount={versionCount}
        columnCount={COLUMNS}
        contentId={listKey}
        activeIndex={active}
        onActivate={show}
        onRange={showHistoryRange}
        onKey={onKey}
        rowAttributes={(index) => ({ "aria-label": label(index) })}
        renderRow={(index) => {
          const version = rowAt(pages, index);
          if (version === undefined) return <Cell className={styles.version} aria-colspan={COLUMNS} />;
          return (
            <VersionRow
              version={version}
              before={rowAt(pages, index + 1)}
              isLast={index === versionCount - 1}
              isLater={index < currentIndex}
              isPicked={picks.some(({ offset }) => offset === version.offset)}
              nowMs={nowMs}
            />
          );
        }}
      />
    </div>
  );
}

function sayVersion({ kind, sequence, offset, valueBytes }: KeyVersion): string {
  const size = kind === "put" ? `, ${formatBytes(valueBytes)}` : "";
  return `${kind} #${formatCount(sequence)} at ${formatOffset(offset)}${size}`;
}

function VersionRow(props: {
  version: KeyVersion;
  before: KeyVersion | undefined;
  isLast: boolean;
  isLater: boolean;
  isPicked: boolean;
  nowMs: number;
}) {
  const { version, before, isLast, isLater, isPicked, nowMs } = props;
  const facts = [
    sayVersion(version),
    `Written ${timeTooltip(version.recordMs)}`,
    `Operation ${timeTooltip(version.operationMs)}`,
    ...(isLater ? ["Later than the state that is shown"] : []),
  ];
  const isDeltaKnown = version.kind === "put" && (before !== undefined || isLast);
  return (
    <div className={classes(styles.version, isLater && styles.later)} title={facts.join("\n")} role="presentation">
      <Cell>
        <input
          type="checkbox"
          tabIndex={-1}
          checked={isPicked}
          aria-label={`Compare #${formatCount(version.sequence)}`}
          title="Pick to compare"
          onPointerDown={(event) => event.stopPropagation()}
          onChange={() => togglePick(version)}
        />
      </Cell>
      <Cell>
        <OperationWord kind={version.kind} />
      </Cell>
      <Cell>
        <code>#{formatCount(version.sequence)}</code>
      </Cell>
      <Cell className={styles.quiet}>{formatWhen(version.recordMs, nowMs)}</Cell>
      <Cell className={styles.delta}>
        {isDeltaKnown ? formatDelta(version.valueBytes - (before?.valueBytes ?? 0)) : ""}
      </Cell>
    </div>
  );
}

function Actions({ version, isCurrent }: { version: KeyVersion; isCurrent: boolean }) {
  const obstacle = useEditObstacle();
  return (
    <div className={styles.actions}>
      {!isCurrent && version.kind === "put" && (
        <Button
          size="small"
          icon="undo"
          disabled={obstacle !== null}
          title={obstacle ?? "Writes this value as a new put"}
          onClick={() => void restoreVersion(version.offset)}
        >
          Restore this version
        </Button>
      )}
      {!isCurrent && (
        <Button
          size="small"
          icon="clock"
          title="Shows every key as it stood when this record was the last one"
          onClick={() => void travelTo({ offset: version.offset })}
        >
          State as of here
        </Button>
      )}
      <Button size="small" kind="ghost" icon="log" onClick={() => goToRecord(version.offset)}>
        Show record
      </Button>
    </div>
  );
}
