/** Keeps a list of the calls that would have reached the desktop, for tests to assert on. */

/** Far more than a test makes; a loop that calls for ever must not fill the memory. */
const CALLS_MAX = 10_000;

/** @typedef {{ api: string, args: unknown[] }} RecordedCall */

/** @type {RecordedCall[]} */
const calls = [];

/** A copy that a test can read from its own process. @param {unknown} value */
function plain(value) {
  try {
    return structuredClone(value);
  } catch {
    return `[${value?.constructor?.name ?? typeof value}]`;
  }
}

/** @param {string} api such as "shell.openExternal" @param {unknown[]} args */
export function recordCall(api, args) {
  if (calls.length >= CALLS_MAX) calls.shift();
  calls.push({ api, args: args.map(plain) });
}

/** What a test finds as `globalThis.electronStandIn` in the main process; absent under real Electron. */
export const standIn = { calls };
