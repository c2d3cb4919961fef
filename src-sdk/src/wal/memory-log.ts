/** Keeps operations in memory only: the log of a node without a WAL. */
import { OPERATION_DELETE } from "./operation.js";
import type { OperationLog, OperationSink, OperationWrite } from "./operation-log.js";

/** Values of a block lie side by side, and it goes when its last value goes. */
const BLOCK_BITS = 12;
const BLOCK_MASK = (1 << BLOCK_BITS) - 1;
const BLOCK_LOCATIONS = BLOCK_MASK + 1;

/** Values by locations that count up: with a million of them a map takes twice the time. */
class ValuesByLocation {
  readonly #blocks: ({ readonly values: (Uint8Array | undefined)[]; count: number } | undefined)[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(location: number): Uint8Array | undefined {
    return this.#blocks[Math.floor(location / BLOCK_LOCATIONS)]?.values[location & BLOCK_MASK];
  }

  add(location: number, value: Uint8Array): void {
    const number = Math.floor(location / BLOCK_LOCATIONS);
    const block = this.#blocks[number] ?? { values: [], count: 0 };
    this.#blocks[number] = block;
    block.values[location & BLOCK_MASK] = value;
    block.count += 1;
    this.#size += 1;
  }

  delete(location: number): void {
    const number = Math.floor(location / BLOCK_LOCATIONS);
    const block = this.#blocks[number];
    if (block?.values[location & BLOCK_MASK] === undefined) return;
    block.values[location & BLOCK_MASK] = undefined;
    block.count -= 1;
    this.#size -= 1;
    if (block.count === 0) this.#blocks[number] = undefined;
  }

  clear(): void {
    this.#blocks.length = 0;
    this.#size = 0;
  }
}

/** Values stay until the node says with `release` that neither the store nor the outbox needs them. */
export class MemoryLog implements OperationLog {
  readonly #sink: OperationSink;
  readonly #values = new ValuesByLocation();
  #nextSequence = 1;

  constructor(sink: OperationSink) {
    this.#sink = sink;
  }

  /** Values held. */
  get size(): number {
    return this.#values.size;
  }

  async append(write: OperationWrite): Promise<void> {
    const sequence = this.#nextSequence;
    this.#nextSequence += 1;
    if (write.type !== OPERATION_DELETE) this.#values.add(sequence, new Uint8Array(write.value));
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
    return this.#values.get(location) as Uint8Array;
  }

  release(location: number): void {
    this.#values.delete(location);
  }

  async flush(): Promise<void> {}

  async close(): Promise<void> {
    this.#values.clear();
  }
}
