/** What each command of the table does, and why it cannot be done now. The menu, the palette and the keys all come here. */
import { type UiCommandId, uiCommands } from "@softadastra/inspector-contract";
import { create } from "zustand";
import { nextFinding } from "../features/health/health-store.ts";
import { openRepair } from "../features/health/repair-store.ts";
import { exportReport } from "../features/health/report-actions.ts";
import { repairObstacle } from "../features/health/verdict-text.ts";
import {
  comparePicked,
  differenceStep,
  pairToCompare,
  stepDifference,
  useCompare,
} from "../features/keys/compare-store.ts";
import { discardDraft, saveDraft, useDrafts } from "../features/keys/drafts.ts";
import { deleteShownKey, openDialog, undoDelete } from "../features/keys/key-actions.ts";
import { stepVersion, useValue, versionStep } from "../features/keys/value-store.ts";
import { retryFailed, tick, toggleRun, useSync } from "../features/sync/sync-store.ts";
import { followObstacle, toggleFollowing } from "../lib/following.ts";
import { useInspector } from "../lib/inspector.ts";
import { useLayout } from "../lib/layout.ts";
import { askToEdit, saveSandboxAs, setMode } from "../lib/modes.ts";
import { requestFind, showView } from "../lib/navigation.ts";
import { closeFile, createWithDialog, openSample, openWithDialog, reloadFile } from "../lib/opening.ts";
import { stepRecord } from "../lib/records.ts";
import { setTheme } from "../lib/theme.ts";
import { importObstacle, openExport, openImport } from "../lib/transfer.ts";
import { editObstacle, travelBy, travelObstacle, travelTo, travelToRecord, useTravel } from "../lib/travel.ts";

/** Layers that a command opens over the window. */
export const useOverlay = create<{ overlay: "palette" | "shortcuts" | null; paletteStart: string }>(() => ({
  overlay: null,
  paletteStart: "",
}));

function openPalette(paletteStart: string): void {
  useOverlay.setState({ overlay: "palette", paletteStart });
}

const NO_FILE = "No file is open";

const needsFile = () => (useInspector.getState().session === null ? NO_FILE : null);
const needsEditing = () => needsFile() ?? editObstacle();
/** Ticks are about now, whichever moment is shown. */
const needsNode = () =>
  needsFile() ?? (useInspector.getState().session?.mode === "inspect" ? "The file is open read-only" : null);
const isTravelling = () => useTravel.getState().moment !== null;
const needsKey = () =>
  needsEditing() ??
  (useValue.getState().described === null || useValue.getState().described?.isDeleted
    ? "No key with a value is shown"
    : null);
const needsDraft = () =>
  needsFile() ??
  (useDrafts.getState().draftsByKey.has(useValue.getState().key ?? "") ? null : "The shown key has no draft");
const needsMode = (mode: string) => () =>
  needsFile() ?? (useInspector.getState().session?.mode === mode ? "That is the mode now" : null);
const needsVersion = (step: 1 | -1) => () =>
  needsFile() ??
  (versionStep(step) === undefined ? `The shown key has no ${step === 1 ? "older" : "newer"} value` : null);
const needsRecords = () =>
  needsFile() ?? (useInspector.getState().session?.recordCount === 0 ? "The log has no records" : null);
const needsTravel = () => needsFile() ?? (isTravelling() ? null : "The latest state is shown");
const needsDifference = (step: 1 | -1) => () =>
  needsFile() ??
  (useCompare.getState().sides === null
    ? "No versions are compared"
    : differenceStep(step) === null
      ? `There is no ${step === 1 ? "further" : "earlier"} difference`
      : null);
const never = () => null;

interface Action {
  /** Why it cannot be done now; null when it can. */
  readonly obstacle: () => string | null;
  readonly run: () => unknown;
}

