/**
 * Four FNV-1a chains a step at a time. Each step of FNV-1a waits for the multiplication before it; a processor does the
 * steps of four chains side by side. In WebAssembly, which does it about twice as fast as JavaScript, where there is
 * WebAssembly (docs/decisions/0017).
 */

const PRIME = 0x01000193;
export const LANES = 4;

/** Four chains over the bytes it was last given. */
export interface FnvLanes {
  /** The hashes of the lanes, then where each reads next. Counted from the first byte that was given, plus `dataAt`. */
  readonly words: Uint32Array;
  readonly dataAt: number;
  /** Longest range that `give` takes. */
  readonly bytesMax: number;
  /** Must not change until the last `advance`. */
  give(bytes: Uint8Array, from: number, to: number): void;
  /** Takes this many bytes into every lane. */
  advance(steps: number): void;
}

/** The same in JavaScript. */
export function scriptLanes(): FnvLanes {
  const words = new Uint32Array(2 * LANES);
  let data: Uint8Array = new Uint8Array(0);
  return {
    words,
    dataAt: 0,
    bytesMax: Number.POSITIVE_INFINITY,
    give(bytes, from, to) {
      data = bytes.subarray(from, to);
    },
    advance(steps) {
      const bytes = data;
      let h0 = words[0] as number;
      let h1 = words[1] as number;
      let h2 = words[2] as number;
      let h3 = words[3] as number;
      let p0 = words[4] as number;
      let p1 = words[5] as number;
      let p2 = words[6] as number;
      let p3 = words[7] as number;
      for (const end = p0 + steps; p0 < end; p0 += 1, p1 += 1, p2 += 1, p3 += 1) {
        h0 = Math.imul(h0 ^ (bytes[p0] as number), PRIME);
        h1 = Math.imul(h1 ^ (bytes[p1] as number), PRIME);
        h2 = Math.imul(h2 ^ (bytes[p2] as number), PRIME);
        h3 = Math.imul(h3 ^ (bytes[p3] as number), PRIME);
      }
      words[0] = h0;
      words[1] = h1;
      words[2] = h2;
      words[3] = h3;
      words[4] = p0;
      words[5] = p1;
      words[6] = p2;
      words[7] = p3;
    },
  };
}

/** The words lie in front of the bytes. */
const DATA_AT = 64;
/** The scanner's window of two chunks, and a page for the words. */
const MEMORY_PAGES = 17;

/** As much of it as is used here: Node's types leave WebAssembly to those of browsers. */
declare const WebAssembly:
  | {
      readonly Module: new (bytes: Uint8Array) => object;
      readonly Instance: new (module: object) => { readonly exports: Readonly<Record<string, unknown>> };
      readonly Memory: new (size: { readonly initial: number }) => { readonly buffer: ArrayBuffer };
    }
  | undefined;

/** `null` where WebAssembly is missing or forbidden. */
export function assembledLanes(): FnvLanes | null {
  if (typeof WebAssembly === "undefined") return null;
  let exports: Readonly<Record<string, unknown>>;
  try {
    exports = new WebAssembly.Instance(new WebAssembly.Module(assemble())).exports;
  } catch {
    // A host may forbid code made at run time; the script does the same.
    return null;
  }
  const { memory, advance } = exports;
  if (!(memory instanceof WebAssembly.Memory) || typeof advance !== "function") return null;
  const data = new Uint8Array(memory.buffer, DATA_AT);
  return {
    words: new Uint32Array(memory.buffer, 0, 2 * LANES),
    dataAt: DATA_AT,
    bytesMax: data.length,
    give: (bytes, from, to) => data.set(bytes.subarray(from, to)),
    advance: (steps) => {
      advance(steps);
    },
  };
}

// ---- the module, in the binary format of WebAssembly 1.0

const I32 = 0x7f;
const OP = {
  block: [0x02, 0x40],
  loop: [0x03, 0x40],
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  get: 0x20,
  set: 0x21,
  load: [0x28, 2],
  load8: [0x2d, 0],
  store: [0x36, 2],
  constant: 0x41,
  equal: 0x46,
  add: 0x6a,
  multiply: 0x6c,
  and: 0x71,
  xor: 0x73,
} as const;

/** LEB128, signed: what follows `i32.const`. */
function signed(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7) {
    const low = rest & 0x7f;
    const isLast = (rest >> 7 === 0 && (low & 0x40) === 0) || (rest >> 7 === -1 && (low & 0x40) !== 0);
    bytes.push(isLast ? low : low | 0x80);
    if (isLast) return bytes;
  }
}

/** LEB128, unsigned: lengths. */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

const section = (id: number, ...content: number[]) => [id, ...unsigned(content.length), ...content];
const name = (text: string) => [text.length, ...[...text].map((letter) => letter.charCodeAt(0))];

/** The one parameter, then the locals: hashes, pointers, and where the first pointer ends. */
const STEPS = 0;
const hash = (lane: number) => 1 + lane;
const pointer = (lane: number) => 1 + LANES + lane;
const END = 1 + 2 * LANES;
const LANE_NUMBERS = [0, 1, 2, 3];

/** Until the first pointer is at its end: `unroll` bytes into each lane, then every pointer goes on by as many. */
function loopOver(unroll: number): number[] {
  const step = (lane: number, offset: number) => {
    const byte = [OP.get, pointer(lane), ...OP.load8, offset];
    return [OP.get, hash(lane), ...byte, OP.xor, OP.constant, ...signed(PRIME), OP.multiply, OP.set, hash(lane)];
  };
  const goOn = (lane: number) => [OP.get, pointer(lane), OP.constant, ...signed(unroll), OP.add, OP.set, pointer(lane)];
  const isAtEnd = [OP.get, pointer(0), OP.get, END, OP.equal];
  const offsets = Array.from({ length: unroll }, (_, offset) => offset);
  const steps = offsets.flatMap((offset) => LANE_NUMBERS.flatMap((lane) => step(lane, offset)));
  const body = [...isAtEnd, OP.brIf, 1, ...steps, ...LANE_NUMBERS.flatMap(goOn), OP.br, 0];
  return [...OP.block, ...OP.loop, ...body, OP.end, OP.end];
}

function assemble(): Uint8Array {
  const locals = [...LANE_NUMBERS.map(hash), ...LANE_NUMBERS.map(pointer)];
  const localTypes = [1, locals.length + 1, I32];
  const zero = [OP.constant, 0];
  const setEnd = (...mask: number[]) => [OP.get, pointer(0), OP.get, STEPS, ...mask, OP.add, OP.set, END];
  const body = [
    // All locals are of type i32.
    ...localTypes,
    ...locals.flatMap((local, word) => [...zero, ...OP.load, 4 * word, OP.set, local]),
    ...setEnd(OP.constant, ...signed(-4), OP.and),
    ...loopOver(4),
    ...setEnd(OP.constant, ...signed(3), OP.and),
    ...loopOver(1),
    ...locals.flatMap((local, word) => [...zero, OP.get, local, ...OP.store, 4 * word]),
    OP.end,
  ];
  const magicAndVersion = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  return Uint8Array.from([
    ...magicAndVersion,
    // Types: one function of an i32 that answers nothing. Functions: one, of that type.
    ...section(1, 1, 0x60, 1, I32, 0),
    ...section(3, 1, 0),
    // Memory, of a fixed size.
    ...section(5, 1, 1, MEMORY_PAGES, MEMORY_PAGES),
    ...section(7, 2, ...name("memory"), 2, 0, ...name("advance"), 0, 0),
    ...section(10, 1, ...unsigned(body.length), ...body),
  ]);
}
