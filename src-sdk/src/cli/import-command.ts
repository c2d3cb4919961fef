/** `softadastra-wal import`: writes the rows of an NDJSON file into a log, after it has looked at every one of them. */
import { basename } from "node:path";
import { Client } from "../client.js";
import { ClientOptions } from "../options.js";
import type { FileHandle } from "../platform/file-system.js";
import { nodeFileSystem } from "../platform/node-file-system.js";
import { SoftadastraError } from "../result.js";
import { ImportCheck, type ImportPlan } from "../transfer/import-check.js";
import { importBatches } from "../transfer/import-lines.js";
import { nothingWritten, writeBatch } from "../transfer/import-write.js";
import { LogPlaces } from "../transfer/log-places.js";
import { withFile } from "../wal/inspect.js";
import { countOf, formatCount } from "../words.js";
import { CLEAN, type CliWork, UNUSABLE, unwrap } from "./command.js";
import { printable } from "./listings.js";

/** Bad lines printed; the others are counted. */
const BAD_LINES_PRINTED = 20;

export async function importRows(work: CliWork): Promise<number> {
  const [rows = ""] = work.rest;
  return withFile(rows, nodeFileSystem, async (handle) => {
    const before = await handle.stat();
    const plan = await check(work, handle, before.size, rows);
    if (work.options.json && work.options.dryRun) work.printJson(plan);
    else if (!work.options.json) for (const line of planLines(plan)) work.print(line);
    const isRefused = plan.badCount > 0 && !work.options.skipBad;
    for (const { line, column, reason } of plan.badLines.slice(0, BAD_LINES_PRINTED)) {
      work.note(`${rows}: line ${line}, column ${column}: ${printable(reason)}`);
    }
    if (plan.badCount > BAD_LINES_PRINTED) {
      work.note(`and ${countOf(plan.badCount - BAD_LINES_PRINTED, "more bad line")}`);
    }
    if (isRefused) {
      work.note("Nothing was written. Correct the lines, or leave them out with --skip-bad.");
      return UNUSABLE;
    }
    if (work.options.dryRun) return CLEAN;
    const now = await nodeFileSystem.stat(rows);
    if (now?.fileId !== before.fileId || now.size !== before.size || now.mtimeMs !== before.mtimeMs) {
      throw new SoftadastraError("io_error", `${rows} changed while it was looked at. Nothing was written`, {
        path: rows,
      });
    }
    return write(work, handle, before.size, rows);
  });
}

/** What the import would do; reads the log and never changes it. */
async function check(work: CliWork, handle: FileHandle, size: number, rows: string): Promise<ImportPlan> {
  const log = await readLog(work);
  const checking = new ImportCheck((key) => log?.isLive(key) ?? false);
  for await (const batch of importBatches(handle, size, rows)) checking.add(batch);
  return checking.plan();
}

/** Null for a log that is to be made. */
async function readLog(work: CliWork): Promise<LogPlaces | null> {
  if (work.options.create && (await nodeFileSystem.stat(work.path)) === null) return null;
  return withFile(work.path, nodeFileSystem, async (log) => LogPlaces.read(log, (await log.stat()).size));
}

async function write(work: CliWork, handle: FileHandle, size: number, rows: string): Promise<number> {
  const node = basename(work.path).replace(/\.wal$/i, "") || basename(work.path);
  const client = new Client(ClientOptions.persistent(node, work.path));
  unwrap(await client.open());
  const written = nothingWritten();
  try {
    for await (const batch of importBatches(handle, size, rows)) {
      await writeBatch(client, batch, written, { skipBad: work.options.skipBad });
    }
  } catch (error) {
    work.note(`${countOf(written.recordCount, "record")} were written before this, up to line ${written.lastLine}.`);
    throw error;
  } finally {
    await client.close();
  }
  if (work.options.json) work.printJson({ path: work.path, ...written });
  else work.print(`Wrote ${countOf(written.recordCount, "record")} to ${work.path}; all of them are on the disk.`);
  return CLEAN;
}

function planLines(plan: ImportPlan): string[] {
  const keys = [
    `${formatCount(plan.newKeyCount)} new`,
    `${formatCount(plan.replacedKeyCount)} get another value`,
    `${formatCount(plan.deletedKeyCount)} are deleted`,
  ];
  const others = [
    plan.repeatedCount > 0 ? `${countOf(plan.repeatedCount, "row")} about a key again: the last one counts` : "",
    plan.leftOutCount > 0 ? `${countOf(plan.leftOutCount, "row")} with nothing to write` : "",
    plan.badCount > 0 ? countOf(plan.badCount, "bad line") : "",
  ].filter((text) => text !== "");
  return [
    `rows       ${formatCount(plan.rowCount)}: ${countOf(plan.putCount, "put")}, ${countOf(plan.deleteCount, "delete")}`,
    `keys       ${formatCount(plan.keyCount)}: ${keys.join(", ")}`,
    `appends    ${countOf(plan.putCount + plan.deleteCount, "record")}, ${countOf(plan.recordBytes, "byte")}`,
    ...others.map((text) => `           ${text}`),
  ];
}
