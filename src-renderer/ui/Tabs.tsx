/** Tabs over a pane. The panel they belong to is the caller's. */
import { type KeyboardEvent, type ReactNode, useRef } from "react";
import styles from "./Tabs.module.css";

export interface Tab<T extends string> {
  readonly value: T;
  readonly label: string;
  /** Said behind the label: what "Auto" chose. */
  readonly hint?: string;
}

export interface TabsProps<T extends string> {
  readonly label: string;
  readonly tabs: readonly Tab<T>[];
  readonly value: T;
  readonly panelId: string;
  readonly onChange: (value: T) => void;
  /** At the right end. */
  readonly children?: ReactNode;
}

export function Tabs<T extends string>({ label, tabs, value, panelId, onChange, children }: TabsProps<T>) {
  const list = useRef<HTMLDivElement>(null);
  const move = (event: KeyboardEvent) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const at = tabs.findIndex((tab) => tab.value === value);
    const next = tabs[(at + step + tabs.length) % tabs.length];
    if (next === undefined) return;
    onChange(next.value);
    list.current?.querySelector<HTMLElement>(`[data-value="${next.value}"]`)?.focus();
  };
  return (
    <div className={styles.bar}>
      <div ref={list} className={styles.tabs} role="tablist" aria-label={label} onKeyDown={move}>
        {tabs.map((tab) => (
          <button
            key={tab.value}
            type="button"
            role="tab"
            data-value={tab.value}
            aria-selected={tab.value === value}
            aria-controls={panelId}
            tabIndex={tab.value === value ? 0 : -1}
            onClick={() => onChange(tab.value)}
          >
            {tab.label}
            {tab.hint && (
              <>
                {" "}
                <span className={styles.hint}>{tab.hint}</span>
              </>
            )}
          </button>
        ))}
      </div>
      <span className={styles.grow} />
      {children}
    </div>
  );
}
