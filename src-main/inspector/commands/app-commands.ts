/** Commands about the program itself: facts, settings, recent files, dialogs, the window. */
import fs from "node:fs/promises";
import { basename } from "node:path";
import type { Handlers, Recent } from "@softadastra/inspector-contract";
import type { CallContext } from "../server/connection.ts";
import type { Desk } from "../sessions/desk.ts";
import { completePath, shownDirectory } from "../sessions/file-facts.ts";
import { answer, HostError } from "../sessions/host-error.ts";
import type { RememberedFile } from "../sessions/settings.ts";

/** What only the program around the core can do. A host without it answers Unsupported. */
export interface HostAbilities {
  readonly version: string;
  readonly host: "electron" | "browser";
  showOpenDialog?(purpose: "log" | "rows"): Promise<string | null>;
  showSaveDialog?(suggestedName: string, title: string): Promise<string | null>;
  /** The page has nothing unsaved left: the window may go. */
  confirmClose?(): void;
  describeWindow?(title: string, draftCount: number): void;
}

type AppCommands = Pick<
  Handlers<CallContext>,
  | "app.info"
  | "app.echo"
  | "settings.write"
  | "recents.list"
  | "recents.remove"
  | "recents.clear"
  | "dialog.open"
  | "dialog.save"
  | "files.complete"
  | "window.confirmClose"
  | "window.describe"
>;

async function toRecent(file: RememberedFile): Promise<Recent> {
  const stat = await fs.stat(file.path).catch(() => null);
  return {
    path: file.path,
    name: basename(file.path),
    directory: shownDirectory(file.path),
    fileBytes: stat?.isFile() ? stat.size : null,
    verdict: file.verdict,
    openedMs: file.openedMs,
  };
}

function unsupported(what: string): never {
  throw new HostError("Unsupported", `This host cannot ${what}.`);
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

export function appCommands(desk: Desk, host: HostAbilities): AppCommands {
  return {
    "app.info": () =>
      answer("app.info", async () => ({
        version: host.version,
        host: host.host,
        platform: process.platform,
        hasNativeDialogs: host.showOpenDialog !== undefined,
        settings: await desk.settings.all(),
        startPath: desk.startPath,
      })),
    "app.echo": ({ text, waitMs, publish }, { signal }) =>
      answer("app.echo", async () => {
        for (let i = 0; i < (publish ?? 0); i += 1) desk.echo();
        if (waitMs !== undefined) await wait(waitMs, signal);
        return { text };
      }),
    "settings.write": ({ name, value }) =>
      answer("settings.write", async () => {
        await desk.settings.write(name, value);
        return {};
      }),
    "recents.list": () =>
      answer("recents.list", async () => ({ recents: await Promise.all((await desk.recents.list()).map(toRecent)) })),
    "recents.remove": ({ path }) =>
      answer("recents.remove", async () => {
        await desk.recents.remove(path);
        desk.recentsChanged();
        return {};
      }),
    "recents.clear": () =>
      answer("recents.clear", async () => {
        await desk.recents.clear();
        desk.recentsChanged();
        return {};
      }),
    "dialog.open": ({ purpose }) =>
      answer("dialog.open", async () => ({
        path: await (host.showOpenDialog ?? (() => unsupported("show a system dialog")))(purpose ?? "log"),
      })),
    "dialog.save": ({ suggestedName, title }) =>
      answer("dialog.save", async () => ({
        path: await (host.showSaveDialog ?? (() => unsupported("show a system dialog")))(suggestedName, title),
      })),
    "files.complete": ({ text }) => answer("files.complete", () => completePath(text)),
    "window.confirmClose": () =>
      answer("window.confirmClose", () => {
        (host.confirmClose ?? (() => unsupported("close its window")))();
        return {};
      }),
    "window.describe": ({ title, draftCount }) =>
      answer("window.describe", () => {
        host.describeWindow?.(title, draftCount);
        return {};
      }),
  };
}
