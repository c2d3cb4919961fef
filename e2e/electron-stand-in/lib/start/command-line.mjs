/** Reads Electron's command line: the switches before the app's path, the path, and what belongs to the app. */

/**
 * @typedef {object} CommandLine
 * @property {string | undefined} app the path of the app
 * @property {string[]} modules what `-r` names, to be loaded before the app
 * @property {{ host: string | undefined, port: number, isBreak: boolean } | undefined} inspect
 * @property {boolean} isVersion
 * @property {boolean} isAbi
 * @property {Map<string, string>} switches every `--name` or `--name=value`, wherever it stands
 * @property {string[]} chromiumSwitches those before the app's path, which are Chromium's to read
 */

/** Electron's inspector listens here when the switch names no port. */
const INSPECT_PORT = 9229;

/** @param {string} arg such as "--inspect=127.0.0.1:9229" */
function parseInspect(arg) {
  const [name, address = ""] = splitSwitch(arg);
  const at = address.lastIndexOf(":");
  const port = address.slice(at + 1);
  return {
    host: at >= 0 ? address.slice(0, at) : undefined,
    port: port === "" ? INSPECT_PORT : Number(port),
    isBreak: name === "inspect-brk",
  };
}

/** @param {string} arg @returns {[string, string | undefined]} */
function splitSwitch(arg) {
  const at = arg.indexOf("=");
  return at < 0 ? [arg.slice(2), undefined] : [arg.slice(2, at), arg.slice(at + 1)];
}

/** @param {string[]} args without the executable @returns {CommandLine} */
export function parseCommandLine(args) {
  /** @type {CommandLine} */
  const line = {
    app: undefined,
    modules: [],
    inspect: undefined,
    isVersion: false,
    isAbi: false,
    switches: new Map(),
    chromiumSwitches: [],
  };
  for (const arg of args) {
    if (!arg.startsWith("--") || arg === "--") continue;
    const [name, value] = splitSwitch(arg);
    line.switches.set(name.toLowerCase(), value ?? "");
  }
  for (let i = 0; i < args.length; i += 1) {
    const arg = args[i];
    if (arg === "-r" || arg === "--require") {
      i += 1;
      if (args[i] === undefined) throw new Error('Invalid Usage: --require [file]\n\n"file" is required');
      line.modules.push(args[i]);
    } else if (arg === "-v" || arg === "--version") line.isVersion = true;
    else if (arg === "-a" || arg === "--abi") line.isAbi = true;
    else if (/^--inspect(-brk)?(=|$)/.test(arg)) line.inspect = parseInspect(arg);
    else if (arg.startsWith("--app=")) {
      line.app = arg.slice("--app=".length);
      break;
    } else if (arg.startsWith("--")) line.chromiumSwitches.push(arg);
    else if (!arg.startsWith("-")) {
      line.app = arg;
      break;
    }
  }
  return line;
}
