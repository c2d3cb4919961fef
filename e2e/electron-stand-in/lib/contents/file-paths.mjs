/**
 * Answers webUtils.getPathForFile(). The preload asks by stopping at a `debugger` statement in a function of its own,
 * because a page has no other way to get an answer before it goes on; here the debugger looks up the path of the File
 * in the function's parameter, writes it into the function's answer and lets the page go on.
 */
import { SCRIPT_URL } from "../page/scripts.mjs";

const ASKING_FUNCTION = "electronStandInAskPath";

/** Scripts the debugger may keep: each message to a preload is one, and none is looked at again. */
const SCRIPTS_BYTES_MAX = 1_000_000;

/** @param {import("../chromium/pipe.mjs").CdpSession} session */
export async function answerFilePaths(session) {
  /** The stand-in's own scripts in the preload's world: a page cannot pass one of its own off as these. */
  const ownScripts = new Set();
  session.on("Runtime.executionContextsCleared", () => ownScripts.clear());
  session.on("Debugger.scriptParsed", ({ scriptId, url, executionContextAuxData }) => {
    if (url === SCRIPT_URL && executionContextAuxData?.type === "isolated") ownScripts.add(scriptId);
  });
  session.on("Debugger.paused", ({ callFrames }) => {
    const [callFrame] = callFrames;
    const isAsking = callFrame?.functionName === ASKING_FUNCTION && ownScripts.has(callFrame.location.scriptId);
    // Any other `debugger` statement is the page's own affair and must not stop it.
    const answered = isAsking ? answer(session, callFrame.callFrameId) : Promise.resolve();
    answered
      .finally(() => session.send("Debugger.resume"))
      .catch((error) => {
        if (!error.isGone) console.error(`electron stand-in: ${error.message}`);
      });
  });
  await session.send("Debugger.enable", { maxScriptsCacheSize: SCRIPTS_BYTES_MAX });
}

/** @param {import("../chromium/pipe.mjs").CdpSession} session @param {string} callFrameId */
async function answer(session, callFrameId) {
  const evaluate = (expression) => session.send("Debugger.evaluateOnCallFrame", { callFrameId, expression });
  const { result } = await evaluate("_file");
  const { path } = await session.send("DOM.getFileInfo", { objectId: result.objectId });
  await evaluate(`answer.path = ${JSON.stringify(path)}`);
}
