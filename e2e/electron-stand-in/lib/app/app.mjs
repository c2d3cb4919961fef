/** The `app` module. */
import { EventEmitter } from "node:events";
import { mkdirSync } from "node:fs";
import { absentMembers } from "../absent.mjs";
import { recordCall } from "../calls.mjs";
import { chromium } from "../chromium/browser.mjs";
import { ElectronEvent } from "../event.mjs";
import { windows } from "../window/registry.mjs";
import { AppPaths } from "./paths.mjs";
import { Quitting } from "./quitting.mjs";
import { SingleInstanceLock } from "./single-instance.mjs";
import { CommandLineSwitches } from "./switches.mjs";

/** Node's own exit; Electron replaces process.exit by one that closes the windows first. */
const exitProcess = process.exit.bind(process);

class App extends EventEmitter {
  name = "Electron";
  isPackaged = false;
  badgeCount = 0;
  commandLine = new CommandLineSwitches();
  userAgentFallback = "";
  #appPath = "";
  #version = "";
  #isReady = false;
  /** @type {() => void} */
  #becomeReady = () => {};
  #ready = new Promise((resolve) => {
    this.#becomeReady = () => resolve(undefined);
  });
  #paths = new AppPaths(
    () => this.name,
    () => this.commandLine.getSwitchValue("user-data-dir"),
  );
  #lock = new SingleInstanceLock();
  #argv = [...process.argv];
  #quitting = new Quitting(this, (exitCode) => void endProcess(exitCode));

  isReady() {
    return this.#isReady;
  }
  whenReady() {
    return this.#ready;
  }
  quit() {
    this.#quitting.quit();
  }
  /** @param {number} [exitCode] */
  exit(exitCode = 0) {
    if (chromium.isStarted) this.#quitting.exit(exitCode);
    else exitProcess(exitCode);
  }

  getName() {
    return this.name;
  }
  /** @param {string} name */
  setName(name) {
    this.name = name;
  }
  getVersion() {
    return this.#version;
  }
  getAppPath() {
    return this.#appPath;
  }
  /** @param {string} name */
  getPath(name) {
    return this.#paths.get(name);
  }
  /** @param {string} name @param {string} path */
  setPath(name, path) {
    this.#paths.set(name, path);
  }
  getLocale() {
    return this.commandLine.getSwitchValue("lang") || "en-US";
  }
  getSystemLocale() {
    return "en-US";
  }
  getLocaleCountryCode() {
    return "US";
  }
  getPreferredSystemLanguages() {
    return ["en-US"];
  }

  /** @param {Record<string, unknown>} [additionalData] */
  requestSingleInstanceLock(additionalData) {
    const message = { argv: this.#argv, cwd: process.cwd(), data: additionalData };
    return this.#lock.request(this.getPath("userData"), message, (second) => this.#hearSecond(second));
  }
  hasSingleInstanceLock() {
    return this.#lock.isHeld;
  }
  releaseSingleInstanceLock() {
    this.#lock.release();
  }
  /** Electron emits second-instance after ready only. */
  #hearSecond({ argv, cwd, data }) {
    const tell = () => this.emit("second-instance", new ElectronEvent(), argv, cwd, data);
    if (this.isReady()) tell();
    else this.once("ready", () => setImmediate(tell));
  }

  get applicationMenu() {
    return this.#menu.get();
  }
  set applicationMenu(menu) {
    this.#menu.set(menu);
  }
  #menu = { get: () => null, set: (_menu) => {} };

  setAboutPanelOptions(options) {
    recordCall("app.setAboutPanelOptions", [options]);
  }
  showAboutPanel() {
    recordCall("app.showAboutPanel", []);
  }
  addRecentDocument(path) {
    recordCall("app.addRecentDocument", [path]);
  }
  clearRecentDocuments() {
    recordCall("app.clearRecentDocuments", []);
  }
  setAppUserModelId() {}
  setDesktopName() {}
  setBadgeCount(count) {
    this.badgeCount = count;
    return false;
  }
  getBadgeCount() {
    return this.badgeCount;
  }
  enableSandbox() {}
  disableHardwareAcceleration() {}
  focus() {
    windows.values().next().value?.focus();
  }

  /** For the stand-in's own start-up: what Electron reads from the command line and the package. */
  _describe({ commandLine, appPackage, electronVersion }) {
    const { appPath, manifest } = appPackage;
    this.name = manifest.productName ?? manifest.name ?? this.name;
    this.#version = manifest.version ?? electronVersion;
    this.#appPath = appPath;
    this.commandLine = new CommandLineSwitches(commandLine);
  }
  /** Menu and app know each other in Electron; here the menu introduces itself. */
  _useMenu(menu) {
    this.#menu = menu;
  }
  _becomeReady() {
    mkdirSync(this.getPath("userData"), { recursive: true });
    this.emit("will-finish-launching");
    this.#isReady = true;
    this.#becomeReady();
    this.emit("ready", new ElectronEvent(), {});
  }
  /** Whether Electron itself is ready; Playwright replaces isReady() to hold the app back until it has connected. */
  get _isReady() {
    return this.#isReady;
  }
  get _quitting() {
    return this.#quitting;
  }
}

/** @param {number} exitCode */
async function endProcess(exitCode) {
  await chromium.stop();
  exitProcess(exitCode);
}

absentMembers(
  App.prototype,
  "app",
  `configureHostResolver configureWebAuthn getAccessibilitySupportFeatures getAppMetrics getApplicationInfoForProtocol
  getApplicationNameForProtocol getCurrentActivityType getGPUFeatureStatus getGPUInfo getJumpListSettings
  getLoginItemSettings getRecentDocuments hide importCertificate invalidateCurrentActivity isAccessibilitySupportEnabled
  isActive isDefaultProtocolClient isEmojiPanelSupported isHardwareAccelerationEnabled isHidden isInApplicationsFolder
  isSecureKeyboardEntryEnabled moveToApplicationsFolder relaunch removeAsDefaultProtocolClient resignCurrentActivity
  resolveProxy setAccessibilitySupportEnabled setAccessibilitySupportFeatures setActivationPolicy setAppLogsPath
  setAsDefaultProtocolClient setClientCertRequestPasswordHandler setJumpList setLoginItemSettings setProxy
  setSecureKeyboardEntryEnabled setUserActivity setUserTasks show showEmojiPanel
  startAccessingSecurityScopedResource updateCurrentActivity`,
);

export const app = new App();

// Electron's own listener: an app that has none of its own ends with its last window.
app.on("window-all-closed", () => {
  if (app.listenerCount("window-all-closed") === 1) app.quit();
});
