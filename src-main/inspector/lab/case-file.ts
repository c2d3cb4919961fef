/** Makes the file that a crash would leave, always beside the log and never of it; opens it with a node, or keeps it. */
import { createHash, randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import fs from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { LabCase, LabDamage, LabFault, LabRange, Output } from "@softadastra/inspector-contract";
import { Client, ClientOptions, type Result } from "@softadastra/sdk";
import { findLockHolder, nodeFileSystem } from "@softadastra/sdk/tools";
import { inspectWal } from "@softadastra/sdk/wal";
import { copyFile, replaceByCopy } from "../sessions/copy-log.ts";
import { absolutePath } from "../sessions/file-facts.ts";
import { HostError, unwrap } from "../sessions/host-error.ts";
import { APP_VERSION } from "../version.ts";
import { applyDamage } from "./damage.ts";

/** Zeros are written in pieces of this size. */
const PIECE_BYTES = 1024 * 1024;

export interface CaseSource {
  /** The log that is open. */
  readonly path: string;
  readonly originPath: string;
  readonly range: LabRange;
  readonly fault: LabFault;
  readonly cut: number;
  readonly found: LabCase;
}

/** Does the work in a folder of its own, which is gone afterwards. */
export async function inTemporaryFolder<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = await fs.mkdtemp(join(tmpdir(), "softadastra-lab-"));
  try {
    return await work(directory);
  } finally {
    await fs.rm(directory, { recursive: true, force: true });
  }
}

async function makeCase(source: CaseSource, path: string, signal: AbortSignal): Promise<void> {
  const { damage } = source.found;
  await copyFile(source.path, path, { bytes: damage.fileBytes, signal });
  const { zeros, flip } = damage;
  const [from, to] = zeros !== null ? [zeros.from, zeros.to] : flip !== null ? [flip.offset, flip.offset + 1] : [0, 0];
  if (from < to) await damageBytes(path, damage, from, to, signal);
}

