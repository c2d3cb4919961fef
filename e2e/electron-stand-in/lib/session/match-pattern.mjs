/** URL patterns as webRequest filters have them: "<all_urls>", "*://*.example.com/*", "app://inspector/*". */

/** @param {string} text */
const quote = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** @param {string} pattern @returns {RegExp} */
function toRegExp(pattern) {
  if (pattern === "<all_urls>") return /^/;
  const parts = /^(\*|[a-z][a-z0-9+.-]*):\/\/([^/]*)(\/.*)$/i.exec(pattern);
  if (!parts) throw new Error(`Invalid url pattern ${pattern}`);
  const [, scheme, host, path] = parts;
  const schemePart = scheme === "*" ? "(https?|wss?)" : quote(scheme);
  let hostPart = quote(host);
  if (host === "*") hostPart = "[^/]*";
  else if (host.startsWith("*.")) hostPart = `([^/]*\\.)?${quote(host.slice(2))}`;
  const pathPart = path.split("*").map(quote).join(".*");
  return new RegExp(`^${schemePart}://${hostPart}${pathPart}$`, "is");
}

/**
 * @param {{ urls?: string[], excludeUrls?: string[], types?: string[] }} filter
 * @returns {(details: { url: string, resourceType: string }) => boolean}
 */
export function makeFilter({ urls = [], excludeUrls = [], types }) {
  const wanted = urls.map(toRegExp);
  const unwanted = excludeUrls.map(toRegExp);
  return ({ url, resourceType }) => {
    const address = url.replace(/#.*$/s, "");
    if (types && !types.includes(resourceType)) return false;
    if (wanted.length > 0 && !wanted.some((pattern) => pattern.test(address))) return false;
    return !unwanted.some((pattern) => pattern.test(address));
  };
}
