/** Makes what is not emulated fail by name, where it would otherwise be undefined or quietly wrong. */

const WHERE = "e2e/electron-stand-in/README.md lists what is emulated.";

/** @param {string} name such as "net" or "BrowserWindow.capturePage" */
export function notEmulated(name) {
  return new Error(`The Electron stand-in does not emulate ${name}. ${WHERE}`);
}

/**
 * An export of the `electron` module that throws as soon as anything is done with it.
 * @param {string} name
 */
export function absentModule(name) {
  const fail = () => {
    throw notEmulated(name);
  };
  const isProbe = (key) => typeof key === "symbol" || key === "then" || key === "toJSON";
  return new Proxy(function absent() {}, {
    // Symbols and "then" are what Node and inspectors ask of any value they look at.
    get: (_target, key) => (isProbe(key) ? undefined : fail()),
    set: fail,
    apply: fail,
    construct: fail,
  });
}

/**
 * Adds members that throw by name, leaving alone those that exist.
 * @param {object} target @param {string} owner @param {string} members separated by spaces
 */
export function absentMembers(target, owner, members) {
  for (const member of members.split(/\s+/).filter(Boolean)) {
    if (member in target) continue;
    Object.defineProperty(target, member, {
      configurable: true,
      enumerable: false,
      writable: true,
      value: () => {
        throw notEmulated(`${owner}.${member}()`);
      },
    });
  }
}
