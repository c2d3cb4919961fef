/** Unsaved values, one per key: never lost by selecting something else, guarded when they would be. */
import { limits } from "@softadastra/inspector-contract";
import { create } from "zustand";
import { sameBytes, toBase64 } from "../../lib/bytes.ts";
import { countOf, formatCount } from "../../lib/format.ts";
import { registerUnsavedWork, type UnsavedWork, unsavedWorkChanged } from "../../lib/guard.ts";
import { perform, sessionId, useInspector } from "../../lib/inspector.ts";
import { showToast } from "../../lib/toasts.ts";

export interface Draft {
  readonly key: string;
  /** The key as people read it. */
  readonly name: string;
  /** Value and version it was made from. */
  readonly baseBytes: Uint8Array;
  readonly baseSequence: number;
  readonly bytes: Uint8Array;
}

interface DraftState {
  readonly draftsByKey: ReadonlyMap<string, Draft>;
  /** Keys whose draft is on its way to the log. */
  readonly saving: ReadonlySet<string>;
}

export const useDrafts = create<DraftState>(() => ({ draftsByKey: new Map(), saving: new Set() }));

function setDrafts(draftsByKey: ReadonlyMap<string, Draft>): void {
  useDrafts.setState({ draftsByKey });
  unsavedWorkChanged();
}

/** Keeps what was typed. Bytes equal to the saved ones are no draft. */
export function edit(draft: Draft): void {
  const drafts = new Map(useDrafts.getState().draftsByKey);
  if (sameBytes(draft.bytes, draft.baseBytes)) drafts.delete(draft.key);
  else drafts.set(draft.key, draft);
  setDrafts(drafts);
}

export function discardDraft(key: string): void {
  const drafts = new Map(useDrafts.getState().draftsByKey);
  if (drafts.delete(key)) setDrafts(drafts);
}

/** A renamed key takes its draft along. */
export function moveDraft(from: string, to: { key: string; name: string; baseSequence: number }): void {
  const drafts = new Map(useDrafts.getState().draftsByKey);
  const draft = drafts.get(from);
  if (draft === undefined) return;
  drafts.delete(from);
  setDrafts(drafts.set(to.key, { ...draft, ...to }));
}

/** Saves that are on their way: asking again waits for the same one. */
const savesByKey = new Map<string, Promise<boolean>>();

/** Writes the draft as a put. What was typed while it was on its way stays a draft. */
export function saveDraft(key: string): Promise<boolean> {
  const save = savesByKey.get(key) ?? writeDraft(key).finally(() => savesByKey.delete(key));
  savesByKey.set(key, save);
  return save;
}

async function writeDraft(key: string): Promise<boolean> {
  const draft = useDrafts.getState().draftsByKey.get(key);
  if (draft === undefined) return true;
  if (draft.bytes.length > limits.EDIT_BYTES_MAX) {
    showToast({
      tone: "error",
      title: `${draft.name} was not saved`,
      detail: `The value has ${countOf(draft.bytes.length, "byte")}; values up to ${formatCount(limits.EDIT_BYTES_MAX)} bytes can be edited here. Your text is kept.`,
    });
    return false;
  }
  useDrafts.setState(({ saving }) => ({ saving: new Set(saving).add(key) }));
  const input = { session: sessionId(), key, value: toBase64(draft.bytes) };
  const saved = await perform("store.put", input, `${draft.name} was not saved; your text is kept`);
  useDrafts.setState(({ saving }) => ({ saving: new Set([...saving].filter((other) => other !== key)) }));
  if (saved === null) return false;
  const now = useDrafts.getState().draftsByKey.get(key);
  if (now !== undefined && sameBytes(now.bytes, draft.bytes)) discardDraft(key);
  else if (now !== undefined) edit({ ...now, baseBytes: draft.bytes, baseSequence: saved.sequence });
  showToast({
    tone: "done",
    title: `Saved ${draft.name}`,
    detail: `Record #${formatCount(saved.sequence)}, persisted and waiting to sync. ${countOf(saved.outboxOpenCount, "operation")} in the outbox.`,
  });
  return true;
}

/** The drafts of these keys, as far as they have one, as work that must not be lost. */
function workOn(keys: () => readonly string[]): UnsavedWork {
  return {
    list: () => keys().flatMap((key) => useDrafts.getState().draftsByKey.get(key)?.name ?? []),
    async save() {
      for (const key of keys()) {
        // Once more for what was typed while a save was on its way.
        while (useDrafts.getState().draftsByKey.has(key)) if (!(await saveDraft(key))) return false;
      }
      return true;
    },
    discard: () => {
      for (const key of keys()) discardDraft(key);
    },
  };
}

/** The draft of one key, for what would lose that one alone. */
export function draftOf(key: string): UnsavedWork {
  return workOn(() => [key]);
}

/** Called once, when the app starts. */
export function startDrafts(): void {
  registerUnsavedWork(workOn(() => [...useDrafts.getState().draftsByKey.keys()]));
  // Drafts belong to the file they were typed for: the guard has asked before it is left.
  useInspector.subscribe((state, before) => {
    if (state.session?.session !== before.session?.session && useDrafts.getState().draftsByKey.size > 0)
      setDrafts(new Map());
  });
}
