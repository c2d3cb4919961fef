/** The end of a log as its writes: which records were flushed together, and the bytes of them that the lab works on. */
import {
  AT,
  type ByteSource,
  continuesGroup,
  FindingCollector,
  GROUP_BYTES_MAX,
  HEADER_BYTES,
  readI64,
  scanRecords,
} from "@softadastra/sdk/tools";
import type { LogModel } from "../log-view/log-model.ts";
import type { WriteExtent } from "./damage.ts";

/** The log as its reading thread knows it. */
export interface LabLog {
  readonly model: LogModel;
  readonly isDone: boolean;
  /** Length of its readable front: the lab knows nothing of what stands behind. */
  readonly validBytes: number;
  read(offset: number, length: number): Uint8Array;
}

/** A page of the system, and more than a sector: what a fault in front of the range can reach. */
const REACH_BYTES = 4096;
/** The end of the log is kept in memory up to here; longer ones are read from the file for each place. */
const HELD_BYTES_MAX = 32 * 1024 * 1024;

export interface WriteRange {
  readonly start: number;
  readonly end: number;
  /** Of the first record of the range among those of the log. */
  readonly firstIndex: number;
  readonly recordCount: number;
  /** Behind its last record: the log as the lab sees it has so many. */
  readonly endIndex: number;
  readonly writes: readonly WriteExtent[];
  readonly base: ByteSource;
}

/** Bytes of the log; `read` takes no more than there are. */
function logSource(log: LabLog, heldFrom: number): ByteSource {
  const size = log.validBytes;
  const held = size - heldFrom <= HELD_BYTES_MAX ? log.read(heldFrom, size - heldFrom) : null;
  return {
    size,
    async read(into, at, length, position) {
      const wanted = Math.max(0, Math.min(length, size - position));
      const bytes =
        held !== null && position >= heldFrom
          ? held.subarray(position - heldFrom, position - heldFrom + wanted)
          : log.read(position, wanted);
      into.set(bytes, at);
      return bytes.length;
    },
  };
}

/** Offsets at which a write begins, from a record on; the first of them is that record. */
async function writeStarts(base: ByteSource, from: number): Promise<number[]> {
  const starts: number[] = [];
  await scanRecords(base, {
    from,
    onRecord: (record) => {
      if (starts.length === 0 || !continuesGroup(record)) starts.push(record.offset);
    },
  });
  return starts;
}

/** The writes from the one that holds the record at `start` on; null when that record does not begin one. */
export async function rangeFrom(log: LabLog, start: number): Promise<WriteRange> {
  const { model, validBytes: end } = log;
  const endIndex = model.recordCount;
  const firstIndex = model.recordAt(start);
  const touchable = model.offsetOf(Math.max(0, model.recordAt(Math.max(0, start - REACH_BYTES))));
  const base = logSource(log, touchable);
  const starts = await writeStarts(base, start);
  return {
    start,
    end,
    firstIndex,
    recordCount: endIndex - firstIndex,
    endIndex,
    writes: starts.map((from, i) => ({ start: from, end: starts[i + 1] ?? end })),
    base,
  };
}

/** Where the write begins that holds the last record, or the one `records` before the end. */
export async function startOfWrites(log: LabLog, records: number | null): Promise<number> {
  const { model, validBytes } = log;
  const wanted = model.offsetOf(Math.max(0, model.recordCount - (records ?? 1)));
  // A write of several records spans no more than this: what it begins with is not further away.
  const from = model.offsetOf(Math.max(0, model.recordAt(Math.max(0, wanted - GROUP_BYTES_MAX))));
  const starts = await writeStarts(logSource({ ...log, validBytes }, from), from);
  return starts.findLast((start) => start <= wanted) ?? wanted;
}

/** Makes collectors that go on behind the records in front of one, as if they had seen them. */
export function findingsBefore(log: LabLog, index: number): () => FindingCollector {
  const { model } = log;
  let highestSequence = 0;
  for (let record = 0; record < index; record += 1) {
    const sequence = model.sequenceOf(record);
    if (sequence > highestSequence && Number.isSafeInteger(sequence)) highestSequence = sequence;
  }
  if (index === 0) return () => new FindingCollector();
  const header = log.read(model.offsetOf(index - 1), HEADER_BYTES);
  const lastTimestampMs = readI64(header, AT.timestamp);
  const before = { highestSequence, lastSequence: model.sequenceOf(index - 1), lastTimestampMs };
  return () => new FindingCollector(before);
}
