/** The records along the file. Dragging the cursor travels; the mark below is the record that is selected in the lists. */
import type { Moment, Strip } from "@softadastra/inspector-contract";
import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from "react";
import { type Calm, calmly } from "../lib/calm.ts";
import { countOf, formatCount, formatOffset } from "../lib/format.ts";
import { call, useInspector } from "../lib/inspector.ts";
import { goToRecord, useNavigation } from "../lib/navigation.ts";
import { type FoundRecord, recordAt, stepRecord } from "../lib/records.ts";
import { shortcutText } from "../lib/shortcuts.ts";
import { travelBy, travelTo, useTravel } from "../lib/travel.ts";
import { useWidth } from "../lib/use-width.ts";
import { Button, IconButton } from "../ui/Button.tsx";
import { columnsFor, StripDrawing, type StripScale, stripScale } from "../ui/StripDrawing.tsx";
import styles from "./TimeStrip.module.css";

/** Asks for the drawing when the file, the width or the records change, at most this often. */
const REFRESH_MS = 250;
/** In a short log a page key goes by this many records. */
const PAGE_RECORDS_MIN = 10;
/** This near to the end of the readable records is the end. */
const END_PIXELS = 2;

function useStrip(columns: number): Strip | null {
  const [strip, setStrip] = useState<Strip | null>(null);
  const asking = useRef<Calm | null>(null);
  const session = useInspector((state) => state.session?.session ?? -1);
  const revision = useInspector((state) => state.keysRevision);
  const phase = useInspector((state) => state.session?.indexing.phase);
  const fileBytes = useInspector((state) => state.session?.fileBytes);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was drawn while the file was read is not waited for once it is.
  useEffect(() => {
    if (session === -1 || columns < 2) return;
    const controller = new AbortController();
    const calm = calmly(REFRESH_MS, async () => {
      const answer = await call("log.strip", { session, columns }, controller.signal);
      if (answer.ok && !controller.signal.aborted) setStrip(answer.value);
    });
    asking.current = calm;
    calm.ask();
    return () => {
      calm.end();
      controller.abort();
    };
  }, [session, columns, phase]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: they say that there is something new to ask for.
  useEffect(() => asking.current?.ask(), [revision, fileBytes]);
  return strip;
}

/** The record under the cursor of the lists: a mark of its own, as selecting is not travelling. */
function useMarkedRecord(): FoundRecord | null {
  const offset = useNavigation((state) => state.recordOffset);
  const [found, setFound] = useState<FoundRecord | null>(null);
  useEffect(() => {
    let isCurrent = true;
    if (offset === null) return;
    void recordAt(offset).then((record) => {
      if (isCurrent) setFound(record);
    });
    return () => {
      isCurrent = false;
    };
  }, [offset]);
  return offset === null ? null : found;
}

export function TimeStrip() {
  const session = useInspector((state) => state.session);
  const offset = useNavigation((state) => state.recordOffset);
  const moment = useTravel((state) => state.moment);
  const bar = useRef<HTMLDivElement>(null);
  const width = useWidth(bar);
  const strip = useStrip(columnsFor(width));
  const pointed = useMarkedRecord();
  const scale = strip === null ? null : stripScale(strip, width);
  const drag = useDrag(scale);
  if (session === null) return null;
  const { recordCount } = session;
  const behindAt = offset !== null && offset >= session.validBytes && offset < session.fileBytes ? offset : null;
  const markAt = behindAt ?? pointed?.offset ?? null;
  const shown = moment ?? (behindAt === null ? pointed : null);
  const isEmpty = recordCount === 0;
  return (
    <div className={styles.strip}>
      <div className={styles.step}>
        <IconButton
          icon="left"
          label="Previous record"
          shortcut="["
          disabled={isEmpty}
          onClick={() => void stepRecord(-1)}
        />
        <IconButton
          icon="right"
          label="Next record"
          shortcut="]"
          disabled={isEmpty}
          onClick={() => void stepRecord(1)}
        />
      </div>
      <div className={styles.body}>
        <div
          ref={bar}
          className={styles.bar}
          role="slider"
          aria-label="Time: records along the file"
          aria-valuemin={isEmpty ? 0 : 1}
          aria-valuemax={recordCount}
          aria-valuenow={moment === null ? recordCount : moment.index + 1}
          aria-valuetext={sayTime(moment, recordCount)}
          aria-disabled={isEmpty}
          tabIndex={0}
          onKeyDown={(event) => onKeyDown(event, recordCount, drag.cancel)}
          {...drag.handlers}
        >
          {strip !== null && width > 0 && <StripDrawing strip={strip} width={width} label="Records along the file" />}
          {scale !== null && !isEmpty && (
            <div
              className={styles.cursor}
              style={{ left: drag.x ?? (moment === null ? scale.goodWidth : scale.x(moment.offset + moment.bytes)) }}
              data-travelling={moment !== null}
            />
          )}
        </div>
        {scale !== null && markAt !== null && (
          <svg
            className={styles.mark}
            viewBox="0 0 8 5"
            style={{ left: scale.x(markAt) }}
            role="img"
            aria-label={sayMark(pointed, behindAt)}
          >
            <path d="M4 0 8 5H0z" />
          </svg>
        )}
        {scale !== null && strip !== null && <Axis scale={scale} strip={strip} width={width} />}
      </div>
      <div className={styles.now} data-widest={`#${formatCount(recordCount)} of ${formatCount(recordCount)}`}>
        {behindAt === null || moment !== null
          ? `#${formatCount(shown === null ? recordCount : shown.index + 1)}`
          : formatOffset(behindAt)}
        {shown !== null && <span> of {formatCount(recordCount)}</span>}
      </div>
      <Button
        kind="ghost"
        size="small"
        icon="latest"
        disabled={moment === null}
        title={
          moment === null ? "The latest state is shown" : `Back to the latest state  ${shortcutText("Mod+Shift+J")}`
        }
        onClick={() => void travelTo(null)}
      >
        Latest
      </Button>
    </div>
  );
}

function sayTime(moment: Moment | null, recordCount: number): string {
  if (moment === null) return `Latest, ${countOf(recordCount, "record")}`;
  return `State as of record ${formatCount(moment.index + 1)} of ${formatCount(recordCount)}, offset ${formatOffset(moment.offset)}`;
}

function sayMark(pointed: FoundRecord | null, behindAt: number | null): string {
  if (behindAt !== null) return `${formatOffset(behindAt)} is selected, behind the stop`;
  return pointed === null
    ? ""
    : `Record ${formatCount(pointed.index + 1)} is selected, at ${formatOffset(pointed.offset)}`;
}

/** Arrows go by one record, page keys by a hundredth of the log. */
function onKeyDown(event: KeyboardEvent, recordCount: number, cancelDrag: () => boolean): void {
  if (event.ctrlKey || event.metaKey || event.altKey || recordCount === 0) return;
  const page = Math.max(PAGE_RECORDS_MIN, Math.round(recordCount / 100));
  const steps = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: page, PageDown: -page }[event.key];
  if (steps !== undefined) void travelBy(steps);
  else if (event.key === "Home") void travelTo({ index: 0 });
  else if (event.key === "End") void travelTo(null);
  else if (event.key !== "Escape" || !cancelDrag()) return;
  event.preventDefault();
}

