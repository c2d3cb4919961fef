/** The crash lab in words: where a place is, what happens there, what became of the promises. */
import type { LabCase, LabCell, LabFault, LabField, LabWrite } from "@softadastra/inspector-contract";
import { countOf, formatCount, formatOffset } from "../../lib/format.ts";

/** Which field holds the byte in front of a place. */
export function fieldAt(fields: readonly LabField[], cut: number): LabField | undefined {
  return fields.find(({ from, to }) => cut > from && cut <= to);
}

function recordOf(field: LabField | undefined, recordCount: number): string {
  return field === undefined || recordCount < 2
    ? ""
    : ` of record ${formatCount(field.record + 1)} of ${formatCount(recordCount)}`;
}

/** `byte 41, inside the key` */
export function placeText(write: LabWrite, fault: LabFault, cut: number, fields: readonly LabField[]): string {
  const length = write.range.end - write.range.start;
  const field = fieldAt(fields, cut);
  const name = field === undefined ? "" : field.name.toLowerCase();
  const record = recordOf(field, write.recordCount);
  const at = `byte ${formatCount(cut)}`;
  switch (fault.kind) {
    case "kill": {
      if (cut === 0) return "byte 0, before the append";
      if (cut === length) return `${at}, all of it, before the flush`;
      if (field === undefined) return at;
      if (cut < field.to) return `${at}, inside the ${name}${record}`;
      return field.id === "checksum"
        ? `${at}, behind record ${formatCount(field.record + 1)} of ${formatCount(write.recordCount)}`
        : `${at}, behind the ${name}${record}`;
    }
    case "flush":
      return "all bytes written, before the flush";
    case "power": {
      const sector = write.range.start + cut - 1;
      return `${at}, in the sector at ${formatOffset(sector - (sector % 512))}`;
    }
    case "flip":
      return name === "" ? `bit ${fault.bit} of ${at}` : `bit ${fault.bit} of ${at}, in the ${name}${record}`;
    case "sector": {
      const offset = write.range.start + cut - 1;
      return `${at}, in the sector at ${formatOffset(offset - (offset % fault.sectorBytes))}`;
    }
  }
}

/** As a run is listed: `Kill at byte 41`. */
export function runTitle(write: LabWrite, fault: LabFault, cut: number): string {
  const offset = write.range.start + cut - 1;
  switch (fault.kind) {
    case "kill":
      return cut === 0 ? "Kill before the append" : `Kill at byte ${formatCount(cut)}`;
    case "flush":
      return "Kill before the flush";
    case "power": {
      const what = { tail: "the rest lost", short: "the file cut", hole: "a sector lost" }[fault.loss];
      return `Power loss at byte ${formatCount(cut)}, ${what}`;
    }
    case "flip":
      return `Flip bit ${fault.bit} of byte ${formatCount(cut)}`;
    case "sector":
      return `Zero the sector at ${formatOffset(offset - (offset % fault.sectorBytes))}`;
  }
}

export const VERDICT_WORDS: Record<LabCell["verdict"], string> = {
  clean: "Clean",
  "torn-tail": "Torn tail",
  damaged: "Damaged",
  "not-a-wal": "Not a WAL",
};

export interface PromiseWords {
  readonly tone: "ok" | "unnoticed" | "broken";
  readonly title: string;
  readonly text: string;
}

/** Whether what a put promised still holds: a confirmed write is there, with its own bytes. */
export function promiseText(found: LabCase): PromiseWords {
  const { confirmedCount, lostCount, changedCount, behindCount, underWayCount, underWayKept, cell } = found;
  if (changedCount > 0) {
    const also = lostCount > 0 ? ` ${countOf(lostCount, "other record")} ${lostCount === 1 ? "is" : "are"} lost.` : "";
    return {
      tone: "unnoticed",
      title: "Not noticed",
      text: `${countOf(changedCount, "confirmed record")} ${changedCount === 1 ? "comes" : "come"} back changed, and the verdict is ${VERDICT_WORDS[cell.verdict].toLowerCase()}: the checksum covers the payload, not the header.${also}`,
    };
  }
  if (lostCount > 0) {
    const where =
      behindCount > 0 ? ` ${formatCount(behindCount)} of them stand whole behind the damage: a repair finds them.` : "";
    return {
      tone: "broken",
      title: "Promise broken",
      text: `${countOf(lostCount, "confirmed record")} of ${formatCount(confirmedCount)} ${lostCount === 1 ? "is" : "are"} not recovered, and the verdict says so.${where}`,
    };
  }
  const kept = confirmedCount === 0 ? "No write was confirmed before." : "Every confirmed write is there.";
  return { tone: "ok", title: "Promise kept", text: `${kept} ${underWayText(underWayCount, underWayKept)}`.trim() };
}

function underWayText(count: number, kept: number): string {
  if (count === 0) return "";
  if (count === 1) {
    return kept === 1
      ? "This one is there too, although it was not confirmed yet."
      : "This one was not confirmed yet, and may be absent.";
  }
  if (kept === 0) return `The ${formatCount(count)} records of this write were not confirmed yet, and may be absent.`;
  return `Of this write ${formatCount(kept)} of ${countOf(count, "record")} ${kept === 1 ? "is" : "are"} there; none was confirmed yet.`;
}

/** What the chosen place comes to, for those who do not see the strip. */
export function cellText(cell: LabCell | null | undefined): string {
  if (cell === undefined) return "not worked out yet";
  if (cell === null) return "no such place";
  const code = cell.code === "" ? "" : ` (${cell.code})`;
  const write = { whole: "present", part: "partly there", absent: "absent", changed: "changed" }[cell.write];
  const earlier =
    cell.earlierLost > 0
      ? `${formatCount(cell.earlierLost)} earlier records lost`
      : cell.earlierChanged > 0
        ? `${formatCount(cell.earlierChanged)} earlier records changed`
        : "earlier writes kept";
  return `${VERDICT_WORDS[cell.verdict]}${code}, this write ${write}, ${earlier}, the C++ engine's next write ${cell.isNextKept ? "kept" : "lost"}`;
}
