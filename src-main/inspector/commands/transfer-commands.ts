/** Commands that write rows of the log to a file, and rows of a file to the log. One at a time: each has the disk to itself. */
import { basename } from "node:path";
import type { Handlers, Output, ParsedInput } from "@softadastra/inspector-contract";
import { SoftadastraError } from "@softadastra/sdk";
import {
  BadLine,
  checkTarget,
  type ImportBatch,
  nodeFileSystem,
  nothingWritten,
  writeBatch,
} from "@softadastra/sdk/tools";
import { WorkerGone } from "../log-view/rpc.ts";
import type { ExportRequest, WireBatch } from "../log-view/transfers.ts";
import type { CallContext } from "../server/connection.ts";
import type { Desk } from "../sessions/desk.ts";
import { absolutePath } from "../sessions/file-facts.ts";
import { answer, HostError } from "../sessions/host-error.ts";
import type { Session } from "../sessions/session.ts";
import { orFailed, orThrow } from "../sessions/transfer-failure.ts";
import { viewInSession } from "./key-commands.ts";

type TransferCommands = Pick<
  Handlers<CallContext>,
  | "transfer.sample"
  | "transfer.checkTarget"
  | "transfer.export"
  | "transfer.checkImport"
  | "transfer.import"
  | "transfer.stopImport"
>;

/** While rows are written, the screens take them up this often. */
const TAKE_UP_EVERY_MS = 1_000;

export function transferCommands(desk: Desk): TransferCommands {
  let running: { readonly signal: AbortSignal; readonly ended: Promise<unknown> } | null = null;
  /** The check whose rows may be imported, and whether the import of it was told to stop. */
  let check = 0;
  let isStopped = false;

  /** Runs the work when no other export or import is under way; a file that is closed meanwhile ends it. */
  const alone = async <T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> => {
    // One that was cancelled is about to end.
    while (running?.signal.aborted) await running.ended;
    if (running !== null)
      throw new HostError("Refused", "Another export or import is under way. Stop it, or wait until it is done.");
    const done = ending(work);
    running = { signal, ended: done.catch(() => undefined) };
    return done;
  };

  const ending = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      // Not before it counts as running.
      return await Promise.resolve().then(work);
    } catch (error) {
      if (error instanceof WorkerGone) throw new HostError("SessionClosed", "The file was closed meanwhile.");
      throw error;
    } finally {
      running = null;
      desk.progress(null);
    }
  };

  return {
    "transfer.sample": (input) =>
      answer("transfer.sample", async () => {
        const session = desk.require(input.session);
        return orThrow(await session.thread.transfers.sample(requestOf(session, input)));
      }),
    "transfer.checkTarget": ({ session: id, path: text, overwrite }) =>
      answer("transfer.checkTarget", async () => {
        const path = absolutePath(text);
        const options = { fileSystem: nodeFileSystem, overwrite, logs: logsOf(desk.require(id)) };
        orThrow(await orFailed(() => checkTarget(path, options)));
        return { path };
      }),
    "transfer.export": (input, { signal }) =>
      answer("transfer.export", () =>
        alone(signal, () => exportRows(desk, desk.require(input.session), input, signal)),
      ),
    "transfer.checkImport": ({ session, path }, { signal }) =>
      answer("transfer.checkImport", () =>
        alone(signal, async () => {
          const checked = await checkRows(desk, writable(desk, session), absolutePath(path), signal);
          check += 1;
          return { ...checked, check };
        }),
      ),
    "transfer.import": ({ session: id, check: wanted, skipBad }, { signal }) =>
      answer("transfer.import", () =>
        alone(signal, async () => {
          const session = writable(desk, id);
          if (wanted !== check) throw new HostError("Refused", "That file was not looked at. Choose it again.");
          isStopped = false;
          return await importRows(desk, session, { skipBad, isStopped: () => isStopped || signal.aborted });
        }),
      ),
    "transfer.stopImport": ({ session: id }) =>
      answer("transfer.stopImport", async () => {
        const session = desk.require(id);
        isStopped = true;
        if (running === null) await session.thread.transfers.closeImport();
        return {};
      }),
  };
}

function logsOf({ place }: Session): readonly string[] {
  return [place.path, place.originPath];
}

