/** Launches the fixture app for the fidelity specs, under the stand-in or, with E2E_REAL_ELECTRON, under Electron. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type ElectronApplication, _electron as electron, type Page } from "@playwright/test";

/** What the fixture's main process offers as a global. */
export interface Fixture {
  events: unknown[][];
  requests: [url: string, resourceType: string, webContentsId: number | undefined][];
  permissionRequests: [permission: string, url: string][];
  permissionChecks: [permission: string, origin: string][];
  windowsAsked: { url: string; frameName: string; features: string; disposition: string }[];
  handled: string[];
  allowNavigation: boolean;
  allowPermission: boolean;
  allowWindow: boolean;
  cancelUrl: string;
  preventClose: boolean;
  readyBeforeLoad: boolean;
  tooEarly: string[];
  lock: boolean;
  requiredElectronIsSame: boolean;
  loaded: Promise<void>;
  open(options?: object): Electron.BrowserWindow;
  addInWorker(a: number, b: number): Promise<number>;
}

/** What the fixture's preload exposes. */
export interface Bridge {
  constant: { list: unknown[]; nested: { date: Date } };
  invoke(channel: string, ...args: unknown[]): Promise<unknown>;
  send(channel: string, ...args: unknown[]): void;
  on(channel: string, listener: (...args: unknown[]) => void): void;
  off(channel: string): void;
  pathOf(file: unknown): string;
  add(a: number, b: number): number;
  callBack<T, R>(callback: (value: T) => R, value: T): R;
  isSameFunction(a: () => void, b: () => void): boolean;
  isLastFunction(listener: () => void): boolean;
  returnArgument<T>(value: T): T;
  describe(value: unknown): string;
  throwError(): never;
  throwString(): never;
  rejectLater(): Promise<never>;
  cyclic(): { value: number; self: { self: { value: number } } };
  environment(): Record<string, unknown>;
  exposeAgain(): void;
}

declare global {
  var fixture: Fixture;
  var electronStandIn: { calls: { api: string; args: unknown[] }[] };
  interface Window {
    bridge: Bridge;
  }
}

export const isRealElectron = Boolean(process.env.E2E_REAL_ELECTRON);

/** Where the page of an app:// address is, as the page itself and Playwright see it. */
export const PAGE_ORIGIN = isRealElectron ? "app://fixture" : "https://fixture.app.stand-in";

/** The fixture's page, as the main process knows it. */
export const HOME = "app://fixture/page.html";

export const FIXTURE_PATH = fileURLToPath(new URL("fixture-app", import.meta.url));

/** The executable that `electron.launch` runs, for launches of another kind. */
export const EXECUTABLE = fileURLToPath(new URL("electron", import.meta.url));

export interface Launched {
  app: ElectronApplication;
  page: Page;
  userData: string;
  /** What the main process has printed so far. */
  output(): string;
  /** Closes the app and removes its user data. */
  close(): Promise<void>;
}

export async function launchFixture(args: string[] = []): Promise<Launched> {
  const userData = await mkdtemp(join(tmpdir(), "fixture-"));
  const app = await electron.launch({
    args: [FIXTURE_PATH, `--user-data-dir=${userData}`, ...args],
    colorScheme: null,
  });
  let printed = "";
  for (const stream of [app.process().stdout, app.process().stderr]) {
    stream?.on("data", (chunk) => {
      printed += chunk;
    });
  }
  const page = await app.firstWindow();
  await page.getByRole("heading", { name: "Fixture" }).waitFor();
  const close = async () => {
    await app.close().catch(() => {});
    await rm(userData, { recursive: true, force: true });
  };
  return { app, page, userData, output: () => printed, close };
}

/** The events of one name that the fixture has noted, without the name. */
export function eventsOf(app: ElectronApplication, name: string): Promise<unknown[][]> {
  return app.evaluate(
    (_electron, wanted) =>
      globalThis.fixture.events.filter(([first]) => first === wanted).map((event) => event.slice(1)),
    name,
  );
}

/** Forgets what was noted and puts the fixture's switches back. */
export async function resetFixture(app: ElectronApplication): Promise<void> {
  await app.evaluate(() => {
    const { fixture } = globalThis;
    for (const list of [fixture.events, fixture.requests, fixture.permissionRequests, fixture.permissionChecks])
      list.length = 0;
    fixture.windowsAsked.length = 0;
    fixture.handled.length = 0;
    Object.assign(fixture, {
      allowNavigation: false,
      allowPermission: false,
      allowWindow: false,
      cancelUrl: "",
      preventClose: false,
    });
  });
}

/** The main process's own way to a page, which no will-navigate handler is asked about; how it ended. */
export function loadUrl(app: ElectronApplication, url: string): Promise<unknown> {
  return app.evaluate(async ({ BrowserWindow }, target) => {
    try {
      await BrowserWindow.getAllWindows()[0]?.webContents.loadURL(target);
      return "loaded";
    } catch (error) {
      const { message, code, errno, url: failed } = error as Error & { code: string; errno: number; url: string };
      return [message, code, errno, failed];
    }
  }, url);
}
