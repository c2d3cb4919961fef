/** Chooses a decoder that has no tab of its own, and leads to the rules that choose by key. */

import { Icon } from "../../ui/icons.tsx";
import { Menu } from "../../ui/Menu.tsx";
import styles from "./DecoderMenu.module.css";
import { openRules, useRules } from "./decoder-rules.ts";
import { type DecoderId, decoderLabel, MORE_DECODERS, type ValueTab } from "./decoders.ts";
import { setTab } from "./value-store.ts";

export function DecoderMenu({ tab, shown }: { tab: ValueTab; shown: DecoderId }) {
  const ruleCount = useRules((state) => state.rules.length);
  return (
    <Menu
      label="Decode as"
      align="end"
      buttonClass={styles.button}
      items={[
        ...MORE_DECODERS.map((decoder) => ({
          id: decoder,
          label: decoderLabel(decoder),
          isChecked: tab === decoder,
          endsGroup: decoder === "cbor" || decoder === MORE_DECODERS.at(-1),
          onChoose: () => setTab(decoder),
        })),
        {
          id: "rules",
          label: "Always for keys like…",
          detail:
            ruleCount === 0
              ? "No rules for this file"
              : ruleCount === 1
                ? "1 rule for this file"
                : `${ruleCount} rules for this file`,
          onChoose: () => openRules(shown),
        },
      ]}
    >
      <span>More</span>
      <Icon name="down" size={12} />
    </Menu>
  );
}
