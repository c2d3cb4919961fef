/** Lines over the view: how far reading has come, that the file changed on the disk, that the host is gone. */
import { useEffect, useState } from "react";
import { countOf, formatBytes, formatClock, formatCount, formatOffset } from "../lib/format.ts";
import { call, useInspector } from "../lib/inspector.ts";
import { goToRecord, useNavigation, type ViewName } from "../lib/navigation.ts";
import { reloadFile, useOpening } from "../lib/opening.ts";
import { travelTo, useTravel } from "../lib/travel.ts";
import { Button } from "../ui/Button.tsx";
import { Notice, ProgressBar } from "../ui/Notice.tsx";
import styles from "./Banners.module.css";
import { DiskNotice } from "./DiskNotice.tsx";

export function Banners() {
  const connection = useInspector((state) => state.connection);
  const session = useInspector((state) => state.session);
  return (
    <>
      {connection === "lost" && <Lost />}
      {session !== null && <Reading key={session.session} />}
      {session !== null && <DiskNotice session={session} />}
      {session !== null && <Copying />}
      {session !== null && <Travelling />}
    </>
  );
}

function Lost() {
  const { lostReason, lostAtMs } = useInspector();
  return (
    <Notice
      tone="damaged"
      role="alert"
      actions={
        <Button size="small" onClick={() => location.reload()}>
          Connect again
        </Button>
      }
    >
      <b>The host has been gone since {formatClock(lostAtMs)}</b>: {lostReason}. What was saved is in the log; what you
      see is from before.
    </Notice>
  );
}

/** Reading that is over in a moment is not worth a line that comes and goes. */
const READING_SHOWN_AFTER_MS = 250;

function Reading() {
  const session = useInspector((state) => state.session);
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), READING_SHOWN_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  if (session === null) return null;
  const { phase, doneBytes, totalBytes, message } = session.indexing;
  if (phase === "done") return null;
  const id = session.session;
  if (phase === "failed") {
    return (
      <Notice
        tone="damaged"
        role="alert"
        actions={
          <Button size="small" onClick={() => void reloadFile()}>
            Read again
          </Button>
        }
      >
        <b>
          Reading failed at {formatCount(doneBytes)} of {formatBytes(totalBytes)}
        </b>
        : {message}. What was read is shown.
      </Notice>
    );
  }
  if (phase === "stopped") {
    return (
      <Notice
        tone="info"
        actions={
          <Button size="small" onClick={() => void call("session.resume", { session: id })}>
            Read the rest
          </Button>
        }
      >
        Stopped at {formatCount(doneBytes)} of {formatBytes(totalBytes)}. Counts are so far, and there is no verdict.
      </Notice>
    );
  }
  if (!isLate) return null;
  const label = phase === "reading" ? "Reading records" : "Searching for records behind the stop";
  return (
    <div className={styles.reading} role="status">
      <div className={styles.line}>
        <span>
          {label}: {countOf(session.recordCount, "record")} and {countOf(session.liveKeyCount, "key")} so far
        </span>
        <span className={styles.grow} />
        <span>
          {formatCount(doneBytes)} of {formatBytes(totalBytes)}
        </span>
        <Button size="small" kind="ghost" onClick={() => void call("session.stop", { session: id })}>
          Stop
        </Button>
      </div>
      <ProgressBar done={doneBytes} total={totalBytes} label={label} />
    </div>
  );
}

/** What a view says about the moment, beside the record it is as of. */
const AS_OF: Partial<Record<ViewName, string>> = {
  keys: "Editing is off.",
  log: "Records behind it are greyed.",
};

function Travelling() {
  const moment = useTravel((state) => state.moment);
  const view = useNavigation((state) => state.view);
  if (moment === null) return null;
  return (
    <Notice
      tone="accent"
      role="status"
      actions={
        <Button size="small" icon="latest" onClick={() => void travelTo(null)}>
          Latest
        </Button>
      }
    >
      State as of record <b>#{formatCount(moment.index + 1)}</b> (offset{" "}
      <button
        type="button"
        className={styles.link}
        title="Show the record in Log"
        onClick={() => goToRecord(moment.offset)}
      >
        {formatOffset(moment.offset)}
      </button>
      ). {AS_OF[view] ?? "What is below is about the file as it is now."}
    </Notice>
  );
}

/** Long work while a file is open: copying it for a sandbox, or opening another one. */
function Copying() {
  const progress = useInspector((state) => state.progress);
  const busy = useOpening((state) => state.busy);
  // An export or import has a dialog of its own.
  if (progress === null || progress.rows !== undefined) return null;
  return (
    <div className={styles.reading} role="status">
      <div className={styles.line}>
        <span>{progress.label}</span>
        <span className={styles.grow} />
        <span>
          {formatCount(progress.doneBytes)} of {formatBytes(progress.totalBytes)}
        </span>
        {busy !== null && (
          <Button size="small" kind="ghost" onClick={busy.stop}>
            Stop
          </Button>
        )}
      </div>
      <ProgressBar done={progress.doneBytes} total={progress.totalBytes} label={progress.label} />
    </div>
  );
}
