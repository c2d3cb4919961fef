/** Starts Chromium with a profile of its own and a DevTools pipe, and sees to it that both go away again. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { findChromium } from "./find.mjs";

const REAPER = fileURLToPath(new URL("reaper.sh", import.meta.url));

/** What a browser does by itself and an Electron app does not. */
const QUIET = [
  "--disable-background-networking",
  "--disable-breakpad",
  "--disable-client-side-phishing-detection",
  "--disable-component-update",
  "--disable-default-apps",
  "--disable-extensions",
  "--disable-gpu",
  "--disable-quic",
  "--disable-sync",
  "--metrics-recording-only",
  "--no-default-browser-check",
  "--no-first-run",
  "--password-store=basic",
];

/** Every host name is unknown, so that nothing a page does leaves the machine even where no request can be caught. */
const OFFLINE = "--host-resolver-rules=MAP * ~NOTFOUND";

/** Programs that Chromium would start to hand a link to the desktop. */
const DESKTOP_HELPERS = ["xdg-open", "xdg-settings", "gio", "gnome-open", "kde-open"];

/**
 * A short path: Chromium puts a Unix socket below it, whose path may have 107 bytes.
 * @returns {{ folder: string, profile: string, temp: string, bin: string }}
 */
function makeFolders() {
  const folder = mkdtempSync(join(tmpdir(), "electron-stand-in-"));
  const folders = { folder, profile: join(folder, "profile"), temp: join(folder, "t"), bin: join(folder, "bin") };
  for (const path of [folders.profile, folders.temp, folders.bin]) mkdirSync(path);
  for (const name of DESKTOP_HELPERS) symlinkSync("/bin/true", join(folders.bin, name));
  return folders;
}

/**
 * @param {object} options
 * @param {string[]} options.switches what the app and the command line asked for
 * @param {string | undefined} options.debuggingPort for a second DevTools client, such as Playwright
 * @param {string} options.screen width "x" height
 * @param {NodeJS.ProcessEnv} options.env
 * @param {(line: string) => void} options.onLine each line Chromium prints to its standard error
 */
export function startChromium({ switches, debuggingPort, screen, env, onLine }) {
  const executable = findChromium(env);
  const folders = makeFolders();
  const isHeaded = Boolean(env.DISPLAY) && env.E2E_HEADED === "1";
  const args = [
    "--remote-debugging-pipe",
    `--user-data-dir=${folders.profile}`,
    "--no-startup-window",
    ...(debuggingPort === undefined ? [] : [`--remote-debugging-port=${debuggingPort}`]),
    ...(isHeaded ? [] : ["--headless=new", `--screen-info={${screen}}`]),
    ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
    ...QUIET,
    OFFLINE,
    ...switches,
  ];
  // A session of its own: whoever kills the stand-in's process group must not kill the reaper before it has cleaned up.
  const child = spawn("sh", [REAPER, folders.folder, executable, ...args], {
    detached: true,
    stdio: ["ignore", "ignore", "pipe", "pipe", "pipe", "pipe"],
    env: { ...env, TMPDIR: folders.temp, PATH: `${folders.bin}${delimiter}${env.PATH ?? ""}` },
  });
  const [, , stderr, toChromium, fromChromium, life] = child.stdio;
  life.on("error", () => {});
  createInterface({ input: stderr }).on("line", onLine);
  const exited = new Promise((resolve) => child.once("exit", (code) => resolve(code ?? 1)));
  return { toChromium, fromChromium, exited, hangUp: () => life.destroy() };
}
