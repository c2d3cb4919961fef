/** `npm test [-- step ...]`: installs what is missing, then types, lint, unit, build, e2e. Stops at the first that fails. */
import { build, installWhatIsMissing, run, runTool, say, stop } from "./setup.mjs";

const STEPS = {
  types: ["Types (tsc)", () => runTool("typescript/bin/tsc", ["-b"])],
  lint: [
    "Lint and format (biome, oxlint with the import rules)",
    async () => (await runTool("@biomejs/biome/bin/biome", ["check", "."])) || runTool("oxlint/bin/oxlint"),
  ],
  unit: ["Unit tests (vitest)", () => runTool("vitest/vitest.mjs", ["run"])],
  build: ["Build (electron-vite)", () => build("warn")],
  e2e: ["End-to-end tests (playwright)", endToEnd],
};

async function endToEnd() {
  const { ensureChromium } = await import("./ensure-chromium.mjs");
  await ensureChromium();
  const { findElectron, hasDisplay } = await import("./electron.mjs");
  const args = ["node_modules/@playwright/test/cli.js", "test", "-c", "e2e"];
  // Electron needs a display; a virtual one will do.
  const needsVirtualDisplay = findElectron() !== null && !hasDisplay();
  if (needsVirtualDisplay && (await run("xvfb-run", ["--help"], { stdio: "ignore" })) === 0)
    return run("xvfb-run", ["-a", process.execPath, ...args]);
  return run(process.execPath, args);
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((step) => !(step in STEPS));
if (unknown.length > 0) stop(`No step is called ${unknown.join(", ")}. There are: ${Object.keys(STEPS).join(", ")}.`);

await installWhatIsMissing();
const steps = wanted.length > 0 ? wanted : Object.keys(STEPS);
const startedMs = Date.now();
const seconds = (sinceMs) => `${((Date.now() - sinceMs) / 1000).toFixed(1)} s`;
for (const [i, step] of steps.entries()) {
  const [title, work] = STEPS[step];
  const stepMs = Date.now();
  say(`${i + 1} of ${steps.length}: ${title}`);
  if ((await work()) !== 0) stop(`${title} failed after ${seconds(stepMs)}. To run it alone: npm test -- ${step}`);
  console.log(`  done in ${seconds(stepMs)}\n`);
}
say(`All of ${steps.join(", ")} passed in ${seconds(startedMs)}.`);
