/** `softadastra-wal export`: keys or records of a log as JSON, NDJSON or CSV, to standard output or into a file. */
import { resolve } from "node:path";
import { nodeFileSystem } from "../platform/node-file-system.js";
import { type ExportPlaces, exportPieces } from "../transfer/export-rows.js";
import { ExportTarget } from "../transfer/export-target.js";
import { EXPORT_FORMATS, EXPORT_VALUES } from "../transfer/export-text.js";
import { LogPlaces } from "../transfer/log-places.js";
import { withFile } from "../wal/inspect.js";
import { countOf } from "../words.js";
import { type CliWork, oneOf, statusOf, UsageError } from "./command.js";

export async function exportRows(work: CliWork): Promise<number> {
  const { keys, records, deleted, output, force } = work.options;
  if (keys && records) throw new UsageError("Export --keys or --records, not both.");
  if (deleted && records) throw new UsageError("--deleted belongs to --keys: records has every delete.");
  const options = {
    rows: records ? "records" : "keys",
    format: oneOf("format", EXPORT_FORMATS, work.options.format, "ndjson"),
    values: oneOf("values", EXPORT_VALUES, work.options.values, "text"),
  } as const;
  return withFile(work.path, nodeFileSystem, async (handle) => {
    const target =
      output === undefined
        ? null
        : await ExportTarget.open(resolve(output), {
            fileSystem: nodeFileSystem,
            overwrite: force,
            logs: [resolve(work.path)],
          });
    try {
      const { size } = await handle.stat();
      const log = await LogPlaces.read(handle, size);
      const places: ExportPlaces = records ? log.recordPlaces() : log.keyPlaces(deleted);
      for await (const piece of exportPieces({ handle, size, path: work.path }, places, options)) {
        if (target === null) await work.write(piece);
        else await target.write(piece);
      }
      const made = await target?.finish();
      if (made) work.print(`${countOf(places.count, "row")}, ${countOf(made.fileBytes, "byte")}: ${made.path}`);
      return statusOf(log);
    } catch (error) {
      await target?.discard();
      throw error;
    }
  });
}
