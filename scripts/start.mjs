/** `npm start [-- file.wal]`: installs and builds what is missing and opens the inspector; in a browser where it must. */
import { spawn } from "node:child_process";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { buildIfStale, installWhatIsMissing, ROOT, run, say, stop } from "./setup.mjs";

const USAGE = `Usage: npm start [-- [--browser] [--port <number>] [file.wal]]

  file.wal   the log to open; it opens read-only
  --browser  serve the inspector to a browser even where Electron could open a window
  --port     port of the browser host; any free one unless told`;

/** An Electron that ends this early with an error has not shown its window. */
const EARLY_MS = 10_000;

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        browser: { type: "boolean", default: false },
        port: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (values.help) {
      console.log(USAGE);
      process.exit(0);
    }
    if (positionals.length > 1) throw new Error(`One file at a time, please: ${positionals.join(", ")}`);
    // npm changes to the project's folder; a path means the folder in which the person typed it.
    const file = positionals[0] && resolve(process.env.INIT_CWD ?? process.cwd(), positionals[0]);
    return { file, port: values.port, isBrowserWanted: values.browser };
  } catch (error) {
    return stop(`${error.message}\n\n${USAGE}`);
  }
}

/** The program to start, or why there is none. */
async function chooseElectron() {
  const { fetchElectron, findElectron, hasDisplay } = await import("./electron.mjs");
  if (process.env.ELECTRON_OVERRIDE_DIST_PATH)
    return { path: join(process.env.ELECTRON_OVERRIDE_DIST_PATH, "electron") };
  if (!hasDisplay()) return { reason: "this machine has no display (neither DISPLAY nor WAYLAND_DISPLAY is set)" };
  const present = findElectron();
  if (present !== null) return present;
  say("Fetching Electron's binary, once (about 120 MB)");
  const { electron, reason } = fetchElectron();
  return electron ?? { reason: `Electron's binary is not here and could not be downloaded (${reason})` };
}

async function serve(args, hasDisplay) {
  const options = [
    ...(args.file ? [args.file] : []),
    ...(args.port ? ["--port", args.port] : []),
    ...(hasDisplay ? ["--open"] : []),
  ];
  const host = spawn(process.execPath, [join(ROOT, "out/main/web.js"), ...options], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => host.kill(signal));
  host.on("close", (code) => process.exit(code ?? 0));
}

async function main() {
  const args = readArguments();
  await installWhatIsMissing();
  await buildIfStale();
  const { hasDisplay, sandboxSwitches } = await import("./electron.mjs");
  const electron = args.isBrowserWanted ? { reason: null } : await chooseElectron();
  if (electron.path === undefined) {
    if (electron.reason !== null) say(`No window: ${electron.reason}.`);
    say("Serving the inspector to the browser instead; it is the same inspector.");
    await serve(args, hasDisplay());
    return;
  }
  say(`Opening Softadastra Inspector${args.file ? ` with ${args.file}` : ""}`);
  const startedMs = Date.now();
  const code = await run(electron.path, [...sandboxSwitches(), ROOT, ...(args.file ? [`--file=${args.file}`] : [])]);
  if (code === 0 || Date.now() - startedMs > EARLY_MS) process.exit(code);
  say(`Electron ended with code ${code} before it showed a window; its own message stands above.`);
  say("Serving the inspector to the browser instead; it is the same inspector.");
  await serve(args, hasDisplay());
}

await main();
