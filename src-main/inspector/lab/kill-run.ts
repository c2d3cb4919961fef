/** Kills a node for real: starts it in a process of its own on a copy, ends it with SIGKILL, and opens what is left. */
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { limits, type Output } from "@softadastra/inspector-contract";
import { Client, ClientOptions } from "@softadastra/sdk";
import { inspectWal } from "@softadastra/sdk/wal";
import { copyFile } from "../sessions/copy-log.ts";
import { HostError, unwrap } from "../sessions/host-error.ts";
import { inTemporaryFolder, randomName } from "./case-file.ts";
import { decodeLine, type KillJob, keyOfWrite, valueOfWrite } from "./kill-protocol.ts";

/** A node that has not confirmed so many writes by then is killed all the same: the disk is slow, or hangs. */
const KILL_MS_MAX = 20_000;
/** Writes it may do beyond those that were asked for, until the signal arrives. */
const WRITES_BEHIND = 100_000;

export interface KillOptions {
  /** The built `kill-node.js`. */
  readonly programUrl: URL;
  readonly path: string;
  readonly originPath: string;
  /** Length of the readable front: the node works on a copy of it. */
  readonly bytes: number;
  readonly recordCount: number;
  readonly outstanding: number;
  readonly confirmed: number;
  readonly signal: AbortSignal;
  readonly onProgress: (label: string, done: number, total: number) => void;
}

interface Killed {
  readonly pid: number;
  readonly begun: number;
  readonly confirmed: readonly number[];
  readonly writingMs: number;
}

export function killNode(options: KillOptions): Promise<Output<"lab.kill">> {
  return inTemporaryFolder(async (directory) => {
    const path = join(directory, basename(options.originPath));
    const { bytes, signal, onProgress } = options;
    await copyFile(options.path, path, { bytes, signal, onProgress: (done) => onProgress("Copying", done, bytes) });
    const frontBefore = await hashOfFront(path, bytes);
    const prefix = `crash-lab/${randomName()}/`;
    const killed = await writeUntilKilled(options, { path, prefix });
    signal.throwIfAborted();
    return reopen(options, path, prefix, killed, frontBefore);
  });
}

/** `ELECTRON_RUN_AS_NODE` has Electron's binary be plain Node; Node itself does not know it. */
function start(programUrl: URL, job: KillJob): ChildProcess {
  return spawn(process.execPath, [fileURLToPath(programUrl), JSON.stringify(job)], {
    env: { ...process.env, ELECTRON_RUN_AS_NODE: "1" },
    stdio: ["pipe", "pipe", "ignore"],
  });
}

function writeUntilKilled(options: KillOptions, { path, prefix }: { path: string; prefix: string }): Promise<Killed> {
  const { outstanding, signal, onProgress } = options;
  const job = { path, prefix, outstanding, writesMax: limits.LAB_KILL_WRITES_MAX + WRITES_BEHIND };
  const child = start(options.programUrl, job);
  const confirmed: number[] = [];
  let begun = 0;
  let failure: string | null = null;
  let firstMs = 0;
  let killedMs = 0;
  const kill = () => {
    killedMs ||= performance.now();
    child.kill("SIGKILL");
  };
  const timer = setTimeout(kill, KILL_MS_MAX);
  signal.addEventListener("abort", kill, { once: true });
  if (signal.aborted) kill();
  takeLines(child, (text) => {
    const line = decodeLine(text);
    if (line?.what === "failed") failure = line.message;
    if (line?.what === "begun") {
      firstMs ||= performance.now();
      begun = Math.max(begun, line.write + 1);
    }
    if (line?.what === "confirmed") {
      confirmed.push(line.write);
      onProgress("Writing", Math.min(confirmed.length, options.confirmed), options.confirmed);
    }
    if (begun > 0 && confirmed.length >= options.confirmed && killedMs === 0) kill();
  });
  return new Promise((resolve, reject) => {
    const settle = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", kill);
    };
    child.once("error", (cause) => {
      settle();
      reject(new HostError("Unsupported", `A node of its own could not be started: ${cause.message}`));
    });
    // The pipe is read to its end, and the process is gone.
    child.once("close", (code, by) => {
      settle();
      if (by === "SIGKILL") {
        resolve({ pid: child.pid ?? 0, begun, confirmed, writingMs: firstMs === 0 ? 0 : killedMs - firstMs });
      } else {
        const why = failure ?? `it ended with ${code ?? by} before it was killed`;
        reject(new HostError("Refused", `The node in its own process did not write: ${why}`));
      }
    });
  });
}

function takeLines(child: ChildProcess, take: (line: string) => void): void {
  let rest = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(line);
  });
  // A node that died reads no more.
  child.stdin?.on("error", () => undefined);
}

async function hashOfFront(path: string, bytes: number): Promise<string> {
  const sha256 = createHash("sha256");
  if (bytes > 0) for await (const piece of createReadStream(path, { end: bytes - 1 })) sha256.update(piece);
  return sha256.digest("hex");
}

async function reopen(
  options: KillOptions,
  path: string,
  prefix: string,
  killed: Killed,
  frontBefore: string,
): Promise<Output<"lab.kill">> {
  const { verdict } = unwrap(await inspectWal(path));
  const client = new Client(ClientOptions.persistent("crash-lab", path));
  unwrap(await client.open());
  try {
    const report = client.recovery();
    const confirmed = new Set(killed.confirmed);
    let [confirmedKept, inFlightKept] = [0, 0];
    for (let write = 0; write < killed.begun; write += 1) {
      const found = await client.get(keyOfWrite(prefix, write));
      const isThere = found.isOk() && found.value().toString() === valueOfWrite(write).toString();
      if (isThere && confirmed.has(write)) confirmedKept += 1;
      else if (isThere) inFlightKept += 1;
    }
    return {
      pid: killed.pid,
      signal: "SIGKILL",
      earlierCount: options.recordCount,
      confirmedCount: confirmed.size,
      confirmedKept,
      inFlightCount: killed.begun - confirmed.size,
      inFlightKept,
      isFrontKept: (await hashOfFront(path, options.bytes)) === frontBefore,
      verdict,
      recordCount: report?.recordCount ?? 0,
      setAsideBytes: report?.repaired?.setAsideBytes ?? 0,
      writingMs: killed.writingMs,
    };
  } finally {
    await client.close();
  }
}
