/** How windows and apps end, who gets the single-instance lock, and what is left behind. */
import { execFileSync, spawn } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import {
  EXECUTABLE,
  eventsOf,
  FIXTURE_PATH,
  isRealElectron,
  type Launched,
  launchFixture,
  resetFixture,
} from "./fidelity-app.ts";

/** The processes that belong to a launch: those with one of its folders on their command line. */
function processesWith(text: string): string[] {
  const lines = execFileSync("ps", ["-eo", "pid=,args="], { encoding: "utf8", maxBuffer: 16 * 1024 * 1024 }).split(
    "\n",
  );
  return lines.filter((line) => line.includes(text) && !line.includes("ps -eo"));
}

/** The stand-in's temporary folders of this user. */
async function temporaryFolders(): Promise<string[]> {
  return (await readdir(tmpdir())).filter((name) => name.startsWith("electron-stand-in-"));
}

async function withFixture(use: (fixture: Launched) => Promise<void>): Promise<void> {
  const fixture = await launchFixture();
  try {
    await use(fixture);
  } finally {
    await fixture.close();
  }
}

const ended = (fixture: Launched) =>
  new Promise<number | null>((resolve) => {
    const child = fixture.app.process();
    if (child.exitCode !== null) resolve(child.exitCode);
    else child.once("exit", (code) => resolve(code));
  });

test.describe("closing", () => {
  test("the close event can be prevented; the last window takes the app with it", () =>
    withFixture(async (fixture) => {
      const { app, page } = fixture;
      await app.evaluate(({ BrowserWindow }) => {
        globalThis.fixture.preventClose = true;
        BrowserWindow.getAllWindows()[0]?.close();
      });
      await expect.poll(() => eventsOf(app, "close")).toHaveLength(1);
      expect(await page.title()).toBe("Fixture page");
      await resetFixture(app);
      const code = ended(fixture);
      await app.evaluate(({ BrowserWindow }) => void BrowserWindow.getAllWindows()[0]?.close());
      expect(await code).toBe(0);
      expect(fixture.output()).toMatch(/app before-quit\s+app will-quit\s+app quit/);
    }));

  test("a closing page's last message still arrives, and what is closed is gone", () =>
    withFixture(async ({ app }) => {
      const seen = await app.evaluate(async ({ app: electronApp, BrowserWindow }) => {
        electronApp.on("window-all-closed", () => globalThis.fixture.events.push(["window-all-closed"]));
        const [window] = BrowserWindow.getAllWindows() as [Electron.BrowserWindow];
        const { webContents } = window;
        const closed = new Promise<void>((done) => window.once("closed", () => done()));
        window.close();
        await closed;
        const attempt = (act: () => unknown) => {
          try {
            return act();
          } catch (error) {
            return (error as Error).message;
          }
        };
        return [
          window.isDestroyed(),
          webContents.isDestroyed(),
          attempt(() => window.getBounds()),
          attempt(() => webContents.send("x")),
        ];
      });
      expect(seen).toEqual([true, true, "Object has been destroyed", "Object has been destroyed"]);
      expect(await eventsOf(app, "leaving")).toEqual([["pagehide"]]);
      expect(await eventsOf(app, "window-all-closed")).toHaveLength(1);
      const names = await app.evaluate(() => globalThis.fixture.events.map(([name]) => name));
      expect(names.indexOf("destroyed")).toBeLessThan(names.indexOf("closed"));
    }));

  test("beforeunload keeps a window, unless will-prevent-unload is prevented", () =>
    withFixture(async (fixture) => {
      const { app, page } = fixture;
      await page.evaluate(() => {
        window.addEventListener("beforeunload", (event) => event.preventDefault());
      });
      await app.evaluate(({ app: electronApp, BrowserWindow }) => {
        BrowserWindow.getAllWindows()[0]?.webContents.on("will-prevent-unload", () => {
          globalThis.fixture.events.push(["asked"]);
        });
        electronApp.quit();
      });
      await expect.poll(() => eventsOf(app, "asked")).toHaveLength(1);
      expect(await page.title()).toBe("Fixture page");
      expect(fixture.output()).toContain("app before-quit");
      expect(fixture.output()).not.toContain("app will-quit");
      const code = ended(fixture);
      await app.evaluate(({ app: electronApp, BrowserWindow }) => {
        BrowserWindow.getAllWindows()[0]?.webContents.once("will-prevent-unload", (event) => event.preventDefault());
        electronApp.quit();
      });
      expect(await code).toBe(0);
    }));

  test("beforeunload keeps a page that the main process would reload", () =>
    withFixture(async ({ app, page }) => {
      await page.evaluate(() => {
        window.onbeforeunload = () => "stay";
      });
      await app.evaluate(({ BrowserWindow }) => {
        const contents = BrowserWindow.getAllWindows()[0]?.webContents;
        contents?.once("will-prevent-unload", () => globalThis.fixture.events.push(["asked"]));
        contents?.reload();
      });
      await expect.poll(() => eventsOf(app, "asked")).toHaveLength(1);
      expect(await page.evaluate(() => typeof window.onbeforeunload)).toBe("function");
      await app.evaluate(({ BrowserWindow }) => {
        const contents = BrowserWindow.getAllWindows()[0]?.webContents;
        contents?.once("will-prevent-unload", (event) => event.preventDefault());
        contents?.reload();
      });
      const handler = () => page.evaluate(() => typeof window.onbeforeunload).catch(() => "between pages");
      await expect.poll(handler).toBe("object");
    }));

  test("Playwright's page.close() closes the window without its close event", () =>
    withFixture(async (fixture) => {
      const code = ended(fixture);
      await fixture.app.evaluate(() => {
        globalThis.fixture.preventClose = true;
      });
      await fixture.page.close();
      expect(await code).toBe(0);
    }));

  test("exit() asks nobody and gives the code", () =>
    withFixture(async (fixture) => {
      const code = ended(fixture);
      await fixture.app.evaluate(({ app }) => {
        globalThis.fixture.preventClose = true;
        setImmediate(() => app.exit(7));
      });
      expect(await code).toBe(7);
      expect(fixture.output()).not.toContain("before-quit");
      expect(fixture.output()).toContain("app quit");
    }));

  test("process.exit() is app.exit(), and SIGTERM is app.quit()", async () => {
    await withFixture(async (fixture) => {
      const code = ended(fixture);
      await fixture.app.evaluate(() => void setImmediate(() => process.exit(5)));
      expect(await code).toBe(5);
    });
    await withFixture(async (fixture) => {
      const code = ended(fixture);
      fixture.app.process().kill("SIGTERM");
      expect(await code).toBe(0);
      expect(fixture.output()).toContain("app will-quit");
    });
  });

  test("a renderer that crashes is reported and can be loaded again", () =>
    withFixture(async ({ app }) => {
      await app.evaluate(({ BrowserWindow }) =>
        BrowserWindow.getAllWindows()[0]?.webContents.forcefullyCrashRenderer(),
      );
      await expect.poll(() => eventsOf(app, "render-process-gone")).toEqual([["crashed"]]);
      const seen = await app.evaluate(async ({ BrowserWindow }) => {
        const [window] = BrowserWindow.getAllWindows() as [Electron.BrowserWindow];
        const wasCrashed = window.webContents.isCrashed();
        await window.loadURL("app://fixture/page.html");
        return [
          wasCrashed,
          window.webContents.isCrashed(),
          await window.webContents.executeJavaScript("bridge.add(1, 2)"),
        ];
      });
      expect(seen).toEqual([true, false, 3]);
    }));
});

