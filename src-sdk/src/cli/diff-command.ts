/** `softadastra-wal diff`: the keys on which two logs differ, or one log read by two rules; printed as they are found. */
import { diffWal, type WalDifference, type WalDiffLog, type WalDiffSide, type WalDiffSummary } from "../wal/diff.js";
import { countOf, formatCount, formatOffset } from "../words.js";
import { BROKEN, CLEAN, type CliWork, readPolicy, UsageError } from "./command.js";
import { keyJson, printable } from "./listings.js";

export async function printDiff(work: CliWork): Promise<number> {
  const policy = readPolicy(work.options.policy);
  const [other] = work.rest;
  if (other === undefined && policy === null) {
    throw new UsageError("diff needs a second log behind the first, or --policy to read the one by another rule.");
  }
  const differences = diffWal(work.path, other ?? work.path, {
    // One log is compared with itself as the C++ engine reads it.
    beforePolicy: other === undefined ? "valid-prefix" : (policy ?? "valid-prefix"),
    afterPolicy: policy ?? "valid-prefix",
  });
  for (;;) {
    const step = await differences.next();
    if (step.done) return printSummary(work, step.value);
    if (work.options.json) work.printJson(differenceJson(step.value));
    else work.print(differenceLine(step.value));
  }
}

const SIGNS = { added: "+", removed: "-", changed: "~" } as const;

function sideText({ valueBytes, version, offset }: WalDiffSide): string {
  return `${countOf(valueBytes, "byte")} #${version} at ${formatOffset(offset)}`;
}

function differenceLine({ keyBytes, key, kind, before, after }: WalDifference): string {
  const sides = [before, after].flatMap((side) => (side === null ? [] : [sideText(side)]));
  const name = printable(keyJson(keyBytes).keyBase64 === undefined ? key : `${key} (not UTF-8)`);
  return `${SIGNS[kind]} ${name}  ${sides.join(" -> ")}`;
}

function differenceJson({ keyBytes, kind, before, after }: WalDifference) {
  return { ...keyJson(keyBytes), kind, before, after };
}

function printSummary(work: CliWork, summary: WalDiffSummary): number {
  const { addedCount, removedCount, changedCount, sameCount, before, after } = summary;
  const differing = addedCount + removedCount + changedCount;
  for (const log of before.path === after.path ? [before] : [before, after]) noteState(work, log);
  if (work.options.json) work.printJson({ summary });
  else if (differing === 0) work.print(`The same: ${countOf(sameCount, "key")} with the same values.`);
  else {
    work.print(
      `${countOf(differing, "key")} differ${differing === 1 ? "s" : ""}: ${formatCount(addedCount)} added, ${formatCount(removedCount)} removed, ${formatCount(changedCount)} changed; ${formatCount(sameCount)} the same.`,
    );
  }
  return differing === 0 ? CLEAN : BROKEN;
}

/** That a log is not clean does not hinder a comparison; what it rests on is said. */
function noteState(work: CliWork, { path, verdict, policy, validBytes, fileBytes }: WalDiffLog): void {
  if (verdict === "clean") return;
  const what = verdict === "damaged" ? "damaged" : "torn";
  work.note(
    policy === "valid-prefix"
      ? `${path} is ${what}: compared is what stands before ${formatOffset(validBytes)} of its ${countOf(fileBytes, "byte")}.`
      : `${path} is ${what}: compared is every whole record in it.`,
  );
}
