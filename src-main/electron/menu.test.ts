import { type UiCommand, uiCommands } from "@softadastra/inspector-contract";
import { describe, expect, test } from "vitest";
import { accelerator, installMenu, menuTemplate } from "./menu.ts";
import { installedMenus } from "./testing.ts";

type Item = ReturnType<typeof menuTemplate>[number];

const table: readonly UiCommand[] = uiCommands;

function itemsOf(menu: Item): Item[] {
  if (!Array.isArray(menu.submenu)) throw new Error(`the menu ${menu.label} has no items`);
  return menu.submenu;
}

const ownItems = (template: readonly Item[]) =>
  template
    .filter((menu) => menu.role === undefined)
    .flatMap((menu) => itemsOf(menu).map((item) => ({ menu: menu.label, ...item })))
    .filter((item) => item.id !== undefined);

describe("the native menu", () => {
  test("has every command of the table exactly once, in the table's menu and words and order", () => {
    const items = ownItems(menuTemplate(false, () => undefined));
    const byMenu = ["File", "Edit", "View", "Sync", "Go", "Help"].flatMap((menu) =>
      table.filter((command) => command.menu === menu),
    );
    expect(byMenu).toHaveLength(table.length);
    expect(items.map(({ menu, id, label }) => ({ menu, id, title: label }))).toEqual(
      byMenu.map(({ menu, id, title }) => ({ menu, id, title })),
    );
  });

  test("shows the table's shortcuts and leaves listening to the page", () => {
    const items = new Map(ownItems(menuTemplate(false, () => undefined)).map((item) => [item.id, item]));
    for (const { id, shortcut } of table) {
      const item = items.get(id);
      expect([id, item?.accelerator]).toEqual([id, shortcut?.replace(/^Mod\+/, "CmdOrCtrl+")]);
      if (shortcut !== undefined) expect([id, item?.registerAccelerator]).toEqual([id, false]);
    }
  });

  test("has shortcuts that Electron can parse, and none twice", () => {
    const shown = table.flatMap(({ shortcut }) => (shortcut === undefined ? [] : [accelerator(shortcut)]));
    // Modifiers, then one key: Electron throws on anything else when the menu is built.
    for (const keys of shown)
      expect(keys).toMatch(/^(?:(?:CmdOrCtrl|Shift|Alt)\+)*(?:[A-Z0-9]|F\d{1,2}|Delete|[[\],./])$/);
    expect(new Set(shown).size).toBe(shown.length);
  });

  test("draws a line behind each group of the table", () => {
    for (const menu of menuTemplate(false, () => undefined)) {
      const items = itemsOf(menu);
      for (const { id } of table.filter((command) => command.menu === menu.label && command.endsGroup)) {
        const at = items.findIndex((item) => item.id === id);
        expect([id, items[at + 1]?.type]).toEqual([id, "separator"]);
      }
    }
  });

  test("runs the command whose item is clicked, and no other", () => {
    const ran: string[] = [];
    installMenu((id) => ran.push(id));
    const items = installedMenus().flatMap((menu) => menu.submenu?.items ?? []);
    for (const item of items) if (item.id !== undefined) item.click();
    expect(ran.sort()).toEqual(table.map(({ id }) => id).sort());
  });

  test("begins with the app's own menu on a Mac only", () => {
    const onMac = menuTemplate(true, () => undefined);
    const elsewhere = menuTemplate(false, () => undefined);
    expect(onMac[0]).toEqual({ role: "appMenu" });
    expect(onMac.slice(1).map((menu) => menu.label)).toEqual(elsewhere.map((menu) => menu.label));
  });

  test("lets the system edit text, zoom and quit", () => {
    const roles = menuTemplate(false, () => undefined)
      .flatMap(itemsOf)
      .flatMap((item) => item.role ?? []);
    expect(roles).toEqual(expect.arrayContaining(["cut", "copy", "paste", "selectAll", "zoomIn", "zoomOut", "quit"]));
    // Those would act behind the page's back: it asks about unsaved drafts first.
    expect(roles.filter((role) => ["reload", "forceReload", "close", "undo"].includes(role))).toEqual([]);
  });
});
