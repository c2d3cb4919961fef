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

/** Asks when something is unsaved: all of it, or the part that is in danger. True: go on; it is saved or given up. */
export async function mayLeave(action: string, endangered: UnsavedWork = work): Promise<boolean> {
  const drafts = endangered.list();
  if (drafts.length === 0) return true;
  // Only one question fits on the screen: what was asked for before is called off.
  useGuard.getState().question?.answer("cancel");
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
  if (choice === "save") return endangered.save();
  endangered.discard();
  return true;
}
