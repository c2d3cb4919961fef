/** What goes between a preload and the main process: messages, answers, errors, the paths of files. */
import { writeFile } from "node:fs/promises";
import { expect, test } from "@playwright/test";
import { eventsOf, type Launched, launchFixture, resetFixture } from "./fidelity-app.ts";

let fixture: Launched;
test.beforeAll(async () => {
  fixture = await launchFixture();
});
test.beforeEach(() => resetFixture(fixture.app));
test.afterAll(() => fixture?.close());

test.describe("ipc", () => {
  test("values are cloned as structured clone does, there and back", async () => {
    const seen = await fixture.page.evaluate(async () => {
      const shared = { once: true };
      const value = {
        date: new Date(5),
        map: new Map<unknown, unknown>([["k", new Set([1n])]]),
        nothing: undefined,
        nan: Number.NaN,
        minusZero: -0,
        bytes: new Uint8Array([9, 255]),
        floats: new Float64Array([0.5]),
        pattern: /a\/b/gi,
        error: new RangeError("inside"),
        twice: [shared, shared],
        text: '\ud800 lone, "quoted", \u2028, 日本',
      };
      const back = (await window.bridge.invoke("echo", value)) as typeof value;
      return [
        back.date instanceof Date && back.date.getTime(),
        (back.map.get("k") as Set<bigint>).has(1n),
        "nothing" in back && back.nothing === undefined,
        Number.isNaN(back.nan) && Object.is(back.minusZero, -0),
        back.bytes instanceof Uint8Array && [...back.bytes],
        back.floats instanceof Float64Array && back.floats[0],
        String(back.pattern),
        back.error.message,
        back.twice[0] === back.twice[1],
        back.text === value.text,
      ];
    });
    expect(seen).toEqual([5, true, true, true, [9, 255], 0.5, "/a\\/b/gi", "inside", true, true]);
  });

  test("functions cannot be cloned, whoever sends them", async () => {
    const { app, page } = fixture;
    const fromMain = await app.evaluate(({ BrowserWindow }) => {
      try {
        BrowserWindow.getAllWindows()[0]?.webContents.send("never", () => 1);
        return "sent";
      } catch (error) {
        return (error as Error).message;
      }
    });
    expect(fromMain).toBe("An object could not be cloned.");
    const refused = await page.evaluate(() =>
      window.bridge.invoke("uncloneable").catch((error: Error) => error.message),
    );
    expect(refused).toBe("Error invoking remote method 'uncloneable': Error: An object could not be cloned.");
    // A function that crosses the bridge is a function in the preload, and stops there.
    const outward = await page.evaluate(() => {
      try {
        window.bridge.send("post", { call: () => 1 });
        return "sent";
      } catch (error) {
        return (error as Error).message;
      }
    });
    expect(outward).toBe("An object could not be cloned.");
  });

  test("errors are worded as Electron words them", async () => {
    const messages = await fixture.page.evaluate(() =>
      Promise.all(
        ["fail", "nobody"].map((channel) => window.bridge.invoke(channel).catch((error: Error) => error.message)),
      ),
    );
    expect(messages).toEqual([
      "Error invoking remote method 'fail': RangeError: nope",
      "Error invoking remote method 'nobody': Error: No handler registered for 'nobody'",
    ]);
    expect(fixture.output()).toContain("Error occurred in handler for 'fail': RangeError: nope");
  });

  test("the handler knows the frame that asks", async () => {
    expect(await fixture.page.evaluate(() => window.bridge.invoke("who"))).toEqual({
      url: "app://fixture/page.html",
      origin: "app://fixture",
      parent: null,
      isMainFrame: true,
      id: expect.any(Number),
    });
  });

  test("handleOnce answers once, removeHandler and a second handler are as documented", async () => {
    const { app, page } = fixture;
    const ask = (channel: string) =>
      page.evaluate((name) => window.bridge.invoke(name).catch((error: Error) => error.message), channel);
    expect(await ask("once")).toBe("first");
    expect(await ask("once")).toContain("No handler registered");
    const second = await app.evaluate(({ ipcMain }) => {
      ipcMain.handle("short-lived", () => "alive");
      try {
        ipcMain.handle("short-lived", () => "twice");
        return "";
      } catch (error) {
        return (error as Error).message;
      }
    });
    expect(second).toBe("Attempted to register a second handler for 'short-lived'");
    expect(await ask("short-lived")).toBe("alive");
    await app.evaluate(({ ipcMain }) => ipcMain.removeHandler("short-lived"));
    expect(await ask("short-lived")).toContain("No handler registered");
  });

  test("send, reply, on and removeListener", async () => {
    const { app, page } = fixture;
    const replies = page.evaluate(
      () =>
        new Promise((done) => {
          window.bridge.on("posted", (...args) => {
            window.bridge.off("posted");
            done(args);
          });
          window.bridge.send("post", 1, "two", { three: undefined });
        }),
    );
    expect(await replies).toEqual([1, "two", { three: undefined }]);
    expect(await eventsOf(app, "post")).toEqual([[1, "two", { three: undefined }]]);
    await app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]?.webContents.send("posted", "nobody listens"),
    );
  });

  test("a listener that throws is an uncaught error and stops nothing else", async () => {
    const { app, page } = fixture;
    await app.evaluate(({ dialog, ipcMain }) => {
      dialog.showErrorBox = (_title, content) =>
        void globalThis.fixture.events.push(["error-box", content.split("\n")[1]]);
      ipcMain.once("throw", () => {
        throw new Error("thrown by a listener");
      });
    });
    await page.evaluate(() => {
      window.bridge.send("throw");
      window.bridge.send("post", "afterwards");
    });
    await expect.poll(() => eventsOf(app, "post")).toEqual([["afterwards"]]);
    await expect.poll(() => eventsOf(app, "error-box")).toEqual([["Error: thrown by a listener"]]);
  });

  test("a thousand messages each way keep their order", async () => {
    const { app, page } = fixture;
    await app.evaluate(({ ipcMain }) => {
      ipcMain.on("count", (event, n) => event.sender.send("counted", n));
    });
    const counted = await page.evaluate(
      () =>
        new Promise<number[]>((done) => {
          const seen: number[] = [];
          window.bridge.on("counted", (n) => {
            seen.push(n as number);
            if (seen.length === 1000) done(seen);
          });
          for (let n = 0; n < 1000; n += 1) window.bridge.send("count", n);
        }),
    );
    expect(counted).toEqual(Array.from({ length: 1000 }, (_, n) => n));
  });

  test("ten megabytes of text or bytes go each way in less than two seconds", async () => {
    const took = await fixture.page.evaluate(async () => {
      const times: number[] = [];
      for (const value of ["x".repeat(10_000_000), new Uint8Array(10_000_000).fill(7)]) {
        const start = performance.now();
        const back = (await window.bridge.invoke("echo", value)) as typeof value;
        if (back.length !== value.length) throw new Error("cut short");
        times.push(performance.now() - start);
      }
      return times;
    });
    for (const time of took) expect(time).toBeLessThan(4000);
  });
});

