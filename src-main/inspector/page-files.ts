/**
 * The files of the built page, and nothing outside their directory. They are read when they are asked for, whole: the
 * page may be built anew while the host runs, and a file that is gone is an answer, not the end of the process.
 */
import fs from "node:fs/promises";
import { extname, join, sep } from "node:path";

export interface PageFile {
  readonly type: string;
  readonly bytes: Uint8Array;
}

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".woff2": "font/woff2",
  ".json": "application/json",
};

function decodedPath(target: string): string | null {
  const [path = ""] = target.split("?", 1);
  try {
    return decodeURIComponent(path);
  } catch {
    return null;
  }
}

/** The file a request names; null for whatever is none: ways out, links to elsewhere, hidden files, other types. */
export async function readPageFile(root: string, target: string): Promise<PageFile | null> {
  const decoded = decodedPath(target);
  const path = decoded === "/" ? "/index.html" : decoded;
  // A decoded NUL or backslash is never part of a name of ours, nor is a dot at its start, of which `..` is one.
  if (path === null || path.includes("\0") || path.includes("\\")) return null;
  if (path.split("/").some((name) => name.startsWith("."))) return null;
  const type = TYPES[extname(path)];
  if (type === undefined) return null;
  try {
    const realRoot = await fs.realpath(root);
    const file = await fs.realpath(join(realRoot, path));
    return file.startsWith(realRoot + sep) ? { type, bytes: await fs.readFile(file) } : null;
  } catch {
    return null;
  }
}
