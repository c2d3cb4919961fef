/** Keeps operations in memory only: the log of a node without a WAL. */
import type { Result } from "../result.js";
import type { KeyProbe } from "../store/key-probe.js";
import type { Value } from "../value.js";
import { MemoryValues, type OnMoved } from "./memory-values.js";
import { OPERATION_DELETE } from "./operation.js";
import { type OperationLog, type OperationSink, type OperationWrite, RECORDED } from "./operation-log.js";

/** Values stay until the node says with `release` that neither the store nor the outbox needs them. */
export class MemoryLog implements OperationLog {
  readonly #sink: OperationSink;
  readonly #values: MemoryValues;
  #nextSequence = 1;

  /** `onMoved` is called when an operation is at another location than it was. */
  constructor(sink: OperationSink, onMoved: OnMoved) {
    this.#sink = sink;
    this.#values = new MemoryValues(onMoved);
  }

  /** Values held. */
  get size(): number {
    return this.#values.size;
  }

  append({ type, key, value, timestampMs }: OperationWrite): Promise<Result<void>> {
    const sequence = this.#nextSequence;
    this.#nextSequence += 1;
    const location = type === OPERATION_DELETE ? this.#values.end : this.#values.add(sequence, key, value);
    this.#sink.recorded({
      type,
      bytes: key,
      keyFrom: 0,
      keyTo: key.length,
      valueLength: value.length,
      timestampMs,
      sequence,
      location,
    });
    return RECORDED;
  }

  async appendMark(): Promise<void> {
    // What it says is already in the node's own state, and nothing of a memory-only node survives a restart.
    this.#nextSequence += 1;
  }

  readOf(key: KeyProbe, location: number, valueLength: number): Value | null {
    return this.#values.readOf(key, location, valueLength);
  }

  async readLater(key: KeyProbe, location: number, valueLength: number): Promise<Value | null> {
    return this.#values.readOf(key, location, valueLength);
  }

  release(location: number): void {
    this.#values.release(location);
  }

  async flush(): Promise<void> {}

  async close(): Promise<void> {
    this.#values.clear();
  }
}
