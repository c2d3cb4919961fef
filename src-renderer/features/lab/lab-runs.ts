/** What is done for real: a file reopened by a node, a node killed, every place tried, a case saved. */
import type { LabFault, LabRange, Output } from "@softadastra/inspector-contract";
import { create } from "zustand";
import { countOf, formatBytes, formatCount } from "../../lib/format.ts";
import { call, sessionId, showFailure, useInspector } from "../../lib/inspector.ts";
import { showToast } from "../../lib/toasts.ts";
import { chooseFault, faultOf, firstCut, lengthOf, setCut, useLab, WINDOW } from "./lab-store.ts";
import { promiseText, runTitle } from "./lab-words.ts";

export interface Run {
  readonly id: number;
  readonly title: string;
  readonly verdict: Output<"lab.reopen">["verdict"];
  readonly kept: number;
  readonly lost: number;
  readonly promise: "kept" | "broken" | "not noticed";
  /** What happened, in a sentence or two. */
  readonly text: string;
  /** The place it was tried at; null for what has none. */
  readonly place: { readonly range: LabRange; readonly fault: LabFault; readonly cut: number } | null;
}

interface Runs {
  readonly runs: readonly Run[];
  readonly selected: number | null;
  /** What is under way, and how to end it. */
  readonly busy: { readonly what: "reopen" | "kill" | "all"; readonly text: string; readonly stop: () => void } | null;
  readonly outstanding: number;
  readonly confirmed: number;
  /** The in-page dialog that asks where to save a case. */
  readonly saving: { readonly suggestion: string } | null;
}

export const useRuns = create<Runs>(() => ({
  runs: [],
  selected: null,
  busy: null,
  outstanding: 8,
  confirmed: 100,
  saving: null,
}));

/** A list to compare a session's tries in, not an archive: the oldest goes. */
const RUNS_MAX = 100;
/** More places than this are a walk of minutes: the strip shows them window by window. */
export const EVERY_CUT_MAX = 8_192;

let nextId = 1;

function addRun(run: Omit<Run, "id">): void {
  const id = nextId++;
  useRuns.setState(({ runs }) => ({ runs: [{ ...run, id }, ...runs].slice(0, RUNS_MAX), selected: id }));
}

/** Does one thing at a time; a second is refused by its button. */
async function busily(what: "reopen" | "kill" | "all", text: string, work: (signal: AbortSignal) => Promise<void>) {
  if (useRuns.getState().busy !== null) return;
  const controller = new AbortController();
  useRuns.setState({ busy: { what, text, stop: () => controller.abort() } });
  try {
    await work(controller.signal);
  } finally {
    useRuns.setState({ busy: null });
  }
}

export function selectRun(id: number): void {
  const run = useRuns.getState().runs.find((each) => each.id === id);
  useRuns.setState({ selected: id });
  const { write } = useLab.getState();
  if (run?.place == null || write === null) return;
  const { range, fault, cut } = run.place;
  if (range.start !== write.range.start || range.end !== write.range.end) return;
  chooseFault(fault);
  setCut(cut);
}

/** The place in the strip, as a file that a node opens. */
export function reopen(): Promise<void> {
  return busily("reopen", "Opening a copy", async (signal) => {
    const { write, cut, found, ...slice } = useLab.getState();
    if (write === null || found === null) return;
    const fault = faultOf(slice);
    const place = { range: write.range, fault, cut };
    const answer = await call("lab.reopen", { session: sessionId(), ...place }, signal);
    if (!answer.ok) {
      if (answer.error.code !== "Cancelled") showFailure("The copy could not be opened", answer.error);
      return;
    }
    const opened = answer.value;
    const { tone } = promiseText(found);
    const aside =
      opened.setAsideName === null ? "" : ` ${formatBytes(opened.setAsideBytes)} moved to ${opened.setAsideName}.`;
    addRun({
      title: runTitle(write, fault, cut),
      verdict: opened.verdict,
      kept: found.confirmedCount - found.lostCount,
      lost: found.lostCount,
      promise: tone === "ok" ? "kept" : tone === "broken" ? "broken" : "not noticed",
      text:
        opened.refusal !== null
          ? `The node refused the file: ${opened.refusal}`
          : `A node opened the file in ${Math.round(opened.durationMs)} ms: ${countOf(opened.recordCount, "record")}, ${countOf(opened.liveKeyCount, "live key")}.${aside}`,
      place,
    });
  });
}

/** A node of its own process, killed while it writes. */
export function killNode(): Promise<void> {
  const { outstanding, confirmed } = useRuns.getState();
  return busily("kill", "A node writes to a copy, to be killed", async (signal) => {
    const answer = await call("lab.kill", { session: sessionId(), outstanding, confirmed }, signal);
    if (!answer.ok) {
      if (answer.error.code !== "Cancelled") showFailure("No node was killed", answer.error);
      return;
    }
    const run = answer.value;
    const lost = run.confirmedCount - run.confirmedKept;
    const isKept = lost === 0 && run.isFrontKept;
    addRun({
      title: `SIGKILL of process ${run.pid}`,
      verdict: run.verdict,
      kept: run.earlierCount + run.confirmedKept,
      lost,
      promise: isKept ? "kept" : "broken",
      text: killText(run),
      place: null,
    });
    showToast({
      tone: isKept ? "done" : "error",
      title: isKept
        ? "The node was killed, and the promise was kept"
        : "The node was killed, and confirmed writes are lost",
      detail: killText(run),
    });
  });
}

