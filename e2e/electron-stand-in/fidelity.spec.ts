/** What the main process meets first: the process itself and `app`. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { eventsOf, FIXTURE_PATH, isRealElectron, type Launched, launchFixture, resetFixture } from "./fidelity-app.ts";

let fixture: Launched;
test.beforeAll(async () => {
  fixture = await launchFixture();
});
test.beforeEach(() => resetFixture(fixture.app));
test.afterAll(() => fixture?.close());

test.describe("the process", () => {
  test("electron is one module, however it is asked for", async () => {
    expect(await fixture.app.evaluate(() => globalThis.fixture.requiredElectronIsSame)).toBe(true);
    const seen = await fixture.app.evaluate((electron) => {
      const { versions, type, defaultApp } = process as NodeJS.Process & { type: string; defaultApp: boolean };
      return [
        Object.keys(electron).includes("BrowserWindow"),
        versions.electron,
        Number.parseInt(versions.chrome ?? "", 10),
        type,
        defaultApp,
      ];
    });
    expect(seen).toEqual([true, "45.4.1", expect.any(Number), "browser", true]);
    expect(seen[2]).toBeGreaterThan(100);
  });

  test("argv is what was typed for the app", async () => {
    const argv = await fixture.app.evaluate(() => process.argv.slice(1));
    expect(argv).toEqual([FIXTURE_PATH, `--user-data-dir=${fixture.userData}`]);
  });

  test("worker threads work", async () => {
    expect(await fixture.app.evaluate(() => globalThis.fixture.addInWorker(2, 3))).toBe(5);
  });

  test("an error nobody catches does not end the app", async () => {
    await fixture.app.evaluate(({ dialog }) => {
      dialog.showErrorBox = (title) => void globalThis.fixture.events.push(["error-box", title]);
      setTimeout(() => {
        throw new Error("nobody catches this");
      }, 0);
      void Promise.reject(new Error("nor this"));
    });
    await expect
      .poll(() => eventsOf(fixture.app, "error-box"))
      .toEqual([["A JavaScript error occurred in the main process"]]);
    await expect.poll(() => fixture.output()).toContain("nor this");
  });

  test("what is not emulated says so by name", async () => {
    test.skip(isRealElectron, "about the stand-in only");
    const messages = await fixture.app.evaluate(({ BrowserWindow, app, ...electron }) => {
      const attempt = (act: () => unknown) => {
        try {
          act();
          return "done";
        } catch (error) {
          return (error as Error).message;
        }
      };
      const options = { webPreferences: { sandbox: false } };
      return [
        attempt(() => electron.utilityProcess.fork("x")),
        attempt(() => electron.net.fetch("https://example.com/")),
        attempt(() => electron.autoUpdater.checkForUpdates()),
        attempt(() => new electron.Notification()),
        attempt(() => app.getGPUInfo("basic")),
        attempt(() => BrowserWindow.getAllWindows()[0]?.capturePage()),
        attempt(() => new BrowserWindow(options)),
      ];
    });
    const names = [
      "utilityProcess",
      "net",
      "autoUpdater",
      "Notification",
      "app.getGPUInfo",
      "BrowserWindow.capturePage",
      "webPreferences.sandbox",
    ];
    expect(messages).toEqual(
      names.map((name) => expect.stringContaining(`The Electron stand-in does not emulate ${name}`)),
    );
  });
});

test.describe("app", () => {
  test("knows its package, its folders and whether it is packaged", async () => {
    const seen = await fixture.app.evaluate(({ app }) => {
      const names = ["userData", "sessionData", "temp", "home", "appData", "logs"] as const;
      return {
        name: [app.getName(), app.name],
        version: app.getVersion(),
        path: app.getAppPath(),
        isPackaged: app.isPackaged,
        isReady: app.isReady(),
        wasReady: globalThis.fixture.readyBeforeLoad,
        folders: names.map((name) => typeof app.getPath(name)),
        userData: app.getPath("userData"),
      };
    });
    expect(seen).toEqual({
      name: ["Stand-in Fixture", "Stand-in Fixture"],
      version: "1.2.3",
      path: FIXTURE_PATH,
      isPackaged: false,
      isReady: true,
      wasReady: false,
      folders: Array(6).fill("string"),
      userData: fixture.userData,
    });
  });

  test("what needs a ready app is refused before", async () => {
    expect(await fixture.app.evaluate(() => globalThis.fixture.tooEarly)).toEqual([
      "Cannot create BrowserWindow before app is ready",
      "Session can only be received when app is ready",
      expect.stringContaining("before the app 'ready' event"),
      "dialog module can only be used after app is ready",
    ]);
  });

  test("names and folders can be set, and unknown ones are refused", async () => {
    const other = join(fixture.userData, "other");
    await mkdir(other);
    const seen = await fixture.app.evaluate(({ app }, path) => {
      const attempt = (act: () => unknown) => {
        try {
          return act();
        } catch (error) {
          return (error as Error).message;
        }
      };
      app.setPath("downloads", path);
      app.setName("Renamed");
      const renamed = app.name;
      app.setName("Stand-in Fixture");
      return [
        app.getPath("downloads"),
        renamed,
        attempt(() => app.getPath("nowhere" as "home")),
        attempt(() => app.setPath("temp", "relative")),
      ];
    }, other);
    expect(seen).toEqual([other, "Renamed", "Failed to get 'nowhere' path", "Path must be absolute"]);
  });

  test("commandLine has the switches of the command line and those appended", async () => {
    const seen = await fixture.app.evaluate(({ app: { commandLine } }) => {
      commandLine.appendSwitch("fixture-switch", "value");
      return [
        commandLine.hasSwitch("user-data-dir"),
        commandLine.getSwitchValue("fixture-switch"),
        commandLine.hasSwitch("never-set"),
        commandLine.getSwitchValue("never-set"),
      ];
    });
    expect(seen).toEqual([true, "value", false, ""]);
  });

  test("what has no place on Linux does nothing", async () => {
    await fixture.app.evaluate(({ app, crashReporter }) => {
      app.setAboutPanelOptions({ applicationName: "x" });
      app.setAppUserModelId("x");
      app.addRecentDocument("/x");
      app.clearRecentDocuments();
      crashReporter.start({ uploadToServer: false });
    });
  });

  test("open-file and activate can be emitted by a test, as Electron never does on Linux", async () => {
    const seen = await fixture.app.evaluate(({ app }) => {
      const paths: string[] = [];
      app.once("open-file", (_event, path) => paths.push(path));
      app.emit("open-file", { preventDefault() {} }, "/some.wal");
      return paths;
    });
    expect(seen).toEqual(["/some.wal"]);
  });
});
