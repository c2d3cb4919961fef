/** The palette: commands, keys, and places in the file, found by typing. `>` commands, `/` keys, `0x` offset, `#` sequence. */
import { type KeyRow, type UiCommand, type UiCommandId, uiCommands } from "@softadastra/inspector-contract";
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import { formatBytes, formatCount, formatOffset } from "../lib/format.ts";
import { call, useInspector } from "../lib/inspector.ts";
import { goToKey } from "../lib/navigation.ts";
import { type FoundRecord, pointAt, recordAt, recordOfSequence } from "../lib/records.ts";
import { shortcutText } from "../lib/shortcuts.ts";
import { classes } from "../ui/classes.ts";
import { Icon, type IconName } from "../ui/icons.tsx";
import { obstacleOf, runCommand, useOverlay } from "./commands.ts";
import styles from "./Palette.module.css";

interface Entry {
  readonly id: string;
  readonly group: "Commands" | "Keys" | "Go to";
  readonly icon: IconName;
  readonly label: string;
  readonly isMono: boolean;
  readonly note: string;
  readonly shortcut?: string | undefined;
  /** Why it cannot be chosen. */
  readonly obstacle: string | null;
  readonly isDeleted?: boolean;
  readonly run: () => void;
}

const KEYS_SHOWN = 8;
const SEARCH_AGAIN_MS = 100;
const NONE: readonly Entry[] = [];
const MENU_ICONS: Record<string, IconName> = {
  File: "file",
  Edit: "pencil",
  View: "eye",
  Sync: "sync",
  Go: "right",
  Help: "info",
};

function commandEntries(text: string): Entry[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return (uiCommands as readonly (UiCommand & { id: UiCommandId })[])
    .filter((command) => command.id !== "go.palette")
    .filter(({ title, menu }) => words.every((word) => `${title} ${menu}`.toLowerCase().includes(word)))
    .map((command) => {
      const obstacle = obstacleOf(command.id);
      return {
        id: command.id,
        group: "Commands",
        icon: MENU_ICONS[command.menu] ?? "command",
        label: command.title,
        isMono: false,
        note: obstacle ?? command.menu,
        shortcut: command.shortcut === undefined ? undefined : shortcutText(command.shortcut),
        obstacle,
        run: () => runCommand(command.id),
      };
    });
}

function keyEntry(row: Extract<KeyRow, { kind: "key" }>): Entry {
  return {
    id: `key:${row.key}`,
    group: "Keys",
    icon: "keys",
    label: row.label,
    isMono: true,
    note: row.isDeleted ? "deleted" : `${row.valueKind}, ${formatBytes(row.valueBytes)}`,
    obstacle: null,
    isDeleted: row.isDeleted,
    run: () => goToKey(row.key),
  };
}

interface Place {
  readonly kind: "offset" | "sequence";
  readonly at: number;
}

/** `0x7A10` is an offset, `#842` a sequence. */
function placeOf(text: string): Place | null {
  const offset = /^0x([0-9a-f]+)$/i.exec(text)?.[1];
  const sequence = /^#([0-9]+)$/.exec(text)?.[1];
  const at = Number.parseInt(offset ?? sequence ?? "", offset === undefined ? 10 : 16);
  return Number.isSafeInteger(at) ? { kind: offset === undefined ? "sequence" : "offset", at } : null;
}

/** The record at the place, once it is found; undefined while it is looked for. */
function useRecordAt(place: Place | null): FoundRecord | null | undefined {
  const [found, setFound] = useState<{ of: string; record: FoundRecord | null } | null>(null);
  const { kind, at } = place ?? {};
  const session = useInspector((state) => state.session?.session ?? -1);
  useEffect(() => {
    if (session === -1 || at === undefined) return;
    let isCurrent = true;
    void (kind === "offset" ? recordAt(at) : recordOfSequence(at)).then((record) => {
      if (isCurrent) setFound({ of: `${kind}${at}`, record });
    });
    return () => {
      isCurrent = false;
    };
  }, [session, kind, at]);
  return found?.of === `${kind}${at}` ? found.record : undefined;
}

function placeEntry({ kind, at }: Place, record: FoundRecord | null): Entry {
  const where = kind === "offset" ? `at ${formatOffset(at)}` : `with sequence ${formatCount(at)}`;
  return {
    id: `${kind}:${at}`,
    group: "Go to",
    icon: "right",
    label: `Record ${where}`,
    isMono: false,
    note:
      record === null
        ? "no such record"
        : [
            `record ${formatCount(record.index + 1)} at ${formatOffset(record.offset)}`,
            kind === "offset" && `sequence ${formatCount(record.sequence)}`,
            record.key === null && "about no key",
          ]
            .filter(Boolean)
            .join(", "),
    obstacle: record === null ? "No such record" : null,
    run: () => pointAt(record),
  };
}

