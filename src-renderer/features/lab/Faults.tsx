/** What may happen to a write: one fault is chosen, and where it has variants, one of them. */
import { type KeyboardEvent, useRef } from "react";
import { Icon, type IconName } from "../../ui/icons.tsx";
import { Segmented } from "../../ui/Segmented.tsx";
import styles from "./Faults.module.css";
import { chooseFault, type FaultKind, type PowerLoss, useLab } from "./lab-store.ts";

const FAULTS: readonly { kind: FaultKind; icon: IconName; title: string; what: string }[] = [
  { kind: "kill", icon: "cut", title: "Kill while appending", what: "after n bytes" },
  { kind: "flush", icon: "kill", title: "Kill before flush", what: "all bytes, no sync" },
  { kind: "power", icon: "bolt", title: "Power loss", what: "unsynced sectors vanish" },
  { kind: "flip", icon: "flip", title: "Flip a bit", what: "at any byte" },
  { kind: "sector", icon: "zero", title: "Zero a sector", what: "512 or 4,096 bytes" },
];

export function Faults() {
  const kind = useLab((state) => state.kind);
  const group = useRef<HTMLDivElement>(null);
  const move = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const at = FAULTS.findIndex((fault) => fault.kind === kind);
    const next = FAULTS[(at + step + FAULTS.length) % FAULTS.length];
    if (next === undefined) return;
    chooseFault({ kind: next.kind });
    group.current?.querySelector<HTMLElement>(`[data-fault="${next.kind}"]`)?.focus();
  };
  return (
    <div ref={group} className={styles.faults} role="radiogroup" aria-label="Fault" onKeyDown={move}>
      {FAULTS.map((fault) => (
        // biome-ignore lint/a11y/useSemanticElements: a radio input cannot look like a card in every engine.
        <button
          key={fault.kind}
          type="button"
          role="radio"
          data-fault={fault.kind}
          aria-checked={fault.kind === kind}
          tabIndex={fault.kind === kind ? 0 : -1}
          onClick={() => chooseFault({ kind: fault.kind })}
        >
          <Icon name={fault.icon} size={16} />
          <span>
            <b>{fault.title}</b>
            <em>{fault.what}</em>
          </span>
        </button>
      ))}
    </div>
  );
}

/** The variants of the chosen fault. */
export function FaultOptions() {
  const { kind, loss, bit, sectorBytes } = useLab();
  if (kind === "power") {
    return (
      <Segmented
        label="What the disk had written"
        options={[
          { value: "tail", label: "Nothing from here on" },
          { value: "short", label: "The file ends here" },
          { value: "hole", label: "Later sectors, not this one" },
        ]}
        value={loss}
        onChange={(value: PowerLoss) => chooseFault({ loss: value })}
      />
    );
  }
  if (kind === "flip") {
    return (
      <Segmented
        label="Bit"
        options={["7", "6", "5", "4", "3", "2", "1", "0"].map((value) => ({ value, label: value }))}
        value={String(bit)}
        onChange={(value) => chooseFault({ bit: Number(value) })}
      />
    );
  }
  if (kind === "sector") {
    return (
      <Segmented
        label="Size of the sector"
        options={[
          { value: "512", label: "512 bytes" },
          { value: "4096", label: "4,096 bytes" },
        ]}
        value={String(sectorBytes)}
        onChange={(value) => chooseFault({ sectorBytes: value === "512" ? 512 : 4096 })}
      />
    );
  }
  return null;
}
