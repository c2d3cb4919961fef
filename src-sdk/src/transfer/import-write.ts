/** Writes the rows of an import through a client: in groups that reach the disk together, or not at all. */
import type { Client } from "../client.js";
import { type Result, SoftadastraError } from "../result.js";
import { BadLine } from "./import-json.js";
import type { ImportBatch, ImportLine } from "./import-lines.js";

/** Well below what the log writes in one go, so that a group is one write and a failure leaves a prefix of the rows. */
const GROUP_BYTES = 1024 * 1024;
/** Promises of one group. */
const GROUP_ROWS = 4_096;
/** What a record takes beside its key and value. */
const ROW_BYTES = 64;

/** Counted while rows are written; exact at every moment between two groups. */
export interface ImportWritten {
  /** Records in the log and on the disk. */
  recordCount: number;
  /** Lines up to this one are done; 0 before the first. */
  lastLine: number;
  skippedCount: number;
}

export function nothingWritten(): ImportWritten {
  return { recordCount: 0, lastLine: 0, skippedCount: 0 };
}

export interface ImportWriteOptions {
  readonly skipBad: boolean;
  /** Asked between groups. */
  readonly isStopped?: () => boolean;
}

/**
 * Writes a batch in the order of its lines; false when it was told to stop. `written` is right whatever happens.
 * @throws SoftadastraError what the client answers for the first row it refuses; `invalid_argument` for a bad line that is not to be skipped
 */
export async function writeBatch(
  client: Pick<Client, "put" | "remove">,
  { lines }: ImportBatch,
  written: ImportWritten,
  { skipBad, isStopped = () => false }: ImportWriteOptions,
): Promise<boolean> {
  for (let from = 0; from < lines.length; ) {
    if (isStopped()) return false;
    let bytes = 0;
    let to = from;
    for (; to < lines.length && to - from < GROUP_ROWS; to += 1) {
      const size = bytesOf(lines[to] as ImportLine);
      if (to > from && bytes + size > GROUP_BYTES) break;
      bytes += size;
    }
    await writeGroup(client, lines.slice(from, to), written, skipBad);
    from = to;
  }
  return true;
}

function bytesOf({ row }: ImportLine): number {
  if (row instanceof BadLine || row.kind === "none") return 0;
  return ROW_BYTES + row.key.length + (row.kind === "put" ? row.value.length : 0);
}

async function writeGroup(
  client: Pick<Client, "put" | "remove">,
  lines: readonly ImportLine[],
  written: ImportWritten,
  skipBad: boolean,
): Promise<void> {
  const bad = skipBad ? undefined : lines.find(({ row }) => row instanceof BadLine);
  const wanted = bad === undefined ? lines : lines.slice(0, lines.indexOf(bad));
  // All in one turn: the log takes them as one group.
  const calls: Promise<Result<void>>[] = [];
  let skippedCount = 0;
  for (const { row } of wanted) {
    if (row instanceof BadLine) skippedCount += 1;
    else if (row.kind === "put") calls.push(client.put(row.key, row.value));
    else if (row.kind === "delete") calls.push(client.remove(row.key));
  }
  const results = await Promise.all(calls);
  written.recordCount += results.filter((result) => result.isOk()).length;
  const failed = results.find((result) => result.isErr());
  if (failed !== undefined) throw failed.error();
  written.skippedCount += skippedCount;
  written.lastLine = wanted.at(-1)?.line ?? written.lastLine;
  if (bad !== undefined && bad.row instanceof BadLine) {
    const { line, row } = bad;
    throw new SoftadastraError("invalid_argument", `line ${line}, column ${row.column}: ${row.message}`, { line });
  }
}
