/**
 * `@softadastra/sdk/tools`: the parts the engine is made of, for programs that look into logs, such as the inspector.
 * They may change in any version.
 */
export { EventHub } from "./events.js";
export { keyText } from "./keys.js";
export { type Clock, systemClock } from "./platform/clock.js";
export type { FileHandle, FileStat, FileSystem } from "./platform/file-system.js";
export { ioError, systemCodeOf } from "./platform/io-error.js";
export { nodeFileSystem } from "./platform/node-file-system.js";
export { compareBytes, KeyTable } from "./store/key-table.js";
export { OrderedKeys } from "./store/ordered-keys.js";
export {
  type ExportOptions,
  type ExportPlace,
  type ExportPlaces,
  type ExportProgress,
  exportPieces,
  newExportProgress,
} from "./transfer/export-rows.js";
export { checkTarget, ExportTarget, type TargetOptions } from "./transfer/export-target.js";
export {
  EXPORT_FORMATS,
  EXPORT_VALUES,
  type ExportFormat,
  type ExportValues,
  KEY_COLUMNS,
  RECORD_COLUMNS,
} from "./transfer/export-text.js";
export { BAD_LINES_KEPT, ImportCheck, type ImportPlan } from "./transfer/import-check.js";
export { BadLine } from "./transfer/import-json.js";
export { type ImportBatch, type ImportLine, importBatches } from "./transfer/import-lines.js";
export type { ImportRow } from "./transfer/import-row.js";
export { type ImportWritten, nothingWritten, writeBatch } from "./transfer/import-write.js";
export { placesBehind } from "./transfer/log-places.js";
export { arraySource, type ByteSource, fileSource, readFully } from "./wal/byte-source.js";
export { fnv1a } from "./wal/checksum.js";
export { FindingCollector, isAppendedBehindTornTail } from "./wal/findings.js";
export * from "./wal/format.js";
export { continuesGroup, GROUP_BYTES_MAX, SECTOR_BYTES } from "./wal/group.js";
export { LastOperationColumns } from "./wal/last-operations.js";
export { findLockHolder } from "./wal/lock.js";
export { type DeliveryMark, decodeMark, MARK_ABANDONED, MARK_ACKNOWLEDGED } from "./wal/marks.js";
export { KEY_BYTES_MAX, OPERATION_DELETE, OPERATION_PUT, OperationView, valueBytesMax } from "./wal/operation.js";
export {
  type Compacted,
  type Numbering,
  RECORD_COMPACTED,
  RECORD_NUMBERING,
  readCompacted,
  readNumbering,
} from "./wal/own-records.js";
export { type LogSurvey, surveyLog } from "./wal/recovery.js";
export { changeOf, type LastOperation } from "./wal/repair-keys.js";
export { findDamaged, rangesOf } from "./wal/repair-plan.js";
export { type ReportFacts, type WalReport, walReport } from "./wal/report.js";
export { ScannedRecord, type ScanStop, scanRecords } from "./wal/scan.js";
export { createBeside, utcStamp } from "./wal/torn-tail.js";
export { stopCode, type VerdictWords, verdictWords } from "./wal/verdict-words.js";
