import fs from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { tempDirectory } from "../inspector/testing.ts";
import { isOwnPage, PAGE_ORIGIN, PAGE_URL, pageHandler } from "./page-protocol.ts";

/** Of spec 5, word for word. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const SECRET = "what lies outside";

/** A page in `page/`, with files beside it that are not the page's. */
function makePage() {
  const directory = tempDirectory();
  const root = join(directory, "page");
  fs.mkdirSync(join(root, "assets"), { recursive: true });
  fs.mkdirSync(join(directory, "page-secrets"));
  fs.writeFileSync(join(root, "index.html"), "<title>the page</title>");
  fs.writeFileSync(join(root, "assets/index.js"), "export {};");
  fs.writeFileSync(join(directory, "secret.js"), SECRET);
  fs.writeFileSync(join(directory, "page-secrets/secret.js"), SECRET);
  const handle = pageHandler(root);
  const get = (url: string, method = "GET") => handle(new Request(url, { method }));
  return { directory, root, get };
}

describe("a page request", () => {
  test("for a file of the page is answered with its bytes and its type", async () => {
    const { root, get } = makePage();
    const types = {
      "a.html": "text/html; charset=utf-8",
      "a.js": "text/javascript; charset=utf-8",
      "a.css": "text/css; charset=utf-8",
      "a.svg": "image/svg+xml",
      "a.png": "image/png",
      "a.woff2": "font/woff2",
      "a.json": "application/json",
    };
    for (const [name, type] of Object.entries(types)) {
      const bytes = Buffer.from([0, 255, 10, 13, name.length]);
      fs.writeFileSync(join(root, "assets", name), bytes);
      const response = await get(`${PAGE_ORIGIN}/assets/${name}`);
      expect([name, response.status, response.headers.get("content-type")]).toEqual([name, 200, type]);
      expect(Buffer.from(await response.arrayBuffer())).toEqual(bytes);
    }
  });

  test("is answered with the policy of spec 5 and no sniffing, whatever the answer is", async () => {
    const { get } = makePage();
    const statuses: number[] = [];
    for (const [url, method] of [
      [PAGE_URL, "GET"],
      [`${PAGE_ORIGIN}/absent.js`, "GET"],
      ["app://elsewhere/index.html", "GET"],
      [PAGE_URL, "POST"],
      [`${PAGE_ORIGIN}/%zz.js`, "GET"],
    ] as const) {
      const { status, headers } = await get(url, method);
      statuses.push(status);
      expect(headers.get("content-security-policy")).toBe(POLICY);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
    }
    expect(statuses).toEqual([200, 404, 403, 405, 404]);
  });

  test("finds its file whatever its query and fragment say", async () => {
    const { get } = makePage();
    for (const url of [`${PAGE_URL}?v=1`, `${PAGE_URL}?file=../secret.js`, `${PAGE_URL}#/../../secret.js`]) {
      expect(await (await get(url)).text()).toBe("<title>the page</title>");
    }
  });

  test("of HEAD has the headers and no body, and any other method is refused", async () => {
    const { get } = makePage();
    const head = await get(PAGE_URL, "HEAD");
    expect([head.status, head.headers.get("content-type"), await head.text()]).toEqual([
      200,
      "text/html; charset=utf-8",
      "",
    ]);
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"]) {
      expect((await get(PAGE_URL, method)).status).toBe(405);
    }
  });

  test("of another host, port or scheme is refused", async () => {
    const { get } = makePage();
    for (const origin of [
      "app://elsewhere",
      "app://inspector.evil.example",
      "app://inspector:8080",
      "app://",
      "https://inspector",
      "file://inspector",
      "apps://inspector",
    ]) {
      expect([origin, (await get(`${origin}/index.html`)).status]).toEqual([origin, 403]);
    }
  });
});

