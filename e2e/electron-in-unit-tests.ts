/**
 * What `import "electron"` is in a unit test: the parts that the tested modules of src-main/electron use, as small fakes
 * with Electron's own surface. The real module would look for its binary. Everything else names itself when it is used.
 */
import { EventEmitter } from "node:events";
import type { MenuItemConstructorOptions, Shell } from "electron";

/** Asked of every object by promises, assertions and printers: not a use of it. */
const isIncidental = (name: string | symbol) => typeof name === "symbol" || name === "then" || name === "toJSON";

function notProvided(name: string): never {
  throw new Error(`electron.${name} is not provided in unit tests; see e2e/electron-in-unit-tests.ts`);
}

/** The object with what it has; asking for anything else throws. */
function only<T extends object>(name: string, provided: T): T {
  return new Proxy(provided, {
    get(target, property, receiver) {
      if (!isIncidental(property) && !Reflect.has(target, property)) notProvided(`${name}.${String(property)}`);
      return Reflect.get(target, property, receiver);
    },
  });
}

/** A part of Electron that is for the journeys in e2e: calling it, constructing it or asking it for anything throws. */
function nothing(name: string): object {
  return new Proxy(class {}, {
    get: (_, property) => (isIncidental(property) ? undefined : notProvided(`${name}.${String(property)}`)),
    apply: () => notProvided(name),
    construct: () => notProvided(name),
  });
}

/** An emitter, as the real one is: a test plays the page by emitting a message with an event of its making. */
export const ipcMain = only("ipcMain", new EventEmitter());

/** Opens nothing; a test watches the call. */
export const shell = only<Pick<Shell, "openExternal">>("shell", { openExternal: () => Promise.resolve() });

class FakeMenu {
  static #ofApplication: FakeMenu | null = null;
  readonly items: readonly object[];

  constructor(template: readonly MenuItemConstructorOptions[]) {
    this.items = template.map((item) => ({
      ...item,
      submenu: Array.isArray(item.submenu) ? new FakeMenu(item.submenu) : undefined,
    }));
  }

  static buildFromTemplate(template: readonly MenuItemConstructorOptions[]): FakeMenu {
    return new FakeMenu(template);
  }

  static setApplicationMenu(menu: FakeMenu | null): void {
    FakeMenu.#ofApplication = menu;
  }

  static getApplicationMenu(): FakeMenu | null {
    return FakeMenu.#ofApplication;
  }
}
export const Menu = only("Menu", FakeMenu);

export const app = nothing("app");
export const BrowserWindow = nothing("BrowserWindow");
export const contextBridge = nothing("contextBridge");
export const dialog = nothing("dialog");
export const ipcRenderer = nothing("ipcRenderer");
export const nativeTheme = nothing("nativeTheme");
export const protocol = nothing("protocol");
export const screen = nothing("screen");
export const session = nothing("session");
export const webUtils = nothing("webUtils");
