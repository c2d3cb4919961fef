/**
 * Describes values so that they can go from one world of a page to the other: what is data is cloned on the way,
 * functions and promises are replaced by numbers under which the worlds know them. The function is self-contained and
 * looks up no built-in later, for the reasons given in bridge-end.mjs.
 *
 * @param {object} lending
 * @param {(fn: Function) => number} lending.lendFunction @param {(promise: Promise<unknown>) => number} lending.lendPromise
 * @param {(id: number) => Function} lending.borrowFunction @param {(id: number) => Promise<unknown>} lending.borrowPromise
 * @param {(fn: Function) => number | undefined} lending.numberOfBorrowed the other world's number of a function borrowed from it
 * @param {(id: number) => Function} lending.ownFunction
 */
export function makeBridgeWire({
  lendFunction,
  lendPromise,
  borrowFunction,
  borrowPromise,
  numberOfBorrowed,
  ownFunction,
}) {
  const DEPTH_MAX = 1000;
  const { apply, defineProperty } = Reflect;
  const { create, getPrototypeOf, keys } = Object;
  const [PlainObjects, PlainArrays] = [Object.prototype, Array.prototype];
  const [Failure, TypeFailure, Later, Blobs, Nodes, Seen] = [Error, TypeError, Promise, Blob, Node, WeakMap];
  const { isArray } = Array;
  const { isView } = ArrayBuffer;
  const clone = structuredClone;
  const tagOf = Object.prototype.toString;
  const { get, set } = WeakMap.prototype;
  /** Kinds of object that are cloned as a whole, or refused by that; any other is taken for a plain one. */
  const WHOLE = create(null);
  const WHOLE_NAMES =
    "Date,RegExp,Map,Set,ArrayBuffer,Boolean,Number,String,BigInt,Symbol,Arguments,WeakMap,WeakSet,Map Iterator," +
    "Set Iterator,SharedArrayBuffer,Module,WebAssembly.Module,WebAssembly.Memory";
  for (const name of WHOLE_NAMES.split(",")) WHOLE[`[object ${name}]`] = true;
  const UNKNOWN_THROW =
    "An unknown exception occurred in the isolated context, an error occurred but a valid exception was not thrown.";

  const isWhole = (value, tag) => WHOLE[tag] === true || isView(value) || value instanceof Blobs;

  const messageOf = (error) => {
    const message = error !== null && typeof error === "object" ? error.message : undefined;
    return typeof message === "string" ? message : UNKNOWN_THROW;
  };

  /** Whether a value is nothing but plain objects, arrays and primitives, none of them twice: most messages are. */
  const isData = (value, met, depth) => {
    if (value === null) return true;
    if (typeof value !== "object") return typeof value !== "function" && typeof value !== "symbol";
    if (depth >= DEPTH_MAX || apply(get, met, [value]) !== undefined) return false;
    apply(set, met, [value, true]);
    const prototype = getPrototypeOf(value);
    if (isArray(value)) {
      if (prototype !== PlainArrays) return false;
      for (let i = 0; i < value.length; i += 1) if (!isData(value[i], met, depth + 1)) return false;
      return true;
    }
    if (prototype !== PlainObjects && prototype !== null) return false;
    const names = keys(value);
    for (let i = 0; i < names.length; i += 1) if (!isData(value[names[i]], met, depth + 1)) return false;
    return true;
  };

  /** What goes over: a description that can be cloned, functions and promises replaced by numbers. */
  const pack = (root) => {
    const met = new Seen();
    let count = 0;
    const remember = (value) => {
      apply(set, met, [value, count]);
      count += 1;
    };
    const packFunction = (value) => {
      const borrowed = numberOfBorrowed(value);
      return borrowed === undefined ? { fn: lendFunction(value) } : { back: borrowed };
    };
    const packArray = (value, depth) => {
      const list = [];
      for (let i = 0; i < value.length; i += 1) list[i] = walk(value[i], depth + 1);
      remember(value); // after its elements, as Electron does: an array that contains itself is too deep
      return { list };
    };
    const packObject = (value, depth) => {
      remember(value);
      const names = keys(value);
      const values = [];
      for (let i = 0; i < names.length; i += 1) values[i] = walk(value[names[i]], depth + 1);
      return { names, values };
    };
    const packWhole = (value) => {
      try {
        remember(value);
        return { copy: clone(value) };
      } catch {
        throw new Failure("An object could not be cloned.");
      }
    };
    const walk = (value, depth) => {
      if (depth >= DEPTH_MAX) {
        throw new TypeFailure(
          "Electron contextBridge recursion depth exceeded.  Nested objects deeper than 1000 are not supported.",
        );
      }
      if (typeof value === "symbol") throw new Failure("An object could not be cloned.");
      if (value === null || (typeof value !== "object" && typeof value !== "function")) return value;
      const index = apply(get, met, [value]);
      if (index !== undefined) return { ref: index };
      // The event itself clones such a value, faster than a description of it. Looked for near the top only, so that
      // no part is looked at again and again.
      if (depth <= 1 && isData(value, new Seen(), depth)) {
        remember(value);
        return { copy: value };
      }
      if (typeof value === "function") {
        remember(value);
        return packFunction(value);
      }
      if (value instanceof Later) {
        remember(value);
        return { promise: lendPromise(value) };
      }
      const tag = apply(tagOf, value, []);
      if (tag === "[object Error]" || value instanceof Failure) {
        remember(value);
        return { error: messageOf(value) };
      }
      if (isArray(value)) return packArray(value, depth);
      if (value instanceof Nodes) throw new Failure("The Electron stand-in cannot pass DOM nodes over contextBridge.");
      return isWhole(value, tag) ? packWhole(value) : packObject(value, depth);
    };
    return walk(root, 0);
  };

  const unpack = (root) => {
    const met = [];
    const remember = (value) => {
      met[met.length] = value;
      return value;
    };
    const build = (wire) => {
      if (wire === null || typeof wire !== "object") return wire;
      if ("ref" in wire) return met[wire.ref];
      if ("fn" in wire) return remember(borrowFunction(wire.fn));
      if ("back" in wire) return remember(ownFunction(wire.back));
      if ("promise" in wire) return remember(borrowPromise(wire.promise));
      if ("error" in wire) return remember(new Failure(wire.error));
      if ("copy" in wire) return remember(wire.copy);
      if ("list" in wire) {
        const list = [];
        for (let i = 0; i < wire.list.length; i += 1) list[i] = build(wire.list[i]);
        return remember(list);
      }
      const object = remember({});
      for (let i = 0; i < wire.names.length; i += 1) {
        const value = build(wire.values[i]);
        defineProperty(object, wire.names[i], { value, configurable: true, enumerable: true, writable: true });
      }
      return object;
    };
    return build(root);
  };

  return { pack, unpack, messageOf };
}
