/** The status bar: what the file is, in exact numbers, and what waits. */
import type { SessionState } from "@softadastra/inspector-contract";
import { diskNotice, showDiskNotice, toggleFollowing, useFollowing } from "../lib/following.ts";
import { countOf, formatAgo, formatBytes, formatCount } from "../lib/format.ts";
import { useGuard } from "../lib/guard.ts";
import { useInspector } from "../lib/inspector.ts";
import { showView } from "../lib/navigation.ts";
import { useCounts, useTravel } from "../lib/travel.ts";
import { useNow } from "../lib/use-now.ts";
import { VerdictMark } from "../ui/Chips.tsx";
import styles from "./StatusBar.module.css";

export function StatusBar() {
  const session = useInspector((state) => state.session);
  const version = useInspector((state) => state.info?.version);
  const draftCount = useGuard((state) => state.draftCount);
  const { liveKeyCount, deletedKeyCount, outboxOpenCount } = useCounts();
  const moment = useTravel((state) => state.moment);
  if (session === null) {
    return (
      <footer className={styles.bar}>
        <span>No file open</span>
        <span className={styles.grow} />
        <span>No network, no telemetry</span>
        <span>{version}</span>
      </footer>
    );
  }
  const { indexing, verdict } = session;
  const isReading = indexing.phase === "reading" || indexing.phase === "searching";
  return (
    <footer className={styles.bar}>
      {verdict === null ? (
        <span>{isReading ? "Reading…" : indexing.phase === "stopped" ? "So far" : "Not read"}</span>
      ) : (
        <button type="button" className={styles.verdict} title="Open Health" onClick={() => showView("health")}>
          <VerdictMark verdict={verdict} />
        </button>
      )}
      <span>{formatBytes(session.fileBytes)}</span>
      <span>
        {moment !== null && `${formatCount(moment.index + 1)} of `}
        {countOf(session.recordCount, "record")}
      </span>
      <span>{countOf(liveKeyCount, "live key")}</span>
      <span className={styles.p2}>{formatCount(deletedKeyCount)} deleted</span>
      <span className={styles.p2}>{sayTail(session)}</span>
      <span className={styles.grow} />
      {session.mode === "inspect" && <Following session={session} />}
      {draftCount > 0 && <span className={styles.draft}>{countOf(draftCount, "unsaved draft")}</span>}
      <span className={styles.p2} title="Taken from the name of the file">
        Node <bdi>{session.nodeId}</bdi>
      </span>
      <button
        type="button"
        className={styles.p3}
        title={
          moment === null
            ? "Operations no peer has acknowledged: open Sync"
            : "Operations no peer had acknowledged as of then, as the log tells: Sync shows the outbox as it is now"
        }
        onClick={() => showView("sync")}
      >
        Outbox {formatCount(outboxOpenCount)}
      </button>
      <LastTick />
    </footer>
  );
}

/** Words for what other programs did to the file, once the line that says it was put away. */
const ON_DISK: Record<SessionState["disk"], string> = {
  same: "",
  grown: "Grown on the disk",
  truncated: "Cut on the disk",
  changed: "Changed on the disk",
  replaced: "Replaced on the disk",
  missing: "Not on the disk",
};

function Following({ session }: { session: SessionState }) {
  const hidden = useFollowing((state) => state.hiddenNotice);
  const { disk, isFollowing } = session;
  if (disk !== "same" && disk !== "grown") {
    return (
      <button
        type="button"
        className={styles.attention}
        title="Say again what happened to the file"
        disabled={diskNotice(session) !== hidden}
        onClick={showDiskNotice}
      >
        {ON_DISK[disk]}
      </button>
    );
  }
  return (
    <button
      type="button"
      className={styles.p3}
      aria-pressed={isFollowing}
      title={
        isFollowing
          ? "Records that other programs append appear as they come. Click to stop."
          : "What other programs append is not shown. Click to follow the file."
      }
      onClick={() => void toggleFollowing()}
    >
      {isFollowing ? "Following" : "Not following"}
    </button>
  );
}

function sayTail({ verdict, tailBytes, unreachableRecordCount, growingBytes }: SessionState): string {
  if (verdict === null) return "";
  if (growingBytes > 0) return "Tail being written";
  if (verdict === "clean") return "Tail clean";
  return unreachableRecordCount > 0
    ? `${countOf(unreachableRecordCount, "record")} unreachable`
    : `Tail torn, ${formatBytes(tailBytes)}`;
}

function LastTick() {
  const lastTick = useInspector((state) => state.session?.lastTick);
  const nowMs = useNow(lastTick ? 1_000 : null);
  if (!lastTick) return <span className={styles.p3}>Not ticking</span>;
  return (
    <span className={styles.p3}>
      Tick {formatCount(lastTick.number)}, {formatAgo(nowMs - lastTick.atMs)}
    </span>
  );
}
