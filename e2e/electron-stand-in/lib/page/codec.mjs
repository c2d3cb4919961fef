/**
 * Turns a value that structured clone accepts into text and back. The function is self-contained, because its source
 * is also run inside the page.
 *
 * The text is JSON. Strings, finite numbers, booleans, null and plain objects stand for themselves; everything else is
 * an array whose first element says what it is. An object met again is ["ref", n], n counting objects as they are met.
 */
export function makeCodec() {
  const VIEWS = new Set([
    ..."Int8 Uint8 Uint8Clamped Int16 Uint16 Int32 Uint32 Float16 Float32 Float64 BigInt64 BigUint64"
      .split(" ")
      .map((name) => `${name}Array`),
    "DataView",
  ]);
  /** Structured clone keeps these names; any other error arrives as an Error. */
  const ERRORS = new Set([
    "Error",
    "EvalError",
    "RangeError",
    "ReferenceError",
    "SyntaxError",
    "TypeError",
    "URIError",
  ]);
  const CHUNK = 0x8000; // String.fromCharCode takes this many arguments everywhere

  const toBase64 = (bytes) => {
    if (typeof Buffer === "function")
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64");
    if (bytes.toBase64) return bytes.toBase64();
    let binary = "";
    for (let i = 0; i < bytes.length; i += CHUNK) binary += String.fromCharCode(...bytes.subarray(i, i + CHUNK));
    return btoa(binary);
  };
  const fromBase64 = (text) => {
    if (typeof Buffer === "function") return Uint8Array.from(Buffer.from(text, "base64"));
    if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
    return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  };

  const kindOf = (value) => Object.prototype.toString.call(value).slice(8, -1);
  const refuse = () => {
    throw new Error("An object could not be cloned.");
  };

  /** @param {unknown} input */
  const encode = (input) => {
    const met = new Map();
    const walkNumber = (value) => {
      if (Number.isFinite(value) && !Object.is(value, -0)) return value;
      return ["num", Object.is(value, -0) ? "-0" : String(value)];
    };
    const walkArray = (value) => {
      const keys = Object.keys(value);
      if (keys.length !== value.length) return ["sparse", value.length, keys.map((key) => [key, walk(value[key])])];
      const out = ["arr"];
      for (let i = 0; i < value.length; i += 1) out.push(walk(value[i]));
      return out;
    };
    const walkObject = (value) => {
      const out = Object.create(null);
      for (const key of Object.keys(value)) out[key] = walk(value[key]);
      return out;
    };
    const walkError = (value) => [
      "err",
      ERRORS.has(value.name) ? value.name : "Error",
      String(value.message),
      String(value.stack ?? ""),
      walk(value.cause),
    ];
    const walkView = (value, kind) => [
      "view",
      kind,
      value.byteOffset,
      value.length ?? value.byteLength,
      walk(value.buffer),
    ];
    const walkOther = (value) => {
      const kind = kindOf(value);
      if (Array.isArray(value)) return walkArray(value);
      if (kind === "Object") return walkObject(value);
      if (kind === "Date") return ["date", value.getTime()];
      if (kind === "Map") return ["map", ...Array.from(value, ([key, item]) => [walk(key), walk(item)])];
      if (kind === "Set") return ["set", ...Array.from(value, walk)];
      if (kind === "RegExp") return ["reg", value.source, value.flags];
      if (kind === "Error") return walkError(value);
      if (kind === "ArrayBuffer") return ["buf", toBase64(new Uint8Array(value))];
      if (VIEWS.has(kind)) return walkView(value, kind);
      if (["Boolean", "Number", "String", "BigInt"].includes(kind)) return ["box", walk(value.valueOf())];
      return walkStrange(value, kind);
    };
    /** What calls itself something else may still be a plain object: structured clone decides. */
    const walkStrange = (value, kind) => {
      let copy;
      try {
        copy = structuredClone(value);
      } catch {
        refuse();
      }
      return kindOf(copy) === kind ? refuse() : walkOther(copy);
    };
    const walk = (value) => {
      if (value === null || typeof value === "string" || typeof value === "boolean") return value;
      if (value === undefined) return ["undef"];
      if (typeof value === "number") return walkNumber(value);
      if (typeof value === "bigint") return ["big", String(value)];
      const index = met.get(value);
      if (index !== undefined) return ["ref", index];
      met.set(value, met.size);
      return walkOther(value);
    };
    return JSON.stringify(walk(input));
  };

  /** @param {string} text */
  const decode = (text) => {
    const met = [];
    const keep = (value) => {
      met.push(value);
      return value;
    };
    /** Keeps the place of an object that can only be made after what is in it. */
    const keepLater = (make) => {
      const index = met.push(undefined) - 1;
      met[index] = make();
      return met[index];
    };
    const put = (target, key, value) =>
      Object.defineProperty(target, key, { value, configurable: true, enumerable: true, writable: true });
    const makeError = ([, name, message, stack, cause]) => {
      const error = keep(new globalThis[name](message));
      error.stack = stack;
      const why = build(cause);
      if (why !== undefined) put(error, "cause", why);
      return error;
    };
    const makeView = ([, kind, offset, length, buffer]) =>
      keepLater(() => new globalThis[kind](build(buffer), offset, length));
    const makers = {
      undef: () => undefined,
      num: ([, value]) => Number(value),
      big: ([, value]) => BigInt(value),
      ref: ([, index]) => met[index],
      arr: (node) => {
        const out = keep([]);
        for (let i = 1; i < node.length; i += 1) out.push(build(node[i]));
        return out;
      },
      sparse: ([, length, items]) => {
        const out = keep([]);
        out.length = length;
        for (const [key, item] of items) put(out, key, build(item));
        return out;
      },
      date: ([, time]) => keep(new Date(time ?? Number.NaN)),
      map: (node) => {
        const out = keep(new Map());
        for (let i = 1; i < node.length; i += 1) out.set(build(node[i][0]), build(node[i][1]));
        return out;
      },
      set: (node) => {
        const out = keep(new Set());
        for (let i = 1; i < node.length; i += 1) out.add(build(node[i]));
        return out;
      },
      reg: ([, source, flags]) => keep(new RegExp(source, flags)),
      err: makeError,
      buf: ([, base64]) => keep(fromBase64(base64).buffer),
      view: makeView,
      box: ([, value]) => keepLater(() => Object(build(value))),
    };
    const build = (node) => {
      if (node === null || typeof node !== "object") return node;
      if (Array.isArray(node)) return makers[node[0]](node);
      const out = keep({});
      for (const key of Object.keys(node)) {
        if (key === "__proto__") put(out, key, build(node[key]));
        else out[key] = build(node[key]);
      }
      return out;
    };
    return build(JSON.parse(text));
  };

  return { encode, decode };
}
