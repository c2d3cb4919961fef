/** The first screen: open a log, go on with a recent one, or try a sample; and what a path was when it is no log. */
import type { Opened, Recent } from "@softadastra/inspector-contract";
import type { KeyboardEvent } from "react";
import { fromBase64, hexBytes, printable } from "../../lib/bytes.ts";
import { copyText } from "../../lib/clipboard.ts";
import { countOf, formatBytes, formatCount, formatDay } from "../../lib/format.ts";
import { useInspector } from "../../lib/inspector.ts";
import { createWithDialog, forgetFound, openPath, openSample, openWithDialog, useOpening } from "../../lib/opening.ts";
import { useNow } from "../../lib/use-now.ts";
import { Button, IconButton } from "../../ui/Button.tsx";
import { VerdictMark } from "../../ui/Chips.tsx";
import { classes } from "../../ui/classes.ts";
import { Icon, type IconName } from "../../ui/icons.tsx";
import { ProgressBar } from "../../ui/Notice.tsx";
import styles from "./WelcomeView.module.css";
import { clearRecents, removeRecent, useRecents } from "./welcome-store.ts";

export function WelcomeView() {
  const { found, failure, busy } = useOpening();
  const isBrowser = useInspector((state) => state.info?.host === "browser");
  return (
    <div className={styles.view}>
      <div className={styles.column}>
        <h2 className={styles.title}>Open a write-ahead log</h2>
        <p className={styles.lead}>A file opens read-only. Its bytes, times, folder and locks stay as they are.</p>
        <div className={styles.drop}>
          <Icon name="drop" size={20} />
          <div>
            <span>Drop a .wal file{isBrowser ? "" : " or a folder"} anywhere in this window</span>
            <span className={styles.quiet}>or choose one, or pass its path on the command line</span>
          </div>
          <Button kind="primary" size="large" shortcut="Mod+O" onClick={() => void openWithDialog()}>
            Open…
          </Button>
        </div>
        <div className={styles.starts}>
          <Start
            icon="plus"
            title="New store…"
            detail="Choose a folder and a name"
            onClick={() => void createWithDialog()}
          />
          <Start
            icon="box"
            title="Demo store"
            detail="Field notes, in a sandbox"
            onClick={() => void openSample("demo")}
          />
          <Start
            icon="cut"
            title="Torn-write sample"
            detail="See what a crash leaves behind"
            onClick={() => void openSample("torn")}
          />
        </div>
        {busy !== null && <Busy name={busy.name} stop={busy.stop} />}
        {failure !== null && <Failure path={failure.path} code={failure.code} message={failure.message} />}
        {found?.kind === "not-a-wal" && <NotALog found={found} />}
        {found?.kind === "folder" && <Folder found={found} />}
        <Recents />
      </div>
    </div>
  );
}

function Start(props: { icon: IconName; title: string; detail: string; onClick: () => void }) {
  return (
    <button type="button" className={styles.start} onClick={props.onClick}>
      <Icon name={props.icon} />
      <span>
        {props.title}
        <span className={styles.quiet}>{props.detail}</span>
      </span>
    </button>
  );
}

function Busy({ name, stop }: { name: string; stop: () => void }) {
  const progress = useInspector((state) => state.progress);
  return (
    <section className={styles.card} aria-label={`Opening ${name}`}>
      <div className={styles.cardWords}>
        <b>{progress?.label ?? "Opening"}</b>
        <p>
          {progress === null
            ? name
            : `${name}: ${formatCount(progress.doneBytes)} of ${formatBytes(progress.totalBytes)}`}
        </p>
        {progress !== null && (
          <ProgressBar done={progress.doneBytes} total={progress.totalBytes} label={progress.label} />
        )}
      </div>
      <Button size="small" onClick={stop}>
        Stop
      </Button>
    </section>
  );
}

const WHY: Record<string, string> = {
  NotFound: "is not there",
  NoPermission: "may not be read",
  NotAFile: "is not a file",
  DiskFailed: "could not be read",
};

function Failure({ path, code, message }: { path: string; code: string; message: string }) {
  const name = path.split(/[/\\]/).pop() || path;
  return (
    <section className={classes(styles.card, styles.failed)} role="alert">
      <Icon name="stop" />
      <div className={styles.cardWords}>
        <b>
          {name} {WHY[code] ?? "was not opened"}
        </b>
        <p>{message}</p>
        <div className={styles.cardActions}>
          <Button size="small" onClick={() => void openPath(path)}>
            Try again
          </Button>
          <Button size="small" kind="ghost" onClick={() => void openWithDialog()}>
            Choose another…
          </Button>
          <span className={styles.grow} />
          <Button size="small" kind="ghost" icon="copy" onClick={() => copyText(`${code}: ${message}\n${path}`)}>
            Copy details
          </Button>
        </div>
      </div>
      <IconButton icon="close" label="Dismiss" onClick={forgetFound} />
    </section>
  );
}

/** As many as stand in one line of the card. */
const FIRST_BYTES_SHOWN = 16;

