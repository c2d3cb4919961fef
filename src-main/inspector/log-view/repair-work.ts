/**
 * Plans a repair of the log and does it, in the reading thread: reading, copying and comparing a large file must not hold
 * up the window. What the SDK refuses is an answer here, because an error loses its fields on the way to the host.
 */
import { createHash } from "node:crypto";
import { limits, type PolicyName, type RepairPlan } from "@softadastra/inspector-contract";
import { fileSource, nodeFileSystem, readFully } from "@softadastra/sdk/tools";
import { diffWal, planRepair, repairWal, type RepairPlan as SdkPlan, SoftadastraError } from "@softadastra/sdk/wal";
import { displayText } from "./display-text.ts";

/** How far a repair has come. */
export interface RepairProgress {
  readonly label: string;
  readonly doneBytes: number;
  readonly totalBytes: number;
}

export interface RepairRequest {
  readonly policy: PolicyName;
  /** The plan that was shown. */
  readonly planId: string;
  /** A new file for the result, or for the backup of a log that is replaced. */
  readonly outputPath: string | null;
  readonly backupPath: string | null;
}

export interface RepairResult {
  readonly plan: RepairPlan;
  readonly outputPath: string;
  readonly backupPath: string | null;
  readonly sha256Before: string;
  readonly sha256After: string;
  readonly recordCount: number;
  readonly fileBytes: number;
  readonly comparedKeyCount: number;
}

/** Why not: the SDK's code and context, or a system's. */
export interface RepairRefusal {
  readonly code: string;
  readonly message: string;
  readonly context: Readonly<Record<string, string | number>>;
}

export type RepairAnswer<T> = { readonly value: T } | { readonly refused: RepairRefusal };

const NAME_CHARS = 400;
const HASH_CHUNK_BYTES = 1024 * 1024;
const PROGRESS_EVERY_MS = 100;

const LABELS = {
  reading: "Reading the log",
  backup: "Copying the log, and comparing the copy",
  writing: "Writing the repaired log, and reading it back",
  checking: "Reading the result",
} as const;

export class RepairWork {
  readonly #path: string;
  readonly #told: (progress: RepairProgress) => void;
  #stop: AbortController | null = null;
  #ended: Promise<void> = Promise.resolve();
  #lastToldMs = 0;

  constructor(path: string, told: (progress: RepairProgress) => void) {
    this.#path = path;
    this.#told = told;
  }

  /** Ends what is under way; the log stays as it is, unless the result was already in its place. */
  stop(): void {
    this.#stop?.abort();
  }

