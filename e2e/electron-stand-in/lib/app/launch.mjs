/** Brings the app up: load its code, start Chromium with the switches it set, announce, become ready. */
import { chromium } from "../chromium/browser.mjs";
import { startRouting } from "../session/request-router.mjs";
import { ELECTRON_VERSION } from "../start/process-description.mjs";
import { dialog } from "../ui/dialog.mjs";
import { SCREEN_SIZE } from "../ui/screen.mjs";
import { app } from "./app.mjs";
import { watchTargets } from "./targets.mjs";

/** @param {{ commandLine: import("../start/command-line.mjs").CommandLine, appPackage: import("../start/app-package.mjs").AppPackage, load: () => Promise<void> }} options */
export async function startApp({ commandLine, appPackage, load }) {
  app._describe({ commandLine, appPackage, electronVersion: ELECTRON_VERSION });
  actLikeElectronsProcess();
  chromium.onLost = (code) => {
    console.error(`electron stand-in: Chromium ended with code ${code}`);
    process.reallyExit(1);
  };
  await load();
  let line;
  try {
    line = await chromium.start({
      switches: app.commandLine.forChromium(),
      debuggingPort: app.commandLine.debuggingPort,
      screen: SCREEN_SIZE,
    });
    await startRouting();
  } catch (error) {
    // The app quit before it was ready.
    if (chromium.isStopping) return;
    console.error(`electron stand-in: ${error.message}`);
    process.reallyExit(1);
  }
  watchTargets();
  // Playwright connects once it reads this.
  if (line) process.stderr.write(`${line}\n`);
  app._becomeReady();
}

/** Exit, signals and uncaught errors, as Electron's main process treats them. */
function actLikeElectronsProcess() {
  process.exit = (code) => app.exit(Number(code ?? process.exitCode ?? 0));
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => app.quit());
  process.on("uncaughtException", (error) => {
    if (process.listenerCount("uncaughtException") > 1) return;
    dialog.showErrorBox(
      "A JavaScript error occurred in the main process",
      `Uncaught Exception:\n${error?.stack ?? error}`,
    );
  });
}
