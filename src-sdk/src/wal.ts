/** `@softadastra/sdk/wal`: reads write-ahead logs without opening a node. Never locks, writes, or changes a file or its folder. */
export { ERROR_CODES, type ErrorCode, type ErrorContext, Result, SoftadastraError } from "./result.js";
export { Value } from "./value.js";
export type { FindingCode, FindingSeverity, WalFinding } from "./wal/findings.js";
export {
  type InspectOptions,
  inspectWal,
  type ReadWalOptions,
  readWalRecords,
  type WalOperation,
  type WalRecord,
} from "./wal/inspect.js";
export type { Verdict } from "./wal/recovery.js";
export type { RecoveryReport, WalRepaired, WalReport, WalStop } from "./wal/report.js";
