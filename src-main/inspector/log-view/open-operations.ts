/** The outbox as the log alone shows it: operations nobody acknowledged, listed and searched in steps. */
import type { LogModel } from "./log-model.ts";

/** Operations whose keys are looked at between two pauses in which other questions are answered. */
const OPERATIONS_PER_STEP = 16_384;

const pause = () => new Promise<void>((resolve) => setImmediate(resolve));

interface Found {
  readonly of: Uint32Array;
  readonly search: string;
  readonly records: Promise<Uint32Array>;
}

export class OpenOperations {
  #all: { readonly model: LogModel; readonly revision: number; readonly records: Uint32Array } | null = null;
  #found: Found | null = null;

  /** Records of the operations whose key has the text, or whose sequence it is; all of them for none. */
  matching(model: LogModel, search: string): Promise<Uint32Array> {
    const all = this.#of(model);
    const wanted = search.trim().toLowerCase();
    if (wanted === "") return Promise.resolve(all);
    if (this.#found?.of !== all || this.#found.search !== wanted) {
      this.#found = { of: all, search: wanted, records: this.#search(model, all, wanted) };
    }
    return this.#found.records;
  }

  #of(model: LogModel): Uint32Array {
    const revision = model.recordCount;
    if (this.#all?.model !== model || this.#all.revision !== revision) {
      this.#all = { model, revision, records: model.openOperations() };
    }
    return this.#all.records;
  }

  async #search(model: LogModel, all: Uint32Array, wanted: string): Promise<Uint32Array> {
    const found = new Uint32Array(all.length);
    let count = 0;
    for (let at = 0; at < all.length; at += 1) {
      if (at % OPERATIONS_PER_STEP === OPERATIONS_PER_STEP - 1) {
        await pause();
        // Somebody asks for something newer: this answer is not waited for any more.
        if (this.#found?.search !== wanted) break;
      }
      const record = all[at] as number;
      const key = Buffer.from(model.keys.view(model.keyOf(record))).toString("utf8");
      if (key.toLowerCase().includes(wanted) || String(model.sequenceOf(record)) === wanted) found[count++] = record;
    }
    return found.slice(0, count);
  }
}
