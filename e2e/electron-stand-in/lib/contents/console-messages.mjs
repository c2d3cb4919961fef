/** Turns what a page logs, and what Chromium logs about it, into console-message events. */

import { toApp } from "../session/url-map.mjs";

/** By the kind of console call, or by Chromium's own level; anything else is "info". */
const LEVELS = { assert: "error", error: "error", warning: "warning", debug: "debug", verbose: "debug" };

/** Electron's older way to say the level: an index. */
const LEVEL_NUMBERS = ["debug", "info", "warning", "error"];

/** @param {{ type: string, value?: unknown, description?: string, unserializableValue?: string }} object */
function textOf(object) {
  if (object.type === "string") return String(object.value);
  return object.unserializableValue ?? object.description ?? String(object.value);
}

/**
 * @param {import("./core.mjs").ContentsCore} core
 * @param {import("../chromium/pipe.mjs").CdpSession} session
 */
export function forwardConsole(core, session) {
  const emit = (kind, message, frame) => {
    const level = LEVELS[kind] ?? "info";
    const lineNumber = (frame?.lineNumber ?? -1) + 1;
    const sourceId = toApp(frame?.url ?? "");
    const fields = { level, message, lineNumber, sourceId, frame: core.frames.main.frame };
    core.emit("console-message", fields, LEVEL_NUMBERS.indexOf(level), message, lineNumber, sourceId);
    if (process.env.ELECTRON_STAND_IN_VERBOSE) process.stderr.write(`[page ${core.id}] ${level}: ${message}\n`);
  };
  session.on("Runtime.consoleAPICalled", ({ type, args, stackTrace }) => {
    emit(type, args.map(textOf).join(" "), stackTrace?.callFrames[0]);
  });
  session.on("Runtime.exceptionThrown", ({ exceptionDetails }) => {
    const { text, exception, lineNumber, url } = exceptionDetails;
    emit("error", `${text} ${exception?.description ?? textOf(exception ?? { type: "undefined" })}`, {
      lineNumber,
      url,
    });
  });
  session.on("Log.entryAdded", ({ entry }) => emit(entry.level, entry.text, entry));
}