function NotALog({ found }: { found: Extract<Opened, { kind: "not-a-wal" }> }) {
  const bytes = fromBase64(found.firstBytes).subarray(0, FIRST_BYTES_SHOWN);
  const isWhole = found.searchedBytes >= found.fileBytes;
  const start = Array.from(bytes.subarray(0, 4), printable).join("");
  return (
    <section className={styles.card} aria-label="Not a log">
      <Icon name="info" className={styles.warn} />
      <div className={styles.cardWords}>
        <b>{found.name} is not a Softadastra WAL</b>
        <p>
          It starts with <code>{start}</code> where a record would start with <code>1LAW</code>, and there is no record
          in {isWhole ? `any of its ${formatBytes(found.fileBytes)}` : `its first ${formatBytes(found.searchedBytes)}`}.
          The file was not changed.
        </p>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a line that scrolls must be reachable by the keyboard. */}
        <section className={styles.hex} tabIndex={0} aria-label="First bytes of the file">
          <mark>{hexBytes(bytes.subarray(0, 4))}</mark> {hexBytes(bytes.subarray(4))}
          <span>{Array.from(bytes, printable).join("")}</span>
        </section>
        <div className={styles.cardActions}>
          {!isWhole && (
            <Button size="small" onClick={() => void openPath(found.path, true)}>
              Search the whole file for records
            </Button>
          )}
          <Button size="small" kind="ghost" onClick={() => void openWithDialog()}>
            Choose another…
          </Button>
          <span className={styles.grow} />
          <Button
            size="small"
            kind="ghost"
            icon="copy"
            onClick={() =>
              copyText(`${found.path}\n${found.fileBytes} bytes, ${found.searchedBytes} searched\n${hexBytes(bytes)}`)
            }
          >
            Copy details
          </Button>
        </div>
      </div>
      <IconButton icon="close" label="Dismiss" onClick={forgetFound} />
    </section>
  );
}

function Folder({ found }: { found: Extract<Opened, { kind: "folder" }> }) {
  return (
    <section className={styles.card} aria-label="Logs in the folder">
      <Icon name="folder" />
      <div className={styles.cardWords}>
        <b>
          {found.logs.length === 0
            ? "No .wal files in this folder"
            : `${countOf(found.logs.length, "log")} in this folder`}
        </b>
        <p>
          <code>{found.path}</code>
        </p>
        <ul>
          {found.logs.map((log) => (
            <li key={log.path}>
              <button type="button" className={styles.log} onClick={() => void openPath(log.path)}>
                <Icon name="file" size={14} />
                <bdi>{log.name}</bdi>
                <span>{formatBytes(log.fileBytes)}</span>
              </button>
            </li>
          ))}
        </ul>
        {found.logs.length === 0 && (
          <div className={styles.cardActions}>
            <Button size="small" onClick={() => void openWithDialog()}>
              Choose another…
            </Button>
          </div>
        )}
      </div>
      <IconButton icon="close" label="Dismiss" onClick={forgetFound} />
    </section>
  );
}

function Recents() {
  const recents = useRecents((state) => state.recents);
  const nowMs = useNow(60_000);
  if (recents.length === 0) return null;
  const move = (event: KeyboardEvent<HTMLUListElement>) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const rows = [...event.currentTarget.querySelectorAll<HTMLElement>("[data-recent]")];
    rows[Math.max(0, Math.min(rows.length - 1, rows.indexOf(document.activeElement as HTMLElement) + step))]?.focus();
  };
  return (
    <section aria-label="Recent files">
      <div className={styles.recentHead}>
        <h2>Recent</h2>
        <Button kind="ghost" size="small" onClick={() => void clearRecents()}>
          Clear list
        </Button>
      </div>
      <ul className={styles.recents} onKeyDown={move}>
        {recents.map((recent) => (
          <RecentRow key={recent.path} recent={recent} nowMs={nowMs} />
        ))}
      </ul>
    </section>
  );
}

function RecentRow({ recent, nowMs }: { recent: Recent; nowMs: number }) {
  const isMissing = recent.fileBytes === null;
  return (
    <li className={styles.recentItem}>
      <button
        type="button"
        data-recent
        className={classes(styles.recent, isMissing && styles.missing)}
        title={recent.path}
        onClick={() => void openPath(recent.path)}
      >
        <Icon name="file" />
        <span className={styles.name}>
          <bdi>{recent.name}</bdi> <bdi className={styles.directory}>{recent.directory}</bdi>
        </span>
        <span className={styles.verdict}>
          {isMissing ? (
            <span className={styles.gone}>
              <Icon name="close" size={14} />
              Missing
            </span>
          ) : (
            recent.verdict !== null && <VerdictMark verdict={recent.verdict} />
          )}
        </span>
        <span className={styles.size}>{isMissing ? "" : formatBytes(recent.fileBytes ?? 0)}</span>
        <span className={styles.when}>{formatDay(recent.openedMs, nowMs)}</span>
      </button>
      {isMissing && (
        <IconButton
          icon="close"
          label={`Remove ${recent.name} from the list`}
          onClick={() => void removeRecent(recent.path)}
        />
      )}
    </li>
  );
}
