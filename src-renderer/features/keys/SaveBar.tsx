/** Appears with the first keystroke: what changed, and what to do with it. */

import { decodeText } from "../../lib/bytes.ts";
import { countOf, formatBytes } from "../../lib/format.ts";
import { diffLines } from "../../lib/line-diff.ts";
import { Button } from "../../ui/Button.tsx";
import { type Draft, discardDraft, saveDraft, useDrafts } from "./drafts.ts";
import { openDialog } from "./key-actions.ts";
import styles from "./SaveBar.module.css";
import { useValue } from "./value-store.ts";

export function SaveBar({ savedBytes }: { savedBytes: number }) {
  const key = useValue((state) => state.key);
  const draft = useDrafts((state) => state.draftsByKey.get(key ?? ""));
  const isSaving = useDrafts((state) => state.saving.has(key ?? ""));
  if (draft === undefined) return null;
  return (
    <div className={styles.bar}>
      <span className={styles.what}>{summarize(draft)}</span>
      <span className={styles.sizes}>
        Saved value is {formatBytes(savedBytes)}, draft is {formatBytes(draft.bytes.length)}
      </span>
      <span className={styles.grow} />
      <Button kind="ghost" onClick={() => openDialog("changes")}>
        Show changes
      </Button>
      <Button onClick={() => discardDraft(draft.key)}>Discard draft</Button>
      <Button kind="primary" shortcut="Mod+S" disabled={isSaving} onClick={() => void saveDraft(draft.key)}>
        {isSaving ? "Saving…" : "Save"}
      </Button>
    </div>
  );
}

function summarize(draft: Draft): string {
  const [before, after] = [decodeText(draft.baseBytes), decodeText(draft.bytes)];
  if (!before.isText || !after.isText) return "Bytes changed";
  const { changedCount, addedCount, removedCount } = diffLines(before.text, after.text);
  const parts = [
    changedCount > 0 && `${countOf(changedCount, "line")} changed`,
    addedCount > 0 && `${countOf(addedCount, "line")} added`,
    removedCount > 0 && `${countOf(removedCount, "line")} removed`,
  ].filter(Boolean);
  return parts.join(", ") || "Line breaks changed";
}
