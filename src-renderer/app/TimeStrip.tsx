/** The records along the file. Pointing at one shows the key it is about; the mark below is the record under the cursor. */
import type { Strip } from "@softadastra/inspector-contract";
import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from "react";
import { formatCount, formatOffset } from "../lib/format.ts";
import { call, useInspector } from "../lib/inspector.ts";
import { goToRecord, useNavigation } from "../lib/navigation.ts";
import { type FoundRecord, pointAt, recordAt, stepRecord } from "../lib/records.ts";
import { useWidth } from "../lib/use-width.ts";
import { IconButton } from "../ui/Button.tsx";
import { columnsFor, StripDrawing, stripScale } from "../ui/StripDrawing.tsx";
import styles from "./TimeStrip.module.css";

/** Asks for the drawing when the file, the width or the records change, at most this often. */
const REFRESH_MS = 250;

function useStrip(columns: number): Strip | null {
  const [strip, setStrip] = useState<Strip | null>(null);
  const isFirst = useRef(true);
  const session = useInspector((state) => state.session?.session ?? -1);
  const revision = useInspector((state) => state.keysRevision);
  const phase = useInspector((state) => state.session?.indexing.phase);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the revision and the phase say that there is something new to ask for.
  useEffect(() => {
    if (session === -1 || columns < 2) return;
    const controller = new AbortController();
    const timer = setTimeout(
      async () => {
        const answer = await call("log.strip", { session, columns }, controller.signal);
        if (!answer.ok) return;
        isFirst.current = false;
        setStrip(answer.value);
      },
      isFirst.current ? 0 : REFRESH_MS,
    );
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [session, columns, revision, phase]);
  return strip;
}

export function TimeStrip() {
  const session = useInspector((state) => state.session);
  const offset = useNavigation((state) => state.recordOffset);
  const bar = useRef<HTMLDivElement>(null);
  const width = useWidth(bar);
  const strip = useStrip(columnsFor(width));
  const [found, setFound] = useState<FoundRecord | null>(null);
  const pointed = offset === null ? null : found;

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

  if (session === null) return null;
  const scale = strip === null ? null : stripScale(strip, width);
  const onKeyDown = (event: KeyboardEvent) => {
    const to = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    void stepRecord(to as 1 | -1);
  };
  const onPointerDown = async (event: PointerEvent) => {
    if (scale === null || event.button !== 0) return;
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left;
    const at = scale.offsetAt(x);
    // Behind the stop there is no record that any other view could show.
    if (at >= session.validBytes && session.indexing.phase === "done") goToRecord(at);
    else pointAt(await recordAt(at));
  };
  const behindAt = offset !== null && offset >= session.validBytes && offset < session.fileBytes ? offset : null;
  const markAt = behindAt ?? pointed?.offset ?? null;
  const label =
    behindAt !== null
      ? `${formatOffset(behindAt)}, behind the stop`
      : pointed === null
        ? `${formatCount(session.recordCount)} records`
        : `Record ${formatCount(pointed.index + 1)} at ${formatOffset(pointed.offset)}`;
  return (
    <div className={styles.strip}>
      <div className={styles.step}>
        <IconButton
          icon="left"
          label="Previous record"
          shortcut="["
          disabled={session.recordCount === 0}
          onClick={() => void stepRecord(-1)}
        />
        <IconButton
          icon="right"
          label="Next record"
          shortcut="]"
          disabled={session.recordCount === 0}
          onClick={() => void stepRecord(1)}
        />
      </div>
      <div className={styles.body}>
        <div
          ref={bar}
          className={styles.bar}
          role="slider"
          aria-label="Records along the file"
          aria-valuemin={0}
          aria-valuemax={session.recordCount}
          aria-valuenow={pointed === null ? session.recordCount : pointed.index + 1}
          aria-valuetext={label}
          tabIndex={0}
          onKeyDown={onKeyDown}
          onPointerDown={(event) => void onPointerDown(event)}
        >
          {strip !== null && width > 0 && <StripDrawing strip={strip} width={width} label={label} />}
          {scale !== null && markAt !== null && (
            <svg className={styles.mark} viewBox="0 0 8 5" style={{ left: scale.x(markAt) }} aria-hidden="true">
              <path d="M4 0 8 5H0z" />
            </svg>
          )}
        </div>
        {scale !== null && strip !== null && <Axis scale={scale} strip={strip} width={width} />}
      </div>
      <div
        className={styles.now}
        data-widest={`#${formatCount(session.recordCount)} of ${formatCount(session.recordCount)}`}
      >
        {behindAt === null
          ? `#${formatCount(pointed === null ? session.recordCount : pointed.index + 1)}`
          : formatOffset(behindAt)}
        {behindAt === null && pointed !== null && <span> of {formatCount(session.recordCount)}</span>}
      </div>
    </div>
  );
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
