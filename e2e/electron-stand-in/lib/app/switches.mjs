/** app.commandLine: the switches of the command line and those the app adds before Chromium starts. */

/** The stand-in sets these itself; an app that changed them would take Chromium out of its hands. */
const OWN = new Set([
  "disable-popup-blocking",
  "headless",
  "host-resolver-rules",
  "no-startup-window",
  "proxy-server",
  "remote-debugging-pipe",
  "remote-debugging-port",
  "screen-info",
  "user-data-dir",
]);

/** Lists that add up; of any other switch Chromium heeds only the last. */
const LISTS = new Set(["disable-features", "enable-features"]);

export class CommandLineSwitches {
  /** @type {Map<string, string>} what hasSwitch() knows */
  #known;
  /** @type {Map<string, string>} what goes to Chromium */
  #chromium = new Map();
  /** @type {string[]} */
  #arguments = [];

  /** @param {import("../start/command-line.mjs").CommandLine} [line] */
  constructor(line) {
    this.#known = new Map(line?.switches);
    for (const arg of line?.chromiumSwitches ?? []) {
      const [name, ...value] = arg.slice(2).split("=");
      this.#add(name, value.join("="));
    }
  }

  #add(name, value) {
    if (OWN.has(name)) return;
    const before = LISTS.has(name) ? this.#chromium.get(name) : undefined;
    this.#chromium.set(name, before ? `${before},${value}` : value);
  }

  /** @param {string} name @param {string} [value] */
  appendSwitch(name, value = "") {
    this.#known.set(String(name), String(value));
    this.#add(String(name), String(value));
  }

  /** @param {string} value */
  appendArgument(value) {
    this.#arguments.push(String(value));
  }

  /** @param {string} name */
  hasSwitch(name) {
    return this.#known.has(String(name));
  }

  /** @param {string} name */
  getSwitchValue(name) {
    return this.#known.get(String(name)) ?? "";
  }

  /** @param {string} name */
  removeSwitch(name) {
    this.#known.delete(String(name));
    this.#chromium.delete(String(name));
  }

  /** The port a second DevTools client asked for. @returns {string | undefined} */
  get debuggingPort() {
    return this.#known.get("remote-debugging-port");
  }

  /** @returns {string[]} */
  forChromium() {
    const switches = Array.from(this.#chromium, ([name, value]) => (value === "" ? `--${name}` : `--${name}=${value}`));
    return [...switches, ...this.#arguments];
  }
}
