/** How a node is set up: read once at `open()`, later changes have no effect on the open client (spec 1, "ClientOptions"). */
import { SoftadastraError } from "./result.js";

/** Who wins when two nodes wrote the same key. Read and checked; without a transport no second node writes. */
export type ConflictPolicy = "last_write_wins" | "keep_local" | "keep_remote" | "manual";

const CONFLICT_POLICIES: readonly ConflictPolicy[] = ["last_write_wins", "keep_local", "keep_remote", "manual"];

/**
 * How a node is set up (spec 1, "ClientOptions"). Mutable, and read once at `open()`: later changes have no effect on
 * the open client. What is wrong in it is `invalid_argument` at `open()`, naming the option.
 */
export class ClientOptions {
  /** Name of this node among its peers; not empty. Part of every sync id. */
  nodeId: string;
  /** For people; the node id unless set. */
  displayName = "";
  /** What `nodeInfo` tells as the node's version. */
  version = "0.1.0";

  /** Keep accepted operations in a write-ahead log, so that they survive a restart. */
  enableWal = false;
  /** The log file. One node, one log; usually `data/<node-id>.wal`. Its directory must exist. */
  walPath = "";
  /**
   * `true`: a write resolves when it is on the disk. `false`: when it is accepted; a crash may lose the newest
   * writes, never an older one while keeping a newer one.
   */
  autoFlush = true;

  /** Allow TCP connections with peers. Read and checked; this version has no transport. */
  enableTransport = false;
  /** Address to listen on. */
  transportHost = "127.0.0.1";
  /** TCP port to listen on, 0 to 65535. */
  transportPort = 4041;

  /** Announce this node and look for others over UDP. Read and checked; this version has no discovery. */
  enableDiscovery = false;
  /** Address to receive announcements on. */
  discoveryHost = "127.0.0.1";
  /** UDP port to receive announcements on, 0 to 65535. */
  discoveryPort = 5051;
  /** Address to send announcements to. */
  discoveryBroadcastHost = "127.0.0.1";
  /** UDP port to send announcements to, 0 to 65535. */
  discoveryBroadcastPort = 5052;

  /** Most operations one tick sends: 1 to 1,000,000. */
  batchSize = 64;
  /** Sends of one operation without an answer before it counts as failed: 1 to 1,000,000. */
  maxRetries = 5;
  /** Milliseconds between two sends of one operation, at least: 0 to 86,400,000, a day. */
  retryIntervalMs = 5_000;
  /** Milliseconds a sent operation may stay unanswered: 0 to 86,400,000, a day. */
  ackTimeoutMs = 10_000;
  /** `false`: an operation handed to a peer counts as delivered. */
  requireAck = true;
  /** Who wins when two nodes wrote the same key. */
  conflictPolicy: ConflictPolicy = "last_write_wins";

  constructor(nodeId: string) {
    this.nodeId = nodeId;
  }

  /** Memory only, until you enable more. */
  static local(nodeId: string): ClientOptions {
    return new ClientOptions(nodeId);
  }

  /** Memory only: nothing survives the process. */
  static memoryOnly(nodeId: string): ClientOptions {
    return new ClientOptions(nodeId);
  }

  /** Every write durable in the log at `walPath`. */
  static persistent(nodeId: string, walPath: string): ClientOptions {
    const options = new ClientOptions(nodeId);
    options.enableWal = true;
    options.walPath = walPath;
    options.autoFlush = true;
    return options;
  }
}

/** The options as they were when the client opened, checked. */
export type OpenOptions = Readonly<Omit<ClientOptions, "displayName">> & { readonly displayName: string };

const TEXTS = [
  "nodeId",
  "displayName",
  "version",
  "walPath",
  "transportHost",
  "discoveryHost",
  "discoveryBroadcastHost",
] as const;
const SWITCHES = ["enableWal", "autoFlush", "enableTransport", "enableDiscovery", "requireAck"] as const;
const PORTS = ["transportPort", "discoveryPort", "discoveryBroadcastPort"] as const;
/** Smallest and largest values that make sense; the upper bounds are a day of milliseconds and a million operations. */
const COUNTS = {
  batchSize: [1, 1_000_000],
  maxRetries: [1, 1_000_000],
  retryIntervalMs: [0, 86_400_000],
  ackTimeoutMs: [0, 86_400_000],
} as const;

function refuse(option: string, problem: string): never {
  throw new SoftadastraError("invalid_argument", `options.${option} ${problem}`, { option });
}

/** A copy of the options. @throws SoftadastraError `invalid_argument` naming the option and what it may be. */
export function readOptions(options: ClientOptions): OpenOptions {
  for (const name of TEXTS) {
    if (typeof options[name] !== "string") refuse(name, `must be a string, not ${typeof options[name]}`);
  }
  for (const name of SWITCHES) {
    if (typeof options[name] !== "boolean") refuse(name, `must be true or false, not ${String(options[name])}`);
  }
  for (const name of PORTS) {
    const port = options[name];
    if (!Number.isInteger(port) || port < 0 || port > 65_535)
      refuse(name, `must be a port from 0 to 65535, not ${port}`);
  }
  for (const [name, [min, max]] of Object.entries(COUNTS) as [keyof typeof COUNTS, readonly [number, number]][]) {
    const count = options[name];
    if (!Number.isInteger(count) || count < min || count > max) {
      refuse(name, `must be a whole number from ${min} to ${max}, not ${count}`);
    }
  }
  if (!CONFLICT_POLICIES.includes(options.conflictPolicy)) {
    refuse("conflictPolicy", `must be one of ${CONFLICT_POLICIES.join(", ")}, not ${String(options.conflictPolicy)}`);
  }
  if (options.nodeId === "") refuse("nodeId", 'is empty: name the node, for example ClientOptions.local("node-a")');
  if (options.enableWal && options.walPath === "") {
    refuse(
      "walPath",
      "is empty while enableWal is true: name a file, for example data/app.wal, or set enableWal to false",
    );
  }
  if (options.walPath.includes("\0")) refuse("walPath", "contains a NUL character, which no path may");
  return { ...options, displayName: options.displayName === "" ? options.nodeId : options.displayName };
}
