/** What only the desktop app could do wrong: leave its page, open windows, get permissions, start programs. */
import { expect, type Inspector, test } from "./inspector.ts";

/** Notes what would be opened outside, in place of opening it. */
async function recordOpened(inspector: Inspector): Promise<() => Promise<string[]>> {
  await inspector.app?.evaluate(({ shell }) => {
    const opened: string[] = [];
    Reflect.set(globalThis, "openedOutside", opened);
    shell.openExternal = async (url) => {
      opened.push(url);
    };
  });
  return async () => (await inspector.app?.evaluate(() => Reflect.get(globalThis, "openedOutside"))) ?? [];
}

const addressOf = (inspector: Inspector) =>
  inspector.app?.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.getURL());

test("the page comes from the app's own scheme", async ({ launch }) => {
  const inspector = await launch();
  expect(await addressOf(inspector)).toBe("app://inspector/index.html");
});

test("navigation away from the page is refused", async ({ launch }) => {
  const inspector = await launch();
  for (const url of ["https://elsewhere.example/", "http://127.0.0.1:9/", "file:///etc/passwd", "data:text/html,x"]) {
    await inspector.page.evaluate((to) => {
      const link = document.createElement("a");
      link.href = to;
      document.body.append(link);
      link.click();
      link.remove();
    }, url);
    await inspector.page.waitForTimeout(200);
    expect(await addressOf(inspector)).toBe("app://inspector/index.html");
  }
  inspector.problems.length = 0;
});

test("no window opens; only links to known hosts go to the browser", async ({ launch }) => {
  const inspector = await launch();
  const opened = await recordOpened(inspector);
  for (const url of [
    "https://elsewhere.example/",
    "https://github.com.elsewhere.example/",
    "https://user@github.com/softadastra",
    "http://github.com/softadastra",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "vscode://open",
    "about:blank",
    "https://github.com/softadastra/softadastra",
  ]) {
    const isOpened = await inspector.page.evaluate((to) => window.open(to) !== null, url);
    expect(isOpened, url).toBe(false);
  }
  await expect.poll(opened).toEqual(["https://github.com/softadastra/softadastra"]);
  expect(await inspector.app?.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
  inspector.problems.length = 0;
});

test("every permission is denied", async ({ launch }) => {
  const inspector = await launch();
  const answers = await inspector.page.evaluate(async () => ({
    notifications: await Notification.requestPermission(),
    geolocation: await new Promise<string>((resolve) =>
      navigator.geolocation.getCurrentPosition(
        () => resolve("granted"),
        ({ code }) => resolve(code === GeolocationPositionError.PERMISSION_DENIED ? "denied" : `error ${code}`),
      ),
    ),
    clipboard: await navigator.clipboard.readText().then(
      () => "granted",
      () => "denied",
    ),
    microphone: await navigator.mediaDevices.getUserMedia({ audio: true }).then(
      () => "granted",
      () => "denied",
    ),
  }));
  expect(answers).toEqual({
    notifications: "denied",
    geolocation: "denied",
    clipboard: "denied",
    microphone: "denied",
  });
  inspector.problems.length = 0;
});

test("an exception in the main process is not how wrong messages are answered", async ({ launch }) => {
  const inspector = await launch();
  const errors = await inspector.app?.evaluate(async ({ ipcMain }) => {
    const thrown: string[] = [];
    const event = { sender: { id: 1, mainFrame: null }, senderFrame: null };
    for (const channel of ipcMain.eventNames()) {
      for (const args of [[], [null], ["x", {}], [1, { a: 1 }], [Number.NaN, "text"], [{ toString: null }, []]]) {
        try {
          ipcMain.emit(channel, event, ...args);
        } catch (error) {
          thrown.push(String(error));
        }
      }
    }
    return { channels: ipcMain.eventNames().length, thrown };
  });
  expect(errors?.thrown).toEqual([]);
  expect(errors?.channels).toBeGreaterThan(2);
});