/** Dragging travels. The cursor stays under the pointer, and snaps to its record when it is let go. */
function useDrag(scale: StripScale | null) {
  const [x, setX] = useState<number | null>(null);
  const before = useRef<Moment | null>(null);
  const end = () => setX(null);
  const moveTo = (event: PointerEvent) => {
    if (scale === null) return;
    const at = event.clientX - event.currentTarget.getBoundingClientRect().left;
    setX(Math.max(0, Math.min(scale.goodWidth, at)));
    // The very end is the end of the log, whatever is written: not the record that is the last one by now.
    void travelTo(at >= scale.goodWidth - END_PIXELS ? null : { offset: scale.offsetAt(Math.max(0, at)) });
  };
  const onPointerDown = (event: PointerEvent) => {
    const { session } = useInspector.getState();
    if (scale === null || session === null || session.recordCount === 0 || event.button !== 0) return;
    const at = scale.offsetAt(event.clientX - event.currentTarget.getBoundingClientRect().left);
    // Behind the stop is no record that any state is as of: its bytes are shown.
    if (at >= session.validBytes && session.indexing.phase === "done" && scale.regions.length > 0) {
      goToRecord(at);
      return;
    }
    before.current = useTravel.getState().moment;
    event.currentTarget.setPointerCapture(event.pointerId);
    moveTo(event);
  };
  return {
    x,
    /** Back to where the drag began; false when there is none. */
    cancel: () => {
      if (x === null) return false;
      end();
      void travelTo(before.current === null ? null : { offset: before.current.offset });
      return true;
    },
    handlers: {
      onPointerDown,
      onPointerMove: (event: PointerEvent) => {
        if (x !== null) moveTo(event);
      },
      onPointerUp: end,
      onPointerCancel: end,
      onLostPointerCapture: end,
    },
  };
}

function Axis({ scale, strip, width }: { scale: ReturnType<typeof stripScale>; strip: Strip; width: number }) {
  const shares = strip.goodBytes === 0 || width < 420 ? [0] : width < 760 ? [0, 0.5] : [0, 0.25, 0.5, 0.75];
  return (
    <div className={styles.axis} aria-hidden="true">
      {shares.map((share) => (
        <span key={share} style={{ left: scale.goodWidth * share }}>
          {formatOffset(Math.round(strip.goodBytes * share))}
        </span>
      ))}
      {strip.fileBytes > 0 && <span className={styles.end}>{formatOffset(strip.fileBytes)}</span>}
    </div>
  );
}
