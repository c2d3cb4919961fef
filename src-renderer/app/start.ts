/** Starts the page: the connection first, then everything that follows it, then the file it was opened with. */
import { isUiCommandId } from "@softadastra/inspector-contract";
import { startHealth } from "../features/health/health-store.ts";
import { startCompare } from "../features/keys/compare-store.ts";
import { startRules } from "../features/keys/decoder-rules.ts";
import { startDrafts } from "../features/keys/drafts.ts";
import { startHistory } from "../features/keys/history-store.ts";
import { undoDelete } from "../features/keys/key-actions.ts";
import { startKeys } from "../features/keys/keys-store.ts";
import { startValue } from "../features/keys/value-store.ts";
import { startRuns } from "../features/lab/lab-runs.ts";
import { startLab } from "../features/lab/lab-store.ts";
import { startLog } from "../features/log/log-store.ts";
import { startSync } from "../features/sync/sync-store.ts";
import { startTransfer } from "../features/transfer/transfer-store.ts";
import { startWelcome } from "../features/welcome/welcome-store.ts";
import { useGuard } from "../lib/guard.ts";
import { call, startInspector, useInspector } from "../lib/inspector.ts";
import { startLayout } from "../lib/layout.ts";
import { mayLeaveFile, openPath } from "../lib/opening.ts";
import { commandFor } from "../lib/shortcuts.ts";
import { startTheme } from "../lib/theme.ts";
import { startTravel } from "../lib/travel.ts";
import { runCommand, useOverlay } from "./commands.ts";

/** Something a layer over the window answers itself. */
const isLayerOpen = () => document.querySelector("dialog[open]") !== null;

function isTyping(event: KeyboardEvent): boolean {
  const target = event.composedPath()[0];
  return target instanceof Element && target.closest("input, textarea, select, [contenteditable=true]") !== null;
}

function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented) return;
  const command = commandFor(event);
  if (command !== null) {
    // The browser's own meaning of the key (reload, print, find) never happens, whether or not ours can.
    event.preventDefault();
    if (!isLayerOpen()) runCommand(command);
    else if (command === "go.palette" && useOverlay.getState().overlay === "palette")
      useOverlay.setState({ overlay: null });
    return;
  }
  if (isLayerOpen() || isTyping(event)) return;
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" && undoDelete()) event.preventDefault();
}

async function closeWindow(): Promise<void> {
  if (await mayLeaveFile("closing the window")) await call("window.confirmClose", {});
}

export async function start(): Promise<void> {
  window.addEventListener("keydown", onKeyDown);
  // A browser asks in its own words; the desktop app asks through its own dialog.
  window.addEventListener("beforeunload", (event) => {
    if (useInspector.getState().info?.host === "browser" && useGuard.getState().draftCount > 0) event.preventDefault();
  });
  await startInspector({
    onRequest: (request) => {
      if (request.kind === "open") void openPath(request.path);
      else if (request.kind === "close") void closeWindow();
      else if (isUiCommandId(request.command) && !(isLayerOpen() && useOverlay.getState().overlay !== null))
        runCommand(request.command);
    },
    onReady: (facts) => {
      startTheme();
      startLayout();
      startTravel();
      startDrafts();
      startKeys();
      startValue();
      startHistory();
      startRules();
      startCompare();
      startLog();
      startSync();
      startHealth();
      startLab();
      startRuns();
      startTransfer();
      startWelcome();
      if (facts.startPath !== null) void openPath(facts.startPath);
    },
  });
}
