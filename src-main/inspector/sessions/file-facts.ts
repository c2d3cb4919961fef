/** Looks at paths for the user: what is there, what may be done with it, and how to say where it is. */
import fs from "node:fs/promises";
import { homedir } from "node:os";
import { basename, dirname, join, resolve, sep } from "node:path";
import { limits, type Output } from "@softadastra/inspector-contract";
import { HostError } from "./host-error.ts";

/**
 * `~/notes/a.wal` and `notes/a.wal` as absolute paths: no shell expands them in a dialog, and the host's working directory
 * means nothing to the person before it. Home does.
 */
export function absolutePath(text: string): string {
  const home = homedir();
  if (text === "~") return home;
  if (text.startsWith(`~${sep}`) || text.startsWith("~/")) return join(home, text.slice(2));
  return resolve(home, text);
}

/** The directory of a path, the home directory as ~. */
export function shownDirectory(path: string): string {
  const directory = dirname(path);
  const home = homedir();
  if (directory === home) return "~";
  return directory.startsWith(home + sep) ? `~${directory.slice(home.length)}` : directory;
}

/** The usual name of a log is `<node-id>.wal`. */
export function nodeIdOf(path: string): string {
  const name = basename(path);
  return name.replace(/\.wal$/i, "") || name;
}

const LOGS_LISTED_MAX = 200;

/** Logs in a folder, by name. */
export async function logsIn(directory: string): Promise<{ path: string; name: string; fileBytes: number }[]> {
  const names = (await fs.readdir(directory)).filter((name) => name.toLowerCase().endsWith(".wal")).sort();
  const logs: { path: string; name: string; fileBytes: number }[] = [];
  for (const name of names.slice(0, LOGS_LISTED_MAX)) {
    const path = join(directory, name);
    const stat = await fs.stat(path).catch(() => null);
    if (stat?.isFile()) logs.push({ path, name, fileBytes: stat.size });
  }
  return logs;
}

/** What `text` could be completed to: directories first, then logs, then other files. */
export async function completePath(text: string): Promise<Output<"files.complete">> {
  const path = text === "" ? homedir() : absolutePath(text);
  const isInside = text === "" || /[/\\]$/.test(text) || text === "~";
  const directory = isInside ? path : dirname(path);
  const start = isInside ? "" : basename(path).toLowerCase();
  const found = await fs.readdir(directory, { withFileTypes: true });
  const wanted = found
    .filter(
      (entry) => entry.name.toLowerCase().startsWith(start) && (start.startsWith(".") || !entry.name.startsWith(".")),
    )
    .map((entry) => ({ name: entry.name, isDirectory: entry.isDirectory(), isLog: /\.wal$/i.test(entry.name) }))
    .sort(
      (a, b) =>
        Number(b.isDirectory) - Number(a.isDirectory) ||
        Number(b.isLog) - Number(a.isLog) ||
        (a.name < b.name ? -1 : 1),
    );
  const shown = wanted.slice(0, limits.COMPLETIONS_MAX);
  const entries = await Promise.all(
    shown.map(async ({ name, isDirectory }) => {
      const entryPath = join(directory, name);
      const stat = isDirectory ? null : await fs.stat(entryPath).catch(() => null);
      return {
        path: entryPath,
        name,
        isDirectory: isDirectory || (stat?.isDirectory() ?? false),
        fileBytes: stat?.size ?? 0,
      };
    }),
  );
  return { directory, entries, hasMore: wanted.length > shown.length };
}

/** Refuses a path that is no regular file, in words. */
export async function requireFile(path: string): Promise<"file" | "folder"> {
  const stat = await fs.stat(path).catch((error: unknown) => {
    const code = error instanceof Error && "code" in error ? error.code : "";
    if (code === "ENOENT" || code === "ENOTDIR") {
      throw new HostError("NotFound", `There is no file at ${path}. It may have been moved, renamed or deleted.`, {
        path,
      });
    }
    if (code === "EACCES") {
      throw new HostError("NoPermission", `${path} cannot be looked at: this user may not enter its folder.`, { path });
    }
    throw error;
  });
  if (stat.isDirectory()) return "folder";
  if (!stat.isFile())
    throw new HostError("NotAFile", `${path} is not a regular file, so it cannot be a log.`, { path });
  return "file";
}

export async function requireReadable(path: string): Promise<void> {
  try {
    await fs.access(path, fs.constants.R_OK);
  } catch {
    throw new HostError(
      "NoPermission",
      `${path} cannot be read: this user has no permission. Change its permissions, or copy it to where you may read it.`,
      { path },
    );
  }
}
