/**
 * What a log must hold after any crash, worked out from what was asked of the node and what it answered. Reads the file
 * with a decoder of its own.
 */
import type { OpenNode } from "../open-node.js";
import type { SoftadastraError } from "../result.js";
import type { PowerLossDisk } from "./power-loss-disk.js";
import { type DecodedOperation, decodeSampleLog } from "./sample-decoder.js";

type Fate =
  /** Asked for; no answer yet, or accepted without autoFlush and not flushed. */
  | "open"
  /** On the disk, as far as the node has promised. */
  | "durable"
  /** Refused, and the log is as it was. */
  | "refused"
  /** Refused, and its bytes may be left at the end of the log. */
  | "in-doubt";

interface Issued {
  /** Tells the operations apart: no two have the same. */
  readonly timestampMs: number;
  readonly key: string;
  /** null for a delete. */
  readonly value: Buffer | null;
  fate: Fate;
}

interface Marking {
  readonly syncIds: readonly string[];
  fate: Fate;
}

const FIRST_TIMESTAMP_MS = 1_700_000_000_000;

function check(isTrue: boolean, what: string): asserts isTrue {
  if (!isTrue) throw new Error(what);
}

export class CrashModel {
  readonly #disk: PowerLossDisk;
  readonly #path: string;
  readonly #nodeId: string;
  readonly #autoFlush: boolean;
  /** Operations that were in the log at the last opening. */
  #base: DecodedOperation[] = [];
  /** Operations asked for since, in order. */
  #issued: Issued[] = [];
  #markings: Marking[] = [];
  /** Sync ids that must be gone from the outbox, and those that may be. */
  readonly #settledIds = new Set<string>();
  readonly #perhapsSettledIds = new Set<string>();
  #imageBefore: Buffer | null = null;
  #wasSyncedBefore = false;
  /** Files that hold torn bytes, with what must stay in them. */
  readonly #aside = new Map<string, Buffer>();
  #nextTimestampMs = FIRST_TIMESTAMP_MS;
  #lastLoss = "none";
  operationCount = 0;

  constructor(disk: PowerLossDisk, path: string, nodeId: string, autoFlush: boolean) {
    this.#disk = disk;
    this.#path = path;
    this.#nodeId = nodeId;
    this.#autoFlush = autoFlush;
  }

  // ---- what was asked and answered