export function killText(run: Output<"lab.kill">): string {
  const { confirmedCount, confirmedKept, inFlightCount, inFlightKept, setAsideBytes, earlierCount, isFrontKept } = run;
  const confirmed =
    confirmedKept === confirmedCount
      ? `${formatCount(confirmedCount)} confirmed, all ${formatCount(confirmedCount)} kept`
      : `${formatCount(confirmedCount)} confirmed, ${formatCount(confirmedKept)} kept`;
  const flight = `${formatCount(inFlightCount)} in flight, ${formatCount(inFlightKept)} of them kept`;
  const before =
    earlierCount === 0
      ? ""
      : isFrontKept
        ? ` The ${countOf(earlierCount, "record")} before ${earlierCount === 1 ? "is" : "are"} as they were.`
        : " The bytes before them are not what they were.";
  const aside = setAsideBytes === 0 ? "" : ` ${formatBytes(setAsideBytes)} of a torn write moved aside.`;
  return `${confirmed}; ${flight}.${before}${aside}`;
}

/** Tries the chosen fault at every place of the write. */
export function tryEveryCut(): Promise<void> {
  return busily("all", "Trying every place", async (signal) => {
    const { write, ...slice } = useLab.getState();
    if (write === null) return;
    const fault = faultOf(slice);
    const length = lengthOf(write);
    const counts = { total: 0, broken: 0, unnoticed: 0, torn: 0, damaged: 0 };
    for (let from = firstCut(fault.kind); from <= length && !signal.aborted; from += WINDOW) {
      const count = Math.min(WINDOW, length + 1 - from);
      const answer = await call("lab.cuts", { session: sessionId(), range: write.range, fault, from, count }, signal);
      if (!answer.ok) {
        if (answer.error.code !== "Cancelled") showFailure("Not every place was tried", answer.error);
        return;
      }
      const isAtRest = fault.kind === "flip" || fault.kind === "sector";
      for (const cell of answer.value.cells) {
        if (cell === null) continue;
        counts.total += 1;
        if (cell.isNoticed === false) counts.unnoticed += 1;
        else if (cell.earlierLost > 0 || (isAtRest && cell.write !== "whole")) counts.broken += 1;
        if (cell.verdict === "torn-tail") counts.torn += 1;
        if (cell.verdict === "damaged" || cell.verdict === "not-a-wal") counts.damaged += 1;
      }
    }
    if (signal.aborted) return;
    const { total, broken, unnoticed, torn, damaged } = counts;
    const title = runTitle(write, fault, 1).replace(/ (at byte|of byte|at|the sector at) .*$/, "");
    addRun({
      title: `${title} at every byte`,
      verdict: damaged > 0 ? "damaged" : torn > 0 ? "torn-tail" : "clean",
      kept: total - broken - unnoticed,
      lost: broken + unnoticed,
      promise: broken > 0 ? "broken" : unnoticed > 0 ? "not noticed" : "kept",
      text: `${countOf(total, "place")} tried: the promise is kept at ${formatCount(total - broken - unnoticed)}, broken and noticed at ${formatCount(broken)}, not noticed at ${formatCount(unnoticed)}. ${formatCount(torn)} torn, ${formatCount(damaged)} damaged.`,
      place: null,
    });
  });
}

// ---- saving

function suggestedName(): string {
  const { write, cut, ...slice } = useLab.getState();
  const name = useInspector.getState().session?.name.replace(/\.wal$/i, "") ?? "log";
  return write === null ? `${name}-case.wal` : `${name}-${faultOf(slice).kind}-${cut}.wal`;
}

/** Asks where, in the system's dialog or in the page's. */
export async function askWhereToSave(): Promise<void> {
  const suggestion = suggestedName();
  if (!useInspector.getState().info?.hasNativeDialogs) {
    useRuns.setState({ saving: { suggestion } });
    return;
  }
  const chosen = await call("dialog.save", { suggestedName: suggestion, title: "Save the case as a fixture" });
  if (!chosen.ok) showFailure("The dialog could not be shown", chosen.error);
  // The system's dialog has asked about an existing file.
  else if (chosen.value.path !== null) {
    const failed = await saveCase(chosen.value.path, true);
    if (failed !== null) showFailure("The case was not saved", failed);
  }
}

export function closeSaving(): void {
  useRuns.setState({ saving: null });
}

/** Answers what is wrong, or null. */
export async function saveCase(path: string, overwrite: boolean): Promise<{ code: string; message: string } | null> {
  const { write, cut, ...slice } = useLab.getState();
  if (write === null) return null;
  const place = { range: write.range, fault: faultOf(slice), cut };
  const answer = await call("lab.save", { session: sessionId(), ...place, path, overwrite });
  if (!answer.ok) return answer.error;
  const { path: saved, expectedPath, fileBytes } = answer.value;
  showToast({
    tone: "done",
    title: "Case saved",
    detail: `${formatBytes(fileBytes)} in ${saved}; what a reader must find in it, in ${expectedPath}.`,
  });
  return null;
}

/** The runs of one file say nothing about another. Called once, when the app starts. */
export function startRuns(): void {
  useInspector.subscribe((state, before) => {
    if (state.session?.session === before.session?.session) return;
    useRuns.getState().busy?.stop();
    useRuns.setState({ saving: null });
    if (state.session?.path !== before.session?.path) useRuns.setState({ runs: [], selected: null });
  });
}
