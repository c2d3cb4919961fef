/** Reads a whole log and says what may be done with it: the recovery decision table of spec 2. */
import { type ByteSource, readFully } from "./byte-source.js";
import { MAGIC_BYTES } from "./format.js";
import { continuesGroup, isUnfinishedGroup } from "./group.js";
import { type ScannedRecord, type ScanOptions, type ScanStop, scanRecords } from "./scan.js";
import { isZeroFilled, type SearchResult, searchRecords } from "./search.js";

export const VERDICTS = ["clean", "torn-tail", "damaged", "not-a-wal"] as const;

/**
 * What may be done with a log (spec 2, "Recovery decisions"; docs/wal-format.md).
 *
 * - `clean`: every byte belongs to a whole, valid record.
 * - `torn-tail`: the file ends inside a write, and no whole record follows that was not part of that write; the rest
 *   may be set aside and cut.
 * - `damaged`: a record is invalid and whole, valid records follow it; never written to.
 * - `not-a-wal`: no record at all, and the file does not begin as one; never touched.
 */
export type Verdict = (typeof VERDICTS)[number];

export interface LogSurvey {
  readonly verdict: Verdict;
  /** Records before the stop: what is recovered. */
  readonly recordCount: number;
  /** Offset behind the last of them. */
  readonly validBytes: number;
  readonly stop: ScanStop | null;
  /** Everything from the stop to the end is zero: preallocated or zero-filled by a crash. */
  readonly isRestZero: boolean;
  /** The rest is one group of writes that was not synced to its end, with whole records behind a hole (group.ts). */
  readonly isUnfinishedGroup: boolean;
  /** Whole records behind the stop. */
  readonly behind: SearchResult;
}

export interface SurveyOptions {
  /** Goes on where an earlier survey ended: behind this many records, at this offset. */
  readonly from?: { readonly offset: number; readonly recordCount: number };
  readonly signal?: AbortSignal | undefined;
  /** Called for each recovered record, in file order. */
  readonly onRecord?: (record: ScannedRecord) => void;
  /** As of `scanRecords`. */
  readonly onOperations?: ScanOptions["onOperations"];
  readonly taker?: ScanOptions["taker"];
  /** Called for each whole record behind the stop, in file order. */
  readonly onUnreachable?: ((record: ScannedRecord) => void) | undefined;
  /** Bytes looked at so far, of the source's size; falls back when the rest behind a stop is searched. */
  readonly onProgress?: ((offset: number) => void) | undefined;
  /**
   * How far behind the stop to search a file that does not begin with a record. A stranger's file of many gigabytes
   * need not be read to its end to be refused. Unlimited unless told.
   */
  readonly strangerSearchBytesMax?: number;
  /** Bytes the search behind a stop may read for headers that only look like records. 4 GiB unless told. */
  readonly wastedBytesMax?: number;
}

const NOTHING: SearchResult = { regions: [], recordCount: 0, isComplete: true, searchedBytes: 0 };

export async function surveyLog(source: ByteSource, options: SurveyOptions = {}): Promise<LogSurvey> {
  const { signal, onProgress } = options;
  const from = options.from ?? { offset: 0, recordCount: 0 };
  const scanned = await scanRecords(source, {
    from: from.offset,
    signal,
    onProgress,
    ...(options.onRecord ? { onRecord: options.onRecord } : {}),
    onOperations: options.onOperations,
    taker: options.taker,
  });
  const { validBytes, stop } = scanned;
  const recordCount = from.recordCount + scanned.recordCount;
  if (stop === null) {
    return {
      verdict: "clean",
      recordCount,
      validBytes,
      stop,
      isRestZero: false,
      isUnfinishedGroup: false,
      behind: NOTHING,
    };
  }

  const looksLikeOurs = recordCount > 0 || (await beginsAsRecord(source));
  const searchTo = looksLikeOurs
    ? source.size
    : Math.min(source.size, stop.offset + (options.strangerSearchBytesMax ?? source.size));
  const isRestZero = await isZeroFilled(source, stop.offset, source.size, signal);
  let startsBehind = 0;
  const behind = isRestZero
    ? NOTHING
    : await searchRecords(source, {
        behind: stop.offset,
        to: searchTo,
        signal,
        onRecord: (record) => {
          if (!continuesGroup(record)) startsBehind += 1;
          options.onUnreachable?.(record);
        },
        onProgress,
        wastedBytesMax: options.wastedBytesMax,
      });
  const isUnfinished = looksLikeOurs && (await isUnfinishedGroup(source, stop.offset, behind, startsBehind));
  return {
    verdict: decide({ looksLikeOurs, isRestZero, isUnfinished, behind }),
    recordCount,
    validBytes,
    stop,
    isRestZero,
    isUnfinishedGroup: isUnfinished,
    behind,
  };
}

/** The rows of spec 2's table behind "none", and the unfinished group of decision 0011. */
function decide(state: {
  looksLikeOurs: boolean;
  isRestZero: boolean;
  isUnfinished: boolean;
  behind: SearchResult;
}): Verdict {
  if (state.isRestZero || state.isUnfinished) return "torn-tail";
  // An unfinished search has not shown that nothing follows: refusing loses nothing, cutting could.
  if (state.behind.recordCount > 0 || !state.behind.isComplete) return "damaged";
  return state.looksLikeOurs ? "torn-tail" : "not-a-wal";
}

/** Begins with the magic, or is shorter than the magic and a prefix of it: a writer that died in its first append. */
async function beginsAsRecord(source: ByteSource): Promise<boolean> {
  const first = await readFully(source, 0, MAGIC_BYTES.length);
  return first.every((byte, at) => byte === MAGIC_BYTES[at]);
}