  issued(key: string, value: Buffer | null): Issued {
    const entry: Issued = { timestampMs: this.#nextTimestampMs++, key, value, fate: "open" };
    this.#issued.push(entry);
    this.operationCount += 1;
    return entry;
  }

  acknowledged(entry: Issued): void {
    if (this.#autoFlush) entry.fate = "durable";
  }

  refused(entry: Issued, error: SoftadastraError): void {
    entry.fate = fateOf(error);
  }

  marking(syncIds: readonly string[]): Marking {
    const mark: Marking = { syncIds, fate: "open" };
    this.#markings.push(mark);
    return mark;
  }

  marked(mark: Marking): void {
    if (this.#autoFlush) mark.fate = "durable";
  }

  markRefused(mark: Marking, error: SoftadastraError): void {
    mark.fate = fateOf(error);
  }

  acceptedSoFar(): { fate: Fate }[] {
    return this.#autoFlush ? [] : [...this.#issued, ...this.#markings].filter((each) => each.fate === "open");
  }

  /** Without autoFlush: everything accepted before a flush began is on the disk when it ended. */
  flushed(accepted: readonly { fate: Fate }[]): void {
    for (const each of accepted) each.fate = "durable";
  }

  // ---- what must be so

  ended(loss: string): void {
    this.#lastLoss = loss;
  }

  closed(): void {
    const open = [...this.#issued, ...this.#markings].filter((each) => each.fate === "open");
    check(open.length === 0, `${open.length} calls were neither answered nor flushed at the end of close`);
  }

  /** Before an opening: cutting the log in an earlier one must have kept what it cut. */
  opening(): void {
    const image = this.#disk.contentOf(this.#path) ?? Buffer.alloc(0);
    const before = this.#wasSyncedBefore ? this.#imageBefore : null;
    this.#wasSyncedBefore = this.#disk.isSynced(this.#path);
    if (before !== null && !before.equals(image)) {
      const { end } = decodeSampleLog(before);
      const isFrontKept = image.length >= end && image.subarray(0, end).equals(before.subarray(0, end));
      check(isFrontKept, "an opening that crashed changed the readable front of the log");
      // Cut, or only partly cut: either way a copy must be there.
      const rest = before.subarray(end);
      const path = this.#disk
        .paths()
        .find((each) => each.includes(".torn-") && this.#disk.contentOf(each)?.equals(rest));
      check(path !== undefined, `an opening that crashed touched ${rest.length} torn bytes and kept them nowhere`);
      this.#aside.set(path, rest);
    }
    this.#imageBefore = image;
  }

  opened(node: OpenNode): void {
    const before = this.#imageBefore ?? Buffer.alloc(0);
    this.#imageBefore = null;
    const after = this.#disk.contentOf(this.#path) ?? Buffer.alloc(0);
    const { repaired } = node.report;
    if (repaired !== null) {
      this.#aside.set(repaired.setAsidePath, Buffer.from(before.subarray(repaired.cutAt)));
      check(repaired.setAsideBytes === before.length - after.length, "the report is wrong about the bytes set aside");
    }
    check(after.equals(before.subarray(0, after.length)), "opening changed bytes of the log");
    check(repaired !== null || after.length === before.length, "opening cut the log and did not say so");
    for (const [path, bytes] of this.#aside) {
      check(this.#disk.contentOf(path)?.equals(bytes) === true, `torn bytes are gone from ${path} (${this.#lastLoss})`);
    }
    const operations = this.#checkFile(after);
    this.#checkOrder(operations);
    this.#base = operations;
    this.#issued = [];
    this.#takeMarkings();
    this.#checkNode(node, operations);
  }

  /** Nothing is under way: the file ends in a whole record, or the last failure said that it may not. */
  quiet(node: OpenNode): void {
    const image = this.#disk.contentOf(this.#path) ?? Buffer.alloc(0);
    // Without autoFlush a write that failed in the background is told by an event, and its bytes may be left until it
    // is tried again.
    const asked = [...this.#issued, ...this.#markings];
    const isInDoubt = asked.some(({ fate }) => fate === "in-doubt" || (fate === "open" && !this.#autoFlush));
    const { operations, end } = decodeSampleLog(image);
    check(isInDoubt || end === image.length, `the log ends in ${image.length - end} bytes that are no record`);
    if (!this.#autoFlush || isInDoubt) return;
    const durable = this.#issued.filter((entry) => entry.fate === "durable");
    check(
      operations.length === this.#base.length + durable.length,
      "the file holds other operations than were answered",
    );
    this.#checkStore(node, operations);
  }

  #checkFile(image: Buffer): DecodedOperation[] {
    const { operations, end } = decodeSampleLog(image);
    check(end === image.length, `${image.length - end} bytes at the end of an open log are no record`);
    const sequences = new Set(operations.map((operation) => operation.sequence));
    check(sequences.size === operations.length, "a sequence was used for two operations");
    for (const [i, operation] of operations.entries()) {
      check(i === 0 || operation.sequence > (operations[i - 1]?.sequence ?? 0), "sequences do not rise");
    }
    return operations;
  }

  /** What was there before, then a prefix of what was asked for, with everything acknowledged in it. */
  #checkOrder(operations: readonly DecodedOperation[]): void {
    for (const [i, known] of this.#base.entries()) {
      const found = operations[i];
      check(
        found !== undefined,
        `the operation of sequence ${known.sequence} was there and is gone (${this.#lastLoss})`,
      );
      check(isSame(found, known), `the operation of sequence ${known.sequence} has changed`);
    }
    let at = this.#base.length;
    let missing: Issued | null = null;
    let restored: Issued | null = null;
    for (const entry of this.#issued) {
      const found = operations[at];
      const isFound = found !== undefined && found.timestampMs === entry.timestampMs;
      if (!isFound) {
        check(entry.fate !== "durable", `an acknowledged ${entry.key} is gone (${this.#lastLoss})`);
        if (entry.fate === "open") missing ??= entry;
        continue;
      }
      check(entry.fate !== "refused", `a refused write of ${entry.key} is there`);
      check(missing === null, `a write of ${entry.key} is there, and an older one of ${missing?.key} is not`);
      check(restored === null || entry.fate !== "durable", "a failed write is there in front of an acknowledged one");
      if (entry.fate === "in-doubt") restored = entry;
      check(
        found.key === entry.key && isEqual(found.value, entry.value),
        `the operation on ${entry.key} has other bytes`,
      );
      at += 1;
    }
    check(at === operations.length, `${operations.length - at} operations are there that nobody asked for`);
  }

  #takeMarkings(): void {
    for (const { syncIds, fate } of this.#markings) {
      for (const id of syncIds) {
        if (fate === "durable") this.#settledIds.add(id);
        else if (fate !== "refused") this.#perhapsSettledIds.add(id);
      }
    }
    this.#markings = [];
  }

  #checkNode(node: OpenNode, operations: readonly DecodedOperation[]): void {
    this.#checkStore(node, operations);
    const outbox = node.outboxPage({}, -1);
    const waiting = new Set(outbox.map((entry) => entry.syncId));
    check(waiting.size === outbox.length, "a sync id occurs twice in the outbox");
    const all = new Map(operations.map((operation) => [`${this.#nodeId}-${operation.sequence}`, operation]));
    for (const entry of outbox) {
      const operation = all.get(entry.syncId);
      check(operation !== undefined, `the outbox holds ${entry.syncId}, which is not in the log`);
      check(entry.key === operation.key && entry.status === "pending", `the outbox is wrong about ${entry.syncId}`);
      check(
        !this.#settledIds.has(entry.syncId),
        `${entry.syncId} was settled and is pending again (${this.#lastLoss})`,
      );
      this.#perhapsSettledIds.delete(entry.syncId);
    }
    for (const id of all.keys()) {
      if (waiting.has(id)) continue;
      const wasAsked = this.#settledIds.has(id) || this.#perhapsSettledIds.has(id);
      check(wasAsked, `${id} is not in the outbox and nobody settled it`);
      // What a mark in the log says, it says for good.
      this.#settledIds.add(id);
      this.#perhapsSettledIds.delete(id);
    }
  }

  #checkStore(node: OpenNode, operations: readonly DecodedOperation[]): void {
    const live = new Map<string, DecodedOperation>();
    for (const operation of operations) {
      if (operation.value === null) live.delete(operation.key);
      else live.set(operation.key, operation);
    }
    check(node.index.liveCount === live.size, `the store has ${node.index.liveCount} keys, the log ${live.size}`);
    for (const [key, operation] of live) {
      const entry = node.index.get(Buffer.from(key));
      check(entry?.version === operation.sequence, `the store has another version of ${key}`);
    }
  }
}

function fateOf(error: SoftadastraError): Fate {
  return error.message.includes("unwritten bytes may be left") ? "in-doubt" : "refused";
}

function isEqual(a: Buffer | null, b: Buffer | null): boolean {
  return a === null || b === null ? a === b : a.equals(b);
}

function isSame(a: DecodedOperation, b: DecodedOperation): boolean {
  return a.sequence === b.sequence && a.timestampMs === b.timestampMs && a.key === b.key && isEqual(a.value, b.value);
}