  plan(policy: PolicyName): Promise<RepairAnswer<RepairPlan>> {
    return this.#answer(async (signal) => {
      const onProgress = (doneBytes: number, totalBytes: number) => this.#tell(LABELS.reading, doneBytes, totalBytes);
      const planned = await planRepair(this.#path, { policy, signal, onProgress });
      if (planned.isErr()) throw planned.error();
      return shownPlan(planned.value());
    });
  }

  run(request: RepairRequest): Promise<RepairAnswer<RepairResult>> {
    return this.#answer(async (signal) => {
      const { policy, planId, outputPath, backupPath } = request;
      const sha256Before = await this.#hash(this.#path, "Reading the log", signal);
      const done = await repairWal(this.#path, {
        policy,
        signal,
        ...(outputPath === null ? {} : { output: outputPath }),
        ...(backupPath === null ? {} : { backup: backupPath }),
        approve: (plan) => plan.isNeeded && planIdOf(plan) === planId,
        onStep: (step) => this.#tell(LABELS[step], 0, 0),
        onProgress: (doneBytes, totalBytes) => this.#tell(LABELS.reading, doneBytes, totalBytes),
      });
      if (done.isErr()) throw done.error();
      const { plan, outputPath: written, backupPath: backup, result } = done.value();
      // From here on nothing is undone by stopping: the result stands, and is looked at to the end.
      await this.#checkBackup(backup, sha256Before);
      const original = backup ?? this.#path;
      const comparedKeyCount = await this.#compareKeys(original, written, plan);
      const sha256After = await this.#hash(written, "Reading the result", null);
      const { recordCount, fileBytes } = result;
      const facts = { outputPath: written, backupPath: backup, sha256Before, sha256After };
      return { plan: shownPlan(plan), ...facts, recordCount, fileBytes, comparedKeyCount };
    });
  }

  async #checkBackup(backup: string | null, sha256Before: string): Promise<void> {
    if (backup === null) return;
    if ((await this.#hash(backup, "Reading the backup", null)) === sha256Before) return;
    throw new SoftadastraError(
      "io_error",
      `${backup} is not the log as it was when the repair began: another program wrote to one of them. The repaired log is at ${this.#path}`,
      { path: backup },
    );
  }

  /** The result must hold, key by key and byte by byte, what the plan promised of the original. */
  async #compareKeys(original: string, written: string, plan: SdkPlan): Promise<number> {
    const onProgress = (part: number) =>
      this.#tell("Comparing each key with the plan", Math.round(part * plan.fileBytes), plan.fileBytes);
    const differences = diffWal(original, written, { beforePolicy: plan.policy, onProgress });
    const step = await differences.next();
    if (!step.done) {
      const { key, kind } = step.value;
      await differences.return(undefined as never);
      throw new SoftadastraError(
        "io_error",
        `${written} does not hold what was planned: ${key} is ${kind}. The log as it was is at ${original}`,
        { path: written },
      );
    }
    const { sameCount } = step.value;
    if (sameCount !== plan.keys.kept) {
      throw new SoftadastraError(
        "io_error",
        `${written} holds ${sameCount} keys where ${plan.keys.kept} were planned. The log as it was is at ${original}`,
        { path: written },
      );
    }
    return sameCount;
  }

  async #hash(path: string, label: string, signal: AbortSignal | null): Promise<string> {
    const handle = await nodeFileSystem.open(path, "read");
    try {
      const { size } = await handle.stat();
      const source = fileSource(handle, size);
      const hash = createHash("sha256");
      for (let at = 0; at < size; at += HASH_CHUNK_BYTES) {
        signal?.throwIfAborted();
        hash.update(await readFully(source, at, HASH_CHUNK_BYTES));
        this.#tell(label, at, size);
      }
      return hash.digest("hex");
    } finally {
      await handle.close();
    }
  }

  #tell(label: string, doneBytes: number, totalBytes: number): void {
    const now = performance.now();
    if (doneBytes > 0 && now - this.#lastToldMs < PROGRESS_EVERY_MS) return;
    this.#lastToldMs = now;
    this.#told({ label, doneBytes, totalBytes });
  }

  async #answer<T>(work: (signal: AbortSignal) => Promise<T>): Promise<RepairAnswer<T>> {
    // One that was told to stop is on its way out.
    while (this.#stop?.signal.aborted) await this.#ended;
    if (this.#stop !== null) return refused("Refused", "A repair of this log is under way already.");
    const stop = new AbortController();
    this.#stop = stop;
    let hasEnded: () => void = () => undefined;
    this.#ended = new Promise((resolve) => {
      hasEnded = resolve;
    });
    try {
      return { value: await work(stop.signal) };
    } catch (error) {
      if (error instanceof SoftadastraError) return { refused: refusalOf(error) };
      if (stop.signal.aborted) return refused("Cancelled", "The repair was stopped.");
      throw error;
    } finally {
      this.#stop = null;
      hasEnded();
    }
  }
}

function refused(code: string, message: string): { refused: RepairRefusal } {
  return { refused: { code, message, context: {} } };
}

function refusalOf({ code, message, context }: SoftadastraError): RepairRefusal {
  const plain = Object.entries(context ?? {}).filter(
    (entry): entry is [string, string | number] => typeof entry[1] === "string" || typeof entry[1] === "number",
  );
  return { code, message, context: Object.fromEntries(plain) };
}

/** Two plans with one name keep and leave out the same bytes, and mean the same for every count of keys. */
function planIdOf({ policy, verdict, fileBytes, ranges, keys, changes, resultBytes }: SdkPlan): string {
  const places = changes.map(({ kind, engine, result, readable }) => [
    kind,
    engine?.offset,
    result?.offset,
    readable?.offset,
  ]);
  return createHash("sha256")
    .update(JSON.stringify([policy, verdict, fileBytes, ranges, keys, places, resultBytes]))
    .digest("hex");
}

function shownPlan(plan: SdkPlan): RepairPlan {
  const { ranges, changes, keys, path: _, isNeeded: __, stop: ___, damagedOperations: ____, ...counts } = plan;
  return {
    ...counts,
    planId: planIdOf(plan),
    keys: { ...keys },
    rangeCount: ranges.length,
    ranges: ranges.slice(0, limits.REPAIR_RANGES_MAX).map(({ offset, length, content, recordCount, isKept }) => ({
      offset,
      bytes: length,
      content,
      recordCount,
      isKept,
    })),
    changes: changes.slice(0, limits.REPAIR_CHANGES_MAX).map(({ keyBytes, kind, engine, result, readable }) => ({
      name: displayText(keyBytes.subarray(0, NAME_CHARS)).text,
      kind,
      engine: stateOf(engine),
      result: stateOf(result),
      readable: stateOf(readable),
    })),
  };
}

function stateOf(state: SdkPlan["changes"][number]["engine"]) {
  return state === null ? null : { kind: state.kind, sequence: state.version, offset: state.offset };
}
