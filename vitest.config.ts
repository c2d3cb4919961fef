import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const conditions = ["source", "module", "node", "development|production"];

export default defineConfig({
  resolve: {
    conditions,
    // `import "electron"` in plain Node tries to download the binary: a unit test must never reach it.
    alias: { electron: fileURLToPath(new URL("./e2e/electron-in-unit-tests.ts", import.meta.url)) },
  },
  ssr: { resolve: { conditions } },
  test: {
    include: ["src-*/**/*.test.{ts,tsx}"],
    globalSetup: "./vitest.setup.ts",
    restoreMocks: true,
    // Left to itself vitest keeps one processor free, and of two that is half.
    maxWorkers: "100%",
    // Many tests try every byte of a file: on two cores that are busy with other tests they take their time.
    testTimeout: 30_000,
    // Style sheets are empty in unit tests, except where one is read as text.
    css: { include: [/\?raw$/] },
  },
});
