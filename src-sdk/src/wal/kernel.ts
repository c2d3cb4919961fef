/**
 * Takes records in WebAssembly, several times as fast as in JavaScript: sixteen checksums at a time, and no check of a
 * type or a bound a byte (docs/decisions/0025).
 */
import { KEY_HASH_SEED } from "../store/key-hash.js";
import { WINDOW_BYTES, type WindowSpace } from "./chunk-reader.js";
import { KERNEL_MODULE } from "./kernel-module.js";
import { BATCH_RECORDS_MAX, BATCH_STOPS, type BatchStop, type RecordBatch, type RecordTaker } from "./record-batch.js";
import { scriptTaker } from "./script-taker.js";

interface Global {
  readonly value: number;
}

type ColumnName = keyof typeof COLUMNS;

/** Of the columns, by what the module calls their addresses. */
const COLUMNS = {
  at: "AT",
  payloadSize: "PAYLOAD_SIZE",
  operation: "OPERATION",
  keyAt: "KEY_AT",
  keyLength: "KEY_LENGTH",
  valueLength: "VALUE_LENGTH",
  sequence: "SEQUENCE",
  timestampMs: "TIMESTAMP",
} as const;

type AddressName = (typeof COLUMNS)[ColumnName] | "WINDOW" | (typeof TABLES)[number];
const TABLES = ["STATE", "RUN_SLOT", "RUN_SEQUENCE", "PARTS", "SEGMENTS"] as const;

interface KernelExports extends Readonly<Record<AddressName | "SEGMENTS_MAX", Global>> {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readonly stop: Global;
  take(from: number, to: number, longest: number, seed: number): number;
  sign(to: number): number;
  apply(from: number, to: number, windowOffset: number): number;
  spread(slots: number, count: number, newCount: number, scratch: number): void;
}

/** A log that is read by a kernel of its own is read into two windows of it, in turns. */
export const WINDOWS_BYTES = 2 * WINDOW_BYTES;
const PAGE_BYTES = 65536;
const MEMORY_BYTES_MAX = 65536 * PAGE_BYTES;
/** What the operations of a window take in tables, several times over. */
const ROOM_BYTES = 16 * 1024 * 1024;
const STATE_WORDS = 16;
/** Of the processor's cache: what begins with one lies in as few of them as it can. */
const LINE_BYTES = 64;

/** As much of it as is used here: Node's types leave WebAssembly to those of browsers. */
declare const WebAssembly:
  | {
      readonly Module: new (bytes: Uint8Array) => object;
      readonly Instance: new (module: object) => { readonly exports: object };
    }
  | undefined;

let compiled: object | null | undefined;

/**
 * With so much memory from the window on; the module brings room for one window. `null` where that, WebAssembly or its
 * instructions for four words at a time are missing or forbidden.
 */
function instantiate(bytes = WINDOW_BYTES): KernelExports | null {
  if (typeof WebAssembly === "undefined" || compiled === null) return null;
  try {
    compiled ??= new WebAssembly.Module(Buffer.from(KERNEL_MODULE, "base64"));
    const exports = new WebAssembly.Instance(compiled).exports as KernelExports;
    growTo(exports.memory, exports.WINDOW.value + bytes);
    return exports;
  } catch {
    // A host may forbid code made at run time, or have no room left for the memory; the script does the same.
    compiled ??= null;
    return null;
  }
}

function growTo(memory: KernelExports["memory"], bytes: number): void {
  const pages = Math.ceil((Math.min(MEMORY_BYTES_MAX, bytes) - memory.buffer.byteLength) / PAGE_BYTES);
  if (pages > 0) memory.grow(pages);
}

export function kernelTaker(): (RecordTaker & RecordSigner) | null {
  const exports = instantiate();
  return exports && new KernelTaker(exports);
}

class KernelTaker implements RecordTaker {
  protected readonly exports: KernelExports;
  readonly #windowBytes: number;
  #batch: RecordBatch & { length: number; stop: BatchStop };

  constructor(exports: KernelExports, windowBytes = WINDOW_BYTES) {
    this.exports = exports;
    this.#windowBytes = windowBytes;
    this.#batch = this.#columns();
  }

  protected get window(): Uint8Array {
    return this.#batch.bytes;
  }

  /** The memory has grown: views of what it was are of no use any more. */
  protected moved(): void {
    this.#batch = this.#columns();
  }

  #columns(): RecordBatch & { length: number; stop: BatchStop } {
    const { exports } = this;
    const { buffer } = exports.memory;
    const words = (name: ColumnName) => new Uint32Array(buffer, exports[COLUMNS[name]].value, BATCH_RECORDS_MAX);
    const numbers = (name: ColumnName) => new Float64Array(buffer, exports[COLUMNS[name]].value, BATCH_RECORDS_MAX);
    return {
      length: 0,
      stop: "full",
      bytes: new Uint8Array(buffer, exports.WINDOW.value, this.#windowBytes),
      at: words("at"),
      payloadSize: words("payloadSize"),
      sequence: numbers("sequence"),
      operation: words("operation"),
      keyAt: words("keyAt"),
      keyLength: words("keyLength"),
      valueLength: words("valueLength"),
      timestampMs: numbers("timestampMs"),
    };
  }

  give(bytes: Uint8Array, from: number, to: number): void {
    const { window } = this;
    if (bytes !== window) window.set(bytes.subarray(from, to), from);
  }

  take(from: number, to: number, longest: number): RecordBatch {
    const batch = this.#batch;
    batch.length = this.exports.take(from, to, longest, KEY_HASH_SEED);
    batch.stop = BATCH_STOPS[this.exports.stop.value] as BatchStop;
    return batch;
  }