const actions: Record<UiCommandId, Action> = {
  "file.open": { obstacle: never, run: openWithDialog },
  "file.new": { obstacle: never, run: createWithDialog },
  "file.demo": { obstacle: never, run: () => openSample("demo") },
  "file.sampleTorn": { obstacle: never, run: () => openSample("torn") },
  "file.sampleDamaged": { obstacle: never, run: () => openSample("damaged") },
  "file.sampleContinued": { obstacle: never, run: () => openSample("continued") },
  "file.reload": {
    obstacle: () =>
      needsFile() ??
      (useInspector.getState().session?.mode === "inspect" ? null : "Only a file that is open read-only is read again"),
    run: reloadFile,
  },
  "file.saveAs": {
    obstacle: () =>
      needsFile() ??
      (useInspector.getState().session?.mode === "sandbox" ? null : "Only a sandbox is saved to another file"),
    run: saveSandboxAs,
  },
  "file.repair": {
    obstacle: () => {
      const { session } = useInspector.getState();
      return session === null ? NO_FILE : repairObstacle(session);
    },
    run: () => {
      showView("health");
      openRepair();
    },
  },
  "file.exportHealth": { obstacle: needsFile, run: () => exportReport("markdown") },
  "file.exportHealthJson": { obstacle: needsFile, run: () => exportReport("json") },
  "file.export": { obstacle: needsFile, run: openExport },
  "file.import": { obstacle: importObstacle, run: openImport },
  "file.close": { obstacle: needsFile, run: closeFile },
  "edit.save": { obstacle: () => needsDraft() ?? editObstacle(), run: () => saveDraft(useValue.getState().key ?? "") },
  "edit.discard": {
    obstacle: () => needsDraft() ?? editObstacle(),
    run: () => discardDraft(useValue.getState().key ?? ""),
  },
  "edit.addKey": {
    obstacle: needsEditing,
    run: () => {
      showView("keys");
      openDialog("add");
    },
  },
  "edit.renameKey": { obstacle: needsKey, run: () => openDialog("rename") },
  "edit.deleteKey": { obstacle: needsKey, run: deleteShownKey },
  "edit.undo": { obstacle: needsEditing, run: undoDelete },
  "edit.sandbox": { obstacle: needsMode("sandbox"), run: () => setMode("sandbox") },
  "edit.write": { obstacle: needsMode("write"), run: askToEdit },
  "edit.inspect": { obstacle: needsMode("inspect"), run: () => setMode("inspect") },
  "view.keys": { obstacle: needsFile, run: () => showView("keys") },
  "view.log": { obstacle: needsFile, run: () => showView("log") },
  "view.sync": { obstacle: needsFile, run: () => showView("sync") },
  "view.health": { obstacle: needsFile, run: () => showView("health") },
  "view.lab": { obstacle: needsFile, run: () => showView("lab") },
  "view.details": { obstacle: needsFile, run: () => useLayout.getState().toggleDetails() },
  "view.compare": {
    obstacle: () => needsFile() ?? (pairToCompare() === null ? "The shown key has no other version" : null),
    run: () => {
      showView("keys");
      void comparePicked();
    },
  },
  "view.nextDifference": { obstacle: needsDifference(1), run: () => stepDifference(1) },
  "view.previousDifference": { obstacle: needsDifference(-1), run: () => stepDifference(-1) },
  "view.follow": { obstacle: () => needsFile() ?? followObstacle(), run: toggleFollowing },
  "view.light": { obstacle: never, run: () => setTheme("light") },
  "view.dark": { obstacle: never, run: () => setTheme("dark") },
  "view.system": { obstacle: never, run: () => setTheme("system") },
  "sync.tick": { obstacle: needsNode, run: () => tick(false) },
  "sync.tickPrune": { obstacle: needsNode, run: () => tick(true) },
  "sync.run": { obstacle: needsNode, run: toggleRun },
  "sync.retryFailed": {
    obstacle: () =>
      needsNode() ?? ((useSync.getState().state?.failedCount ?? 0) > 0 ? null : "No operation has failed"),
    run: retryFailed,
  },
  "go.palette": { obstacle: never, run: () => openPalette("") },
  "go.find": { obstacle: needsFile, run: requestFind },
  "go.key": { obstacle: needsFile, run: () => openPalette("/") },
  "go.offset": { obstacle: needsFile, run: () => openPalette("0x") },
  "go.previousRecord": { obstacle: needsFile, run: () => stepRecord(-1) },
  "go.nextRecord": { obstacle: needsFile, run: () => stepRecord(1) },
  "go.travel": { obstacle: () => needsFile() ?? travelObstacle(), run: travelToRecord },
  "go.travelBack": {
    obstacle: () =>
      needsRecords() ?? (useTravel.getState().moment?.index === 0 ? "The state as of the first record is shown" : null),
    run: () => travelBy(-1),
  },
  "go.travelOn": { obstacle: needsTravel, run: () => travelBy(1) },
  "go.latest": { obstacle: needsTravel, run: () => travelTo(null) },
  "go.olderVersion": { obstacle: needsVersion(1), run: () => stepVersion(1) },
  "go.newerVersion": { obstacle: needsVersion(-1), run: () => stepVersion(-1) },
  "go.nextFinding": {
    obstacle: needsFile,
    run: () => {
      showView("health");
      nextFinding();
    },
  },
  "help.shortcuts": { obstacle: never, run: () => useOverlay.setState({ overlay: "shortcuts" }) },
};

export function obstacleOf(id: UiCommandId): string | null {
  return actions[id].obstacle();
}

/** Runs the command unless something stands in its way. */
export function runCommand(id: UiCommandId): void {
  if (actions[id].obstacle() === null) void actions[id].run();
}

export function titleOf(id: UiCommandId): string {
  return uiCommands.find((command) => command.id === id)?.title ?? id;
}
