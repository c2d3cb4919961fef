/** Health: the verdict in words, a map of the file, and everything that is remarkable about it. */
import type { Finding, HealthReport, SessionState } from "@softadastra/inspector-contract";
import { useEffect, useRef } from "react";
import { countOf, formatBytes, formatCount, formatOffset } from "../../lib/format.ts";
import { call, useInspector } from "../../lib/inspector.ts";
import { goToRecord } from "../../lib/navigation.ts";
import { Button } from "../../ui/Button.tsx";
import { classes } from "../../ui/classes.ts";
import { Icon, type IconName } from "../../ui/icons.tsx";
import { Menu } from "../../ui/Menu.tsx";
import { EmptyState, ProgressBar } from "../../ui/Notice.tsx";
import { FileMap } from "./FileMap.tsx";
import styles from "./HealthView.module.css";
import { nextFinding, setActiveFinding, useHealth } from "./health-store.ts";
import { PoliciesTable } from "./PoliciesTable.tsx";
import { RepairWizard } from "./RepairWizard.tsx";
import { openRepair } from "./repair-store.ts";
import { copyReport, exportReport } from "./report-actions.ts";
import { cutAtOffsets, repairObstacle, verdictText } from "./verdict-text.ts";

export function HealthView() {
  const session = useInspector((state) => state.session);
  const { report, strip } = useHealth();
  if (session === null) return null;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a view that scrolls must be reachable by the keyboard.
    <section className={styles.view} tabIndex={0} aria-label="Health">
      {report === null || report.verdict === null ? (
        <Reading session={session} />
      ) : (
        <VerdictCard report={report} session={session} />
      )}
      {report !== null && strip !== null && <FileMap report={report} strip={strip} />}
      {report !== null && (report.verdict !== null || report.findings.length > 0) && (
        <Findings findings={report.findings} isEmpty={report.fileBytes === 0} isSoFar={report.verdict === null} />
      )}
      {report !== null && report.fileBytes > 0 && <PoliciesTable />}
      <RepairWizard />
    </section>
  );
}

/** No verdict yet: how far reading has come, and how to end it or go on. */
function Reading({ session }: { session: SessionState }) {
  const { phase, message, doneBytes, totalBytes } = session.indexing;
  const title = {
    reading: "Reading records",
    searching: "Searching for records behind the stop",
    done: "Reading the report",
    stopped: "Reading was stopped: there is no verdict yet",
    failed: "The file could not be read",
  }[phase];
  const isUnderWay = phase === "reading" || phase === "searching";
  const soFar = `${countOf(session.recordCount, "record")} and ${countOf(session.liveKeyCount, "live key")} so far`;
  return (
    <section className={styles.card} aria-label="Reading">
      <div className={styles.words}>
        <h2>{title}</h2>
        <p>
          {message ??
            (phase === "searching"
              ? `Reading stops at ${formatOffset(session.validBytes)}, behind ${countOf(session.recordCount, "record")}. The verdict comes when it is known what follows.`
              : `${soFar}, in ${formatCount(doneBytes)} of ${formatBytes(totalBytes)}. The verdict comes at the end.`)}
        </p>
        {isUnderWay && <ProgressBar done={doneBytes} total={totalBytes} label={title} />}
      </div>
      <div className={styles.actions}>
        {isUnderWay && (
          <Button onClick={() => void call("session.stop", { session: session.session })}>Stop reading</Button>
        )}
        {phase === "stopped" && (
          <Button onClick={() => void call("session.resume", { session: session.session })}>Go on reading</Button>
        )}
        <ExportMenu />
      </div>
    </section>
  );
}

function ExportMenu() {
  return (
    <Menu
      label="Export report"
      align="end"
      buttonClass={styles.export}
      items={[
        { id: "save-markdown", label: "Save as Markdown…", onChoose: () => void exportReport("markdown") },
        { id: "save-json", label: "Save as JSON…", endsGroup: true, onChoose: () => void exportReport("json") },
        { id: "copy-markdown", label: "Copy as Markdown", onChoose: () => void copyReport("markdown") },
        { id: "copy-json", label: "Copy as JSON", onChoose: () => void copyReport("json") },
      ]}
    >
      <Icon name="drop" size={14} />
      Export report
      <Icon name="down" size={12} />
    </Menu>
  );
}

/** A sentence whose offsets lead to their places. */
function Sentence({ text }: { text: string }) {
  return cutAtOffsets(text).map((piece, i) =>
    i % 2 === 0 ? (
      piece
    ) : (
      <button
        // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one sentence stand where they stand.
        key={i}
        type="button"
        className={styles.offset}
        title={`Show what stands at ${piece}`}
        onClick={() => goToRecord(Number(piece))}
      >
        {piece}
      </button>
    ),
  );
}

const CARD: Record<string, { icon: IconName; tone: string | undefined }> = {
  clean: { icon: "ok", tone: styles.clean },
  "torn-tail": { icon: "cut", tone: styles.torn },
  damaged: { icon: "stop", tone: styles.damaged },
  "not-a-wal": { icon: "info", tone: undefined },
};

