/** What a page and its preload meet: two worlds and the bridge between them. */
import { expect, test } from "@playwright/test";
import { type Launched, launchFixture, resetFixture } from "./fidelity-app.ts";

let fixture: Launched;
test.beforeAll(async () => {
  fixture = await launchFixture();
});
test.beforeEach(() => resetFixture(fixture.app));
test.afterAll(() => fixture?.close());

test.describe("worlds", () => {
  test("the page sees what the preload exposes and nothing else of Electron or Node", async () => {
    const seen = await fixture.page.evaluate(() => {
      const page = globalThis as unknown as Record<string, unknown>;
      const names = ["preloadSecret", "require", "process", "module", "global", "Buffer", "ipcRenderer", "electron"];
      const strange = Object.getOwnPropertyNames(page).filter((name) => /stand-?in|electron/i.test(name));
      return { types: names.map((name) => typeof page[name]), strange };
    });
    expect(seen.types).toEqual(Array(8).fill("undefined"));
    expect(seen.strange).toEqual([]);
  });

  test("the preload is sandboxed, isolated and told its arguments", async () => {
    expect(await fixture.page.evaluate(() => window.bridge.environment())).toMatchObject({
      argv: "--fixture-argument",
      contextIsolated: true,
      platform: process.platform,
      sandboxed: true,
      type: "renderer",
      hasBridge: false,
      requireFs: "module not found: fs",
    });
  });

  test("a page that breaks its built-ins does not break the preload", async () => {
    const { page } = fixture;
    const answer = await page.evaluate(async () => {
      const broken = () => {
        throw new Error("broken by the page");
      };
      const places: [Record<string, unknown>, string][] = [
        [JSON as never, "stringify"],
        [Map.prototype as never, "get"],
        [Array.prototype as never, "push"],
        [Object as never, "keys"],
        [EventTarget.prototype as never, "dispatchEvent"],
      ];
      const saved = places.map(([owner, name]) => owner[name]);
      for (const [owner, name] of places) owner[name] = broken;
      let pending: Promise<unknown>;
      try {
        pending = window.bridge.invoke("echo", { list: [1, { deep: true }] });
      } finally {
        places.forEach(([owner, name], index) => {
          owner[name] = saved[index];
        });
      }
      return pending;
    });
    expect(answer).toEqual({ list: [1, { deep: true }] });
  });

  test("a subframe has no preload", async () => {
    const { app, page } = fixture;
    await app.evaluate(() => {
      globalThis.fixture.allowNavigation = true;
    });
    await page.evaluate(
      () =>
        new Promise((loaded) => {
          const frame = document.createElement("iframe");
          frame.src = "page.html";
          frame.name = "child";
          frame.onload = loaded;
          document.body.append(frame);
        }),
    );
    const child = page.frame({ name: "child" });
    expect(await child?.evaluate(() => typeof window.bridge)).toBe("undefined");
    const tree = await app.evaluate(({ BrowserWindow }) => {
      const main = BrowserWindow.getAllWindows()[0]?.webContents.mainFrame;
      return main?.frames.map((frame) => [frame.url, frame.name, frame.parent === main]);
    });
    expect(tree).toEqual([["app://fixture/page.html", "child", true]]);
    await page.evaluate(() => document.querySelector("iframe")?.remove());
  });

  test("the preload runs again after a reload", async () => {
    await fixture.page.reload();
    expect(await fixture.page.evaluate(() => window.bridge.invoke("echo", 1))).toBe(1);
  });
});

test.describe("contextBridge", () => {
  test("exposes a frozen copy under a name that cannot be taken again", async () => {
    const seen = await fixture.page.evaluate(() => {
      const { constant } = window.bridge;
      const attempt = (act: () => void) => {
        try {
          act();
          return "done";
        } catch (error) {
          return (error as Error).message;
        }
      };
      return {
        frozen: [window.bridge, constant, constant.list, constant.nested, window.bridge.add].map((value) =>
          Object.isFrozen(value),
        ),
        date: constant.nested.date.getTime(),
        descriptor: { ...Object.getOwnPropertyDescriptor(window, "bridge"), value: null },
        again: attempt(() => window.bridge.exposeAgain()),
      };
    });
    expect(seen.frozen).toEqual([true, true, true, true, true]);
    expect(seen.date).toBe(5);
    expect(seen.descriptor).toEqual({ value: null, writable: false, enumerable: true, configurable: false });
    expect(seen.again).toBe("Cannot bind an API on top of an existing property on the window object");
  });

  test("calls are synchronous, and callbacks and promises cross in both directions", async () => {
    const seen = await fixture.page.evaluate(async () => {
      const { bridge } = window;
      const same = () => {};
      return [
        bridge.add(2, 3),
        bridge.callBack((value: { n: number }) => value.n * 2, { n: 21 }),
        await bridge.callBack(async (value: number) => value + 1, 1),
        bridge.returnArgument(same) === same,
        bridge.isSameFunction(same, same),
        // Each call makes a proxy of its own: the reason why a listener passed again is not the one passed before.
        [bridge.isLastFunction(same), bridge.isLastFunction(same)],
        bridge.describe(new Map()),
        bridge.describe(new Uint8Array(2)),
        bridge.describe(new Blob(["x"])),
      ];
    });
    expect(seen).toEqual([
      5,
      42,
      2,
      true,
      true,
      [false, false],
      "[object Map]",
      "[object Uint8Array]",
      "[object Blob]",
    ]);
  });

  test("objects may contain themselves, prototypes stay behind, what is too deep or cannot be cloned is refused", async () => {
    const seen = await fixture.page.evaluate(() => {
      const { bridge } = window;
      const attempt = (value: unknown) => {
        try {
          return String(bridge.returnArgument(value));
        } catch (error) {
          return `${(error as Error).name}: ${(error as Error).message}`;
        }
      };
      class Point {
        x = 1;
        getX() {
          return this.x;
        }
      }
      const copy = bridge.returnArgument(new Point());
      let deep: object = {};
      for (let i = 0; i < 1100; i += 1) deep = { deep };
      return [
        bridge.cyclic().self.self.value,
        Object.keys(copy),
        typeof copy.getX,
        attempt(deep),
        attempt(new WeakMap()),
      ];
    });
    expect(seen).toEqual([
      135,
      ["x"],
      "undefined",
      "TypeError: Electron contextBridge recursion depth exceeded.  Nested objects deeper than 1000 are not supported.",
      "Error: An object could not be cloned.",
    ]);
  });

  test("of an error only the message crosses", async () => {
    const seen = await fixture.page.evaluate(async () => {
      const { bridge } = window;
      const caught: unknown[] = [];
      for (const act of [bridge.throwError, bridge.throwString, bridge.rejectLater]) {
        try {
          await act();
        } catch (error) {
          caught.push([(error as Error).message, (error as { code?: number }).code, error instanceof Error]);
        }
      }
      return caught;
    });
    const unknown =
      "An unknown exception occurred in the isolated context, an error occurred but a valid exception was not thrown.";
    expect(seen).toEqual([
      ["from the preload", undefined, true],
      [unknown, undefined, true],
      ["rejected in the preload", undefined, true],
    ]);
  });
});
