/** app.getPath() and app.setPath(), by the rules of a Linux desktop. */
import { mkdirSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";

/** Folders below the home folder. */
const HOME_FOLDERS = {
  desktop: "Desktop",
  documents: "Documents",
  downloads: "Downloads",
  music: "Music",
  pictures: "Pictures",
  videos: "Videos",
};

export class AppPaths {
  /** @type {Map<string, string>} */
  #set = new Map();
  #appName;
  #userDataSwitch;

  /** @param {() => string} appName @param {() => string} userDataSwitch the value of --user-data-dir, or "" */
  constructor(appName, userDataSwitch) {
    this.#appName = appName;
    this.#userDataSwitch = userDataSwitch;
  }

  /** @param {string} name @returns {string} */
  get(name) {
    const path = this.#set.get(name) ?? this.#usual(name);
    if (path === undefined) throw new Error(`Failed to get '${name}' path`);
    if (name === "logs") mkdirSync(path, { recursive: true });
    return path;
  }

  /** @param {string} name @param {string} path */
  set(name, path) {
    if (this.#usual(name) === undefined) throw new Error(`Failed to set path`);
    if (!isAbsolute(path)) throw new Error("Path must be absolute");
    this.#set.set(name, path);
  }

  /** @returns {string | undefined} */
  #usual(name) {
    if (Object.hasOwn(HOME_FOLDERS, name)) return join(homedir(), HOME_FOLDERS[name]);
    switch (name) {
      case "home":
        return homedir();
      case "appData":
        return process.env.XDG_CONFIG_HOME || join(homedir(), ".config");
      case "userData":
        return this.#userData();
      case "sessionData":
        return this.get("userData");
      case "logs":
        return join(this.get("userData"), "logs");
      case "crashDumps":
        return join(this.get("userData"), "Crashpad");
      case "temp":
        return tmpdir();
      case "exe":
      case "module":
        return process.execPath;
      case "assets":
        return resolve(process.execPath, "..");
      default:
        return undefined;
    }
  }

  #userData() {
    const chosen = this.#userDataSwitch();
    return chosen ? resolve(chosen) : join(this.get("appData"), this.#appName());
  }
}
