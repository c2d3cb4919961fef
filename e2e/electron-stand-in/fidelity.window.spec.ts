/** What the main process can do with windows and with the pages in them. */
import { expect, test } from "@playwright/test";
import { eventsOf, isRealElectron, type Launched, launchFixture, resetFixture } from "./fidelity-app.ts";

let fixture: Launched;
test.beforeAll(async () => {
  fixture = await launchFixture();
  // The last thing that a window tells when it opens: what the first one tells later would be taken for another's.
  await expect.poll(() => eventsOf(fixture.app, "focus")).not.toEqual([]);
});
test.beforeEach(() => resetFixture(fixture.app));
test.afterAll(() => fixture?.close());

test.describe("windows", () => {
  test("a window is announced, loads, is ready to show and then shown", async () => {
    const { app } = fixture;
    await app.evaluate(async () => {
      globalThis.fixture.open();
      await globalThis.fixture.loaded;
    });
    await expect.poll(() => eventsOf(app, "focus")).not.toEqual([]);
    const names = await app.evaluate(() => globalThis.fixture.events.map(([name]) => name));
    const interesting = [
      "browser-window-created",
      "web-contents-created",
      "did-navigate",
      "dom-ready",
      "did-finish-load",
      "ready-to-show",
      "show",
      "focus",
    ];
    expect(names.filter((name) => interesting.includes(String(name)) && name !== "blur").slice(2)).toEqual(
      interesting.slice(2),
    );
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().at(-1)?.destroy());
    expect(await eventsOf(app, "closed")).toHaveLength(1);
  });

  test("can be found from its page, its contents and its number", async () => {
    const window = await fixture.app.browserWindow(fixture.page);
    const seen = await fixture.app.evaluate(({ BrowserWindow, webContents }, handle) => {
      const found = handle as Electron.BrowserWindow;
      return [
        BrowserWindow.fromWebContents(found.webContents) === found,
        BrowserWindow.fromId(found.id) === found,
        webContents.fromId(found.webContents.id) === found.webContents,
        BrowserWindow.getAllWindows().length,
        BrowserWindow.getFocusedWindow() === found,
      ];
    }, window);
    expect(seen).toEqual([true, true, true, 1, true]);
  });

  test("its size is the page's, and setBounds really resizes", async () => {
    const { app, page } = fixture;
    const size = () => page.evaluate(() => [window.innerWidth, window.innerHeight]);
    const win = await app.browserWindow(page);
    expect(await win.evaluate((w) => [w.getBounds().width, w.getBounds().height])).toEqual([900, 640]);
    if (!isRealElectron) await expect.poll(size).toEqual([900, 640]);
    await win.evaluate((w) => w.setBounds({ x: 40, y: 30, width: 1200, height: 700 }));
    expect(await win.evaluate((w) => w.getBounds())).toEqual({ x: 40, y: 30, width: 1200, height: 700 });
    await expect.poll(async () => (await size())[0]).toBe(1200);
    await win.evaluate((w) => w.setBounds({ width: 560, height: 300 }));
    await expect.poll(async () => (await size())[0]).toBe(560);
    expect(await eventsOf(app, "resize")).toHaveLength(2);
    expect(await eventsOf(app, "move")).toHaveLength(1);
    await win.evaluate((w) => w.setBounds({ width: 900, height: 640 }));
  });

  test("maximize, minimize and full screen keep the normal bounds", async () => {
    const { app, page } = fixture;
    const win = await app.browserWindow(page);
    const before = await win.evaluate((w) => w.getBounds());
    const seen = await win.evaluate((w) => {
      const states: unknown[] = [];
      const look = () => states.push([w.isMaximized(), w.isMinimized(), w.isFullScreen()]);
      w.maximize();
      look();
      w.unmaximize();
      look();
      w.minimize();
      look();
      w.restore();
      look();
      w.setFullScreen(true);
      look();
      w.setFullScreen(false);
      look();
      return { states, normal: w.getNormalBounds(), bounds: w.getBounds() };
    });
    expect(seen.states).toEqual([
      [true, false, false],
      [false, false, false],
      [false, true, false],
      [false, false, false],
      [false, false, true],
      [false, false, false],
    ]);
    expect(seen.normal).toEqual(before);
    expect(seen.bounds).toEqual(before);
    expect(await eventsOf(app, "maximize")).toHaveLength(1);
    expect(await eventsOf(app, "unmaximize")).toHaveLength(1);
  });

  test("the maximized page fills the screen", async () => {
    const { app, page } = fixture;
    const win = await app.browserWindow(page);
    await win.evaluate((w) => w.maximize());
    const width = await app.evaluate(({ screen }) => screen.getPrimaryDisplay().workArea.width);
    await expect.poll(() => page.evaluate(() => window.innerWidth)).toBe(width);
    await win.evaluate((w) => w.unmaximize());
    await expect.poll(() => page.evaluate(() => window.innerWidth)).toBe(900);
  });

  test("show, hide, focus and blur are told and can be asked", async () => {
    const { app, page } = fixture;
    const win = await app.browserWindow(page);
    const seen = await win.evaluate((w) => {
      const states: unknown[] = [];
      const look = () => states.push([w.isVisible(), w.isFocused()]);
      w.hide();
      look();
      w.showInactive();
      look();
      w.focus();
      look();
      return states;
    });
    expect(seen).toEqual([
      [false, false],
      [true, false],
      [true, true],
    ]);
    expect(await app.evaluate(() => globalThis.fixture.events.map(([name]) => name))).toEqual([
      "hide",
      "blur",
      "show",
      "focus",
    ]);
  });

  test("the page's title becomes the window's, unless prevented", async () => {
    const { app, page } = fixture;
    const win = await app.browserWindow(page);
    const title = () => win.evaluate((w) => [w.getTitle(), w.webContents.getTitle()]);
    await expect.poll(title).toEqual(["Fixture page", "Fixture page"]);
    await win.evaluate((w) => {
      w.once("page-title-updated", (event: Electron.Event) => event.preventDefault());
    });
    await page.evaluate(() => {
      document.title = "Another";
    });
    await expect.poll(title).toEqual(["Fixture page", "Another"]);
    await win.evaluate((w) => w.setTitle("By hand"));
    expect(await win.evaluate((w) => w.getTitle())).toBe("By hand");
  });

  test("the rest of the frame is accepted", async () => {
    const win = await fixture.app.browserWindow(fixture.page);
    const seen = await win.evaluate((w) => {
      w.setDocumentEdited(true);
      w.setRepresentedFilename("/x.wal");
      w.setAutoHideMenuBar(true);
      w.setMenuBarVisibility(false);
      const menuBar = [w.isMenuBarAutoHide(), w.isMenuBarVisible()];
      w.setAutoHideMenuBar(false);
      w.setMenuBarVisibility(true);
      return menuBar;
    });
    expect(seen).toEqual([true, false]);
  });

  test("screenshots show the page at its size", async () => {
    const picture = await fixture.page.screenshot();
    expect([picture.readUInt32BE(16), picture.readUInt32BE(20)][0]).toBe(900);
  });
});

