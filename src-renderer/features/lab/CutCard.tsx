/** The write under test: what it is, how much of it, and the place that is chosen, over the strip of all places. */
import { formatCount } from "../../lib/format.ts";
import { Button, IconButton } from "../../ui/Button.tsx";
import styles from "./CutCard.module.css";
import { CutStrip } from "./CutStrip.tsx";
import { FaultOptions } from "./Faults.tsx";
import { chooseRecords, firstCut, lengthOf, setCut, useLab, WINDOW } from "./lab-store.ts";

const COUNTS = [null, 2, 5, 10, 100, 1_000] as const;

export function CutCard() {
  const { write, cut, kind, windowFrom, records } = useLab();
  if (write === null) return null;
  const length = lengthOf(write);
  const isLong = length > WINDOW;
  return (
    <section className={styles.card} aria-label="Cut">
      <div className={styles.head}>
        <select
          className={styles.select}
          aria-label="What is cut"
          value={records ?? ""}
          onChange={(event) => chooseRecords(event.target.value === "" ? null : Number(event.target.value))}
        >
          {COUNTS.map((count) => (
            <option key={count ?? 0} value={count ?? ""}>
              {count === null ? "Last write" : `Last ${formatCount(count)} records`}
            </option>
          ))}
        </select>
        <Subject />
        <span className={styles.grow} />
        <FaultOptions />
        <label className={styles.place}>
          <span>{kind === "kill" ? "Cut after byte" : "Byte"}</span>
          <input
            type="number"
            min={firstCut(kind)}
            max={length}
            value={cut}
            onChange={(event) => {
              if (Number.isInteger(event.target.valueAsNumber)) setCut(event.target.valueAsNumber);
            }}
          />
          <span>of {formatCount(length)}</span>
        </label>
      </div>
      <CutStrip />
      {isLong && (
        <div className={styles.windows}>
          <IconButton
            icon="left"
            label="Earlier places"
            shortcut="PageUp"
            disabled={windowFrom === 0}
            onClick={() => setCut(windowFrom - 1)}
          />
          <span>
            Places {formatCount(windowFrom)} to {formatCount(Math.min(length, windowFrom + WINDOW - 1))} of{" "}
            {formatCount(length)}
          </span>
          <IconButton
            icon="right"
            label="Later places"
            shortcut="PageDown"
            disabled={windowFrom + WINDOW > length}
            onClick={() => setCut(windowFrom + WINDOW)}
          />
          <Button kind="ghost" size="small" disabled={windowFrom + WINDOW > length} onClick={() => setCut(length)}>
            To the end
          </Button>
        </div>
      )}
    </section>
  );
}

function Subject() {
  const write = useLab((state) => state.write);
  if (write === null) return null;
  const { recordCount, writeCount, operation, name, valueText } = write;
  const length = lengthOf(write);
  if (recordCount > 1) {
    const how =
      writeCount === 1
        ? "flushed together"
        : `flushed in ${formatCount(writeCount)} ${writeCount === 1 ? "write" : "writes"}`;
    return (
      <span className={styles.subject}>
        <b>{formatCount(recordCount)} records</b> {how}, <bdi>{formatCount(length)} bytes</bdi>, one cell for each cut
      </span>
    );
  }
  return (
    <span className={styles.subject}>
      <span data-operation={operation}>{operation === "other" ? "bookkeeping" : operation}</span>{" "}
      <code>
        <bdi>{name}</bdi>
        {operation === "put" && (
          <>
            {" = "}
            <bdi>{valueText}</bdi>
          </>
        )}
      </code>{" "}
      <span className={styles.quiet}>{formatCount(length)} bytes, one cell for each cut</span>
    </span>
  );
}
