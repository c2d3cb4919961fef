/** Serves the built page under `app://inspector/`, and nothing outside its directory. */
import fs from "node:fs/promises";
import { extname, join, sep } from "node:path";
import { SECURITY_HEADERS } from "../inspector/content-policy.ts";

export const PAGE_SCHEME = "app";
export const PAGE_ORIGIN = `${PAGE_SCHEME}://inspector`;
export const PAGE_URL = `${PAGE_ORIGIN}/index.html`;

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".woff2": "font/woff2",
  ".json": "application/json",
};

/** Whether a URL is one of our own page; anything that does not parse is not. */
export function isOwnPage(url: string): boolean {
  try {
    const { protocol, host } = new URL(url);
    return `${protocol}//${host}` === PAGE_ORIGIN;
  } catch {
    return false;
  }
}

function refuse(status: number): Response {
  return new Response(null, { status, headers: SECURITY_HEADERS });
}

/** Answers requests for files of `root`. Everything else is refused: other hosts, ways out, links to elsewhere, other methods. */
export function pageHandler(root: string): (request: Request) => Promise<Response> {
  return async (request) => {
    if (!isOwnPage(request.url)) return refuse(403);
    if (request.method !== "GET" && request.method !== "HEAD") return refuse(405);
    let path: string;
    try {
      path = decodeURIComponent(new URL(request.url).pathname);
    } catch {
      return refuse(400);
    }
    // A decoded separator, backslash or NUL is never part of a name of ours.
    if (path.includes("\0") || path.includes("\\") || path.split("/").includes("..")) return refuse(403);
    const type = TYPES[extname(path)];
    if (type === undefined) return refuse(404);
    try {
      const realRoot = await fs.realpath(root);
      const file = await fs.realpath(join(realRoot, path));
      if (!file.startsWith(realRoot + sep)) return refuse(403);
      const body = await fs.readFile(file);
      return new Response(request.method === "HEAD" ? null : new Uint8Array(body), {
        status: 200,
        headers: { ...SECURITY_HEADERS, "content-type": type, "cache-control": "no-cache" },
      });
    } catch {
      return refuse(404);
    }
  };
}
