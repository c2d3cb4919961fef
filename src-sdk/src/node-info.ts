/** What a node says about itself (spec 1, "Types"). */
import { hostname } from "node:os";
import type { OpenOptions } from "./options.js";
import type { Clock } from "./platform/clock.js";

/** What a node says about itself (spec 1, "Types"). */
export interface NodeInfo {
  readonly nodeId: string;
  /** For people; the node id unless the options say otherwise. */
  readonly displayName: string;
  readonly hostname: string;
  /** As Node names it: linux, darwin, win32. */
  readonly osName: string;
  /** As the options say: the version of your application or of its data, not of this package. */
  readonly version: string;
  /** What this node can do: `store`, `sync`, and `wal` when it keeps a log. */
  readonly capabilities: readonly string[];
  /** Milliseconds since the client opened. */
  uptime_ms(): number;
}

export function describeNode(options: OpenOptions, openedMs: number, clock: Clock): NodeInfo {
  return {
    nodeId: options.nodeId,
    displayName: options.displayName,
    hostname: hostname(),
    osName: process.platform,
    version: options.version,
    capabilities: ["store", "sync", ...(options.enableWal ? ["wal"] : [])],
    uptime_ms: () => Math.max(0, clock.now() - openedMs),
  };
}
