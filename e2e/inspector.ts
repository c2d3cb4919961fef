/** The running inspector as a test meets it: the same on the desktop host and on the browser host. */
import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  _electron,
  type Browser,
  test as base,
  chromium,
  type ElectronApplication,
  expect,
  type Locator,
  type Page,
} from "@playwright/test";
import { findHeadlessChromium } from "../scripts/chromium.mjs";
import { sandboxSwitches } from "../scripts/electron.mjs";
import { journeyEnvironment } from "./desktop-host.ts";

export { expect };

export const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** Height of a row of the list, in pixels, and how far a test scrolls at once: less than what is in sight. */
const ROW_HEIGHT = 26;
const SCROLL_STEP = 400;

export const SIZE = { width: 1440, height: 900 };

export type HostName = "desktop" | "browser";

export interface HostOptions {
  host: HostName;
}

export interface LaunchOptions {
  /** Opened by argument. */
  readonly file?: string;
  /** Where settings and recent files are; the test's own directory unless told. */
  readonly dataDirectory?: string;
}

/** What the two hosts do differently. */
interface Running {
  readonly page: Page;
  /** Ends the inspector as a person would, and resolves when its process is gone. */
  quit(): Promise<void>;
  /** Ends it whatever is unsaved. */
  end(): Promise<void>;
  /** The path that the next system dialog answers with; only where there are system dialogs. */
  answerDialogs(path: string): Promise<void>;
}

export class Inspector {
  readonly #running: Running;
  readonly host: HostName;
  /** The desktop app, for what only it has. */
  readonly app: ElectronApplication | null;
  readonly page: Page;
  /** Errors of the page and violations of its policy; a test ends with none. */
  readonly problems: string[] = [];

  constructor(host: HostName, running: Running, app: ElectronApplication | null) {
    this.#running = running;
    this.host = host;
    this.app = app;
    this.page = running.page;
    this.page.on("pageerror", (error) => this.problems.push(error.stack ?? error.message));
    this.page.on("console", (message) => {
      if (message.type() === "error") this.problems.push(message.text());
    });
  }

  quit(): Promise<void> {
    return this.#running.quit();
  }

  end(): Promise<void> {
    return this.#running.end();
  }

  /** Chooses a path in the dialog that a click or a key opens: the system's, or the one in the page. */
  async choosePath(path: string, opensDialog: () => Promise<void>): Promise<void> {
    await this.#running.answerDialogs(path);
    await opensDialog();
    if (this.host === "desktop") return;
    const dialog = this.page.getByRole("dialog");
    await dialog.getByRole("textbox").fill(path);
    await dialog.getByRole("textbox").press("Enter");
  }

  async open(path: string): Promise<void> {
    await this.choosePath(path, () => this.page.keyboard.press("Control+O"));
  }

  /** Waits until the file is read to its end. */
  async isRead(name: string): Promise<void> {
    await expect(this.page.locator("header")).toContainText(name);
    await expect(this.status).toContainText(/Clean|Torn|Damaged|Not a WAL/, { timeout: 120_000 });
  }

  get status(): Locator {
    return this.page.locator("footer");
  }

  async show(view: "Keys" | "Log" | "Sync" | "Health" | "Lab"): Promise<void> {
    const button = this.page.getByRole("navigation", { name: "Views" }).getByRole("button", { name: view });
    await button.click();
    await expect(button).toHaveAttribute("aria-current", "page");
  }

  async setTheme(theme: "Light" | "Dark"): Promise<void> {
    await this.page.getByRole("button", { name: "Theme and help" }).click();
    await this.page.getByRole("menuitemradio", { name: `${theme} theme` }).click();
    await expect(this.page.locator("html")).toHaveAttribute("data-theme", theme.toLowerCase());
  }

  get keys(): Locator {
    return this.page.getByRole("tree");
  }

  async asList(): Promise<void> {
    await this.page.getByText("List", { exact: true }).click();
    await expect(this.page.getByRole("tree", { name: "Keys", exact: true })).toBeVisible();
  }

