/** The repair wizard: its steps, the plan it shows, and what was done. The log is touched in its last step only. */
import type { PolicyName, RepairDone, RepairPlaces, RepairPlan, SessionState } from "@softadastra/inspector-contract";
import { create } from "zustand";
import { copyText } from "../../lib/clipboard.ts";
import { call, useInspector } from "../../lib/inspector.ts";
import { openPath, reloadFile } from "../../lib/opening.ts";
import { showToast } from "../../lib/toasts.ts";
import { repairObstacle } from "./verdict-text.ts";

export type RepairStep = "plan" | "place" | "doing" | "done";

export interface Wizard {
  readonly step: RepairStep;
  /** The file as it was when the wizard was opened. */
  readonly session: SessionState;
  readonly policy: PolicyName;
  /** Null while it is made. */
  readonly plan: RepairPlan | null;
  readonly places: RepairPlaces | null;
  readonly target: "new-file" | "in-place";
  readonly outputPath: string;
  readonly backupPath: string;
  /** Why the step before did not work. */
  readonly failure: { readonly code: string; readonly message: string } | null;
  readonly isStopping: boolean;
  readonly done: RepairDone | null;
  /** Where the report was saved, by format. */
  readonly savedPaths: readonly string[];
  readonly saveFailure: string | null;
}

export const useRepair = create<{ wizard: Wizard | null }>(() => ({ wizard: null }));

function change(part: Partial<Wizard>): void {
  useRepair.setState(({ wizard }) => ({ wizard: wizard === null ? null : { ...wizard, ...part } }));
}

const wizardNow = () => useRepair.getState().wizard;

/** Ends the making of a plan nobody waits for any more. */
let planning = new AbortController();

export function openRepair(): void {
  const { session } = useInspector.getState();
  if (session === null || repairObstacle(session) !== null) return;
  useRepair.setState({
    wizard: {
      step: "plan",
      session,
      policy: session.unreachableRecordCount > 0 ? "skip-damaged" : "valid-prefix",
      plan: null,
      places: null,
      target: "new-file",
      outputPath: "",
      backupPath: "",
      failure: null,
      isStopping: false,
      done: null,
      savedPaths: [],
      saveFailure: null,
    },
  });
  void makePlan();
}

/** Closes the wizard. While the repair runs it is asked to stop instead. */
export function leaveRepair(): void {
  const wizard = wizardNow();
  if (wizard?.step === "doing") {
    stopRepair();
    return;
  }
  planning.abort();
  useRepair.setState({ wizard: null });
}

export function choosePolicy(policy: PolicyName): void {
  if (wizardNow()?.policy === policy) return;
  change({ policy, plan: null, failure: null });
  void makePlan();
}

async function makePlan(): Promise<void> {
  const wizard = wizardNow();
  if (wizard === null) return;
  planning.abort();
  const mine = new AbortController();
  planning = mine;
  const { session, policy } = wizard;
  // The one before ends first: the reading thread makes one plan at a time.
  const answer = await call("repair.plan", { session: session.session, policy }, mine.signal);
  if (mine.signal.aborted || wizardNow()?.policy !== policy) return;
  if (!answer.ok) {
    change({ failure: answer.error });
    return;
  }
  const { plan, places } = answer.value;
  const known = wizardNow();
  change({
    plan,
    places,
    failure: null,
    outputPath: known?.outputPath || places.outputPath,
    backupPath: known?.backupPath || places.backupPath,
    target: places.inPlaceObstacle === null ? (known?.target ?? "new-file") : "new-file",
  });
}

export function planAgain(): void {
  change({ plan: null, failure: null });
  void makePlan();
}

export function showStep(step: "plan" | "place"): void {
  change({ step, failure: null });
}

export function setTarget(target: Wizard["target"]): void {
  change({ target, failure: null });
}

export function setPlace(place: { outputPath: string } | { backupPath: string }): void {
  change({ ...place, failure: null });
}

export async function runRepair(): Promise<void> {
  const wizard = wizardNow();
  if (wizard === null || wizard.plan === null || wizard.step === "doing") return;
  const { session, policy, plan, target, outputPath, backupPath } = wizard;
  change({ step: "doing", failure: null, isStopping: false });
  const answer = await call("repair.run", {
    session: session.session,
    policy,
    planId: plan.planId,
    target:
      target === "new-file"
        ? { kind: "new-file", path: outputPath.trim() }
        : { kind: "in-place", backupPath: backupPath.trim() },
  });
  if (!answer.ok) {
    change({ step: "place", failure: answer.error, isStopping: false });
    return;
  }
  change({ step: "done", done: answer.value, isStopping: false });
  // What is shown is the log from before.
  if (target === "in-place") await reloadFile();
}

export function stopRepair(): void {
  const wizard = wizardNow();
  if (wizard?.step !== "doing" || wizard.isStopping) return;
  change({ isStopping: true });
  void call("repair.stop", { session: wizard.session.session });
}

export function copyRepairReport(): void {
  const done = wizardNow()?.done;
  if (!done) return;
  copyText(done.markdown);
  showToast({ tone: "done", title: "Report copied", detail: "As Markdown, with every offset." });
}

export async function saveRepairReport(format: "markdown" | "json"): Promise<void> {
  const done = wizardNow()?.done;
  if (!done) return;
  const answer = await call("repair.saveReport", { repair: done.repair, format });
  if (!answer.ok) change({ saveFailure: answer.error.message });
  else change({ savedPaths: [...(wizardNow()?.savedPaths ?? []), answer.value.path], saveFailure: null });
}

export async function openRepaired(): Promise<void> {
  const done = wizardNow()?.done;
  useRepair.setState({ wizard: null });
  if (done) await openPath(done.outputPath);
}