function VerdictCard({ report, session }: { report: HealthReport; session: SessionState }) {
  const text = verdictText(report, session);
  const look = CARD[report.verdict ?? "clean"];
  const obstacle = repairObstacle(session);
  if (text === null) return null;
  return (
    <section className={classes(styles.card, look?.tone)} aria-label="Verdict">
      <Icon name={look?.icon ?? "info"} size={20} className={styles.mark} />
      <div className={styles.words}>
        <h2>{text.title}</h2>
        <p>
          <Sentence text={text.body} /> {text.warning !== null && <b>{text.warning}</b>}
        </p>
        <p className={styles.safe}>
          <Icon name="ok" size={16} />
          {text.safe}
        </p>
      </div>
      <div className={styles.actions}>
        <Button
          kind={obstacle === null ? "primary" : "plain"}
          icon="repair"
          disabled={obstacle !== null}
          title={obstacle === null ? undefined : `${obstacle}.`}
          onClick={openRepair}
        >
          Repair…
        </Button>
        <ExportMenu />
      </div>
    </section>
  );
}

const SEVERITY: Record<Finding["severity"], { icon: IconName; word: string; tone: string | undefined }> = {
  error: { icon: "stop", word: "Error", tone: styles.isError },
  warning: { icon: "warn", word: "Warning", tone: styles.isWarning },
  note: { icon: "info", word: "Note", tone: styles.isNote },
};

function Findings(props: { findings: readonly Finding[]; isEmpty: boolean; isSoFar: boolean }) {
  const { findings, isEmpty, isSoFar } = props;
  const active = useHealth((state) => state.activeFinding);
  const rows = useRef<HTMLTableSectionElement>(null);

  useEffect(() => {
    const row = rows.current?.rows[active];
    row?.scrollIntoView({ block: "nearest" });
  }, [active]);

  const count = (severity: Finding["severity"]) => findings.filter((finding) => finding.severity === severity).length;
  const summary = [
    count("error") > 0 && countOf(count("error"), "error"),
    count("warning") > 0 && countOf(count("warning"), "warning"),
    count("note") > 0 && countOf(count("note"), "note"),
  ].filter(Boolean);
  return (
    <section className={styles.findings} aria-label="Findings">
      <div className={styles.head}>
        <h2>Findings</h2>
        <span className={styles.quiet}>
          {summary.join(", ")}
          {isSoFar && " so far"}
        </span>
        <span className={styles.grow} />
        {findings.length > 0 && (
          <Button kind="ghost" size="small" shortcut="F8" onClick={nextFinding}>
            Next finding
          </Button>
        )}
      </div>
      {findings.length === 0 ? (
        <div className={styles.none}>
          <EmptyState title="Nothing to report">
            {isEmpty
              ? "There is no record to look at."
              : "Sequences rise one by one, times go forward, every checksum is right."}
          </EmptyState>
        </div>
      ) : (
        <table className={styles.table}>
          <thead>
            <tr>
              <th>Severity</th>
              <th>Code</th>
              <th>Offset</th>
              <th className={styles.right}>Length</th>
              <th className={styles.right}>Sequence</th>
              <th>Meaning</th>
              <th>The C++ engine</th>
            </tr>
          </thead>
          <tbody ref={rows}>
            {findings.map((finding, i) => (
              <Row
                key={`${finding.code}:${finding.offset}:${finding.count}`}
                finding={finding}
                isActive={i === active}
                onChoose={() => setActiveFinding(i)}
              />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

/** The offset; it leads to the record or the bytes there. */
function Place({ finding, text }: { finding: Finding; text: string }) {
  return (
    <button
      type="button"
      className={styles.place}
      title={`Show what stands at ${formatOffset(finding.offset)}`}
      onClick={() => goToRecord(finding.offset)}
    >
      {text}
    </button>
  );
}

function Row({ finding, isActive, onChoose }: { finding: Finding; isActive: boolean; onChoose: () => void }) {
  const { icon, word, tone } = SEVERITY[finding.severity];
  const isThroughout = finding.count > 1 && finding.severity === "note";
  return (
    <tr className={isActive ? styles.active : undefined} aria-current={isActive || undefined} onPointerDown={onChoose}>
      <td>
        <span className={classes(styles.severity, tone)}>
          <Icon name={icon} size={14} />
          {word}
        </span>
      </td>
      <td>
        <code className={styles.code}>{finding.code}</code>
      </td>
      <td>
        <Place finding={finding} text={isThroughout ? "throughout" : formatOffset(finding.offset)} />
      </td>
      <td className={styles.right}>{isThroughout ? "–" : formatCount(finding.length)}</td>
      <td className={classes(styles.right, styles.quiet)}>
        {finding.count > 1
          ? countOf(finding.count, "record")
          : finding.sequence === null
            ? "–"
            : formatCount(finding.sequence)}
      </td>
      <td className={styles.meaning}>
        {finding.meaning}
        <span className={styles.action}>{finding.action}</span>
      </td>
      <td className={styles.quiet}>{finding.engine}</td>
    </tr>
  );
}
