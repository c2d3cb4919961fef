/** Node's module hook, in Node's loader thread: `electron` means the stand-in's module. */

/** @type {{ moduleUrl: string, names: string[] }} */
let door;

/** @param {typeof door} data */
export function initialize(data) {
  door = data;
}

/** @type {import("node:module").ResolveHook} */
export function resolve(specifier, context, next) {
  return door.names.includes(specifier) ? { url: door.moduleUrl, shortCircuit: true } : next(specifier, context);
}
