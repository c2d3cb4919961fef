/** Lab: the last write cut at every byte, and what a node finds afterwards. Works on copies; the file is only read. */
import { countOf, formatBytes } from "../../lib/format.ts";
import { useInspector } from "../../lib/inspector.ts";
import { Button } from "../../ui/Button.tsx";
import { EmptyState, Notice } from "../../ui/Notice.tsx";
import { Segmented } from "../../ui/Segmented.tsx";
import { BytesAtCut } from "./BytesAtCut.tsx";
import { CutCard } from "./CutCard.tsx";
import { Faults } from "./Faults.tsx";
import styles from "./LabView.module.css";
import { killNode, useRuns } from "./lab-runs.ts";
import { useLab } from "./lab-store.ts";
import { OutcomePane } from "./OutcomePane.tsx";
import { RecordsAndRuns } from "./RecordsAndRuns.tsx";
import { SaveDialog } from "./SaveDialog.tsx";

export function LabView() {
  const session = useInspector((state) => state.session);
  const status = useLab((state) => state.status);
  const failure = useLab((state) => state.failure);
  const suggestion = useRuns((state) => state.saving?.suggestion);
  if (session === null) return null;
  const isPartial = session.verdict !== null && session.verdict !== "clean" && session.recordCount > 0;
  return (
    <div className={styles.view}>
      <Toolbar name={session.name} isRead={session.indexing.phase === "done"} />
      {isPartial && (
        <Notice tone={session.verdict === "damaged" ? "damaged" : "torn"}>
          The lab works on the readable part of {session.name}: {countOf(session.recordCount, "record")},{" "}
          {formatBytes(session.validBytes)}. The {formatBytes(session.tailBytes)} behind it are left out.
        </Notice>
      )}
      {failure !== null && (
        <Notice tone="damaged" role="alert">
          {failure} The file was only read.
        </Notice>
      )}
      {status === "ready" ? (
        <div className={styles.body}>
          <Faults />
          <CutCard />
          <div className={styles.panes}>
            <BytesAtCut />
            <OutcomePane />
            <RecordsAndRuns />
          </div>
        </div>
      ) : status === "empty" ? (
        <div className={styles.body}>
          <div className={styles.empty}>
            <EmptyState title="There is no write to cut">
              {session.fileBytes === 0
                ? "The file is empty: the first append creates its first record. A node can still be killed while it writes to a copy."
                : "No record of the file is readable. A node can still be killed while it writes to an empty copy."}
            </EmptyState>
          </div>
          <RecordsAndRuns />
        </div>
      ) : (
        <EmptyState
          title={session.indexing.phase === "done" ? "Looking for the last write" : "The last write is not known yet"}
        >
          {session.indexing.phase === "done"
            ? ""
            : `It stands at the end of the file, which is not read so far. ${countOf(session.recordCount, "record")} so far.`}
        </EmptyState>
      )}
      {suggestion !== undefined && <SaveDialog suggestion={suggestion} />}
    </div>
  );
}

function Toolbar({ name, isRead }: { name: string; isRead: boolean }) {
  const { busy, outstanding, confirmed } = useRuns();
  return (
    <div className={styles.toolbar}>
      <Segmented
        label="Lab"
        options={[{ value: "crash", label: "Crash lab" }]}
        value="crash"
        onChange={() => undefined}
      />
      <span className={styles.safe}>Works on a copy of {name}. The file is not touched.</span>
      {busy === null ? (
        <div className={styles.kill}>
          <NumberField
            label="Kill after"
            unit="confirmed"
            value={confirmed}
            min={0}
            max={2_000}
            onChange={(value) => useRuns.setState({ confirmed: value })}
          />
          <NumberField
            label="with"
            unit="in flight"
            value={outstanding}
            min={1}
            max={64}
            onChange={(value) => useRuns.setState({ outstanding: value })}
          />
          <Button
            kind="danger"
            icon="kill"
            disabled={!isRead}
            title={
              isRead
                ? "Starts a node in a process of its own, on a copy, and ends it with SIGKILL"
                : "The file is not read to its end yet"
            }
            onClick={() => void killNode()}
          >
            Kill the node now
          </Button>
        </div>
      ) : (
        <div className={styles.kill}>
          <span className={styles.busy} role="status">
            {busy.text}
          </span>
          <Button onClick={busy.stop}>Stop</Button>
        </div>
      )}
    </div>
  );
}

interface NumberFieldProps {
  readonly label: string;
  readonly unit: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly onChange: (value: number) => void;
}

function NumberField({ label, unit, value, min, max, onChange }: NumberFieldProps) {
  return (
    <label className={styles.number}>
      <span>{label}</span>
      <input
        type="number"
        value={value}
        min={min}
        max={max}
        onChange={(event) => {
          const typed = event.target.valueAsNumber;
          if (Number.isInteger(typed)) onChange(Math.max(min, Math.min(max, typed)));
        }}
      />
      <span>{unit}</span>
    </label>
  );
}
