/** A node to compact: opened on a disk in memory, written to, acknowledged, and looked at as a caller would. */

import { EventHub } from "../events.js";
import { OpenNode } from "../open-node.js";
import { ClientOptions, readOptions } from "../options.js";
import type { FileHandle, FileSystem } from "../platform/file-system.js";
import { listEntries, readEntriesQuery } from "../store/entries.js";
import { KeyProbe } from "../store/key-probe.js";
import { OPERATION_DELETE, OPERATION_PUT } from "../wal/operation.js";
import type { ManualClock } from "./manual-clock.js";
import type { MemoryFileSystem } from "./memory-file-system.js";
import { orThrow } from "./or-throw.js";

export const DISK = "/disk";
export const WAL = `${DISK}/node.wal`;
export const utf8 = (text: string) => new TextEncoder().encode(text);

export function openNode(fileSystem: FileSystem, clock: ManualClock, autoFlush = true): Promise<OpenNode> {
  const options = ClientOptions.persistent("n", WAL);
  options.autoFlush = autoFlush;
  return OpenNode.open(readOptions(options), { fileSystem, clock }, new EventHub());
}

export const put = (node: OpenNode, clock: ManualClock, key: string, value: string | Uint8Array) =>
  node.write(OPERATION_PUT, utf8(key), typeof value === "string" ? utf8(value) : value, clock.nowMs++).then(orThrow);
export const remove = (node: OpenNode, clock: ManualClock, key: string) =>
  node.write(OPERATION_DELETE, utf8(key), new Uint8Array(0), clock.nowMs++).then(orThrow);
export const acknowledge = (node: OpenNode, clock: ManualClock, version: number | string) =>
  node.acknowledge(`n-${version}`, "peer", clock.nowMs++);

/** The value of an operation in the outbox, read from where the outbox says it is. */
export function outboxValue(node: OpenNode, slot: number): string {
  const operation = node.outbox.operation(slot);
  const key = node.index.keys.probe(operation.keyId, new KeyProbe());
  return operation.isDelete ? "deleted" : node.readPlaceSync(key, operation).toString();
}

/** Everything a caller can see of a node that a restart must bring back. */
export function shown(node: OpenNode) {
  return {
    entries: [...listEntries(() => node, readEntriesQuery({}))].map((entry) => [
      entry.key,
      entry.value.toString(),
      entry.version,
      entry.timestampMs,
    ]),
    deleted: node.index.order
      .page(new Uint8Array(0), null, Number.POSITIVE_INFINITY, false, (id) => !node.index.isLive(id))
      .map((id) => [Buffer.from(node.index.keys.bytes(id)).toString(), node.index.last(id).version]),
    outbox: node
      .outboxPage({}, -1)
      .filter(({ status }) => status !== "acknowledged")
      .map(({ syncId, key, kind, version, createdMs }) => [syncId, key, kind, version, createdMs]),
    waiting: [...node.outbox.slots(["pending", "queued", "in_flight", "failed"])].map((slot) =>
      outboxValue(node, slot),
    ),
    lastSubmittedVersion: node.pipeline.lastSubmittedVersion,
  };
}

/** As a restart: the log is let go as it is on the disk, and read again. */
export async function reopened(disk: FileSystem, clock: ManualClock): Promise<OpenNode> {
  return openNode(disk, clock);
}

/** A log with everything in it: replaced and delivered, waiting, deleted, given up. Every even version was acknowledged. */
export async function variedNode(disk: FileSystem, clock: ManualClock): Promise<OpenNode> {
  const node = await openNode(disk, clock);
  for (let i = 1; i <= 24; i += 1) {
    if (i % 7 === 0) await remove(node, clock, `k${i % 5}`);
    else await put(node, clock, `k${i % 5}`, `value ${i}`);
  }
  for (let version = 2; version <= 24; version += 2) await acknowledge(node, clock, version);
  node.tick(clock.nowMs, true);
  return node;
}

/** A disk whose reads wait, when they are told to, in the middle of a value. */
export function slowReads(inner: MemoryFileSystem, wait: () => Promise<void> | undefined): FileSystem {
  const slowed = (handle: FileHandle): FileHandle => ({
    read: async (into, at, length, position) => {
      const waiting = wait();
      await waiting;
      return handle.read(into, at, waiting === undefined ? length : Math.min(length, 1000), position);
    },
    readSync: handle.readSync.bind(handle),
    write: handle.write.bind(handle),
    datasync: handle.datasync.bind(handle),
    truncate: handle.truncate.bind(handle),
    stat: handle.stat.bind(handle),
    statSync: handle.statSync.bind(handle),
    close: handle.close.bind(handle),
  });
  return {
    open: async (path, mode) => slowed(await inner.open(path, mode)),
    stat: inner.stat.bind(inner),
    list: inner.list.bind(inner),
    remove: inner.remove.bind(inner),
    rename: inner.rename.bind(inner),
    touch: inner.touch.bind(inner),
    realPath: inner.realPath.bind(inner),
    syncDirectory: inner.syncDirectory.bind(inner),
  };
}