  /** A key of the list, by its name. */
  keyRow(name: string): Locator {
    return this.keys.getByRole("treeitem", { name: new RegExp(`^${name.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&")}, `) });
  }

  async showKey(name: string): Promise<void> {
    const rows = this.keys.getByRole("treeitem");
    const total = Number(await rows.first().getAttribute("aria-setsize"));
    for (let top = 0; top < total * ROW_HEIGHT && (await this.keyRow(name).count()) === 0; top += SCROLL_STEP) {
      await this.#scrollKeys(top);
    }
    await this.keyRow(name).click();
    await expect(this.page.getByRole("region", { name: "Value" }).getByRole("heading")).toHaveAttribute("title", name);
  }

  async #scrollKeys(top: number): Promise<void> {
    // The page hears of it with the next frame, and draws the rows with the one after.
    await this.keys.evaluate((element, to) => {
      element.scrollTop = to;
      return new Promise<void>((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => drawn())));
    }, top);
    await expect(this.keys.getByRole("treeitem", { name: "Loading" })).toHaveCount(0);
  }

  /** Every name in the list, from its first row to its last, as a person would meet them by scrolling. */
  async allKeyNames(total: number): Promise<string[]> {
    const names = new Map<number, string>();
    await expect(this.keys.getByRole("treeitem").first()).toHaveAttribute("aria-setsize", String(total));
    for (let top = 0; names.size < total; top += SCROLL_STEP) {
      if (top > total * ROW_HEIGHT + SCROLL_STEP)
        throw new Error(`only ${names.size} of ${total} rows came into sight`);
      await this.#scrollKeys(top);
      const rows = await this.keys
        .getByRole("treeitem")
        .evaluateAll((elements) =>
          elements.map((element) => [
            Number(element.getAttribute("aria-posinset")),
            element.getAttribute("aria-label") ?? "",
          ]),
        );
      for (const [place, label] of rows) names.set(Number(place), String(label));
    }
    return [...names].sort(([a], [b]) => a - b).map(([, label]) => label);
  }

  /** Where the value is shown and edited as text. */
  get editor(): Locator {
    return this.page.getByRole("textbox", { name: /^Value of / });
  }

  /** Types a whole new value for the key that is shown. */
  async typeValue(text: string): Promise<void> {
    await this.page.getByRole("tab", { name: "Text", exact: true }).click();
    await this.editor.click();
    await this.page.keyboard.press("Control+A");
    await this.page.keyboard.type(text);
    await expect(this.page.getByText("Unsaved draft", { exact: true })).toBeVisible();
  }

  async workOnCopy(): Promise<void> {
    await this.page.getByRole("button", { name: "Edit…" }).click();
    await this.page.getByRole("dialog").getByRole("button", { name: "Work on a copy" }).click();
    await expect(this.modeChip("Sandbox")).toBeVisible();
  }

  modeChip(mode: "Inspect" | "Sandbox" | "Write"): Locator {
    return this.page.getByRole("button", { name: `Mode: ${mode}` });
  }
}

/** An app that does not end is said to, long before its test has no time left. */
const END_MS_MAX = 60_000;

function failLater(message: string): Promise<never> {
  return new Promise((_, reject) => setTimeout(() => reject(new Error(message)), END_MS_MAX).unref());
}