test.describe("file paths", () => {
  test("getPathForFile gives the path of a chosen file to the handler that asks at once", async () => {
    const info = test.info();
    const path = info.outputPath("chosen file é.wal");
    await writeFile(path, "content");
    await fixture.page.getByLabel("File").setInputFiles(path);
    await expect(fixture.page.locator("#path")).toHaveText(path);
  });

  test("getPathForFile gives the path of a dropped file", async () => {
    const info = test.info();
    const { page } = fixture;
    const path = info.outputPath("dropped.wal");
    await writeFile(path, "content");
    const box = await page.locator("#drop").boundingBox();
    if (!box) throw new Error("nowhere to drop");
    const client = await page.context().newCDPSession(page);
    const data = { items: [], files: [path], dragOperationsMask: 1 };
    for (const type of ["dragEnter", "dragOver", "drop"] as const) {
      await client.send("Input.dispatchDragEvent", { type, x: box.x + 5, y: box.y + 5, data });
    }
    await expect(page.locator("#path")).toHaveText(path);
    await client.detach();
  });

  test("a file made by the page has no path, and anything else is refused", async () => {
    const seen = await fixture.page.evaluate(() => {
      const attempt = (value: unknown) => {
        try {
          return window.bridge.pathOf(value);
        } catch {
          return "refused";
        }
      };
      return [attempt(new File(["x"], "made.wal")), attempt(new Blob(["x"])), attempt("made.wal")];
    });
    expect(seen).toEqual(["", "refused", "refused"]);
  });

  test("a debugger statement of the page does not stop it", async () => {
    const code = "(() => { debugger; return 7; })()";
    expect(
      await fixture.app.evaluate(
        ({ BrowserWindow }, text) => BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript(text),
        code,
      ),
    ).toBe(7);
  });
});
