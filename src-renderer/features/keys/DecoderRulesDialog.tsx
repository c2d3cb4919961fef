/** Rules that say which decoder is meant for which keys: changed as a list, in the order in which they are tried. */
import { useState } from "react";
import { GLOB_CHARS_MAX, globBeside } from "../../lib/key-glob.ts";
import { Button, IconButton } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import styles from "./DecoderRulesDialog.module.css";
import { type DecoderRule, openRules, RULES_MAX, ruleFor, saveRules, useRules } from "./decoder-rules.ts";
import { DECODERS, type DecoderId, decoderLabel, isDecoder } from "./decoders.ts";
import { useKeys } from "./keys-store.ts";
import { useValue } from "./value-store.ts";

export function DecoderRulesDialog() {
  const dialog = useRules((state) => state.dialog);
  return dialog === null ? null : <RulesForm decoder={dialog.decoder} />;
}

interface EditedRule extends DecoderRule {
  /** Stays with the rule while it is moved. */
  readonly id: number;
}

let lastId = 0;
const edited = (rule: DecoderRule): EditedRule => ({ ...rule, id: ++lastId });

function RulesForm({ decoder }: { decoder: DecoderId }) {
  const name = useValue((state) => state.described?.name.text ?? "");
  const separator = useKeys((state) => state.options.separator);
  const [rules, setRules] = useState<readonly EditedRule[]>(() => {
    const kept = useRules.getState().rules;
    const isRuled = ruleFor(kept, name) !== null;
    return [...(isRuled ? [] : [{ glob: globBeside(name, separator), decoder }]), ...kept].map(edited);
  });
  const deciding = ruleFor(rules, name);
  const change = (id: number, to: Partial<DecoderRule>) =>
    setRules(rules.map((rule) => (rule.id === id ? { ...rule, ...to } : rule)));
  const move = (at: number, by: 1 | -1) => {
    const next = [...rules];
    const [moved] = next.splice(at, 1);
    if (moved !== undefined) next.splice(at + by, 0, moved);
    setRules(next);
  };
  const save = () => {
    saveRules(rules.filter(({ glob }) => glob !== "").map(({ glob, decoder: meant }) => ({ glob, decoder: meant })));
    openRules(null);
  };
  return (
    <Dialog
      size="wide"
      title="How values of this file are shown"
      onCancel={() => openRules(null)}
      onSubmit={save}
      actions={
        <>
          <Button onClick={() => openRules(null)}>Cancel</Button>
          <Button kind="primary" type="submit">
            Save rules
          </Button>
        </>
      }
    >
      <p>
        Auto shows a key by the first rule that matches its whole name; <code>*</code> is any run of characters,{" "}
        <code>?</code> is one. The values themselves stay as they are.
      </p>
      <ol className={styles.rules} aria-label="Rules, in the order in which they are tried">
        {rules.map((rule, i) => (
          <li key={rule.id} className={styles.rule}>
            <input
              className={styles.glob}
              aria-label={`Keys of rule ${i + 1}`}
              placeholder="session/*"
              maxLength={GLOB_CHARS_MAX}
              spellCheck={false}
              autoComplete="off"
              value={rule.glob}
              {...(i === 0 ? { "data-autofocus": true } : {})}
              onChange={(event) => change(rule.id, { glob: event.target.value })}
            />
            <select
              className={styles.decoder}
              aria-label={`Decoder of rule ${i + 1}`}
              value={rule.decoder}
              onChange={({ target }) => isDecoder(target.value) && change(rule.id, { decoder: target.value })}
            >
              {DECODERS.map((id) => (
                <option key={id} value={id}>
                  {decoderLabel(id)}
                </option>
              ))}
            </select>
            <IconButton
              icon="upwards"
              label={`Try rule ${i + 1} earlier`}
              disabled={i === 0}
              onClick={() => move(i, -1)}
            />
            <IconButton
              icon="downwards"
              label={`Try rule ${i + 1} later`}
              disabled={i === rules.length - 1}
              onClick={() => move(i, 1)}
            />
            <IconButton
              icon="trash"
              label={`Delete rule ${i + 1}`}
              onClick={() => setRules(rules.filter(({ id }) => id !== rule.id))}
            />
          </li>
        ))}
      </ol>
      {rules.length === 0 && <p className={styles.note}>No rules: Auto guesses by the bytes.</p>}
      <div className={styles.foot}>
        <Button
          size="small"
          icon="plus"
          disabled={rules.length >= RULES_MAX}
          onClick={() => setRules([...rules, edited({ glob: "", decoder })])}
        >
          Add rule
        </Button>
        {name !== "" && (
          <p className={styles.note} role="status">
            {deciding === null ? `No rule is for ${name}.` : `${name} is shown as ${decoderLabel(deciding.decoder)}.`}
          </p>
        )}
      </div>
    </Dialog>
  );
}
