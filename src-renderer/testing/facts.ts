/** Facts a host would tell, whole and plausible, of which a test changes what it is about. */
import type {
  HealthReport,
  KeyRow,
  KeyVersion,
  OutboxRow,
  Output,
  SessionState,
  SyncState,
} from "@softadastra/inspector-contract";

export function sessionState(change: Partial<SessionState> = {}): SessionState {
  return {
    session: 1,
    mode: "write",
    path: "/data/node.wal",
    originPath: "/data/node.wal",
    name: "node.wal",
    directory: "/data",
    nodeId: "node-a",
    source: "file",
    indexing: { phase: "done", doneBytes: 1000, totalBytes: 1000 },
    fileBytes: 1000,
    recordCount: 10,
    operationCount: 10,
    liveKeyCount: 4,
    deletedKeyCount: 1,
    verdict: "clean",
    validBytes: 1000,
    tailBytes: 0,
    unreachableRecordCount: 0,
    outboxOpenCount: 0,
    unsavedCount: 0,
    isFollowing: false,
    growingBytes: 0,
    disk: "same",
    tailCut: null,
    lastTick: null,
    ...change,
  };
}

export function keyRow(label: string): Extract<KeyRow, { kind: "key" }> {
  return {
    kind: "key",
    key: btoa(label),
    label,
    matches: [],
    depth: 0,
    isDeleted: false,
    valueKind: "text",
    valueBytes: 1,
  };
}

export function keysAnswer(rows: readonly KeyRow[], change: Partial<Output<"keys.rows">> = {}): Output<"keys.rows"> {
  return {
    revision: 1,
    moment: null,
    rowCount: rows.length,
    keyCount: rows.length,
    liveCount: rows.length,
    deletedCount: 0,
    isExact: true,
    searching: null,
    searchFailure: null,
    start: 0,
    rows: [...rows],
    ...change,
  };
}

export function version(offset: number, kind: KeyVersion["kind"] = "put"): KeyVersion {
  return { kind, sequence: offset / 100 + 1, offset, recordMs: 0, operationMs: 0, valueBytes: 1 };
}

/** Where a version stands among all of its key, newest first; null when it is none of them. */
export function versionPlace(history: readonly KeyVersion[], offset: number): Output<"keys.version"> | null {
  const index = history.findIndex((each) => each.offset === offset);
  const found = history[index];
  if (found === undefined) return null;
  const putIn = (versions: readonly KeyVersion[]) => versions.find(({ kind }) => kind === "put")?.offset ?? null;
  const older = history.slice(index + 1);
  return {
    version: found,
    index,
    older: older[0]?.offset ?? null,
    olderPut: putIn(older),
    newerPut: putIn(history.slice(0, index).reverse()),
  };
}

/** `history` newest first. */
export function described(name: string, history: readonly KeyVersion[]): Output<"keys.describe"> {
  const [current = version(0)] = history;
  return {
    name: { text: name, segments: [name], isText: true },
    isDeleted: current.kind === "delete",
    isUnwritten: false,
    current,
    valueKind: "text",
    origin: "node-a",
    isOwnOrigin: true,
    versionCount: history.length,
    laterCount: 0,
    history: [...history],
    delivery: null,
  };
}

export function syncState(change: Partial<SyncState> = {}): SyncState {
  return {
    outboxSize: 0,
    pendingCount: 0,
    queuedCount: 0,
    inFlightCount: 0,
    acknowledgedCount: 0,
    failedCount: 0,
    stuckCount: 0,
    stuckInFlightCount: 0,
    nextTimeoutMs: null,
    oldestQueuedMs: null,
    totalRetries: 0,
    batchSize: 16,
    attemptsMax: 5,
    ackTimeoutMs: 5000,
    runningEveryMs: null,
    nowMs: 0,
    ticks: [],
    ...change,
  };
}

export function outboxRow(syncId: string): OutboxRow {
  return {
    syncId,
    status: "queued",
    attempts: 0,
    attemptsMax: 5,
    createdMs: 0,
    lastAttemptMs: null,
    nextRetryMs: null,
    key: btoa("k"),
    name: "k",
    kind: "put",
    version: 1,
    offset: 0,
    stuck: null,
  };
}

export function healthReport(change: Partial<HealthReport> = {}): HealthReport {
  return {
    verdict: "clean",
    words: { title: "Clean: recovers all 10 records", body: ["All is well."], warning: null, safe: "All of it." },
    fileBytes: 1000,
    validBytes: 1000,
    growingBytes: 0,
    recordCount: 10,
    unreachableRecordCount: 0,
    isAppendedBehindTornTail: false,
    liveKeyCount: 4,
    lastSequence: 10,
    stop: null,
    findings: [],
    regions: [],
    window: [],
    ...change,
  };
}
