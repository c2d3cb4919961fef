/** Light, dark, or as the system is. */
import { readSetting, writeSetting } from "./inspector.ts";

export type Theme = "light" | "dark" | "system";

function apply(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

export function setTheme(theme: Theme): void {
  apply(theme);
  writeSetting("theme", theme);
}

/** Called once, when the settings are here. */
export function startTheme(): void {
  const kept = readSetting("theme");
  apply(kept === "light" || kept === "dark" ? kept : "system");
}
