/** Where a page can go: other pages and new windows, and how the app is asked before. */
import { expect, test } from "@playwright/test";
import {
  eventsOf,
  HOME,
  isRealElectron,
  type Launched,
  launchFixture,
  loadUrl,
  PAGE_ORIGIN,
  resetFixture,
} from "./fidelity-app.ts";

let fixture: Launched;
test.beforeAll(async () => {
  fixture = await launchFixture();
});
test.beforeEach(() => resetFixture(fixture.app));
test.afterAll(() => fixture?.close());

const load = (url: string) => loadUrl(fixture.app, url);
const currentUrl = () =>
  fixture.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.getURL());

async function loadHome(): Promise<void> {
  const { app, page } = fixture;
  const before = await app.evaluate(() => Date.now());
  await load(HOME);
  // The app knows of a load a moment before Playwright does, which then drops what it evaluates in the page.
  await expect(async () => expect(await page.evaluate(() => performance.timeOrigin)).toBeGreaterThan(before)).toPass();
  await resetFixture(app);
}

test.describe("navigation", () => {
  test.beforeEach(loadHome);

  const ways: [string, () => unknown][] = [
    ["location", () => window.location.assign("https://example.com/away")],
    ["a link", () => document.getElementById("away")?.click()],
    ["a form", () => document.getElementById("form")?.querySelector("button")?.click()],
    ["a link within the app", () => document.getElementById("inside")?.click()],
    ["a reload", () => window.location.reload()],
    [
      "a form that posts",
      () => Object.assign(document.getElementById("form") as HTMLFormElement, { method: "post" }).submit(),
    ],
    ["a meta refresh", () => document.head.insertAdjacentHTML("beforeend", '<meta http-equiv="refresh" content="0">')],
    ["a blob", () => window.location.assign(URL.createObjectURL(new Blob(["<p>blob"], { type: "text/html" })))],
  ];
  for (const [name, go] of ways) {
    test(`${name} is asked about and stays where it is when prevented`, async () => {
      const { app, page } = fixture;
      await page.evaluate(() => {
        (window as unknown as { mark: number }).mark = 1;
      });
      await page.evaluate(go);
      await expect.poll(() => eventsOf(app, "will-navigate")).toHaveLength(1);
      expect(await eventsOf(app, "will-frame-navigate")).toEqual(await eventsOf(app, "will-navigate"));
      expect(await eventsOf(app, "did-navigate")).toEqual([]);
      expect(await currentUrl()).toBe(HOME);
      expect(await page.evaluate(() => (window as unknown as { mark: number }).mark)).toBe(1);
    });
  }

  test("what is allowed happens, and is reported in the app's own addresses", async () => {
    const { app, page } = fixture;
    await app.evaluate(({ BrowserWindow }) => {
      globalThis.fixture.allowNavigation = true;
      BrowserWindow.getAllWindows()[0]?.webContents.on("did-navigate", (_event, url, status) => {
        globalThis.fixture.events.push(["status", url, status]);
      });
    });
    await page.locator("#inside").click();
    await page.waitForURL("**/page.html?inside");
    await page.getByRole("heading").waitFor();
    const target = "app://fixture/page.html?inside";
    expect(await eventsOf(app, "will-navigate")).toEqual([[target]]);
    expect(await eventsOf(app, "status")).toEqual([[target, 200]]);
    await page.evaluate(() => {
      window.location.hash = "part";
    });
    await expect.poll(() => eventsOf(app, "did-navigate-in-page")).toEqual([[`${target}#part`]]);
    expect(await eventsOf(app, "will-navigate")).toHaveLength(1);
  });

  test("a redirect of the page is asked about", async () => {
    const { app, page } = fixture;
    expect(await load("app://fixture/redirect")).not.toBe("loaded");
    expect(await eventsOf(app, "will-redirect")).toEqual([["app://fixture/page.html?redirected"]]);
    await app.evaluate(() => {
      globalThis.fixture.allowNavigation = true;
    });
    expect(await load("app://fixture/redirect")).toBe("loaded");
    await expect(async () => expect(await page.evaluate(() => window.location.search)).toBe("?redirected")).toPass();
  });

  test("an allowed blob is shown", async () => {
    const { app, page } = fixture;
    await app.evaluate(() => {
      globalThis.fixture.allowNavigation = true;
    });
    await page.evaluate(() =>
      window.location.assign(URL.createObjectURL(new Blob(["<h1>Blob</h1>"], { type: "text/html" }))),
    );
    await expect(page.getByRole("heading")).toHaveText("Blob");
    expect(await eventsOf(app, "will-navigate")).toEqual([[expect.stringMatching(/^blob:app:\/\/fixture\//)]]);
  });

  test("a mail link starts nothing", async () => {
    const { app, page } = fixture;
    await page.locator("#mail").click();
    await expect.poll(() => eventsOf(app, "will-navigate")).toEqual([["mailto:someone@example.com"]]);
    expect(await currentUrl()).toBe(HOME);
  });

  test("loadURL, reload and Playwright's own goto are not asked about", async () => {
    const { app, page } = fixture;
    await page.reload();
    await page.goto(`${PAGE_ORIGIN}/page.html?goto`);
    await load(HOME);
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.reload());
    await expect.poll(() => eventsOf(app, "did-navigate")).toHaveLength(4);
    expect(await eventsOf(app, "will-navigate")).toEqual([]);
  });
});

test.describe("new windows", () => {
  test.beforeEach(loadHome);

  const asked = () => fixture.app.evaluate(() => globalThis.fixture.windowsAsked);

  test("window.open() is asked about and gives null when denied", async () => {
    const { app, page } = fixture;
    const opened = await page.evaluate(() => [
      window.open("https://example.com/one"),
      window.open("page.html?two", "named", "width=200"),
    ]);
    expect(opened).toEqual([null, null]);
    await expect.poll(asked).toMatchObject([
      { url: "https://example.com/one", frameName: "", features: "", disposition: "foreground-tab" },
      { url: "app://fixture/page.html?two", frameName: "named", features: "width=200", disposition: "new-window" },
    ]);
    expect(app.windows()).toHaveLength(1);
  });

  test("links and forms that want a window get none", async () => {
    const { app, page } = fixture;
    await page.locator("#blank").click();
    await page.locator("#away").click({ modifiers: ["Control"] });
    await page.locator("#away").click({ button: "middle" });
    await page.locator("#form-blank button").click();
    await expect
      .poll(async () => (await asked()).map(({ url, disposition }) => [url.replace(/\?$/, ""), disposition]))
      .toEqual([
        ["https://example.com/blank", "foreground-tab"],
        ["https://example.com/away", "background-tab"],
        ["https://example.com/away", "background-tab"],
        ["https://example.com/form-blank", "foreground-tab"],
      ]);
    expect(app.windows()).toHaveLength(1);
    expect(await currentUrl()).toBe(HOME);
  });

  test("an allowed window is one of the app's", async () => {
    const { app, page } = fixture;
    await app.evaluate(() => {
      globalThis.fixture.allowWindow = true;
    });
    const opening = app.waitForEvent("window");
    await page.evaluate(() => void window.open("page.html?child"));
    const child = await opening;
    await child.getByRole("heading").waitFor();
    expect(await child.evaluate(() => window.bridge.add(1, 1))).toBe(2);
    expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(2);
    await child.close();
    await expect.poll(() => app.windows()).toHaveLength(1);
  });

  test("what slips past the page's guards is closed by the main process", async () => {
    test.skip(isRealElectron, "about how the stand-in does it");
    const { app, page } = fixture;
    await page.evaluate(() => {
      const link = document.createElement("a");
      link.href = "https://example.com/slipped";
      link.target = "_blank";
      document.body.append(link);
      link.addEventListener("click", (event) => event.stopPropagation());
      link.click();
      link.remove();
    });
    await expect.poll(asked).toMatchObject([{ url: "https://example.com/slipped" }]);
    await expect.poll(() => app.windows()).toHaveLength(1);
    expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
  });
});
