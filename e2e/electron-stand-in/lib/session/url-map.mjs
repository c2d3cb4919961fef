/**
 * Translates between an app's own scheme and what Chromium sees. A stock Chromium cannot be taught a scheme with hosts
 * and origins, so `app://inspector/x` is `https://inspector.app.stand-in/x` to the page, and that again is
 * `app://inspector/x` to the main process.
 */
import { notEmulated } from "../absent.mjs";

const DOMAIN = "stand-in";

/** A scheme that can be one label of a host name. */
const SCHEME = /^[a-z][a-z0-9-]*$/;
const HOST = /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/;

const APP_URL = /^(blob:)?([a-z][a-z0-9+.-]*):\/\/([^/?#]*)(.*)$/is;
const PAGE_URL = /^(blob:)?https:\/\/([^/?#:]+)\.([a-z][a-z0-9-]*)\.stand-in(?![^/?#])(.*)$/is;

/** @type {Set<string>} */
const schemes = new Set();

/** @param {string} scheme registered with the privilege "standard" */
export function mapScheme(scheme) {
  if (!SCHEME.test(scheme)) throw notEmulated(`a standard scheme named "${scheme}"`);
  schemes.add(scheme);
}

/** @param {string} scheme */
export function isMapped(scheme) {
  return schemes.has(scheme);
}

/** @param {string} url as the main process knows it @returns {string} as Chromium knows it */
export function toPage(url) {
  const match = APP_URL.exec(url);
  if (!match) return url;
  const [, blob = "", scheme, authority, rest] = match;
  if (!schemes.has(scheme.toLowerCase())) return url;
  const host = authority.toLowerCase();
  if (!HOST.test(host)) throw notEmulated(`the host "${authority}" in ${url}`);
  return `${blob}https://${host}.${scheme.toLowerCase()}.${DOMAIN}${rest}`;
}

/** @param {string} url as Chromium knows it @returns {string} as the main process knows it */
export function toApp(url) {
  const match = PAGE_URL.exec(url);
  if (!match) return url;
  const [, blob = "", host, scheme, rest] = match;
  return schemes.has(scheme) ? `${blob}${scheme}://${host}${rest}` : url;
}

/** The origin that Electron reports. @param {string} origin as Chromium's inspector writes it */
export function originToApp(origin) {
  return origin === "" || origin === "://" || origin === "null" ? "null" : toApp(origin);
}

/** @param {string} url */
export function schemeOf(url) {
  return /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1].toLowerCase() ?? "";
}