test.describe("web contents", () => {
  test("runs code in the page's own world", async () => {
    const win = await fixture.app.browserWindow(fixture.page);
    const seen = await win.evaluate(async ({ webContents }) => [
      await webContents.executeJavaScript("1 + 1"),
      await webContents.executeJavaScript("Promise.resolve(typeof window.bridge.add)"),
      await webContents.executeJavaScript("typeof preloadSecret"),
      await webContents
        .executeJavaScript("throw new RangeError('thrown in the page')")
        .catch((error: Error) => String(error)),
    ]);
    expect(seen.slice(0, 3)).toEqual([2, "function", "undefined"]);
    expect(seen[3]).toContain("thrown in the page");
  });

  test("zoom gives the page fewer and larger pixels", async () => {
    const { app, page } = fixture;
    const win = await app.browserWindow(page);
    const width = () => page.evaluate(() => window.innerWidth);
    await win.evaluate(({ webContents }) => webContents.setZoomFactor(1.5));
    await expect.poll(width).toBe(600);
    expect(await win.evaluate(({ webContents }) => webContents.getZoomFactor())).toBeCloseTo(1.5);
    await win.evaluate(({ webContents }) => webContents.setZoomLevel(1));
    expect(await win.evaluate(({ webContents }) => webContents.getZoomFactor())).toBeCloseTo(1.2);
    await expect.poll(width).toBe(750);
    await win.evaluate(({ webContents }) => webContents.setZoomLevel(0));
    await expect.poll(width).toBe(900);
  });

  test("console messages arrive with their level", async () => {
    const { app, page } = fixture;
    await page.evaluate(() => {
      console.warn("be", "careful", 1);
      console.info("noted");
    });
    await expect
      .poll(() => eventsOf(app, "console-message"))
      .toEqual([
        ["warning", "be careful 1"],
        ["info", "noted"],
      ]);
  });

  test("preferences, session and developer tools", async () => {
    const win = await fixture.app.browserWindow(fixture.page);
    const seen = await fixture.app.evaluate(({ session }, handle) => {
      const { webContents } = handle as Electron.BrowserWindow;
      webContents.closeDevTools();
      const preferences = (
        webContents as unknown as { getLastWebPreferences(): Electron.WebPreferences }
      ).getLastWebPreferences();
      return [
        webContents.session === session.defaultSession,
        preferences.contextIsolation,
        preferences.sandbox,
        preferences.nodeIntegration,
      ];
    }, win);
    expect(seen).toEqual([true, true, true, false]);
  });
});
