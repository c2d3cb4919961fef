/** Finds the file to open among the arguments of a launch, the first or a second one. */
import { isAbsolute, resolve } from "node:path";

/**
 * `argv` starts with the executable; in development the app's own directory follows. Switches of Electron and Chromium
 * begin with a dash. `--file=<path>` is what our own start script passes.
 */
export function fileFromArguments(argv: readonly string[], cwd: string, isPackaged: boolean): string | null {
  const named = argv.find((argument) => argument.startsWith("--file="))?.slice("--file=".length);
  const positional = argv.slice(1).filter((argument) => argument !== "" && !argument.startsWith("-"));
  const path = named ?? (isPackaged ? positional[0] : positional[1]);
  if (path === undefined || path === "") return null;
  return isAbsolute(path) ? path : resolve(cwd, path);
}
