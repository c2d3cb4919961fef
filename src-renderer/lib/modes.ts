/** Changes what may be done with the open file: read-only, a copy to work on, or the file itself. */
import type { Mode, Output } from "@softadastra/inspector-contract";
import { create } from "zustand";
import { formatBytes } from "./format.ts";
import { call, perform, showFailure, useInspector } from "./inspector.ts";
import { mayLeaveFile, useOpening } from "./opening.ts";
import { showToast } from "./toasts.ts";

export type WritePlan = Output<"session.planWrite">;

interface Modes {
  /** The question "Edit this file?", with what writing would do to it. */
  readonly edit: { readonly plan: WritePlan } | null;
  readonly isChanging: boolean;
}

export const useModes = create<Modes>(() => ({ edit: null, isChanging: false }));

/** Asks how to edit: on a copy, or the file itself. */
export async function askToEdit(): Promise<void> {
  const { session } = useInspector.getState();
  if (session === null) return;
  const plan = await perform("session.planWrite", { session: session.session }, `${session.name} cannot be edited yet`);
  if (plan !== null) useModes.setState({ edit: { plan } });
}

export function closeEditQuestion(): void {
  useModes.setState({ edit: null });
}

export async function setMode(mode: Mode): Promise<void> {
  const { session } = useInspector.getState();
  if (session === null || session.mode === mode || useModes.getState().isChanging) return;
  closeEditQuestion();
  if (!(await mayLeaveFile(mode === "inspect" ? "going back to read-only" : `changing to ${mode}`))) return;
  const stop = new AbortController();
  useModes.setState({ isChanging: true });
  useOpening.setState({ busy: { name: session.name, stop: () => stop.abort() } });
  const answer = await call("session.setMode", { session: session.session, mode }, stop.signal);
  useOpening.setState({ busy: null });
  useModes.setState({ isChanging: false });
  if (!answer.ok) {
    if (answer.error.code !== "Cancelled") showFailure(`${session.name} stays as it is`, answer.error);
    return;
  }
  if (mode === "sandbox" && session.verdict === "damaged") {
    showToast({
      tone: "done",
      title: "Working on a copy of the readable part",
      detail: `It holds the first ${formatBytes(session.validBytes)}. What stands behind the damage stays in the file you opened.`,
    });
  }
}

export async function saveSandboxAs(): Promise<void> {
  const { session, info } = useInspector.getState();
  if (session === null || session.mode !== "sandbox") return;
  const suggestion = session.name.replace(/(\.wal)?$/i, "-copy.wal");
  if (!info?.hasNativeDialogs) {
    useOpening.setState({ pathDialog: { purpose: "save", suggestion } });
    return;
  }
  const chosen = await perform(
    "dialog.save",
    { suggestedName: suggestion, title: "Save the sandbox as" },
    "The dialog could not be shown",
  );
  // The system's dialog has asked about an existing file.
  if (chosen?.path) await saveSandboxTo(chosen.path, true);
}

/** Answers what is wrong, or null; `Exists` asks to be told again with `overwrite`. */
export async function saveSandboxTo(
  path: string,
  overwrite: boolean,
): Promise<{ code: string; message: string } | null> {
  const { session } = useInspector.getState();
  if (session === null) return null;
  const answer = await call("session.saveAs", { session: session.session, path, overwrite });
  if (!answer.ok) {
    if (useOpening.getState().pathDialog === null) showFailure("The sandbox was not saved", answer.error);
    return answer.error;
  }
  showToast({
    tone: "done",
    title: "Sandbox saved",
    detail: `${formatBytes(answer.value.fileBytes)} in ${answer.value.path}. You go on working in the sandbox.`,
  });
  return null;
}