describe("a page path that leaves the root", () => {
  test("is refused in every spelling of dots and separators, to every depth", async () => {
    const { get } = makePage();
    for (const dots of ["..", "%2e%2e", ".%2E", "%2e.", "%252e%252e", "..%00", "..;"]) {
      for (const slash of ["/", "\\", "%2f", "%5c", "%252f", "//"]) {
        for (const start of ["", "assets/", "assets%2f", "/", "./"]) {
          for (const depth of [1, 2, 3]) {
            const url = `${PAGE_ORIGIN}/${start}${`${dots}${slash}`.repeat(depth)}secret.js`;
            const response = await get(url);
            expect([url, response.status >= 400, await response.text()]).toEqual([url, true, ""]);
          }
        }
      }
    }
  });

  test("is answered as a name that is absent, also where dots, NUL or backslash survive decoding", async () => {
    const { get } = makePage();
    for (const path of [
      "..%2fsecret.js",
      // Nor does the answer tell what is there.
      "..%2fabsent.js",
      "assets/..%2f..%2fsecret.js",
      "index.html%00.js",
      "..%5csecret.js",
      "a\\b.js",
    ]) {
      expect([path, (await get(`${PAGE_ORIGIN}/${path}`)).status]).toEqual([path, 404]);
    }
  });

  test("by its absolute name is not found", async () => {
    const { directory, get } = makePage();
    for (const path of [`/${directory}/secret.js`, `/%2f${directory}/secret.js`, `${directory}/secret.js`]) {
      expect((await get(`${PAGE_ORIGIN}${path}`)).status).toBe(404);
    }
  });

  test("through a link is refused, be it a file, a directory, or a neighbour whose name begins as the root's", async () => {
    const { directory, root, get } = makePage();
    fs.symlinkSync(join(directory, "secret.js"), join(root, "file.js"));
    fs.symlinkSync("../secret.js", join(root, "relative.js"));
    fs.symlinkSync(directory, join(root, "up"));
    fs.symlinkSync(join(directory, "page-secrets"), join(root, "neighbour"));
    for (const path of ["file.js", "relative.js", "up/secret.js", "up/page-secrets/secret.js", "neighbour/secret.js"]) {
      const response = await get(`${PAGE_ORIGIN}/${path}`);
      expect([path, response.status, await response.text()]).toEqual([path, 404, ""]);
    }
  });

  test("is not what a link inside the root does, nor a root that is a link itself", async () => {
    const { directory, root } = makePage();
    fs.symlinkSync("assets/index.js", join(root, "inside.js"));
    fs.symlinkSync(root, join(directory, "linked-root"));
    const response = await pageHandler(join(directory, "linked-root"))(new Request(`${PAGE_ORIGIN}/inside.js`));
    expect([response.status, await response.text()]).toEqual([200, "export {};"]);
  });
});

test("what is no file of a known type is not found: directories, other types, no type", async () => {
  const { root, get } = makePage();
  fs.mkdirSync(join(root, "folder.js"));
  for (const name of ["data.wal", "run.exe", "plain", ".env", "source.js.map"])
    fs.writeFileSync(join(root, name), SECRET);
  for (const path of [
    "assets",
    "assets/",
    "folder.js",
    "index.html/",
    "data.wal",
    "run.exe",
    "plain",
    ".env",
    "source.js.map",
  ]) {
    expect([path, (await get(`${PAGE_ORIGIN}/${path}`)).status]).toEqual([path, 404]);
  }
});

test("a page that is not built yet is not found, and no exception", async () => {
  const response = await pageHandler(join(tempDirectory(), "absent"))(new Request(PAGE_URL));
  expect(response.status).toBe(404);
});

test("only a URL of our scheme and exact host is our own page", () => {
  for (const url of [PAGE_URL, `${PAGE_ORIGIN}/`, `${PAGE_ORIGIN}/x?y#z`]) expect(isOwnPage(url)).toBe(true);
  for (const url of [
    "",
    "about:blank",
    "app:inspector",
    "app:///inspector/",
    "app://inspector.evil.example/",
    "app://inspector:1/",
    "app://inspector@evil.example/",
    "https://inspector/",
    "data:text/html,app://inspector/",
    "blob:app://inspector/0",
    `https://evil.example/#${PAGE_URL}`,
    "not a url",
  ]) {
    expect([url, isOwnPage(url)]).toEqual([url, false]);
  }
});
