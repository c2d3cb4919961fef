/**
 * `@softadastra/sdk/wal`: reads and repairs write-ahead logs without opening a node. Reading never locks, writes, or
 * changes a file or its folder; only `repairWal` does.
 */
export { ERROR_CODES, type ErrorCode, type ErrorContext, Result, SoftadastraError } from "./result.js";
export { Value } from "./value.js";
export {
  type DiffWalOptions,
  diffWal,
  type WalDifference,
  type WalDiffLog,
  type WalDiffSide,
  type WalDiffSummary,
} from "./wal/diff.js";
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
export { type RepairReport, type RepairStep, type RepairWalOptions, repairWal } from "./wal/repair.js";
export type { RepairChangeKind, RepairKeyChange, RepairKeyCounts, RepairKeyState } from "./wal/repair-keys.js";
export {
  type PlanRepairOptions,
  planRepair,
  type RepairDamagedOperation,
  type RepairPlan,
  type RepairPolicy,
  type RepairRange,
} from "./wal/repair-plan.js";
export type { RecoveryReport, WalRepaired, WalReport, WalStop } from "./wal/report.js";
