/** The rows of a difference, of any number: the one the keyboard is on, and the jumps from difference to difference. */
import { type KeyboardEvent, type ReactNode, useEffect, useEffectEvent, useRef } from "react";
import { FixedRows, type FixedRowsHandle } from "../../ui/FixedRows.tsx";
import { setAnchors, setDiffRow, useCompare } from "./compare-store.ts";

export interface DiffRowsProps {
  readonly label: string;
  readonly rowCount: number;
  readonly rowHeight: number;
  readonly anchors: ArrayLike<number>;
  /** Another difference altogether: it is shown from its first one. */
  readonly contentId: string;
  readonly rowClass: (index: number) => string | undefined;
  /** Opens what is folded in the row; false when nothing is. */
  readonly onOpen: (index: number) => boolean;
  readonly renderRow: (index: number) => ReactNode;
}

export function DiffRows(props: DiffRowsProps) {
  const { label, rowCount, rowHeight, anchors, contentId, rowClass, onOpen, renderRow } = props;
  const { row, jumps, seen } = useCompare();
  const list = useRef<FixedRowsHandle>(null);
  useEffect(() => setAnchors(anchors), [anchors]);

  // The first difference is what one came for.
  const toFirst = useEffectEvent(() => {
    const first = anchors[0];
    if (first === undefined) return;
    setDiffRow(first);
    list.current?.reveal(first);
    // The comparison has the focus when it has just come: its rows take it.
    if (document.activeElement?.matches("section[tabindex]")) list.current?.focus();
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each difference, not when one of its folds is opened.
  useEffect(() => toFirst(), [contentId]);
  const toJump = useEffectEvent(() => list.current?.reveal(Math.max(0, Math.min(seen, rowCount - 1))));
  useEffect(() => {
    if (jumps > 0) toJump();
  }, [jumps]);

  const onKey = (event: KeyboardEvent) => (event.key === "Enter" || event.key === " ") && row >= 0 && onOpen(row);
  return (
    <FixedRows
      ref={list}
      label={label}
      role="listbox"
      rowRole="option"
      rowCount={rowCount}
      rowHeight={rowHeight}
      contentId={contentId}
      activeIndex={row < rowCount ? row : -1}
      onActivate={setDiffRow}
      onKey={onKey}
      rowAttributes={(index) => {
        const className = rowClass(index);
        return { ...(className === undefined ? {} : { className }), onPointerDown: () => onOpen(index) };
      }}
      renderRow={renderRow}
    />
  );
}
