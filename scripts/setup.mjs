/** What the start and test commands share: saying what they do, running programs, installing what is missing. */
import { spawn } from "node:child_process";
import fs from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("..", import.meta.url));

export function say(text) {
  console.log(`▸ ${text}`);
}

/** Ends the command with a message that says what to do. */
export function stop(text) {
  console.error(`\n✖ ${text}`);
  process.exit(1);
}

/** Runs a program and hands its output through; resolves with its exit code, 127 when it cannot be started. */
export function run(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: "inherit", ...options });
    child.on("error", (error) => {
      if (options.stdio !== "ignore") console.error(`${command}: ${error.message}`);
      resolve(127);
    });
    child.on("close", (code, signal) => resolve(code ?? (signal === null ? 1 : 128)));
  });
}

/** Runs a JavaScript program of the project's dependencies, without a shell in between. */
export function runTool(path, args = [], options = {}) {
  return run(process.execPath, [join(ROOT, "node_modules", path), ...args], options);
}

/** Runs npm, the one that started us where there is one. */
function npm(args) {
  const own = process.env.npm_execpath;
  if (own?.endsWith(".js")) return run(process.execPath, [own, ...args]);
  return process.platform === "win32" ? run("npm.cmd", args, { shell: true }) : run("npm", args);
}

const readJson = (path) => {
  try {
    return JSON.parse(fs.readFileSync(join(ROOT, path), "utf8"));
  } catch {
    return null;
  }
};

/** Whether node_modules holds what package-lock.json names; packages for other systems are optional and may be absent. */
export function isInstalled() {
  const wanted = readJson("package-lock.json")?.packages ?? {};
  const present = readJson("node_modules/.package-lock.json")?.packages;
  if (present === undefined) return false;
  return Object.entries(wanted).every(
    ([path, { version, link, optional, devOptional, peer }]) =>
      !path.includes("node_modules/") || link || optional || devOptional || peer || present[path]?.version === version,
  );
}

/** Without the built SDK package, the examples and other packages cannot import it by name. */
const isSdkBuilt = () => fs.existsSync(join(ROOT, "src-sdk/dist/index.js"));

export async function installWhatIsMissing() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19))
    stop(`Node 20.19 or newer is needed; this is ${process.version}. Install a newer Node and run the command again.`);
  if (isInstalled() && isSdkBuilt()) return;
  say("Installing the packages that package-lock.json names (npm ci)");
  const code = await npm(["ci", "--no-audit", "--no-fund"]);
  if (code !== 0)
    stop("The packages could not be installed: npm's own message stands above. Is the npm registry reachable?");
}

function newestMs(directory) {
  let newest = 0;
  for (const entry of fs.readdirSync(join(ROOT, directory), { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    if (entry.isFile() && !/[\\/](dist|node_modules)[\\/]/.test(path))
      newest = Math.max(newest, fs.statSync(path).mtimeMs);
  }
  return newest;
}

const SOURCES = ["src-contract", "src-sdk", "src-main", "src-preload", "src-renderer"];
const CONFIGS = ["electron.vite.config.ts", "package-lock.json", "package.json"];
const BUILT = [
  "out/main/index.js",
  "out/main/web.js",
  "out/main/worker.js",
  "out/preload/index.cjs",
  "out/renderer/index.html",
];

/** Whether out/ was built after the last change of a source. */
function isBuilt() {
  if (!BUILT.every((path) => fs.existsSync(join(ROOT, path)))) return false;
  const builtMs = Math.min(...BUILT.map((path) => fs.statSync(join(ROOT, path)).mtimeMs));
  return [...SOURCES.map(newestMs), ...CONFIGS.map((path) => fs.statSync(join(ROOT, path)).mtimeMs)].every(
    (changedMs) => changedMs < builtMs,
  );
}

export const build = (level = "info") => runTool("electron-vite/bin/electron-vite.js", ["build", "--logLevel", level]);

export async function buildIfStale() {
  if (isBuilt()) return;
  say("Building the inspector");
  if ((await build("warn")) !== 0) stop("The build failed: the message stands above.");
}
