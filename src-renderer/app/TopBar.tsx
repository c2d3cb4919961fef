/** The top bar: which file, in which mode, the search, and the way to every command. */
import type { Mode } from "@softadastra/inspector-contract";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { countOf } from "../lib/format.ts";
import { useGuard } from "../lib/guard.ts";
import { useInspector } from "../lib/inspector.ts";
import { askToEdit, saveSandboxAs, setMode, useModes } from "../lib/modes.ts";
import { useNavigation } from "../lib/navigation.ts";
import { shortcutText } from "../lib/shortcuts.ts";
import { Button, IconButton } from "../ui/Button.tsx";
import { DirtyDot } from "../ui/Chips.tsx";
import { classes } from "../ui/classes.ts";
import { Icon, type IconName } from "../ui/icons.tsx";
import { Menu } from "../ui/Menu.tsx";
import { runCommand } from "./commands.ts";
import styles from "./TopBar.module.css";

export function TopBar() {
  const session = useInspector((state) => state.session);
  const hasSearch = useNavigation((state) => PLACEHOLDERS[state.view] !== "") && session !== null;
  return (
    <header className={styles.top}>
      {session === null ? <h1>Softadastra Inspector</h1> : <FileName />}
      {session !== null && <ModeChip mode={session.mode} />}
      {session?.mode === "inspect" && (
        <Button size="small" onClick={() => void askToEdit()}>
          Edit…
        </Button>
      )}
      {session?.mode === "sandbox" && (
        <Button size="small" onClick={() => void saveSandboxAs()}>
          Save as…
        </Button>
      )}
      <span className={styles.grow} />
      {hasSearch && <Search />}
      <Button
        kind="ghost"
        icon="command"
        shortcut="Mod+K"
        className={styles.commands}
        aria-label="Commands"
        onClick={() => runCommand("go.palette")}
      >
        Commands
      </Button>
    </header>
  );
}

function FileName() {
  const session = useInspector((state) => state.session);
  const draftCount = useGuard((state) => state.draftCount);
  if (session === null) return null;
  const where =
    session.source === "sample" ? "bundled sample" : session.source === "dropped" ? "dropped file" : session.directory;
  return (
    <div className={styles.file} title={session.originPath}>
      <Icon name="file" className={styles.fileIcon} />
      <h1>
        <bdi>{session.name}</bdi>
      </h1>
      {draftCount > 0 && <DirtyDot label={countOf(draftCount, "unsaved draft")} />}
      <span className={styles.path}>
        {session.mode === "sandbox" && "copy of "}
        <bdi>{where}</bdi>
      </span>
    </div>
  );
}

const MODES: Record<Mode, { label: string; icon: IconName; detail: string }> = {
  inspect: { label: "Inspect", icon: "eye", detail: "Read-only: the file, its times and its folder stay as they are" },
  sandbox: { label: "Sandbox", icon: "box", detail: "A temporary copy: edit, tick and delete at will" },
  write: { label: "Write", icon: "pencil", detail: "The file itself: every write is appended and synced to disk" },
};

function ModeChip({ mode }: { mode: Mode }) {
  const isChanging = useModes((state) => state.isChanging);
  const indexing = useInspector((state) => state.session?.indexing.phase);
  const source = useInspector((state) => state.session?.source);
  const notRead = indexing === "done" ? null : "The file is not read to its end yet";
  const obstacle = (to: Mode) =>
    to === mode || to === "inspect"
      ? null
      : to === "write" && source !== "file"
        ? "A copy without a place of its own: use Save as"
        : notRead;
  const choose = (to: Mode) => {
    if (to === mode) return;
    if (to === "write") void askToEdit();
    else void setMode(to);
  };
  return (
    <Menu
      label={`Mode: ${MODES[mode].label}`}
      buttonClass={classes(styles.mode, styles[mode])}
      items={(Object.keys(MODES) as Mode[]).map((to) => ({
        id: to,
        label: MODES[to].label,
        detail: MODES[to].detail,
        icon: MODES[to].icon,
        isChecked: to === mode,
        disabledReason: isChanging ? "The mode is changing" : obstacle(to),
        onChoose: () => choose(to),
      }))}
    >
      <Icon name={MODES[mode].icon} size={14} />
      <span>{MODES[mode].label}</span>
      <Icon name="down" size={12} />
    </Menu>
  );
}

const PLACEHOLDERS = {
  keys: "Search keys, or value:text",
  log: "Search records, value:text, seq>=840",
  sync: "Search outbox",
  health: "",
  lab: "",
} as const;
const HELP = 'Words search keys. Also: user/*/name, /regex/, value:text, size>1k, seq>=840, -not, "with spaces"';

function Search() {
  const { view, search, findRequest } = useNavigation();
  // On a narrow window it opens when it is asked for, and closes when it is left.
  const [closedAt, setClosedAt] = useState(findRequest);
  const isOpen = findRequest > closedAt;
  const input = useRef<HTMLInputElement>(null);

  useEffect(() => {
    if (findRequest === 0) return;
    input.current?.focus();
    input.current?.select();
  }, [findRequest]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    if (search === "") {
      input.current?.blur();
    } else useNavigation.setState({ search: "" });
  };
  return (
    <>
      <IconButton
        icon="search"
        label="Search"
        shortcut="Mod+F"
        className={styles.searchButton}
        onClick={() => runCommand("go.find")}
      />
      <search className={classes(styles.search, (isOpen || search !== "") && styles.searchOpen)}>
        <Icon name="search" size={15} />
        <input
          ref={input}
          type="text"
          value={search}
          placeholder={PLACEHOLDERS[view]}
          aria-label={PLACEHOLDERS[view]}
          title={view === "keys" ? HELP : undefined}
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => useNavigation.setState({ search: event.target.value })}
          onBlur={() => setClosedAt(findRequest)}
          onKeyDown={onKeyDown}
        />
        {search === "" ? (
          <kbd>{shortcutText("Mod+F")}</kbd>
        ) : (
          <button
            type="button"
            className={styles.clear}
            aria-label="Clear search"
            title="Clear search  Esc"
            onClick={() => {
              useNavigation.setState({ search: "" });
              input.current?.focus();
            }}
          >
            <Icon name="close" size={13} />
          </button>
        )}
      </search>
    </>
  );
}
