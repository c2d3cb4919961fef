import { uiCommands } from "@softadastra/inspector-contract";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

/** An element of the page as far as shortcuts look at it. */
class FakeElement extends EventTarget {
  readonly #isField: boolean;
  constructor(isField: boolean) {
    super();
    this.#isField = isField;
  }
  closest(): FakeElement | null {
    return this.#isField ? this : null;
  }
}

const FIELD = new FakeElement(true);
const LIST = new FakeElement(false);

type Pressed = { key: string; ctrlKey?: boolean; metaKey?: boolean; shiftKey?: boolean; altKey?: boolean };

/** A key press as the browser tells it; plain Node has no KeyboardEvent. */
function press(pressed: Pressed, target = LIST): KeyboardEvent {
  const event = { ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...pressed };
  return Object.assign(new Event("keydown"), { ...event, composedPath: () => [target] }) as unknown as KeyboardEvent;
}

async function load(userAgent: string) {
  vi.resetModules();
  vi.stubGlobal("Element", FakeElement);
  vi.stubGlobal("navigator", { userAgent });
  return import("./shortcuts.ts");
}

let shortcuts: Awaited<ReturnType<typeof load>>;

/** The press that a shortcut of the table describes. */
function pressOf(shortcut: string): Pressed {
  const parts = shortcut.split("+");
  return {
    key: parts.at(-1) ?? "",
    ctrlKey: parts.includes("Mod"),
    shiftKey: parts.includes("Shift"),
    altKey: parts.includes("Alt"),
  };
}

const withShortcut = uiCommands.flatMap((command) =>
  "shortcut" in command ? [{ id: command.id, shortcut: command.shortcut }] : [],
);

beforeEach(async () => {
  shortcuts = await load("Mozilla/5.0 (X11; Linux x86_64)");
});

afterEach(() => {
  vi.unstubAllGlobals();
});

test("no two commands have the same shortcut", () => {
  const all = withShortcut.map(({ shortcut }) => shortcut.toLowerCase());
  expect(new Set(all).size).toBe(all.length);
});

test.each(withShortcut)("$shortcut runs $id, and not with another modifier added", ({ id, shortcut }) => {
  const pressed = pressOf(shortcut);
  expect(shortcuts.commandFor(press(pressed))).toBe(id);
  expect(shortcuts.commandFor(press({ ...pressed, altKey: !pressed.altKey }))).toBeNull();
  expect(shortcuts.commandFor(press({ ...pressed, metaKey: true }))).toBeNull();
  expect(shortcuts.commandFor(press({ ...pressed, ctrlKey: !pressed.ctrlKey }))).not.toBe(id);
});

describe("while text is typed", () => {
  test.each(["Delete", "[", "]", ",", "."])("%s belongs to the text", (key) => {
    expect(shortcuts.commandFor(press({ key }, FIELD))).toBeNull();
    expect(shortcuts.commandFor(press({ key }, LIST))).not.toBeNull();
  });

  test("commands with Ctrl and function keys still run", () => {
    expect(shortcuts.commandFor(press({ key: "s", ctrlKey: true }, FIELD))).toBe("edit.save");
    expect(shortcuts.commandFor(press({ key: "F10", shiftKey: true }, FIELD))).toBe("sync.tickPrune");
  });

  test("undo and the clipboard are the field's own", () => {
    for (const key of ["z", "c", "x", "v", "a"]) {
      expect(shortcuts.commandFor(press({ key, ctrlKey: true }, FIELD))).toBeNull();
    }
  });
});

test("Caps Lock changes no shortcut", () => {
  expect(shortcuts.commandFor(press({ key: "S", ctrlKey: true }))).toBe("edit.save");
  expect(shortcuts.commandFor(press({ key: "S", ctrlKey: true, shiftKey: true }))).toBe("file.saveAs");
});

describe("on a Mac", () => {
  beforeEach(async () => {
    shortcuts = await load("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)");
  });

  test("Mod is Cmd, and Ctrl is not", () => {
    expect(shortcuts.commandFor(press({ key: "s", metaKey: true }))).toBe("edit.save");
    expect(shortcuts.commandFor(press({ key: "s", ctrlKey: true }))).toBeNull();
  });

  test("shortcuts are written with its signs", () => {
    expect(shortcuts.shortcutText("Mod+Shift+S")).toBe("⌘ ⇧ S");
    expect(shortcuts.shortcutText("Delete")).toBe("⌫");
  });
});

test("shortcuts are written as people read them", () => {
  expect(shortcuts.shortcutText("Mod+Shift+S")).toBe("Ctrl Shift S");
  expect(shortcuts.shortcutText("Delete")).toBe("Del");
  expect(shortcuts.shortcutText("F10")).toBe("F10");
});
