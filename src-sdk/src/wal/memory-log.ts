/** Keeps operations in memory only: the log of a node without a WAL. */
import type { Result } from "../result.js";
import { MemoryValues } from "./memory-values.js";
import { OPERATION_DELETE } from "./operation.js";
import { type OperationLog, type OperationSink, type OperationWrite, RECORDED } from "./operation-log.js";

/** Values stay until the node says with `release` that neither the store nor the outbox needs them. */
export class MemoryLog implements OperationLog {
  readonly #sink: OperationSink;
  readonly #values = new MemoryValues();
  #nextSequence = 1;

  constructor(sink: OperationSink) {
    this.#sink = sink;
  }

  /** Values held. */
  get size(): number {
    return this.#values.size;
  }

  append(write: OperationWrite): Promise<Result<void>> {
    const sequence = this.#nextSequence;
    this.#nextSequence += 1;
    if (write.type !== OPERATION_DELETE) this.#values.add(sequence, write.value);
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
    return RECORDED;
  }

  async appendMark(): Promise<void> {
    // What it says is already in the node's own state, and nothing of a memory-only node survives a restart.
    this.#nextSequence += 1;
  }

  async readValue(location: number, length: number): Promise<Uint8Array> {
    return this.readValueSync(location, length);
  }

  readValueSync(location: number, length: number): Uint8Array {
    return this.#values.get(location, length) as Uint8Array;
  }

  release(location: number): void {
    this.#values.delete(location);
  }

  async flush(): Promise<void> {}

  async close(): Promise<void> {
    this.#values.clear();
  }
}
