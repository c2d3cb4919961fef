/** What the main process meets of the desktop: menus, dialogs, the shell, the theme, the screen, the clipboard. */
import { expect, test } from "@playwright/test";
import { eventsOf, isRealElectron, type Launched, launchFixture, resetFixture } from "./fidelity-app.ts";

let fixture: Launched;
test.beforeAll(async () => {
  fixture = await launchFixture();
});
test.beforeEach(() => resetFixture(fixture.app));
test.afterAll(() => fixture?.close());

test.describe("the desktop", () => {
  test("menus have roles, accelerators and items that can be clicked", async () => {
    const { app } = fixture;
    const seen = await app.evaluate(({ Menu }) => {
      const menu = Menu.getApplicationMenu();
      const open = menu?.getMenuItemById("open");
      open?.click();
      return [
        menu?.items.map((item) => item.label),
        open?.accelerator,
        open?.type,
        menu?.items[0]?.submenu?.items[1]?.label,
      ];
    });
    expect(seen).toEqual([["File", "View"], "CmdOrCtrl+O", "normal", "Quit"]);
    expect(await eventsOf(app, "menu")).toEqual([["open", undefined]]);
  });

  test("check boxes and radio items change when clicked", async () => {
    const seen = await fixture.app.evaluate(({ Menu }) => {
      const menu = Menu.buildFromTemplate([
        { label: "check", type: "checkbox" },
        { type: "separator" },
        { label: "a", type: "radio", checked: true },
        { label: "b", type: "radio" },
      ]);
      const states = () => menu.items.map((item) => item.checked);
      const before = states();
      menu.items[0]?.click();
      menu.items[3]?.click();
      return [before, states()];
    });
    expect(seen[0]?.[2]).toBe(true);
    expect([seen[1]?.[0], seen[1]?.[2], seen[1]?.[3]]).toEqual([true, false, true]);
  });

  test("dialogs can be replaced by a test", async () => {
    const seen = await fixture.app.evaluate(async ({ dialog }) => {
      dialog.showOpenDialog = async () => ({ canceled: false, filePaths: ["/x.wal"] });
      return dialog.showOpenDialog({});
    });
    expect(seen.filePaths).toEqual(["/x.wal"]);
  });

  test("dialogs nobody replaced are cancelled and recorded, and so is what would leave the app", async () => {
    test.skip(isRealElectron, "would open real dialogs and a real browser");
    const seen = await fixture.app.evaluate(async ({ dialog, shell, BrowserWindow }) => {
      const [window] = BrowserWindow.getAllWindows();
      globalThis.electronStandIn.calls.length = 0;
      const answers = [
        await dialog.showSaveDialog({ title: "Save" }),
        await dialog.showMessageBox(window as Electron.BrowserWindow, { message: "Sure?", buttons: ["Yes", "Cancel"] }),
        dialog.showMessageBoxSync({ message: "Sure?", buttons: ["Go on", "Stop"], cancelId: 1 }),
      ];
      await shell.openExternal("https://example.com/");
      shell.showItemInFolder("/x");
      return { answers, calls: globalThis.electronStandIn.calls.map(({ api, args }) => [api, args[0]]) };
    });
    expect(seen.answers).toEqual([{ canceled: true, filePath: "" }, { response: 1, checkboxChecked: false }, 1]);
    expect(seen.calls).toEqual([
      ["dialog.showSaveDialog", { title: "Save" }],
      ["dialog.showMessageBox", { message: "Sure?", buttons: ["Yes", "Cancel"] }],
      ["dialog.showMessageBoxSync", { message: "Sure?", buttons: ["Go on", "Stop"], cancelId: 1 }],
      ["shell.openExternal", "https://example.com/"],
      ["shell.showItemInFolder", "/x"],
    ]);
  });

  test("the theme reaches every page and survives a reload", async () => {
    const { app, page } = fixture;
    const isDark = () => page.evaluate(() => window.matchMedia("(prefers-color-scheme: dark)").matches);
    const set = (source: "system" | "light" | "dark") =>
      app.evaluate(({ nativeTheme }, value) => {
        nativeTheme.once("updated", () => globalThis.fixture.events.push(["theme", nativeTheme.shouldUseDarkColors]));
        nativeTheme.themeSource = value;
        return nativeTheme.shouldUseDarkColors;
      }, source);
    expect(await set("light")).toBe(false);
    await expect.poll(isDark).toBe(false);
    expect(await set("dark")).toBe(true);
    await expect.poll(isDark).toBe(true);
    await expect.poll(async () => (await eventsOf(app, "theme")).length).toBeGreaterThan(0);
    await page.reload();
    expect(await isDark()).toBe(true);
    await set("light");
    await expect.poll(isDark).toBe(false);
    await set("system");
  });

  test("there is a screen and a clipboard", async () => {
    const seen = await fixture.app.evaluate(async ({ screen, clipboard }) => {
      const display = screen.getPrimaryDisplay();
      await clipboard.writeText("kept");
      const matching = screen.getDisplayMatching({ x: 1, y: 1, width: 10, height: 10 });
      return [
        screen.getAllDisplays().length > 0,
        display.workArea.width > 0,
        matching.id === display.id,
        await clipboard.readText(),
      ];
    });
    expect(seen).toEqual([true, true, true, "kept"]);
  });
});
