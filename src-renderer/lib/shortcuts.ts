/** Keyboard shortcuts, from the one table of commands. */
import { type UiCommand, type UiCommandId, uiCommands } from "@softadastra/inspector-contract";

export const isMac = /mac/i.test(navigator.userAgent);

/** `Mod+Shift+S` as people read it: `Ctrl Shift S`, `⌘ ⇧ S`. */
export function shortcutText(shortcut: string): string {
  const names: Record<string, string> = isMac
    ? { Mod: "⌘", Shift: "⇧", Alt: "⌥", Delete: "⌫" }
    : { Mod: "Ctrl", Delete: "Del" };
  return shortcut
    .split("+")
    .map((part) => names[part] ?? part)
    .join(" ");
}

function matches(event: KeyboardEvent, shortcut: string): boolean {
  const parts = shortcut.split("+");
  const key = parts.at(-1) ?? "";
  const wantsMod = parts.includes("Mod");
  const mod = isMac ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey;
  if (wantsMod !== mod || (!wantsMod && (event.ctrlKey || event.metaKey))) return false;
  if (parts.includes("Shift") !== event.shiftKey || parts.includes("Alt") !== event.altKey) return false;
  return event.key.toLowerCase() === key.toLowerCase();
}

/** Keys that mean something else while text is typed. */
function isTyping(target: EventTarget | null): boolean {
  const element = target instanceof Element ? target : null;
  return element?.closest("input, textarea, select, [contenteditable=true]") != null;
}

/** The command whose shortcut this is. Plain keys such as Delete are left to text fields. */
export function commandFor(event: KeyboardEvent): UiCommandId | null {
  const target = event.composedPath()[0] ?? event.target;
  for (const command of uiCommands as readonly (UiCommand & { id: UiCommandId })[]) {
    if (command.shortcut === undefined || !matches(event, command.shortcut)) continue;
    const isPlain = !command.shortcut.includes("Mod") && !/^(?:Shift\+)?F\d+$/.test(command.shortcut);
    if (isPlain && isTyping(target)) continue;
    return command.id;
  }
  return null;
}
