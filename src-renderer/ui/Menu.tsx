/** A button that opens a list of choices. Arrow keys move, Enter chooses, Esc closes and gives the focus back. */
import { type KeyboardEvent, type ReactNode, useCallback, useEffect, useId, useRef, useState } from "react";
import { shortcutText } from "../lib/shortcuts.ts";
import { classes } from "./classes.ts";
import { Icon, type IconName } from "./icons.tsx";
import styles from "./Menu.module.css";

export interface MenuItem {
  readonly id: string;
  readonly label: string;
  readonly detail?: string;
  readonly icon?: IconName;
  readonly shortcut?: string | undefined;
  readonly isChecked?: boolean;
  /** Several like it can be on together: the menu stays open for the next. */
  readonly isSwitch?: boolean;
  /** Why it cannot be chosen now. */
  readonly disabledReason?: string | null;
  readonly endsGroup?: boolean;
  readonly onChoose: () => void;
}

export interface MenuProps {
  readonly label: string;
  readonly items: readonly MenuItem[];
  readonly align?: "start" | "end";
  /** Above the button instead of below. */
  readonly opensUp?: boolean;
  readonly buttonClass?: string | undefined;
  readonly children: ReactNode;
}

export function Menu({ label, items, align = "start", opensUp = false, buttonClass, children }: MenuProps) {
  const [isOpen, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();

  const close = useCallback((givesFocusBack: boolean) => {
    setOpen(false);
    if (givesFocusBack) button.current?.focus();
  }, []);

  useEffect(() => {
    if (!isOpen) return;
    const checked = list.current?.querySelector<HTMLElement>('[aria-checked="true"]:not([aria-disabled="true"])');
    (checked ?? list.current?.querySelector<HTMLElement>('[role^="menuitem"]'))?.focus();
    const closeOutside = (event: PointerEvent) => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) close(false);
    };
    window.addEventListener("pointerdown", closeOutside, true);
    return () => window.removeEventListener("pointerdown", closeOutside, true);
  }, [isOpen, close]);

  const move = (event: KeyboardEvent) => {
    const entries = [...(list.current?.querySelectorAll<HTMLElement>('[role^="menuitem"]') ?? [])];
    const at = entries.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: entries.length - 1 }[event.key];
    if (event.key === "Escape" || event.key === "Tab") {
      event.stopPropagation();
      if (event.key === "Escape") event.preventDefault();
      close(event.key === "Escape");
    } else if (to !== undefined) {
      event.preventDefault();
      entries[(to + entries.length) % entries.length]?.focus();
    }
  };

  return (
    <div ref={root} className={styles.root}>
      <button
        ref={button}
        type="button"
        className={buttonClass}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        aria-label={label}
        title={label}
        onClick={() => setOpen(!isOpen)}
        onKeyDown={(event) => {
          if (event.key === "ArrowDown" && !isOpen) {
            event.preventDefault();
            setOpen(true);
          }
        }}
      >
        {children}
      </button>
      {isOpen && (
        <div
          ref={list}
          id={id}
          className={classes(styles.list, align === "end" && styles.end, opensUp && styles.up)}
          role="menu"
          aria-label={label}
          tabIndex={-1}
          onKeyDown={move}
        >
          {items.map((item) => (
            <MenuEntry key={item.id} item={item} close={() => close(true)} />
          ))}
        </div>
      )}
    </div>
  );
}

function MenuEntry({ item, close }: { item: MenuItem; close: () => void }) {
  const isDisabled = item.disabledReason !== undefined && item.disabledReason !== null;
  return (
    <>
      {/* biome-ignore lint/a11y/useAriaPropsSupportedByRole: the role that has no aria-checked is the one without a value for it. */}
      <button
        type="button"
        role={item.isChecked === undefined ? "menuitem" : item.isSwitch ? "menuitemcheckbox" : "menuitemradio"}
        aria-checked={item.isChecked}
        aria-disabled={isDisabled || undefined}
        tabIndex={-1}
        className={styles.item}
        title={item.disabledReason ?? undefined}
        onClick={() => {
          if (isDisabled) return;
          if (!item.isSwitch) close();
          item.onChoose();
        }}
      >
        <span className={styles.mark}>
          {item.icon ? <Icon name={item.icon} size={14} /> : item.isChecked && <Icon name="check" size={14} />}
        </span>
        <span className={styles.words}>
          <span>{item.label}</span>
          {(item.disabledReason ?? item.detail) && (
            <span className={styles.detail}>{item.disabledReason ?? item.detail}</span>
          )}
        </span>
        {item.shortcut && <kbd>{shortcutText(item.shortcut)}</kbd>}
      </button>
      {item.endsGroup && <hr className={styles.line} />}
    </>
  );
}