function requestOf(session: Session, input: ParsedInput<"transfer.sample">): ExportRequest {
  const { rows, view, withDeleted, filter, search, format, values } = input;
  return {
    rows,
    withDeleted,
    filter,
    search,
    format,
    values,
    view: view === null ? null : viewInSession(session, view),
  };
}

/** The session, in a mode that may write and with its keys known. */
function writable(desk: Desk, id: number): Session {
  const session = desk.require(id);
  session.writer();
  if (session.status.indexing.phase !== "done") {
    throw new HostError("NotIndexed", "The file is not read to its end yet. Wait until it is, then import again.");
  }
  return session;
}

async function exportRows(
  desk: Desk,
  session: Session,
  input: ParsedInput<"transfer.export">,
  signal: AbortSignal,
): Promise<Output<"transfer.export">> {
  const { transfers } = session.thread;
  const target = { path: absolutePath(input.path), overwrite: input.overwrite, logs: logsOf(session) };
  try {
    const { rowCount, totalBytes } = orThrow(await transfers.startExport(requestOf(session, input), target));
    for (;;) {
      const step = orThrow(await transfers.stepExport());
      signal.throwIfAborted();
      if (step.isWritten) return { ...orThrow(await transfers.finishExport()), rowCount };
      desk.progress({
        label: "Exporting",
        phase: "reading",
        doneBytes: Math.min(step.readBytes, totalBytes),
        totalBytes,
        rows: { done: step.rowCount, total: rowCount, writtenBytes: step.writtenBytes },
      });
    }
  } finally {
    await transfers.endExport().catch(() => undefined);
  }
}

async function checkRows(
  desk: Desk,
  session: Session,
  path: string,
  signal: AbortSignal,
): Promise<Omit<Output<"transfer.checkImport">, "check">> {
  const { transfers } = session.thread;
  let isKept = false;
  try {
    const { fileBytes } = orThrow(await transfers.openImport(path));
    for (;;) {
      signal.throwIfAborted();
      const { doneBytes, plan } = orThrow(await transfers.checkStep());
      if (plan !== null) {
        isKept = true;
        return { path, name: basename(path), fileBytes, plan };
      }
      desk.progress({ label: "Looking at rows", phase: "reading", doneBytes, totalBytes: fileBytes, rows: null });
    }
  } finally {
    if (!isKept) await transfers.closeImport().catch(() => undefined);
  }
}

/** What was written is answered whatever happens: a stop and a failure are part of the answer. */
async function importRows(
  desk: Desk,
  session: Session,
  options: { skipBad: boolean; isStopped: () => boolean },
): Promise<Output<"transfer.import">> {
  const { transfers } = session.thread;
  const client = session.writer();
  const written = nothingWritten();
  let taken = 0;
  let takenMs = Date.now();
  const takeUp = async () => {
    const fresh = written.recordCount - taken;
    taken = written.recordCount;
    takenMs = Date.now();
    if (fresh > 0) await session.takeUp(fresh);
  };
  const { fileBytes } = orThrow(await transfers.startRows());
  let isStopped = false;
  let failure: string | null = null;
  try {
    for (let next = transfers.nextRows(); !isStopped; ) {
      const batch = orThrow(await next);
      if (batch === null) break;
      // While these are written, the next ones are read.
      next = transfers.nextRows();
      next.catch(() => undefined);
      isStopped = !(await writeBatch(client, fromWire(batch), written, options));
      const rows = { done: written.recordCount, total: null, writtenBytes: 0 };
      desk.progress({ label: "Importing", phase: "reading", doneBytes: batch.doneBytes, totalBytes: fileBytes, rows });
      if (Date.now() - takenMs > TAKE_UP_EVERY_MS) await takeUp();
    }
  } catch (error) {
    if (!(error instanceof SoftadastraError) && !(error instanceof HostError)) throw error;
    failure = error.message;
  } finally {
    await transfers.closeImport().catch(() => undefined);
    await takeUp();
  }
  return { ...written, isStopped, failure };
}

function fromWire({ lines, doneBytes }: WireBatch): ImportBatch {
  return {
    doneBytes,
    lines: lines.map(({ line, row }) => ({
      line,
      row: row.kind === "bad" ? new BadLine(row.column, row.reason) : row,
    })),
  };
}
