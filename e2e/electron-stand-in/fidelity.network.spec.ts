/** What a page can reach: the app's own scheme, its policy, other origins, permissions. */
import { expect, test } from "@playwright/test";
import { eventsOf, HOME, type Launched, launchFixture, loadUrl, PAGE_ORIGIN, resetFixture } from "./fidelity-app.ts";

let fixture: Launched;
test.beforeAll(async () => {
  fixture = await launchFixture();
});
test.beforeEach(() => resetFixture(fixture.app));
test.afterAll(() => fixture?.close());

const load = (url: string) => loadUrl(fixture.app, url);
const currentUrl = () =>
  fixture.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.getURL());
const get = (path: string, init?: { method: string; body?: number[]; headers?: Record<string, string> }) =>
  fixture.page.evaluate(
    async ([address, options]) => {
      const body = options?.body ? new Uint8Array(options.body) : null;
      const response = await fetch(address, { ...options, body });
      return {
        status: response.status,
        bytes: [...new Uint8Array(await response.arrayBuffer())],
        kind: response.headers.get("x-kind"),
      };
    },
    [path, init] as const,
  );

test.describe("protocol.handle", () => {
  test("the main process sees the app's scheme everywhere", async () => {
    const { app, page } = fixture;
    expect(page.url()).toBe(`${PAGE_ORIGIN}/page.html`);
    expect(await currentUrl()).toBe(HOME);
    expect(await load("app://fixture/page.html?again#part")).toBe("loaded");
    expect(await currentUrl()).toBe("app://fixture/page.html?again#part");
    expect(await app.evaluate(() => globalThis.fixture.handled)).toEqual([
      expect.stringMatching(/^app:\/\/fixture\/page\.html\?again/),
      "app://fixture/page.js",
    ]);
  });

  test("answers carry status, headers, bytes and streams", async () => {
    expect(await get("/bytes")).toEqual({ status: 200, bytes: [0, 255, 128, 13, 10], kind: "bytes" });
    expect(Buffer.from((await get("/stream")).bytes).toString()).toBe("one two three");
    expect((await get("/missing")).status).toBe(404);
    expect((await get("/forbidden")).status).toBe(403);
    expect((await get("/method")).status).toBe(405);
    expect((await get("/method", { method: "POST" })).status).toBe(204);
  });

  test("requests carry method, headers, body and the app's address", async () => {
    const { bytes } = await get("/echo?q=1", { method: "PUT", body: [0, 200, 10], headers: { "x-mine": "yes" } });
    const seen = JSON.parse(Buffer.from(bytes).toString());
    expect(seen).toMatchObject({
      url: "app://fixture/echo?q=1",
      method: "PUT",
      body: [0, 200, 10],
      headers: { "x-mine": "yes" },
    });
    expect(seen.headers.origin).toBe("app://fixture");
  });

  test("a handler that throws is a failed request", async () => {
    expect(await get("/throws").catch((error: Error) => error.message)).toContain("Failed to fetch");
    expect(fixture.output()).toContain("handler failed");
  });

  test("a redirect is followed, and fetch resolves it", async () => {
    const url = await fixture.page.evaluate(async () => (await fetch("/redirect")).url);
    expect(url).toBe(`${PAGE_ORIGIN}/page.html?redirected`);
  });

  test("a worker's script and its requests are answered, too", async () => {
    const { app, page } = fixture;
    await page.evaluate(() => new Worker("/page.js"));
    await expect.poll(() => app.evaluate(() => globalThis.fixture.handled)).toContain("app://fixture/page.js");
  });

  test("schemes are registered before ready and handled once", async () => {
    const messages = await fixture.app.evaluate(({ protocol, session }) => {
      const attempt = (act: () => void) => {
        try {
          act();
          return "done";
        } catch (error) {
          return (error as Error).message;
        }
      };
      const answer = () => new Response("x");
      return [
        attempt(() => protocol.registerSchemesAsPrivileged([{ scheme: "late" }])),
        attempt(() => protocol.handle("app", answer)),
        attempt(() => session.defaultSession.protocol.handle("app", answer)),
        protocol.isProtocolHandled("app"),
        protocol.isProtocolHandled("late"),
      ];
    });
    expect(messages).toEqual([
      "protocol.registerSchemesAsPrivileged should be called before app is ready",
      "Failed to register protocol: app",
      "Failed to register protocol: app",
      true,
      false,
    ]);
  });

  test("loadURL rejects as Electron does", async () => {
    expect(await load("nonsense")).toEqual([
      "ERR_INVALID_URL (-300) loading 'nonsense'",
      "ERR_INVALID_URL",
      -300,
      "nonsense",
    ]);
    const [message, code] = (await load("https://example.com/")) as [string, string];
    expect(message).toContain(`${code} (`);
    expect(await eventsOf(fixture.app, "did-fail-load")).toContainEqual([
      expect.any(Number),
      code,
      "https://example.com/",
      true,
    ]);
    expect(await load(HOME)).toBe("loaded");
  });
});

