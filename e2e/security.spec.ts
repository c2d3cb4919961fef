/** What a page must never be able to do, tried out on the running inspector of either host. */
import fs from "node:fs";
import { join } from "node:path";
import { expect, type Inspector, test } from "./inspector.ts";
import { writeLog } from "./logs.ts";

/** The policy of the house, word by word. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** What the attempts below are answered with is the point of them, not a problem of the app. */
function refusalsAreExpected(inspector: Inspector): void {
  inspector.problems.length = 0;
}

test("the page has nothing of Node and nothing of Electron, only the bridge", async ({ launch, host }) => {
  const inspector = await launch();
  const found = await inspector.page.evaluate(() => ({
    node: ["require", "process", "module", "Buffer", "global", "__dirname", "setImmediate"].filter(
      (name) => name in globalThis,
    ),
    electron: Object.getOwnPropertyNames(globalThis).filter((name) =>
      /electron|ipc|webUtils|contextBridge/i.test(name),
    ),
    bridge: Object.keys(Reflect.get(globalThis, "softadastra") ?? {}).sort(),
    isBridgeFrozen: Object.isFrozen(Reflect.get(globalThis, "softadastra") ?? Object.freeze({})),
  }));
  // Put there by the tests' own tool, in the page's world.
  found.electron = found.electron.filter((name) => !name.startsWith("__playwright"));
  expect(found).toEqual({
    node: [],
    electron: [],
    bridge: host === "desktop" ? ["connect", "pathOf"] : [],
    isBridgeFrozen: true,
  });
});

