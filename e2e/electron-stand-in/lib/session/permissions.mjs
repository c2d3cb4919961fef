/**
 * Permissions: what the app's handlers say becomes the state that Chromium keeps for the page's origin. The check
 * handler is asked when a document starts, the request handler when the page calls the function that needs it.
 */
import { chromium } from "../chromium/browser.mjs";
import { toPage } from "./url-map.mjs";

/** @type {Record<"request" | "check" | "device" | "displayMedia", Function | null>} */
export const permissionHandlers = { request: null, check: null, device: null, displayMedia: null };

/** Electron's names, and what Chromium's DevTools call the same. */
const CHROMIUM_NAMES = {
  "background-sync": ["background-sync"],
  "clipboard-read": ["clipboard-read"],
  "clipboard-sanitized-write": ["clipboard-write"],
  "display-capture": ["display-capture"],
  geolocation: ["geolocation"],
  "idle-detection": ["idle-detection"],
  keyboardLock: ["keyboard-lock"],
  "local-fonts": ["local-fonts"],
  media: ["camera", "microphone"],
  midi: ["midi"],
  notifications: ["notifications"],
  "payment-handler": ["payment-handler"],
  "persistent-storage": ["persistent-storage"],
  pointerLock: ["pointer-lock"],
  "screen-wake-lock": ["screen-wake-lock"],
  sensors: ["accelerometer", "gyroscope", "magnetometer"],
  "window-management": ["window-management"],
};

/** @param {string} pageOrigin @param {string} permission @param {boolean} isGranted */
async function set(pageOrigin, permission, isGranted) {
  const setting = isGranted ? "granted" : "denied";
  const names = CHROMIUM_NAMES[permission] ?? [];
  await Promise.all(
    names.map((name) =>
      chromium.browser.send("Browser.setPermission", { permission: { name }, setting, origin: pageOrigin }),
    ),
  );
}

/** @param {string} url of an app's scheme */
const originOf = (url) => /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i.exec(url)?.[0] ?? "";

/**
 * Sets what the page may do before it is asked for anything.
 * @param {import("../contents/core.mjs").ContentsCore} core @param {string} url the document that is about to start
 */
export async function applyChecks(core, url) {
  const origin = originOf(url);
  const pageOrigin = toPage(origin);
  if (!pageOrigin.startsWith("https://")) return;
  const details = { requestingUrl: url, isMainFrame: true, securityOrigin: origin, mediaType: "unknown" };
  const check = permissionHandlers.check;
  await Promise.all(
    Object.keys(CHROMIUM_NAMES).map((permission) => {
      // Without a handler Electron grants.
      const isGranted = check ? Boolean(check(core.webContents, permission, `${origin}/`, { ...details })) : true;
      return set(pageOrigin, permission, isGranted);
    }),
  );
}

/**
 * The page asks: so does this, and the answer becomes the permission's state.
 * @param {import("../contents/core.mjs").ContentsCore} core @param {string} permission
 * @param {{ isMainFrame: boolean }} asked @returns {Promise<boolean>}
 */
export async function decideRequest(core, permission, asked) {
  const requestingUrl = core.frames.main.url;
  const details = { ...asked, requestingUrl, securityOrigin: originOf(requestingUrl) };
  const { request } = permissionHandlers;
  const isGranted = request
    ? await new Promise((resolve) =>
        request(core.webContents, permission, (verdict) => resolve(Boolean(verdict)), details),
      )
    : true;
  await set(toPage(originOf(requestingUrl)), permission, isGranted);
  return isGranted;
}