  sign(bytes: Uint8Array, from: number, to: number): boolean {
    const { window } = this;
    const length = to - from;
    if (length > window.length) return false;
    window.set(bytes.subarray(from, to));
    if (this.exports.sign(length) !== length) return false;
    bytes.set(window.subarray(0, length), from);
    return true;
  }
}

/**
 * A kernel whose memory has room for the tables of a store, and which applies operations to them. Tables lie here that
 * are made while a log is read; later ones lie anywhere.
 */
export class StoreKernel extends KernelTaker implements WindowSpace {
  /** The windows of one scan. */
  readonly space: WindowSpace = this;
  #top: number;
  #isOpen = true;
  readonly #listeners: (() => void)[] = [];
  /** What the owners of the tables lend for a call and take back: see src-sdk/kernel/store.ts. */
  state: Uint32Array;
  runSlots: Uint32Array;
  runSequences: Float64Array;

  private constructor(exports: KernelExports) {
    super(exports, WINDOWS_BYTES);
    this.#top = exports.WINDOW.value + WINDOWS_BYTES;
    this.state = this.words(exports.STATE.value, STATE_WORDS);
    this.runSlots = this.words(exports.RUN_SLOT.value, BATCH_RECORDS_MAX);
    this.runSequences = this.#runSequences();
  }

  /** With room for so many bytes at once. `null` where there is no WebAssembly, or not as much memory. */
  static make(reservedBytes: number): StoreKernel | null {
    const exports = instantiate(WINDOWS_BYTES + reservedBytes + ROOM_BYTES);
    return exports && new StoreKernel(exports);
  }

  #runSequences(): Float64Array {
    return new Float64Array(this.exports.memory.buffer, this.exports.RUN_SEQUENCE.value, BATCH_RECORDS_MAX);
  }

  /** Called when views have to be made anew; that is never while a window is looked at. */
  onMoved(listener: () => void): void {
    this.#listeners.push(listener);
  }

  protected override moved(): void {
    super.moved();
    this.state = this.words(this.exports.STATE.value, STATE_WORDS);
    this.runSlots = this.words(this.exports.RUN_SLOT.value, BATCH_RECORDS_MAX);
    this.runSequences = this.#runSequences();
    for (const listener of this.#listeners) listener();
  }

  words(address: number, count: number): Uint32Array {
    return new Uint32Array(this.exports.memory.buffer, address, count);
  }

  signed(address: number, count: number): Int32Array {
    return new Int32Array(this.exports.memory.buffer, address, count);
  }

  /** What is known of each part of the hash table. */
  get partsAddress(): number {
    return this.exports.PARTS.value;
  }

  /** Where a segment of entries is; 0 for one that is elsewhere. */
  tellSegment(number: number, address: number): void {
    if (number >= this.exports.SEGMENTS_MAX.value) return;
    this.words(this.exports.SEGMENTS.value + 4 * number, 1)[0] = address;
  }

  /** Where so many bytes are, all zero; 0 when there is no room, or no longer. */
  reserve(bytes: number): number {
    const address = this.#top;
    const end = address + Math.ceil(bytes / LINE_BYTES) * LINE_BYTES;
    // The kernel looks a line ahead.
    if (!this.#isOpen || end + LINE_BYTES > this.exports.memory.buffer.byteLength) return 0;
    this.#top = end;
    return address;
  }

  /** The log is read: what is there stays, and nothing moves any more. */
  close(): void {
    this.#isOpen = false;
    this.#listeners.length = 0;
  }

  windows(): Uint8Array {
    this.#makeRoom();
    return this.window;
  }

  /** For all that one window can add. Memory that nobody has touched takes none of the machine's. */
  #makeRoom(): void {
    const { memory } = this.exports;
    const needed = this.#top + ROOM_BYTES;
    if (!this.#isOpen || needed <= memory.buffer.byteLength) return;
    // In few steps: with each the language collects its garbage, as if that were why memory grows.
    const step = Math.max(ROOM_BYTES, memory.buffer.byteLength / 2);
    if (this.#grow(needed + step) || this.#grow(needed)) this.moved();
  }

  /** Whether the memory has become larger. */
  #grow(bytes: number): boolean {
    const { memory } = this.exports;
    const before = memory.buffer.byteLength;
    try {
      growTo(memory, bytes);
      return memory.buffer.byteLength > before;
    } catch {
      // The system has no more: tables lie elsewhere from now on.
      return false;
    }
  }

  /** Spreads the slots of a part of a hash table over more of them, for which there is room behind them. */
  spread(slots: number, count: number, newCount: number, scratch: number): void {
    this.exports.spread(slots, count, newCount, scratch);
  }

  /** Applies operations of the last batch; answers the first that it left to the owners of the tables, or `to`. */
  apply(from: number, to: number, windowOffset: number): number {
    return this.exports.apply(from, to, windowOffset);
  }
}

let shared: (RecordTaker & RecordSigner) | null | undefined;
let script: RecordTaker | undefined;

function sharedKernel(): (RecordTaker & RecordSigner) | null {
  if (shared === undefined) shared = kernelTaker();
  return shared;
}

export function fastestTaker(): RecordTaker {
  const kernel = sharedKernel();
  if (kernel !== null) return kernel;
  script ??= scriptTaker();
  return script;
}

/** Writes checksums of many records at once; `null` where there is no WebAssembly. */
export interface RecordSigner {
  /** Of the records that fill `[from, to)`. False when nothing was done: there is something else, or too much of them. */
  sign(bytes: Uint8Array, from: number, to: number): boolean;
}

export function recordSigner(): RecordSigner | null {
  return sharedKernel();
}
