import { fileURLToPath } from "node:url";
import { defineConfig } from "@playwright/test";
import { desktopHost } from "./desktop-host.ts";
import type { HostOptions } from "./inspector.ts";

const OF_BROWSER = /\.browser\.spec\.ts$/;
const OF_DESKTOP = /\.desktop\.spec\.ts$/;
const OF_STAND_IN = /electron-stand-in\//;

/** The same specs on both hosts; `x.desktop.spec.ts` and `x.browser.spec.ts` hold what only one of them has. */
export default defineConfig<HostOptions>({
  testDir: ".",
  outputDir: fileURLToPath(new URL("../test-results/e2e", import.meta.url)),
  reporter: [["list"], ["./report.ts"]],
  workers: 2,
  // Bounds for a machine that is busy with other things; on an idle one no test takes a tenth of it.
  timeout: 180_000,
  expect: { timeout: 20_000 },
  forbidOnly: true,
  // Journeys share the processors with each other and may meet a moment nobody meets twice; the report names every second try.
  retries: 1,
  use: { actionTimeout: 30_000 },
  projects: [
    { name: "desktop", use: { host: "desktop" }, testIgnore: [OF_STAND_IN, OF_BROWSER] },
    { name: "browser", use: { host: "browser" }, testIgnore: [OF_STAND_IN, OF_DESKTOP] },
    // What the desktop tests rest on where Electron itself is missing.
    ...(desktopHost.isStandIn ? [{ name: "stand-in", testMatch: /electron-stand-in\/.*\.spec\.ts$/, retries: 2 }] : []),
  ],
});
