/** Everything a person can ask the app to do, once: native menus, the palette and the shortcuts are made from this table. */

export type MenuName = "File" | "Edit" | "View" | "Sync" | "Go" | "Help";

export interface UiCommand {
  readonly id: string;
  /** "…" only where more is asked. */
  readonly title: string;
  readonly menu: MenuName;
  /** `Mod` is Ctrl, and Cmd on a Mac. */
  readonly shortcut?: string;
  /** Drawn behind this item in a menu. */
  readonly endsGroup?: boolean;
}

export const uiCommands = [
  { id: "file.open", title: "Open…", menu: "File", shortcut: "Mod+O" },
  { id: "file.new", title: "New store…", menu: "File" },
  { id: "file.demo", title: "Open the demo store", menu: "File" },
  { id: "file.sampleTorn", title: "Open the torn-write sample", menu: "File" },
  { id: "file.sampleDamaged", title: "Open the damaged sample", menu: "File" },
  { id: "file.sampleContinued", title: "Open the sample written on behind a torn tail", menu: "File", endsGroup: true },
  { id: "file.reload", title: "Read the file again", menu: "File", shortcut: "Mod+R" },
  { id: "file.saveAs", title: "Save sandbox as…", menu: "File", shortcut: "Mod+Shift+S" },
  { id: "file.export", title: "Export…", menu: "File", shortcut: "Mod+E" },
  { id: "file.import", title: "Import…", menu: "File" },
  { id: "file.repair", title: "Repair the log…", menu: "File" },
  { id: "file.exportHealth", title: "Export the health report as Markdown…", menu: "File" },
  { id: "file.exportHealthJson", title: "Export the health report as JSON…", menu: "File", endsGroup: true },
  { id: "file.close", title: "Close the file", menu: "File", shortcut: "Mod+W", endsGroup: true },
  { id: "edit.save", title: "Save the draft", menu: "Edit", shortcut: "Mod+S" },
  { id: "edit.discard", title: "Discard the draft", menu: "Edit", endsGroup: true },
  { id: "edit.addKey", title: "Add a key…", menu: "Edit", shortcut: "Mod+N" },
  { id: "edit.renameKey", title: "Rename the key…", menu: "Edit", shortcut: "F2" },
  { id: "edit.deleteKey", title: "Delete the key", menu: "Edit", shortcut: "Delete" },
  { id: "edit.undo", title: "Undo the last delete", menu: "Edit", endsGroup: true },
  { id: "edit.sandbox", title: "Work on a copy", menu: "Edit" },
  { id: "edit.write", title: "Write to this file…", menu: "Edit" },
  { id: "edit.inspect", title: "Back to read-only", menu: "Edit" },
  { id: "view.keys", title: "Keys", menu: "View", shortcut: "Mod+1" },
  { id: "view.log", title: "Log", menu: "View", shortcut: "Mod+2" },
  { id: "view.sync", title: "Sync", menu: "View", shortcut: "Mod+3" },
  { id: "view.health", title: "Health", menu: "View", shortcut: "Mod+4" },
  { id: "view.lab", title: "Lab", menu: "View", shortcut: "Mod+5", endsGroup: true },
  { id: "view.details", title: "Show or hide details", menu: "View", shortcut: "Mod+I" },
  { id: "view.follow", title: "Follow the file, or stop", menu: "View", shortcut: "Mod+Shift+F", endsGroup: true },
  { id: "view.compare", title: "Compare versions of the key", menu: "View", shortcut: "Mod+D" },
  { id: "view.nextDifference", title: "Next difference", menu: "View", shortcut: "F7" },
  { id: "view.previousDifference", title: "Previous difference", menu: "View", shortcut: "Shift+F7", endsGroup: true },
  { id: "view.light", title: "Light theme", menu: "View" },
  { id: "view.dark", title: "Dark theme", menu: "View" },
  { id: "view.system", title: "Theme of the system", menu: "View" },
  { id: "sync.tick", title: "Tick", menu: "Sync", shortcut: "F10" },
  { id: "sync.tickPrune", title: "Tick and prune", menu: "Sync", shortcut: "Shift+F10" },
  { id: "sync.run", title: "Run or pause ticks", menu: "Sync", shortcut: "F5" },
  { id: "sync.retryFailed", title: "Retry failed operations", menu: "Sync" },
  { id: "go.palette", title: "Commands…", menu: "Go", shortcut: "Mod+K" },
  { id: "go.find", title: "Search", menu: "Go", shortcut: "Mod+F" },
  { id: "go.key", title: "Go to key…", menu: "Go", shortcut: "Mod+P" },
  { id: "go.offset", title: "Go to offset or sequence…", menu: "Go", shortcut: "Mod+G", endsGroup: true },
  { id: "go.previousRecord", title: "Previous record", menu: "Go", shortcut: "[" },
  { id: "go.nextRecord", title: "Next record", menu: "Go", shortcut: "]" },
  { id: "go.travel", title: "Travel to this record", menu: "Go", shortcut: "Mod+J" },
  { id: "go.travelBack", title: "Travel one record back", menu: "Go", shortcut: "Mod+[" },
  { id: "go.travelOn", title: "Travel one record on", menu: "Go", shortcut: "Mod+]" },
  { id: "go.latest", title: "Latest", menu: "Go", shortcut: "Mod+Shift+J", endsGroup: true },
  { id: "go.olderVersion", title: "Older version of the key", menu: "Go", shortcut: "," },
  { id: "go.newerVersion", title: "Newer version of the key", menu: "Go", shortcut: "." },
  { id: "go.nextFinding", title: "Next finding", menu: "Go", shortcut: "F8" },
  { id: "help.shortcuts", title: "Keyboard shortcuts", menu: "Help", shortcut: "Mod+/" },
] as const satisfies readonly UiCommand[];

export type UiCommandId = (typeof uiCommands)[number]["id"];

export function isUiCommandId(id: string): id is UiCommandId {
  return uiCommands.some((command) => command.id === id);
}