async function damageBytes(path: string, damage: LabDamage, from: number, to: number, signal: AbortSignal) {
  const handle = await fs.open(path, "r+");
  try {
    for (let at = from; at < to; at += PIECE_BYTES) {
      signal.throwIfAborted();
      const bytes = new Uint8Array(Math.min(PIECE_BYTES, to - at));
      await handle.read(bytes, 0, bytes.length, at);
      applyDamage(damage, bytes, at);
      await handle.write(bytes, 0, bytes.length, at);
    }
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

/** Opens the file with a node of our own, as an application would after the crash. */
export async function reopenCase(source: CaseSource, signal: AbortSignal): Promise<Output<"lab.reopen">> {
  return inTemporaryFolder(async (directory) => {
    const path = join(directory, basename(source.originPath));
    await makeCase(source, path, signal);
    return openOnce(path);
  });
}

/** What a node answers that opens the file; the file is its own from then on. */
export async function openOnce(path: string): Promise<Output<"lab.reopen">> {
  const before = unwrap(await inspectWal(path));
  const client = new Client(ClientOptions.persistent("crash-lab", path));
  const startedMs = performance.now();
  const opened: Result<void> = await client.open();
  const durationMs = performance.now() - startedMs;
  const { verdict } = before;
  if (opened.isErr()) {
    const error = opened.error();
    // A damaged log is refused, and that is an answer; a disk that fails is none.
    if (error.code !== "store_error") throw error;
    return {
      verdict,
      refusal: error.message,
      recordCount: before.recordCount,
      liveKeyCount: before.keyCount,
      setAsideName: null,
      setAsideBytes: 0,
      setAsideRecordCount: 0,
      durationMs,
    };
  }
  const report = client.recovery();
  unwrap(await client.close());
  if (report === null) throw new Error("an open client has no report of its recovery");
  const { repaired } = report;
  return {
    verdict: report.verdict,
    refusal: null,
    recordCount: report.recordCount,
    liveKeyCount: report.keyCount,
    setAsideName: repaired === null ? null : basename(repaired.setAsidePath),
    setAsideBytes: repaired?.setAsideBytes ?? 0,
    setAsideRecordCount: repaired?.setAsideRecordCount ?? 0,
    durationMs,
  };
}

/** Where the expectation of a case stands: beside it. */
const expectedPathOf = (path: string) => `${path.replace(/\.wal$/i, "")}.expected.json`;

/** Writes the case and its expectation where the user wants them. */
export async function saveCase(
  source: CaseSource,
  text: string,
  overwrite: boolean,
  signal: AbortSignal,
): Promise<Output<"lab.save">> {
  const path = absolutePath(text);
  const expectedPath = expectedPathOf(path);
  await requireFree(source, path, overwrite);
  await requireFree(source, expectedPath, overwrite);
  return inTemporaryFolder(async (directory) => {
    const made = join(directory, basename(path));
    await makeCase(source, made, signal);
    const expected = await expectation(source, made, basename(path));
    const madeExpected = join(directory, "expected.json");
    await fs.writeFile(madeExpected, `${JSON.stringify(expected, null, 2)}\n`);
    await replaceByCopy(made, path, { signal });
    await replaceByCopy(madeExpected, expectedPath, { signal });
    return { path, expectedPath, fileBytes: expected.fileBytes };
  });
}

async function requireFree(source: CaseSource, path: string, overwrite: boolean): Promise<void> {
  const stat = await fs.stat(path).catch(() => null);
  if (stat === null) return;
  if (stat.isDirectory()) throw new HostError("NotAFile", `${path} is a folder. Name a file in it.`, { path });
  for (const open of [source.path, source.originPath]) {
    const other = await fs.stat(open).catch(() => null);
    if (other?.ino === stat.ino && other.dev === stat.dev) {
      throw new HostError("Refused", `${path} is the log that is open. Choose another name.`, { path });
    }
  }
  if (!overwrite) throw new HostError("Exists", `${path} exists already.`, { path });
  const holder = await findLockHolder(nodeFileSystem, path);
  if (holder !== null) {
    throw new HostError("Locked", `${path} is open for writing in process ${holder.pid}. Choose another name.`);
  }
}

/** What a reader must find in the file: read from the file itself (docs/crash-cases.md). */
async function expectation(source: CaseSource, path: string, file: string) {
  const report = unwrap(await inspectWal(path));
  const { found, fault, cut, range } = source;
  const sha256 = createHash("sha256");
  for await (const piece of createReadStream(path)) sha256.update(piece);
  const { stop } = report;
  return {
    format: "softadastra-crash-case",
    formatVersion: 1,
    madeBy: `Softadastra Inspector ${APP_VERSION}`,
    file,
    fileBytes: report.fileBytes,
    sha256: sha256.digest("hex"),
    made: {
      from: basename(source.originPath),
      writeStart: range.start,
      writeEnd: range.end,
      fault,
      place: cut,
      damage: found.damage,
    },
    expect: {
      verdict: report.verdict,
      recordCount: report.recordCount,
      operationCount: report.operationCount,
      keyCount: report.keyCount,
      deletedKeyCount: report.deletedKeyCount,
      lastSequence: report.lastSequence,
      validBytes: report.validBytes,
      stop: stop === null ? null : { offset: stop.offset, reason: stop.reason, restBytes: stop.restBytes },
      unreachableRecordCount: report.unreachableRecordCount,
      findings: report.findings.map(({ code, severity, offset, length, count }) => ({
        code,
        severity,
        offset,
        length,
        count,
      })),
    },
    promise: {
      confirmedRecords: found.confirmedCount,
      lost: found.lostCount,
      changed: found.changedCount,
      underWay: found.underWayCount,
      underWayKept: found.underWayKept,
      isDamageNoticed: found.cell.isNoticed,
      isNextWriteOfTheEngineKept: found.cell.isNextKept,
    },
  };
}

/** A name nothing else has. */
export const randomName = () => randomBytes(6).toString("hex");
