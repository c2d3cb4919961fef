/** One guard for everything that would lose unsaved work: close, quit, reload, open another file, change the mode. */
import { create } from "zustand";

/** Unsaved work of one kind. A feature registers what it holds. */
export interface UnsavedWork {
  /** Names of what is unsaved, for the question; empty when nothing is. */
  list(): readonly string[];
  /** True when everything could be saved. */
  save(): Promise<boolean>;
  discard(): void;
}

interface GuardState {
  /** The question that is on the screen. */
  readonly question: {
    readonly action: string;
    readonly drafts: readonly string[];
    readonly answer: (choice: "save" | "discard" | "cancel") => void;
  } | null;
  readonly draftCount: number;
}

export const useGuard = create<GuardState>(() => ({ question: null, draftCount: 0 }));

let work: UnsavedWork = { list: () => [], save: async () => true, discard: () => undefined };

export function registerUnsavedWork(next: UnsavedWork): void {
  work = next;
}

/** The work changed: counts in the status bar and the window title follow. */
export function unsavedWorkChanged(): void {
  const draftCount = work.list().length;
  if (useGuard.getState().draftCount !== draftCount) useGuard.setState({ draftCount });
}

/** Asks when something is unsaved. True: go on; everything is saved or given up. */
export async function mayLeave(action: string): Promise<boolean> {
  const drafts = work.list();
  if (drafts.length === 0) return true;
  const choice = await new Promise<"save" | "discard" | "cancel">((resolve) => {
    useGuard.setState({
      question: {
        action,
        drafts,
        answer: (chosen) => {
          useGuard.setState({ question: null });
          resolve(chosen);
        },
      },
    });
  });
  if (choice === "cancel") return false;
  if (choice === "save") return work.save();
  work.discard();
  return true;
}
