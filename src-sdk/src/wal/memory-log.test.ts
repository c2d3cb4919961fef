import { expect, test } from "vitest";
import { EventHub } from "../events.js";
import { probeOf } from "../keys.js";
import { OpenNode } from "../open-node.js";
import { ClientOptions, readOptions } from "../options.js";
import { KeyProbe } from "../store/key-probe.js";
import { ManualClock } from "../testing/manual-clock.js";
import { MemoryFileSystem } from "../testing/memory-file-system.js";
import { orThrow } from "../testing/or-throw.js";
import { seededRandom } from "../testing/random.js";
import { OPERATION_DELETE, OPERATION_PUT } from "./operation.js";

const NO_VALUE = new Uint8Array(0);

/** A node without a log, and what it must hold: the last value of each key, and every operation that waits. */
class Model {
  readonly #node: OpenNode;
  readonly #values = new Map<string, Uint8Array>();
  readonly #waiting = new Map<number, Uint8Array | null>();
  #sequence = 0;

  constructor(node: OpenNode) {
    this.#node = node;
  }

  async write(key: string, value: Uint8Array | null): Promise<void> {
    this.#sequence += 1;
    this.#waiting.set(this.#sequence, value);
    if (value === null) this.#values.delete(key);
    else this.#values.set(key, value);
    const type = value === null ? OPERATION_DELETE : OPERATION_PUT;
    orThrow(await this.#node.write(type, Buffer.from(key), value ?? NO_VALUE, 1));
  }

  async deliver(index: number): Promise<void> {
    const sequence = [...this.#waiting.keys()][index];
    if (sequence === undefined) return;
    this.#waiting.delete(sequence);
    await this.#node.acknowledge(`n-${sequence}`, "peer", 1);
    // An acknowledgement is a record, too.
    this.#sequence += 1;
    this.#node.tick(1, true);
  }

  get waitingCount(): number {
    return this.#waiting.size;
  }

  /** What waits, and how many values are held; and `all` of the store. */
  check(what: string, all: boolean): void {
    const node = this.#node;
    for (const [key, value] of all ? this.#values : []) {
      expect(Buffer.compare(node.readSync(probeOf(key))?.toBytes() ?? NO_VALUE, value), `${what}, ${key}`).toBe(0);
    }
    const needed = new Set<Uint8Array>(this.#values.values());
    for (const slot of node.outbox.slots()) {
      const operation = node.outbox.operation(slot);
      const value = this.#waiting.get(operation.sequence);
      expect(value === null, `${what}, operation ${operation.sequence}`).toBe(operation.isDelete);
      if (value === null || value === undefined) continue;
      needed.add(value);
      const read = node.readPlaceSync(node.index.keys.probe(operation.keyId, new KeyProbe()), operation);
      expect(Buffer.compare(read.toBytes(), value), `${what}, operation ${operation.sequence}`).toBe(0);
    }
    expect(node.heldValueCount(), `${what}, values held`).toBe(needed.size);
  }
}

test("values are where store and outbox say, and no others are held, however many segments come and go", {
  timeout: 60_000,
}, async () => {
  for (let seed = 1; seed <= 60; seed += 1) {
    const random = seededRandom(seed);
    const deps = { fileSystem: new MemoryFileSystem([]), clock: new ManualClock() };
    const node = await OpenNode.open(readOptions(ClientOptions.memoryOnly("n")), deps, new EventHub());
    const model = new Model(node);
    const keys = random.pick([2, 40, 400]);
    // Most writes replace the value of one key: segments become sparse while they are filled.
    const hot = random.pick([0, 0.5, 0.9]);
    const sizes = random.pick([[0, 100, 3_000, 20_000, 60_000], [20_000, 30_000], [100]]);
    for (let step = 0; step < 400; step += 1) {
      const size = random.pick(sizes);
      const value = new Uint8Array(size).map((_, i) => (seed + step + i) & 0xff);
      const what = `seed ${seed}, step ${step}`;
      await model.write(`key/${random.chance(hot) ? 0 : random.below(keys)}`, random.chance(0.1) ? null : value);
      model.check(what, false);
      while (model.waitingCount > 0 && random.chance(0.8)) await model.deliver(random.below(model.waitingCount));
      if (step % 20 === 0) model.check(what, true);
    }
    model.check(`seed ${seed}`, true);
    await node.close();
  }
});
