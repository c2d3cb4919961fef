/** The native menu, from the table of commands that the palette is made of too. */
import { type MenuName, type UiCommand, type UiCommandId, uiCommands } from "@softadastra/inspector-contract";
import { Menu, type MenuItemConstructorOptions } from "electron";

const MENUS: readonly MenuName[] = ["File", "Edit", "View", "Sync", "Go", "Help"];

/** Items that the system provides, behind our own. */
const ROLES: Partial<Record<MenuName, MenuItemConstructorOptions[]>> = {
  File: [{ role: "quit" }],
  Edit: [{ type: "separator" }, { role: "cut" }, { role: "copy" }, { role: "paste" }, { role: "selectAll" }],
  View: [
    { type: "separator" },
    { role: "zoomIn" },
    { role: "zoomOut" },
    { role: "resetZoom" },
    { role: "togglefullscreen" },
    { role: "toggleDevTools" },
  ],
};

export function accelerator(shortcut: string): string {
  return shortcut.replace("Mod", "CmdOrCtrl");
}

export function menuTemplate(isMac: boolean, run: (id: UiCommandId) => void): MenuItemConstructorOptions[] {
  const menus = MENUS.map((label): MenuItemConstructorOptions => {
    const own = uiCommands
      .filter((command) => command.menu === label)
      .flatMap((command: UiCommand & { id: UiCommandId }): MenuItemConstructorOptions[] => [
        {
          id: command.id,
          label: command.title,
          // The page listens to the keys itself, so that they are the same in a browser: the menu only shows them.
          ...(command.shortcut ? { accelerator: accelerator(command.shortcut), registerAccelerator: false } : {}),
          click: () => run(command.id),
        },
        ...(command.endsGroup ? [{ type: "separator" } as const] : []),
      ]);
    return { label, submenu: [...own, ...(ROLES[label] ?? [])] };
  });
  return isMac ? [{ role: "appMenu" }, ...menus] : menus;
}

export function installMenu(run: (id: UiCommandId) => void): void {
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(process.platform === "darwin", run)));
}
