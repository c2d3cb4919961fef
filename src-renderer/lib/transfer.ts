/** Opens the dialogs of export and import, from wherever they are asked for; and knows what each view would export. */
import { create } from "zustand";
import { call, perform, sessionId, useInspector } from "./inspector.ts";
import { useNavigation } from "./navigation.ts";
import { useOpening } from "./opening.ts";
import { editObstacle } from "./travel.ts";

/** What a view shows, where that is less than all of it. */
export interface ExportScope {
  readonly rows: "keys" | "records";
  /** In words, behind "Only ". */
  readonly words: string;
  /** Keys: the host's number of the list. */
  readonly view: number | null;
  readonly filter: "all" | "problems";
  readonly search: string;
}

interface Transfer {
  readonly dialog: "export" | "import" | null;
  /** What the view that was shown is narrowed to; null when it shows everything. */
  readonly scope: ExportScope | null;
  /** The file of rows that was chosen. */
  readonly importPath: string | null;
}

export const useTransfer = create<Transfer>(() => ({ dialog: null, scope: null, importPath: null }));

const scopes = new Map<string, () => ExportScope | null>();

/** A view says what it shows, when it is asked. */
export function registerExportScope(view: "keys" | "log", scope: () => ExportScope | null): void {
  scopes.set(view, scope);
}

/** A view shows another list: an export that is being chosen is about that one. */
export function exportScopeChanged(): void {
  if (useTransfer.getState().dialog !== "export") return;
  useTransfer.setState({ scope: scopes.get(useNavigation.getState().view)?.() ?? null });
}

export function openExport(): void {
  const { view } = useNavigation.getState();
  useTransfer.setState({ dialog: "export", scope: scopes.get(view)?.() ?? null });
}

/** The rows that the export dialog begins with: those of the view it is opened from. */
export function startingRows(): "keys" | "records" {
  return useNavigation.getState().view === "log" ? "records" : "keys";
}

export function closeTransfer(): void {
  useTransfer.setState({ dialog: null, scope: null, importPath: null });
}

/** Why nothing can be imported now; null when it can. */
export function importObstacle(): string | null {
  return useInspector.getState().session === null ? "No file is open" : editObstacle();
}

/** Asks for the file of rows. */
export async function openImport(): Promise<void> {
  if (importObstacle() !== null) return;
  if (!useInspector.getState().info?.hasNativeDialogs) {
    useOpening.setState({ pathDialog: { purpose: "import", suggestion: "" } });
    return;
  }
  const chosen = await perform("dialog.open", { purpose: "rows" }, "The dialog could not be shown");
  if (chosen?.path) importFrom(chosen.path);
}

export function importFrom(path: string): void {
  useTransfer.setState({ dialog: "import", importPath: path });
}

/** Entries for the menus of panes. */
export function transferItems() {
  return [
    { id: "export", label: "Export…", onChoose: openExport },
    { id: "import", label: "Import…", disabledReason: importObstacle(), onChoose: () => void openImport() },
  ] as const;
}

// ---- where an export goes

export interface ExportPlace {
  readonly path: string;
  readonly overwrite: boolean;
}

let answerPlace: ((place: ExportPlace | null) => void) | null = null;

/** Asks where to; null when nobody wants to any more. */
export async function chooseExportPlace(suggestedName: string): Promise<ExportPlace | null> {
  if (!useInspector.getState().info?.hasNativeDialogs) {
    useOpening.setState({ pathDialog: { purpose: "export", suggestion: suggestedName } });
    return new Promise((resolve) => {
      answerPlace = resolve;
    });
  }
  const chosen = await perform("dialog.save", { suggestedName, title: "Export" }, "The dialog could not be shown");
  // The system's dialog has asked about an existing file.
  return chosen?.path ? { path: chosen.path, overwrite: true } : null;
}

/** The path typed in the page: what is wrong with it, or null when the export goes there. */
export async function answerExportPlace(
  path: string,
  overwrite: boolean,
): Promise<{ code: string; message: string } | null> {
  const answer = await call("transfer.checkTarget", { session: sessionId(), path, overwrite });
  if (!answer.ok) return answer.error;
  cancelExportPlace({ path: answer.value.path, overwrite });
  return null;
}

export function cancelExportPlace(place: ExportPlace | null = null): void {
  answerPlace?.(place);
  answerPlace = null;
}
