/** Keys: tree, value and details beside each other; below a width, details become a drawer over the value. */
import type { CSSProperties } from "react";
import { useLayout } from "../../lib/layout.ts";
import { classes } from "../../ui/classes.ts";
import { Splitter } from "../../ui/Splitter.tsx";
import { DecoderRulesDialog } from "./DecoderRulesDialog.tsx";
import { DetailsPane } from "./DetailsPane.tsx";
import { KeyDialogs } from "./KeyDialogs.tsx";
import styles from "./KeysView.module.css";
import { TreePane } from "./TreePane.tsx";
import { ValuePane } from "./ValuePane.tsx";

export function KeysView() {
  const { keysTreeWidth, keysDetailsWidth, isDetailsShown, isNarrow, setSize } = useLayout();
  const sizes = { "--tree": `${keysTreeWidth}px`, "--details": `${keysDetailsWidth}px` } as CSSProperties;
  const hasDetails = isDetailsShown && !isNarrow;
  return (
    <div className={classes(styles.view, hasDetails && styles.withDetails)} style={sizes}>
      <TreePane />
      <Splitter
        label="Width of the key list"
        size={keysTreeWidth}
        min={220}
        max={640}
        side="start"
        onResize={(size) => setSize("keysTreeWidth", size)}
      />
      <div className={styles.value}>
        <ValuePane />
        {isDetailsShown && isNarrow && (
          <div className={styles.drawer}>
            <DetailsPane />
          </div>
        )}
      </div>
      {hasDetails && (
        <>
          <Splitter
            label="Width of the details"
            size={keysDetailsWidth}
            min={280}
            max={560}
            side="end"
            onResize={(size) => setSize("keysDetailsWidth", size)}
          />
          <DetailsPane />
        </>
      )}
      <KeyDialogs />
      <DecoderRulesDialog />
    </div>
  );
}
