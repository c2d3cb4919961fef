/** `@softadastra/sdk`: a local-first node. Write locally, persist locally, recover later (spec 1). */
export { Client, type ClientDependencies } from "./client.js";
export type { ChangeEvent, ClientEventName, ClientEvents, Listener } from "./events.js";
export type { KeyInput, ValueInput } from "./keys.js";
export type { NodeInfo } from "./node-info.js";
export { ClientOptions, type ConflictPolicy } from "./options.js";
export { Peer } from "./peer.js";
export type { Clock } from "./platform/clock.js";
export type { FileHandle, FileStat, FileSystem, OpenMode } from "./platform/file-system.js";
export { ERROR_CODES, type ErrorCode, type ErrorContext, Result, SoftadastraError } from "./result.js";
export type { CompactionReport } from "./store/compaction.js";
export type { EntriesQuery, StoreEntry } from "./store/entries.js";
export type { SyncStatus } from "./sync/outbox.js";
export {
  type OutboxEntry,
  type OutboxQuery,
  type PeerDelivery,
  SyncResult,
  type TickResult,
} from "./sync/sync-result.js";
export { Value } from "./value.js";
export type { Verdict } from "./wal/recovery.js";
export type { RecoveryReport, WalRepaired, WalStop } from "./wal/report.js";
