/** A line over the view that says what other programs did to the open file, what is safe, and what can be done. */
import type { SessionState } from "@softadastra/inspector-contract";
import type { ReactNode } from "react";
import { diskNotice, hideDiskNotice, toggleFollowing, useFollowing } from "../lib/following.ts";
import { countOf, formatOffset } from "../lib/format.ts";
import { reloadFile } from "../lib/opening.ts";
import { Button } from "../ui/Button.tsx";
import { Notice, type NoticeTone } from "../ui/Notice.tsx";

export function DiskNotice({ session }: { session: SessionState }) {
  const hidden = useFollowing((state) => state.hiddenNotice);
  const notice = diskNotice(session);
  if (notice === null || notice === hidden) return null;
  const { tone, words, actions } = say(session);
  return (
    <Notice tone={tone} role="status" actions={actions}>
      {words}
    </Notice>
  );
}

const keep = (
  <Button size="small" kind="ghost" onClick={hideDiskNotice}>
    Keep looking at what was read
  </Button>
);
const readAgain = (label: string) => (
  <>
    <Button size="small" onClick={() => void reloadFile()}>
      {label}
    </Button>
    {keep}
  </>
);

function say(session: SessionState): { tone: NoticeTone; words: ReactNode; actions: ReactNode } {
  const { disk, tailCut, mode } = session;
  const unchanged = mode === "inspect" ? " Nothing was changed from here." : "";
  if (disk === "grown") {
    return {
      tone: "info",
      words: "Another program has appended to this file since it was read.",
      actions: (
        <Button size="small" onClick={() => void toggleFollowing()}>
          Follow the file
        </Button>
      ),
    };
  }
  if (disk === "truncated") {
    return {
      tone: "torn",
      words: (
        <>
          <b>Another program cut this file</b> inside of what was read. Records before the cut can still be looked into;
          of those behind it the list is left, and their values are gone.{unchanged}
        </>
      ),
      actions: readAgain("Read the file again"),
    };
  }
  if (disk === "changed") {
    return {
      tone: "torn",
      words: (
        <>
          <b>Another program changed this file in place</b> since it was read: what you see need not be what it holds
          now.{unchanged}
        </>
      ),
      actions: readAgain("Read the file again"),
    };
  }
  if (disk === "replaced") {
    return {
      tone: "torn",
      words: (
        <>
          <b>Another file is in the place of this one</b>, as compaction and editors leave it. What was read is from the
          file before, which is still open here.{unchanged}
        </>
      ),
      actions: readAgain("Read the new file"),
    };
  }
  if (disk === "missing") {
    return {
      tone: "torn",
      words: (
        <>
          <b>This file is not at its place any more</b>: it was removed or renamed. What was read stays as long as it is
          open here.
        </>
      ),
      actions: keep,
    };
  }
  return {
    tone: "info",
    words: `Another program cut the torn end off: ${countOf(tailCut?.bytes ?? 0, "byte")} from ${formatOffset(tailCut?.offset ?? 0)} on are gone, as when a writer opens the file. Every record that was read is still there.`,
    actions: (
      <Button size="small" kind="ghost" onClick={hideDiskNotice}>
        Hide
      </Button>
    ),
  };
}
