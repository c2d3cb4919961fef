/** What a repair would do: the parts of the file with what becomes of each, and the keys that change. */
import type { RepairPlan } from "@softadastra/inspector-contract";
import { countOf, formatCount, formatOffset } from "../../lib/format.ts";
import { classes } from "../../ui/classes.ts";
import styles from "./RepairWizard.module.css";

type Change = RepairPlan["changes"][number];

const CHANGE_WORDS: Record<Change["kind"], string> = {
  added: "gained",
  changed: "other value",
  removed: "deleted",
  lost: "lost",
  outdated: "older value",
  "comes-back": "comes back",
};

const TONES: Partial<Record<Change["kind"], string | undefined>> = {
  added: styles.gained,
  changed: styles.gained,
  lost: styles.lost,
  outdated: styles.lost,
  "comes-back": styles.back,
};

export function PlanDetails({ plan }: { plan: RepairPlan }) {
  const { kept: _, ...changed } = plan.keys;
  const changedCount = Object.values(changed).reduce((sum, n) => sum + n, 0);
  return (
    <>
      <section className={styles.part} aria-label="Parts of the file">
        <h3>
          Parts of the file{" "}
          <small>
            keeps {countOf(plan.keptRecordCount, "record")}, leaves out {countOf(plan.droppedBytes, "byte")}
          </small>
        </h3>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard. */}
        <div className={styles.scroll} tabIndex={0}>
          <table className={styles.ranges}>
            <thead>
              <tr>
                <th>Offset</th>
                <th>Bytes</th>
                <th>What</th>
                <th>Becomes</th>
              </tr>
            </thead>
            <tbody>
              {plan.ranges.map(({ offset, bytes, content, recordCount, isKept }) => (
                <tr key={offset}>
                  <td>
                    <code>{formatOffset(offset)}</code>
                  </td>
                  <td>{formatCount(bytes)}</td>
                  <td>{content === "records" ? countOf(recordCount, "whole record") : "no record"}</td>
                  <td className={isKept ? undefined : styles.lost}>{isKept ? "kept" : "left out"}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        {plan.rangeCount > plan.ranges.length && (
          <p className={styles.quiet}>and {formatCount(plan.rangeCount - plan.ranges.length)} more parts</p>
        )}
        {!plan.isSearchComplete && (
          <p className={styles.lost}>
            The rest was not searched: there may be more whole records than are counted here.
          </p>
        )}
        {plan.addedRecordCount > 0 && (
          <p className={styles.quiet}>
            {countOf(plan.addedRecordCount, "record")} added, so that sync ids stay what they were.
          </p>
        )}
      </section>
      <section className={styles.part} aria-label="Keys that change">
        <h3>
          Keys <small>{keysSummary(plan, changedCount)}</small>
        </h3>
        {plan.changes.length > 0 && (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard.
          <ul className={styles.scroll} tabIndex={0}>
            {plan.changes.map((change) => (
              <li key={`${change.name}:${change.readable?.offset}`} className={styles.change}>
                <bdi>{change.name}</bdi>
                <span className={classes(TONES[change.kind])}>{CHANGE_WORDS[change.kind]}</span>
                <span className={styles.quiet}>{move(change)}</span>
              </li>
            ))}
          </ul>
        )}
        {changedCount > plan.changes.length && (
          <p className={styles.quiet}>
            The first {formatCount(plan.changes.length)} of {formatCount(changedCount)}. All of them stand in Health
            under “What each policy gives”.
          </p>
        )}
      </section>
    </>
  );
}

function keysSummary({ keys: { kept } }: RepairPlan, changedCount: number): string {
  const change =
    changedCount === 0 ? "none changes" : `${formatCount(changedCount)} change${changedCount === 1 ? "s" : ""}`;
  return `${formatCount(kept)} with a value; ${change}`;
}

const stateText = (state: Change["engine"]) =>
  state === null ? "absent" : `${state.kind === "delete" ? "deleted " : ""}#${formatCount(state.sequence)}`;

/** From what the engine has to what the result has; what is lost, beside what is readable. */
function move({ kind, engine, result, readable }: Change): string {
  if (kind === "lost" || kind === "outdated") return `${stateText(result)}, readable ${stateText(readable)}`;
  return `${stateText(engine)} → ${stateText(result)}`;
}
