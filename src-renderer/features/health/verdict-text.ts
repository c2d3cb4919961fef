/** The verdict as the screen says it: the host's words, and what this window has to do with it. */
import type { HealthReport, SessionState } from "@softadastra/inspector-contract";

export interface VerdictText {
  readonly title: string;
  readonly body: string;
  /** The part of the body that must not be missed. */
  readonly warning: string | null;
  readonly safe: string;
}

/** Null until reading is done. */
export function verdictText({ words }: HealthReport, session: SessionState): VerdictText | null {
  if (words === null) return null;
  const readOnly = session.mode === "inspect" ? " This file is open read-only; nothing has been changed." : "";
  return { title: words.title, body: words.body.join(" "), warning: words.warning, safe: `${words.safe}${readOnly}` };
}

/** Why the log cannot be repaired now; null when it can. */
export function repairObstacle(session: SessionState): string | null {
  if (session.indexing.phase !== "done") return "The file is not read to its end yet";
  if (session.verdict === "clean") return "This log is clean: there is nothing to repair";
  if (session.mode !== "inspect") return "A repair is made of a file that is open read-only";
  return null;
}

/** Text cut at its offsets, so that each of them can lead to its place: every second piece is one. */
export function cutAtOffsets(text: string): readonly string[] {
  return text.split(/(0x[0-9A-F]{5,})/);
}