test.describe("a second instance", () => {
  const start = (userData: string, cwd: string) =>
    new Promise<number | null>((resolve) => {
      const args = [FIXTURE_PATH, `--user-data-dir=${userData}`, "another.wal"];
      spawn(EXECUTABLE, args, { cwd, stdio: "ignore" }).once("exit", (code) => resolve(code));
    });

  test("of the same user data is refused and heard of; of other user data it is not", () => {
    test.skip(isRealElectron, "starts the stand-in's executable");
    return withFixture(async (fixture) => {
      expect(await fixture.app.evaluate(() => globalThis.fixture.lock)).toBe(true);
      expect(await start(fixture.userData, tmpdir())).toBe(3);
      const [argv, cwd, data] = (await eventsOf(fixture.app, "second-instance"))[0] as [string[], string, unknown];
      expect(argv).toContain("another.wal");
      expect(argv).toContain(`--user-data-dir=${fixture.userData}`);
      expect(cwd).toBe(tmpdir());
      expect(data).toEqual({ from: "fixture" });
      await withFixture(async (other) => {
        expect(await other.app.evaluate(() => globalThis.fixture.lock)).toBe(true);
      });
      expect(await eventsOf(fixture.app, "second-instance")).toHaveLength(1);
    });
  });

  test("gets the lock of one that was killed", () => {
    test.skip(isRealElectron, "starts the stand-in's executable");
    return withFixture(async (fixture) => {
      const code = ended(fixture);
      fixture.app.process().kill("SIGKILL");
      await code;
      const child = spawn(EXECUTABLE, [FIXTURE_PATH, `--user-data-dir=${fixture.userData}`], { stdio: "ignore" });
      const early = new Promise<string>((resolve) =>
        child.once("exit", (exitCode) => resolve(`ended with ${exitCode}`)),
      );
      const alive = new Promise<string>((resolve) => setTimeout(resolve, 2000, "runs"));
      expect(await Promise.race([early, alive])).toBe("runs");
      child.kill("SIGTERM");
      expect(await early).toBe("ended with 0");
    });
  });
});

test.describe("afterwards", () => {
  test.skip(isRealElectron, "about the stand-in's own processes and folders");

  for (const [name, end] of [
    ["quit", (fixture: Launched) => fixture.app.close()],
    ["killed", async (fixture: Launched) => void fixture.app.process().kill("SIGKILL")],
    [
      "killed with its process group",
      async (fixture: Launched) => void process.kill(-(fixture.app.process().pid ?? 0), "SIGKILL"),
    ],
  ] as const) {
    test(`nothing is left of an app that was ${name}`, async () => {
      const before = await temporaryFolders();
      const fixture = await launchFixture();
      const [folder] = (await temporaryFolders()).filter((other) => !before.includes(other));
      expect(folder).toBeDefined();
      expect(processesWith(folder ?? "").length).toBeGreaterThan(2);
      const code = ended(fixture);
      await end(fixture);
      await code;
      await expect.poll(() => processesWith(folder ?? ""), { timeout: 8000 }).toEqual([]);
      await expect.poll(temporaryFolders).not.toContain(folder);
      await fixture.close();
    });
  }

  test("an app that fails to load ends with its error", async () => {
    const folder = await mkdtemp(join(tmpdir(), "fixture-"));
    const child = spawn(EXECUTABLE, [join(folder, "nothing-here")], { stdio: ["ignore", "ignore", "pipe"] });
    let printed = "";
    child.stderr.on("data", (chunk) => {
      printed += chunk;
    });
    expect(await new Promise((resolve) => child.once("exit", resolve))).toBe(1);
    expect(printed).toContain("Unable to find Electron app");
    await rm(folder, { recursive: true });
  });
});
