/** Which desktop host the tests run on: Electron itself where its binary is, else the stand-in for that binary. */
import { fileURLToPath } from "node:url";
import { findChromium, findHeadlessChromium } from "../scripts/chromium.mjs";
import { findElectron, hasDisplay } from "../scripts/electron.mjs";

export interface DesktopHost {
  readonly isStandIn: boolean;
  /** For the report: what ran, and why. */
  readonly description: string;
}

const STAND_IN = fileURLToPath(new URL("./electron-stand-in", import.meta.url));

function choose(): DesktopHost {
  const electron = findElectron();
  if (electron !== null && (hasDisplay() || process.env.E2E_REAL_ELECTRON)) {
    return { isStandIn: false, description: `Electron ${electron.version}` };
  }
  if (process.env.E2E_REAL_ELECTRON) {
    throw new Error("E2E_REAL_ELECTRON is set, but Electron's binary is not here: run `npx install-electron` first.");
  }
  const why = electron === null ? "Electron's binary is not on this machine" : "there is no display, and no xvfb-run";
  return { isStandIn: true, description: `the stand-in for Electron's binary (${why})` };
}

export const desktopHost = choose();

/** Tells the `electron` package where its binary is; Playwright asks that package. */
if (desktopHost.isStandIn) {
  process.env.ELECTRON_OVERRIDE_DIST_PATH = STAND_IN;
  // For journeys the lighter one, unless one was named or is to be seen. Workers find it said here.
  const isFree = !process.env.ELECTRON_STAND_IN_CHROMIUM && process.env.E2E_HEADED !== "1";
  const headless = isFree ? findHeadlessChromium() : null;
  if (headless !== null) process.env.E2E_JOURNEY_CHROMIUM ??= headless;
  const chromium = findChromium();
  if (chromium !== null) process.env.ELECTRON_STAND_IN_CHROMIUM ??= chromium;
}

/** For launching the app on a journey. */
export function journeyEnvironment(): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) if (value !== undefined) environment[name] = value;
  const chosen = process.env.E2E_JOURNEY_CHROMIUM;
  return chosen === undefined ? environment : { ...environment, ELECTRON_STAND_IN_CHROMIUM: chosen };
}
