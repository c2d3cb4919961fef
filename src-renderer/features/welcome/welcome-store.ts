/** The recent files, with what became of them since. */
import type { Recent } from "@softadastra/inspector-contract";
import { create } from "zustand";
import { call, perform, useInspector } from "../../lib/inspector.ts";

export const useRecents = create<{ recents: readonly Recent[] }>(() => ({ recents: [] }));

async function refresh(): Promise<void> {
  const answer = await call("recents.list", {});
  if (answer.ok) useRecents.setState({ recents: answer.value.recents });
}

export async function clearRecents(): Promise<void> {
  await perform("recents.clear", {}, "The list was not cleared");
}

export async function removeRecent(path: string): Promise<void> {
  await perform("recents.remove", { path }, "The entry was not removed");
}

/** Called once, when the app starts. */
export function startWelcome(): void {
  void refresh();
  useInspector.subscribe((state, before) => {
    if (state.recentsRevision !== before.recentsRevision || (state.session === null && before.session !== null))
      void refresh();
  });
}
