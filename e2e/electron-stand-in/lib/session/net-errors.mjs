/** Chromium's network errors: the number and name Electron reports, and the reason by which DevTools can cause them. */

/** @typedef {{ code: number, name: string, reason: string }} NetError */

/** @type {Record<string, NetError>} */
export const NET = {
  failed: { code: -2, name: "ERR_FAILED", reason: "Failed" },
  aborted: { code: -3, name: "ERR_ABORTED", reason: "Aborted" },
  // DevTools knows no reason for these two: the page sees ERR_FAILED, the main process the right name.
  unexpected: { code: -9, name: "ERR_UNEXPECTED", reason: "Failed" },
  unknownScheme: { code: -302, name: "ERR_UNKNOWN_URL_SCHEME", reason: "Failed" },
  blockedByClient: { code: -20, name: "ERR_BLOCKED_BY_CLIENT", reason: "BlockedByClient" },
  offline: { code: -106, name: "ERR_INTERNET_DISCONNECTED", reason: "InternetDisconnected" },
  invalidUrl: { code: -300, name: "ERR_INVALID_URL", reason: "Failed" },
};

/** Other errors that a failed navigation has been seen to report. */
const OTHERS = {
  ERR_FILE_NOT_FOUND: -6,
  ERR_ACCESS_DENIED: -10,
  ERR_NAME_NOT_RESOLVED: -105,
  ERR_DISALLOWED_URL_SCHEME: -301,
  ERR_BLOCKED_BY_RESPONSE: -27,
  ERR_INVALID_RESPONSE: -320,
};

/** @param {string} text such as "net::ERR_FAILED" @returns {NetError} */
export function netErrorOf(text) {
  const name = text.replace(/^net::/, "");
  const known = Object.values(NET).find((error) => error.name === name);
  return known ?? { code: OTHERS[name] ?? NET.failed.code, name, reason: "Failed" };
}
