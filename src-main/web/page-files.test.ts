import fs from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Answer, ask, SECRET, startHost } from "./testing.ts";

/** Of spec 5, word for word. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const PAGE = "<title>the page</title>";

describe("the page", () => {
  test("is answered at the root, and its files with their types", async () => {
    const host = await startHost();
    const types = {
      "a.html": "text/html; charset=utf-8",
      "a.js": "text/javascript; charset=utf-8",
      "a.css": "text/css; charset=utf-8",
      "a.svg": "image/svg+xml",
      "a.png": "image/png",
      "a.woff2": "font/woff2",
      "a.json": "application/json",
    };
    expect((await ask(host, "/")).body.toString()).toBe(PAGE);
    for (const [name, type] of Object.entries(types)) {
      const bytes = Buffer.from([0, 255, 10, 13, name.length]);
      fs.writeFileSync(join(host.root, "assets", name), bytes);
      const { status, headers, body } = await ask(host, `/assets/${name}`);
      expect([name, status, headers["content-type"], body]).toEqual([name, 200, type, bytes]);
    }
  });

  test("comes with the policy of spec 5 and its fellows, whatever the answer is", async () => {
    const host = await startHost();
    const answers: Answer[] = [
      await ask(host, "/index.html"),
      await ask(host, "/absent.js"),
      await ask(host, "/index.html", { method: "POST" }),
      await ask(host, "/index.html", { headers: { host: "evil.example" } }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 404, 405, 403]);
    for (const { headers } of answers) {
      expect(headers).toMatchObject({
        "content-security-policy": POLICY,
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
      });
      expect(headers).not.toHaveProperty("access-control-allow-origin");
      expect(headers).not.toHaveProperty("x-powered-by");
    }
  });

  test("is found whatever the query says", async () => {
    const host = await startHost();
    for (const query of ["?", "?v=1", "?file=../secret.js", "?/../../secret.js"]) {
      expect((await ask(host, `/index.html${query}`)).body.toString()).toBe(PAGE);
      expect((await ask(host, `/${query}`)).body.toString()).toBe(PAGE);
    }
  });

  test("is answered to HEAD without its body, and to no other method", async () => {
    const host = await startHost();
    const { status, headers, body } = await ask(host, "/index.html", { method: "HEAD" });
    expect([status, headers["content-length"], body.length]).toEqual([200, String(PAGE.length), 0]);
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"]) {
      expect([method, (await ask(host, "/index.html", { method })).status]).toEqual([method, 405]);
    }
  });

  test("is answered as it is now, when it was built anew while the host runs", async () => {
    const host = await startHost();
    await ask(host, "/index.html");
    fs.writeFileSync(join(host.root, "index.html"), "<title>a newer and longer page</title>");
    fs.writeFileSync(join(host.root, "assets/new.js"), "export default 1;");
    fs.rmSync(join(host.root, "assets/index.js"));
    expect((await ask(host, "/")).body.toString()).toBe("<title>a newer and longer page</title>");
    expect((await ask(host, "/assets/new.js")).body.toString()).toBe("export default 1;");
    expect((await ask(host, "/assets/index.js")).status).toBe(404);
  });

  test("is answered whole to any range that is asked for, be it none at all", async () => {
    const host = await startHost();
    for (const range of [
      "bytes=3-1",
      "bytes=0-4",
      "bytes=-5",
      "bytes=99999-",
      "bytes=1-2,4-5",
      "lines=1-2",
      "bytes=x-y",
    ]) {
      const { status, body } = await ask(host, "/index.html", { headers: { range } });
      expect([range, status, body.toString()]).toEqual([range, 200, PAGE]);
    }
  });
});

describe("a page path that leaves the root", () => {
  test("is answered 404 in every spelling of dots and separators, to every depth", async () => {
    const host = await startHost();
    const wrong: unknown[] = [];
    for (const dots of ["..", "%2e%2e", ".%2E", "%252e%252e", "..%00", "..;"]) {
      for (const slash of ["/", "\\", "%2f", "%5c", "%252f", "//"]) {
        for (const start of ["", "assets/", "assets%2f", "/"]) {
          for (const depth of [1, 2]) {
            const path = `/${start}${`${dots}${slash}`.repeat(depth)}secret.js`;
            const { status, body } = await ask(host, path);
            if (status !== 404 || body.includes(SECRET)) wrong.push([path, status]);
          }
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  test("by its absolute name is answered 404", async () => {
    const host = await startHost();
    for (const path of [`/${host.above}/secret.js`, `/%2f${host.above}/secret.js`, `${host.above}/secret.js`]) {
      expect([path, (await ask(host, path)).status]).toEqual([path, 404]);
    }
  });

  test("through a link is answered 404", async () => {
    const host = await startHost();
    fs.mkdirSync(`${host.root}-secrets`);
    fs.writeFileSync(join(`${host.root}-secrets`, "secret.js"), SECRET);
    fs.symlinkSync(join(host.above, "secret.js"), join(host.root, "file.js"));
    fs.symlinkSync(host.above, join(host.root, "up"));
    fs.symlinkSync(`${host.root}-secrets`, join(host.root, "neighbour"));
    fs.symlinkSync("assets/index.js", join(host.root, "inside.js"));
    for (const path of ["/file.js", "/up/secret.js", "/neighbour/secret.js"]) {
      const { status, body } = await ask(host, path);
      expect([path, status, body.includes(SECRET)]).toEqual([path, 404, false]);
    }
    expect((await ask(host, "/inside.js")).status).toBe(200);
  });
});

test("what is no file of a known type is answered 404: directories, other types, hidden files, broken escapes", async () => {
  const host = await startHost();
  fs.mkdirSync(join(host.root, "folder.js"));
  fs.mkdirSync(join(host.root, ".hidden"));
  for (const name of ["data.wal", "plain", ".env", ".js", ".hidden/a.js", "a.js.map"]) {
    fs.writeFileSync(join(host.root, name), SECRET);
  }
  for (const path of [
    "/assets",
    "/assets/",
    "/index",
    "/index.html/",
    "/folder.js",
    "/data.wal",
    "/plain",
    "/.env",
    "/.js",
    "/.hidden/a.js",
    "/a.js.map",
    "/%",
    "/%zz.js",
    "/%ff.js",
    "/channel",
    `/${"x".repeat(5_000)}.js`,
  ]) {
    expect([path, (await ask(host, path)).status]).toEqual([path, 404]);
  }
});
