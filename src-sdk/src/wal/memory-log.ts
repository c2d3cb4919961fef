/** Keeps operations in memory only: the log of a node without a WAL. */
import { OPERATION_DELETE } from "./operation.js";
import type { OperationLog, OperationSink, OperationWrite } from "./operation-log.js";

/** Values stay until the node says with `release` that neither the store nor the outbox needs them. */
export class MemoryLog implements OperationLog {
  readonly #sink: OperationSink;
  readonly #valuesByLocation = new Map<number, Uint8Array>();
  #nextSequence = 1;

  constructor(sink: OperationSink) {
    this.#sink = sink;
  }

  /** Values held. */
  get size(): number {
    return this.#valuesByLocation.size;
  }

  async append(write: OperationWrite): Promise<void> {
    const sequence = this.#nextSequence;
    this.#nextSequence += 1;
    if (write.type !== OPERATION_DELETE) this.#valuesByLocation.set(sequence, new Uint8Array(write.value));
    this.#sink.recorded({
      type: write.type,
      bytes: write.key,
      keyFrom: 0,
      keyTo: write.key.length,
      valueLength: write.value.length,
      timestampMs: write.timestampMs,
      sequence,
      location: sequence,
    });
  }

  async appendMark(): Promise<void> {
    // What it says is already in the node's own state, and nothing of a memory-only node survives a restart.
    this.#nextSequence += 1;
  }

  async readValue(location: number): Promise<Uint8Array> {
    return this.readValueSync(location);
  }

  readValueSync(location: number): Uint8Array {
    // No copy: what reads it makes a Value of it, which never changes.
    return this.#valuesByLocation.get(location) as Uint8Array;
  }

  release(location: number): void {
    this.#valuesByLocation.delete(location);
  }

  async flush(): Promise<void> {}

  async close(): Promise<void> {
    this.#valuesByLocation.clear();
  }
}
