import { fileURLToPath } from "node:url";
import { defineConfig } from "@playwright/test";

// Where Electron's own binary cannot be had, the `electron` package is told to find the stand-in's; the specs do not know.
if (!process.env.E2E_REAL_ELECTRON) {
  process.env.ELECTRON_OVERRIDE_DIST_PATH = fileURLToPath(new URL(".", import.meta.url));
}

export default defineConfig({
  testDir: ".",
  outputDir: fileURLToPath(new URL("../../test-results/electron-stand-in", import.meta.url)),
  fullyParallel: false,
  workers: 1,
  reporter: "list",
  timeout: 30_000,
});