async function launchDesktop({ file }: LaunchOptions, dataDirectory: string): Promise<[Running, ElectronApplication]> {
  const app = await _electron.launch({
    args: [...sandboxSwitches(), ROOT, `--user-data-dir=${dataDirectory}`, ...(file ? [`--file=${file}`] : [])],
    cwd: ROOT,
    env: journeyEnvironment(),
    colorScheme: null,
  });
  const page = await app.firstWindow();
  await page.setViewportSize(SIZE);
  let isClosed = false;
  const closed = new Promise<void>((resolve) =>
    app.once("close", () => {
      isClosed = true;
      resolve();
    }),
  );
  const endedBy = async (asked: Promise<unknown>) => {
    // The app may end before it answers.
    asked.catch(() => undefined);
    await Promise.race([closed, failLater("the app did not end when its windows were closed")]);
  };
  const running: Running = {
    page,
    quit: () => endedBy(app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close())),
    async end() {
      if (isClosed) return;
      await endedBy(
        app.evaluate(({ app: main, BrowserWindow }) => {
          for (const window of BrowserWindow.getAllWindows()) window.destroy();
          main.quit();
        }),
      );
    },
    answerDialogs: (path) =>
      app.evaluate(({ dialog }, chosen) => {
        dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [chosen] });
        dialog.showSaveDialog = async () => ({ canceled: false, filePath: chosen });
      }, path),
  };
  return [running, app];
}

function firstLine(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    child.stdout?.on("data", (chunk) => {
      text += chunk;
      const found = pattern.exec(text);
      if (found) resolve(found[0]);
    });
    child.once("exit", (code) => reject(new Error(`the browser host ended with ${code}: ${text}`)));
  });
}

export interface BrowserHost {
  readonly address: string;
  end(): Promise<void>;
}

/** The built browser host, as `npm run serve` starts it. */
export async function startBrowserHost({ file }: LaunchOptions, dataDirectory: string): Promise<BrowserHost> {
  const args = [join(ROOT, "out/main/web.js"), "--data-directory", dataDirectory, ...(file ? [file] : [])];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const address = await firstLine(child, /http:\/\/\S+/);
  return {
    address,
    async end() {
      child.kill("SIGTERM");
      await exited;
    },
  };
}

async function launchBrowser(options: LaunchOptions, dataDirectory: string, browser: Browser): Promise<Running> {
  const host = await startBrowserHost(options, dataDirectory);
  const context = await browser.newContext({ viewport: SIZE, colorScheme: null });
  const page = await context.newPage();
  await page.goto(host.address);
  const end = async () => {
    await context.close();
    await host.end();
  };
  return { page, quit: end, end, answerDialogs: async () => undefined };
}

interface Fixtures {
  /** A directory of the test's own. */
  directory: string;
  launch: (options?: LaunchOptions) => Promise<Inspector>;
}

export const test = base.extend<Fixtures, HostOptions & { hostBrowser: Browser | null }>({
  host: ["browser", { option: true, scope: "worker" }],
  hostBrowser: [
    async ({ host }, use) => {
      if (host === "desktop") {
        await use(null);
        return;
      }
      const browser = await chromium.launch({
        executablePath: findHeadlessChromium() ?? chromium.executablePath(),
        args: sandboxSwitches(),
      });
      await use(browser);
      await browser.close();
    },
    { scope: "worker" },
  ],
  // biome-ignore lint/correctness/noEmptyPattern: a fixture takes its dependencies by destructuring; this one has none.
  directory: async ({}, use) => {
    const path = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), "inspector-e2e-")));
    await use(path);
    fs.rmSync(path, { recursive: true, force: true });
  },
  launch: async ({ host, hostBrowser, directory }, use, info) => {
    const launched: Inspector[] = [];
    await use(async (options = {}) => {
      const dataDirectory = options.dataDirectory ?? join(directory, "inspector-data");
      const inspector =
        hostBrowser === null
          ? await launchDesktop(options, dataDirectory).then(([running, app]) => new Inspector(host, running, app))
          : new Inspector(host, await launchBrowser(options, dataDirectory, hostBrowser), null);
      launched.push(inspector);
      await expect(inspector.page.getByRole("navigation", { name: "Views" })).toBeVisible();
      return inspector;
    });
    for (const [i, inspector] of launched.entries()) {
      if (info.status !== info.expectedStatus && !inspector.page.isClosed()) {
        await info.attach(`window-${i}`, { body: await inspector.page.screenshot(), contentType: "image/png" });
      }
      await inspector.end();
    }
    expect(launched.flatMap(({ problems }) => problems)).toEqual([]);
  },
});
