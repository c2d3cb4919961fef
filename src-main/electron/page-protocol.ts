/** Serves the built page under `app://inspector/`, and nothing outside its directory. */
import { SECURITY_HEADERS } from "../inspector/content-policy.ts";
import { readPageFile } from "../inspector/page-files.ts";

export const PAGE_SCHEME = "app";
export const PAGE_ORIGIN = `${PAGE_SCHEME}://inspector`;
export const PAGE_URL = `${PAGE_ORIGIN}/index.html`;

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

/** Answers requests for files of `root`, and for nothing else: other hosts, other methods, ways out are refused. */
export function pageHandler(root: string): (request: Request) => Promise<Response> {
  return async (request) => {
    if (!isOwnPage(request.url)) return refuse(403);
    if (request.method !== "GET" && request.method !== "HEAD") return refuse(405);
    const file = await readPageFile(root, new URL(request.url).pathname);
    if (file === null) return refuse(404);
    return new Response(request.method === "HEAD" ? null : new Uint8Array(file.bytes), {
      status: 200,
      headers: { ...SECURITY_HEADERS, "content-type": file.type, "cache-control": "no-cache" },
    });
  };
}
