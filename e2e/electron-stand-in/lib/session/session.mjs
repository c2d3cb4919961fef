/** The `session` module. There is one session, the default one: every window lives in it. */
import { EventEmitter } from "node:events";
import { absentMembers, notEmulated } from "../absent.mjs";
import { app } from "../app/app.mjs";
import { permissionHandlers } from "./permissions.mjs";
import { Protocol } from "./protocol.mjs";
import { WebRequest } from "./web-request.mjs";

export class Session extends EventEmitter {
  protocol = new Protocol();
  webRequest = new WebRequest();
  spellCheckerEnabled = false;
  #userAgent = "";

  /** @param {Function | null} handler */
  setPermissionRequestHandler(handler) {
    permissionHandlers.request = handler;
  }
  /** @param {Function | null} handler */
  setPermissionCheckHandler(handler) {
    permissionHandlers.check = handler;
  }
  /** Kept but never called: the stand-in has no devices. @param {Function | null} handler */
  setDevicePermissionHandler(handler) {
    permissionHandlers.device = handler;
  }
  /** Kept but never called: the stand-in captures no screens. @param {Function | null} handler */
  setDisplayMediaRequestHandler(handler) {
    permissionHandlers.displayMedia = handler;
  }
  setSpellCheckerEnabled(isEnabled) {
    this.spellCheckerEnabled = isEnabled;
  }
  isSpellCheckerEnabled() {
    return this.spellCheckerEnabled;
  }
  setUserAgent(userAgent) {
    this.#userAgent = userAgent;
  }
  getUserAgent() {
    return this.#userAgent;
  }
  isPersistent() {
    return true;
  }
  getStoragePath() {
    return app.getPath("sessionData");
  }
  get storagePath() {
    return this.getStoragePath();
  }
  // The profile is new with every launch: there is nothing to clear.
  async clearCache() {}
  async clearStorageData() {}
  async clearData() {}
  flushStorageData() {}

  static fromPartition(partition) {
    throw notEmulated(`session.fromPartition("${partition}")`);
  }
  static fromPath(path) {
    throw notEmulated(`session.fromPath("${path}")`);
  }
}

absentMembers(
  Session.prototype,
  "session",
  `addWordToSpellCheckerDictionary allowNTLMCredentialsForDomains clearAuthCache clearCodeCaches clearHostResolverCache
  clearSharedDictionaryCache clearSharedDictionaryCacheForIsolationKey closeAllConnections createInterruptedDownload
  downloadURL fetch forceReloadProxyConfig getAllExtensions getBlobData getCacheSize getPreloadScripts getPreloads
  getSharedDictionaryInfo getSharedDictionaryUsageInfo getSpellCheckerLanguages listWordsInSpellCheckerDictionary
  preconnect registerLocalAIHandler registerPreloadScript removeWordFromSpellCheckerDictionary resolveHost resolveProxy
  setBluetoothPairingHandler setCertificateVerifyProc setCodeCachePath setDownloadPath setPreloads setProxy setSSLConfig
  setSpellCheckerDictionaryDownloadURL setSpellCheckerLanguages setUSBProtectedClassesHandler unregisterPreloadScript`,
);

/** @type {Session | undefined} */
let defaultSession;

export const session = {
  get defaultSession() {
    if (!app._isReady) throw new Error("Session can only be received when app is ready");
    defaultSession ??= new Session();
    return defaultSession;
  },
  fromPartition: Session.fromPartition,
  fromPath: Session.fromPath,
};