test("every answer carries the policy, and the page obeys it", async ({ launch }) => {
  const inspector = await launch();
  const { page } = inspector;
  const headers = await page.evaluate(async () => {
    const assets = [...document.querySelectorAll("script[src], link[href]")].map(
      (element) => element.getAttribute("src") ?? element.getAttribute("href") ?? "",
    );
    return Promise.all(
      [location.pathname, ...assets, "/no-such-file.js"].map(async (path) => {
        const { headers: sent } = await fetch(path);
        return [sent.get("content-security-policy"), sent.get("x-content-type-options")];
      }),
    );
  });
  expect(headers.length).toBeGreaterThan(3);
  for (const sent of headers) expect(sent).toEqual([POLICY, "nosniff"]);

  const ran = await page.evaluate(async () => {
    const violations: string[] = [];
    document.addEventListener("securitypolicyviolation", (event) => violations.push(event.effectiveDirective));
    const attempts: Record<string, () => unknown> = {
      "inline script": () => {
        const script = document.createElement("script");
        script.textContent = "window.hasRun = 'inline script'";
        document.body.append(script);
      },
      "inline handler": () => {
        const image = document.createElement("img");
        image.setAttribute("onerror", "window.hasRun = 'inline handler'");
        image.src = "data:image/png;base64,AAAA";
        document.body.append(image);
      },
      "script address": () => {
        const script = document.createElement("script");
        script.src = "data:text/javascript,window.hasRun='script address'";
        document.body.append(script);
      },
      "inline style": () => {
        const style = document.createElement("style");
        style.textContent = "body { --has-run: 1 }";
        document.body.append(style);
      },
      frame: () => {
        const frame = document.createElement("iframe");
        frame.src = "data:text/html,frame";
        document.body.append(frame);
      },
      worker: () => new Worker("data:text/javascript,0"),
      evaluation: () => setTimeout("window.hasRun = 'evaluation'", 0),
      base: () => {
        const base = document.createElement("base");
        base.href = "https://elsewhere.example/";
        document.head.append(base);
      },
    };
    for (const attempt of Object.values(attempts)) {
      try {
        attempt();
      } catch {
        // A refusal that throws is a refusal.
      }
    }
    const fetched = await fetch("https://elsewhere.example/").then(
      () => "fetched",
      () => "refused",
    );
    await new Promise((resolve) => setTimeout(resolve, 300));
    return {
      hasRun: Reflect.get(globalThis, "hasRun") ?? null,
      style: getComputedStyle(document.body).getPropertyValue("--has-run"),
      base: document.baseURI === location.href.replace(/#.*/, ""),
      fetched,
      violations: [...new Set(violations)].sort(),
    };
  });
  expect(ran).toMatchObject({ hasRun: null, style: "", base: true, fetched: "refused" });
  for (const directive of [
    "script-src",
    "script-src-elem",
    "script-src-attr",
    "style-src-elem",
    "frame-src",
    "base-uri",
  ]) {
    expect(ran.violations).toContain(directive);
  }
  refusalsAreExpected(inspector);
});

test("files outside the page's folder are not served, however the way out is written", async ({ launch }) => {
  const inspector = await launch();
  const answers = await inspector.page.evaluate(async () => {
    const paths = [
      "/../package.json",
      "/%2e%2e/package.json",
      "/%2e%2e%2fpackage.json",
      "/..%2fpackage.json",
      "/..%5cpackage.json",
      "/assets/..%2f..%2fmain%2findex.js",
      "/%00",
      "/index.html%00.js",
      "//etc/passwd",
      "/%2fetc%2fpasswd",
      "/C:%5cWindows%5cwin.ini",
      "/.git/config",
    ];
    return Promise.all(
      paths.map(async (path) => {
        const answer = await fetch(location.origin + path).catch(() => null);
        const text = answer === null || !answer.ok ? "" : await answer.text();
        return [path, answer?.ok === true && !text.includes('<div id="root">') ? text.slice(0, 60) : "refused"];
      }),
    );
  });
  expect(answers.filter(([, answer]) => answer !== "refused")).toEqual([]);
  refusalsAreExpected(inspector);
});

test("hostile keys and values are shown as the text they are", async ({ launch, directory }) => {
  const file = join(directory, "hostile.wal");
  const attack = '<img src=x onerror="window.hasRun=1"><script>window.hasRun=1</script>';
  await writeLog(file, [
    [attack, attack],
    ["html", `<!doctype html>${attack}`],
    ["json", JSON.stringify({ [attack]: attack, __proto__: 1, constructor: attack })],
    ["svg", `<svg xmlns="http://www.w3.org/2000/svg" onload="window.hasRun=1">${attack}</svg>`],
    ["link", "javascript:window.hasRun=1"],
    ["\u202egnp.exe", "\u202e\u0000\u001b[31m"],
    ["__proto__", "{}"],
  ]);
  const inspector = await launch({ file });
  const { page } = inspector;
  await inspector.isRead("hostile.wal");
  await inspector.asList();
  const rows = inspector.keys.getByRole("treeitem");
  await expect(rows).toHaveCount(7);
  for (let i = 0; i < 7; i += 1) {
    await rows.nth(i).click();
    for (const tab of ["Text", "JSON", "Hex"]) {
      await page.getByRole("tab", { name: tab, exact: true }).click();
      await expect(page.getByRole("tabpanel")).toBeVisible();
    }
  }
  for (const view of ["Sync", "Health"] as const) await inspector.show(view);
  const state = await page.evaluate(() => ({
    hasRun: Reflect.get(globalThis, "hasRun") ?? null,
    polluted: Object.keys(Object.prototype),
    images: document.querySelectorAll("img").length,
  }));
  expect(state).toEqual({ hasRun: null, polluted: [], images: 0 });
});

test("at rest nothing goes over the network, and nothing ever goes elsewhere", async ({ launch, directory }) => {
  const file = join(directory, "quiet.wal");
  await writeLog(file, [["key", "value"]]);
  const inspector = await launch({ file });
  const { page } = inspector;
  const requested: string[] = [];
  page.on("request", (request) => requested.push(request.url()));
  await page.reload();
  await inspector.isRead("quiet.wal");
  const origin = new URL(page.url()).origin;
  expect(requested.filter((url) => !/^(?:data|blob):/.test(url) && new URL(url).origin !== origin)).toEqual([]);
  requested.length = 0;
  await page.waitForTimeout(1_500);
  expect(requested).toEqual([]);
});

test("frames that are no frames end the connection they came on, and the inspector goes on", async ({
  launch,
  host,
}) => {
  const inspector = await launch();
  const garbage = [
    "",
    "{",
    "null",
    "[]",
    '{"t":"call"}',
    '{"t":"hello","v":1e99}',
    "\u0000",
    "x".repeat(100_000),
    "9".repeat(5_000),
  ];
  const ended = await inspector.page.evaluate(
    async ({ texts, isDesktop }) => {
      const open = (onClose: () => void): { send: (text: string) => void } => {
        if (isDesktop) {
          const bridge = Reflect.get(globalThis, "softadastra") as {
            connect: (onText: (text: string) => void, onClose: () => void) => { send: (text: string) => void };
          };
          return bridge.connect(() => undefined, onClose);
        }
        const socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/channel`);
        socket.addEventListener("close", onClose);
        return { send: (text) => socket.addEventListener("open", () => socket.send(text)) };
      };
      return Promise.all(
        texts.map(
          (text) =>
            new Promise<boolean>((resolve) => {
              const late = setTimeout(() => resolve(false), 4_000);
              open(() => {
                clearTimeout(late);
                resolve(true);
              }).send(text);
            }),
        ),
      );
    },
    { texts: garbage, isDesktop: host === "desktop" },
  );
  expect(ended).toEqual(garbage.map(() => true));
  await inspector.page.getByRole("button", { name: /^Demo store/ }).click();
  await inspector.isRead("demo.wal");
});

test("opening, browsing and closing leave no file behind beside the log", async ({ launch, directory }) => {
  const file = join(directory, "data", "tidy.wal");
  await writeLog(file, [["key", "value"]]);
  const inspector = await launch({ file });
  await inspector.isRead("tidy.wal");
  await inspector.workOnCopy();
  await inspector.end();
  expect(fs.readdirSync(join(directory, "data"))).toEqual(["tidy.wal"]);
});
