/**
 * One end of contextBridge. Two worlds of a page share nothing but the DOM, so the ends talk in custom events on
 * `window`, whose `detail` Chromium clones from one world into the other. Dispatching is synchronous, and so are calls.
 *
 * The function is self-contained, because its source is run inside the page, once in either world. In the page's own
 * world it must go on working after the page has replaced built-in objects: it takes what it needs beforehand and uses
 * no method that is looked up later.
 *
 * @param {string} token unguessable, so that the page can neither hear nor imitate these events
 * @param {string} here @param {string} there the names of this end and of the other
 * @param {typeof import("./bridge-wire.mjs").makeBridgeWire} makeWire
 */
export function makeBridgeEnd(token, here, there, makeWire) {
  const { apply, defineProperty, ownKeys } = Reflect;
  const { create, freeze, isFrozen } = Object;
  const { isView } = ArrayBuffer;
  const [Custom, Failure, Later, Window] = [CustomEvent, Error, Promise, globalThis];
  const { get, set } = WeakMap.prototype;
  const { then } = Promise.prototype;
  const { dispatchEvent } = EventTarget.prototype;
  const detailOf = Object.getOwnPropertyDescriptor(CustomEvent.prototype, "detail").get;

  /** This end's functions and pending promises that the other end knows by number. */
  const functions = create(null);
  const promises = create(null);
  /** The other end's functions that live here as proxies, so that one sent back arrives as itself. */
  const originals = new WeakMap();
  let nextId = 0;
  /** The calls that wait for their answer, innermost first. */
  let waiting = null;

  const post = (message) => apply(dispatchEvent, Window, [new Custom(token + there, { detail: message })]);

  /** Sends a message whose answer the other end posts before dispatching returns. */
  const ask = (message) => {
    const call = { outer: waiting, answer: undefined };
    waiting = call;
    try {
      post(message);
    } finally {
      waiting = call.outer;
    }
    if (!call.answer) throw new Failure("The other world of the page does not answer.");
    return call.answer;
  };

  const lendFunction = (fn) => {
    nextId += 1;
    functions[nextId] = fn;
    return nextId;
  };
  const lendPromise = (promise) => {
    nextId += 1;
    const id = nextId;
    const settle = (isOk) => (value) => {
      let wire;
      try {
        wire = pack(value);
      } catch (error) {
        post({ type: "settle", id, isOk: false, value: pack(error) });
        return;
      }
      post({ type: "settle", id, isOk, value: wire });
    };
    apply(then, promise, [settle(true), settle(false)]);
    return id;
  };

  const borrowFunction = (id) => {
    const proxy = (...args) => {
      const answer = ask({ type: "call", id, args: pack(args) });
      if ("error" in answer) throw new Failure(answer.error);
      return unpack(answer.value);
    };
    apply(set, originals, [proxy, id]);
    return proxy;
  };
  const borrowPromise = (id) =>
    new Later((resolve, reject) => {
      promises[id] = { resolve, reject };
    });

  const numberOfBorrowed = (fn) => apply(get, originals, [fn]);
  const ownFunction = (id) => functions[id];
  const { pack, unpack, messageOf } = makeWire({
    lendFunction,
    lendPromise,
    borrowFunction,
    borrowPromise,
    numberOfBorrowed,
    ownFunction,
  });

  const freezeDeeply = (value) => {
    if (value === null || (typeof value !== "object" && typeof value !== "function")) return;
    if (isView(value) || isFrozen(value)) return;
    freeze(value);
    const names = ownKeys(value);
    for (let i = 0; i < names.length; i += 1) freezeDeeply(value[names[i]]);
  };

  const expose = (key, wire) => {
    if (key in Window) throw new Failure("Cannot bind an API on top of an existing property on the window object");
    const value = unpack(wire);
    freezeDeeply(value);
    defineProperty(Window, key, { value, configurable: false, enumerable: true, writable: false });
  };

  /** What the stand-in's own code in the other world offers this one. @type {(services: any) => void} */
  let onServices = () => {};
  const obey = {
    call: ({ id, args }) => pack(apply(functions[id], undefined, unpack(args))),
    expose: ({ key, value }) => expose(key, value),
    services: ({ value }) => onServices(unpack(value)),
  };
  const settle = ({ id, isOk, value }) => {
    const pending = promises[id];
    delete promises[id];
    pending[isOk ? "resolve" : "reject"](unpack(value));
  };

  Window.addEventListener(token + here, (event) => {
    const message = apply(detailOf, event, []);
    if (message.type === "answer") {
      waiting.answer = message;
      return;
    }
    if (message.type === "settle") {
      settle(message);
      return;
    }
    let answer;
    try {
      answer = { type: "answer", value: obey[message.type](message) };
    } catch (error) {
      answer = { type: "answer", error: messageOf(error) };
    }
    post(answer);
  });

  const order = (message) => {
    const answer = ask(message);
    if ("error" in answer) throw new Failure(answer.error);
  };
  return {
    exposeInMainWorld: (key, api) => order({ type: "expose", key, value: pack(api) }),
    offer: (services) => order({ type: "services", value: pack(services) }),
    onOffer: (listener) => {
      onServices = listener;
    },
  };
}