test.describe("content security policy", () => {
  test("is enforced: no eval, no inline script, no other origin", async () => {
    const { app, page } = fixture;
    const seen = await page.evaluate(async () => {
      const script = document.createElement("script");
      script.textContent = "window.inlineRan = true";
      document.body.append(script);
      const fetched = await fetch("https://example.com/data").then(
        () => "fetched",
        (error: Error) => error.name,
      );
      return {
        fetched,
        inline: "inlineRan" in window,
        evaluated: (window as unknown as { evalError?: string }).evalError,
      };
    });
    expect(seen).toEqual({ fetched: "TypeError", inline: false, evaluated: "EvalError" });
    await expect
      .poll(async () => JSON.stringify(await eventsOf(app, "console-message")))
      .toContain("Content Security Policy");
  });
});

test.describe("webRequest", () => {
  test("hears of every request and can cancel it", async () => {
    const { app } = fixture;
    await get("/bytes");
    expect(await app.evaluate(() => globalThis.fixture.requests)).toContainEqual([
      "app://fixture/bytes",
      "xhr",
      expect.any(Number),
    ]);
    await app.evaluate(() => {
      globalThis.fixture.cancelUrl = "/bytes";
    });
    expect(await get("/bytes").catch((error: Error) => error.message)).toContain("Failed to fetch");
    expect((await get("/stream")).status).toBe(200);
  });

  test("hears of web sockets, which reach nobody", async () => {
    const { app, page } = fixture;
    const ended = await page.evaluate(
      () =>
        new Promise((done) => {
          const socket = new WebSocket("wss://sockets.example/");
          socket.onopen = () => done("open");
          socket.onerror = () => done("failed");
        }),
    );
    expect(ended).toBe("failed");
    const seen = await app.evaluate(() => globalThis.fixture.requests);
    expect(seen).toContainEqual(["wss://sockets.example/", "webSocket", expect.any(Number)]);
  });

  test("hears of requests to other origins, which fail", async () => {
    const { app, page } = fixture;
    await load("https://example.com/elsewhere");
    expect(await app.evaluate(() => globalThis.fixture.requests)).toContainEqual([
      "https://example.com/elsewhere",
      "mainFrame",
      expect.any(Number),
    ]);
    await load(HOME);
    expect(await page.title()).toBe("Fixture page");
  });
});

test.describe("permissions", () => {
  const askForAll = () =>
    fixture.page.evaluate(async () => {
      const state = async (name: string) => (await navigator.permissions.query({ name: name as PermissionName })).state;
      const failure = (error: Error) => error.name;
      return {
        geolocation: await new Promise((done) => {
          navigator.geolocation.getCurrentPosition(
            () => done("granted"),
            (error) => done(error.code === error.PERMISSION_DENIED ? "denied" : "no position"),
            { timeout: 200 },
          );
        }),
        notifications: await Notification.requestPermission(),
        read: await navigator.clipboard.readText().catch(failure),
        write: await navigator.clipboard.writeText("copied").then(() => "written", failure),
        states: [await state("geolocation"), await state("notifications"), Notification.permission],
      };
    });

  test("requests that the handler denies are denied in the page", async () => {
    const { app, page } = fixture;
    await page.reload();
    expect(await askForAll()).toEqual({
      geolocation: "denied",
      notifications: "denied",
      read: "NotAllowedError",
      write: "NotAllowedError",
      states: ["denied", "denied", "denied"],
    });
    expect(await app.evaluate(() => globalThis.fixture.permissionRequests)).toEqual(
      ["geolocation", "notifications", "clipboard-read", "clipboard-sanitized-write"].map((name) => [
        name,
        expect.stringContaining("app://fixture/page.html"),
      ]),
    );
    expect(await app.evaluate(() => globalThis.fixture.permissionChecks)).toContainEqual([
      "geolocation",
      expect.stringContaining("app://fixture"),
    ]);
  });

  test("requests that the handler grants are granted", async () => {
    const { app, page } = fixture;
    await app.evaluate(() => {
      globalThis.fixture.allowPermission = true;
    });
    await page.reload();
    await page.evaluate(() => navigator.clipboard.writeText("earlier"));
    expect(await askForAll()).toMatchObject({
      geolocation: expect.stringMatching(/granted|no position/),
      notifications: "granted",
      read: "earlier",
      write: "written",
      states: ["granted", "granted", "granted"],
    });
  });

  test("a denied full screen is refused", async () => {
    const refused = await fixture.page.evaluate(() =>
      document.body.requestFullscreen().catch((error: Error) => error.name),
    );
    expect(refused).toBe("TypeError");
  });
});