/** Keys that match, asked from the host in a view of its own. */
function useKeyEntries(text: string): readonly Entry[] {
  const [entries, setEntries] = useState<readonly Entry[]>([]);
  const session = useInspector((state) => state.session?.session ?? -1);
  useEffect(() => {
    if (session === -1 || text === "") return;
    let isCurrent = true;
    const timer = setTimeout(async () => {
      const quoted = `"${text.replaceAll('"', "")}"`;
      const opened = await call("keys.open", {
        session,
        shape: "list",
        separator: "",
        search: quoted,
        showLive: true,
        showDeleted: true,
      });
      if (!opened.ok) return;
      const { view } = opened.value;
      // Of a large log the first matches come before the search is through.
      for (let isSearching = true; isCurrent && isSearching; ) {
        const page = await call("keys.rows", { view, start: 0, count: KEYS_SHOWN });
        if (!isCurrent || !page.ok) break;
        const { rows, isExact } = page.value;
        setEntries(rows.flatMap((row) => (row.kind === "key" ? [keyEntry(row)] : [])));
        isSearching = !isExact && rows.length < KEYS_SHOWN;
        if (isSearching) await new Promise((resolve) => setTimeout(resolve, SEARCH_AGAIN_MS));
      }
      void call("keys.close", { view });
    }, 120);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [session, text]);
  return text === "" ? NONE : entries;
}

export function Palette() {
  const start = useOverlay((state) => state.paletteStart);
  const [text, setText] = useState(start);
  const [active, setActive] = useState(0);
  const dialog = useRef<HTMLDialogElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
  const wantsOnlyKeys = text.startsWith("/");
  const wantsOnlyCommands = text.startsWith(">");
  const bare = text.replace(/^[>/]/, "").trim();
  const wantsOnlyPlace = /^(?:0x|#)/i.test(bare);
  const keys = useKeyEntries(wantsOnlyCommands || wantsOnlyPlace ? "" : bare);
  const place = placeOf(bare);
  const record = useRecordAt(place);
  const entries: Entry[] = [
    ...(place === null || record === undefined ? [] : [placeEntry(place, record)]),
    ...(wantsOnlyKeys || wantsOnlyPlace ? [] : commandEntries(bare)),
    ...keys,
  ];
  const at = Math.min(active, entries.length - 1);

  const close = () => useOverlay.setState({ overlay: null });
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    return () => {
      if (before instanceof HTMLElement) before.focus({ preventScroll: true });
    };
  }, []);
  useEffect(() => {
    list.current?.querySelector(`[data-index="${at}"]`)?.scrollIntoView({ block: "nearest" });
  }, [at]);

  const choose = (entry: Entry | undefined) => {
    if (entry === undefined || entry.obstacle !== null) return;
    close();
    // After the dialog has given the focus back.
    queueMicrotask(entry.run);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const to = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      setActive((to + entries.length) % Math.max(1, entries.length));
    } else if (event.key === "Enter") {
      event.preventDefault();
      choose(entries[at]);
    }
  };

  return (
    <dialog
      ref={dialog}
      className={styles.palette}
      aria-label="Commands"
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onPointerDown={(event) => {
        if (event.target === event.currentTarget) close();
      }}
    >
      <div className={styles.inner}>
        <div className={styles.input}>
          <Icon name="search" />
          <input
            type="text"
            value={text}
            placeholder="Commands, keys, 0x offset or #sequence"
            role="combobox"
            aria-label="Commands, keys, an offset or a sequence"
            aria-expanded="true"
            aria-controls={id}
            aria-activedescendant={entries.length > 0 ? `${id}-${at}` : undefined}
            spellCheck={false}
            autoComplete="off"
            autoFocus
            onChange={(event) => {
              setText(event.target.value);
              setActive(0);
            }}
            onKeyDown={onKeyDown}
          />
          <span className={styles.count} role="status">
            {entries.length === 1 ? "1 result" : `${formatCount(entries.length)} results`}
          </span>
        </div>
        <div ref={list} id={id} className={styles.list} role="listbox" aria-label="Results">
          {entries.map((entry, i) => (
            <Row
              key={entry.id}
              entry={entry}
              index={i}
              id={`${id}-${i}`}
              isActive={i === at}
              startsGroup={entries[i - 1]?.group !== entry.group}
              search={bare}
              onChoose={() => choose(entry)}
            />
          ))}
        </div>
        <div className={styles.foot} aria-hidden="true">
          <span>
            <kbd>Enter</kbd> run
          </span>
          <span>
            <kbd>Up Down</kbd> move
          </span>
          <span>
            <kbd>&gt;</kbd> commands <kbd>/</kbd> keys <kbd>0x</kbd> offset <kbd>#</kbd> sequence
          </span>
          <span className={styles.grow} />
          <span>
            <kbd>Esc</kbd> close
          </span>
        </div>
      </div>
    </dialog>
  );
}

function Row(props: {
  entry: Entry;
  index: number;
  id: string;
  isActive: boolean;
  startsGroup: boolean;
  search: string;
  onChoose: () => void;
}) {
  const { entry, index, id, isActive, startsGroup, search, onChoose } = props;
  return (
    <>
      {startsGroup && (
        <div className={styles.group} role="presentation">
          {entry.group}
        </div>
      )}
      {/* biome-ignore lint/a11y/useFocusableInteractive: the field keeps the focus and points at the active row. */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: Enter in the field chooses the active row. */}
      <div
        id={id}
        data-index={index}
        className={classes(styles.row, isActive && styles.on, entry.obstacle !== null && styles.off)}
        role="option"
        aria-selected={isActive}
        aria-disabled={entry.obstacle !== null || undefined}
        onClick={onChoose}
      >
        <Icon name={entry.icon} />
        <bdi className={classes(styles.label, entry.isMono && "mono", entry.isDeleted && styles.gone)}>
          {mark(entry.label, search)}
        </bdi>
        <span className={styles.note}>{entry.note}</span>
        {entry.shortcut !== undefined && <kbd className={styles.shortcut}>{entry.shortcut}</kbd>}
      </div>
    </>
  );
}

function mark(label: string, search: string): ReactNode {
  const at = search === "" ? -1 : label.toLowerCase().indexOf(search.toLowerCase());
  if (at === -1) return label;
  return (
    <>
      {label.slice(0, at)}
      <mark>{label.slice(at, at + search.length)}</mark>
      {label.slice(at + search.length)}
    </>
  );
}
