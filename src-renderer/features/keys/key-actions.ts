/** What can be done to a key: add, rename, delete with undo, restore an older version. */
import { create } from "zustand";
import { decodeLossy, fromBase64 } from "../../lib/bytes.ts";
import { formatCount } from "../../lib/format.ts";
import { mayLeave } from "../../lib/guard.ts";
import { call, perform, sessionId } from "../../lib/inspector.ts";
import { goToKey } from "../../lib/navigation.ts";
import { dismissToast, showToast } from "../../lib/toasts.ts";
import { editObstacle, travelTo } from "../../lib/travel.ts";
import { draftOf, moveDraft } from "./drafts.ts";
import { showVersion, useValue } from "./value-store.ts";

/** The dialog that is open. */
export const useKeyDialog = create<{ dialog: "add" | "rename" | "changes" | null }>(() => ({ dialog: null }));

export function openDialog(dialog: "add" | "rename" | "changes" | null): void {
  useKeyDialog.setState({ dialog });
}

let undo: (() => Promise<void>) | null = null;

/** Deletes the key that is shown. A draft of it would be lost with it: the guard asks first. */
export async function deleteShownKey(): Promise<void> {
  if (editObstacle() !== null) return;
  const { key, described } = useValue.getState();
  if (key === null || described === null || described.isDeleted) return;
  const name = described.name.text;
  if (!(await mayLeave(`deleting ${name}`, draftOf(key)))) return;
  const removed = await perform("store.remove", { session: sessionId(), key }, `${name} was not deleted`);
  if (removed === null) return;
  const session = sessionId();
  undo = async () => {
    undo = null;
    // What is brought back is brought back now.
    await travelTo(null);
    dismissToast(toast);
    const input = { session, key, offset: removed.previousOffset };
    const restored = await perform("store.restore", input, `${name} could not be brought back`);
    if (restored === null) return;
    showToast({
      tone: "done",
      title: `Brought back ${name}`,
      detail: `A new put, record #${formatCount(restored.sequence)}.`,
    });
    goToKey(key);
  };
  const toast = showToast({
    tone: "deleted",
    title: `Deleted ${name}`,
    detail: `Record #${formatCount(removed.sequence)}, waiting to sync`,
    action: { label: "Undo", shortcut: "Mod+Z", run: () => void undo?.() },
  });
}

/** True when there was something to undo. */
export function undoDelete(): boolean {
  if (undo === null || editObstacle() !== null) return false;
  void undo();
  return true;
}

/** An answer in words, or null when it went well. */
export async function addKey(key: string, value: string): Promise<string | null> {
  const answer = await call("store.put", { session: sessionId(), key, value, mustBeNew: true });
  if (!answer.ok) return answer.error.message;
  goToKey(key);
  showToast({
    tone: "done",
    title: "Key added",
    detail: `Record #${formatCount(answer.value.sequence)}, persisted and waiting to sync.`,
  });
  return null;
}

export async function renameKey(to: string): Promise<string | null> {
  const { key, described } = useValue.getState();
  if (key === null || described === null) return "No key is shown.";
  const answer = await call("store.rename", { session: sessionId(), key, to });
  if (!answer.ok) return answer.error.message;
  const { putSequence, deleteSequence } = answer.value;
  moveDraft(key, { key: to, name: decodeLossy(fromBase64(to)), baseSequence: putSequence });
  goToKey(to);
  showToast({
    tone: "done",
    title: `Renamed ${described.name.text}`,
    detail: `Two records: put #${formatCount(putSequence)}, delete #${formatCount(deleteSequence)}.`,
  });
  return null;
}

export async function restoreVersion(offset: number): Promise<void> {
  if (editObstacle() !== null) return;
  const { key, described } = useValue.getState();
  if (key === null || described === null) return;
  if (!(await mayLeave(`restoring an older version of ${described.name.text}`, draftOf(key)))) return;
  const restored = await perform(
    "store.restore",
    { session: sessionId(), key, offset },
    "The version was not restored",
  );
  if (restored === null) return;
  showVersion(null);
  showToast({
    tone: "done",
    title: `Restored ${described.name.text}`,
    detail: `A new put, record #${formatCount(restored.sequence)}. The versions between stay in the history.`,
  });
}
