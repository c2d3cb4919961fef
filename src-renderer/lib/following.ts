/** Following the open file, and the line that says what other programs did to it. */
import type { SessionState } from "@softadastra/inspector-contract";
import { create } from "zustand";
import { perform, useInspector } from "./inspector.ts";

interface Following {
  /** What was said and put away: it comes back when something else happens to the file. */
  readonly hiddenNotice: string | null;
}

export const useFollowing = create<Following>(() => ({ hiddenNotice: null }));

/** Names what there is to say of the file on the disk; null when it is as it was read. */
export function diskNotice({ session, disk, tailCut }: SessionState): string | null {
  if (disk !== "same") return `${session}:${disk}`;
  return tailCut === null ? null : `${session}:cut:${tailCut.atMs}`;
}

export function hideDiskNotice(): void {
  const { session } = useInspector.getState();
  useFollowing.setState({ hiddenNotice: session === null ? null : diskNotice(session) });
}

export function showDiskNotice(): void {
  useFollowing.setState({ hiddenNotice: null });
}

/** Why the open file cannot be followed; null when it can, or is. */
export function followObstacle(): string | null {
  const mode = useInspector.getState().session?.mode;
  return mode === undefined || mode === "inspect" ? null : "Only a file that is open read-only is followed";
}

export async function toggleFollowing(): Promise<void> {
  const { session } = useInspector.getState();
  if (session === null) return;
  const { isFollowing, name } = session;
  await perform(
    "session.follow",
    { session: session.session, isOn: !isFollowing },
    `${name} is ${isFollowing ? "still" : "not"} followed`,
  );
}
